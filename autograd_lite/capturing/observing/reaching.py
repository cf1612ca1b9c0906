"""What a function can reach: the arrays, tensors, generators and settings that it may use.

A function reaches what stands in its closure, in the globals that it names, in its defaults, and
in whatever those hold: attributes, lists, dicts, methods, other functions. Each is at a *place*,
where it can be looked up again at the next call.
"""

import dis
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from gc import get_referents
from types import (
    BuiltinFunctionType,
    CellType,
    CodeType,
    FunctionType,
    MappingProxyType,
    MethodType,
    ModuleType,
)
from typing import Any, final
from weakref import ref

import numpy as np

from autograd_lite.tensor import Tensor

MOST_PLACES = 50_000
"""How many places are looked at before a function counts as reaching too much."""

_LIBRARIES = frozenset(
    {"autograd_lite", "nn", "numpy", "scipy", "matplotlib", "tqdm", "torch", "jax", "pandas"}
    | sys.stdlib_module_names
) - {"__main__"}
_NO_CONTENTS = (
    str,
    bytes,
    int,
    float,
    complex,
    type(None),
    np.dtype,
    np.ufunc,
    np.ndarray,
    np.generic,
)
_CLOSED = frozenset({"matplotlib", "tqdm", "threading", "logging", "concurrent", "asyncio", "io"})


@final
class Place:
    """Where something stands, so that it can be looked up and replaced.

    Attributes
    ----------
    kind : str
        ``"cell"``, ``"global"``, ``"attribute"`` (in a ``__dict__``), ``"slot"``, ``"item"``,
        ``"constant"`` (of something that can't change), or ``"argument"``.
    holder, key
        What holds it, and under which name, index or key.
    parent : Place or None
        The place of the holder.
    value : Any
        What stood there when it was found.
    """

    __slots__ = ("holder", "key", "kind", "parent", "value")

    def __init__(
        self, kind: str, holder: Any, key: Any, parent: "Place | None", value: Any
    ) -> None:
        self.kind = kind
        self.holder = holder
        self.key = key
        self.parent = parent
        self.value = value

    @property
    def identity(self) -> tuple[Any, ...]:
        """What tells the place from others."""
        if self.kind == "argument":
            return "argument", self.key
        return self.kind, id(self.holder), self.key if self.kind != "constant" else repr(self.key)

    def get(self) -> Any:
        """Return what stands there now; ``GONE`` if nothing does."""
        try:
            if self.kind == "cell":
                return self.holder.cell_contents
            if self.kind in ("global", "attribute", "item"):
                return self.holder[self.key]
            if self.kind == "slot":
                return getattr(self.holder, self.key)
        except (AttributeError, LookupError, ValueError):
            return GONE
        return self.value

    def set(self, x: Any) -> None:
        """Put something there."""
        if self.kind == "cell":
            self.holder.cell_contents = x
        elif self.kind == "slot":
            object.__setattr__(self.holder, self.key, x)
        else:
            self.holder[self.key] = x

    @property
    def name(self) -> str:
        """A name for it in the printed program."""
        own = str(self.key)
        above = self.parent.name if self.parent is not None else ""
        if self.kind == "slot" and self.key == "array":
            return above
        return f"{above}_{own}" if above else own


@final
class _Gone:
    def __repr__(self) -> str:
        return "nothing"


GONE = _Gone()


@final
class Reached:
    """All that a function can reach.

    Parameters
    ----------
    function : callable
    arguments : sequence of Place
        The arguments that are neither arrays nor numbers, at their places.

    Attributes
    ----------
    places : list of Place
        In the order in which they were found.
    tensors : dict
        The tensors, by id, each with the place where it was found first.
    containers : dict
        The containers and namespaces, by id, each with the place where it was found first.
    functions : dict
        The Python functions, by their code.
    globals : dict
        The names of the globals that they use, by their code; not of functions of libraries.
    """

    def __init__(self, function: Callable[..., Any], arguments: list[Place]) -> None:
        self.places: list[Place] = []
        self.tensors: dict[int, tuple[Tensor, Place]] = {}
        self.containers: dict[int, tuple[Any, Place | None]] = {}
        self.functions: dict[CodeType, FunctionType] = {}
        self.globals: dict[CodeType, set[str]] = {}
        self.objects: list[tuple[Any, Place]] = []
        self.modules: list[tuple[Any, Place]] = []
        self.classes: dict[type, Place] = {}
        self.iterators: list[Place] = []
        self.namespaces: set[int] = set()
        self.too_much = False
        self._seen: dict[int, Any] = {}
        self.again: set[int] = set()
        root = Place("constant", None, "", None, function)
        self._queue: deque[tuple[Any, Place]] = deque()
        for place in arguments:
            self._visit(place)
        self._queue.append((function, root))
        while self._queue:
            value, place = self._queue.popleft()
            for child in self._children(value, place):
                self._visit(child)
            if len(self.places) > MOST_PLACES:
                self.too_much = True
                break

    def _visit(self, place: Place) -> None:
        self.places.append(place)
        value = place.value
        if isinstance(value, _NO_CONTENTS):
            return
        if id(value) in self._seen:
            if place.kind != "argument":
                self.again.add(id(value))
            return
        self._seen[id(value)] = value
        self._queue.append((value, place))

    def knows(self, x: Any) -> bool:
        """Return True for an object that was there before the call."""
        return id(x) in self._seen

    def unknown(self, codes: Mapping[CodeType, str]) -> list[CodeType]:
        """Return the functions that ran although they weren't found, nor made by ones that were.

        Parameters
        ----------
        codes : mapping
            The code of all functions that ran, and the modules that they are in.
        """
        users = [
            code
            for code, name in codes.items()
            if name.partition(".")[0] not in _LIBRARIES and not code.co_filename.startswith("<")
        ]
        if all(code in self.functions for code in users):
            return []
        known = {*self.functions}
        stack = [*codes]
        while stack:
            inner = [c for c in stack.pop().co_consts if isinstance(c, CodeType) and c not in known]
            known.update(inner)
            stack += inner
        return [code for code in users if code not in known]

    # ------------------------------------------------------------------ what holds what

    def _children(self, x: Any, at: Place) -> Iterator[Place]:
        kind = type(x)
        if kind is Tensor:
            self.tensors[id(x)] = x, at
            yield Place("slot", x, "array", at, x.array)
            if x._grad is not None:
                yield Place("slot", x, "_grad", at, x._grad)
        elif kind is FunctionType:
            yield from self._of_function(x, at)
            yield from self._attributes(x, at)
        elif hasattr(kind, "__captured__"):
            yield Place("constant", x, "function", at, x.__wrapped__)
        elif kind is ModuleType:
            if x.__name__.partition(".")[0] not in _LIBRARIES:
                for name, value in list(vars(x).items()):
                    if not name.startswith("__") and not isinstance(value, ModuleType):
                        yield Place("global", vars(x), name, at, value)
        elif kind is MethodType or kind is BuiltinFunctionType:
            yield from self._of_method(x, at)
        elif kind is partial:
            yield Place("constant", x, "func", at, x.func)
            for i, argument in enumerate(x.args):
                yield Place("constant", x.args, i, at, argument)
            yield from self._items(x.keywords, at)
        elif kind is CellType:
            yield Place("cell", x, "", at, x.cell_contents)
        elif kind is MappingProxyType or isinstance(x, ref):
            shown = x() if isinstance(x, ref) else get_referents(x)[0]
            yield Place("constant", x, "referent", at, shown)
        elif isinstance(x, dict) or kind is list or isinstance(x, (deque, set, frozenset, tuple)):
            yield from self._items(x, at)
            yield from self._attributes(x, at)
        elif isinstance(x, type):
            yield from self._of_class(x, at)
        elif _is_iterator(kind):
            self.iterators.append(at)
        elif not self._is_closed(kind):
            self.objects.append((x, at))
            if hasattr(kind, "named_parameters"):
                self.modules.append((x, at))
            yield from self._attributes(x, at)
            yield from self._of_class(kind, at)

    @staticmethod
    def _is_closed(kind: type) -> bool:
        return kind.__module__.partition(".")[0] in _CLOSED

    def _items(self, x: Any, at: Place) -> Iterator[Place]:
        self.containers[id(x)] = x, at
        if isinstance(x, dict):
            for key in list(x):
                yield Place("item", x, key, at, x[key])
        elif isinstance(x, (set, frozenset)):
            for element in x:
                yield Place("constant", x, "element", at, element)
        else:
            how = "constant" if isinstance(x, tuple) else "item"
            for i, element in enumerate(x):
                yield Place(how, x, i, at, element)

    def _attributes(self, x: Any, at: Place) -> Iterator[Place]:
        space = getattr(x, "__dict__", None)
        if type(space) is dict:
            self.containers[id(space)] = space, at
            self.namespaces.add(id(space))
            for name, value in list(space.items()):
                yield Place("attribute", space, name, at, value)
        for base in type(x).__mro__:
            names = base.__dict__.get("__slots__", ())
            for name in (names,) if isinstance(names, str) else names:
                if name.startswith("__"):
                    continue
                value = getattr(x, name, GONE)
                if value is not GONE:
                    yield Place("slot", x, name, at, value)

    @staticmethod
    def _of_method(x: Any, at: Place) -> Iterator[Place]:
        if not isinstance(x.__self__, ModuleType):
            yield Place("constant", x, "__self__", at, x.__self__)
        if type(x) is MethodType:
            yield Place("constant", x, "__func__", at, x.__func__)

    def _of_function(self, f: FunctionType, at: Place) -> Iterator[Place]:
        code = f.__code__
        self.functions.setdefault(code, f)
        for name, cell in zip(code.co_freevars, f.__closure__ or (), strict=True):
            try:
                yield Place("cell", cell, name, at, cell.cell_contents)
            except ValueError:
                continue  # not assigned yet
        for i, value in enumerate(f.__defaults__ or ()):
            yield Place("constant", f.__defaults__, i, at, value)
        if f.__kwdefaults__:
            yield from self._items(f.__kwdefaults__, at)
        if of_library(f):
            return
        space = f.__globals__
        root = Place("constant", None, "", None, None)
        if code not in self.globals:
            self.globals[code] = globals_of(code)
        for name in sorted(self.globals[code]):
            if name in space:
                yield Place("global", space, name, root, space[name])

    def _of_class(self, cls: type, at: Place) -> Iterator[Place]:
        for base in cls.__mro__:
            if base.__module__.partition(".")[0] in _LIBRARIES or base in self.classes:
                continue
            self.classes[base] = at
            for name, value in list(vars(base).items()):
                function = getattr(value, "__func__", value)
                if isinstance(value, property):
                    for part in (value.fget, value.fset):
                        if part is not None:
                            yield Place("constant", value, name, at, part)
                elif not name.startswith("__") or type(function) is FunctionType:
                    yield Place("constant", base, name, at, function)


def _is_iterator(kind: type) -> bool:
    """Return True for iterators whose state can't be looked up: generators, and those in C."""
    following = getattr(kind, "__next__", None)
    return following is not None and type(following) is not FunctionType


def of_library(function: FunctionType) -> bool:
    """Return True for the functions of libraries that no user changes."""
    return (function.__module__ or "").partition(".")[0] in _LIBRARIES


def globals_of(code: CodeType) -> set[str]:
    """Return the globals that a function uses, and the functions that are defined in it.

    ``co_names`` has attributes as well: the ``x`` of ``layer.x`` isn't a script's variable ``x``.
    """
    steps = dis.get_instructions(code)
    names = {str(x.argval) for x in steps if "GLOBAL" in x.opname or x.opname == "LOAD_NAME"}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= globals_of(constant)
    return names
