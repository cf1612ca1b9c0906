"""Ops that give values another shape, and join them."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from autograd_lite.broadcasting import unbroadcast
from autograd_lite.primitive import AllInputs, Primitive
from autograd_lite.settled_zeros import moves


def _reshape_back(g: Any, y: Any, x: Any, **params: Any) -> Any:
    return g.reshape(x.shape)


reshape = Primitive("reshape", lambda x, shape: x.reshape(shape), [_reshape_back])

expand_dims = Primitive("expand_dims", np.expand_dims, [_reshape_back])

squeeze = Primitive(
    "squeeze",
    np.squeeze,
    [_reshape_back],
    requirement="the squeezed axes must have length 1",
)


def _transpose_rule(g: Any, y: Any, x: Any, axes: tuple[int, ...] | None) -> Any:
    if axes is None:
        return np.transpose(g)
    inverse = np.argsort([axis % x.ndim for axis in axes])
    return np.transpose(g, tuple(inverse.tolist()))


transpose = Primitive(
    "transpose",
    np.transpose,
    [_transpose_rule],
    requirement="axes must be a permutation of the axes of the operand",
)

swapaxes = Primitive(
    "swapaxes",
    np.swapaxes,
    [lambda g, y, x, axis1, axis2: np.swapaxes(g, axis1, axis2)],
)

broadcast_to = Primitive(
    "broadcast_to",
    np.broadcast_to,
    [lambda g, y, x, shape: unbroadcast(g, x.shape)],
)

# the same values in memory of their own
copy = Primitive("copy", lambda x, order: np.array(x, order=order), [lambda g, y, x, order: g])


def _concatenate_rule(
    asked: Sequence[int], g: Any, y: Any, *arrays: Any, axis: int | None
) -> list[Any]:
    before = (slice(None),) * (0 if axis is None else axis % y.ndim)
    stops = list(accumulate(a.size if axis is None else a.shape[axis] for a in arrays))
    starts = [0, *stops]
    parts = [g[(*before, slice(starts[i], stops[i]))] for i in asked]
    if axis is None:
        return [part.reshape(arrays[i].shape) for i, part in zip(asked, parts, strict=True)]
    return parts


concatenate = Primitive(
    "concatenate",
    lambda *arrays, axis: np.concatenate(arrays, axis=axis),
    AllInputs(_concatenate_rule),
    requirement="all but the joined axis must have the same lengths",
)


def _stack_rule(asked: Sequence[int], g: Any, y: Any, *arrays: Any, axis: int) -> list[Any]:
    before = (slice(None),) * (axis % y.ndim)
    return [g[(*before, i)] for i in asked]


stack = Primitive(
    "stack",
    lambda *arrays, axis: np.stack(arrays, axis=axis),
    AllInputs(_stack_rule),
    requirement="all must have the same shape",
)

moves(
    broadcast_to,
    concatenate,
    copy,
    expand_dims,
    reshape,
    squeeze,
    stack,
    swapaxes,
    transpose,
)
