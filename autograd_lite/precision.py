"""What float16 is too narrow for: from 2048 on it can't count, and nothing is above 65504."""

from collections.abc import Callable
from typing import Any

import numpy as np

HALF = np.dtype(np.float16)


def widened(x: Any) -> Any:
    """Return ``x`` in float32 if it is float16, else as it is.

    The core gives what a rule returns the dtype of the input, so a rule needn't come back.
    """
    return x.astype(np.float32) if x.dtype == HALF else x


def total(x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """Return the sum along ``axis`` in the dtype of ``x``: float16 is added up in float32.

    Examples
    --------
    >>> ones = np.ones((5000, 2), np.float16)
    >>> np.add.reduce(ones, axis=0).tolist(), total(ones, axis=0).tolist()
    ([2048.0, 2048.0], [5000.0, 5000.0])
    """
    if x.dtype == HALF:
        return np.add.reduce(x.astype(np.float32), axis=axis, keepdims=keepdims).astype(HALF)
    return np.add.reduce(x, axis=axis, keepdims=keepdims)


def in_float32(forward: Callable[..., Any]) -> Callable[..., Any]:
    """Let a forward of one array compute in float32 what is float16."""

    def computed(x: Any, **params: Any) -> Any:
        if x.dtype == HALF:
            y = forward(x.astype(np.float32), **params)
            with np.errstate(over="ignore"):
                return y.astype(HALF)
        return forward(x, **params)

    return computed
