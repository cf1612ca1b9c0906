"""Decompositions of matrices into factors.

:mod:`autograd_lite.ops.algebra.decompositions` explains their derivatives, and what those of
eigenvectors mean.
"""

from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from autograd_lite.errors import DomainError, UnsupportedError
from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.functions.manipulation.joining import concatenate
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.algebra import decompositions
from autograd_lite.ops.algebra.products import adjoint
from autograd_lite.tensor import Tensor, TensorLike, apply, compute

__all__ = [
    "EigResult",
    "EighResult",
    "QRResult",
    "SVDResult",
    "cholesky",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "qr",
    "svd",
    "svdvals",
]

Triangle: TypeAlias = Literal["L", "U"]


class EigResult(NamedTuple):
    """The eigenvalues and eigenvectors that ``eig`` returns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class EighResult(NamedTuple):
    """The eigenvalues and eigenvectors that ``eigh`` returns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class QRResult(NamedTuple):
    """The factors that ``qr`` returns."""

    Q: Tensor
    R: Tensor


class SVDResult(NamedTuple):
    """The singular vectors and values that ``svd`` returns."""

    U: Tensor
    S: Tensor
    Vh: Tensor


@implements(np.linalg.cholesky)
def cholesky(a: TensorLike, /, *, upper: bool = False) -> Tensor:
    """Return the Cholesky factors: the lower triangular l for which ``l @ adjoint(l)`` is ``a``.

    Parameters
    ----------
    a : Tensor or array_like, shape (..., n, n)
        Hermitian, positive definite matrices. Only the lower triangle is read.
    upper : bool
        Read the upper triangle, and return the upper triangular u for which ``adjoint(u) @ u`` is
        ``a``.

    Returns
    -------
    Tensor, shape (..., n, n)
        Triangular matrices with a positive diagonal.

    Raises
    ------
    LinearAlgebraError
        If a matrix isn't square, or isn't positive definite.

    Notes
    -----
    The gradient is Hermitian, as if the function read ``(a + adjoint(a)) / 2``.

    Examples
    --------
    >>> cholesky([[4.0, 2.0], [2.0, 5.0]])
    Tensor([[2., 0.],
            [1., 2.]])
    """
    a = as_tensor(a)
    if not upper:
        return apply(decompositions.cholesky, (a,), {})
    return _adjoint(apply(decompositions.cholesky, (_adjoint(a),), {}))


@implements(np.linalg.qr)
def qr(a: TensorLike, mode: str = "reduced") -> Any:
    """Return the QR decomposition: orthonormal columns q and upper triangular r with ``a = q @ r``.

    Parameters
    ----------
    a : Tensor or array_like, shape (..., m, n)
    mode : {"reduced", "complete", "r"}
        With k the smaller of m and n, ``"reduced"`` gives q of shape (..., m, k) and r of shape
        (..., k, n), ``"complete"`` gives (..., m, m) and (..., m, n), and ``"r"`` gives only r, of
        shape (..., k, n).

    Returns
    -------
    QRResult, or Tensor for ``mode="r"``
        ``Q`` and ``R``.

    Raises
    ------
    UnsupportedError
        If another mode of NumPy's is asked for and ``a`` requires a gradient.
    LinearAlgebraError
        If ``a`` has fewer than two axes. In a backward pass, if the first k columns aren't
        linearly independent.

    Notes
    -----
    The columns that complete q to a square matrix are determined up to a rotation: differentiate
    only functions that don't depend on it.

    Examples
    --------
    >>> q, r = qr([[3.0, 1.0], [4.0, 2.0]])
    >>> r.data.round(6) + 0
    array([[-5. , -2.2],
           [ 0. ,  0.4]])
    """
    a = as_tensor(a)
    if mode not in ("reduced", "complete", "r"):
        if a.tracked:
            raise UnsupportedError(
                f"qr with mode={mode!r} has no derivative here; choose 'reduced', 'complete' or 'r'"
            )
        return compute(np.linalg.qr, a, mode)
    m, n = a.shape[-2:] if a.ndim > 1 else (0, 0)
    packed = apply(decompositions.qr, (a[..., :m] if m < n else a,), {})
    q, r = packed[..., :m, :], packed[..., m:, :]
    if m < n:
        r = concatenate((r, _adjoint(q) @ a[..., m:]), axis=-1)
    if mode == "complete" and m > n:
        q = concatenate((q, apply(decompositions.complement, (q,), {})), axis=-1)
        r = concatenate((r, np.zeros((*a.shape[:-2], m - n, n), r.dtype)), axis=-2)
    return r if mode == "r" else QRResult(q, r)


@implements(np.linalg.eigh)
def eigh(a: TensorLike, UPLO: Triangle = "L") -> EighResult:
    """Return the eigenvalues and eigenvectors of Hermitian matrices.

    Parameters
    ----------
    a : Tensor or array_like, shape (..., n, n)
    UPLO : {"L", "U"}
        Read the lower or the upper triangle.

    Returns
    -------
    EighResult
        ``eigenvalues``, real, of shape (..., n), in ascending order, and ``eigenvectors``, the
        columns of matrices of shape (..., n, n).

    Raises
    ------
    DomainError
        If ``UPLO`` is something else.
    LinearAlgebraError
        If a matrix isn't square, or the iteration doesn't converge.

    Notes
    -----
    The gradient is Hermitian, as if the function read ``(a + adjoint(a)) / 2``.

    Where eigenvalues are equal, their eigenvectors have no derivatives: a gradient that needs them
    is NaN. Functions of the eigenvalues alone have the right gradient, but NaN as second
    derivatives. Eigenvectors are determined up to a factor of absolute value 1: differentiate only
    functions that don't depend on it.

    Examples
    --------
    >>> eigh([[2.0, 0.0], [0.0, 1.0]]).eigenvalues
    Tensor([1., 2.])
    """
    _check_triangle("eigh", UPLO)
    packed = apply(decompositions.eigh, (as_tensor(a),), {"UPLO": UPLO})
    return EighResult(_real(packed[..., -1, :]), packed[..., :-1, :])


@implements(np.linalg.eigvalsh)
def eigvalsh(a: TensorLike, UPLO: Triangle = "L") -> Tensor:
    """Return the eigenvalues of Hermitian matrices, in ascending order.

    See :func:`eigh` for the parameters, the errors and the derivatives.

    Examples
    --------
    >>> eigvalsh([[2.0, 0.0], [0.0, 1.0]])
    Tensor([1., 2.])
    """
    a = as_tensor(a)
    _check_triangle("eigvalsh", UPLO)
    values: Tensor = (
        eigh(a, UPLO).eigenvalues if a.tracked else compute(np.linalg.eigvalsh, a, UPLO)
    )
    return values


@implements(np.linalg.eig)
def eig(a: TensorLike) -> EigResult:
    """Return the eigenvalues and eigenvectors of square matrices, which are always complex.

    Parameters
    ----------
    a : Tensor or array_like, shape (..., n, n)

    Returns
    -------
    EigResult
        ``eigenvalues``, of shape (..., n), in no particular order, and ``eigenvectors``, the
        columns of matrices of shape (..., n, n), each of length 1.

    Raises
    ------
    LinearAlgebraError
        If a matrix isn't square, or the iteration doesn't converge.

    Notes
    -----
    The notes of :func:`eigh` on equal eigenvalues and on the undetermined factor hold here too. At
    a matrix that can't be diagonalised the derivatives are NaN.

    Examples
    --------
    >>> eig([[0.0, 1.0], [-1.0, 0.0]]).eigenvalues
    Tensor([0.+1.j, 0.-1.j], dtype=complex128)
    """
    packed = apply(decompositions.eig, (as_tensor(a),), {})
    return EigResult(packed[..., -1, :], packed[..., :-1, :])


@implements(np.linalg.eigvals)
def eigvals(a: TensorLike) -> Tensor:
    """Return the eigenvalues of square matrices, which are always complex; see :func:`eig`.

    Examples
    --------
    >>> eigvals([[2.0, 0.0], [0.0, 1.0]])
    Tensor([2.+0.j, 1.+0.j], dtype=complex128)
    """
    a = as_tensor(a)
    if a.tracked:
        return eig(a).eigenvalues
    values: Tensor = compute(np.linalg.eigvals, a)
    return values.astype(np.result_type(values.dtype, np.complex64))


@implements(np.linalg.svd)
def svd(
    a: TensorLike, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    """Return the singular value decomposition of matrices.

    Parameters
    ----------
    a : Tensor or array_like, shape (..., m, n)
    full_matrices : bool
        Return u of shape (..., m, m) and vh of shape (..., n, n). Otherwise, with k the smaller of
        m and n, they have shapes (..., m, k) and (..., k, n), and ``u * s @ vh`` is ``a``.
    compute_uv : bool
        False: return the singular values alone.
    hermitian : bool
        Whether ``a`` is Hermitian, which is faster. Then only the lower triangle is read.

    Returns
    -------
    SVDResult, or Tensor without ``compute_uv``
        ``U``, ``S``, real, of shape (..., k), in descending order, and ``Vh``.

    Raises
    ------
    LinearAlgebraError
        If ``a`` has fewer than two axes, or the iteration doesn't converge.

    Notes
    -----
    The gradient of a singular value of 0 is taken to be 0. Singular vectors have no derivatives
    where singular values are equal; nor do the vectors of 0 where the matrix isn't square. A
    gradient that needs them is NaN. Functions of the values alone have the right gradient, but NaN
    as second derivatives.

    The two vectors of a value are determined up to a common factor of absolute value 1, and the
    vectors that complete u or vh to a square matrix up to a rotation: differentiate only functions
    that don't depend on these.

    Examples
    --------
    >>> svd([[3.0, 0.0], [0.0, -4.0]]).S
    Tensor([4., 3.])
    """
    a = as_tensor(a)
    if not compute_uv and not a.tracked:
        return compute(np.linalg.svd, a, compute_uv=False, hermitian=hermitian)
    packed = apply(decompositions.svd, (a,), {"hermitian": hermitian})
    m, n = a.shape[-2:]
    s = _real(packed[..., m, :])
    if not compute_uv:
        return s
    u, v = packed[..., :m, :], packed[..., m + 1 :, :]
    if full_matrices and m > n:
        u = concatenate((u, apply(decompositions.complement, (u,), {})), axis=-1)
    if full_matrices and m < n:
        v = concatenate((v, apply(decompositions.complement, (v,), {})), axis=-1)
    return SVDResult(u, s, v.mT)


@implements(np.linalg.svdvals)
def svdvals(x: TensorLike, /) -> Tensor:
    """Return the singular values of matrices, in descending order; see :func:`svd`.

    Examples
    --------
    >>> svdvals([[3.0, 0.0], [0.0, -4.0]])
    Tensor([4., 3.])
    """
    values: Tensor = svd(x, compute_uv=False)
    return values


def _check_triangle(name: str, UPLO: Any) -> None:
    if UPLO not in ("L", "U", "l", "u"):
        raise DomainError(f"{name}: UPLO must be 'L' or 'U', not {UPLO!r}")


def _adjoint(x: Tensor) -> Tensor:
    transposed: Tensor = adjoint(x)
    return transposed


def _real(x: Tensor) -> Tensor:
    return x.real if x.dtype.kind == "c" else x
