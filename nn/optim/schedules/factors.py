"""Schedules that multiply the learning rate: steps, powers, lines, functions."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import Any, final

from autograd_lite.errors import DomainError
from nn.optim.optimizer import Optimizer
from nn.optim.schedules.schedule import FactorLR, LRScheduler, per_group, whole


@final
class StepLR(FactorLR):
    """Multiply the rate by ``gamma`` every ``step_size`` epochs: ``gamma**(epoch // step_size)``.

    Parameters
    ----------
    optimizer : Optimizer
    step_size : int
    gamma : float

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD(nn.Dense(1, 1, rng=0).parameters(), learning_rate=1.0)
    >>> schedule = StepLR(optimizer, step_size=2, gamma=0.5)
    >>> rates = []
    >>> for _ in range(5):
    ...     rates.append(optimizer.learning_rate)
    ...     schedule.step()
    >>> rates
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self.step_size = whole("StepLR", "step_size", step_size)
        self.gamma = gamma
        super().__init__(optimizer)

    def _factor(self, epoch: int) -> float:
        return float(self.gamma ** (epoch // self.step_size))


@final
class MultiStepLR(FactorLR):
    """Multiply the rate by ``gamma`` at each of some epochs.

    Parameters
    ----------
    optimizer : Optimizer
    milestones : iterable of int
        One that is in it twice counts twice.
    gamma : float

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD(nn.Dense(1, 1, rng=0).parameters(), learning_rate=1.0)
    >>> schedule = MultiStepLR(optimizer, milestones=[1, 3], gamma=0.5)
    >>> rates = []
    >>> for _ in range(5):
    ...     rates.append(optimizer.learning_rate)
    ...     schedule.step()
    >>> rates
    [1.0, 0.5, 0.5, 0.25, 0.25]
    """

    def __init__(self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1) -> None:
        self.milestones = sorted(whole("MultiStepLR", "a milestone", m, 0) for m in milestones)
        self.gamma = gamma
        super().__init__(optimizer)

    def _factor(self, epoch: int) -> float:
        return float(self.gamma ** bisect_right(self.milestones, epoch))


@final
class ConstantLR(FactorLR):
    """Multiply the rate by ``factor`` in the first ``total_iters`` epochs.

    Parameters
    ----------
    optimizer : Optimizer
    factor : float
        Between 0 and 1.
    total_iters : int

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD(nn.Dense(1, 1, rng=0).parameters(), learning_rate=1.0)
    >>> schedule = ConstantLR(optimizer, factor=0.25, total_iters=2)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates.append(optimizer.learning_rate)
    ...     schedule.step()
    >>> rates
    [0.25, 0.25, 1.0, 1.0]
    """

    def __init__(self, optimizer: Optimizer, factor: float = 1 / 3, total_iters: int = 5) -> None:
        self.factor = _between("ConstantLR", "factor", factor)
        self.total_iters = whole("ConstantLR", "total_iters", total_iters, 0)
        super().__init__(optimizer)

    def _factor(self, epoch: int) -> float:
        # PyTorch multiplies by the factor in epoch 0 even if it is for no epoch, and for good
        first = epoch == 0 or self.total_iters == 0
        return self.factor if first or epoch < self.total_iters else 1.0


@final
class LinearLR(FactorLR):
    """Multiply the rate by what goes from one factor to another in a line: a warm-up.

    Parameters
    ----------
    optimizer : Optimizer
    start_factor : float
        Above 0, at most 1.
    end_factor : float
        Between 0 and 1.
    total_iters : int
        The epoch from which on it is ``end_factor``.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD(nn.Dense(1, 1, rng=0).parameters(), learning_rate=1.0)
    >>> schedule = LinearLR(optimizer, start_factor=0.25, total_iters=3)
    >>> rates = []
    >>> for _ in range(5):
    ...     rates.append(optimizer.learning_rate)
    ...     schedule.step()
    >>> rates
    [0.25, 0.5, 0.75, 1.0, 1.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
    ) -> None:
        self.start_factor = _between("LinearLR", "start_factor", start_factor)
        self.end_factor = _between("LinearLR", "end_factor", end_factor)
        if not self.start_factor:
            raise DomainError("LinearLR: start_factor must be above 0")
        self.total_iters = whole("LinearLR", "total_iters", total_iters)
        super().__init__(optimizer)

    def _factor(self, epoch: int) -> float:
        done = min(epoch, self.total_iters) / self.total_iters
        return self.start_factor + (self.end_factor - self.start_factor) * done


@final
class ExponentialLR(FactorLR):
    """Multiply the rate by ``gamma`` every epoch: ``gamma**epoch``.

    Parameters
    ----------
    optimizer : Optimizer
    gamma : float

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD(nn.Dense(1, 1, rng=0).parameters(), learning_rate=1.0)
    >>> schedule = ExponentialLR(optimizer, gamma=0.5)
    >>> schedule.step()
    >>> schedule.step()
    >>> optimizer.learning_rate
    0.25
    """

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        self.gamma = gamma
        super().__init__(optimizer)

    def _factor(self, epoch: int) -> float:
        return float(self.gamma**epoch)


@final
class PolynomialLR(FactorLR):
    """Let the rate fall to 0: ``(1 - epoch / total_iters)**power``.

    Parameters
    ----------
    optimizer : Optimizer
    total_iters : int
        The epoch from which on it is 0.
    power : float

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD(nn.Dense(1, 1, rng=0).parameters(), learning_rate=1.0)
    >>> schedule = PolynomialLR(optimizer, total_iters=4, power=2.0)
    >>> rates = []
    >>> for _ in range(6):
    ...     rates.append(optimizer.learning_rate)
    ...     schedule.step()
    >>> rates
    [1.0, 0.5625, 0.25, 0.0625, 0.0, 0.0]
    """

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0) -> None:
        self.total_iters = whole("PolynomialLR", "total_iters", total_iters)
        self.power = power
        super().__init__(optimizer)

    def _factor(self, epoch: int) -> float:
        left = 1.0 - min(epoch, self.total_iters) / self.total_iters
        return float(left**self.power)


class _OfFunctions(LRScheduler):
    """A schedule by a function of the epoch, or one for each group."""

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | list[Callable[[int], float]],
    ) -> None:
        self.lr_lambdas: list[Any] = per_group(self._name, "lr_lambda", lr_lambda, optimizer)
        for function in self.lr_lambdas:
            if not callable(function):
                raise DomainError(f"{self._name}: lr_lambda must be a function, not {function!r}")
        super().__init__(optimizer)


@final
class LambdaLR(_OfFunctions):
    """Multiply the rate before all schedules by a function of the epoch.

    Parameters
    ----------
    optimizer : Optimizer
    lr_lambda : callable, or list of callable
        ``(epoch) -> factor``; a list has one for each group. It isn't in the ``state_dict()``.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD(nn.Dense(1, 1, rng=0).parameters(), learning_rate=1.0)
    >>> schedule = LambdaLR(optimizer, lambda epoch: 1 / (1 + epoch))
    >>> schedule.step()
    >>> optimizer.learning_rate
    0.5
    """

    def _initial(self, group: int, lr: float) -> float:
        return self._next(group, lr, 0)

    def _next(self, group: int, lr: float, epoch: int) -> float:
        return float(self.base_lrs[group] * self.lr_lambdas[group](epoch))


@final
class MultiplicativeLR(_OfFunctions):
    """Multiply the rate as it is by a function of the epoch, from epoch 1 on.

    Parameters
    ----------
    optimizer : Optimizer
    lr_lambda : callable, or list of callable
        ``(epoch) -> factor``; a list has one for each group. It isn't in the ``state_dict()``.

    Notes
    -----
    There is no closed form: rounding adds up, by half a unit in the last place in an epoch.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD(nn.Dense(1, 1, rng=0).parameters(), learning_rate=1.0)
    >>> schedule = MultiplicativeLR(optimizer, lambda epoch: 1 / (1 + epoch))
    >>> schedule.step()
    >>> schedule.step()
    >>> print(f"{optimizer.learning_rate:.4f}")
    0.1667
    """

    def _initial(self, group: int, lr: float) -> float:
        return lr

    def _restart(self) -> None:
        self.last_epoch = 0
        self._set([self._next(i, lr, 0) for i, lr in enumerate(self._current())])

    def _next(self, group: int, lr: float, epoch: int) -> float:
        return float(lr * self.lr_lambdas[group](epoch))


def _between(owner: str, name: str, value: float) -> float:
    if not 0 <= value <= 1:
        raise DomainError(f"{owner}: {name} must be between 0 and 1: {value}")
    return float(value)
