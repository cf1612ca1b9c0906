"""A world run eagerly and run captured: after each call, all that a user can see is compared."""

import collections
import dataclasses
import io
import random
import types
import warnings
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
from numpy.random import mtrand

import autograd_lite
import nn
from autograd_lite import Tensor, errors

CALLS = 8
"""Two calls are observed; so six are replays, or three if a change after three is observed anew."""


def plain(function: Any = None, /, **options: Any) -> Any:
    """Return the function itself: what capture is to look like."""
    return (lambda function: function) if function is None else function


MANY = 1000
"""Arrays of more values are shown by a hash."""

PLAIN = (int, float, complex, str, bytes, range, slice, np.dtype, type(...))
"""Types of values that change only if they are replaced, and show all that they are in repr."""

OPAQUE = (types.FunctionType, types.MethodType, types.ModuleType, partial, type)
"""Types of which nothing is compared."""

capture: Callable[..., Any] = getattr(autograd_lite, "capture", plain)
CaptureWarning: Any = getattr(errors, "CaptureWarning", None)


def both(
    make: Callable[[Any], tuple[Callable[[int], Any], Any]], calls: int = CALLS, **options: Any
) -> None:
    """Run a world eagerly and captured, and compare them after each call, bit for bit.

    Parameters
    ----------
    make : callable
        ``make(capture) -> (call, state)``: builds everything anew. ``call(turn)`` is what a user
        does at each turn. ``state`` is what may be changed by it: models, optimizers, generators,
        arguments, containers of them. All results are kept, and compared again after each call.
    calls : int
        The number of turns.
    **options
        For capture.
    """
    expected = run(make, plain, calls)
    found = run(make, partial(capture, **options), calls)
    for turn, (theirs, ours) in enumerate(zip(expected, found, strict=True)):
        problem = difference(theirs, ours)
        assert not problem, f"after call {turn}, {problem}"


def run(make: Callable[[Any], Any], capture: Any, calls: int) -> list["View"]:
    """Return what a user can see of a world after each call."""
    before = random.getstate(), mtrand.get_state()
    random.seed(0)
    mtrand.seed(0)
    try:
        return list(views(*make(capture), calls))
    finally:
        random.setstate(before[0])
        mtrand.set_state(before[1])


def views(call: Callable[[int], Any], state: Any, calls: int) -> Iterator["View"]:
    """Yield what can be seen after each call."""
    kept: list[Any] = []
    view = View({})
    for turn in range(calls):
        printed = io.StringIO()
        with warnings.catch_warnings(record=True) as warned, redirect_stdout(printed):
            warnings.simplefilter("always")
            try:
                kept.append(call(turn))
            except Exception as error:
                kept.append(raised(error))
        said = [(w.category.__name__, str(w.message)) for w in warned if not of_capture(w.category)]
        said = list(dict.fromkeys(said))  # equal ops may be computed once, and warn once
        view = View(view.objects)
        view.add("result", kept)
        view.add("state", state)
        view.add("warnings", said)
        view.add("printed", printed.getvalue())
        view.lines["random numbers"] = random.getstate(), legacy_state()
        view.add_sharing()
        yield view


def legacy_state() -> tuple[Any, ...]:
    """Return the state of NumPy's global generator, to be compared."""
    return tuple(x.tobytes() if isinstance(x, np.ndarray) else x for x in mtrand.get_state())


def of_capture(category: type[Warning]) -> bool:
    """Return whether a warning says only that something can't be captured."""
    return CaptureWarning is not None and issubclass(category, CaptureWarning)


def raised(error: BaseException) -> tuple[Any, ...]:
    """Return what is compared of an error."""
    return "raised", type(error).__name__, str(error), getattr(error, "__notes__", [])


def difference(theirs: "View", ours: "View") -> str:
    """Return the first thing in which two views differ, empty if there is none."""
    for path in theirs.lines | ours.lines:
        one, other = theirs.lines.get(path, "nothing"), ours.lines.get(path, "nothing")
        if one != other:
            return f"{path}:\n    eager     {one}\n    captured  {other}"
    lost = [path for path in theirs.stayed if path not in ours.stayed]
    return f"{lost[0]} is another object, which in eager it isn't" if lost else ""


class View:
    """What can be seen of objects: a line for each thing in them, under the way to it.

    Lines tell values (the bits, but for the kinds of NaN), types, layouts, and which things are
    the same object; a last one tells which arrays share memory. Objects that are at the same place
    as in the view before are listed: whoever has a reference to one knows if it is replaced.
    """

    def __init__(self, before: dict[str, Any]) -> None:
        self.before = before
        self.objects: dict[str, Any] = {}
        self.stayed: list[str] = []
        self.lines: dict[str, Any] = {}
        self.first: dict[int, str] = {}
        self.arrays: list[tuple[str, Any]] = []

    def add(self, path: str, x: Any) -> None:
        """Add what can be seen of ``x``, once if it is met several times."""
        if isinstance(x, np.generic) or x is None or isinstance(x, PLAIN):
            self.lines[path] = f"{type(x).__name__} {x!r}"
        elif isinstance(x, OPAQUE) or type(x).__module__.startswith("autograd_lite.capturing"):
            self.lines[path] = "a function, module or class"
        elif id(x) in self.first and not isinstance(x, tuple):
            self.lines[path] = f"the same object as {self.first[id(x)]}"
        else:
            self.first[id(x)] = path
            self.objects[path] = reference(x)
            if path in self.before and self.before[path]() is x:
                self.stayed.append(path)
            self.add_parts(path, x)

    def add_parts(self, path: str, x: Any) -> None:
        """Add a line for an object, and lines for its parts."""
        kind = type(x).__qualname__.rpartition(".")[2]
        if isinstance(x, np.ndarray):
            self.lines[path] = array(x)
            self.arrays.append((path, x))
            return
        self.lines[path] = kind
        for name, part in parts(x):
            self.add(path + name, part)

    def add_sharing(self) -> None:
        """Add which of the arrays share memory."""
        self.lines["memory shared by"] = [
            (one, other)
            for (one, a), (other, b) in combinations(self.arrays, 2)
            if a.size and b.size and np.shares_memory(a, b)
        ]


def reference(x: Any) -> Callable[[], Any]:
    """Return a reference that keeps nothing alive, as far as there are such references."""
    try:
        return weakref.ref(x)
    except TypeError:
        return lambda: x


def array(x: Any) -> str:
    """Return the values of an array, exactly, and its layout."""
    steps = [step if length > 1 else 0 for step, length in zip(x.strides, x.shape, strict=True)]
    layout = f"{x.dtype.str} {x.shape} strides {steps if x.size else 'of nothing'}"
    access = "" if x.flags.writeable else " read-only"
    values = x.tolist() if x.size < MANY else hash(x.tobytes())
    return f"{type(x).__name__} {layout}{access} {values!r}"


GENERATORS: dict[Any, Callable[[Any], Any]] = {
    np.random.Generator: lambda rng: rng.bit_generator.state,
    random.Random: random.Random.getstate,
    mtrand.RandomState: mtrand.RandomState.get_state,
}


def parts(x: Any) -> list[tuple[str, Any]]:
    """Return the parts of an object, with their names."""
    if isinstance(x, Tensor):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a result has no grad, which would be warned of
            grad = x.grad
        return [(".array", x.array), (".requires_grad", x.requires_grad), (".grad", grad)]
    for kind, state in GENERATORS.items():
        if isinstance(x, kind):
            return [(".state", repr(state(x)))]
    if isinstance(x, Mapping):
        return [(f"[{key!r}]", value) for key, value in x.items()]
    if isinstance(x, (list, tuple, collections.deque)):
        return [(f"[{position}]", value) for position, value in enumerate(x)]
    if isinstance(x, (set, frozenset)):
        return [("{}", repr(sorted(map(repr, x))))]
    names = [f.name for f in dataclasses.fields(x)] if dataclasses.is_dataclass(x) else vars_of(x)
    return [(f".{name}", getattr(x, name)) for name in names]


def vars_of(x: Any) -> list[str]:
    """Return the names of the attributes of an object itself, in their order."""
    return list(getattr(x, "__dict__", {}))


# ------------------------------------------------------------------ what worlds are made of


def inputs(*shape: int, dtype: Any = np.float64, seed: int = 0, count: int = CALLS) -> list[Any]:
    """Return new arrays, one for each call; the same at each time."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(dtype) for _ in range(count)]


def leaf(*shape: int, dtype: Any = np.float64, seed: int = 1) -> Tensor:
    """Return a new parameter."""
    return Tensor(np.random.default_rng(seed).normal(size=shape), requires_grad=True, dtype=dtype)


def network(dtype: Any = np.float32) -> Any:
    """Return a new small network: 4 values in, 3 out."""
    return nn.Sequential(
        nn.Dense(4, 5, rng=0, dtype=dtype), nn.Sigmoid(), nn.Dense(5, 3, rng=1, dtype=dtype)
    )


def batches(size: int = 6, dtype: Any = np.float32, count: int = CALLS) -> list[tuple[Any, Any]]:
    """Return mini-batches for the network, one for each call: inputs, and targets of 0 and 1."""
    rng = np.random.default_rng(2)
    return [
        (rng.normal(size=(size, 4)).astype(dtype), np.eye(3, dtype=dtype)[rng.integers(0, 3, size)])
        for _ in range(count)
    ]


def training(model: Any, optimizer: Any) -> Callable[[Any, Any], Any]:
    """Return a training step, as most users write it."""

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        loss = nn.losses.binary_cross_entropy_with_logits(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step
