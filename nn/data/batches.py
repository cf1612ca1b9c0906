"""Mini-batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite import as_tensor
from autograd_lite.errors import DomainError, DTypeError, ShapeError


class Batches:
    """Mini-batches of arrays that belong together, reshuffled at every iteration.

    Parameters
    ----------
    *arrays : arrays of the same length
        Such as images and labels; the first axis counts the examples. Batches are copies, so
        changing one doesn't change the data.
    batch_size : int
        The number of examples in a batch; the last batch may have fewer.
    shuffle : bool
        Take the examples in a new random order at every iteration, an epoch.
    drop_last : bool
        Leave out the last batch if it has fewer examples than the others.
    rng : numpy.random.Generator or int, optional
        Draws the orders; an int is a seed.
    share : callable, optional
        Is given the positions of the examples of a batch, and returns those to take: the ``share``
        of an ``nn.parallel.Group``, if processes train together.
        A batch may be empty then.

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
        share: Callable[[npt.NDArray[np.intp]], npt.NDArray[np.intp]] | None = None,
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
        self.share = share

    def __len__(self) -> int:
        whole, rest = divmod(self.examples, self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[tuple[npt.NDArray[Any], ...]]:
        numbers = np.arange(self.examples)
        order = self.rng.permutation(numbers) if self.shuffle else numbers
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            chosen = order[start : start + self.batch_size]
            if self.share is not None:
                chosen = self.share(chosen)
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
