"""Schedules along a cosine."""

from math import cos, floor, pi
from typing import Any, final

from autograd_lite.errors import DomainError
from nn.optim.optimizer import Optimizer
from nn.optim.schedules.schedule import FactorLR, LRScheduler, whole


@final
class CosineAnnealingLR(FactorLR):
    """Let the rate fall along half a cosine, and rise again: ``(1 + cos(pi * epoch / T_max)) / 2``.

    Parameters
    ----------
    optimizer : Optimizer
    T_max : int
        The epoch in which it is lowest.
    eta_min : float
        The lowest rate.

    Notes
    -----
    Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts, 2017; without
    restarts.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD(nn.Dense(1, 1, rng=0).parameters(), learning_rate=1.0)
    >>> schedule = CosineAnnealingLR(optimizer, T_max=2, eta_min=0.5)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates.append(optimizer.learning_rate)
    ...     schedule.step()
    >>> [round(rate, 6) for rate in rates]
    [1.0, 0.75, 0.5, 0.75]
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        self.T_max = whole("CosineAnnealingLR", "T_max", T_max)
        self._floor = self.eta_min = float(eta_min)
        super().__init__(optimizer)

    def _factor(self, epoch: int) -> float:
        return (1 + cos(pi * epoch / self.T_max)) / 2


@final
class CosineAnnealingWarmRestarts(LRScheduler):
    """Let the rate fall along half a cosine again and again, from the start each time.

    Parameters
    ----------
    optimizer : Optimizer
    T_0 : int
        The epochs to the first restart.
    T_mult : int
        How many times longer each fall is than the one before.
    eta_min : float
        The lowest rate.

    Notes
    -----
    Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts, 2017.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD(nn.Dense(1, 1, rng=0).parameters(), learning_rate=1.0)
    >>> schedule = CosineAnnealingWarmRestarts(optimizer, T_0=2, T_mult=2)
    >>> rates = []
    >>> for _ in range(6):
    ...     rates.append(optimizer.learning_rate)
    ...     schedule.step()
    >>> [round(rate, 4) for rate in rates]
    [1.0, 0.5, 1.0, 0.8536, 0.5, 0.1464]
    """

    def __init__(
        self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0
    ) -> None:
        self.T_0 = whole("CosineAnnealingWarmRestarts", "T_0", T_0)
        self.T_mult = whole("CosineAnnealingWarmRestarts", "T_mult", T_mult)
        self.eta_min = float(eta_min)
        self._epoch = 0.0
        super().__init__(optimizer)

    def _initial(self, group: int, lr: float) -> float:
        self._epoch = 0.0
        return self._at(group, 0)

    def _next(self, group: int, lr: float, epoch: int) -> float:
        return self._at(group, epoch)

    def _at(self, group: int, epoch: float) -> float:
        done, length = self._phase(epoch)
        above = self.base_lrs[group] - self.eta_min
        return self.eta_min + above * (1 + cos(pi * done / length)) / 2

    def _phase(self, epoch: float) -> tuple[float, int]:
        """Return how long ago the last restart was, and how long it is from there to the next."""
        length = self.T_0
        if self.T_mult == 1:
            return epoch % length, length
        while epoch >= length:
            epoch -= length
            length *= self.T_mult
        return epoch, length

    def step(self, epoch: float | None = None) -> None:
        """Set the rates of the next epoch, or of any, such as ``epoch + batch / batches``."""
        now = self._epoch + 1 if epoch is None else epoch
        if not now >= 0:
            raise DomainError(f"CosineAnnealingWarmRestarts: epoch must be at least 0: {now}")
        rates = [self._at(i, now) for i in range(len(self.base_lrs))]
        self._epoch, self.last_epoch = float(now), floor(now)
        self._set(rates)

    def _plain(self) -> dict[str, Any]:
        return {**super()._plain(), "epoch": self._epoch}

    def _take(self, state: Any) -> None:
        super()._take(state)
        self._epoch = float(state["epoch"])
