"""Products of matrices and vectors, of every rank that ``@`` allows, and cross products."""

from math import prod
from typing import Any

import numpy as np

from autograd_lite.broadcasting import unbroadcast
from autograd_lite.precision import total
from autograd_lite.primitive import Primitive
from autograd_lite.settled_zeros import settled_where_all_are


def _left_rule(g: Any, y: Any, a: Any, b: Any) -> Any:
    if b.ndim == 1:
        return g * b if a.ndim == 1 else g[..., None] * b
    if a.ndim == 1:
        return unbroadcast((b @ g[..., None])[..., 0], a.shape)
    return unbroadcast(_product(g, b.mT), a.shape)


def _right_rule(g: Any, y: Any, a: Any, b: Any) -> Any:
    if a.ndim == 1:
        return g * a if b.ndim == 1 else unbroadcast(a[:, None] * g[..., None, :], b.shape)
    if b.ndim > 2:
        return unbroadcast(_product(a.mT, g), b.shape)
    if a.ndim > 2:  # one product over all the batches, not a sum of products
        rows = prod(a.shape[:-1])
        a, g = a.reshape(rows, a.shape[-1]), g.reshape(rows, *b.shape[1:])
    return g @ a if b.ndim == 1 else _product(a.mT, g)


matmul = Primitive(
    "matmul",
    np.matmul,
    [_left_rule, _right_rule],
    requirement="the last axis of the left operand must be as long as the second-to-last of the "
    "right one (or its only one), and the axes before those must broadcast",
)


def _linear(x: Any, w: Any, b: Any) -> Any:
    if getattr(w, "ndim", 0) != 2 or getattr(b, "shape", ()) != w.shape[1:]:
        raise ValueError("weights and bias don't fit")
    z = x @ w
    if z.dtype != b.dtype:
        return z + b
    z += b
    return z


# x @ w + b, the pre-activation, in one op: so the bias is added in place
linear = Primitive(
    "linear",
    _linear,
    [
        lambda g, y, x, w, b: _left_rule(g, y, x, w),
        lambda g, y, x, w, b: _right_rule(g, y, x, w),
        lambda g, y, x, w, b: total(g, axis=tuple(range(g.ndim - 1))),
    ],
    requirement="these are x, the weights and the bias, in this order; x must be (..., inputs), "
    "the weights (inputs, outputs) and the bias (outputs,)",
)


def _cross_left_rule(g: Any, y: Any, a: Any, b: Any) -> Any:
    return cross(b, g)


def _cross_right_rule(g: Any, y: Any, a: Any, b: Any) -> Any:
    return cross(g, a)


# of vectors along the last axis, all of length 3
cross = Primitive("cross", np.cross, [_cross_left_rule, _cross_right_rule], elementwise=True)

settled_where_all_are(matmul)

# ---- helpers, also of the other families


def _product(a: Any, b: Any) -> Any:
    """Return ``a @ b``; elementwise where the inner size is 1, at which BLAS is slow."""
    return a * b if a.shape[-1] == 1 else a @ b


def conjugated(x: Any) -> Any:
    """Return the complex conjugate; a real array as it is."""
    return np.conjugate(x) if x.dtype.kind == "c" else x


def adjoint(x: Any) -> Any:
    """Return the conjugate transposes of a stack of matrices."""
    return conjugated(x).mT
