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
    """Return the matrix product ``x1 @ x2``, with the ranks that NumPy allows.

    Parameters
    ----------
    x1, x2 : Tensor or array_like, shapes (..., n, k) and (..., k, m)
        The first axes broadcast. A vector counts as a row on the left, and as a column on the
        right; the result then lacks that axis.

    Returns
    -------
    Tensor, shape (..., n, m)

    Raises
    ------
    ShapeError
        If the shapes don't fit together, or an operand is a number.

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
        If the shapes don't fit together.

    Examples
    --------
    >>> linear([[1.0, 2.0]], [[3.0], [4.0]], [0.5])
    Tensor([[11.5]])
    """
    return apply(products.linear, (x, weights, bias), {})


@implements(np.dot)
def dot(a: TensorLike, b: TensorLike) -> Tensor:
    """Return the sums of products over the last axis of ``a`` and the second-to-last of ``b``.

    If ``b`` is a vector, its only axis is meant. If an operand is a number, the result is the
    product. The other axes don't broadcast: those of ``a`` come before those of ``b``.

    Raises
    ------
    ShapeError
        If the two axes differ in length.

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
    """Return the sum of all products ``conj(a) * b``; the operands are flattened first.

    Raises
    ------
    ShapeError
        If the operands hold different numbers of values.

    Examples
    --------
    >>> vdot([[1j, 2.0]], [[1j, 4.0]])
    Tensor(9.+0.j, dtype=complex128)
    """
    return _conjugated(as_tensor(a).reshape(-1)) @ as_tensor(b).reshape(-1)


@implements(np.inner)
def inner(a: TensorLike, b: TensorLike) -> Tensor:
    """Return the sums of products over the last axes; if an operand is a number, the product.

    Raises
    ------
    ShapeError
        If the last axes differ in length.

    Examples
    --------
    >>> inner([[1.0, 2.0], [0.0, 1.0]], [3.0, 4.0])
    Tensor([11.,  4.])
    """
    a, b = as_tensor(a), as_tensor(b)
    return tensordot(a, b, (-1, -1)) if a.ndim and b.ndim else a * b


@implements(np.outer)
def outer(a: TensorLike, b: TensorLike) -> Tensor:
    """Return the products of each value of ``a`` with each of ``b``; both are flattened first.

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
        The axis of the vectors, counted in each operand.

    Raises
    ------
    ShapeError
        If an operand has no such axis, or the shapes don't fit together.

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

    Parameters
    ----------
    x1, x2 : Tensor or array_like, shapes (..., m, n) and (..., n)

    Returns
    -------
    Tensor, shape (..., m)

    Raises
    ------
    ShapeError
        If the shapes don't fit together.

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

    Parameters
    ----------
    x1, x2 : Tensor or array_like, shapes (..., m) and (..., m, n)

    Returns
    -------
    Tensor, shape (..., n)

    Raises
    ------
    ShapeError
        If the shapes don't fit together.

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
        A number n sums over the last n axes of ``a`` and the first n of ``b``. Two sequences name
        the axes of each, in pairs.

    Returns
    -------
    Tensor
        With the other axes of ``a``, then the other axes of ``b``.

    Raises
    ------
    ShapeError
        If there are no such axes, or those of a pair differ in length.

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
    """Return the values as a matrix, with the axes first brought into this order."""
    x = x if order == tuple(range(x.ndim)) else x.transpose(order)
    return x if x.shape == shape else x.reshape(shape)


def _pairs(axes: Any, a: Tensor, b: Tensor) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return which axes of the operands are summed over."""
    if isinstance(axes, (int, np.integer)):
        if not 0 <= axes <= min(a.ndim, b.ndim):
            raise AxisError(
                f"tensordot of shape {a.shape} and shape {b.shape} can't sum over {axes} axes"
            )
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
        A vector of length 2 is given a third component of 0. The product of two such vectors is
        its third component alone, without an axis.
    axisa, axisb, axisc : int
        The axis of the vectors in ``a``, in ``b`` and in the result.
    axis : int, optional
        Overrides all three of these.

    Raises
    ------
    ShapeError
        If the vectors have other lengths, or there is no such axis.

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
    """Return the sums of diagonals, in ``dtype`` if one is given; see :func:`diagonal`.

    Raises
    ------
    ShapeError
        If ``a`` has fewer than two axes.

    Examples
    --------
    >>> trace([[1.0, 2.0], [3.0, 4.0]])
    Tensor(5.)
    """
    return diagonal(as_tensor(a, dtype), offset, axis1, axis2).sum(axis=-1, dtype=dtype)


def _conjugated(x: Tensor) -> Tensor:
    return conj(x) if x.dtype.kind == "c" else x


def _last(x: Tensor, axis: int, name: str) -> Tensor:
    """Return ``x`` with this axis moved to the end."""
    if not x.ndim:
        raise ShapeError(f"{name} of shape {x.shape}: each operand must have an axis of vectors")
    (position,) = axes_of(name, x, axis)
    return x if position == x.ndim - 1 else moveaxis(x, position, -1)


def _in_space(x: Tensor) -> Tensor:
    """Return vectors of length 3: those of length 2 get a third component of 0."""
    if x.shape[-1] == 3:
        return x
    return x @ np.eye(2, 3, dtype=x.dtype)
