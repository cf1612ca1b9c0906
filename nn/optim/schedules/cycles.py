"""Schedules that go up and down, and the momentum the other way round."""

from collections.abc import Callable
from math import cos, floor, pi
from typing import Any, final

from autograd_lite.errors import DomainError
from nn.optim.optimizer import Optimizer
from nn.optim.schedules.schedule import (
    LRScheduler,
    checked_optimizer,
    get,
    per_group,
    put,
    whole,
)


class _Cycle(LRScheduler):
    """A schedule of rates and momenta that are functions of the epoch."""

    cycle_momentum: bool

    def _initial(self, group: int, lr: float) -> float:
        return self._next(group, lr, 0)

    def _set(self, rates: Any) -> None:
        super()._set(rates)
        if self.cycle_momentum:
            for i in range(len(self.base_lrs)):
                _set_momentum(self.optimizer, i, self._momentum(i, self.last_epoch))

    def _momentum(self, group: int, epoch: int) -> float:
        raise NotImplementedError


@final
class CyclicLR(_Cycle):
    """Go from one rate to another and back in lines, again and again.

    Parameters
    ----------
    optimizer : Optimizer
    base_lr, max_lr : float, or list of float
        The lowest and the highest rate; a list has one for each group.
    step_size_up : int
        The steps from the lowest to the highest.
    step_size_down : int, optional
        And back; as many, where it is left out.
    mode : {"triangular", "triangular2", "exp_range"}
        Each cycle is as high as the first, half as high as the one before, or ``gamma**step``
        of the first.
    gamma : float
        For ``"exp_range"``.
    scale_fn : callable, optional
        How high a cycle is, instead of ``mode``: a function of its number, from 1 on, or of the
        step.
    scale_mode : {"cycle", "iterations"}
        What ``scale_fn`` is given.
    cycle_momentum : bool
        Let the momentum, or the first of the ``betas``, go the other way.
    base_momentum, max_momentum : float, or list of float
        The lowest and the highest momentum.

    Notes
    -----
    Smith, Cyclical learning rates for training neural networks, 2017. Call ``step()`` after each
    batch.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD(nn.Dense(1, 1, rng=0).parameters(), momentum=0.9)
    >>> schedule = CyclicLR(optimizer, base_lr=0.5, max_lr=1.0, step_size_up=2)
    >>> rates = []
    >>> for _ in range(5):
    ...     rates.append((optimizer.learning_rate, round(optimizer.momentum, 2)))
    ...     schedule.step()
    >>> rates
    [(0.5, 0.9), (0.75, 0.85), (1.0, 0.8), (0.75, 0.85), (0.5, 0.9)]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.8,
        max_momentum: float | list[float] = 0.9,
    ) -> None:
        checked_optimizer("CyclicLR", optimizer)
        _one_of("CyclicLR", "mode", mode, ("triangular", "triangular2", "exp_range"))
        _one_of("CyclicLR", "scale_mode", scale_mode, ("cycle", "iterations"))
        lowest = per_group("CyclicLR", "base_lr", base_lr, optimizer)
        self.max_lrs = per_group("CyclicLR", "max_lr", max_lr, optimizer)
        up = whole("CyclicLR", "step_size_up", step_size_up)
        down = up if step_size_down is None else whole("CyclicLR", "step_size_down", step_size_down)
        self.total_size, self.step_ratio = up + down, up / (up + down)
        self.mode, self.gamma, self.scale_fn = mode, gamma, scale_fn
        by_cycle = scale_mode == "cycle" if scale_fn else mode != "exp_range"
        self.scale_mode = "cycle" if by_cycle else "iterations"
        self.cycle_momentum = cycle_momentum
        self.base_momentums = per_group("CyclicLR", "base_momentum", base_momentum, optimizer)
        self.max_momentums = per_group("CyclicLR", "max_momentum", max_momentum, optimizer)
        if cycle_momentum:
            _check_momentum("CyclicLR", optimizer, self.base_momentums + self.max_momentums)
        self._lowest = [float(lr) for lr in lowest]
        for i, lr in enumerate(self._lowest):
            put(optimizer, i, "learning_rate", lr)
        super().__init__(optimizer)
        self.base_lrs = [*self._lowest]

    def _height(self, epoch: int) -> float:
        """Return how far the cycle is from the lowest rate, the highest being 1."""
        cycle = floor(1 + epoch / self.total_size)
        x = 1.0 + epoch / self.total_size - cycle
        up = x <= self.step_ratio
        height = x / self.step_ratio if up else (x - 1) / (self.step_ratio - 1)
        if self.scale_fn is not None:
            scale = self.scale_fn(cycle if self.scale_mode == "cycle" else epoch)
        elif self.mode == "exp_range":
            scale = self.gamma**epoch
        else:
            scale = 1.0 if self.mode == "triangular" else 1 / 2.0 ** (cycle - 1)
        return height * scale

    def _next(self, group: int, lr: float, epoch: int) -> float:
        base = self._lowest[group]
        return float(base + (self.max_lrs[group] - base) * self._height(epoch))

    def _momentum(self, group: int, epoch: int) -> float:
        most = self.max_momentums[group]
        return float(most - (most - self.base_momentums[group]) * self._height(epoch))


@final
class OneCycleLR(_Cycle):
    """Go up to the highest rate once, and down to far below the first.

    Parameters
    ----------
    optimizer : Optimizer
    max_lr : float, or list of float
        The highest rate; a list has one for each group.
    total_steps : int, optional
        How often ``step()`` will be called; or ``epochs * steps_per_epoch``.
    epochs, steps_per_epoch : int, optional
    pct_start : float
        The part of the steps that go up.
    anneal_strategy : {"cos", "linear"}
        Half a cosine, or a line.
    cycle_momentum : bool
        Let the momentum, or the first of the ``betas``, go the other way.
    base_momentum, max_momentum : float, or list of float
        The lowest and the highest momentum.
    div_factor : float
        The highest rate by the first.
    final_div_factor : float
        The first rate by the last.
    three_phase : bool
        Go down to the first rate as fast as up, and from there to the last.

    Notes
    -----
    Smith and Topin, Super-convergence: very fast training of neural networks using large learning
    rates, 2019. Call ``step()`` after each batch; more than ``total_steps`` calls are an error.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.Adam(nn.Dense(1, 1, rng=0).parameters())
    >>> schedule = OneCycleLR(optimizer, max_lr=1.0, total_steps=10, anneal_strategy="linear")
    >>> rates = []
    >>> for _ in range(4):
    ...     rates.append((round(optimizer.learning_rate, 2), round(optimizer.betas[0], 2)))
    ...     schedule.step()
    >>> rates
    [(0.04, 0.95), (0.52, 0.9), (1.0, 0.85), (0.86, 0.86)]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
    ) -> None:
        checked_optimizer("OneCycleLR", optimizer)
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise DomainError(
                    "OneCycleLR needs total_steps, or both epochs and steps_per_epoch"
                )
            whole("OneCycleLR", "epochs", epochs)
            total_steps = epochs * whole("OneCycleLR", "steps_per_epoch", steps_per_epoch)
        self.total_steps = total = whole("OneCycleLR", "total_steps", total_steps)
        if not 0 <= pct_start <= 1:
            raise DomainError(f"OneCycleLR: pct_start must be between 0 and 1: {pct_start}")
        _one_of("OneCycleLR", "anneal_strategy", anneal_strategy, ("cos", "linear"))
        self.anneal_strategy = anneal_strategy
        most = per_group("OneCycleLR", "max_lr", max_lr, optimizer)
        first = [lr / div_factor for lr in most]
        last = [lr / final_div_factor for lr in first]
        self.cycle_momentum = cycle_momentum
        low = per_group("OneCycleLR", "base_momentum", base_momentum, optimizer)
        high = per_group("OneCycleLR", "max_momentum", max_momentum, optimizer)
        if cycle_momentum:
            _check_momentum("OneCycleLR", optimizer, low + high)
        self._ends = [pct_start * total - 1, 2 * pct_start * total - 2, total - 1]
        self._rates, self._momenta = [first, most, first, last], [high, low, high, high]
        if not three_phase:
            del self._ends[1], self._rates[2], self._momenta[2]
        for i, lr in enumerate(first):
            put(optimizer, i, "learning_rate", lr)
            optimizer._initial_rates[i] = lr
        super().__init__(optimizer)

    def _between(self, values: list[list[float]], group: int, epoch: int) -> float:
        """Return where an epoch is between the values at the ends of its phase."""
        phase, start = 0, 0.0
        while epoch > self._ends[phase] and phase < len(self._ends) - 1:
            start = self._ends[phase]
            phase += 1
        length = self._ends[phase] - start
        done = (epoch - start) / length if length else 1.0
        one, other = values[phase][group], values[phase + 1][group]
        if self.anneal_strategy == "linear":
            return (other - one) * done + one
        return other + (one - other) / 2.0 * (cos(pi * done) + 1)

    def _next(self, group: int, lr: float, epoch: int) -> float:
        if epoch > self.total_steps:
            raise DomainError(
                f"OneCycleLR: step() was called {epoch} times, and total_steps is "
                f"{self.total_steps}"
            )
        return self._between(self._rates, group, epoch)

    def _momentum(self, group: int, epoch: int) -> float:
        return self._between(self._momenta, group, epoch)


def _one_of(owner: str, name: str, value: str, values: tuple[str, ...]) -> None:
    if value not in values:
        known = ", ".join(f'"{x}"' for x in values)
        raise DomainError(f"{owner}: {name} must be one of {known}, not {value!r}")


def _check_momentum(owner: str, optimizer: Optimizer, momenta: list[float]) -> None:
    if not {"momentum", "betas"} & {*optimizer._kinds}:
        raise DomainError(
            f"{owner}: {type(optimizer).__name__} has neither momentum nor betas; set "
            "cycle_momentum=False"
        )
    for momentum in momenta:
        if not 0 <= momentum < 1:
            raise DomainError(f"{owner}: a momentum must be at least 0 and below 1: {momentum}")


def _set_momentum(optimizer: Optimizer, group: int, momentum: float) -> None:
    if "betas" not in optimizer._kinds:
        put(optimizer, group, "momentum", momentum)
        return
    betas = get(optimizer, group, "betas")
    own = "betas" in optimizer.groups[group] or len(optimizer.groups) == 1
    if own and isinstance(betas, list):
        betas[0] = momentum  # in place: a captured step takes it for a number that changes
    else:
        put(optimizer, group, "betas", [momentum, betas[1]])
