"""Mini-batches, one-hot targets, accuracy."""

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
        Such as images and labels; the first axis counts the examples.
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
        self.arrays = tuple(map(np.asarray, arrays))
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
        order = self.rng.permutation(self.examples) if self.shuffle else None
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            batch = slice(start, start + self.batch_size)
            chosen = batch if order is None else order[batch]
            yield tuple(array[chosen] for array in self.arrays)


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
        If a label doesn't lie between 0 and ``classes - 1``.
    DTypeError
        If the labels aren't integers.

    Examples
    --------
    >>> one_hot([1, 0], 3)
    array([[0., 1., 0.],
           [1., 0., 0.]], dtype=float32)
    """
    indices = _labels(labels, "one_hot")
    if indices.size and not (indices.min() >= 0 and indices.max() < classes):
        raise DomainError(
            f"one_hot: labels must lie between 0 and {classes - 1}; these go from "
            f"{indices.min()} to {indices.max()}"
        )
    rows: npt.NDArray[Any] = (indices[..., None] == np.arange(classes)).astype(dtype)
    return rows


def accuracy(outputs: TensorLike, labels: TensorLike) -> float:
    """Return the share of examples whose largest output is at their label.

    Parameters
    ----------
    outputs : Tensor or array_like, shape (examples, classes)
        Logits, activations or probabilities.
    labels : integers, shape (examples,)

    Raises
    ------
    ShapeError
        If the shapes don't fit, or there are no examples.
    DTypeError
        If the labels aren't integers.

    Examples
    --------
    >>> accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1])
    0.5
    """
    values, indices = as_tensor(outputs).numpy(), _labels(labels, "accuracy")
    if values.ndim != 2 or indices.shape != values.shape[:1] or not values.size:
        raise ShapeError(
            "accuracy needs outputs (examples, classes) and labels (examples,), at least one; "
            f"these have shapes {values.shape} and {indices.shape}"
        )
    return float(np.mean(values.argmax(axis=1) == indices))


def _labels(labels: TensorLike, name: str) -> npt.NDArray[Any]:
    indices = as_tensor(labels).numpy()
    if indices.dtype.kind not in "iu" and indices.size:
        raise DTypeError(f"{name}: labels must be integers, not {indices.dtype}")
    return indices
