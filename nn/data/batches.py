"""Mini-batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias
from zlib import crc32

import numpy as np
import numpy.typing as npt

from autograd_lite.errors import DomainError, ShapeError, StateDictError
from nn.data.examples import common_length, examples
from nn.data.mapping import row_reader
from nn.data.prefetching import prefetched
from nn.generators import GeneratorState

Positions: TypeAlias = npt.NDArray[np.intp]
Transform: TypeAlias = "Callable[[npt.NDArray[Any], np.random.Generator], npt.NDArray[Any]]"


class Batches:
    """Mini-batches of arrays that belong together, reshuffled at every iteration.

    Parameters
    ----------
    *arrays : arrays of the same length
        Such as images and labels; the first axis counts the examples. Batches are copies, so
        changing one doesn't change the data. Arrays that are mapped from files
        (``np.load(path, mmap_mode="r")``) stay so: only the rows of a batch are read.
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
    positions : sequence of int, optional
        Take only the examples at these positions.
    weights : array_like of numbers, optional
        One for each example, or each of the ``positions``. Every example of an epoch is then drawn
        from all of them, with these relative probabilities; it may come up several times, or never.
    transform : callable or sequence of callables, optional
        ``(x, rng) -> x``, for the first array of each batch: images are changed at random by
        :class:`RandomAffine` and :class:`ElasticTransform`. Each batch has a generator of its own,
        seeded by ``rng`` and by where in the epoch the batch is. Draw from no other one.
    prefetch : int
        So many batches are read and transformed ahead, in a thread, while the loop works on one.
        They are the same to the last bit.

    Raises
    ------
    ShapeError
        If the lengths differ, or there are no examples; in an iteration, if ``transform`` returns
        another number of examples.
    DTypeError
        If an array is masked, or means more than its numbers, as quantities with units do.
    DomainError
        If ``batch_size`` isn't a positive integer, ``prefetch`` a natural number, ``positions``
        those of examples, or ``weights`` finite, not negative, and not all 0; if there are weights
        and ``shuffle`` is False.

    Notes
    -----
    An iteration draws from ``rng`` at its beginning only, in the thread of the loop. So ``rng``
    may be the generator that the layers draw from, too.

    Examples
    --------
    >>> batches = Batches(np.arange(5), np.arange(5) ** 2, batch_size=2, rng=0)
    >>> len(batches)
    3
    >>> [(x.tolist(), y.tolist()) for x, y in batches]
    [([2, 4], [4, 16]), ([3, 0], [9, 0]), ([1], [1])]

    Noise that is new in every epoch, and drawn ahead:

    >>> noisy = Batches(
    ...     np.zeros((4, 2)),
    ...     batch_size=4,
    ...     transform=lambda x, rng: x + rng.standard_normal(x.shape).round(1),
    ...     prefetch=1,
    ...     rng=0,
    ... )
    >>> next(iter(noisy))[0].tolist()
    [[1.4, -0.2], [0.5, -0.2], [-1.7, -2.9], [-2.1, -0.5]]
    """

    def __init__(
        self,
        *arrays: npt.ArrayLike,
        batch_size: int,
        shuffle: bool = True,
        drop_last: bool = False,
        rng: np.random.Generator | int | None = None,
        share: Callable[[Positions], Positions] | None = None,
        positions: Sequence[int] | Positions | None = None,
        weights: npt.ArrayLike | None = None,
        transform: Transform | Sequence[Transform] = (),
        prefetch: int = 0,
    ) -> None:
        self.arrays = tuple(examples("Batches", array) for array in arrays)
        count = common_length("Batches", self.arrays)
        if not count:
            shapes = [array.shape for array in self.arrays]
            raise ShapeError(f"Batches of no examples: the arrays have shapes {shapes}")
        self.positions = None if positions is None else _positions(positions, count)
        self.examples = count if self.positions is None else len(self.positions)
        self.batch_size = _whole("batch_size", batch_size, 1)
        self.prefetch = _whole("prefetch", prefetch, 0)
        if weights is not None and not shuffle:
            raise DomainError("Batches: weights draw the examples, so shuffle can't be False")
        self.weights = None if weights is None else _probabilities(weights, self.examples)
        self.transforms = (transform,) if callable(transform) else tuple(transform)
        if not all(map(callable, self.transforms)):
            raise DomainError(
                "Batches: transform must be a function (x, rng) -> x, or a sequence of them"
            )
        self.shuffle = shuffle
        self.drop_last = drop_last
        self.rng = np.random.default_rng(rng)
        self.share = share
        self._readers = [row_reader(array) for array in self.arrays]
        self._epoch: _Epoch | None = None

    def __len__(self) -> int:
        whole, rest = divmod(self.examples, self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[tuple[npt.NDArray[Any], ...]]:
        epoch = self._epoch
        if epoch is None or epoch.begun:
            epoch = self._epoch = self._drawn(self.rng)
        epoch.begun = True
        read = partial(self._read, epoch.seed)
        chosen = self._chosen(epoch.order, epoch.batches)
        # no map(): it would take a StopIteration of a transform for the end
        one_by_one = (read(task) for task in chosen)
        for batch in prefetched(read, chosen, self.prefetch) if self.prefetch else one_by_one:
            epoch.batches += 1
            yield batch
        if self._epoch is epoch:
            self._epoch = None

    def _drawn(self, rng: np.random.Generator) -> _Epoch:
        """Draw all that is random in an epoch."""
        state = GeneratorState(rng).state_dict()
        if self.weights is not None:
            order = rng.choice(self.examples, self.examples, p=self.weights)
        else:
            order = rng.permutation(self.examples) if self.shuffle else np.arange(self.examples)
        if self.positions is not None:
            order = self.positions[order]
        return _Epoch(state, order, int(rng.integers(2**63)) if self.transforms else 0)

    def _chosen(self, order: Positions, first: int) -> Iterator[tuple[int, Positions]]:
        """Yield number and positions of each batch, from ``first`` on."""
        for number in range(first, len(self)):
            start = number * self.batch_size
            chosen = order[start : start + self.batch_size]
            yield number, chosen if self.share is None else self.share(chosen)

    def _read(self, seed: int, batch: tuple[int, Positions]) -> tuple[npt.NDArray[Any], ...]:
        number, chosen = batch
        arrays = tuple([rows(chosen) for rows in self._readers])
        if not self.transforms:
            return arrays
        x, *others = arrays
        # processes that share a batch draw differently
        own = chosen[:1] if self.share is not None else ()
        rng = np.random.default_rng([seed, number, *own])
        for transform in self.transforms:
            x = transform(x, rng)
            if np.shape(x)[:1] != chosen.shape:
                raise ShapeError(
                    f"Batches: transform returned shape {np.shape(x)} for {len(chosen)} examples"
                )
        return x, *others

    def state_dict(self) -> dict[str, Any]:
        """Return where the iteration is, and the state of the generator.

        In the middle of an epoch, the batches that the loop was given count, and not those that
        were prefetched.
        """
        return {
            "rng": GeneratorState(self.rng).state_dict(),
            "epoch": None if self._epoch is None else self._epoch.state_dict(),
            "batch_size": self.batch_size,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state: the next iteration has the batches that were left of its epoch.

        Parameters
        ----------
        state : dict
            Of batches of the same examples, with the same settings. Between epochs, these may
            differ.

        Raises
        ------
        StateDictError
            If it isn't such a state. Nothing is changed then.
        """
        if set(state) != {"rng", "epoch", "batch_size"}:
            raise StateDictError("this isn't the state of Batches; nothing was loaded")
        own, saved = GeneratorState(self.rng), state["epoch"]
        own.generator_at(state["rng"])
        epoch = None
        if saved is not None:
            if state["batch_size"] != self.batch_size:
                raise StateDictError(
                    f"this state is in the middle of an epoch in batches of {state['batch_size']}, "
                    f"not of {self.batch_size}; nothing was loaded"
                )
            if not isinstance(saved, Mapping) or set(saved) != {"rng", "batches", "order"}:
                raise StateDictError("this isn't the state of Batches; nothing was loaded")
            epoch = self._drawn(own.generator_at(saved["rng"]))
            if saved["order"] != epoch.checksum:
                raise StateDictError(
                    "this state is in the middle of an epoch over other examples, or in another "
                    "order, or with transforms on one side only; nothing was loaded"
                )
            if type(saved["batches"]) is not int or not 0 <= saved["batches"] <= len(self):
                raise StateDictError(
                    f"this state counts {saved['batches']!r:.80} batches of {len(self)}; nothing "
                    "was loaded"
                )
            epoch.batches = saved["batches"]
        own.load_state_dict(state["rng"])
        self._epoch = epoch


class _Epoch:
    """What was drawn for an epoch, and how much of it the loop has been given.

    The state holds that of the generator before it was drawn, to draw it again.
    """

    def __init__(self, state: dict[str, Any], order: Positions, seed: int) -> None:
        self.state, self.order, self.seed = state, order, seed
        # the seed tells whether there are transforms
        self.checksum = crc32(np.ascontiguousarray(order, np.int64).data, seed & 0xFFFFFFFF)
        self.batches, self.begun = 0, False

    def state_dict(self) -> dict[str, Any]:
        return {"rng": self.state, "batches": self.batches, "order": self.checksum}


def _whole(name: str, value: Any, least: int) -> int:
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
        kind = "a positive integer" if least else "0 or a positive integer"
        raise DomainError(f"{name} must be {kind}, not {value!r}")
    return int(value)


def _positions(positions: Sequence[int] | Positions, count: int) -> Positions:
    array = np.asarray(positions)
    if array.dtype.kind not in "iu" or array.ndim != 1 or not len(array):
        raise DomainError(
            f"Batches: positions must be integers along one axis, not {array.dtype} of shape "
            f"{array.shape}; of a mask, give np.flatnonzero(mask)"
        )
    if array.min() < 0 or array.max() >= count:
        raise DomainError(
            f"Batches: positions must lie between 0 and {count - 1} for {count} examples; these "
            f"lie between {array.min()} and {array.max()}"
        )
    return array.astype(np.intp)


def _probabilities(weights: npt.ArrayLike, count: int) -> npt.NDArray[np.float64]:
    array = np.asarray(weights, np.float64)
    if array.shape != (count,):
        raise ShapeError(f"Batches: weights have shape {array.shape}, need ({count},)")
    with np.errstate(all="ignore"):
        total = array.sum()
    if not (np.isfinite(array).all() and (array >= 0).all() and 0 < total < np.inf):
        raise DomainError("Batches: weights must be finite, not negative, and not all 0")
    return np.asarray(array / total)
