"""Sums of float16 in float32: float16 can't count beyond 2048, nor hold more than 65504."""

from collections.abc import Callable
from typing import Any

import numpy as np

HALF = np.dtype(np.float16)


def widened(x: Any) -> Any:
    """Return ``x`` in float32 if it is float16, else as it is.

    The core casts the result of a rule to the dtype of the input, so rules needn't cast back.
    """
    return x.astype(np.float32) if x.dtype == HALF else x


def total(x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """Return the sum along ``axis`` in the dtype of ``x``. float16 is added up in float32.

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
    """Decorate a forward of one array to compute float16 in float32."""

    def computed(x: Any, **params: Any) -> Any:
        if x.dtype == HALF:
            y = forward(x.astype(np.float32), **params)
            with np.errstate(over="ignore"):
                return y.astype(HALF)
        return forward(x, **params)

    return computed
