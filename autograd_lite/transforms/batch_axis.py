"""Arithmetic of a batch axis that lies in front of all others."""

from collections.abc import Sequence
from types import EllipsisType, NoneType
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

_INDICES = (int, np.integer, slice, NoneType, EllipsisType, np.ndarray, list)


def padded(value: Any, ndim: int) -> Any:
    """Return a batch with axes of length 1 put in, so that there are ``ndim`` behind its own."""
    missing = ndim - (value.ndim - 1)
    return value.reshape(len(value), *(1,) * missing, *value.shape[1:]) if missing else value


def axes_behind(ndim: int, axis: Any) -> tuple[int, ...]:
    """Return where axes are behind the batch axis; all of the ``ndim`` for None."""
    if axis is None:
        return tuple(range(1, ndim + 1))
    return tuple(1 + a for a in normalize_axis_tuple(axis, ndim))


def keeps_place(parts: Sequence[Any]) -> bool:
    """Return True if an index leaves a batch axis in front where it is.

    Arrays in an index that are parted by slices move their axes to the front.
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
