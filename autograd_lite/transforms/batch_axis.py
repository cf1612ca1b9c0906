"""Shapes, axes and indices of arrays with a batch axis in front of all other axes."""

from collections.abc import Sequence
from types import EllipsisType, NoneType
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

_INDICES = (int, np.integer, slice, NoneType, EllipsisType, np.ndarray, list)


def padded(value: Any, ndim: int) -> Any:
    """Insert axes of length 1 behind the batch axis, so that ``ndim`` axes follow it."""
    missing = ndim - (value.ndim - 1)
    return value.reshape(len(value), *(1,) * missing, *value.shape[1:]) if missing else value


def axes_behind(ndim: int, axis: Any) -> tuple[int, ...]:
    """Return the positions of axes in an array with a batch axis; None means all ``ndim``."""
    if axis is None:
        return tuple(range(1, ndim + 1))
    return tuple(1 + a for a in normalize_axis_tuple(axis, ndim))


def keeps_place(parts: Sequence[Any]) -> bool:
    """Return True if an index leaves a batch axis in front in its place.

    If slices separate the arrays in an index, NumPy moves the arrays' axes to the front.
    """
    arrays = [
        i
        for i, part in enumerate(parts)
        if isinstance(part, (np.ndarray, list))
        or (isinstance(part, (int, np.integer)) and not isinstance(part, bool))
    ]
    if any(isinstance(part, (bool, np.bool_)) or not isinstance(part, _INDICES) for part in parts):
        return False
    advanced = any(isinstance(parts[i], (np.ndarray, list)) for i in arrays)
    return not advanced or arrays == list(range(arrays[0], arrays[-1] + 1))
