"""NumPy's polynomials: vectors of coefficients, those of the highest power first."""

from typing import Any

import numpy as np

from autograd_lite.errors import DomainError, ShapeError
from autograd_lite.functions.general.differentiation import as_floating, as_tensor
from autograd_lite.functions.manipulation.diagonals import vander
from autograd_lite.functions.manipulation.joining import concatenate, stack
from autograd_lite.functions.manipulation.shaping import broadcast_to
from autograd_lite.functions.manipulation.splitting import trim_zeros
from autograd_lite.functions.mathematics.calculus import convolve
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.mathematics import polynomials
from autograd_lite.tensor import Tensor, TensorLike, apply

__all__ = [
    "poly",
    "polyadd",
    "polyder",
    "polydiv",
    "polyfit",
    "polyint",
    "polymul",
    "polysub",
    "polyval",
    "roots",
]


def _coefficients(p: Any) -> Tensor:
    """Return the coefficients as a vector; a sequence of them may contain tensors."""
    if isinstance(p, (list, tuple)) and any(isinstance(c, Tensor) for c in p):
        return stack([as_tensor(c).reshape(()) for c in p])
    tensor = as_tensor(p)
    return tensor if tensor.ndim else tensor.reshape(1)


def _padded(p: Tensor, length: int) -> Tensor:
    missing = length - p.size
    return concatenate([np.zeros(missing, p.dtype), p]) if missing > 0 else p


@implements(np.polyval)
def polyval(p: TensorLike, x: TensorLike) -> Tensor:
    """Return the values of a polynomial at ``x``, by Horner's rule.

    Parameters
    ----------
    p : Tensor or array_like, a vector
        The coefficients.
    x : Tensor or array_like
        Of any shape, which is the shape of the result.

    Examples
    --------
    >>> polyval([1.0, 0.0, -2.0], [2.0, 3.0])
    Tensor([2., 7.])
    """
    coefficients, at = _coefficients(p), as_tensor(x)
    y = as_tensor(np.zeros_like(at.data))
    for position, c in enumerate(coefficients):
        y = y * at + c if position else y + c
    return y


@implements(np.polyadd)
def polyadd(a1: TensorLike, a2: TensorLike) -> Tensor:
    """Return the sum of two polynomials.

    Examples
    --------
    >>> polyadd([1.0, 2.0], [3.0, 0.0, 0.0])
    Tensor([3., 1., 2.])
    """
    a, b = _coefficients(a1), _coefficients(a2)
    return _padded(a, b.size) + _padded(b, a.size)


@implements(np.polysub)
def polysub(a1: TensorLike, a2: TensorLike) -> Tensor:
    """Return the difference of two polynomials.

    Examples
    --------
    >>> polysub([1.0, 2.0], [3.0, 0.0, 0.0])
    Tensor([-3.,  1.,  2.])
    """
    a, b = _coefficients(a1), _coefficients(a2)
    return _padded(a, b.size) - _padded(b, a.size)


@implements(np.polymul)
def polymul(a1: TensorLike, a2: TensorLike) -> Tensor:
    """Return the product of two polynomials, whose leading zeros are dropped.

    Examples
    --------
    >>> polymul([1.0, 2.0], [1.0, -2.0])
    Tensor([ 1.,  0., -4.])
    """
    a, b = (trim_zeros(_coefficients(p), "f") for p in (a1, a2))
    return convolve(a if a.size else [0.0], b if b.size else [0.0])


@implements(np.polyder)
def polyder(p: TensorLike, m: int = 1) -> Tensor:
    """Return the ``m``-th derivative of a polynomial.

    Raises
    ------
    DomainError
        If ``m`` is negative.

    Examples
    --------
    >>> polyder([1.0, 2.0, 3.0])
    Tensor([2., 2.])
    """
    if m < 0:
        raise DomainError(f"polyder takes an order that isn't negative, not {m}")
    c = _coefficients(p)
    for _ in range(m):
        c = c[:-1] * np.arange(c.size - 1, 0, -1)
    return c


@implements(np.polyint)
def polyint(p: TensorLike, m: int = 1, k: TensorLike | None = None) -> Tensor:
    """Return the ``m``-th integral of a polynomial.

    Parameters
    ----------
    p : Tensor or array_like, a vector
    m : int
        How many times to integrate.
    k : Tensor or array_like, optional
        The constants of integration: one for each time, or one for all. By default 0.

    Raises
    ------
    DomainError
        If ``m`` is negative.
    ShapeError
        If there are too few constants.

    Examples
    --------
    >>> polyint([2.0, 2.0], k=3.0)
    Tensor([1., 2., 3.])
    """
    if m < 0:
        raise DomainError(f"polyint takes an order that isn't negative, not {m}")
    c = _coefficients(p)
    constants = as_tensor(np.zeros(m)) if k is None else _coefficients(k)
    if constants.size == 1 and m > 1:
        constants = broadcast_to(constants, (m,))
    if constants.size < m:
        raise ShapeError(
            f"polyint, {m} times, was given {constants.size} constants; give one for each, or one"
        )
    for i in range(m):
        c = concatenate([c / np.arange(c.size, 0, -1), constants[i : i + 1]])
    return c


@implements(np.polydiv)
def polydiv(u: TensorLike, v: TensorLike) -> tuple[Tensor, Tensor]:
    """Return the quotient and the remainder of the division of two polynomials.

    Examples
    --------
    >>> polydiv([1.0, 3.0, 5.0], [1.0, 1.0])
    (Tensor([1., 2.]), Tensor([3.]))
    """
    rest, divisor = as_floating(_coefficients(u)), as_floating(_coefficients(v))
    dtype = np.result_type(rest.dtype, divisor.dtype)
    rest, divisor = rest.astype(dtype), divisor.astype(dtype)
    size = divisor.size
    quotients = []
    while rest.size >= size:
        quotients.append(rest[0] / divisor[0])
        rest = concatenate([rest[1:size] - quotients[-1] * divisor[1:], rest[size:]])
    if not rest.size:  # division by a number leaves nothing
        rest = as_tensor(np.zeros(1, dtype))
    while rest.size > 1 and np.allclose(rest.data[0], 0, rtol=1e-14):
        rest = rest[1:]
    quotient = stack(quotients) if quotients else as_tensor(np.zeros(1, dtype))
    return quotient, rest


@implements(np.poly)
def poly(seq_of_zeros: TensorLike) -> Tensor:
    """Return the polynomial with the given roots, or the characteristic one of a square matrix.

    Parameters
    ----------
    seq_of_zeros : Tensor or array_like, a vector or a square matrix

    Returns
    -------
    Tensor, a vector
        The coefficients, of which the first is 1. They are real if complex roots are in conjugate
        pairs.

    Raises
    ------
    ShapeError
        If it is neither a vector nor a square matrix.

    Examples
    --------
    >>> poly([1.0, -2.0])
    Tensor([ 1.,  1., -2.])
    """
    zeros: Any = _coefficients(seq_of_zeros)
    if zeros.ndim == 2 and zeros.shape[0] == zeros.shape[1] and zeros.size:
        zeros = np.linalg.eigvals(zeros)
    elif zeros.ndim != 1:
        raise ShapeError(f"poly of shape {zeros.shape}: it takes a vector or a square matrix")
    if not zeros.size:
        return as_tensor(1.0)
    zeros = as_floating(zeros)
    end = np.zeros(1, zeros.dtype)
    c = as_tensor(np.ones(1, zeros.dtype))
    for zero in zeros:
        c = concatenate([c, end]) - zero * concatenate([end, c])
    z = zeros.data
    if z.dtype.kind == "c" and np.array_equal(np.sort(z), np.sort(z.conj())):
        return c.real
    return c


@implements(np.roots)
def roots(p: TensorLike) -> Tensor:
    """Return the roots of a polynomial, in no particular order.

    Parameters
    ----------
    p : Tensor or array_like, a vector

    Raises
    ------
    ShapeError
        If ``p`` isn't a vector.

    Notes
    -----
    Multiple roots have no derivative: the gradients are infinite or NaN.

    Examples
    --------
    >>> np.sort(roots([1.0, 0.0, -4.0]))
    Tensor([-2.,  2.])
    """
    return apply(polynomials.roots, (_coefficients(p),), {})


@implements(np.polyfit)
def polyfit(
    x: TensorLike,
    y: TensorLike,
    deg: int,
    rcond: float | None = None,
    full: bool = False,
    w: TensorLike | None = None,
    cov: bool | str = False,
) -> Any:
    """Return the polynomial of degree ``deg`` that fits best in the sense of least squares.

    Parameters
    ----------
    x : Tensor or array_like, shape (points,)
        The coordinates of the points.
    y : Tensor or array_like, shape (points,) or (points, sets)
        Their values.
    deg : int
        The degree of the polynomial.
    rcond : float, optional
        Singular values smaller than this times the largest one count as 0. By default the dtype's
        precision times the number of points.
    full : bool
        Also return the residuals, the rank, the singular values and ``rcond``.
    w : Tensor or array_like, shape (points,), optional
        Weights that multiply the residuals before they are squared.
    cov : bool or "unscaled"
        Also return the covariance matrix of the coefficients.

    Returns
    -------
    Tensor, or a tuple that begins with it
        The coefficients, of shape (deg + 1,) or (deg + 1, sets).

    Raises
    ------
    ShapeError
        If the points, their values and the weights don't fit together, or there are no points.
    DomainError
        If ``deg`` is negative, or there are too few points for a covariance.

    Examples
    --------
    >>> polyfit([0.0, 1.0, 2.0, 3.0], [1.0, 3.0, 5.0, 7.0], 1).data.round(6)
    array([2., 1.])
    """
    at, values = as_floating(x), as_floating(y)
    if at.ndim != 1 or values.ndim not in (1, 2) or at.shape != values.shape[:1] or not at.size:
        raise ShapeError(
            f"polyfit: x of shape {at.shape} and y of shape {values.shape} don't fit together"
        )
    if deg < 0:
        raise DomainError(f"polyfit takes a degree that isn't negative, not {deg}")
    at, values = at + 0.0, values + 0.0
    rcond = at.size * float(np.finfo(at.dtype).eps) if rcond is None else rcond
    matrix = vander(at, deg + 1)
    if w is not None:
        weights = as_floating(w)
        if weights.shape != at.shape:
            raise ShapeError(
                f"polyfit: weights of shape {weights.shape} don't fit {at.size} points; give one "
                "for each"
            )
        matrix = matrix * weights[:, None]
        values = values * (weights[:, None] if values.ndim == 2 else weights)
    scale = np.sqrt((matrix * matrix).sum(axis=0))
    matrix = matrix / scale
    solution, residuals, rank, singular = np.linalg.lstsq(matrix, values, rcond)
    solution = (solution.T / scale).T
    if full:
        return solution, residuals, rank, singular, rcond
    if not cov:
        return solution
    base = np.linalg.inv(matrix.T @ matrix) / np.outer(scale, scale)
    if cov != "unscaled":
        if at.size <= deg + 1:
            raise DomainError(
                f"polyfit: {at.size} points are too few for the covariance of {deg + 1} "
                "coefficients; give more points"
            )
        base = base if values.ndim == 1 else base[:, :, None]
        base = base * (residuals / (at.size - deg - 1))
    return solution, (base[:, :, None] if values.ndim == 2 and base.ndim == 2 else base)
