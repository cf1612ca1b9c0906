"""Functions of matrices that SciPy has and NumPy doesn't, under SciPy's names."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from autograd_lite.errors import DomainError, LinearAlgebraError, ShapeError
from autograd_lite.functions.algebra.linear_algebra import solve
from autograd_lite.functions.general.differentiation import as_floating
from autograd_lite.functions.manipulation.diagonals import tril, triu
from autograd_lite.ops.algebra import linear_algebra, matrix_functions
from autograd_lite.tensor import Tensor, TensorLike, apply

__all__ = ["expm", "solve_triangular"]


def expm(a: TensorLike) -> Tensor:
    """Return the exponentials of square matrices, ``1 + a + a @ a / 2 + ...``.

    Parameters
    ----------
    a : Tensor or array_like, shape (..., n, n)

    Returns
    -------
    Tensor, shape (..., n, n)

    Raises
    ------
    ShapeError
        If a matrix isn't square.

    Notes
    -----
    SciPy's own ``expm`` doesn't follow NumPy's protocols, so it can't take tensors that require a
    gradient. The method is that of Higham, "The scaling and squaring method for the matrix
    exponential revisited" (2005).

    Examples
    --------
    >>> expm([[0.0, 1.0], [0.0, 0.0]])
    Tensor([[1., 1.],
            [0., 1.]])
    """
    return apply(matrix_functions.expm, (as_floating(a),), {})


def solve_triangular(
    a: TensorLike,
    b: TensorLike,
    trans: Literal[0, 1, 2, "N", "T", "C"] = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = False,
) -> Tensor:
    """Return the x for which ``a @ x`` is ``b``, where ``a`` is triangular.

    Parameters
    ----------
    a : Tensor or array_like, shape (..., n, n)
        Only one triangle is read.
    b : Tensor or array_like, shape (n,) or (..., n, k)
    trans : {0, 1, 2, "N", "T", "C"}
        Solve with ``a`` itself, with its transpose, or with its conjugate transpose.
    lower : bool
        Read the lower triangle of ``a`` instead of the upper one.
    unit_diagonal : bool
        Take the diagonal to be 1, without reading it.
    overwrite_b, check_finite : bool
        SciPy's arguments, which have no effect here: ``b`` is never changed, and NaN in ``a`` or
        ``b`` shows in the result.

    Returns
    -------
    Tensor, shape (..., n) for a vector, else (..., n, k)

    Raises
    ------
    LinearAlgebraError
        If there is a 0 on the diagonal.
    ShapeError
        If ``a`` isn't square, or ``b`` doesn't fit it.
    DomainError
        If ``trans`` is something else.

    Notes
    -----
    SciPy's own ``solve_triangular`` doesn't follow NumPy's protocols, so it can't take tensors that
    require a gradient. NumPy has no solver for triangular matrices: this takes as long as
    ``solve``.

    Examples
    --------
    >>> solve_triangular([[2.0, 0.0], [1.0, 4.0]], [2.0, 5.0], lower=True)
    Tensor([1., 1.])
    """
    a = as_floating(a)
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ShapeError(f"solve_triangular of shape {a.shape}: {linear_algebra.SQUARE}")
    if trans not in _TRANSPOSED:
        raise DomainError(
            f"solve_triangular: trans is {trans!r}; it must be 0, 1, 2, 'N', 'T' or 'C'"
        )
    a = tril(a, -unit_diagonal) if lower else triu(a, unit_diagonal)
    if unit_diagonal:
        a = a + np.eye(a.shape[-1], dtype=a.dtype)
    elif not np.diagonal(a.data, axis1=-2, axis2=-1).all():
        raise LinearAlgebraError(
            f"solve_triangular of shape {a.shape}: the matrix is singular, with a 0 on the diagonal"
        )
    return solve(_TRANSPOSED[trans](a), b)


_TRANSPOSED: dict[Any, Callable[[Tensor], Tensor]] = {
    **dict.fromkeys((0, "N"), lambda a: a),
    **dict.fromkeys((1, "T"), lambda a: a.mT),
    **dict.fromkeys((2, "C"), lambda a: a.mT.conj()),
}
