"""Inverses, linear systems and determinants.

A determinant is a polynomial, so it has derivatives at singular matrices too, which have no
inverse. They are computed from the singular values: a determinant is their product, its
derivatives are products of all but one, or all but two.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_lite.broadcasting import unbroadcast
from autograd_lite.errors import LinearAlgebraError
from autograd_lite.kinks import undecided
from autograd_lite.ops.algebra.products import adjoint, conjugated
from autograd_lite.primitive import AllInputs, Primitive
from autograd_lite.settled_zeros import settled_by_columns

SQUARE = "the last two axes must be of one length"

inv = Primitive("inv", np.linalg.inv, [lambda g, y, a: -(y.mT @ g @ y.mT)], requirement=SQUARE)


def _solve_rule(asked: Sequence[int], g: Any, y: Any, a: Any, b: Any) -> list[Any]:
    adjoint_solution = np.linalg.solve(a.mT, g)
    return [
        unbroadcast(adjoint_solution, b.shape)
        if position
        else unbroadcast(-(adjoint_solution @ y.mT), a.shape)
        for position in asked
    ]


# the right-hand sides are matrices, never vectors
solve = Primitive(
    "solve",
    np.linalg.solve,
    AllInputs(_solve_rule),
    requirement="the matrices must be square, with as many rows as the right-hand sides",
)
settled_by_columns(solve)


def _pinv_rule(g: Any, y: Any, a: Any, **params: Any) -> Any:
    # where the rank is constant (Golub and Pereyra 1973)
    h = adjoint(g)
    left = h - (conjugated(a) @ conjugated(y)) @ h
    right = h - h @ (conjugated(y) @ conjugated(a))
    return left @ conjugated(y @ adjoint(y)) + conjugated(adjoint(y) @ y) @ right - y.mT @ g @ y.mT


pinv = Primitive("pinv", np.linalg.pinv, [_pinv_rule])

det = Primitive(
    "det",
    np.linalg.det,
    [lambda g, y, a: g[..., None, None] * cofactors(a)],
    requirement=SQUARE,
    singular=True,  # minors may overflow
)


def _cofactors(a: Any) -> Any:
    u, s, vh, d = _factors(a)
    others = _product(np.where(np.eye(s.shape[-1], dtype=bool), 1, s[..., None, :]))
    return d * ((conjugated(u) * others[..., None, :]) @ conjugated(vh))


# the gradient of det: the transposed adjugate
cofactors: Primitive = Primitive("cofactors", _cofactors, [lambda g, y, a: cofactor_slopes(g, a)])


def _slogdet(a: Any) -> Any:
    return np.stack(np.linalg.slogdet(a), axis=-1)


def _slogdet_rule(g: Any, y: Any, a: Any) -> Any:
    slope = g[..., 1].real
    if a.dtype.kind == "c":  # the sign turns as the determinant does
        slope = slope + (g[..., 0] * y[..., 0]).imag * 1j
    sign = y[..., 0][..., None, None]
    other = np.where(sign == 0, 0, np.nan)  # where there is no inverse
    regular = np.logical_and(sign != 0, np.isfinite(a).all(axis=(-2, -1))[..., None, None])
    inverse = np.linalg.inv(np.where(regular, a, np.eye(a.shape[-1], dtype=a.dtype))).mT
    slope = slope[..., None, None]
    return undecided(slope * np.where(regular, inverse, other), slope, sign)


# Sign and logarithm, side by side on a last axis. The gradient at a singular matrix is 0, so that
# one such matrix doesn't spoil the others of a batch
slogdet = Primitive("slogdet", _slogdet, [_slogdet_rule], requirement=SQUARE)


# ---- second derivatives of det


def _cofactor_slopes(x: Any, a: Any) -> Any:
    u, s, vh, d = _factors(a)
    x = adjoint(u) @ x @ adjoint(vh)
    one = np.eye(s.shape[-1], dtype=bool)
    others = _product(np.where(one[:, None] | one, 1, s[..., None, None, :]))
    others = np.where(one, 0, others)
    moved = (others @ np.diagonal(x, axis1=-2, axis2=-1)[..., None]) * one - others * x.mT
    asked = (x != 0).any(axis=(-2, -1))[..., None, None]  # NaN times 0
    return np.where(asked, d * (conjugated(u) @ moved @ conjugated(vh)), 0)


def _slopes_rule(g: Any, y: Any, x: Any, a: Any) -> Any:
    return cofactor_slopes(g, a)


def _slopes_matrix_rule(g: Any, y: Any, x: Any, a: Any) -> Any:
    one = np.eye(a.shape[-1], dtype=a.dtype)
    b = solved(a, one, g, "det has no third derivative here for a singular matrix")
    bg, bx = b @ g, b @ x
    of_g, of_x = (np.trace(m, axis1=-2, axis2=-1)[..., None, None] for m in (bg, bx))
    of_both = (bg.mT * bx).sum(axis=(-2, -1))[..., None, None]
    moved = (of_g * of_x - of_both) * b - (of_x * bg + of_g * bx - bg @ bx - bx @ bg) @ b
    return np.linalg.det(a)[..., None, None] * moved.mT


# the second derivatives of det, applied to x; the third ones need an inverse
cofactor_slopes: Primitive = Primitive(
    "cofactor_slopes",
    _cofactor_slopes,
    [_slopes_rule, _slopes_matrix_rule],
)


# ---- products of singular values, systems without a solution


def _factors(a: Any) -> tuple[Any, Any, Any, Any]:
    """Return ``(u, s, vh, d)`` with ``a = u s vh`` and d the determinant of ``u vh``.

    d is NaN where a value of ``a`` isn't finite.
    """
    defined = np.isfinite(a).all(axis=(-2, -1))[..., None, None]
    u, s, vh = np.linalg.svd(np.where(defined, a, 0))
    d = (np.linalg.det(u) * np.linalg.det(vh))[..., None, None]
    return u, s, vh, np.where(defined, d, np.nan)


def _product(s: Any) -> Any:
    """Return the products along the last axis, without overflow on the way."""
    mantissas, exponents = np.frexp(s)
    return np.ldexp(mantissas.prod(axis=-1), exponents.sum(axis=-1))


def solved(a: Any, b: Any, asked: Any, otherwise: str) -> Any:
    """Return the x for which ``a @ x`` is ``b``; raise the message ``otherwise`` if there is none.

    A singular matrix is no error where ``asked``, its cotangent, is 0, and so is b.
    """
    try:
        return np.linalg.solve(a, b)
    except np.linalg.LinAlgError:
        idle = np.all(np.equal(asked, 0), axis=(-2, -1), keepdims=True)
    try:
        return np.linalg.solve(np.where(idle, np.eye(a.shape[-1], dtype=a.dtype), a), b)
    except np.linalg.LinAlgError as error:
        raise LinearAlgebraError(otherwise) from error
