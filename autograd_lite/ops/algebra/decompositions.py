"""Decompositions of matrices into factors.

A primitive has one output. So the factors, which have equally many columns, lie in one array, one
above the other. The caller cuts them apart by indexing, and the rule does the same with the
cotangent: a factor that isn't used has a cotangent of zeros. Both are plain NumPy, so all this is
differentiable to any order.

Functions of Hermitian input read one triangle of it. Their cotangents are Hermitian, as if they
symmetrised their input first.

Where eigenvalues or singular values are equal, up to rounding, their vectors are any basis of a
space. No rule can tell how they turn within that space. If a function asks for it, its gradient is
NaN. If it doesn't, that part is 0, so functions of the values alone have finite gradients, the
right ones. (Their second derivatives ask for it.) Eigenvectors are determined up to a factor of
absolute value 1: differentiate only what doesn't depend on that factor.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_lite.kinks import mended, undecided, value_of
from autograd_lite.ops.algebra.linear_algebra import SQUARE, solved
from autograd_lite.ops.algebra.products import adjoint, conjugated
from autograd_lite.primitive import Primitive


def _cholesky_rule(g: Any, y: Any, a: Any) -> Any:
    p = np.linalg.solve(y.mT, _lower(y.mT @ _triangle(g)))
    return _hermitian(np.linalg.solve(adjoint(y), p.mT).mT)


# a = y @ adjoint(y); it reads the lower triangle
cholesky = Primitive("cholesky", np.linalg.cholesky, [_cholesky_rule], requirement=SQUARE)


def _eigh(a: Any, UPLO: Any) -> Any:
    w, v = np.linalg.eigh(a, UPLO)
    return np.concatenate([v, w[..., None, :]], axis=-2)


def _eigh_rule(g: Any, y: Any, a: Any, UPLO: str) -> Any:
    v, w, gv = y[..., :-1, :], y[..., -1, :].real, g[..., :-1, :]
    turned = _divided(v.mT @ gv, _differences(w), w, [gv])
    return _hermitian(conjugated(v) @ (_on_diagonal(g[..., -1, :].real) + turned) @ v.mT)


# a @ v = v * w: the eigenvectors v above the eigenvalues w
eigh = Primitive("eigh", _eigh, [_eigh_rule], requirement=SQUARE)


def _eig(a: Any) -> Any:
    w, v = np.linalg.eig(a)
    return np.concatenate([v, w[..., None, :]], axis=-2).astype(np.result_type(v, np.complex64))


def _eig_rule(g: Any, y: Any, a: Any) -> Any:
    v, w, gv = y[..., :-1, :], y[..., -1, :], g[..., :-1, :]
    gv = gv - conjugated(v) * (gv * v).sum(axis=-2, keepdims=True).real  # their length stays 1
    turned = _divided(v.mT @ gv, _differences(w), w, [g[..., :-1, :]])
    moved = _on_diagonal(g[..., -1, :]) + turned
    # a matrix that can't be diagonalised has no derivatives
    lost = _singular(value_of(v))
    c = np.linalg.solve(np.where(lost, np.eye(v.shape[-1]), v.mT), moved @ v.mT)
    asked = np.any(np.not_equal(moved, 0), axis=(-2, -1), keepdims=True)
    return np.where(np.logical_and(lost, asked), _lost(c), c)


# the same for any square matrix; complex
eig = Primitive("eig", _eig, [_eig_rule], requirement=SQUARE)


def _svd(a: Any, hermitian: bool) -> Any:
    u, s, vh = np.linalg.svd(a, full_matrices=False, hermitian=hermitian)
    return np.concatenate([u, s[..., None, :], vh.mT], axis=-2)


def _svd_rule(g: Any, y: Any, a: Any, hermitian: bool) -> Any:
    m, n = a.shape[-2:]
    u, s, v = y[..., :m, :], y[..., m, :].real, conjugated(y[..., m + 1 :, :])
    gu, gs, gv = g[..., :m, :], g[..., m, :].real, conjugated(g[..., m + 1 :, :])
    left, right = u.mT @ gu, v.mT @ gv
    both = _divided(left + right, _differences(s), s, [gu, gv])
    sums = s[..., None, :] + s[..., None]
    sums = sums if a.dtype.kind == "c" else _of_pairs(sums)
    opposed = _divided(left - right, sums, s, [gu, gv])
    moved = 0.5 * (both + adjoint(both) + opposed - adjoint(opposed))
    moved = moved + _on_diagonal(gs * (s != 0))  # as for abs: 0 at the kink
    c = conjugated(u) @ moved @ v.mT
    if m > n:
        c = c + _divided(gu - conjugated(u) @ left, s[..., None, :], s, [gu]) @ v.mT
    if m < n:
        rest = _divided(gv - conjugated(v) @ right, s[..., None, :], s, [gv])
        c = c + conjugated(u) @ adjoint(rest)
    at_kinks = (gs * gs * (s == 0)).sum(axis=-1)[..., None, None]
    c = undecided(c, at_kinks, value_of(s).min(axis=-1, initial=1)[..., None, None])
    return _hermitian(c) if hermitian else c


# a = u * s @ vh, in the reduced form: u above s above the transposed vh
svd = Primitive("svd", _svd, [_svd_rule])


def _qr(a: Any) -> Any:
    return np.concatenate(np.linalg.qr(a), axis=-2)


def _qr_rule(g: Any, y: Any, a: Any) -> Any:
    m = a.shape[-2]
    q, r, gq, gr = y[..., :m, :], y[..., m:, :], g[..., :m, :], _triangle(g[..., m:, :], True)
    turned, stretched = q.mT @ gq, gr @ r.mT
    skew = turned - stretched
    moved = stretched + _lower(skew - adjoint(skew))
    c = gq + conjugated(q) @ (moved - turned)
    return solved(
        r,
        c.mT,
        g,
        "qr has no derivative where the first columns of a matrix are linearly dependent",
    ).mT


# a = q @ r, in the reduced form: q above r. No more columns than rows
qr = Primitive("qr", _qr, [_qr_rule])


def _complement(q: Any) -> Any:
    return np.linalg.qr(q, mode="complete")[0][..., q.shape[-1] :]


# Columns that complete orthonormal ones to a basis. They turn no more than they must
complement = Primitive(
    "complement",
    _complement,
    [lambda g, y, q: -(conjugated(y) @ adjoint(g) @ conjugated(q))],
)


# ---- equal values, whose vectors aren't determined


def _divided(asked: Any, by: Any, values: Any, cotangents: Sequence[Any]) -> Any:
    """Return ``asked / by``; where ``by`` is 0 up to rounding, 0, or NaN for vectors in use.

    Parameters
    ----------
    asked : array or Tensor
        A part of the cotangents of the vectors: a row, or a matrix for their pairs.
    by : array or Tensor
        The values, or for pairs their differences or sums.
    values : array or Tensor
        The values themselves; rounding is relative to the largest.
    cotangents : sequence of array or Tensor
        The cotangents of the vectors, in columns.
    """
    rounding = 10 * max(asked.shape[-2:]) * np.finfo(asked.dtype).eps
    size = np.max(np.abs(value_of(values)), axis=-1, initial=0)[..., None, None]
    none = np.abs(value_of(by)) <= rounding * size
    used = _in_use(cotangents, rounding)
    if by.shape[-2] > 1:
        used = np.logical_or(used, used.mT)
    c = mended(asked / np.where(none, 1, by), none)
    return np.where(np.logical_and(none, used), _lost(asked), c)


def _in_use(cotangents: Sequence[Any], rounding: float) -> Any:
    """Return for each vector, in a row, whether anything is asked of it."""
    columns: Any = 0
    for g in cotangents:
        columns = np.maximum(columns, np.max(np.abs(g), axis=-2, keepdims=True, initial=0))
    whole = np.max(columns, axis=-1, keepdims=True, initial=0)
    return np.logical_not(columns <= rounding * whole)


def _lost(c: Any) -> Any:
    """Return NaN, whose derivatives are NaN too."""
    return np.nan * c + np.nan


def _singular(v: Any) -> Any:
    s = np.linalg.svd(v, compute_uv=False)
    rounding = v.shape[-1] * np.finfo(v.dtype).eps
    return (s[..., -1:] <= rounding * s[..., :1]).all(axis=-1)[..., None, None]


# ---- parts of matrices


def _hermitian(c: Any) -> Any:
    return 0.5 * (c + adjoint(c))


def _on_diagonal(x: Any) -> Any:
    return x[..., None] * np.eye(x.shape[-1], dtype=x.dtype)


def _lower(x: Any) -> Any:
    """Return the lower triangle of square matrices, with half of the diagonal."""
    n = x.shape[-1]
    return x * (np.tri(n) - 0.5 * np.eye(n)).astype(np.finfo(x.dtype).dtype)


def _triangle(g: Any, upper: bool = False) -> Any:
    """Return the cotangent of a triangle, 0 in the other, whose zeros are constant."""
    m, n = g.shape[-2:]
    below = np.tri(m, n, -1 if upper else 0, dtype=bool)
    return np.where(~below if upper else below, g, 0)


def _differences(w: Any) -> Any:
    """Return ``w[j] - w[i]`` in row i and column j."""
    return _of_pairs(w[..., None, :] - w[..., None])


def _of_pairs(x: Any) -> Any:
    """Return divisors for pairs of different vectors: infinite on the diagonal."""
    return np.where(np.eye(x.shape[-1], dtype=bool), np.inf, x)
