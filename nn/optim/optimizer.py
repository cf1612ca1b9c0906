"""Optimizer: what all optimizers share. Each says only how one parameter is updated."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, enable_grad
from autograd_lite.errors import DomainError, DTypeError, GraphError, ShapeError
from nn.optim.settings import Kind, checked

Array: TypeAlias = npt.NDArray[Any]
Parameters: TypeAlias = Iterable[Tensor] | Iterable[Mapping[str, Any]]
"""The parameters to train, or groups of them: dicts with ``"parameters"``, and settings."""


class _Due(NamedTuple):
    """A parameter that has a gradient: what an update needs, as real arrays with axes."""

    position: int
    parameter: Tensor
    data: Any
    values: Any
    grad: Any


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
        It and the other settings are attributes. They may be changed; the next step reads them.
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

    An optimizer of your own names its settings in ``_kinds``, and writes ``_settings`` and
    ``_update``; ``_state_names`` if it keeps arrays for each parameter. It computes with NumPy, and
    changes arrays in place. Then it can be captured as well.

    Examples
    --------
    >>> from nn.optim.settings import not_negative
    >>> class SignDescent(Optimizer):
    ...     _kinds = {"learning_rate": not_negative}
    ...     def __init__(self, parameters, learning_rate):
    ...         self.learning_rate = learning_rate
    ...         super().__init__(parameters)
    ...     def _settings(self):
    ...         return {"learning_rate": self.learning_rate}
    ...     def _update(self, p, g, state, settings, factors):
    ...         p -= settings["learning_rate"] * np.sign(g)
    >>> w = Tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = SignDescent([w], learning_rate=0.25)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    array([ 0.75, -1.75])
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
        for name, value in self._settings().items():
            setattr(self, name, checked(self._name, name, value, self._kinds[name]))
        given: list[Any] = (
            [parameters] if isinstance(parameters, Tensor | Mapping) else [*parameters]
        )
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

    def _check(self, settings: Mapping[str, Any]) -> None:
        """Raise a DomainError if settings contradict each other."""

    def _state_names(self, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the names of the arrays that are kept for each parameter."""
        return ()

    def _new_state(self, name: str, values: Any, settings: Mapping[str, Any]) -> Any:
        """Return such an array, before the first step."""
        return zeros_like(values)

    def _counts(self, settings: Mapping[str, Any]) -> bool:
        """Return True if updates depend on how many there were."""
        return False

    def _factors(self, settings: Mapping[str, Any], steps: Any) -> tuple[Any, ...]:
        """Return what depends on the number of steps, such as a correction of bias.

        Parameters
        ----------
        settings : mapping
        steps : array, float64
            For each parameter, which step this is for it, from 1 on.

        Returns
        -------
        tuple of array
            For each factor, an array with its value for each parameter.
        """
        return ()

    @abstractmethod
    def _update(
        self,
        p: Any,
        g: Any,
        state: tuple[Any, ...],
        settings: Mapping[str, Any],
        factors: list[Any],
    ) -> None:
        """Change the values ``p`` of a parameter and its state in place, given its gradient."""

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

    def _checked(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return settings of a group as plain values."""
        for name in settings:
            if name not in self._kinds:
                raise DomainError(
                    f"{self._name} has no setting {name!r}; it has {', '.join(self._kinds)}"
                )
        return {
            name: checked(self._name, name, value, self._kinds[name])
            for name, value in settings.items()
        }

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self._settings().items())
        groups = f" in {len(self.groups)} groups" if len(self.groups) > 1 else ""
        return f"{self._name}({shown}): {len(self.parameters)} parameters{groups}"

    # ------------------------------------------------------------------ the step

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for p in self.parameters:
            p.grad = None

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient, or none if one gradient doesn't fit.

        Frozen ones, with ``requires_grad = False``, stay as they are, even if they have a gradient.

        Parameters
        ----------
        closure : callable, optional
            Computes the loss and the gradients anew: ``zero_grad()``, ``backward()``. It is called
            first.

        Returns
        -------
        Tensor or None
            What ``closure`` returned.

        Raises
        ------
        ShapeError, DTypeError
            If a ``grad`` was set to something of another shape or dtype.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        due = self._due()
        if due:
            self._step(due)
        return loss

    def _due(self) -> list[_Due]:
        """Return what is to be updated, after looking at all gradients."""
        if len(self.parameters) != len(self._states):
            raise DomainError(
                f"{self._name}: optimizer.parameters has {len(self.parameters)} parameters, and "
                f"was made with {len(self._states)}; to leave one out, set its requires_grad to "
                "False, and to add some, use add_group"
            )
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
            due.append(_Due(position, p, data, as_real(data), as_real(g)))
        return due

    def _step(self, due: list[_Due]) -> None:
        # all that is read comes before all that is written: so a captured step writes at its end
        settings = [{**self._settings(), **group} for group in self.groups]
        for names, s in zip(self._names_of, settings, strict=True):
            missing = {*self._state_names(s)} - {*names}
            if missing:
                raise DomainError(
                    f"{self._name}: a setting was changed to one that needs {sorted(missing)} for "
                    "each parameter, from the first step on; make a new optimizer"
                )
        counted = any(map(self._counts, settings))
        where = slice(None) if len(due) == len(self.parameters) else [x.position for x in due]
        steps: Any = self._steps[where] + 1 if counted else None
        vectors: dict[tuple[int, Any], list[Any]] = {}
        factors = []
        for i, x in enumerate(due):
            number, dtype = self._group_of[x.position], x.values.dtype
            if (number, dtype) not in vectors:
                found = self._factors(settings[number], steps) if counted else ()
                vectors[number, dtype] = [
                    f.astype(dtype) if f.dtype.kind == "f" else f for f in found
                ]
            factors.append([f[i, ...] for f in vectors[number, dtype]])
        for x, f in zip(due, factors, strict=True):
            state = self._states[x.position]
            self._update(x.values, x.grad, state, settings[self._group_of[x.position]], f)
            if x.data.dtype == np.float16:
                np.copyto(x.data, x.values.reshape(x.data.shape), casting="same_kind")
            # setting data tells the graphs that were recorded earlier
            x.parameter.data = x.data
        if counted:
            self._steps[where] = steps


def as_real(x: Any) -> Any:
    """Return the values of an array as optimizers compute with them.

    They have at least one axis. Complex numbers have one more axis, with real and imaginary part.
    Both are views of the same memory. float16 becomes float32, a copy: squares soon leave the range
    of float16.
    """
    kind = x.dtype.kind
    if kind == "c" or not x.ndim:
        x = x[..., None]
    if kind == "c":
        x = x.view(np.float32 if x.dtype == np.complex64 else np.float64)
    return x.astype(np.float32) if x.dtype == np.float16 else x


def zeros_like(values: Any) -> Any:
    """Return zeros in the shape and memory order of a parameter; they cost no time until used."""
    flags = values.flags
    order: Any = "F" if flags.f_contiguous and not flags.c_contiguous else "C"
    return np.zeros(values.shape, values.dtype, order)


def descending(p: Any, g: Any, settings: Mapping[str, Any]) -> Any:
    """Return the gradient to descend along: its negative to maximize, with the L2 penalty's."""
    if settings["maximize"]:
        g = -g
    return g + settings["weight_decay"] * p if settings["weight_decay"] else g


def decayed(p: Any, g: Any, settings: Mapping[str, Any]) -> Any:
    """Shrink a parameter, if weight decay is decoupled, and return the gradient to descend along.

    Loshchilov and Hutter, Decoupled weight decay regularization, 2019.
    """
    if not settings["decoupled_weight_decay"]:
        return descending(p, g, settings)
    if settings["weight_decay"]:
        p *= 1 - settings["learning_rate"] * settings["weight_decay"]
    return -g if settings["maximize"] else g
