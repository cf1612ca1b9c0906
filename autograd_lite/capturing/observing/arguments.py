"""The arguments of a captured call: their structure, and what stands where in it."""

import dataclasses
from collections.abc import Callable
from typing import Any, final

import numpy as np

from autograd_lite.capturing.observing.reaching import Place
from autograd_lite.capturing.observing.terms import PLAIN
from autograd_lite.capturing.tracing.trace import Trace
from autograd_lite.capturing.tracing.traced import Traced
from autograd_lite.tensor import Tensor

Path = tuple[Any, ...]


@final
class Arguments:
    """What a function is called with.

    Containers (tuples, lists, dicts, dataclasses) are compared by structure; arrays and tensors by
    shape, dtype and memory order; numbers and strings by value; anything else by identity.

    Attributes
    ----------
    signature : tuple
        Equal for calls that one program can stand for.
    places : list of Place
        Tensors, and what is compared by identity.
    paths : dict
        The path to each tensor and array, by id.
    """

    def __init__(
        self,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        varying: frozenset[Any] = frozenset(),
    ) -> None:
        self._given = args, kwargs
        self._varying = varying
        self._leaves: list[tuple[Path, str, Any]] = []
        self._containers: list[tuple[Path, type, Any]] = []
        self.places: list[Place] = []
        self.paths: dict[int, Path] = {}
        self.reached_too: set[int] = set()
        self.reachable: set[int] = set()
        self.same_as_reached: set[Path] = set()
        self._undo: list[tuple[Any, Any, Any, Any]] = []
        self._mutable: list[tuple[Any, list[Any]]] = []
        for i, x in enumerate(args):
            self._look(x, ("args", i))
        for name, x in kwargs.items():
            self._look(x, ("kwargs", name))
        self.signature = (
            len(args),
            tuple(kwargs),
            tuple((path, cls, keys) for path, cls, keys in self._containers),
            tuple(
                (path, kind, _token(kind, x), self.paths.get(id(x)))
                for path, kind, x in self._leaves
            ),
        )

    def _look(self, x: Any, path: Path) -> None:
        kind = type(x)
        if kind is tuple or kind is list or (isinstance(x, tuple) and hasattr(x, "_fields")):
            self._containers.append((path, kind, len(x)))
            if kind is list:
                self._mutable.append((x, [*enumerate(x)]))
            for i, child in enumerate(x):
                self._look(child, (*path, i))
        elif kind is dict:
            self._containers.append((path, kind, tuple(x)))
            self._mutable.append((x, [*x.items()]))
            for key, child in x.items():
                self._look(child, (*path, key))
        elif _is_record(x):
            self._containers.append((path, kind, tuple(vars(x))))
            self._mutable.append((vars(x), [*vars(x).items()]))
            for name, child in vars(x).items():
                self._look(child, (*path, (".", name)))
        elif kind is np.ndarray and x.dtype.kind in "biufc":
            self._leaf(path, "array", x)
        elif isinstance(x, np.generic) and x.dtype.kind in "biufc":
            self._leaf(path, "scalar", x)
        elif kind is Tensor:
            self._leaf(path, "tensor", x)
        elif isinstance(x, PLAIN):
            varies = type(x) is float and ("argument", path) in self._varying
            self._leaf(path, "number" if varies else "plain", x)
        else:
            self._leaf(path, "object", x)
        if not isinstance(x, PLAIN):
            self.paths.setdefault(id(x), path)

    def _leaf(self, path: Path, kind: str, x: Any) -> None:
        self._leaves.append((path, kind, x))
        if kind in ("tensor", "object"):
            self.places.append(Place("argument", None, path, None, x))

    def changed_numbers(self, other: "Arguments") -> set[Any] | None:
        """Return where there are other floats than in ``other``; None if more than that differs."""
        mine, theirs = self.signature, other.signature
        if mine[:3] != theirs[:3] or len(mine[3]) != len(theirs[3]):
            return None
        changed = set()
        for (path, _, x), (_, kind, y), a, b in zip(
            self._leaves, other._leaves, mine[3], theirs[3], strict=True
        ):
            if kind == "number" and type(x) is float:
                continue
            if a != b:
                if not (type(x) is type(y) is float):
                    return None
                changed.add(("argument", path))
        return changed

    def number_at(self, identity: Any) -> float | None:
        """Return the float that stood at the place of an argument."""
        for path, _, x in self._leaves:
            if ("argument", path) == identity and type(x) is float:
                return x
        return None

    @property
    def leaves(self) -> list[tuple[Path, str, Any]]:
        """Each argument that isn't a container: its path, its kind, and itself."""
        return self._leaves

    # ------------------------------------------------------------------ while tracing

    def traced(self, inputs: Callable[[Any, Place], Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments with traced arrays; lists and dicts hold them until ``restore``."""
        args, kwargs = self._given
        new = tuple(self._traced(x, ("args", i), inputs) for i, x in enumerate(args))
        return new, {k: self._traced(x, ("kwargs", k), inputs) for k, x in kwargs.items()}

    def _traced(self, x: Any, path: Path, inputs: Callable[[Any, Place], Any]) -> Any:
        kind = type(x)
        if isinstance(x, tuple) and (kind is tuple or hasattr(x, "_fields")):
            parts = [self._traced(child, (*path, i), inputs) for i, child in enumerate(x)]
            if all(map(_is, parts, x)):
                return x
            return tuple(parts) if kind is tuple else kind(*parts)
        if kind is list:
            self._replace(x, enumerate([*x]), path, inputs, lambda key: key)
        elif kind is dict:
            self._replace(x, [*x.items()], path, inputs, lambda key: key)
        elif _is_record(x):
            self._replace(vars(x), [*vars(x).items()], path, inputs, lambda key: (".", key))
        else:
            return inputs(x, Place("argument", None, path, None, x))
        return x

    def _replace(self, x: Any, items: Any, path: Path, inputs: Any, step: Any) -> None:
        for key, child in items:
            new = self._traced(child, (*path, step(key)), inputs)
            if new is not child:
                x[key] = new
                self._undo.append((x, key, child, new))

    def restore(self, trace: Trace) -> None:
        """Put the arrays back into lists and dicts, and look whether those were changed."""
        for container, key, child, new in self._undo:
            now = container[key] if type(container) is list or key in container else None
            if now is new:
                container[key] = child
            elif type(now) is Traced:
                container[key] = now.value
        for x, children in self._mutable:
            now = [*x.items()] if isinstance(x, dict) else [*enumerate(x)]
            if len(now) != len(children) or not all(
                key == old_key and child is old
                for (key, child), (old_key, old) in zip(now, children, strict=True)
            ):
                trace.fail("changes a list or dict that it is given")
                for key, child in now:
                    if type(child) is Traced:
                        x[key] = child.value

    def forget(self) -> None:
        """Hold no traced arrays any more."""
        self._undo.clear()

    def outline(self) -> None:
        """Keep no arrays, but only how they were: a program is compiled without them."""
        self._given = (), {}
        self._mutable.clear()
        self._leaves = [(path, kind, _outlined(x)) for path, kind, x in self._leaves]

    def at(self, path: Path) -> Any:
        """Return what stands at a path."""
        args, kwargs = self._given
        x: Any = args if path[0] == "args" else kwargs
        for step in path[1:]:
            x = vars(x)[step[1]] if type(step) is tuple and step[:1] == (".",) else x[step]
        return x

    # ------------------------------------------------------------------ generated code

    def path(self, path: Path, names: Callable[[Any], str]) -> str:
        """Return the expression for what stands at a path."""
        text = path[0]
        for step in path[1:]:
            if type(step) is tuple and step[:1] == (".",):
                text += f".{step[1]}"
            else:
                text += f"[{step!r}]" if type(step) in (int, str) else f"[{names(step)}]"
        return str(text)

    def checks(self, names: Callable[[Any], str]) -> list[str]:
        """Return conditions that are true if a program is for other arguments."""
        args, kwargs = self._given
        found = [f"len(args) != {len(args)}"]
        found.append("kwargs" if not kwargs else f"tuple(kwargs) != {tuple(kwargs)!r}")
        for path, cls, keys in self._containers:
            text = self.path(path, names)
            found.append(f"type({text}) is not {names(cls)}")
            if isinstance(keys, int):
                found.append(f"len({text}) != {keys}")
            else:
                space = text if cls is dict else f"vars({text})"
                found.append(f"tuple({space}) != {names(keys)}")
        for path, kind, x in self._leaves:
            text = self.path(path, names)
            if kind == "number":
                found.append(f"type({text}) is not float")
            elif kind == "object":
                found.append(f"{text} is not {names(x)}")
            elif kind == "plain":
                found.append(f"not same({text}, {names(x)})")
            elif kind == "scalar":
                found.append(f"type({text}) is not {names(type(x))}")
            elif kind == "tensor":
                found += self._others(text, x, path, names)
                found.append(
                    f"type(t := {text}) is not Tensor or t.tracked is not {x.tracked} or "
                    f"t.op is not None or {_unlike('t.array', x.array, names)}"
                )
            else:
                if path in self.same_as_reached:
                    found.append(f"{text} is not {names(x)}")
                elif self.paths[id(x)] != path:
                    found.append(f"{text} is not {self.path(self.paths[id(x)], names)}")
                found.append(_unlike(text, x, names))
        return found

    def _others(self, text: str, x: Any, path: Path, names: Callable[[Any], str]) -> list[str]:
        """Return conditions that a tensor is another one than those it was, or wasn't, before."""
        found = []
        for other, kind, y in self._leaves:
            if other == path:
                break
            if kind == "tensor":
                sign = "is not" if y is x else "is"
                found.append(f"{text} {sign} {self.path(other, names)}")
        if id(x) in self.reached_too:
            found.append(f"{text} is not {names(x)}")
        elif self.reachable:
            names.space["reachable"] = self.reachable  # type: ignore[attr-defined]
            found.append(f"id({text}) in reachable")
        return found


def _outlined(x: Any) -> Any:
    """Return an array, or tensor, of the same shape, dtype and strides that holds no memory."""
    if type(x) is Tensor:
        new = Tensor.of(_outlined(x.array))
        new.tracked = x.tracked
        return new
    if not isinstance(x, np.ndarray):
        return x
    return np.lib.stride_tricks.as_strided(np.empty(0, x.dtype), x.shape, x.strides)


def _is(a: Any, b: Any) -> bool:
    return a is b


def _is_record(x: Any) -> bool:
    return (
        dataclasses.is_dataclass(x)
        and not isinstance(x, type)
        and not hasattr(x, "named_parameters")
        and hasattr(x, "__dict__")
    )


def _unlike(text: str, x: Any, names: Callable[[Any], str]) -> str:
    """Return the condition that an array isn't like the one that a program was made for."""
    if not isinstance(x, np.ndarray):
        return f"type({text}) is not {names(type(x))}"
    dtype = names(x.dtype)
    return (
        f"type(a := {text}) is not ndarray or a.shape != {x.shape!r} or "
        f"a.strides != {x.strides!r} or (a.dtype is not {dtype} and a.dtype != {dtype})"
    )


def _token(kind: str, x: Any) -> Any:
    if kind == "tensor":
        return x.tracked, x.op is None, _token("array", x.array)
    if kind in ("array", "scalar"):
        return x.shape, getattr(x, "strides", None), x.dtype.str, type(x)
    if kind == "object":
        return id(x)
    if kind == "number":
        return kind
    return type(x), repr(x) if isinstance(x, (float, complex, np.generic)) else x
