"""Indexing and its transpose."""

from typing import Any

import numpy as np

from autograd_lite.primitive import Primitive


def _reads_once(index: Any) -> bool:
    """Return True if no element can be read twice: only integer arrays can repeat."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        isinstance(part, int | slice | np.integer)
        or part is None
        or part is Ellipsis
        or (isinstance(part, np.ndarray) and part.dtype == bool)
        for part in parts
    )


def _scatter(x: Any, index: Any, shape: tuple[int, ...]) -> Any:
    out = np.zeros_like(x, shape=shape)
    if _reads_once(index):
        out[index] = x
    else:
        np.add.at(out, index, x)
    return out


# zeros of `shape`, with x added at the indices
scatter = Primitive("scatter", _scatter, [lambda g, y, x, index, shape: g[index]])

getitem = Primitive(
    "getitem",
    lambda x, index: x[index],
    [lambda g, y, x, index: scatter(g, index=index, shape=x.shape)],
)
