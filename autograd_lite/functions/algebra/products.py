"""Products of vectors and matrices."""

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite.errors import AxisError, ShapeError
from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.functions.manipulation.diagonals import diagonal
from autograd_lite.functions.manipulation.shaping import axes_of, moveaxis
from autograd_lite.functions.mathematics.complex_numbers import conj
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.algebra import products
from autograd_lite.tensor import Tensor, TensorLike, apply

__all__ = [
    "cross",
    "dot",
    "inner",
    "linear",
    "matmul",
    "matvec",
    "outer",
    "tensordot",
    "trace",
    "vdot",
    "vecdot",
    "vecmat",
]


def matmul(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Return the product ``x1 @ x2``, for every rank that NumPy allows.

    Examples
    --------
    >>> matmul([[1.0, 2.0]], [[3.0], [4.0]])
    Tensor([[11.]])
    """
    return apply(products.matmul, (x1, x2), {})


def linear(x: TensorLike, weights: TensorLike, bias: TensorLike) -> Tensor:
    """Return the pre-activation ``x @ weights + bias`` of a layer, recorded as one op.

    Parameters
    ----------
    x : Tensor or array_like, shape (..., inputs)
    weights : Tensor or array_like, shape (inputs, outputs)
    bias : Tensor or array_like, shape (outputs,)

    Returns
    -------
    Tensor, shape (..., outputs)

    Raises
    ------
    ShapeError
        If these don't fit together.

    Examples
    --------
    >>> linear([[1.0, 2.0]], [[3.0], [4.0]], [0.5])
    Tensor([[11.5]])
    """
    return apply(products.linear, (x, weights, bias), {})


@implements(np.dot)
def dot(a: TensorLike, b: TensorLike) -> Tensor:
    """Return the sum of products over the last axis of ``a`` and the second-to-last of ``b``.

    The last one, where ``b`` has only one; the product, where an operand is a number. Nothing
    broadcasts: the other axes of ``a`` come before those of ``b``.

    Examples
    --------
    >>> dot([1.0, 2.0], [3.0, 4.0])
    Tensor(11.)
    >>> dot(np.ones((2, 3)), np.ones((4, 3, 5))).shape
    (2, 4, 5)
    """
    a, b = as_tensor(a), as_tensor(b)
    if not a.ndim or not b.ndim:
        return a * b
    if b.ndim <= 2:
        return a @ b
    return tensordot(a, b, (-1, -2))


@implements(np.vdot)
def vdot(a: TensorLike, b: TensorLike) -> Tensor:
    """Return the sum of all products ``conj(a) * b``: of vectors that are flattened first.

    Examples
    --------
    >>> vdot([[1j, 2.0]], [[1j, 4.0]])
    Tensor(9.+0.j, dtype=complex128)
    """
    return _conjugated(as_tensor(a).reshape(-1)) @ as_tensor(b).reshape(-1)


@implements(np.inner)
def inner(a: TensorLike, b: TensorLike) -> Tensor:
    """Return the sums of products over the last axes; the product, if an operand is a number.

    Examples
    --------
    >>> inner([[1.0, 2.0], [0.0, 1.0]], [3.0, 4.0])
    Tensor([11.,  4.])
    """
    a, b = as_tensor(a), as_tensor(b)
    return tensordot(a, b, (-1, -1)) if a.ndim and b.ndim else a * b


@implements(np.outer)
def outer(a: TensorLike, b: TensorLike) -> Tensor:
    """Return the product of each value of ``a`` and each of ``b``; they are flattened first.

    Examples
    --------
    >>> outer([1.0, 2.0], [3.0, 4.0])
    Tensor([[3., 4.],
            [6., 8.]])
    """
    return as_tensor(a).reshape(-1, 1) * as_tensor(b).reshape(-1)


@implements(np.vecdot, np.linalg.vecdot)
def vecdot(x1: TensorLike, x2: TensorLike, axis: int = -1) -> Tensor:
    """Return the sums of ``conj(x1) * x2`` along ``axis``; the other axes broadcast.

    Parameters
    ----------
    x1, x2 : Tensor or array_like
    axis : int
        Counted in each operand.

    Examples
    --------
    >>> vecdot([[1.0, 2.0], [0.0, 1.0]], [3.0, 4.0])
    Tensor([11.,  4.])
    """
    a, b = (_last(as_tensor(x), axis, "vecdot") for x in (x1, x2))
    return (_conjugated(a)[..., None, :] @ b[..., None])[..., 0, 0]


@implements(np.matvec)
def matvec(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Return the products of matrices ``x1`` with vectors ``x2``; the first axes broadcast.

    Examples
    --------
    >>> matvec([[1.0, 2.0], [0.0, 1.0]], [[3.0, 4.0], [1.0, 1.0]])
    Tensor([[11.,  4.],
            [ 3.,  1.]])
    """
    matrices, vectors = as_tensor(x1), _last(as_tensor(x2), -1, "matvec")
    if matrices.ndim < 2:
        raise ShapeError(f"matvec of shape {matrices.shape}: the first operand must be a matrix")
    return (matrices @ vectors[..., None])[..., 0]


@implements(np.vecmat)
def vecmat(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Return the products of vectors ``conj(x1)`` with matrices ``x2``; the first axes broadcast.

    Examples
    --------
    >>> vecmat([3.0, 4.0], [[1.0, 2.0], [0.0, 1.0]])
    Tensor([ 3., 10.])
    """
    vectors, matrices = _last(as_tensor(x1), -1, "vecmat"), as_tensor(x2)
    if matrices.ndim < 2:
        raise ShapeError(f"vecmat of shape {matrices.shape}: the second operand must be a matrix")
    return (_conjugated(vectors)[..., None, :] @ matrices)[..., 0, :]


@implements(np.tensordot, gives_arrays=True)
def tensordot(
    a: TensorLike, b: TensorLike, axes: int | Sequence[int | Sequence[int]] = 2
) -> Tensor:
    """Return the sums of products over some axes of ``a`` and as many of ``b``.

    Parameters
    ----------
    a, b : Tensor or array_like
    axes : int, or two sequences of int
        How many: the last of ``a`` and the first of ``b``. Or which of each, in pairs.

    Returns
    -------
    Tensor
        With the other axes of ``a``, then the other axes of ``b``.

    Raises
    ------
    ShapeError
        If the axes of a pair differ in length.

    Examples
    --------
    >>> tensordot(np.ones((2, 3, 4)), np.ones((4, 3, 5)), axes=([1, 2], [1, 0])).shape
    (2, 5)
    """
    a, b = as_tensor(a), as_tensor(b)
    summed, with_ = _pairs(axes, a, b)
    lengths, others = [a.shape[i] for i in summed], [b.shape[i] for i in with_]
    if lengths != others:
        raise ShapeError(
            f"tensordot of shape {a.shape} and shape {b.shape}: axes {summed} and {with_} "
            "must have the same lengths"
        )
    rows = [i for i in range(a.ndim) if i not in summed]
    columns = [i for i in range(b.ndim) if i not in with_]
    shape = tuple([a.shape[i] for i in rows] + [b.shape[i] for i in columns])
    inner_size = prod(lengths)
    left = _arranged(a, (*rows, *summed), (prod(shape[: len(rows)]), inner_size))
    right = _arranged(b, (*with_, *columns), (inner_size, prod(shape[len(rows) :])))
    product = left @ right
    return product if product.shape == shape else product.reshape(shape)


def _arranged(x: Tensor, order: tuple[int, ...], shape: tuple[int, ...]) -> Tensor:
    """Return a matrix of the values, after the axes have come into this order."""
    x = x if order == tuple(range(x.ndim)) else x.transpose(order)
    return x if x.shape == shape else x.reshape(shape)


def _pairs(axes: Any, a: Tensor, b: Tensor) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return which axes of the operands are summed over."""
    if isinstance(axes, (int, np.integer)):
        if not 0 <= axes <= min(a.ndim, b.ndim):
            raise AxisError(f"tensordot of {a.ndim} and {b.ndim} axes can't sum over {axes}")
        axes = range(a.ndim - axes, a.ndim), range(axes)
    first, second = axes
    return axes_of("tensordot", a, first), axes_of("tensordot", b, second)


@implements(np.cross)
def cross(
    a: TensorLike,
    b: TensorLike,
    axisa: int = -1,
    axisb: int = -1,
    axisc: int = -1,
    axis: int | None = None,
) -> Tensor:
    """Return the cross products of vectors of length 3; the other axes broadcast.

    Parameters
    ----------
    a, b : Tensor or array_like
        A vector of length 2 has a third component of 0; of two such, that of the product, its
        only one, is returned without an axis.
    axisa, axisb, axisc : int
        Which axes hold the vectors: of ``a``, of ``b``, of the result.
    axis : int, optional
        For all three of these.

    Raises
    ------
    ShapeError
        If the vectors are of other lengths.

    Examples
    --------
    >>> cross([1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    Tensor([0., 0., 1.])
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    x, y = _last(as_tensor(a), axisa, "cross"), _last(as_tensor(b), axisb, "cross")
    lengths = {x.shape[-1], y.shape[-1]}
    if lengths == {2}:
        return x[..., 0] * y[..., 1] - x[..., 1] * y[..., 0]
    if not lengths <= {2, 3}:
        raise ShapeError(
            f"cross of shape {x.shape} and shape {y.shape}: vectors must have length 2 or 3"
        )
    product = apply(products.cross, (_in_space(x), _in_space(y)), {})
    return product if axisc == -1 else moveaxis(product, -1, axisc)


@implements(np.trace)
def trace(
    a: TensorLike,
    offset: int = 0,
    axis1: int = 0,
    axis2: int = 1,
    dtype: npt.DTypeLike | None = None,
) -> Tensor:
    """Return the sums of diagonals; see :func:`diagonal` for the parameters.

    Examples
    --------
    >>> trace([[1.0, 2.0], [3.0, 4.0]])
    Tensor(5.)
    """
    return diagonal(as_tensor(a, dtype), offset, axis1, axis2).sum(axis=-1, dtype=dtype)


def _conjugated(x: Tensor) -> Tensor:
    return conj(x) if x.dtype.kind == "c" else x


def _last(x: Tensor, axis: int, name: str) -> Tensor:
    """Return ``x`` with this axis as its last."""
    if not x.ndim:
        raise ShapeError(f"{name} of shape {x.shape}: an operand must have an axis of vectors")
    (position,) = axes_of(name, x, axis)
    return x if position == x.ndim - 1 else moveaxis(x, position, -1)


def _in_space(x: Tensor) -> Tensor:
    """Return vectors of length 2 with a third component of 0."""
    if x.shape[-1] == 3:
        return x
    return x @ np.eye(2, 3, dtype=x.dtype)
