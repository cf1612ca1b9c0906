"""Decompositions of matrices into factors."""

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Spec

from .linear_algebra import BOOLEANS, adjoint, hermitian, matrices, of_every_form


def of_hermitian(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, **params: function(hermitian(x), **params)


def weighted(x: Any, axis: int = -1) -> Any:
    """Return x times 1, 2, 3 along an axis, so that not all are treated alike."""
    weights = np.arange(1.0, x.shape[axis] + 1)
    return x * (weights if axis == -1 else weights[:, None]).astype(np.finfo(x.dtype).dtype)


def eigenvectors(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return what doesn't depend on the phase of eigenvectors: their weighted projections."""

    def invariant(x: Any, **params: Any) -> Any:
        w, v = function(hermitian(x), **params)
        return w, weighted(v) @ adjoint(v)

    return invariant


def general_eigenvectors(x: Any) -> Any:
    """As ``eigenvectors``, with the eigenvalues for weights: their order isn't determined."""
    w, v = np.linalg.eig(x)
    w = w * (1 + 0j) if w.dtype.kind != "c" else w
    return (w * w).sum(axis=-1), (v * np.exp(w)[..., None, :]) @ adjoint(v)


def powers_of_eigenvalues(x: Any) -> Any:
    w = np.linalg.eigvals(x)
    w = w * (1 + 0j) if w.dtype.kind != "c" else w
    return w.sum(axis=-1), (w**3).sum(axis=-1)


def singular_vectors(x: Any, full_matrices: bool, hermitian: bool = False) -> Any:
    u, s, vh = np.linalg.svd(x, full_matrices, hermitian=hermitian)
    k = s.shape[-1]
    left, right = weighted(u[..., :k]), vh[..., :k, :]
    found = [s, left @ adjoint(u[..., :k]), left @ right, weighted(adjoint(right)) @ right]
    if full_matrices:  # what completes them, as a projection
        found += [u[..., k:] @ adjoint(u[..., k:]), adjoint(vh[..., k:, :]) @ vh[..., k:, :]]
    return found


def orthonormal(x: Any, mode: str) -> Any:
    found = np.linalg.qr(x, mode)
    if mode == "r":
        return found
    q, r = found
    k = min(x.shape[-2:])
    return q[..., :k], r, q[..., k:] @ adjoint(q[..., k:])


TRIANGLES = st.sampled_from(["L", "U"])


SPECS = [
    Spec(
        of_hermitian(np.linalg.cholesky),
        cases=matrices(upper=BOOLEANS),
        complex=True,
        name="linalg.cholesky",
    ),
    Spec(
        orthonormal,
        cases=of_every_form(mode=st.sampled_from(["reduced", "complete", "r"])),
        complex=True,
        name="linalg.qr",
    ),
    Spec(
        eigenvectors(np.linalg.eigh),
        cases=matrices(UPLO=TRIANGLES),
        complex=True,
        name="linalg.eigh",
    ),
    Spec(
        of_hermitian(np.linalg.eigvalsh),
        cases=matrices(UPLO=TRIANGLES),
        complex=True,
        name="linalg.eigvalsh",
    ),
    Spec(general_eigenvectors, cases=matrices(), complex=True, name="linalg.eig"),
    Spec(powers_of_eigenvalues, cases=matrices(), complex=True, name="linalg.eigvals"),
    Spec(
        singular_vectors,
        cases=of_every_form(full_matrices=BOOLEANS),
        complex=True,
        name="linalg.svd",
    ),
    Spec(
        of_hermitian(singular_vectors),
        cases=matrices(full_matrices=BOOLEANS, hermitian=st.just(True)),
        complex=True,
        name="svd of Hermitian",
    ),
    Spec(np.linalg.svdvals, cases=of_every_form(), complex=True),
]
