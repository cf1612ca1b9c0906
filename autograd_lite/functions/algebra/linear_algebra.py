"""Inverses, linear systems, determinants, powers."""

import operator
from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.errors import ShapeError
from autograd_lite.functions.algebra.decompositions import svdvals
from autograd_lite.functions.general.differentiation import as_floating, as_tensor
from autograd_lite.functions.manipulation.shaping import moveaxis
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.algebra import linear_algebra
from autograd_lite.tensor import Tensor, TensorLike, apply, compute, wrap

__all__ = [
    "SlogdetResult",
    "det",
    "inv",
    "lstsq",
    "matrix_power",
    "multi_dot",
    "pinv",
    "slogdet",
    "solve",
    "tensorinv",
    "tensorsolve",
]


class SlogdetResult(NamedTuple):
    """What ``slogdet`` returns."""

    sign: Tensor
    logabsdet: Tensor


_DEFAULT: Any = object()


@implements(np.linalg.inv)
def inv(a: TensorLike) -> Tensor:
    """Return the inverses of square matrices; for ``inv(a) @ b``, :func:`solve` is better.

    Parameters
    ----------
    a : Tensor or array_like, shape (..., n, n)

    Raises
    ------
    LinearAlgebraError
        If a matrix is singular, or not square.

    Examples
    --------
    >>> inv([[2.0, 0.0], [0.0, 4.0]])
    Tensor([[0.5 , 0.  ],
            [0.  , 0.25]])
    """
    return apply(linear_algebra.inv, (as_tensor(a),), {})


@implements(np.linalg.solve)
def solve(a: TensorLike, b: TensorLike) -> Tensor:
    """Return the x for which ``a @ x`` is ``b``.

    Parameters
    ----------
    a : Tensor or array_like, shape (..., n, n)
    b : Tensor or array_like, shape (n,) or (..., n, k)
        One vector, if it has one axis; else matrices, and the first axes broadcast.

    Raises
    ------
    LinearAlgebraError
        If a matrix is singular, or not square.
    ShapeError
        If ``b`` doesn't fit.

    Examples
    --------
    >>> solve([[2.0, 0.0], [0.0, 4.0]], [1.0, 1.0])
    Tensor([0.5 , 0.25])
    """
    a, b = as_tensor(a), as_tensor(b)
    if b.ndim == 1:
        return apply(linear_algebra.solve, (a, b[:, None]), {})[..., 0]
    return apply(linear_algebra.solve, (a, b), {})


@implements(np.linalg.det)
def det(a: TensorLike) -> Tensor:
    """Return the determinants of square matrices.

    Parameters
    ----------
    a : Tensor or array_like, shape (..., n, n)

    Notes
    -----
    First and second derivatives are right at singular matrices too: the gradient is the
    transposed adjugate. Third ones need the inverse. The determinants of large matrices
    overflow; see :func:`slogdet`.

    Examples
    --------
    >>> from autograd_lite import Tensor
    >>> a = Tensor([[1.0, 2.0], [2.0, 4.0]], requires_grad=True)
    >>> det(a).backward()
    >>> a.grad.data.round(6)
    array([[ 4., -2.],
           [-2.,  1.]])
    """
    return apply(linear_algebra.det, (as_tensor(a),), {})


@implements(np.linalg.slogdet)
def slogdet(a: TensorLike) -> SlogdetResult:
    """Return signs and logarithms of the absolute values of determinants.

    Parameters
    ----------
    a : Tensor or array_like, shape (..., n, n)

    Returns
    -------
    SlogdetResult
        ``sign``, 0 for singular matrices and of absolute value 1 for others, and ``logabsdet``,
        -inf for singular ones. Their gradient is taken to be 0; a second derivative is NaN.

    Examples
    --------
    >>> sign, logabsdet = slogdet([[0.0, 1.0], [1.0, 0.0]])
    >>> sign.item(), logabsdet.item()
    (-1.0, 0.0)
    """
    a = as_tensor(a)
    packed = apply(linear_algebra.slogdet, (a,), {})
    sign, logabsdet = packed[..., 0], packed[..., 1]
    if a.dtype.kind == "c":
        return SlogdetResult(sign, logabsdet.real)
    return SlogdetResult(sign.detach(), logabsdet)


@implements(np.linalg.pinv)
def pinv(
    a: TensorLike, rcond: Any = None, hermitian: bool = False, *, rtol: Any = _DEFAULT
) -> Tensor:
    """Return the pseudo-inverses of Moore and Penrose.

    Parameters
    ----------
    a : Tensor or array_like, shape (..., m, n)
    rcond, rtol : array_like, optional
        Singular values up to this times the largest one count as 0. By default ``rcond`` is
        1e-15; where ``rtol`` is None, it is the dtype's precision times the larger of m and n.
    hermitian : bool
        Whether the matrices are Hermitian.

    Notes
    -----
    The derivatives are those along matrices of the same rank: at another rank it jumps.

    Examples
    --------
    >>> pinv([[2.0], [0.0]])
    Tensor([[0.5, 0. ]])
    """
    params = {"rcond": rcond, "hermitian": hermitian}
    if rtol is not _DEFAULT:
        params["rtol"] = rtol
    return apply(linear_algebra.pinv, (as_tensor(a),), params)


@implements(np.linalg.lstsq)
def lstsq(
    a: TensorLike, b: TensorLike, rcond: float | None = None
) -> tuple[Tensor, Tensor, int, Tensor]:
    """Return the x for which ``a @ x - b`` is smallest; of several, the smallest.

    Parameters
    ----------
    a : Tensor or array_like, shape (m, n)
    b : Tensor or array_like, shape (m,) or (m, k)
    rcond : float, optional
        Singular values up to this times the largest one count as 0; the dtype's precision times
        the larger of m and n by default.

    Returns
    -------
    x : Tensor, shape (n,) or (n, k)
    residuals : Tensor, shape (1,), (k,) or (0,)
        The squared lengths of ``a @ x - b``; empty where the rank is below n, or m not above n.
    rank : int
    s : Tensor
        The singular values of ``a``.

    Notes
    -----
    As for :func:`pinv`, the derivatives are those along matrices of the same rank.

    Examples
    --------
    >>> x, residuals, rank, s = lstsq([[1.0], [1.0]], [1.0, 3.0])
    >>> x, residuals
    (Tensor([2.]), Tensor([2.]))
    """
    a, b = as_floating(a), as_floating(b)
    x, residuals, rank, s = compute(np.linalg.lstsq, a, b, rcond)
    if a.tracked or b.tracked:
        eps = float(np.finfo(x.dtype).eps)
        least = eps * max(a.shape) if rcond is None else eps if rcond < 0 else rcond
        x = pinv(a, least) @ b
        if residuals.size:
            rest = b - a @ x
            squares = rest.real**2 + rest.imag**2 if rest.dtype.kind == "c" else rest**2
            residuals = squares.sum(axis=0).reshape(residuals.shape)
        s = svdvals(a)
    return x, residuals, int(rank), s


@implements(np.linalg.matrix_power)
def matrix_power(a: TensorLike, n: int) -> Tensor:
    """Return square matrices to an integer power; that of the inverse, where it is negative.

    Parameters
    ----------
    a : Tensor or array_like, shape (..., m, m)
    n : int
        For 0, the result is the identity: a constant.

    Examples
    --------
    >>> matrix_power([[1.0, 1.0], [0.0, 1.0]], 5)
    Tensor([[1., 5.],
            [0., 1.]])
    """
    a, n = as_tensor(a), operator.index(n)
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ShapeError(f"matrix_power of shape {a.shape}: {linear_algebra.SQUARE}")
    if n == 0:
        one = np.eye(a.shape[-1], dtype=a.dtype)
        return wrap(np.broadcast_to(one, a.shape).copy())
    if n < 0:
        a, n = inv(a), -n
    result = None
    while n:
        if n % 2:
            result = a if result is None else result @ a
        n //= 2
        a = a @ a if n else a
    assert result is not None
    return result


@implements(np.linalg.multi_dot)
def multi_dot(arrays: Sequence[TensorLike]) -> Tensor:
    """Return the product of matrices, multiplied in the order that takes the fewest operations.

    Parameters
    ----------
    arrays : sequence of Tensor or array_like, two or more
        Matrices; the first may be a row, the last a column, given as vectors.

    Examples
    --------
    >>> multi_dot([[1.0, 2.0], np.eye(2), [[1.0], [1.0]]])
    Tensor([3.])
    """
    factors = [as_tensor(x) for x in arrays]
    if len(factors) < 2 or any(
        x.ndim != 2 and not (x.ndim == 1 and i in (0, len(factors) - 1))
        for i, x in enumerate(factors)
    ):
        raise ShapeError(
            f"multi_dot of shapes {[x.shape for x in factors]}: give two matrices or more; "
            "only the first and the last may be vectors"
        )
    first, last = factors[0].shape, factors[-1].shape
    sides = [1 if len(first) == 1 else first[0], first[-1]]
    sides += [x.shape[1] for x in factors[1:-1]] + [1 if len(last) == 1 else last[1]]
    splits = _splits(sides)

    def product(first: int, last: int) -> Tensor:
        if first == last:
            return factors[first]
        split = splits[first, last]
        return product(first, split) @ product(split + 1, last)

    return product(0, len(factors) - 1)


def _splits(sides: Sequence[int]) -> dict[tuple[int, int], int]:
    """Return where to split the product of each run of matrices, by the sides they share."""
    count = len(sides) - 1
    costs = dict.fromkeys(((i, i) for i in range(count)), 0)
    splits = {}
    for length in range(1, count):
        for first in range(count - length):
            last = first + length
            costs[first, last], splits[first, last] = min(
                (
                    costs[first, k]
                    + costs[k + 1, last]
                    + sides[first] * sides[k + 1] * sides[last + 1],
                    k,
                )
                for k in range(first, last)
            )
    return splits


@implements(np.linalg.tensorinv)
def tensorinv(a: TensorLike, ind: int = 2) -> Tensor:
    """Return the inverse of what ``tensordot(a, x, ind)`` does.

    Parameters
    ----------
    a : Tensor or array_like
        The first ``ind`` axes must have as many values as the others.
    ind : int

    Examples
    --------
    >>> tensorinv(np.eye(6).reshape(2, 3, 6)).shape
    (6, 2, 3)
    """
    a = as_tensor(a)
    if ind <= 0:
        raise ShapeError(f"tensorinv takes a positive ind, not {ind}")
    rows, columns = a.shape[:ind], a.shape[ind:]
    return inv(a.reshape(prod(rows), prod(columns))).reshape((*columns, *rows))


@implements(np.linalg.tensorsolve)
def tensorsolve(a: TensorLike, b: TensorLike, axes: Sequence[int] | None = None) -> Tensor:
    """Return the x for which ``tensordot(a, x, x.ndim)`` is ``b``.

    Parameters
    ----------
    a : Tensor or array_like, shape of ``b``, then that of x
    b : Tensor or array_like
    axes : sequence of int, optional
        Axes of ``a`` that are moved to its end first.

    Examples
    --------
    >>> tensorsolve(np.eye(6).reshape(2, 3, 6), np.ones((2, 3))).shape
    (6,)
    """
    a, b = as_tensor(a), as_tensor(b)
    if axes is not None:
        a = moveaxis(a, tuple(axes), tuple(range(a.ndim - len(axes), a.ndim)))
    shape = a.shape[b.ndim :]
    if prod(shape) != b.size or a.size != b.size**2:
        raise ShapeError(
            f"tensorsolve of shape {a.shape} and shape {b.shape}: the first axes of the one must "
            "be those of the other, and the rest have as many values"
        )
    return solve(a.reshape(b.size, b.size), b.reshape(-1)).reshape(shape)
