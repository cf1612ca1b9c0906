"""Class labels, and the rows of numbers that networks are trained on."""

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite import TensorLike
from autograd_lite.errors import DomainError
from nn.labels import integer_labels, require_labels


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
    require_labels(indices, int(classes), "one_hot")
    rows: npt.NDArray[Any] = (indices[..., None] == np.arange(classes)).astype(dtype)
    return rows
