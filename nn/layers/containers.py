"""Layers that are made of other layers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
from typing import Any, Generic, TypeVar, overload

from autograd_lite import Tensor, TensorLike, as_tensor, concatenate
from autograd_lite.errors import AutogradLiteError, DomainError, DTypeError, ShapeError
from nn.module import Module, add_place, frames_below, is_module_call

L = TypeVar("L")
N = TypeVar("N", bound="_Numbered[Any]")


class _Numbered(Module, Generic[L]):
    """A list of layers, each an attribute that is named by its position."""

    def __init__(self, layers: Iterable[L]) -> None:
        self._put(list(layers))

    def _put(self, layers: list[L]) -> None:
        for position, layer in enumerate(layers):
            self._check(layer, position)
        for name in [name for name in vars(self) if name.isdecimal()]:
            delattr(self, name)
        for position, layer in enumerate(layers):
            setattr(self, str(position), layer)

    def _check(self, layer: Any, position: int) -> None:
        """Raise a DTypeError if a layer can't stand here."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[L]:
        return (layer for name, layer in vars(self).items() if name.isdecimal())

    def __len__(self) -> int:
        return sum(name.isdecimal() for name in vars(self))

    def _of(self, layers: list[Any]) -> Any:
        """Return a container that has some of the same layers."""
        raise NotImplementedError

    @overload
    def __getitem__(self, position: int) -> L: ...
    @overload
    def __getitem__(self, position: slice) -> Any: ...
    def __getitem__(self, position: int | slice) -> Any:
        """Return the layer at a position, or a container of those in a slice."""
        layers = list(self)
        return self._of(layers[position]) if isinstance(position, slice) else layers[position]

    def __setitem__(self, position: int, layer: L) -> None:
        layers = list(self)
        layers[position] = layer
        self._put(layers)

    def __delitem__(self, position: int | slice) -> None:
        layers = list(self)
        del layers[position]
        self._put(layers)

    def append(self: N, layer: Any) -> N:
        """Add a layer at the end; return this container."""
        return self.extend([layer])

    def extend(self: N, layers: Iterable[Any]) -> N:
        """Add layers at the end; return this container."""
        self._put([*self, *layers])
        return self

    def __iadd__(self: N, layers: Iterable[Any]) -> N:
        return self.extend(layers)

    def pop(self, position: int = -1) -> L:
        """Take a layer out, and return it; those behind move up."""
        layers = list(self)
        taken = layers.pop(position)
        self._put(layers)
        return taken

    def insert(self: N, position: int, layer: Any) -> N:
        """Add a layer before a position; return this container."""
        layers = list(self)
        layers.insert(position, layer)
        self._put(layers)
        return self


class Sequential(_Numbered[Any]):
    """Layers, each applied to the output of the one before.

    Parameters
    ----------
    *layers : Module or callable
        Their names are their positions: ``"0.weight"``.

    Examples
    --------
    >>> import nn
    >>> model = nn.Sequential(nn.Dense(4, 3), nn.Sigmoid(), nn.Dense(3, 2))
    >>> model([[1.0, 2.0, 3.0, 4.0]]).shape
    (1, 2)
    >>> len(model), model[0]
    (3, Dense(4, 3): 15 parameters)

    A slice is a model of the same layers:

    >>> model[:2]
    Sequential: 15 parameters
      0: Dense(4, 3): 15 parameters
      1: Sigmoid()
    """

    def __init__(self, *layers: Any) -> None:
        super().__init__(layers)

    def _check(self, layer: Any, position: int) -> None:
        if isinstance(layer, type):
            raise DTypeError(
                f"{type(self).__name__}: layer {position} is the class {layer.__name__}; give a "
                f"layer, such as {layer.__name__}()"
            )
        if not callable(layer):
            raise DTypeError(
                f"{type(self).__name__}: layer {position} is a {type(layer).__name__}, which "
                "can't be called; give modules or functions, not in a list"
            )

    def _of(self, layers: list[Any]) -> Sequential:
        return Sequential(*layers)  # of a subclass too, whose constructor may take something else

    def forward(self, x: TensorLike) -> Any:
        """Return the output of the last layer."""
        out: Any = x
        name = ""
        try:
            for name, layer in vars(self).items():
                if name.isdecimal():
                    out = layer(out)
        except AutogradLiteError as error:
            # only here is it known which one it was of a layer that is there twice, or a function
            add_place(error, f"layer {name} of {type(self).__name__}")
            raise
        return out

    def _add_place_to(self, error: AutogradLiteError) -> None:
        own = takewhile(lambda frame: not is_module_call(frame), frames_below(error))
        if all(frame.f_code is not Sequential.forward.__code__ for frame in own):
            super()._add_place_to(error)  # a subclass has a forward of its own


class Residual(Sequential):
    """Layers whose output is added to their input: ``x + f(x)``.

    Parameters
    ----------
    *layers : Module or callable
        Applied one after the other, as in :class:`Sequential`.
    shortcut : Module or callable, optional
        Applied to the input before it is added, such as a convolution that changes its shape.

    Raises
    ------
    ShapeError
        When called, if the two terms have different shapes; they aren't broadcast.

    Notes
    -----
    He, Zhang, Ren and Sun, Deep residual learning for image recognition, 2015.

    Examples
    --------
    A slice has some of the layers, and is a plain :class:`Sequential`.

    >>> import nn
    >>> block = nn.Residual(nn.Dense(3, 3), nn.ReLU())
    >>> block([[1.0, 2.0, 3.0]]).shape
    (1, 3)
    """

    def __init__(self, *layers: Any, shortcut: Any = None) -> None:
        super().__init__(*layers)
        if shortcut is not None and not callable(shortcut):
            raise DTypeError(f"Residual: shortcut is a {type(shortcut).__name__}, no layer")
        self.shortcut = shortcut

    def forward(self, x: TensorLike) -> Tensor:
        """Return the sum, of the shape that both terms have."""
        change = as_tensor(super().forward(x))
        start = as_tensor(x if self.shortcut is None else self.shortcut(x))
        if start.shape != change.shape:
            raise ShapeError(
                f"Residual: the layers give shape {change.shape}, which can't be added to "
                f"{start.shape}; give a shortcut that changes the input's shape"
            )
        return start + change


class Parallel(_Numbered[Any]):
    """Layers that are all applied to the same input, and whose outputs are joined.

    Parameters
    ----------
    *layers : Module or callable
        Their names are their positions.
    axis : int or None
        The outputs are concatenated along this axis: the channels of (N, C, H, W), the features of
        (N, C). None gives the list of outputs.

    Examples
    --------
    >>> import nn
    >>> both = nn.Parallel(nn.Dense(3, 2), nn.Dense(3, 4))
    >>> both([[1.0, 2.0, 3.0]]).shape
    (1, 6)
    """

    _check = Sequential._check

    def __init__(self, *layers: Any, axis: int | None = 1) -> None:
        if not layers:
            raise DomainError("Parallel: give at least one layer")
        super().__init__(layers)
        self.axis = axis

    def _of(self, layers: list[Any]) -> Parallel:
        return Parallel(*layers, axis=self.axis)

    def forward(self, *inputs: Any) -> Any:
        """Return the outputs of all layers for the same inputs, joined along ``axis``."""
        outputs = [layer(*inputs) for layer in self]
        return outputs if self.axis is None else concatenate(outputs, axis=self.axis)

    def signature(self) -> str:
        """Return the constructor call, without the layers."""
        return "Parallel" if self.axis == 1 else f"Parallel(axis={self.axis})"


class ModuleList(_Numbered[Module]):
    """A list of modules, whose names are their positions: ``"layers.0.weight"``.

    A plain list in an attribute does the same; this one can be a model's part by itself.

    Parameters
    ----------
    modules : iterable of Module

    Examples
    --------
    >>> import nn
    >>> layers = nn.ModuleList(nn.Dense(3, 3) for _ in range(2))
    >>> len(layers), [name for name, _ in layers.named_parameters()]
    (2, ['0.weight', '0.bias', '1.weight', '1.bias'])
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__(modules)

    def _check(self, layer: Any, position: int) -> None:
        if not isinstance(layer, Module):
            raise DTypeError(
                f"ModuleList: item {position} is a {type(layer).__name__}, not a module; "
                "nn.Sequential takes functions too"
            )

    def _of(self, layers: list[Any]) -> ModuleList:
        return ModuleList(layers)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Raise an error: a list of modules says nothing about what to do with them."""
        raise NotImplementedError("ModuleList can't be called; call its modules, or use Sequential")


class ModuleDict(Module):
    """A dict of modules, whose names are their keys: ``"heads.left.weight"``.

    A plain dict in an attribute does the same; this one can be a model's part by itself.

    Parameters
    ----------
    modules : mapping or iterable of pairs (str, Module)

    Raises
    ------
    DomainError
        If a key isn't a string, is empty, has a dot in it, or is an attribute of modules.

    Examples
    --------
    >>> import nn
    >>> heads = nn.ModuleDict({"left": nn.Dense(3, 1), "right": nn.Dense(3, 2)})
    >>> heads["right"]([[1.0, 2.0, 3.0]]).shape
    (1, 2)
    >>> list(heads)
    ['left', 'right']
    """

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] = ()) -> None:
        self.update(modules)

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Add modules, or put them in the place of those that have the same keys."""
        added = dict(modules)
        for key, module in added.items():
            self._check(key, module)
        for key, module in added.items():
            setattr(self, key, module)

    def __getitem__(self, key: str) -> Module:
        if key not in self:
            raise KeyError(f"ModuleDict has no module {key!r}; it has {list(self)}")
        module: Module = vars(self)[key]
        return module

    def __setitem__(self, key: str, module: Module) -> None:
        self._check(key, module)
        setattr(self, key, module)

    def _check(self, key: Any, module: Any) -> None:
        if not isinstance(key, str) or not key or "." in key or hasattr(type(self), key):
            raise DomainError(
                f"ModuleDict: {key!r} can't be a key: keys are strings without dots, and no "
                "attributes of modules"
            )
        if not isinstance(module, Module):
            raise DTypeError(f"ModuleDict: {key!r} is a {type(module).__name__}, not a module")

    def __delitem__(self, key: str) -> None:
        self.pop(key)

    def pop(self, key: str) -> Module:
        """Take a module out, and return it."""
        module = self[key]
        delattr(self, key)
        return module

    def __contains__(self, key: object) -> bool:
        return isinstance(vars(self).get(key), Module) if isinstance(key, str) else False

    def __iter__(self) -> Iterator[str]:
        return (key for key, value in vars(self).items() if isinstance(value, Module))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def keys(self) -> list[str]:
        """Return the keys, in the order in which they were added."""
        return list(self)

    def values(self) -> list[Module]:
        """Return the modules."""
        return [self[key] for key in self]

    def items(self) -> list[tuple[str, Module]]:
        """Return pairs of keys and modules."""
        return [(key, self[key]) for key in self]

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Raise an error: a dict of modules says nothing about what to do with them."""
        raise NotImplementedError("ModuleDict can't be called; call its modules")
