"""Arrays that are mapped from files: which part of a file stays in memory."""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import numpy as np
import numpy.typing as npt

_MOST = 64 * 2**20
"""Bytes of mapped files that are kept in memory."""
_AROUND = 64 * 2**10
"""Bytes that Linux maps together around one that is read."""


class MappedPages:
    """Lets go of what was read of mapped files, so that memory stays free.

    What is read of a mapped file counts as the process's memory until the system needs it for
    something else. It stays in the system's cache of files if it is let go of, so that reading it
    again is fast.

    Parameters
    ----------
    arrays : iterable of arrays
        Those that aren't mapped are left alone. So are those mapped with ``mode="c"``, whose
        changes are nowhere but in memory.
    """

    def __init__(self, arrays: Iterable[npt.NDArray[Any]]) -> None:
        self._maps: list[mmap.mmap] = []
        self._row = 0
        self._read = 0
        for array in arrays:
            found = _mapping(array)
            if found is not None:
                self._maps.append(found)
                self._row += _AROUND + array.nbytes // max(1, len(array))

    def read(self, rows: int) -> None:
        """Count the rows that were read, and let go if there are many."""
        if not self._maps:
            return
        self._read += rows * self._row
        if self._read > _MOST:
            self._read = 0
            for mapping in self._maps:
                with suppress(OSError):  # pages that are locked stay
                    mapping.madvise(mmap.MADV_DONTNEED)


def _mapping(array: npt.NDArray[Any]) -> mmap.mmap | None:
    """Return what an array is mapped by, if its pages can be let go of."""
    mode, base = None, array
    while isinstance(base, np.ndarray):
        if isinstance(base, np.memmap):
            mode = base.mode
        base = base.base  # type: ignore[assignment]
    shared = mode in ("r", "r+", "w+") and hasattr(mmap, "MADV_DONTNEED")
    return base if shared and isinstance(base, mmap.mmap) else None
