"""Module: a function with parameters, found by plain reflection over its attributes."""

import dataclasses
from abc import ABCMeta
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set, ValuesView
from functools import partial
from types import FrameType, MethodType, ModuleType
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, as_tensor
from autograd_lite.errors import (
    AutogradLiteError,
    ForeignOperandError,
    GraphError,
    NonFiniteError,
    StateDictError,
    UnsupportedError,
)

T = TypeVar("T")


class _Checked(ABCMeta):
    """Refuses parameters that a class or its constructor leaves where they aren't found."""

    def __init__(
        cls, name: str, bases: tuple[type, ...], space: dict[str, Any], **options: Any
    ) -> None:
        super().__init__(name, bases, space)
        if bases:
            _check_class(name, space)

    def __call__(cls: type[T], *args: Any, **kwargs: Any) -> T:
        module: T = super().__call__(*args, **kwargs)  # type: ignore[misc]
        if isinstance(module, Module):
            _check_constructed(module)
        return module


class Module(metaclass=_Checked):
    """A function with parameters: assign tensors and modules as attributes, write ``forward``.

    Tensors, modules, and containers of them are found in the order in which they were assigned,
    under dotted names such as ``"layers.0.weight"``. Containers are lists, dicts, other sequences
    and mappings, and dataclasses, but no sets, which have no order. There is nothing to register
    and no ``super().__init__()`` to call.

    Attributes
    ----------
    training : bool
        Set by :meth:`train` and :meth:`eval`, for modules that behave differently in training.

    Raises
    ------
    GraphError
        From the constructor, if it leaves the recorded result of an op in an attribute, such as
        ``Tensor(values, requires_grad=True) * 0.1``, which wouldn't be a parameter. Results that
        ``forward`` leaves are allowed; they aren't saved.
    UnsupportedError
        If there are tensors or modules in a set, parameters in an attribute of the class, or some
        that the constructor leaves in an object that is neither a module nor a container.

    Examples
    --------
    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope = Tensor(2.0, requires_grad=True)
    ...         self.offset = Tensor(1.0, requires_grad=True)
    ...     def forward(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line()
    >>> line(3.0).item()
    7.0
    >>> [name for name, _ in line.named_parameters()]
    ['slope', 'offset']
    """

    training: bool = True

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; calling the module does it. Every module defines its own."""
        raise NotImplementedError(f"{type(self).__name__} needs a method forward(self, ...)")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs, by ``forward``; errors of the library tell where in the model."""
        try:
            return self.forward(*args, **kwargs)
        except AutogradLiteError as error:
            self._add_place_to(error)
            raise

    def _add_place_to(self, error: AutogradLiteError) -> None:
        """Name this module in an error that its ``forward`` has raised."""
        inner = module_below(error)
        kind = type(self).__name__
        if inner is None:
            add_place(error, self.signature())
        if inner is None or inner is self:  # itself: it is called by itself, or raised it again
            return
        names = (name for name, module in self.named_modules() if module is inner and name)
        try:
            name = next(names, None)
        except UnsupportedError:  # forward left tensors in a set; that isn't what went wrong
            name = None
        add_place(error, kind if name is None else f"layer {name} of {kind}")

    def signature(self) -> str:
        """Return how ``repr`` shows this module itself, without its children."""
        return type(self).__name__

    def named_modules(self) -> Iterator[tuple[str, "Module"]]:
        """Yield this module (named ``""``) and all those in it, with their dotted names."""
        return ((at.name, at.value) for at in _walk(self) if isinstance(at.value, Module))

    def named_tensors(self) -> Iterator[tuple[str, Tensor]]:
        """Yield what ``state_dict()`` saves: every leaf tensor, with its dotted name.

        Raises
        ------
        StateDictError
            If two tensors have the same name, as in ``{"a.b": x, "a": {"b": y}}``.
        """
        seen: dict[str, Place] = {}
        for at in _walk(self):
            if not isinstance(at.value, Tensor) or at.value.op is not None:
                continue
            other = seen.setdefault(at.name, at)
            if other.value is not at.value:
                raise StateDictError(
                    f"two tensors of this {type(self).__name__} have the name {at.name}: "
                    f"self{other.path} and self{at.path}; give one another key"
                )
            yield at.name, at.value

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """Yield the tensors that require a gradient, each once, under its first name."""
        seen = set()
        for name, tensor in self.named_tensors():
            if tensor.requires_grad and tensor not in seen:
                seen.add(tensor)
                yield name, tensor

    def parameters(self) -> list[Tensor]:
        """Return the tensors that require a gradient, in definition order, each once."""
        return [tensor for _, tensor in self.named_parameters()]

    def zero_grad(self) -> None:
        """Forget the gradients of all tensors, those of frozen parameters too."""
        for _, tensor in self.named_tensors():
            tensor.zero_grad()

    def train(self, mode: bool = True) -> None:
        """Set ``training`` here and in every module inside."""
        for _, module in self.named_modules():
            object.__setattr__(module, "training", mode)  # of a frozen dataclass too

    def eval(self) -> None:
        """Leave training mode, here and in every module inside."""
        self.train(False)

    def state_dict(self) -> dict[str, npt.NDArray[Any]]:
        """Return copies of the values of every leaf tensor, by dotted name.

        Constants are saved too, since they may be state. The arrays can go to ``np.savez`` or
        ``safetensors.numpy.save_file`` as they are.
        """
        return {name: tensor.data.copy() for name, tensor in self.named_tensors()}

    def load_state_dict(self, state: Mapping[str, npt.ArrayLike]) -> None:
        """Load values saved by ``state_dict()``; they are copied, and dtypes stay the module's.

        Parameters
        ----------
        state : mapping of str to array_like
            With exactly the names and shapes of this module's own ``state_dict()``.

        Raises
        ------
        StateDictError
            If a name is missing or unexpected, or values don't fit. All problems are listed at
            once, and nothing is loaded.
        """
        own = dict(self.named_tensors())
        problems = [f"missing: {name}" for name in own if name not in state]
        problems += [f"unexpected: {name}" for name in state if name not in own]
        arrays = {}
        for name, tensor in own.items():
            if name not in state:
                continue
            values = state[name]
            try:
                array = np.asarray(values.data if isinstance(values, Tensor) else values)
                if type(values) is not np.ndarray and array.dtype.kind in "biufc":
                    as_tensor(values)  # an error where it means more than its numbers
            except ForeignOperandError as error:
                problems.append(f"not loadable: {name}: {error}")
                continue
            except ValueError:
                problems.append(f"not loadable: {name} is ragged")
                continue
            if array.shape != tensor.shape:
                problems.append(f"misshapen: {name} has {array.shape}, needs {tensor.shape}")
            elif array.dtype.kind not in "biuf" or (
                array.dtype.kind == "f" and tensor.dtype.kind != "f"
            ):
                problems.append(f"not loadable: {name} has dtype {array.dtype}")
            else:
                with np.errstate(over="ignore"):
                    arrays[name] = array.astype(tensor.dtype, copy=False)  # .data copies
                if not np.array_equal(np.isfinite(arrays[name]), np.isfinite(array)) or (
                    tensor.dtype.kind != "f" and not np.array_equal(arrays[name], array)
                ):
                    problems.append(f"not loadable: {name} has values beyond {tensor.dtype}")
        if problems:
            raise StateDictError(
                f"this state doesn't fit {type(self).__name__}, and nothing was loaded: "
                + "; ".join(problems)
            )
        for name, array in arrays.items():
            own[name].data = array

    def __repr__(self) -> str:
        lines = []
        for name, module in self.named_modules():
            size = sum(parameter.size for parameter in module.parameters())
            line = f"{name}: {module.signature()}" if name else module.signature()
            if size:
                line += f": {size:,} parameters"
            lines.append("  " * (name.count(".") + 1 if name else 0) + line)
        return "\n".join(lines)


def frames_below(error: BaseException) -> Iterator[FrameType]:
    """Yield the frames that an error has ended, from the handler's own, left out, to the raise."""
    traceback = error.__traceback__
    while traceback is not None and (traceback := traceback.tb_next) is not None:
        yield traceback.tb_frame


def module_below(error: BaseException) -> Module | None:
    """Return the outermost module among those whose calls an error has ended."""
    below = (f.f_locals["self"] for f in frames_below(error) if is_module_call(f))
    return next(below, None)


def is_module_call(frame: FrameType) -> bool:
    """Return True for the frame of a call of a module."""
    return frame.f_code is Module.__call__.__code__


def add_place(error: AutogradLiteError, place: str) -> None:
    """Tell where an error was: the innermost place in its message, those around it in notes."""
    if isinstance(error, NonFiniteError):  # trace_nans has named the layer
        return
    before = error.args
    message = str(error)
    if before == (message,) and module_below(error) is None:
        error.args = (f"{message}; in {place}",)
        if str(error) != message:
            return
        error.args = before  # a text of its own, not made of the arguments
    error.add_note(f"in {place}")


class Place(NamedTuple):
    """Something in a module: its dotted name, how to get at it from ``self``, and itself."""

    name: str
    path: str
    value: Any


def own_tensors(module: Module) -> Iterator[Place]:
    """Yield the tensors in a module's attributes and their containers, not in its modules."""
    for at in _walk(module, into_modules=False):
        if isinstance(at.value, Tensor):
            yield at


def _walk(
    value: Any, above: tuple[Any, ...] = (), *, at: Place | None = None, into_modules: bool = True
) -> Iterator[Place]:
    """Yield what is in ``value``, itself included, depth first, in definition order."""
    if any(value is container for container in above):  # a module that knows its parent
        return
    at = at or Place("", "", value)
    yield at
    if isinstance(value, Tensor) or (isinstance(value, Module) and above and not into_modules):
        return
    for key, step, child in _children(value, at):
        there = Place(f"{at.name}.{key}" if at.name else str(key), at.path + step, child)
        yield from _walk(child, (*above, value), at=there, into_modules=into_modules)


_NOT_NESTED = (str, bytes, bytearray, memoryview, range)


def _children(value: Any, at: Place) -> Iterator[tuple[Any, str, Any]]:
    """Yield what is in a module or container, with its key, and how Python writes that."""
    if isinstance(value, Module):
        yield from ((key, _attribute(key), child) for key, child in vars(value).items())
    elif isinstance(value, Mapping):
        yield from ((key, f"[{key!r}]", child) for key, child in value.items())
    elif isinstance(value, Sequence):
        if not isinstance(value, _NOT_NESTED):
            yield from ((key, f"[{key}]", child) for key, child in enumerate(value))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [f.name for f in dataclasses.fields(value) if hasattr(value, f.name)]
        yield from ((name, f".{name}", getattr(value, name)) for name in names)
    elif isinstance(value, Set | ValuesView) or (
        isinstance(value, np.ndarray) and value.dtype == object
    ):
        elements = value.flat if isinstance(value, np.ndarray) else value
        if any(isinstance(element, (Tensor, Module)) for element in elements):
            raise UnsupportedError(
                f"self{at.path} is a {type(value).__name__} of tensors or modules, where they "
                "have no names of their own; put them into a list or a dict"
            )


def _attribute(name: str) -> str:
    return f".{name!r}" if "." in name else f".{name}"


def _check_class(name: str, space: Mapping[str, Any]) -> None:
    slots = space.get("__slots__", ())
    if {*([slots] if isinstance(slots, str) else slots)} - {"__dict__", "__weakref__"}:
        raise UnsupportedError(
            f"{name}: what is in __slots__ isn't found in a module; leave slots out"
        )
    for key, value in space.items():
        found = [at.value for at in _walk(value) if isinstance(at.value, Tensor)]
        if any(tensor.requires_grad for tensor in found):
            raise UnsupportedError(
                f"{name}.{key} is an attribute of the class, which isn't found in a module; assign "
                "it in __init__, or use dataclasses.field(default_factory=...)"
            )


def _check_constructed(module: Module) -> None:
    name = type(module).__name__
    for _, path, value in _walk(module, into_modules=False):
        if isinstance(value, Tensor) and value.op is not None and value.requires_grad:
            raise GraphError(
                f"{name}: self{path} is the recorded result of {value.op.name}, "
                "which is no parameter and would never be trained; compute the values first, as in "
                "Tensor(0.1 * values, requires_grad=True), or use the op in forward()"
            )
        hidden = _parameters_behind(value)
        if hidden and not hidden <= set(module.parameters()):
            advice = "derive its class from nn.Module, or put them into a list or a dict"
            if isinstance(value, MethodType):
                owner = type(value.__self__).__name__
                advice = f"give the {owner} itself, not its {value.__name__}"
            raise UnsupportedError(
                f"{name}: self{path} is a {type(value).__name__} that holds parameters, where they "
                f"aren't found; {advice}"
            )


def _parameters_behind(value: Any) -> set[Tensor]:
    """Return the parameters that an object, a method or a partial call holds by itself."""
    held: Iterable[Any] = ()
    if isinstance(value, partial):
        held = (value.func, *value.args, *value.keywords.values())
    elif isinstance(value, MethodType):
        held = (value.__self__,)
    elif not isinstance(value, Tensor | Module | ModuleType | type):
        held = getattr(value, "__dict__", {}).values()
    found = {x for x in held if isinstance(x, Tensor) and x.op is None and x.requires_grad}
    return found.union(*(x.parameters() for x in held if isinstance(x, Module)))
