"""Decompositions of matrices into factors.

A primitive has one output. So the factors lie in one array, one above the other (they have as many
columns), and what calls the primitive cuts them apart by indexing, as its rule does with the
cotangent: a factor that isn't used has a cotangent of zeros. Both the rule and the cuts are plain
NumPy, so this is differentiable to any order.

The functions whose input is Hermitian read one triangle of it. Their cotangents are Hermitian:
those of a function that symmetrises its input first.

Where eigenvalues or singular values are equal, single eigenvectors have no derivatives. What they
would add there is left out, so that functions of the values alone have finite gradients, the right
ones. Eigenvectors are determined up to a factor of absolute value 1: differentiate what does not
depend on it.
"""

from typing import Any

import numpy as np

from autograd_lite.ops.linear_algebra import adjoint, conjugated
from autograd_lite.ops.systems import SQUARE, solved
from autograd_lite.primitive import Primitive


def _hermitian(c: Any) -> Any:
    return 0.5 * (c + adjoint(c))


def _on_diagonal(x: Any) -> Any:
    return x[..., None] * np.eye(x.shape[-1], dtype=x.dtype)


def _lower(x: Any) -> Any:
    """Return the lower triangle of square matrices, with half of the diagonal."""
    n = x.shape[-1]
    return x * (np.tri(n) - 0.5 * np.eye(n)).astype(np.finfo(x.dtype).dtype)


def _inverse(x: Any) -> Any:
    """Return ``1 / x``, but 0 where x is 0."""
    zero = x == 0
    return np.where(zero, 0, 1 / np.where(zero, 1, x))


def _gaps(w: Any) -> Any:
    """Return ``1 / (w[j] - w[i])`` in row i and column j, 0 where they are equal."""
    return _inverse(w[..., None, :] - w[..., None])


def _cholesky_rule(g: Any, y: Any, a: Any) -> Any:
    p = np.linalg.solve(y.mT, _lower(y.mT @ g))
    return _hermitian(np.linalg.solve(adjoint(y), p.mT).mT)


# reads the lower triangle
cholesky = Primitive("cholesky", np.linalg.cholesky, [_cholesky_rule], requirement=SQUARE)


def _eigh(a: Any, UPLO: Any) -> Any:
    w, v = np.linalg.eigh(a, UPLO)
    return np.concatenate([v, w[..., None, :]], axis=-2)


def _eigh_rule(g: Any, y: Any, a: Any, UPLO: str) -> Any:
    v, w = y[..., :-1, :], y[..., -1, :].real
    moved = _on_diagonal(g[..., -1, :].real) + _gaps(w) * (v.mT @ g[..., :-1, :])
    return _hermitian(conjugated(v) @ moved @ v.mT)


# eigenvectors above eigenvalues
eigh = Primitive("eigh", _eigh, [_eigh_rule], requirement=SQUARE)


def _eig(a: Any) -> Any:
    w, v = np.linalg.eig(a)
    return np.concatenate([v, w[..., None, :]], axis=-2).astype(np.result_type(v, np.complex64))


def _eig_rule(g: Any, y: Any, a: Any) -> Any:
    v, w = y[..., :-1, :], y[..., -1, :]
    gv = g[..., :-1, :]
    gv = gv - conjugated(v) * (gv * v).sum(axis=-2, keepdims=True).real  # their length stays 1
    moved = _on_diagonal(g[..., -1, :]) + _gaps(w) * (v.mT @ gv)
    return np.linalg.solve(v.mT, moved @ v.mT)


# as eigh, complex
eig = Primitive("eig", _eig, [_eig_rule], requirement=SQUARE)


def _svd(a: Any, hermitian: bool) -> Any:
    u, s, vh = np.linalg.svd(a, full_matrices=False, hermitian=hermitian)
    return np.concatenate([u, s[..., None, :], vh.mT], axis=-2)


def _svd_rule(g: Any, y: Any, a: Any, hermitian: bool) -> Any:
    m, n = a.shape[-2:]
    u, s, v = y[..., :m, :], y[..., m, :].real, conjugated(y[..., m + 1 :, :])
    gu, gs, gv = g[..., :m, :], g[..., m, :].real, conjugated(g[..., m + 1 :, :])
    left, right = u.mT @ gu, v.mT @ gv
    both = _gaps(s) * (left + right)
    opposed = _inverse(s[..., None, :] + s[..., None]) * (left - right)
    moved = 0.5 * (both + adjoint(both) + opposed - adjoint(opposed))
    moved = moved + _on_diagonal(np.where(s == 0, 0, gs))  # as for abs: 0 at the kink
    c = conjugated(u) @ moved @ v.mT
    if m > n:
        c = c + ((gu - conjugated(u) @ left) * _inverse(s)[..., None, :]) @ v.mT
    if m < n:
        c = c + conjugated(u) @ (_inverse(s)[..., None] * adjoint(gv - conjugated(v) @ right))
    return _hermitian(c) if hermitian else c


# u above s above the transposed vh, of the reduced form
svd = Primitive("svd", _svd, [_svd_rule])


def _qr(a: Any) -> Any:
    return np.concatenate(np.linalg.qr(a), axis=-2)


def _qr_rule(g: Any, y: Any, a: Any) -> Any:
    m = a.shape[-2]
    q, r, gq, gr = y[..., :m, :], y[..., m:, :], g[..., :m, :], g[..., m:, :]
    turned, stretched = q.mT @ gq, gr @ r.mT
    skew = turned - stretched
    moved = stretched + _lower(skew - adjoint(skew))
    c = gq + conjugated(q) @ (moved - turned)
    return solved(
        r, c.mT, "qr has no derivative where the first columns of a matrix are linearly dependent"
    ).mT


# q above r, of the reduced form of matrices that have no more columns than rows
qr = Primitive("qr", _qr, [_qr_rule])


def _complement(q: Any) -> Any:
    return np.linalg.qr(q, mode="complete")[0][..., q.shape[-1] :]


# columns that complete orthonormal ones to a basis; they turn no more than they must
complement = Primitive(
    "complement",
    _complement,
    [lambda g, y, q: -(conjugated(y) @ adjoint(g) @ conjugated(q))],
)
