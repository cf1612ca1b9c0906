"""Checks of class labels."""

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite import TensorLike, as_tensor
from autograd_lite.errors import DomainError, DTypeError


def integer_labels(labels: TensorLike, name: str) -> npt.NDArray[Any]:
    """Return the labels as an array; ``name`` is the function to name in an error."""
    indices = as_tensor(labels).numpy()
    if indices.dtype.kind not in "iu" and indices.size:
        raise DTypeError(
            f"{name}: labels must be integers, not {indices.dtype}; convert them with astype(int)"
        )
    return indices


def require_labels(labels: npt.NDArray[Any], classes: int, name: str) -> None:
    """Raise unless every label is one of the classes."""
    if labels.size and not (labels.min() >= 0 and labels.max() < classes):
        first = ((labels < 0) | (labels >= classes)).argmax()
        place = [int(i) for i in np.unravel_index(first, labels.shape)]
        raise DomainError(
            f"{name}: labels must lie between 0 and {classes - 1} for {classes} classes; "
            f"{f'that at {place}' if place else 'it'} is {labels.ravel()[first]}"
        )
