"""Adding up: a tensor that is used several times has the sum of what each use gives.

The first cotangent that reaches a node is kept by reference, since most nodes are used once. The
second one makes a sum, in memory of our own, and later ones are added to that in place. An op that
reads a part of its input (``Primitive(add_to=...)``) makes an array that is mostly zeros, so the
first one is a sum already, and it adds later ones where they belong.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_lite.precision import widened


def can_add_in_place(starts: Mapping[Any, Any]) -> bool:
    """Return True for cotangents that are NumPy's arrays: not tensors, nor batches."""
    return {*map(type, starts.values())} == {np.ndarray}


def summed(previous: Any, c: Any) -> Any:
    """Return ``previous + c`` in new memory, where ``previous`` may be None; float16 in float32."""
    return widened(c) if previous is None else widened(previous) + c


def narrowed(c: Any, dtype: Any) -> Any:
    """Return a sum of cotangents in the dtype of its node: float16 is added up in float32."""
    # by identity, which is quicker: it is another one only where float16 was widened
    return c if c.dtype is dtype or c.dtype == dtype else c.astype(dtype)
