"""Functions of matrices that aren't NumPy's, under SciPy's names."""

from autograd_lite.functions.differentiation import as_floating
from autograd_lite.ops import matrix_functions
from autograd_lite.tensor import Tensor, TensorLike, apply

__all__ = ["expm"]


def expm(a: TensorLike) -> Tensor:
    """Return the exponentials of square matrices, ``1 + a + a @ a / 2 + ...``.

    Parameters
    ----------
    a : Tensor or array_like, shape (..., n, n)

    Raises
    ------
    ShapeError
        If a matrix isn't square.

    Notes
    -----
    ``scipy.linalg.expm`` doesn't ask its operands, so it takes no tensors that require a gradient.

    Examples
    --------
    >>> expm([[0.0, 1.0], [0.0, 0.0]])
    Tensor([[1., 1.],
            [0., 1.]])
    """
    return apply(matrix_functions.expm, (as_floating(a),), {})
