"""Class labels, and the rows of numbers that networks are trained on."""

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite import TensorLike, as_tensor
from autograd_lite.errors import DomainError, DTypeError


def one_hot(
    labels: TensorLike, classes: int, dtype: npt.DTypeLike = np.float32
) -> npt.NDArray[Any]:
    """Return rows of zeros with a 1 at the label.

    Parameters
    ----------
    labels : integers, shape (...)
    classes : int
    dtype : dtype

    Returns
    -------
    array, shape (..., classes)

    Raises
    ------
    DomainError
        If a label doesn't lie between 0 and ``classes - 1``, or ``classes`` isn't a positive
        integer.
    DTypeError
        If the labels aren't integers.

    Examples
    --------
    >>> one_hot([1, 0], 3)
    array([[0., 1., 0.],
           [1., 0., 0.]], dtype=float32)
    """
    if not isinstance(classes, int | np.integer) or isinstance(classes, bool) or classes < 1:
        raise DomainError(f"one_hot: classes must be a positive integer, not {classes!r}")
    indices = integer_labels(labels, "one_hot")
    check_range(indices, int(classes), "one_hot")
    rows: npt.NDArray[Any] = (indices[..., None] == np.arange(classes)).astype(dtype)
    return rows


def integer_labels(labels: TensorLike, name: str) -> npt.NDArray[Any]:
    """Return the labels as an array; ``name`` is the function to name in an error."""
    indices = as_tensor(labels).numpy()
    if indices.dtype.kind not in "iu" and indices.size:
        raise DTypeError(
            f"{name}: labels must be integers, not {indices.dtype}; convert them with astype(int)"
        )
    return indices


def check_range(indices: npt.NDArray[Any], classes: int, name: str) -> None:
    """Raise unless every label is one of the classes."""
    if indices.size and not (indices.min() >= 0 and indices.max() < classes):
        raise DomainError(
            f"{name}: labels must lie between 0 and {classes - 1}; these go from "
            f"{indices.min()} to {indices.max()}"
        )
