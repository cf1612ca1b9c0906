"""Inverses, linear systems, determinants and powers of matrices."""

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
    """The signs and logarithms that ``slogdet`` returns."""

    sign: Tensor
    logabsdet: Tensor


_DEFAULT: Any = object()


@implements(np.linalg.inv)
def inv(a: TensorLike) -> Tensor:
    """Return the inverses of square matrices; instead of ``inv(a) @ b``, use ``solve(a, b)``.

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
        With one axis it is a vector. Otherwise it holds matrices, and the first axes broadcast.

    Raises
    ------
    LinearAlgebraError
        If a matrix is singular, or not square.
    ShapeError
        If ``b`` doesn't fit ``a``.

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

    Raises
    ------
    LinearAlgebraError
        If a matrix isn't square.

    Notes
    -----
    The gradient is the transposed adjugate. First and second derivatives are right at singular
    matrices too; third ones need the inverse. For large matrices, :func:`slogdet` can't overflow.

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
    """Return the signs of determinants, and the logarithms of their absolute values.

    Parameters
    ----------
    a : Tensor or array_like, shape (..., n, n)

    Returns
    -------
    SlogdetResult
        ``sign``, of absolute value 1, and ``logabsdet``. For a singular matrix they are 0 and -inf;
        the gradient there is taken to be 0, and the second derivative is NaN.

    Raises
    ------
    LinearAlgebraError
        If a matrix isn't square.

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
    """Return the Moore-Penrose pseudo-inverses of matrices.

    Parameters
    ----------
    a : Tensor or array_like, shape (..., m, n)
    rcond, rtol : float or array_like, optional
        Singular values up to this times the largest one count as 0. By default ``rcond`` is 1e-15;
        ``rtol=None`` is the dtype's precision times the larger of m and n.
    hermitian : bool
        Whether the matrices are Hermitian.

    Notes
    -----
    The derivatives hold for changes that keep the rank: where the rank changes, the result jumps.

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
    """Return the least-squares solution of ``a @ x = b``; if there are several, the shortest.

    Parameters
    ----------
    a : Tensor or array_like, shape (m, n)
    b : Tensor or array_like, shape (m,) or (m, k)
    rcond : float, optional
        Singular values up to this times the largest one count as 0. By default the dtype's
        precision times the larger of m and n.

    Returns
    -------
    x : Tensor, shape (n,) or (n, k)
    residuals : Tensor, shape (1,), (k,) or (0,)
        The squared lengths of ``a @ x - b``; empty if the rank is below n, or m isn't above n.
    rank : int
    s : Tensor
        The singular values of ``a``.

    Raises
    ------
    LinearAlgebraError
        If ``a`` isn't a matrix, or ``b`` doesn't fit it.

    Notes
    -----
    As for :func:`pinv`, the derivatives hold for changes that keep the rank.

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
    """Return integer powers of square matrices.

    Parameters
    ----------
    a : Tensor or array_like, shape (..., m, m)
    n : int
        0 gives identity matrices, which are constants; a negative power is one of the inverse.

    Raises
    ------
    ShapeError
        If a matrix isn't square.
    LinearAlgebraError
        If ``n`` is negative and a matrix singular.

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
    arrays : sequence of Tensor or array_like
        Two or more matrices. The first may be a vector, a row; so may the last, a column.

    Raises
    ------
    ShapeError
        If there are fewer than two, or their shapes don't fit together.

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
    """Return where to split the product of each run of matrices, whose shared sides are given."""
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
    """Return the inverse b of a tensor, for which ``tensordot(b, a, ind)`` is the identity.

    Parameters
    ----------
    a : Tensor or array_like
        The lengths of the first ``ind`` axes must have the same product as those of the others.
    ind : int

    Raises
    ------
    LinearAlgebraError
        If the two products differ, or there is no inverse.

    Examples
    --------
    >>> tensorinv(np.eye(6).reshape(2, 3, 6)).shape
    (6, 2, 3)
    """
    a = as_tensor(a)
    if ind <= 0:
        raise ShapeError(f"tensorinv: ind must be positive, not {ind}")
    rows, columns = a.shape[:ind], a.shape[ind:]
    return inv(a.reshape(prod(rows), prod(columns))).reshape((*columns, *rows))


@implements(np.linalg.tensorsolve)
def tensorsolve(a: TensorLike, b: TensorLike, axes: Sequence[int] | None = None) -> Tensor:
    """Return the x for which ``tensordot(a, x, x.ndim)`` is ``b``.

    Parameters
    ----------
    a : Tensor or array_like
        Its shape is the shape of ``b`` followed by the shape of x, which has as many values.
    b : Tensor or array_like
    axes : sequence of int, optional
        Axes of ``a`` to move to its end first.

    Raises
    ------
    ShapeError
        If the shapes don't fit together.

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
            f"tensorsolve of shape {a.shape} and shape {b.shape}: the first one must begin with "
            "the second, and its other axes must hold as many values"
        )
    return solve(a.reshape(b.size, b.size), b.reshape(-1)).reshape(shape)
