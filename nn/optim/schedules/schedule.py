"""LRScheduler: what all schedules of the learning rate share."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any, Self

from autograd_lite.errors import DomainError, StateDictError
from nn.optim.optimizer import Optimizer
from nn.optim.settings import checked, finite
from nn.options import check_options, is_number


class LRScheduler(ABC):
    """Base class of the schedules: they set the learning rate, epoch by epoch.

    Making one sets the rate of epoch 0. Call :meth:`step` after each epoch, or after each batch if
    that is what the schedule counts, and after the optimizer's ``step()``. Outside of a captured
    step, as it counts in Python; captured steps see the new rate.

    If the optimizer has one group, its attribute ``learning_rate`` is set; if it has several, each
    gets a rate of its own.

    Parameters
    ----------
    optimizer : Optimizer

    Attributes
    ----------
    base_lrs : list of float
        The rate of each group before any schedule was made for the optimizer.
    last_epoch : int
        How many steps were made.

    Raises
    ------
    DomainError
        If a setting is out of range.
    """

    def __new__(cls, *args: Any, **options: Any) -> Self:
        """Check the options by their annotations, then make the schedule."""
        check_options(cls, args, options)
        return super().__new__(cls)

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = checked_optimizer(self._name, optimizer)
        groups = range(len(optimizer.groups))
        initial = optimizer._initial_rates
        self.base_lrs = [initial.setdefault(i, get(optimizer, i, "learning_rate")) for i in groups]
        self.last_epoch = 0
        self._last_lrs = [get(optimizer, i, "learning_rate") for i in groups]
        self._start()

    @property
    def _name(self) -> str:
        return type(self).__name__

    def _start(self) -> None:
        """Set the rates of epoch 0."""
        self._set([self._initial(i, lr) for i, lr in enumerate(self._current())])

    def _restart(self) -> None:
        """Set the rates of epoch 0, whatever was before: a sequence has come to this schedule."""
        self._begin()

    def _begin(self) -> None:
        """Set the rates of epoch 0, whatever was before: a sequence starts with this schedule."""
        self.last_epoch = 0
        self._set([self._initial(i, base) for i, base in enumerate(self.base_lrs)])

    @abstractmethod
    def _initial(self, group: int, lr: float) -> float:
        """Return the rate of epoch 0 for a group whose rate is ``lr``."""

    @abstractmethod
    def _next(self, group: int, lr: float, epoch: int) -> float:
        """Return the rate of an epoch for a group whose rate is ``lr`` in the epoch before."""

    def step(self) -> None:
        """Set the rates of the next epoch."""
        epoch = self.last_epoch + 1
        rates = self._checked(self._next(i, lr, epoch) for i, lr in enumerate(self._current()))
        self.last_epoch = epoch
        self._set(rates)

    def _current(self) -> list[float]:
        groups = range(len(self.base_lrs))
        if len(self.optimizer.groups) != len(groups):
            raise DomainError(
                f"{self._name}: the optimizer has got other groups since the schedule was made; "
                "make a new one"
            )
        return [get(self.optimizer, i, "learning_rate") for i in groups]

    def _checked(self, rates: Iterable[float]) -> list[float]:
        # behind its end, the line of a OneCycleLR leads below 0, as in PyTorch
        return [checked(self._name, "the learning rate", rate, finite) for rate in rates]

    def _set(self, rates: Sequence[float]) -> None:
        self._last_lrs = self._checked(rates)
        for i, rate in enumerate(self._last_lrs):
            put(self.optimizer, i, "learning_rate", rate)

    def get_last_lr(self) -> list[float]:
        """Return the rate of each group that was set last."""
        return [*self._last_lrs]

    def state_dict(self) -> dict[str, Any]:
        """Return where the schedule is: plain numbers and lists, which JSON can hold.

        The settings aren't in it: make the schedule as before, and load its state.
        """
        return self._plain()

    def _plain(self) -> dict[str, Any]:
        """Return the numbers, and lists of numbers, of the state."""
        return {
            "last_epoch": self.last_epoch,
            "base_lrs": [*self.base_lrs],
            "last_lrs": [*self._last_lrs],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what ``state_dict()`` has returned; the rates are set in the optimizer.

        Raises
        ------
        StateDictError
            If it isn't the state of such a schedule. Nothing is changed then.
        """
        self._check(state)
        self._take(state)

    def _check(self, state: Mapping[str, Any]) -> None:
        """Raise a StateDictError if a state doesn't fit."""
        own = self._plain()
        if not isinstance(state, Mapping):
            self._refuse([f"it is {state!r:.80}"])
        problems = [f"missing: {name}" for name in own if name not in state]
        problems += [f"unexpected: {name}" for name in state if name not in own]
        for name in own.keys() & state.keys():
            if not _alike(own[name], state[name]):
                problems.append(f"not loadable: {name} is {state[name]!r}")
        self._refuse(problems)

    def _refuse(self, problems: list[str]) -> None:
        if problems:
            raise StateDictError(
                f"this state doesn't fit {self._name}, and nothing was loaded: "
                + "; ".join(problems)
            )

    def _take(self, state: Mapping[str, Any]) -> None:
        self.last_epoch = state["last_epoch"]
        self.base_lrs = [float(lr) for lr in state["base_lrs"]]
        self._set(state["last_lrs"])


class FactorLR(LRScheduler):
    """Base class of the schedules that multiply the learning rate by a factor of the epoch.

    The rate is computed from ``base_lrs`` and the epoch alone, so no rounding adds up. If something
    else has changed the rate since the last step, such as another schedule or a person, what is
    there now is multiplied by the quotient of the two epochs' factors. So several schedules can be
    stepped one after the other, as in PyTorch.
    """

    _floor = 0.0
    """What the rate falls to; the factor is for what is above it."""

    @abstractmethod
    def _factor(self, epoch: int) -> float:
        """Return by what the rate of an epoch is multiplied."""

    def _initial(self, group: int, lr: float) -> float:
        return self._floor + (lr - self._floor) * self._factor(0)

    def _next(self, group: int, lr: float, epoch: int) -> float:
        above, factor = self.base_lrs[group] - self._floor, self._factor(epoch)
        before = self._factor(epoch - 1)
        if lr == self._floor + above * before:
            return self._floor + above * factor
        if before == 0:
            return lr + above * factor
        return self._floor + (lr - self._floor) * (factor / before)


def checked_optimizer(owner: str, optimizer: Any) -> Optimizer:
    """Return an optimizer, or raise a DomainError if it isn't one."""
    if not isinstance(optimizer, Optimizer):
        raise DomainError(f"{owner} needs an optimizer of nn.optim, not {optimizer!r}")
    return optimizer


def whole(owner: str, name: str, value: Any, least: int = 1) -> int:
    """Return a whole number, or raise a DomainError if it isn't one."""
    if not is_number(value) or not isfinite(value) or int(value) != value or value < least:
        raise DomainError(f"{owner}: {name} must be a whole number, at least {least}: {value!r}")
    return int(value)


def per_group(owner: str, name: str, value: Any, optimizer: Optimizer) -> list[Any]:
    """Return a value for each group: one for all, or a list of them."""
    length = len(optimizer.groups)
    if not isinstance(value, list | tuple):
        return [value] * length
    if len(value) != length:
        raise DomainError(
            f"{owner}: {name} has {len(value)} values, and the optimizer {length} groups; give one "
            "value for all groups, or a list with one for each"
        )
    return [*value]


def get(optimizer: Optimizer, group: int, name: str) -> Any:
    """Return a setting of a group."""
    own = optimizer.groups[group]
    return own[name] if name in own else getattr(optimizer, name)


def put(optimizer: Optimizer, group: int, name: str, value: Any) -> None:
    """Set a setting of a group: the optimizer's attribute, if it has no other groups."""
    own = optimizer.groups[group]
    if name in own or len(optimizer.groups) > 1:
        own[name] = value
    else:
        object.__setattr__(optimizer, name, value)  # was checked


def _alike(own: Any, given: Any) -> bool:
    """Return True for numbers that can stand for each other, and lists of them."""
    if isinstance(own, list):
        if not isinstance(given, list | tuple) or len(own) != len(given):
            return False
        return all(map(_alike, own, given))
    if isinstance(given, bool) or not isinstance(given, int | float):
        return False
    return (isinstance(given, int) and given >= 0) if isinstance(own, int) else isfinite(given)
