"""Rows of arrays that are mapped from files, read without keeping the file in memory."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]

_MOST = 64 * 2**20
"""Bytes of a mapped file that are kept in memory."""
_AROUND = 2 * 2**20
"""Bytes that Linux may map together around one that is read."""


def row_reader(array: Array) -> Callable[[npt.NDArray[np.intp]], Array]:
    """Return a function of positions that returns copies of these rows.

    What is read of a mapped file counts as the process's memory until the system needs it for
    something else. If the file is large, it is let go of at once. It stays in the system's cache of
    files, so that reading it again is fast.

    Parameters
    ----------
    array : array
        Mapped by ``np.memmap`` or ``np.load(path, mmap_mode=...)``, or not. With ``mode="c"``,
        nothing is let go of: changes are nowhere but in memory.
    """
    mapping = _mapping(array)
    if mapping is None or len(mapping) <= _MOST:
        return array.__getitem__
    return partial(_read, array)


def _read(array: Array, chosen: npt.NDArray[np.intp]) -> Array:
    mapping = _mapping(array)
    if mapping is None:  # a copy or a pickle of Batches is of copied arrays
        return array[chosen]
    rows = np.empty((len(chosen), *array.shape[1:]), array.dtype)
    at_once = max(1, _MOST // (_AROUND + array[:1].nbytes))
    by_place = chosen.argsort()  # neighbours are read together
    for start in range(0, len(chosen), at_once):
        part = by_place[start : start + at_once]
        rows[part] = array[chosen[part]]
        with suppress(OSError):  # pages that are locked stay
            mapping.madvise(mmap.MADV_DONTNEED)
    return rows


def _mapping(array: Array) -> mmap.mmap | None:
    """Return what an array is mapped by, if its pages can be let go of."""
    mode: str | None = None
    base: Any = array
    while isinstance(base, np.ndarray):
        if isinstance(base, np.memmap):
            mode = base.mode
        base = base.base
    shared = mode in ("r", "r+", "w+") and hasattr(mmap, "MADV_DONTNEED")
    return base if shared and isinstance(base, mmap.mmap) else None
