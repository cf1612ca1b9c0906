"""Diagonals, triangles, and Kronecker and Vandermonde matrices."""

import numpy as np
import numpy.typing as npt

from autograd_lite.errors import ShapeError
from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.functions.manipulation.shaping import ravel, reshape
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.manipulation import diagonals
from autograd_lite.ops.selecting import selecting
from autograd_lite.tensor import Tensor, TensorLike, apply

__all__ = [
    "diag",
    "diagflat",
    "diagonal",
    "kron",
    "tril",
    "triu",
    "vander",
]


@implements(np.diagonal)
def diagonal(a: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Return the diagonals of the matrices in two axes.

    Parameters
    ----------
    a : Tensor or array_like, with two axes or more
    offset : int
        The number of the diagonal: 0 is the main one, positive ones lie above it.
    axis1, axis2 : int
        The axes of rows and columns. The result has the diagonals in its last axis instead.

    Raises
    ------
    ShapeError
        If there are fewer than two axes, or not these two.

    Examples
    --------
    >>> diagonal([[1.0, 2.0], [3.0, 4.0]])
    Tensor([1., 4.])
    """
    params = {"offset": offset, "axis1": axis1, "axis2": axis2}
    return apply(diagonals.diagonal, (as_tensor(a),), params)


@implements(np.diag)
def diag(v: TensorLike, k: int = 0) -> Tensor:
    """Return a matrix with ``v`` on its ``k``-th diagonal or, of a matrix ``v``, that diagonal.

    Raises
    ------
    ShapeError
        If ``v`` is neither a vector nor a matrix.

    Examples
    --------
    >>> diag([1.0, 2.0])
    Tensor([[1., 0.],
            [0., 2.]])
    """
    x = as_tensor(v)
    if x.ndim == 2:
        return diagonal(x, k)
    if x.ndim != 1:
        raise ShapeError(f"diag of shape {x.shape}: it needs a vector or a matrix")
    n = x.size + abs(k)
    return apply(diagonals.from_diagonal, (x,), {"shape": (n, n), "offset": k})


@implements(np.diagflat)
def diagflat(v: TensorLike, k: int = 0) -> Tensor:
    """Return a matrix with the flattened values of ``v`` on its ``k``-th diagonal.

    Examples
    --------
    >>> diagflat([[1.0, 2.0]], -1)
    Tensor([[0., 0., 0.],
            [1., 0., 0.],
            [0., 2., 0.]])
    """
    return diag(ravel(v), k)


def _below(name: str, x: Tensor, k: int) -> npt.NDArray[np.bool]:
    if not x.ndim:
        raise ShapeError(f"{name} of shape (): it needs one axis or more")
    return np.tri(x.shape[-2] if x.ndim > 1 else x.size, x.shape[-1], k, bool)


@implements(np.tril)
def tril(m: TensorLike, k: int = 0) -> Tensor:
    """Return the lower triangle: zeros above the ``k``-th diagonal of the last two axes.

    Raises
    ------
    ShapeError
        If there are no axes.

    Examples
    --------
    >>> tril([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[1., 0.],
            [3., 4.]])
    """
    x = as_tensor(m)
    return apply(selecting.where, (_below("tril", x, k), x, x.dtype.type(0)), {})


@implements(np.triu)
def triu(m: TensorLike, k: int = 0) -> Tensor:
    """Return the upper triangle: zeros below the ``k``-th diagonal of the last two axes.

    Raises
    ------
    ShapeError
        If there are no axes.

    Examples
    --------
    >>> triu([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[1., 2.],
            [0., 4.]])
    """
    x = as_tensor(m)
    return apply(selecting.where, (_below("triu", x, k - 1), x.dtype.type(0), x), {})


@implements(np.kron)
def kron(a: TensorLike, b: TensorLike) -> Tensor:
    """Return the Kronecker product: blocks, each of them a value of ``a`` times ``b``.

    Parameters
    ----------
    a, b : Tensor or array_like
        The one with fewer axes gets axes of length 1 in front.

    Returns
    -------
    Tensor, with lengths that are the products of the lengths of ``a`` and ``b``

    Examples
    --------
    >>> kron([1.0, 10.0], [1.0, 2.0])
    Tensor([ 1.,  2., 10., 20.])
    """
    x, y = as_tensor(a), as_tensor(b)
    ndim = max(x.ndim, y.ndim)
    outer = (1,) * (ndim - x.ndim) + x.shape
    inner = (1,) * (ndim - y.ndim) + y.shape
    blocks = reshape(x, [n for length in outer for n in (length, 1)])
    product = blocks * reshape(y, [n for length in inner for n in (1, length)])
    return reshape(product, [n * m for n, m in zip(outer, inner, strict=True)])


@implements(np.vander)
def vander(x: TensorLike, N: int | None = None, increasing: bool = False) -> Tensor:
    """Return the Vandermonde matrix, which has powers of ``x`` as its columns.

    Parameters
    ----------
    x : Tensor or array_like, shape (n,)
    N : int, optional
        The number of columns, n by default.
    increasing : bool
        Whether the exponents go from 0 to ``N - 1``; by default, they go from ``N - 1`` to 0.

    Returns
    -------
    Tensor, shape (n, N)

    Raises
    ------
    ShapeError
        If ``x`` isn't a vector.

    Examples
    --------
    >>> vander([1.0, 2.0, 3.0], increasing=True)
    Tensor([[1., 1., 1.],
            [1., 2., 4.],
            [1., 3., 9.]])
    """
    tensor = as_tensor(x)
    if tensor.ndim != 1:
        raise ShapeError(f"vander of shape {tensor.shape}: it needs a vector")
    tensor = as_tensor(tensor, np.promote_types(tensor.dtype, int))
    exponents = np.arange(tensor.size if N is None else N)
    exponents = exponents if increasing else exponents[::-1]
    return tensor[:, None] ** exponents.astype(tensor.dtype)
