"""A part of the data set aside."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite.errors import DomainError, ShapeError
from nn.data.examples import common_length, examples

Arrays = tuple[npt.NDArray[Any], ...]


def train_validation_split(
    *arrays: npt.ArrayLike,
    validation: float = 0.1,
    rng: np.random.Generator | int | None = None,
    stratify: npt.ArrayLike | None = None,
) -> tuple[Arrays, Arrays]:
    """Set a part of the examples aside, drawn at random, to validate with.

    Parameters
    ----------
    *arrays : arrays of the same length
        Such as images and labels; the first axis counts the examples.
    validation : float or int
        A share of the examples, between 0 and 1, or their number.
    rng : numpy.random.Generator or int, optional
        Draws the examples; an int is a seed.
    stratify : array, shape (n,), optional
        Such as labels: each value has the same share of both parts, as nearly as whole examples
        allow.

    Returns
    -------
    train, validation : tuple of arrays
        Copies, with the examples in their old order.

    Raises
    ------
    ShapeError
        If the lengths differ.
    DomainError
        If one of the parts would have no examples.
    DTypeError
        If an array is masked, or means more than its numbers, as quantities with units do.

    Examples
    --------
    >>> x, labels = np.arange(6) * 10, np.array([0, 0, 0, 0, 1, 1])
    >>> train, validation = train_validation_split(
    ...     x, labels, validation=0.5, rng=0, stratify=labels
    ... )
    >>> train
    (array([ 0, 10, 40]), array([0, 0, 1]))
    >>> validation
    (array([20, 30, 50]), array([0, 0, 1]))

    Positions can be split as well. So arrays that are mapped from files aren't read:

    >>> import nn
    >>> (trained,), (validated,) = train_validation_split(np.arange(6), validation=2, rng=0)
    >>> batches = nn.data.Batches(x, labels, positions=trained, batch_size=2)
    >>> batches.examples
    4
    """
    whose = "train_validation_split"
    given = [examples(whose, array) for array in arrays]
    others = [] if stratify is None else [examples(whose, stratify)]
    count = common_length(whose, [*given, *others] if given else [])
    chosen = np.zeros(count, bool)
    part = _part(validation, count)
    order = np.random.default_rng(rng).permutation(count)
    if stratify is None:
        chosen[order[:part]] = True
    else:
        _, classes, sizes = np.unique(others[0], return_inverse=True, return_counts=True)
        if classes.ndim != 1:
            raise ShapeError(
                f"train_validation_split: stratify has shape {classes.shape}, needs one axis"
            )
        for label, wanted in enumerate(_shares(sizes, part)):
            chosen[order[classes[order] == label][:wanted]] = True
    return (
        tuple(array[np.flatnonzero(~chosen)] for array in given),
        tuple(array[np.flatnonzero(chosen)] for array in given),
    )


def _part(validation: float, count: int) -> int:
    """Return the number of examples that are set aside."""
    number: Any = np.asarray(validation)
    whole = number.dtype.kind in "iu"
    if number.ndim or number.dtype.kind not in "iuf" or not 0 < number < (count if whole else 1):
        raise DomainError(
            f"train_validation_split: validation must be a share between 0 and 1, or a number of "
            f"examples from 1 to {count - 1}, not {validation!r}"
        )
    part = int(number) if whole else round(float(number) * count)
    if not 0 < part < count:
        raise DomainError(
            f"train_validation_split: {validation!r} of {count} examples leaves none in one part"
        )
    return part


def _shares(sizes: npt.NDArray[np.intp], part: int) -> npt.NDArray[np.intp]:
    """Divide a part between classes in proportion; the largest remainders are rounded up."""
    shares, remainders = np.divmod(sizes * part, sizes.sum())
    shares[np.argsort(-remainders, kind="stable")[: part - shares.sum()]] += 1
    return shares
