"""Indexing and its transpose."""

from math import prod
from typing import Any

import numpy as np

from autograd_lite.broadcasting import unbroadcast
from autograd_lite.precision import HALF, widened
from autograd_lite.primitive import Primitive
from autograd_lite.settled_zeros import moves


def _add_to(total: Any, g: Any, index: Any) -> None:
    if _reads_once(index):
        total[index] += g
    else:
        _add_at(total, index, g)


# x[index]
getitem = Primitive(
    "getitem",
    lambda x, index: x[index],
    [lambda g, y, x, index: scatter(g, index=index, shape=x.shape)],
    add_to=_add_to,
    singular=True,
)


def _scatter(x: Any, index: Any, shape: tuple[int, ...]) -> Any:
    # zeros() costs nothing until it is written; zeros_like() is for arrays that aren't NumPy's
    plain = type(x) is np.ndarray
    out = np.zeros(shape, x.dtype) if plain else np.zeros_like(x, order="C", shape=shape)
    if _reads_once(index):
        out[index] = x
    else:
        _add_at(out, index, x)
    return out


# zeros of `shape`, with x added at the indices
scatter: Primitive = Primitive(
    "scatter", _scatter, [lambda g, y, x, index, shape: g[index]], singular=True
)


def _assign(x: Any, v: Any, index: Any) -> Any:
    out = np.copy(x)  # unlike x.copy(), an array for a scalar too
    out[index] = v
    return out


def _written_rule(g: Any, y: Any, x: Any, v: Any, index: Any) -> Any:
    c = g[index]
    if not _reads_once(index):  # of several values for one element, the last stays
        turn = np.arange(prod(c.shape)).reshape(c.shape)
        last = np.empty(g.shape, turn.dtype)
        last[index] = turn
        c = np.where(last[index] == turn, c, 0)
    extra = v.ndim - c.ndim  # NumPy lets the values have more axes, of length 1, in front
    return unbroadcast(c, v.shape[extra:] if extra > 0 else v.shape).reshape(v.shape)


# x, but v at the index. Tensor records it for x[index] = v, which itself writes in place
assign: Primitive = Primitive(
    "assignment",
    _assign,
    [lambda g, y, x, v, index: assign(g, 0, index=index), _written_rule],
    requirement="the values must broadcast to the shape of what they are assigned to",
    singular=True,
)

# the same, where nothing of x remains
overwrite = Primitive("assignment", _assign, [None, _written_rule], singular=True)

# a tensor that was assigned into: the latest of its versions
latest = Primitive("assignment", lambda x: x, [lambda g, y, x: g])

moves(assign, getitem, latest, overwrite, scatter)


# ---- indices that repeat


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


def _add_at(total: Any, index: Any, x: Any) -> None:
    """Add ``x`` at the index, as often as an element is meant."""
    if total.dtype == HALF:
        wide = total.astype(np.float32)
        _add_at(wide, index, widened(x))
        total[...] = wide
        return
    first = index[0] if isinstance(index, tuple) and len(index) == 1 else index
    rows = all(isinstance(part, np.ndarray) for part in (first, x, total))
    width = prod(total.shape[1:])
    if rows and 0 < width <= first.size and total.flags.c_contiguous:
        # NumPy is several times faster column by column than row by row
        row, columns = first.reshape(-1), x.reshape(-1, width)
        for i, column in enumerate(total.reshape(-1, width).T):
            np.add.at(column, row, columns[:, i])
    else:
        np.add.at(total, index, x)
