"""Ops that change the shape of an array, the order of its axes, its dtype or its memory."""

from typing import Any

import numpy as np

from autograd_lite.broadcasting import unbroadcast
from autograd_lite.primitive import Primitive
from autograd_lite.settled_zeros import moves, settled_with_first


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
copy = Primitive("copy", np.copy, [lambda g, y, x, order: g])


def _astype(x: Any, dtype: Any) -> Any:
    return x.astype(dtype)


# The core casts the cotangent back to the dtype of the input, or takes its real part
astype = Primitive("astype", _astype, [lambda g, y, x, dtype: g], elementwise=True)

settled_with_first(astype)

moves(broadcast_to, copy, expand_dims, reshape, squeeze, swapaxes, transpose)
