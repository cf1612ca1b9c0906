"""Mini-batches, one-hot targets, accuracy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite import TensorLike, as_tensor
from autograd_lite.errors import DomainError, DTypeError, ShapeError


class Batches:
    """Mini-batches of arrays that belong together, reshuffled at every iteration.

    Parameters
    ----------
    *arrays : arrays of the same length
        Such as images and labels; the first axis counts the examples. Batches are copies: what is
        done to one doesn't change the data.
    batch_size : int
        The number of examples in a batch; the last batch may have fewer.
    shuffle : bool
        Take the examples in a new random order at every iteration, an epoch.
    drop_last : bool
        Leave out the last batch if it has fewer examples than the others.
    rng : numpy.random.Generator or int, optional
        Where the orders come from; an int is a seed.

    Raises
    ------
    ShapeError
        If the lengths differ, or there are no examples.
    DTypeError
        If an array is masked, or means more than its numbers, as quantities with units do.
    DomainError
        If ``batch_size`` isn't a positive integer.

    Examples
    --------
    >>> batches = Batches(np.arange(5), np.arange(5) ** 2, batch_size=2, rng=0)
    >>> len(batches)
    3
    >>> [(x.tolist(), y.tolist()) for x, y in batches]
    [([2, 4], [4, 16]), ([3, 0], [9, 0]), ([1], [1])]
    """

    def __init__(
        self,
        *arrays: npt.ArrayLike,
        batch_size: int,
        shuffle: bool = True,
        drop_last: bool = False,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        if any(isinstance(array, np.ma.MaskedArray) for array in arrays):
            raise DTypeError(
                "Batches of a masked array would lose its mask; give array.filled(value), or "
                "array.data and array.mask as two arrays"
            )
        self.arrays = tuple(map(_examples, arrays))
        shapes = [array.shape for array in self.arrays]
        if not shapes or not all(shapes) or len({shape[0] for shape in shapes}) != 1:
            raise ShapeError(f"Batches needs arrays of one length; these have shapes {shapes}")
        self.examples = int(shapes[0][0])
        if not self.examples:
            raise ShapeError(f"Batches of no examples: the arrays have shapes {shapes}")
        if not isinstance(batch_size, int | np.integer) or batch_size < 1:
            raise DomainError(f"batch_size must be a positive integer, not {batch_size!r}")
        self.batch_size = int(batch_size)
        self.shuffle = shuffle
        self.drop_last = drop_last
        self.rng = np.random.default_rng(rng)

    def __len__(self) -> int:
        whole, rest = divmod(self.examples, self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[tuple[npt.NDArray[Any], ...]]:
        numbers = np.arange(self.examples)
        order = self.rng.permutation(numbers) if self.shuffle else numbers
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            chosen = order[start : start + self.batch_size]
            yield tuple(array[chosen] for array in self.arrays)


def _examples(array: npt.ArrayLike) -> npt.NDArray[Any]:
    kind = type(array)
    own_ufuncs = issubclass(kind, np.ndarray) and (
        kind.__array_ufunc__ is not np.ndarray.__array_ufunc__
    )
    if own_ufuncs or hasattr(kind, "units"):
        return as_tensor(array).numpy()  # an error that names it
    examples = np.asarray(array)
    no_array = examples.dtype.kind == "O" and not examples.ndim
    return as_tensor(array).numpy() if no_array else examples


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
    indices = _labels(labels, "one_hot")
    _check_range(indices, int(classes), "one_hot")
    rows: npt.NDArray[Any] = (indices[..., None] == np.arange(classes)).astype(dtype)
    return rows


def accuracy(outputs: TensorLike, labels: TensorLike, *, threshold: float | None = None) -> float:
    """Return the share of examples whose predicted class is their label.

    Parameters
    ----------
    outputs : Tensor or array_like, shape (examples, classes), (examples, 1) or (examples,)
        Logits, activations or probabilities. Of several classes that with the largest output is
        predicted, the first of equal ones.
    labels : integers, shape (examples,)
    threshold : float, optional
        For one output column, the score of class 1: that is predicted above the threshold, class
        0 at it and below. Give 0 for logits, 0.5 for probabilities.

    Raises
    ------
    ShapeError
        If the shapes don't fit, there are no examples, or one output column has no threshold.
    DTypeError
        If the labels aren't integers.
    DomainError
        If a label is none of the classes, or an output is NaN, which predicts nothing.

    Examples
    --------
    >>> accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1])
    0.5
    >>> accuracy([[2.5], [-1.0]], [1, 0], threshold=0)
    1.0
    """
    values, indices = as_tensor(outputs).numpy(), _labels(labels, "accuracy")
    if values.ndim not in (1, 2) or indices.shape != values.shape[:1] or not values.size:
        ravel = "; ravel() the labels" if indices.shape == (*values.shape[:1], 1) else ""
        raise ShapeError(
            "accuracy needs outputs (examples, classes) and labels (examples,), at least one; "
            f"these have shapes {values.shape} and {indices.shape}{ravel}"
        )
    several = values.size > len(values)
    if several and threshold is not None:
        raise ShapeError(
            f"accuracy: threshold= is for one output column; these have shape {values.shape}"
        )
    if not several and threshold is None:
        raise ShapeError(
            f"accuracy of one output column, of shape {values.shape}, needs threshold=, above "
            "which class 1 is predicted: 0 for logits, 0.5 for probabilities"
        )
    if np.isnan(values).any():
        raise DomainError(
            f"accuracy: {int(np.isnan(values).sum())} of {values.size} outputs are NaN, which "
            "predicts nothing; trace_nans() finds where they come from"
        )
    _check_range(indices, values.shape[1] if several else 2, "accuracy")
    predicted = values.argmax(axis=1) if several else values.ravel() > threshold
    return float(np.mean(predicted == indices))


def _labels(labels: TensorLike, name: str) -> npt.NDArray[Any]:
    indices = as_tensor(labels).numpy()
    if indices.dtype.kind not in "iu" and indices.size:
        raise DTypeError(
            f"{name}: labels must be integers, not {indices.dtype}; convert them with astype(int)"
        )
    return indices


def _check_range(indices: npt.NDArray[Any], classes: int, name: str) -> None:
    if indices.size and not (indices.min() >= 0 and indices.max() < classes):
        raise DomainError(
            f"{name}: labels must lie between 0 and {classes - 1}; these go from "
            f"{indices.min()} to {indices.max()}"
        )
