"""Group: the processes that train a model together."""

from collections.abc import Iterable
from functools import lru_cache
from math import isfinite
from typing import Any, NoReturn, final
from zlib import crc32

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, TensorLike, as_tensor
from autograd_lite.errors import (
    DomainError,
    DTypeError,
    ParallelError,
    ShapeError,
    UnsupportedError,
)
from nn.data.examples import common_length, examples
from nn.module import Module
from nn.parallel.averaging import Averaging
from nn.parallel.processes import as_bytes, processes
from nn.parallel.synchronizing import synchronize

_SAMPLE = 1024
"""How many elements of an array are compared between processes."""


@final
class Group:
    """The processes that train a model together, each on its share of every batch.

    ``mpiexec -n 2 python program.py`` starts two processes that run the same program. Each has all
    of the data, and draws the same batches. It computes the gradients of its share; averaged, they
    are those of the whole batch, in all processes. So all of them take the same steps.

    Parameters
    ----------
    parallel : bool
        If False, this process is alone, and needs no MPI. So one program does for both.

    Attributes
    ----------
    rank : int
        The number of this process, from 0 on. The first one prints and saves.
    size : int
        How many processes there are; 1 without ``mpiexec``.

    Raises
    ------
    MissingExtraError
        If mpi4py isn't installed, and ``parallel`` is True.
    ParallelError
        From all methods but ``share``, in all processes, if they don't all call the same method
        with the same shapes and dtypes, or one of them has ended.
    UnsupportedError
        From all methods, for arrays that are being captured, batched, or otherwise not plain
        NumPy: see ``docs/parallel.md``.

    Notes
    -----
    An exception that nobody catches, in any process, ends all of them with an error. So does the
    end of a process while the others go on.

    Sums are taken in the order of ranks, so their bits are the same in all processes. Methods are
    to be called from one thread.

    Li et al., PyTorch distributed: experiences on accelerating data parallel training,
    arXiv:2006.15704, 2020, describe training like this, and what makes it fast for large models.

    Examples
    --------
    >>> import nn
    >>> group = nn.parallel.Group(parallel=False)
    >>> model = nn.Dense(3, 1, rng=0)
    >>> group.broadcast(model)
    >>> optimizer = nn.optim.SGD(model.parameters(), 0.1)
    >>> x, t = group.share(np.ones((4, 3)), np.ones((4, 1)))
    >>> loss = nn.losses.mean_squared_error(model(x), t)
    >>> loss.backward()
    >>> group.average_gradients(optimizer.parameters, examples=len(x))
    >>> optimizer.step()
    """

    def __init__(self, parallel: bool = True) -> None:
        self._processes = processes() if parallel else None
        self.rank = 0 if self._processes is None else self._processes.rank
        self.size = 1 if self._processes is None else self._processes.size
        self._averaging = Averaging()
        self._shared = 0

    def __repr__(self) -> str:
        return f"Group(rank {self.rank} of {self.size})"

    def __deepcopy__(self, _: Any) -> "Group":
        return self

    def __reduce__(self) -> NoReturn:
        raise UnsupportedError(
            "a Group is made of processes, and can't be saved or sent; save the model's "
            "state_dict() instead"
        )

    # ------------------------------------------------------------------ before training

    def broadcast(self, model: Module, *, synchronize_batch_norm: bool = True) -> None:
        """Give the model of every process the parameters and buffers of the first one.

        Parameters
        ----------
        model : Module
            The same in all processes, but for values.
        synchronize_batch_norm : bool
            Let ``BatchNorm1d`` and ``BatchNorm2d`` normalize by mean and variance of the whole
            batch, in training, from now on. If False, each process normalizes by its own share:
            then results depend on the number of processes, and the running statistics of each
            process are its own.

        Raises
        ------
        ParallelError
            If the models don't have the same tensors.
        """
        if self._processes is None:
            return
        tensors = {**dict(model.named_tensors()), **dict(model.named_buffers())}
        arrays = [_plain("broadcast", tensor.data) for tensor in tensors.values()]
        listed = ", ".join(f"{name} {_kind(t.dtype, t.shape)}" for name, t in tensors.items())
        self._processes.meet(f"broadcasts {type(model).__name__} with {listed}")
        together = np.concatenate([np.zeros(0, np.uint8), *map(as_bytes, arrays)])
        self._processes.send(together)
        start = 0
        for tensor, array in zip(tensors.values(), arrays, strict=True):
            part = together[start : start + array.nbytes]
            start += array.nbytes
            if self.rank:
                tensor.data = part.view(array.dtype).reshape(array.shape)  # which copies
        if synchronize_batch_norm:
            synchronize(model, self)

    # ------------------------------------------------------------------ batches

    def share(self, *arrays: Any) -> Any:
        """Return this process's part of each array: rows that follow each other.

        The first processes get one row more, if the number can't be divided. If there are fewer
        rows than processes, some get none.

        Parameters
        ----------
        *arrays : array_like
            Of the same length, and the same in all processes. That is looked at with the next
            averaged gradients: different orders of the examples are a ParallelError there.

        Returns
        -------
        array, or tuple of arrays
            Views.

        Raises
        ------
        ShapeError
            If the lengths differ, or there is no array.
        DTypeError
            If an array is masked, or means more than its numbers, as quantities with units do.

        Examples
        --------
        >>> Group(parallel=False).share(np.arange(3))
        array([0, 1, 2])
        """
        given = [a if isinstance(a, Tensor) else examples("share", a) for a in arrays]
        count = common_length("share", given)
        if self.size > 1:
            for array in given:
                self._shared = _checksum(array, self._shared)
        each, more = divmod(count, self.size)
        start = self.rank * each + min(self.rank, more)
        parts = tuple(array[start : start + each + (self.rank < more)] for array in given)
        return parts[0] if len(parts) == 1 else parts

    def average_gradients(self, parameters: Module | Iterable[Tensor], examples: float) -> None:
        """Replace the gradients by their means over all processes, weighted by examples.

        If each process has the gradients of a mean over its share, they become those of the mean
        over the whole batch. A gradient that is None counts as 0; it stays None if it is None in
        all processes. Each ``grad`` is replaced; the arrays of the old ones aren't changed.

        Parameters
        ----------
        parameters : Module or iterable of Tensor
            A module stands for its ``parameters()``, which it takes time to find;
            ``optimizer.parameters`` are at hand.
        examples : float
            What this process's gradients weigh: the size of its share. If it is 0, its gradients
            aren't read.

        Raises
        ------
        ParallelError
            If the parameters differ, or the processes have shared different batches.
        DomainError
            If ``examples`` is negative, infinite or NaN, or 0 in all processes.
        ShapeError, DTypeError
            If a gradient isn't like its parameter.

        Notes
        -----
        The sum is taken over one flat buffer for each dtype, by one all-reduce. It is in the dtype
        of the gradients, those of float16 in float32.
        """
        given = parameters.parameters() if isinstance(parameters, Module) else [*parameters]
        examples = _checked("average_gradients", examples)
        grads = [_gradient(position, p) for position, p in enumerate(given)]
        if self._processes is None:
            _weight("average_gradients", examples, [examples])
            return
        if not examples:
            grads = [None] * len(grads)
        listed = ", ".join(_kind(p.dtype, p.shape) for p in given)
        mask = np.array([g is not None for g in grads])
        met = self._processes.meet(
            f"averages the gradients of {len(given)} parameters: {listed}",
            examples,
            crc32(mask.tobytes()),
            self._shared,
        )
        numbers, masks, shared = zip(*met, strict=True)
        if len(set(shared)) > 1:
            raise ParallelError(
                "average_gradients: the processes were given different batches to share; let each "
                "make the same batches, by a generator with the same seed"
            )
        weight = _weight("average_gradients", examples, numbers)
        if len(set(masks)) > 1:
            mask = np.any(self._processes.gather(mask), axis=0)
        due = []
        for p, g, anywhere in zip(given, grads, mask, strict=True):
            if anywhere:
                due.append((p, g))
            else:
                p.grad = None  # it may be an old one, of a process without examples
        self._averaging.average(self._processes, due, weight)

    # ------------------------------------------------------------------ numbers

    def sum(self, value: TensorLike) -> Any:
        """Return the sum over all processes, in the order of ranks.

        Parameters
        ----------
        value : array_like or Tensor
            Of the same shape and dtype in all processes.

        Returns
        -------
        array or NumPy scalar

        Examples
        --------
        >>> float(Group(parallel=False).sum(3.0))
        3.0
        """
        array = _values("sum", value)
        if self._processes is None:
            return array[()]
        self._processes.meet(f"takes the sum of {_kind(array.dtype, array.shape)}")
        return np.add.accumulate(self._processes.gather(array))[-1]

    def mean(self, value: TensorLike, examples: float) -> Any:
        """Return the mean over all processes, weighted by examples: of a loss, or a metric.

        Parameters
        ----------
        value : array_like or Tensor
            The mean over this process's share, of the same shape and dtype in all processes. It
            isn't read if the share is empty.
        examples : float
            The size of the share.

        Returns
        -------
        array or NumPy scalar

        Raises
        ------
        DomainError
            If ``examples`` is negative, infinite or NaN, or 0 in all processes.

        Examples
        --------
        >>> float(Group(parallel=False).mean(0.5, examples=10))
        0.5
        """
        array = _values("mean", value)
        if array.dtype.kind not in "fc":
            array = array.astype(np.float64)
        examples = _checked("mean", examples)
        if self._processes is None:
            _weight("mean", examples, [examples])
            return array[()]
        about = f"takes the mean of {_kind(array.dtype, array.shape)}"
        met = self._processes.meet(about, examples)
        weight = _weight("mean", examples, [number for (number,) in met])
        part = array * weight if examples else np.zeros_like(array)
        return np.add.accumulate(self._processes.gather(np.asarray(part)))[-1]

    def any(self, flag: bool) -> bool:
        """Return True in all processes if ``flag`` is true in one, such as a wish to stop.

        Examples
        --------
        >>> Group(parallel=False).any(False)
        False
        """
        if self._processes is None:
            return bool(flag)
        return any(asked for (asked,) in self._processes.meet("asks whether any", bool(flag)))


@lru_cache(maxsize=1024)  # NumPy takes long to write a dtype
def _kind(dtype: np.dtype[Any], shape: tuple[int, ...]) -> str:
    return f"{dtype} {shape}"


def _checked(name: str, examples: float) -> float:
    number = float(examples)
    if not (isfinite(number) and number >= 0):
        raise DomainError(f"{name}: examples must be a number from 0 on, not {examples!r}")
    return number


def _weight(name: str, examples: float, all_examples: Iterable[float]) -> float:
    total = sum(all_examples)
    if not total:
        raise DomainError(f"{name}: no process has an example, so there is no mean")
    return examples / total


def _plain(name: str, array: Any) -> npt.NDArray[Any]:
    """Return an array that can be sent."""
    if type(array) is not np.ndarray:
        raise UnsupportedError(
            f"{name} exchanges plain arrays between processes, not {type(array).__name__}; call it "
            "outside of captured functions and transforms: between two captured functions, for "
            "instance"
        )
    return np.ascontiguousarray(array) if array.ndim else array


def _values(name: str, value: TensorLike) -> npt.NDArray[Any]:
    array = as_tensor(value).data
    return _plain(name, np.asarray(array) if isinstance(array, np.generic) else array)


def _gradient(position: int, p: Tensor) -> npt.NDArray[Any] | None:
    grad = p.grad
    if grad is None:
        return None
    array: npt.NDArray[Any] = _plain("average_gradients", grad.data)
    if array.dtype != p.dtype:
        raise DTypeError(
            f"average_gradients: the grad of parameter {position} has dtype {array.dtype}, needs "
            f"{p.dtype}"
        )
    if array.shape != p.shape:
        raise ShapeError(
            f"average_gradients: the grad of parameter {position} has shape {array.shape}, needs "
            f"{p.shape}"
        )
    return array


def _checksum(array: Any, before: int) -> int:
    """Return a number that tells batches apart: of the shape, and of elements here and there."""
    values = np.asarray(array)
    flat = values.reshape(-1)
    sample = np.ascontiguousarray(flat[:: max(1, flat.size // _SAMPLE)])
    if sample.dtype.kind == "O":
        sample = np.array([crc32(repr(x).encode()) for x in sample])
    return crc32(sample.tobytes(), crc32(str((values.dtype, values.shape)).encode(), before))
