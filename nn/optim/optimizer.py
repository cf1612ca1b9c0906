"""Optimizer: what all optimizers share: groups of parameters, settings, state, and its saving."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, as_tensor
from autograd_lite.errors import DomainError, DTypeError, GraphError, ShapeError, StateDictError
from nn.optim.real_values import as_real, zeros_like
from nn.optim.settings import Kind, checked, finite
from nn.state import fitting

Array: TypeAlias = npt.NDArray[Any]
Parameters: TypeAlias = Iterable[Tensor] | Iterable[Mapping[str, Any]]
"""The parameters to train, or groups of them: dicts with ``"parameters"``, and settings."""
Settings: TypeAlias = Mapping[str, Any]
"""The settings of a group, as they are in this step."""
Due: TypeAlias = tuple[int, Tensor, Any, Any, Any]
"""A parameter that has a gradient: its position, itself, and its data; then its values and its
gradient as real arrays with axes."""


class Optimizer(ABC):
    """Base class of the optimizers: groups of parameters, their state, and the step.

    Parameters
    ----------
    parameters : iterable of Tensor, or of dict
        Leaves that require a gradient, such as ``model.parameters()``. Or groups of them, each a
        dict with ``"parameters"`` and the settings in which it differs from the others.

    Attributes
    ----------
    learning_rate : float
        It and the other settings are attributes. They may be changed, to what the constructor
        takes; the next step reads them.
    groups : list of dict
        ``"parameters"``, and the group's own settings. What a group doesn't have is read from the
        optimizer's attributes.
    parameters : list of Tensor
        Those of all groups.

    Raises
    ------
    DomainError
        If a setting is out of range or unknown, there are no parameters, or one is given twice.
    GraphError
        If one isn't a leaf that requires a gradient, or is read-only.

    Notes
    -----
    Parameters are updated in place; a backward pass through a graph that was recorded before a
    step raises an error where it would read the old values. Parameters of float16 are updated in
    float32, and rounded. Complex ones are updated as pairs of real numbers, as in PyTorch.
    """

    _kinds: ClassVar[Mapping[str, Kind]]
    _not_negative: ClassVar[frozenset[str]] = frozenset()
    """The arrays of the state that have no negative values, such as averages of squares."""

    learning_rate: float

    def __init__(self, parameters: Parameters) -> None:
        self.parameters: list[Tensor] = []
        self.groups: list[dict[str, Any]] = []
        self._group_of: list[int] = []
        self._names_of: list[tuple[str, ...]] = []
        self._states: list[tuple[Any, ...]] = []
        self._steps = np.zeros(0)
        self._initial_rates: dict[int, float] = {}  # by group, for schedules
        if isinstance(parameters, Tensor | Mapping):
            parameters = [parameters]  # type: ignore[assignment]
        elif not isinstance(parameters, Iterable):
            raise GraphError(
                f"{self._name} needs parameters, as from model.parameters(), not {parameters!r:.80}"
            )
        given: list[Any] = [*parameters]
        if not given:
            raise DomainError(f"{self._name} needs at least one parameter that requires a gradient")
        if all(isinstance(x, Mapping) for x in given):
            for group in given:
                self.add_group(group)
        else:
            self.add_group({"parameters": given})

    # ------------------------------------------------------------------ for each optimizer

    @abstractmethod
    def _settings(self) -> dict[str, Any]:
        """Return the settings as they are now, by name."""

    def _check(self, settings: Settings) -> None:
        """Raise a DomainError if settings contradict each other."""
        return

    def _state_names(self, settings: Settings) -> tuple[str, ...]:
        """Return the names of the arrays that are kept for each parameter."""
        return ()

    def _new_state(self, name: str, values: Any, settings: Settings) -> Any:
        """Return such an array, before the first step."""
        return zeros_like(values)

    def __setattr__(self, name: str, value: Any) -> None:
        # a float of another type is capture's: to ask for its value would make it a constant
        traced = isinstance(value, float) and type(value) not in (float, np.float64)
        if name in self._kinds and not traced:
            value = checked(self._name, name, value, self._kinds[name])
        super().__setattr__(name, value)

    # ------------------------------------------------------------------ groups

    @property
    def _name(self) -> str:
        return type(self).__name__

    def add_group(self, group: Mapping[str, Any]) -> None:
        """Train more parameters, such as layers that were frozen at first.

        Parameters
        ----------
        group : mapping
            ``"parameters"``, and the settings in which the group differs from the optimizer's.

        Raises
        ------
        DomainError, GraphError
            As from the constructor. Nothing is added then.
        """
        given = group.get("parameters", ())
        parameters = [given] if isinstance(given, Tensor) else [*given]
        start = len(self.parameters)
        if not parameters:
            raise DomainError(
                f"{self._name}: a group needs 'parameters', at least one that requires a gradient"
            )
        for position, p in enumerate(parameters, start):
            if not isinstance(p, Tensor) or not p.requires_grad or p.op is not None:
                raise GraphError(
                    f"{self._name}: parameter {position} is not a leaf Tensor that requires a "
                    "gradient; give model.parameters()"
                )
            if not p.data.flags.writeable:
                raise GraphError(
                    f"{self._name}: the data of parameter {position} is read-only, and can't be "
                    "updated in place; make the parameter with Tensor(...), which copies"
                )
        together = self.parameters + parameters
        if len(set(together)) < len(together):
            raise DomainError(f"{self._name} was given a parameter twice; give each once")
        own = self._checked({name: x for name, x in group.items() if name != "parameters"})
        settings = {**self._settings(), **own}
        self._check(settings)
        names = self._state_names(settings)
        self._states += [
            tuple([self._new_state(name, as_real(p.data), settings) for name in names])
            for p in parameters
        ]
        self._names_of.append(names)
        self._steps = np.append(self._steps, np.zeros(len(parameters)))
        self._group_of += [len(self.groups)] * len(parameters)
        self.parameters = together
        self.groups.append({"parameters": parameters, **own})

    def _checked(self, settings: Settings) -> dict[str, Any]:
        """Return settings of a group as plain values."""
        self._require_known(settings)
        return {
            name: checked(self._name, name, value, self._kinds[name])
            for name, value in settings.items()
        }

    def _require_known(self, settings: Settings) -> None:
        for name in settings:
            if name not in self._kinds and name != "parameters":
                raise DomainError(
                    f"{self._name} has no setting {name!r}; it has {', '.join(self._kinds)}"
                )

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self._settings().items())
        groups = f" in {len(self.groups)} groups" if len(self.groups) > 1 else ""
        return f"{self._name}({shown}): {len(self.parameters)} parameters{groups}"

    # ------------------------------------------------------------------ saving

    def state_dict(self) -> dict[str, Array]:
        """Return copies of all settings and of the state of each parameter, by flat names.

        The names are ``"groups.0.learning_rate"`` and so on for the settings of each group,
        ``"groups.0.parameters"`` for the positions of its parameters, ``"steps"`` for how many
        steps each parameter had, if that counts, and ``"parameters.0.mean"`` and so on for the
        arrays that are kept for each parameter. These have the parameter's shape; complex ones have
        a last axis for real and imaginary part, and those of parameters without axes have one. All
        values are arrays, so they can go to ``np.savez`` or ``safetensors.numpy.save_file``.
        """
        return {name: array.copy() for name, array in self._saved().items()}

    def _saved(self) -> dict[str, Array]:
        saved: dict[str, Array] = {"steps": self._steps}
        numbers = np.array(self._group_of)
        for number, group in enumerate(self.groups):
            saved[f"groups.{number}.parameters"] = np.flatnonzero(numbers == number)
            for name, value in {**self._settings(), **group}.items():
                if name != "parameters":
                    saved[f"groups.{number}.{name}"] = np.array(value)
        for position, state in enumerate(self._states):
            names = self._names_of[self._group_of[position]]
            for name, array in zip(names, state, strict=True):
                saved[f"parameters.{position}.{name}"] = array
        return saved

    def load_state_dict(self, state: Mapping[str, npt.ArrayLike]) -> None:
        """Go on from what ``state_dict()`` of an optimizer for the same parameters has returned.

        The parameters themselves are the model's to load.

        Raises
        ------
        StateDictError
            If names, shapes or values don't fit. Nothing is changed then.
        """
        own = self._like(state)
        arrays: dict[str, Array] = fitting(
            {n: as_tensor(a) for n, a in own.items()}, state, self._name
        )
        settings = self._fitting_settings(arrays)
        self._check_values(arrays)
        self._set(settings)
        self._take(arrays)

    def _like(self, state: Mapping[str, npt.ArrayLike]) -> dict[str, Array]:
        """Return arrays of the names, shapes and dtypes that a state must have."""
        return self._saved()

    def _check_values(self, arrays: Mapping[str, Array]) -> None:
        """Raise a StateDictError for values that no optimizer can have."""
        own = self._saved()
        for name, array in arrays.items():
            if name.endswith(".parameters"):
                fits = np.array_equal(array, own[name])
            elif name in ("steps", "counted"):
                fits = bool(np.all((array >= 0) & (array == np.floor(array))))
            else:
                never = name.rpartition(".")[2] in self._not_negative
                fits = not (never and bool(np.any(array < 0)))
            if not fits:
                raise self._unfit(f"not loadable: {name} has values that it can't have")

    def _take(self, arrays: Mapping[str, Array]) -> None:
        """Write the state of the parameters."""
        own = self._saved()
        for name, array in arrays.items():
            if name == "steps" or name.startswith("parameters."):
                own[name][...] = array

    def _fitting_settings(self, arrays: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the settings of each group in a state that was loaded, after checking them."""
        found = []
        for number in range(len(self.groups)):
            given = {name: arrays[f"groups.{number}.{name}"].tolist() for name in self._kinds}
            try:
                rate = checked(self._name, "learning_rate", given.pop("learning_rate"), finite)
                settings = {"learning_rate": rate, **self._checked(given)}
                self._check(settings)
                self._check_state(number, settings)
            except DomainError as error:
                raise self._unfit(f"not loadable: {error}") from error
            found.append(settings)
        return found

    def _unfit(self, problem: str) -> StateDictError:
        return StateDictError(
            f"this state doesn't fit {self._name}, and nothing was loaded: {problem}"
        )

    def _check_state(self, number: int, settings: Settings) -> None:
        """Raise a DomainError if settings need arrays that the parameters don't have."""
        needed, own = self._state_names(settings), self._names_of[number]
        missing = needed != own and {*needed} - {*own}
        if missing:
            raise DomainError(
                f"{self._name}: a setting has become one that needs {sorted(missing)} for each "
                "parameter from the first step on; make a new optimizer"
            )

    def _set(self, settings: list[dict[str, Any]]) -> None:
        """Set the settings of all groups: the optimizer's attributes, where a group has none."""
        inherited: dict[str, Any] = {}
        for group, new in zip(self.groups, settings, strict=True):
            for name, value in new.items():
                if name in group or inherited.setdefault(name, value) != value:
                    group[name] = value
        for name, value in inherited.items():
            super().__setattr__(name, value)  # was checked

    # ------------------------------------------------------------------ the step

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for p in self.parameters:
            p.grad = None

    @abstractmethod
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient, or none if one gradient doesn't fit."""

    def _due(self) -> list[Due]:
        """Return what is to be updated, after looking at all gradients."""
        if len(self.parameters) != len(self._states):
            raise DomainError(
                f"{self._name}: optimizer.parameters has {len(self.parameters)} parameters, and "
                f"was made with {len(self._states)}; to leave one out, set its requires_grad to "
                "False, and to add some, use add_group"
            )
        for group in self.groups:
            self._require_known(group)  # a group's "lr" would change nothing
        due = []
        for position, p in enumerate(self.parameters):
            grad: Any = p.grad
            if grad is None or not p.requires_grad:
                continue
            data: Any = p.data
            g = grad.data if type(grad) is Tensor else None
            if g is None or g.dtype != data.dtype:
                raise DTypeError(
                    f"{self._name}: the grad of parameter {position} must be a Tensor of dtype "
                    f"{data.dtype}, not {grad!r}"
                )
            if g.shape != data.shape:
                raise ShapeError(
                    f"{self._name}: the grad of parameter {position} has shape {g.shape}, needs "
                    f"{data.shape}"
                )
            if data.ndim and data.dtype.char in "fd":
                due.append((position, p, data, data, g))
            else:
                due.append((position, p, data, as_real(data), as_real(g)))
        return due
