"""Reflection: what is in a module, found by a plain walk over its attributes, and what it is for.

A module consists of what was there when its constructor ended, and of what was assigned from
outside later. That is noted, by attribute, in ``_declared``; so what ``forward`` leaves in an
attribute isn't taken for a parameter or for state.
"""

import dataclasses
from abc import ABCMeta
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set, ValuesView
from functools import partial
from types import MethodType, ModuleType
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np

from autograd_lite import Tensor
from autograd_lite.errors import GraphError, UnsupportedError
from nn.options import check_options

T = TypeVar("T")
Kind = Literal["parameter", "buffer", "transient"]
"""What a tensor is: trained, saved with what is trained, or state that isn't saved."""


class _Checked(ABCMeta):
    """Refuses parameters that a class or its constructor leaves where they aren't found."""

    def __init__(
        cls, name: str, bases: tuple[type, ...], space: dict[str, Any], **options: Any
    ) -> None:
        super().__init__(name, bases, space)
        if bases:
            _check_class(name, space)

    def __call__(cls: type[T], *args: Any, **kwargs: Any) -> T:
        check_options(cls, args, kwargs)
        module: T = super().__call__(*args, **kwargs)  # type: ignore[misc]
        if isinstance(module, Reflected):
            _check_constructed(module)
            noted = vars(module).get("_declared", {})  # by register_buffer
            object.__setattr__(module, "_declared", {})
            for name, value in vars(module).items():
                if name != "_declared" and (found := noted.get(name) or _kinds(name, value)):
                    vars(module)["_declared"][name] = found
        return module


class Reflected(metaclass=_Checked):
    """What is walked into: the base of ``Module``."""


class Place(NamedTuple):
    """Something in a module: its dotted name, how to get at it from ``self``, itself, its kind."""

    name: str
    path: str
    value: Any
    kind: Kind | None = None


def own_tensors(module: Reflected) -> Iterator[Place]:
    """Yield the tensors in a module's attributes and their containers, not in its modules."""
    return (at for at in walk(module, into_modules=False) if isinstance(at.value, Tensor))


def walk(
    value: Any,
    above: tuple[Any, ...] = (),
    *,
    at: Place | None = None,
    declared: Mapping[str, "Kind | None"] | None = None,
    start: int = 0,
    into_modules: bool = True,
) -> Iterator[Place]:
    """Yield what is in ``value``, itself included, depth first, in definition order.

    ``declared`` holds the kinds that were noted for the attribute of a module that the walk is in,
    by paths that begin at the position ``start`` of the whole path; it is None if all that is
    found counts.
    """
    if any(value is container for container in above):  # a module that knows its parent
        return
    at = at or Place("", "", value)
    if isinstance(value, Tensor):
        yield at._replace(kind=_kind(value, at.path[start:], declared))
        return
    yield at
    if isinstance(value, Reflected) and above and not into_modules:
        return
    for key, step, child in _children(value, at):
        if isinstance(value, Reflected):
            noted = vars(value).get("_declared")
            declared, start = None if noted is None else noted.get(key, {}), len(at.path)
        there = Place(f"{at.name}.{key}" if at.name else str(key), at.path + step, child)
        yield from walk(
            child,
            (*above, value),
            at=there,
            declared=declared,
            start=start,
            into_modules=into_modules,
        )


def _kind(tensor: Tensor, path: str, declared: Mapping[str, Kind | None] | None) -> Kind | None:
    """Return what a tensor is in a module, or None for a result, or what ``forward`` left."""
    if tensor.op is not None:
        return None
    if declared is not None and path not in declared:
        # added to a list or dict that is the model's: a parameter if it can be trained
        within = any(kind is None and path.startswith(place) for place, kind in declared.items())
        return "parameter" if within and tensor.requires_grad else None
    noted = None if declared is None else declared[path]
    if noted == "transient" or (noted == "parameter" and not tensor.requires_grad):
        return noted
    return "parameter" if tensor.requires_grad else "buffer"


def _kinds(name: str, value: Any, kind: Kind | None = None) -> dict[str, Kind | None]:
    """Return the kinds of what an attribute holds, by path; containers have none."""
    at = Place(name, _attribute(name), value)
    if not _may_hold_tensors(value):
        return {}
    found = walk(value, at=at, into_modules=False)
    return {there.path: kind or there.kind for there in found if there.kind or value is there.value}


def may_change_state(module: Reflected, name: str, value: Any) -> bool:
    """Return True if assigning an attribute to a finished module may change what it consists of."""
    declared = vars(module).get("_declared")
    return declared is not None and (name in declared or _may_hold_tensors(value))


def declare(module: Reflected, name: str, value: Any, kind: Kind | None = None) -> None:
    """Note what an attribute of a module consists of."""
    before = vars(module).get("_declared", {})
    found = _kinds(name, value, kind)
    if found != before.get(name, {}):
        object.__setattr__(module, "_declared", {**before, name: found})


def _may_hold_tensors(value: Any) -> bool:
    if isinstance(value, Tensor | Mapping | Sequence):
        return not isinstance(value, (*_NOT_NESTED, Reflected))
    return dataclasses.is_dataclass(value) and not isinstance(value, Reflected | type)


def _parameters_of(module: Reflected) -> set[Tensor]:
    tensors = (at.value for at in walk(module) if at.kind is not None)
    return {tensor for tensor in tensors if tensor.requires_grad}


_NOT_NESTED = (str, bytes, bytearray, memoryview, range)


def _children(value: Any, at: Place) -> Iterator[tuple[Any, str, Any]]:
    """Yield what is in a module or container, with its key, and how Python writes that."""
    if isinstance(value, Reflected):
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
        if any(isinstance(element, (Tensor, Reflected)) for element in elements):
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
        found = [at.value for at in walk(value) if isinstance(at.value, Tensor)]
        if any(tensor.requires_grad for tensor in found):
            raise UnsupportedError(
                f"{name}.{key} is an attribute of the class, which isn't found in a module; assign "
                "it in __init__, or use dataclasses.field(default_factory=...)"
            )


def _check_constructed(module: Reflected) -> None:
    name = type(module).__name__
    for at in walk(module, into_modules=False):
        path, value = at.path, at.value
        if isinstance(value, Tensor) and value.op is not None and value.requires_grad:
            raise GraphError(
                f"{name}: self{path} is the recorded result of {value.op.name}, "
                "which is no parameter and would never be trained; compute the values first, as in "
                "Tensor(0.1 * values, requires_grad=True), or use the op in forward()"
            )
        hidden = _parameters_behind(value)
        if hidden and not hidden <= _parameters_of(module):
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
    elif not isinstance(value, Tensor | Reflected | ModuleType | type):
        held = getattr(value, "__dict__", {}).values()
    found = {x for x in held if isinstance(x, Tensor) and x.op is None and x.requires_grad}
    return found.union(*(_parameters_of(x) for x in held if isinstance(x, Reflected)))
