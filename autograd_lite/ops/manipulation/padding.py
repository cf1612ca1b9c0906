"""Padding, with a constant or with values of the array itself."""

from typing import Any

import numpy as np

from autograd_lite.precision import in_float32
from autograd_lite.primitive import Primitive

Widths = tuple[tuple[int, int], ...]
"""How many values come before and after, along each axis."""


def _pad_constant(x: Any, widths: Widths, value: Any) -> Any:
    shape = tuple(n + sum(width) for n, width in zip(x.shape, widths, strict=True))
    out = np.full_like(x, value, shape=shape)
    out[_inner(x.shape, widths)] = x
    return out


pad_constant = Primitive(
    "pad",
    _pad_constant,
    [lambda g, y, x, widths, value: g[_inner(x.shape, widths)]],
)


def _pad_copies(x: Any, axis: int, width: tuple[int, int], mode: str) -> Any:
    return np.take(x, _copies(x.shape[axis], width, mode), axis)


def _pad_copies_rule(g: Any, y: Any, x: Any, axis: int, **padding: Any) -> Any:
    return add_copies(g, length=x.shape[axis], axis=axis, **padding)


# the modes that only copy: "edge", "reflect", "symmetric" and "wrap"
pad_copies: Primitive = Primitive("pad", _pad_copies, [_pad_copies_rule])


def _add_copies(x: Any, length: int, axis: int, width: tuple[int, int], mode: str) -> Any:
    before, copies = width[0], _copies(length, width, mode)
    rows = np.moveaxis(x, axis, 0)
    out = rows[before : before + length].copy()
    for i in (*range(before), *range(before + length, len(rows))):  # the padding, usually short
        out[copies[i]] += rows[i]
    return np.moveaxis(out, 0, axis)


# the transpose of padding with copies: each copy is added to its original
add_copies = Primitive(
    "add_copies",
    in_float32(_add_copies),
    [lambda g, y, x, length, **padding: pad_copies(g, **padding)],
)


# ---- places


def _inner(shape: tuple[int, ...], widths: Widths) -> tuple[slice, ...]:
    """Return where the values lie in the padded array."""
    return tuple(slice(before, before + n) for n, (before, _) in zip(shape, widths, strict=True))


def _copies(length: int, width: tuple[int, int], mode: Any) -> Any:
    """Return for each place along the padded axis the place of its original."""
    return np.pad(np.arange(length), width, mode)
