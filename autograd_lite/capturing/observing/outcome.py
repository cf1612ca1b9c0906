"""What a traced call has returned, and what it has changed: described, so that it can be repeated.

A description is a tuple whose first element says what it is:

=============================  ==============================================================
``("value", value)``           an array or NumPy scalar of the program
``("copy", array)``            a new copy of an array that doesn't depend on anything
``("tensor", number, ...)``    a new tensor; the number tells it from others
``("again", number)``          the tensor or container of that number, once more
``("object", x)``              what was there before the call, itself
``("argument", path)``         what the caller has given, itself
``("plain", x)``               a number, string or the like
``("items", number, kind, keys, children)``  a new container
=============================  ==============================================================
"""

import dataclasses
import operator
from collections import deque
from functools import partial
from types import FunctionType, MethodType
from typing import Any, NamedTuple, final

import numpy as np

from autograd_lite.capturing.observing.reaching import GONE, Place, Reached
from autograd_lite.capturing.observing.terms import PLAIN
from autograd_lite.capturing.program.calls import Value
from autograd_lite.capturing.tracing.trace import Trace
from autograd_lite.capturing.tracing.traced import Traced
from autograd_lite.capturing.tracing.varying import Number
from autograd_lite.tensor import Tensor

Description = tuple[Any, ...]


class Effect(NamedTuple):
    """Something that the call has changed.

    Attributes
    ----------
    kind : str
        ``"set"`` for a place, ``"grad"``, ``"data"`` and ``"touch"`` (written in place) for a
        tensor.
    target : Place
        The place, or that of the tensor.
    tensor : Tensor or None
    description : tuple
        The new value.
    """

    kind: str
    target: Place
    tensor: Tensor | None
    description: Description


@final
class Settling:
    """Puts real arrays in place of traced ones in what a call leaves, and describes it."""

    def __init__(self, trace: Trace, reached: Reached, arguments: dict[int, Any]) -> None:
        self._trace = trace
        self._reached = reached
        self._arguments = arguments
        self._numbers: dict[int, int] = {}
        self._kept: list[Any] = []
        self._looked_at: set[int] = set()

    def settle(self, x: Any) -> tuple[Any, Description]:
        """Return ``x`` with real arrays, and its description."""
        if type(x) is Number:
            return x.plain, ("value", x.node)
        if type(x) is Traced:
            mine = x.trace is self._trace
            if self._trace.read_only and not getattr(x.value, "flags", x.value).writeable:
                self._trace.fail("leaves an array that it has made read-only; leave a copy of it")
            return x.value, ("value", x.node) if mine else ("copy", x.value)
        known = self._known(x)
        if known is not None:
            return x, known
        if type(x) is Tensor:
            return x, self._tensor(x)
        if isinstance(x, partial):
            x = self._partial(x)
        elif isinstance(x, (tuple, list, dict, deque)) or _is_plain_object(x):
            return self._container(x)
        self._trace.fail(f"gives a new {type(x).__name__}")
        self._inside(x)
        return x, ("object", x)

    def _known(self, x: Any) -> Description | None:
        """Return the description of what isn't new, or is a value by itself; else None."""
        if isinstance(x, PLAIN):
            return "plain", x
        if id(x) in self._arguments:
            self._inside(x)
            return "argument", self._arguments[id(x)]
        if self._reached.knows(x) or isinstance(x, (FunctionType, MethodType, type)):
            if isinstance(x, FunctionType) and not self._reached.knows(x):
                self._cells(x)
            return "object", x
        if isinstance(x, np.ndarray):
            return "copy", x.copy(order="K")
        number = self._numbers.get(id(x))
        return None if number is None else ("again", number)

    def forget(self) -> None:
        """Keep nothing of what was settled."""
        self._kept.clear()

    def _number(self, x: Any) -> int:
        self._kept.append(x)
        return self._numbers.setdefault(id(x), len(self._numbers))

    def _tensor(self, x: Tensor) -> Description:
        number = self._number(x)
        array, described = self.settle(x.array)
        x.array = array
        grad: Description = ("plain", None)
        if x._grad is not None:
            _, grad = self.settle(x._grad)
        if x.op is None:
            return "tensor", number, described, x.tracked, None, None, grad
        if x.inputs is not None:
            self.settle_graph(x)
            self._trace.fail(
                f"leaves a recorded result of {x.op.name}, which can be differentiated "
                "later; call backward() inside of the function, compute under no_grad(), or "
                "return x.detach()"
            )
        x.params = self._trace.real(x.params)
        return "tensor", number, described, x.tracked, x.op, x.params, grad

    def settle_graph(self, x: Tensor) -> None:
        """Put real arrays into the graph below a tensor."""
        stack: list[Any] = [x]
        seen = {id(x)}
        while stack:
            node = stack.pop()
            if type(node.array) is Traced:
                node.array = node.array.value
            if node.op is None or node.inputs is None:
                continue
            node.values = [v.value if type(v) is Traced else v for v in node.values]
            node.params = self._trace.real(node.params)
            for parent in node.inputs:
                if parent is not None and id(parent) not in seen:
                    seen.add(id(parent))
                    stack.append(parent)

    def _container(self, x: Any) -> tuple[Any, Description]:
        number = self._number(x)
        if isinstance(x, tuple):
            pairs = [self.settle(child) for child in x]
            real = [pair[0] for pair in pairs]
            new = type(x)(*real) if hasattr(x, "_fields") else type(x)(real)
            return new, ("items", number, type(x), None, tuple(pair[1] for pair in pairs))
        described = []
        if isinstance(x, (list, deque)):
            for i, child in enumerate(x):
                x[i], one = self.settle(child)
                described.append(one)
            if type(x) not in (list, deque):
                self._trace.fail(f"gives a new {type(x).__name__}")
            return x, ("items", number, type(x), None, tuple(described))
        space = x if isinstance(x, dict) else vars(x)
        for key in list(space):
            space[key], one = self.settle(space[key])
            described.append(one)
        return x, ("items", number, type(x), tuple(space), tuple(described))

    def _partial(self, x: Any) -> Any:
        """Return a partial function with real arrays."""
        args = [self.settle(child)[0] for child in x.args]
        keywords = {name: self.settle(child)[0] for name, child in x.keywords.items()}
        function = self.settle(x.func)[0] if isinstance(x.func, FunctionType) else x.func
        return type(x)(function, *args, **keywords)

    def clean(self, error: BaseException | None) -> None:
        """Put real arrays into an exception, and into those that it was raised from."""
        seen: set[int] = set()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            self._inside(error)
            error = error.__cause__ or error.__context__

    def _error(self, x: BaseException) -> None:
        real = tuple([self.settle(child)[0] for child in x.args])
        if not all(map(operator.is_, real, x.args)):
            x.args = real

    def _cells(self, function: FunctionType) -> None:
        """Put real arrays into the closure of a new function."""
        for cell in function.__closure__ or ():
            try:
                now = cell.cell_contents
            except ValueError:
                continue  # not assigned yet
            if id(now) in self._looked_at:
                continue
            self._kept.append(now)
            self._looked_at.add(id(now))
            new, described = self.settle(now)
            if new is not now:
                cell.cell_contents = new
            if described[0] not in ("plain", "object", "argument"):
                self._trace.fail("gives a new function, with arrays in its closure")

    def _inside(self, x: Any) -> None:
        """Put real arrays into something that isn't described."""
        if type(x) is Tensor:
            if type(x.array) is Traced:
                x.array = x.array.value
            return
        if isinstance(x, BaseException):
            self._error(x)
        space = getattr(x, "__dict__", None)
        if type(space) is dict and not isinstance(x, type):
            for key, value in list(space.items()):
                if type(value) is Traced or isinstance(value, (Tensor, list, dict, tuple)):
                    space[key], _ = self.settle(value)


def _is_plain_object(x: Any) -> bool:
    """Return True for an object that is no more than its ``__dict__``."""
    kind = type(x)
    if dataclasses.is_dataclass(kind):
        return True
    own = all(
        "__slots__" not in vars(base) and bool(base.__flags__ & 1 << 9)  # made by a class statement
        for base in kind.__mro__[:-1]
    )
    try:
        object.__new__(kind)
    except TypeError:  # it has a state of its own, or is abstract
        return False
    return own and type(getattr(x, "__dict__", None)) is dict


def effects_of(
    settling: Settling, trace: Trace, reached: Reached, before: "Before"
) -> list[Effect]:
    """Return what the call has changed, after settling it."""
    effects = _of_places(settling, trace, reached)
    effects += _of_containers(settling, trace, reached, before)
    for tensor, at in reached.tensors.values():
        effects += _of_tensor(settling, trace, tensor, at, before.tensors[id(tensor)])
    for cls, values in before.classes.items():
        now = {k: v for k, v in vars(cls).items() if k != "__slotnames__"}  # noted by copy.copy
        changed = [k for k, v in now.items() if values.get(k, GONE) is not v]
        for name in changed:
            new, _ = settling.settle(now[name])
            if new is not now[name]:
                setattr(cls, name, new)
        if changed or not now.keys() >= values.keys() - {"__slotnames__"}:
            trace.fail(f"changes the class {cls.__name__}")
    for function in reached.functions.values():
        if any(name in function.__globals__ for name in before.absent[function]):
            trace.fail(f"makes new globals in {function.__name__}")
    return effects


def _of_places(settling: Settling, trace: Trace, reached: Reached) -> list[Effect]:
    effects = []
    for place in reached.places:
        fixed = place.kind in ("constant", "argument")
        if fixed or (place.kind == "slot" and type(place.holder) is Tensor):
            continue
        now = place.get()
        if now is place.value:
            continue
        if now is GONE:
            trace.fail(f"deletes {place.name}")
            continue
        new, described = settling.settle(now)
        if new is not now:
            place.set(new)
        effects.append(Effect("set", place, None, described))
    return effects


def _of_containers(
    settling: Settling, trace: Trace, reached: Reached, before: "Before"
) -> list[Effect]:
    effects = []
    for (container, at), keys in zip(reached.containers.values(), before.keys, strict=True):
        if isinstance(container, (tuple, frozenset)):
            continue
        if keys is not None:
            if [*container][: len(keys)] != keys:
                trace.fail(f"changes the order of {'a dict' if at is None else at.name}")
            known = set(keys)
            for key in [key for key in container if key not in known]:
                new, described = settling.settle(container[key])
                container[key] = new
                place = Place("attribute", container, key, at, GONE)
                effects.append(Effect("set", place, None, described))
        elif len(container) != len(before.ids[id(container)]):
            name = "a container" if at is None else at.name
            trace.fail(
                f"changes the length of {name}; return the values instead, and collect them outside"
            )
            if isinstance(container, (list, deque)):
                for i, child in enumerate(container):
                    container[i], _ = settling.settle(child)
    return effects


def _of_tensor(
    settling: Settling, trace: Trace, tensor: Tensor, at: Place, old: "_TensorBefore"
) -> list[Effect]:
    effects = []
    if type(tensor.array) is Traced:  # new data
        tensor.array, described = settling.settle(tensor.array)
        effects.append(Effect("data", at, tensor, described))
    elif tensor.index != old.created and tensor.array is old.array:
        effects.append(Effect("touch", at, tensor, ("plain", None)))
    elif tensor.array is not old.array:
        trace.fail(f"gives {at.name} data that don't depend on what is traced")
    if tensor.tracked is not old.tracked:
        trace.fail(f"changes requires_grad of {at.name}")
    inputs = None if tensor.op is None else tensor.inputs
    if tensor.op is not old.op or inputs is not old.inputs:
        if inputs is not None:
            settling.settle_graph(tensor)
        trace.fail(f"goes backward through, or assigns into, {at.name}, which was recorded before")
    if tensor._grad is not old.grad:
        _, described = settling.settle(tensor._grad)
        effects.append(Effect("grad", at, tensor, described))
    return effects


class _TensorBefore(NamedTuple):
    array: Any
    created: int
    tracked: bool
    op: Any
    inputs: Any
    grad: Any


@final
class Before:
    """What stood in containers and tensors before the call."""

    def __init__(self, reached: Reached) -> None:
        self.ids = {key: [*map(id, x)] for key, (x, _) in reached.containers.items()}
        self.keys = [[*x] if isinstance(x, dict) else None for x, _ in reached.containers.values()]
        self.classes = {cls: dict(vars(cls)) for cls in reached.classes}
        self.absent = {
            function: [n for n in code.co_names if n not in function.__globals__]
            for code, function in reached.functions.items()
        }
        self.tensors = {
            key: _TensorBefore(
                t.array,
                t.index,
                t.tracked,
                t.op,
                None if t.op is None else t.inputs,
                t._grad,
            )
            for key, (t, _) in reached.tensors.items()
        }


def left(recorded: Any, *, grads: bool = True) -> list[Value]:
    """Return the values that a recorded call has left: in its result, and in its effects.

    Without ``grads``, those that only gradients need are left out.
    """
    others = [e.description for e in recorded.effects if grads or e.kind != "grad"]
    return [value for d in (recorded.result, *others) for value in values_of(d)]


def values_of(description: Description) -> list[Value]:
    """Return the values that a description needs."""
    kind = description[0]
    if kind == "value":
        return [description[1]]
    if kind == "tensor":
        return values_of(description[2]) + values_of(description[6])
    if kind == "items":
        return [v for child in description[4] for v in values_of(child)]
    return []


def repeated(description: Description) -> list[int]:
    """Return the numbers of what a description names once more."""
    kind = description[0]
    if kind == "again":
        return [description[1]]
    if kind == "tensor":
        return repeated(description[2]) + repeated(description[6])
    if kind == "items":
        return [number for child in description[4] for number in repeated(child)]
    return []
