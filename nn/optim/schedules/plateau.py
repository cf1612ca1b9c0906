"""A schedule that looks at how training goes."""

from collections.abc import Mapping
from math import inf, isnan
from typing import Any, SupportsFloat, final

from autograd_lite import Tensor
from autograd_lite.errors import DomainError
from nn.optim.optimizer import Optimizer
from nn.optim.schedules.schedule import LRScheduler, per_group, whole


@final
class ReduceLROnPlateau(LRScheduler):
    """Multiply the rate by ``factor`` when a metric has stopped to improve.

    Parameters
    ----------
    optimizer : Optimizer
    mode : {"min", "max"}
        Whether lower or higher is better.
    factor : float
        At least 0 and below 1.
    patience : int
        How many epochs in a row may bring no improvement; the next one reduces the rate.
    threshold : float
        What counts as an improvement.
    threshold_mode : {"rel", "abs"}
        Whether ``threshold`` is a part of the best value, or a difference from it.
    cooldown : int
        How many epochs after a reduction aren't counted.
    min_lr : float, or list of float
        The lowest rate; a list has one for each group.
    eps : float
        Smaller reductions aren't made.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD(nn.Dense(1, 1, rng=0).parameters(), learning_rate=1.0)
    >>> schedule = ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in (5.0, 4.0, 4.0, 4.0):
    ...     schedule.step(loss)
    >>> optimizer.learning_rate
    0.5
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0.0,
        eps: float = 1e-8,
    ) -> None:
        if mode not in ("min", "max"):
            raise DomainError(f'ReduceLROnPlateau: mode must be "min" or "max", not {mode!r}')
        if threshold_mode not in ("rel", "abs"):
            raise DomainError(
                f'ReduceLROnPlateau: threshold_mode must be "rel" or "abs", not {threshold_mode!r}'
            )
        if not 0 <= factor < 1:
            raise DomainError(f"ReduceLROnPlateau: factor must be at least 0 and below 1: {factor}")
        self.mode, self.threshold_mode = mode, threshold_mode
        self.factor, self.threshold, self.eps = factor, threshold, eps
        self.patience = whole("ReduceLROnPlateau", "patience", patience, 0)
        self.cooldown = whole("ReduceLROnPlateau", "cooldown", cooldown, 0)
        self.best = inf if mode == "min" else -inf
        self.num_bad_epochs = 0
        self.cooldown_counter = 0
        super().__init__(optimizer)
        self.min_lrs = per_group("ReduceLROnPlateau", "min_lr", min_lr, optimizer)

    def _initial(self, group: int, lr: float) -> float:
        return lr

    def _next(self, group: int, lr: float, epoch: int) -> float:
        lower = max(lr * self.factor, self.min_lrs[group])
        return float(lower if lr - lower > self.eps else lr)

    def step(self, metrics: SupportsFloat | Tensor | None = None) -> None:
        """Look at the metric of an epoch, and reduce the rates if it has stopped to improve.

        Raises
        ------
        DomainError
            If there is no metric. NaN counts as no improvement.
        """
        try:
            current = float(metrics.item() if isinstance(metrics, Tensor) else metrics)  # type: ignore[arg-type]
        except (TypeError, ValueError) as error:
            raise DomainError(
                "ReduceLROnPlateau: step(metrics) needs the metric of the epoch, one number, not "
                f"{metrics!r}"
            ) from error
        self._current()  # raises before anything is counted
        epoch = self.last_epoch + 1
        if self._is_better(current):
            self.best, self.num_bad_epochs = current, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            super().step()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self.last_epoch = epoch
        self._last_lrs = self._current()

    def _is_better(self, current: float) -> bool:
        if self.threshold_mode == "abs":
            margin = self.threshold
            bound = self.best - margin if self.mode == "min" else self.best + margin
        else:
            bound = self.best * (1 - self.threshold if self.mode == "min" else 1 + self.threshold)
        return current < bound if self.mode == "min" else current > bound

    def _plain(self) -> dict[str, Any]:
        return {
            **super()._plain(),
            "num_bad_epochs": self.num_bad_epochs,
            "cooldown_counter": self.cooldown_counter,
            "best": self.best,
        }

    def _check(self, state: Mapping[str, Any]) -> None:
        best = state.get("best")
        infinite = isinstance(best, float) and not isnan(best)  # before the first epoch
        super()._check({**state, "best": 0.0} if infinite else state)

    def _take(self, state: Mapping[str, Any]) -> None:
        super()._take(state)
        self.num_bad_epochs = state["num_bad_epochs"]
        self.cooldown_counter = state["cooldown_counter"]
        self.best = float(state["best"])
