"""Module: a function with parameters, found by plain reflection over its attributes."""

import sys
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import Any, ClassVar, TypeVar

import numpy.typing as npt

from autograd_lite import Tensor
from autograd_lite.errors import (
    AutogradLiteError,
    DomainError,
    DTypeError,
    GraphError,
    NonFiniteError,
    StateDictError,
    UnsupportedError,
)
from nn.reflection import Place, Reflected, declare, may_change_state, own_tensors, walk
from nn.state import fitting

M = TypeVar("M", bound="Module")


class Module(Reflected):
    """A function with parameters: assign tensors and modules as attributes, write ``forward``.

    Tensors, modules, and containers of them are found in the order in which they were assigned,
    under dotted names such as ``"layers.0.weight"``. Containers are lists, dicts, other sequences
    and mappings, and dataclasses, but no sets, which have no order. There is nothing to register
    and no ``super().__init__()`` to call.

    What a model consists of is declared: by its constructors, and by whoever assigns an attribute
    later from outside. Tensors that require a gradient are parameters; constants are state that is
    saved with them. What ``forward`` leaves in an attribute is neither, be it an output that is
    kept for a look, an input, or the state of a recurrence. :meth:`register_buffer` and
    :meth:`register_parameter` declare what ``forward`` is to create.

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
    transposed_in_torch: ClassVar[tuple[str, ...]] = ()
    """The parameters that PyTorch's layer of the same name keeps transposed."""

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
        return ((at.name, at.value) for at in walk(self) if isinstance(at.value, Module))

    def modules(self) -> Iterator["Module"]:
        """Yield this module and all those in it, each once."""
        return iter(dict.fromkeys(module for _, module in self.named_modules()))

    def named_children(self) -> Iterator[tuple[str, "Module"]]:
        """Yield the modules right below this one, each once, with their names."""
        seen = {self}
        for at in walk(self, into_modules=False):
            if isinstance(at.value, Module) and at.value not in seen:
                seen.add(at.value)
                yield at.name, at.value

    def children(self) -> Iterator["Module"]:
        """Yield the modules right below this one, each once."""
        return (child for _, child in self.named_children())

    def apply(self: M, f: Callable[["Module"], object]) -> M:
        """Call ``f`` with every module, inner ones first, this one last; return this module."""
        for child in self.children():
            child.apply(f)
        f(self)
        return self

    def named_tensors(self) -> Iterator[tuple[str, Tensor]]:
        """Yield what ``state_dict()`` saves: parameters and other state, with their dotted names.

        Raises
        ------
        StateDictError
            If two tensors have the same name, as in ``{"a.b": x, "a": {"b": y}}``.
        """
        seen: dict[str, Place] = {}
        for at in walk(self):
            if at.kind is None or at.kind == "transient":
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

    def named_buffers(self) -> Iterator[tuple[str, Tensor]]:
        """Yield the state that is no parameter, each once, under its first name."""
        seen = set()
        for at in walk(self):
            if at.kind in ("buffer", "transient") and at.value not in seen:
                seen.add(at.value)
                yield at.name, at.value

    def buffers(self) -> Iterator[Tensor]:
        """Yield the state that is no parameter, such as running statistics, each once."""
        return (tensor for _, tensor in self.named_buffers())

    def register_buffer(
        self, name: str, values: npt.ArrayLike | Tensor | None, persistent: bool = True
    ) -> None:
        """Assign state that isn't trained, such as running statistics, and declare it.

        Parameters
        ----------
        name : str
            Of the attribute.
        values : array_like, Tensor or None
            A tensor is taken as it is, others are copied into one.
        persistent : bool
            Whether ``state_dict()`` saves it.

        Raises
        ------
        GraphError
            If ``values`` is a tensor that requires a gradient.
        DomainError
            If ``name`` has a dot in it, or is an attribute of modules.

        Examples
        --------
        >>> model = Module()
        >>> model.register_buffer("mean", [0.0, 0.0])
        >>> model.register_buffer("seen", 0, persistent=False)
        >>> [name for name, _ in model.named_buffers()], list(model.state_dict())
        (['mean', 'seen'], ['mean'])
        """
        self._require_name(name)
        if isinstance(values, Tensor) and values.requires_grad:
            raise GraphError(
                f"{type(self).__name__}: the buffer {name} requires a gradient; give its "
                "detach(), or assign it with register_parameter"
            )
        tensor = values if values is None or isinstance(values, Tensor) else Tensor(values)
        object.__setattr__(self, name, tensor)
        declare(self, name, tensor, "buffer" if persistent else "transient")

    def register_parameter(self, name: str, parameter: Tensor | None) -> None:
        """Assign a parameter, and declare it; elsewhere than in ``forward``, assigning will do.

        Raises
        ------
        GraphError
            If it isn't a leaf that requires a gradient.
        DomainError
            If ``name`` has a dot in it, or is an attribute of modules.
        """
        self._require_name(name)
        if parameter is not None and not (parameter.requires_grad and parameter.op is None):
            raise GraphError(
                f"{type(self).__name__}: the parameter {name} must be a leaf that requires a "
                "gradient, as Tensor(values, requires_grad=True) makes it"
            )
        object.__setattr__(self, name, parameter)
        declare(self, name, parameter, "parameter")

    def _require_name(self, name: str) -> None:
        if not isinstance(name, str) or not name or "." in name or hasattr(Module, name):
            raise DomainError(
                f"{type(self).__name__}: {name!r} can't be the name of a tensor: it must be a "
                "string without dots, and no attribute of modules"
            )

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if may_change_state(self, name, value) and not _is_in_a_call():
            declare(self, name, value)

    def pre_activation_parameters(self) -> dict[str, list[Tensor]]:
        """Return the parameters that make this layer's pre-activations, for :func:`nn.deltas`.

        A pre-activation is the result of the op that takes the last of such a list that requires
        a gradient together with data. Override it in a layer that has several pre-activations, or
        whose last parameter has its part elsewhere.

        Returns
        -------
        dict of str to list of Tensor
            By what follows the layer's name, ``""`` for the name alone. By default, that is all
            parameters of its own.
        """
        own = [at.value for at in own_tensors(self) if at.kind == "parameter"]
        return {"": own} if own else {}

    def zero_grad(self) -> None:
        """Forget the gradients of all tensors, those of frozen parameters too."""
        for _, tensor in self.named_tensors():
            tensor.zero_grad()

    def train(self: M, mode: bool = True) -> M:
        """Set ``training`` here and in every module inside; return this module."""
        if not isinstance(mode, bool):
            raise DTypeError(f"{type(self).__name__}.train: True or False, not {mode!r}")
        for module in self.modules():
            object.__setattr__(module, "training", mode)  # of a frozen dataclass too
        return self

    def eval(self: M) -> M:
        """Leave training mode, here and in every module inside; return this module."""
        return self.train(False)

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
        arrays = fitting(own, state, type(self).__name__)
        for name, array in arrays.items():
            own[name].data = array  # which copies

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


def _is_in_a_call() -> bool:
    """Return True if a module computes its outputs somewhere up the stack."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if is_module_call(frame) or (
            frame.f_code.co_name == "forward" and isinstance(frame.f_locals.get("self"), Module)
        ):
            return True
        frame = frame.f_back
    return False


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
