"""Schedules made of schedules: one after the other, or all together."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, final

from autograd_lite.errors import DomainError
from nn.optim.optimizer import Optimizer
from nn.optim.schedules.plateau import ReduceLROnPlateau
from nn.optim.schedules.schedule import LRScheduler, checked_optimizer, whole


class _Combined(LRScheduler):
    """Several schedules of one optimizer."""

    def __init__(self, optimizer: Any, schedulers: Sequence[LRScheduler]) -> None:
        self.schedulers = [*schedulers]
        checked_optimizer(self._name, optimizer)
        for position, schedule in enumerate(self.schedulers):
            if not isinstance(schedule, LRScheduler) or schedule.optimizer is not optimizer:
                raise DomainError(
                    f"{self._name}: schedule {position} must be one of the same optimizer, not "
                    f"{schedule!r}"
                )
            if isinstance(schedule, ReduceLROnPlateau):
                raise DomainError(
                    f"{self._name}: schedule {position} is ReduceLROnPlateau, which needs a metric;"
                    " step it by itself"
                )
        super().__init__(optimizer)

    def _initial(self, group: int, lr: float) -> float:
        return lr

    def _next(self, group: int, lr: float, epoch: int) -> float:
        return lr

    def state_dict(self) -> dict[str, Any]:
        """Return where the schedules are: plain numbers and lists, which JSON can hold."""
        states = [schedule.state_dict() for schedule in self.schedulers]
        return {**super().state_dict(), "schedulers": states}

    def _check(self, state: Mapping[str, Any]) -> None:
        given = state.get("schedulers")
        fits = isinstance(given, list | tuple) and len(given) == len(self.schedulers)
        if not fits or not all(isinstance(own, Mapping) for own in given or ()):
            self._refuse([f"not loadable: schedulers is {given!r}"])
        for schedule, own in zip(self.schedulers, given or (), strict=True):
            schedule._check(own)
        super()._check({name: value for name, value in state.items() if name != "schedulers"})

    def _take(self, state: Mapping[str, Any]) -> None:
        for schedule, own in zip(self.schedulers, state["schedulers"], strict=True):
            schedule._take(own)
        super()._take(state)


@final
class SequentialLR(_Combined):
    """One schedule after the other: each begins at its milestone, at its epoch 0.

    Parameters
    ----------
    optimizer : Optimizer
    schedulers : sequence of LRScheduler
        Of this optimizer.
    milestones : sequence of int
        The epochs in which the next schedule begins: one fewer than schedules.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD(nn.Dense(1, 1, rng=0).parameters(), learning_rate=1.0)
    >>> warm_up = nn.optim.LinearLR(optimizer, start_factor=0.5, total_iters=2)
    >>> decay = nn.optim.ExponentialLR(optimizer, gamma=0.5)
    >>> schedule = SequentialLR(optimizer, [warm_up, decay], milestones=[2])
    >>> rates = []
    >>> for _ in range(5):
    ...     rates.append(optimizer.learning_rate)
    ...     schedule.step()
    >>> rates
    [0.5, 0.75, 1.0, 0.5, 0.25]
    """

    def __init__(
        self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int]
    ) -> None:
        self.milestones = [whole("SequentialLR", "a milestone", m, 0) for m in milestones]
        if len(milestones) != len(schedulers) - 1:
            raise DomainError(
                f"SequentialLR needs a milestone between each two schedules: {len(schedulers)} "
                f"schedules, {len(milestones)} milestones"
            )
        if self.milestones != sorted(self.milestones):
            raise DomainError(f"SequentialLR: milestones must ascend: {self.milestones}")
        super().__init__(optimizer, schedulers)
        self._begin()

    def _begin(self) -> None:
        self.last_epoch = 0
        self._set(self.base_lrs)
        self.schedulers[bisect_right(self.milestones, 0)]._begin()
        self._last_lrs = self._current()

    def step(self) -> None:
        """Set the rates of the next epoch."""
        epoch = self.last_epoch + 1
        position = bisect_right(self.milestones, epoch)
        schedule = self.schedulers[position]
        if position and self.milestones[position - 1] == epoch:
            schedule._restart()
        else:
            schedule.step()
        self.last_epoch = epoch
        self._last_lrs = self._current()


@final
class ChainedScheduler(_Combined):
    """All schedules together: each multiplies the rate that the one before has set.

    Parameters
    ----------
    schedulers : sequence of LRScheduler
        Of one optimizer.
    optimizer : Optimizer, optional
        That one.

    Notes
    -----
    Rates come from the epoch before, and rounding adds up, by about a unit in the last place for
    each schedule and epoch. :class:`LambdaLR`, :class:`CyclicLR`, :class:`OneCycleLR` and
    :class:`CosineAnnealingWarmRestarts` set the rate, whatever it was.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD(nn.Dense(1, 1, rng=0).parameters(), learning_rate=1.0)
    >>> warm_up = nn.optim.ConstantLR(optimizer, factor=0.5, total_iters=2)
    >>> decay = nn.optim.ExponentialLR(optimizer, gamma=0.5)
    >>> schedule = ChainedScheduler([warm_up, decay])
    >>> rates = []
    >>> for _ in range(4):
    ...     rates.append(optimizer.learning_rate)
    ...     schedule.step()
    >>> rates
    [0.5, 0.25, 0.25, 0.125]
    """

    def __init__(
        self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None
    ) -> None:
        if not schedulers:
            raise DomainError("ChainedScheduler needs at least one schedule")
        first = getattr(schedulers[0], "optimizer", None)
        super().__init__(first if optimizer is None else optimizer, schedulers)

    def _begin(self) -> None:
        self.last_epoch = 0
        self._set(self.base_lrs)
        for schedule in self.schedulers:
            schedule.last_epoch = 0
            schedule._start()
        self._last_lrs = self._current()

    def step(self) -> None:
        """Set the rates of the next epoch."""
        for schedule in self.schedulers:
            schedule.step()
        self.last_epoch += 1
        self._last_lrs = self._current()
