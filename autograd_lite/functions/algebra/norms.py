"""Norms of vectors and matrices, condition numbers and ranks."""

from typing import Any, Literal, TypeAlias

import numpy as np

from autograd_lite.errors import DomainError, ShapeError
from autograd_lite.functions.algebra.decompositions import svdvals
from autograd_lite.functions.algebra.linear_algebra import inv
from autograd_lite.functions.general.differentiation import as_floating, as_tensor
from autograd_lite.functions.manipulation.shaping import axes_of, moveaxis
from autograd_lite.functions.mathematics import reductions
from autograd_lite.functions.selecting.selecting import where
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.algebra import norms
from autograd_lite.ops.mathematics.reductions import Axis
from autograd_lite.tensor import Tensor, TensorLike, apply, compute

__all__ = [
    "cond",
    "matrix_norm",
    "matrix_rank",
    "norm",
    "vector_norm",
]

Order: TypeAlias = float | Literal["fro", "f", "nuc"] | None


@implements(np.linalg.norm)
def norm(x: TensorLike, ord: Order = None, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Return norms of vectors or matrices.

    Parameters
    ----------
    x : Tensor or array_like
    ord : float, "fro" or "nuc", optional
        The order of the norm; see :func:`vector_norm` and :func:`matrix_norm`. By default the
        square root of the sum of squares.
    axis : int or tuple of two int, optional
        The axis of the vectors, or the axes of the matrices. By default ``x`` is one vector or
        matrix, or has any number of axes if ``ord`` is left out too.
    keepdims : bool
        Keep the reduced axes, with length 1.

    Returns
    -------
    Tensor
        Real, without the reduced axes.

    Raises
    ------
    DomainError
        If ``ord`` isn't the order of a norm of vectors, or of matrices.
    ShapeError
        If there are neither one nor two axes, or no such axes.

    Notes
    -----
    At 0 the gradient of a norm is 0, and the second derivative, which doesn't exist, is NaN.

    Examples
    --------
    >>> norm([3.0, 4.0])
    Tensor(5.)
    >>> norm([[3.0, 4.0], [0.0, 1.0]], 1)
    Tensor(5.)
    """
    x = as_floating(x)
    if axis is None and ord is None:
        return _vector_norm(x, tuple(range(x.ndim)), keepdims, 2)
    axes = axes_of("norm", x, range(x.ndim) if axis is None else axis)
    if len(axes) == 1:
        return _vector_norm(x, axes, keepdims, 2 if ord is None else ord)
    if len(axes) == 2:
        return _matrix_norm(x, "fro" if ord is None else ord, axes, keepdims)
    raise ShapeError(f"norm of shape {x.shape} over axes {axes}: give axis=, one or two axes")


@implements(np.linalg.vector_norm)
def vector_norm(
    x: TensorLike, /, *, axis: Axis = None, keepdims: bool = False, ord: Order = 2
) -> Tensor:
    """Return norms of vectors.

    Parameters
    ----------
    x : Tensor or array_like
    axis : int or tuple of int, optional
        The axes along which the vectors lie; by default all.
    keepdims : bool
        Keep these axes, with length 1.
    ord : float
        A number p gives ``sum(abs(x)**p)**(1 / p)``, ``inf`` the largest absolute value, ``-inf``
        the smallest, and 0 the number of values that aren't 0, a constant.

    Returns
    -------
    Tensor
        Real, without these axes.

    Raises
    ------
    DomainError
        If ``ord`` isn't a number.
    AxisError
        If there is no such axis.

    Notes
    -----
    At 0 the gradient is 0. For ``ord`` below 2 the gradient of each value of 0 is 0, as for ``abs``
    at its kink. For ``inf`` and ``-inf``, values that share the extremum share the gradient.

    Examples
    --------
    >>> vector_norm([3.0, -4.0], ord=1)
    Tensor(7.)
    """
    x = as_floating(x)
    axes = axes_of("vector_norm", x, range(x.ndim) if axis is None else axis)
    return _vector_norm(x, axes, keepdims, ord)


def _vector_norm(x: Tensor, axes: tuple[int, ...], keepdims: bool, ord: Order) -> Tensor:
    if not isinstance(ord, (int, float, np.number)):
        raise DomainError(f"norm: {ord!r} is not an order of a norm of vectors; give a number")
    if ord == np.inf:
        return reductions.max(x.abs(), axes, keepdims, initial=0)  # 0 if there are no values
    if ord == -np.inf:
        return x.abs().min(axes, keepdims=keepdims)
    if ord == 0:
        count: Tensor = compute(np.linalg.vector_norm, x, axis=axes, keepdims=keepdims, ord=0)
        return count
    y = apply(norms.norm, (x,), {"ord": float(ord), "axis": axes})
    return y if keepdims else y.squeeze(axes)


@implements(np.linalg.matrix_norm)
def matrix_norm(x: TensorLike, /, *, keepdims: bool = False, ord: Order = "fro") -> Tensor:
    """Return norms of the matrices along the last two axes.

    Parameters
    ----------
    x : Tensor or array_like, shape (..., m, n)
    keepdims : bool
        Keep these axes, with length 1.
    ord : {"fro", "nuc", 1, -1, 2, -2, inf, -inf}
        ``"fro"``, the Frobenius norm, is the square root of the sum of squares, and ``"nuc"``, the
        nuclear norm, is the sum of the singular values. 2 and -2 are the largest and the smallest
        singular value, 1 and -1 the largest and the smallest sum of absolute values in a column,
        ``inf`` and ``-inf`` in a row.

    Returns
    -------
    Tensor, shape (...)
        Real.

    Raises
    ------
    DomainError
        If there is no such norm.
    ShapeError
        If ``x`` has fewer than two axes.

    Notes
    -----
    Sums or singular values that share the extremum share the gradient.

    Examples
    --------
    >>> matrix_norm([[3.0, 0.0], [0.0, -4.0]], ord="nuc")
    Tensor(7.)
    """
    x = as_floating(x)
    if x.ndim < 2:
        raise ShapeError(f"matrix_norm of shape {x.shape}: it needs at least two axes")
    return _matrix_norm(x, ord, (x.ndim - 2, x.ndim - 1), keepdims)


def _matrix_norm(x: Tensor, ord: Order, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    if ord in ("fro", "f"):  # NumPy takes both
        return vector_norm(x, axis=axes, keepdims=keepdims)
    matrices = moveaxis(x, axes, (-2, -1))
    if ord in ("nuc", 2, -2):
        measured = svdvals(matrices)
    elif ord in (1, -1, np.inf, -np.inf):
        measured = matrices.abs().sum(axis=-2 if ord in (1, -1) else -1)
    else:
        raise DomainError(
            f"norm: {ord!r} is not an order of a norm of matrices; give 'fro', 'nuc', 1, 2 or inf, "
            "or a negative one of these"
        )
    if ord == "nuc":
        y = measured.sum(axis=-1)
    elif ord in (1, 2, np.inf):
        y = reductions.max(measured, axis=-1, initial=0)
    else:
        y = measured.min(axis=-1)
    if not keepdims:
        return y
    return y.reshape(tuple(1 if i in axes else n for i, n in enumerate(x.shape)))


@implements(np.linalg.cond)
def cond(x: TensorLike, p: Order = None) -> Tensor:
    """Return the condition numbers of matrices: ``norm(x, p) * norm(inv(x), p)``.

    Parameters
    ----------
    x : Tensor or array_like, shape (..., m, n)
        Square, unless ``p`` is 2 or -2.
    p : {None, "fro", "nuc", 1, -1, 2, -2, inf, -inf}
        The order of the norm; see :func:`matrix_norm`. By default 2.

    Returns
    -------
    Tensor, shape (...)
        Infinite for singular matrices.

    Raises
    ------
    LinearAlgebraError
        If ``p`` isn't 2 or -2 and a matrix isn't square; or is singular, and requires a gradient.

    Examples
    --------
    >>> cond([[2.0, 0.0], [0.0, 4.0]])
    Tensor(2.)
    """
    x = as_floating(x)
    if not x.tracked:
        constant: Tensor = compute(np.linalg.cond, x, p)
        return constant
    if p not in (None, 2, -2):
        return matrix_norm(x, ord=p) * matrix_norm(inv(x), ord=p)
    s = svdvals(x)
    over, under = (s[..., -1], s[..., 0]) if p == -2 else (s[..., 0], s[..., -1])
    singular = under.data == 0
    return where(singular, np.inf, over / where(singular, 1, under))


def matrix_rank(
    x: TensorLike, tol: Any = None, hermitian: bool = False, *, rtol: Any = None
) -> Tensor:
    """Return the ranks of matrices, which are constants.

    Parameters
    ----------
    x : Tensor or array_like, shape (..., m, n)
    tol : array_like, optional
        Singular values up to this count as 0.
    hermitian : bool
        Whether the matrices are Hermitian.
    rtol : array_like, optional
        The same bound, relative to the largest singular value. By default the dtype's precision
        times the larger of m and n. Give only one of ``tol`` and ``rtol``.

    Returns
    -------
    Tensor of int, shape (...)

    Examples
    --------
    >>> matrix_rank([[1.0, 2.0], [2.0, 4.0]])
    Tensor(1)
    """
    rank: Tensor = compute(
        np.linalg.matrix_rank, as_tensor(x), tol=tol, hermitian=hermitian, rtol=rtol
    )
    return rank
