"""Linear algebra: the namespace of ``numpy.linalg``, differentiable.

It is also the extension of that name in the array API standard. Besides NumPy's functions it holds
the named tuples of tensors that they return, and SciPy's ``expm`` and ``solve_triangular``.

Examples
--------
The solution of a linear system, and its derivative with respect to the matrix:

>>> from autograd_lite import Tensor, linalg
>>> a = Tensor([[2.0, 0.0], [0.0, 4.0]], requires_grad=True)
>>> linalg.solve(a, [1.0, 1.0]).sum().backward()
>>> a.grad
Tensor([[-0.25  , -0.125 ],
        [-0.125 , -0.0625]])
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from autograd_lite.errors import ShapeError
from autograd_lite.functions.algebra import products
from autograd_lite.functions.algebra.decompositions import (
    EighResult,
    EigResult,
    QRResult,
    SVDResult,
    cholesky,
    eig,
    eigh,
    eigvals,
    eigvalsh,
    qr,
    svd,
    svdvals,
)
from autograd_lite.functions.algebra.linear_algebra import (
    SlogdetResult,
    det,
    inv,
    lstsq,
    matrix_power,
    multi_dot,
    pinv,
    slogdet,
    solve,
    tensorinv,
    tensorsolve,
)
from autograd_lite.functions.algebra.matrix_functions import expm, solve_triangular
from autograd_lite.functions.algebra.norms import cond, matrix_norm, matrix_rank, norm, vector_norm
from autograd_lite.functions.algebra.products import matmul, vecdot
from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.functions.manipulation import diagonals
from autograd_lite.functions.manipulation.shaping import matrix_transpose
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.tensor import Tensor, TensorLike

__all__ = [
    "EigResult",
    "EighResult",
    "QRResult",
    "SVDResult",
    "SlogdetResult",
    "cholesky",
    "cond",
    "cross",
    "det",
    "diagonal",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "expm",
    "inv",
    "lstsq",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "multi_dot",
    "norm",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_triangular",
    "svd",
    "svdvals",
    "tensordot",
    "tensorinv",
    "tensorsolve",
    "trace",
    "vecdot",
    "vector_norm",
]

implements(np.linalg.matmul)(matmul)
implements(np.linalg.matrix_transpose)(matrix_transpose)


@implements(np.linalg.cross)
def cross(x1: TensorLike, x2: TensorLike, /, *, axis: int = -1) -> Tensor:
    """Return the cross products of vectors of length 3 along ``axis``; the other axes broadcast.

    Raises
    ------
    ShapeError
        If ``axis`` of an operand isn't there, or doesn't have length 3.

    Examples
    --------
    >>> cross([1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    Tensor([0., 0., 1.])
    """
    x1, x2 = as_tensor(x1), as_tensor(x2)
    if any(not -x.ndim <= axis < x.ndim or x.shape[axis] != 3 for x in (x1, x2)):
        raise ShapeError(
            f"linalg.cross of shape {x1.shape} and shape {x2.shape}: axis {axis} of both must "
            "have length 3"
        )
    return products.cross(x1, x2, axis=axis)


@implements(np.linalg.diagonal)
def diagonal(x: TensorLike, /, *, offset: int = 0) -> Tensor:
    """Return the diagonals of the matrices along the last two axes.

    Parameters
    ----------
    x : Tensor or array_like, shape (..., m, n)
    offset : int
        How far above the main diagonal; negative numbers are below it.

    Examples
    --------
    >>> diagonal([[1.0, 2.0], [3.0, 4.0]], offset=1)
    Tensor([2.])
    """
    return diagonals.diagonal(x, offset, -2, -1)


@implements(np.linalg.outer)
def outer(x1: TensorLike, x2: TensorLike, /) -> Tensor:
    """Return the products of each value of one vector with each value of another.

    Raises
    ------
    ShapeError
        If an operand isn't a vector.

    Examples
    --------
    >>> outer([1.0, 2.0], [3.0, 4.0])
    Tensor([[3., 4.],
            [6., 8.]])
    """
    x1, x2 = as_tensor(x1), as_tensor(x2)
    if x1.ndim != 1 or x2.ndim != 1:
        raise ShapeError(f"linalg.outer of shape {x1.shape} and shape {x2.shape}: give vectors")
    return products.outer(x1, x2)


@implements(np.linalg.tensordot)
def tensordot(
    x1: TensorLike, x2: TensorLike, /, *, axes: int | Sequence[int | Sequence[int]] = 2
) -> Tensor:
    """Return sums of products over some axes; see :func:`autograd_lite.tensordot`.

    Examples
    --------
    >>> tensordot([1.0, 2.0], [3.0, 4.0], axes=1)
    Tensor(11.)
    """
    return products.tensordot(x1, x2, axes)


@implements(np.linalg.trace)
def trace(x: TensorLike, /, *, offset: int = 0, dtype: npt.DTypeLike | None = None) -> Tensor:
    """Return the traces of the matrices along the last two axes.

    Parameters
    ----------
    x : Tensor or array_like, shape (..., m, n)
    offset : int
        Sum another diagonal; see :func:`diagonal`.
    dtype : dtype, optional
        Compute and return the sums in this dtype.

    Examples
    --------
    >>> trace([[1.0, 2.0], [3.0, 4.0]])
    Tensor(5.)
    """
    return products.trace(x, offset, -2, -1, dtype)
