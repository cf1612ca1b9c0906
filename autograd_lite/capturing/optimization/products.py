"""``fast=True``: products of matrices with few rows, in the way that is fastest on this machine.

BLAS has kernels for small products, and others that work on some rows at a time. So 10 rows may
take less time as 4, 4 and 2 rows, or with 2 rows of zeros to make 12; and 200 columns as twice 100.
measured when a program is made.
"""

import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any, final

import numpy as np

ROWS = 4
COLUMNS = 100
_FEW = 32
_SMALL = 20_000
_MUCH_FASTER = 0.85
_REPEATS = 5

Product = Callable[..., Any]


@final
class InBlocks:
    """A product of a few rows at a time."""

    writes_out = True

    def __init__(self, rows: int, inner: int, columns: int, dtype: Any) -> None:
        self._parts = [slice(i, i + ROWS) for i in range(0, rows, ROWS)]

    def __call__(self, a: Any, b: Any, out: Any) -> None:
        """Write ``a @ b`` into ``out``."""
        matmul = np.matmul
        for part in self._parts:
            matmul(a[part], b, out[part])


@final
class InColumns:
    """A product with some columns at a time."""

    writes_out = True

    def __init__(self, rows: int, inner: int, columns: int, dtype: Any) -> None:
        self._parts = [(slice(None), slice(i, i + COLUMNS)) for i in range(0, columns, COLUMNS)]

    def __call__(self, a: Any, b: Any, out: Any) -> None:
        """Write ``a @ b`` into ``out``."""
        matmul = np.matmul
        for part in self._parts:
            matmul(a, b[part], out[part])


@final
class Padded:
    """A product with rows of zeros below the others, up to a multiple of 4."""

    writes_out = True

    def __init__(self, rows: int, inner: int, columns: int, dtype: Any) -> None:
        whole = -(-rows // ROWS) * ROWS
        self._a = np.zeros((whole, inner), dtype)
        self._out = np.empty((whole, columns), dtype)
        self._rows, self._found = self._a[:rows], self._out[:rows]

    def __call__(self, a: Any, b: Any, out: Any) -> None:
        """Write ``a @ b`` into ``out``."""
        np.copyto(self._rows, a)
        np.matmul(self._a, b, self._out)
        np.copyto(out, self._found)


def faster(rows: int, inner: int, columns: int, dtype: Any) -> Product | None:
    """Return a faster way than ``np.matmul`` for a product, or None."""
    if not 1 < rows <= _FEW or inner * columns < _SMALL or dtype.char not in "fd":
        return None
    way = _fastest(rows, inner, columns, dtype)
    # each program has one of its own, for it may hold memory
    return None if way is None else way(rows, inner, columns, dtype)


@lru_cache(maxsize=64)
def _fastest(rows: int, inner: int, columns: int, dtype: Any) -> Callable[..., Product] | None:
    ways: list[Callable[..., Product]] = []
    if rows > ROWS:
        ways.append(InBlocks)
    if rows % ROWS:
        ways.append(Padded)
    if COLUMNS < columns <= 4 * COLUMNS:
        ways.append(InColumns)
    rng = np.random.default_rng(0)
    a, b = rng.random((rows, inner)).astype(dtype), rng.random((inner, columns)).astype(dtype)
    out = np.empty((rows, columns), dtype)
    whole = _seconds(np.matmul, a, b, out)
    times = [
        (_seconds(way(rows, inner, columns, dtype), a, b, out), i) for i, way in enumerate(ways)
    ]
    best, i = min(times, default=(whole, 0))
    return ways[i] if best < _MUCH_FASTER * whole else None


def _seconds(product: Product, *args: Any) -> float:
    found = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        product(*args)
        found.append(time.perf_counter() - start)
    return min(found)
