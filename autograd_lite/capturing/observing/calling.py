"""Calling a function under observation: everything that it reaches is traced, and put back."""

import gc
import sys
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from types import CellType
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.capturing.observing.arguments import Arguments, Path
from autograd_lite.capturing.observing.outcome import (
    Before,
    Description,
    Effect,
    Settling,
    effects_of,
)
from autograd_lite.capturing.observing.reaching import Place, Reached
from autograd_lite.capturing.observing.terms import Term, advanced, terms_of
from autograd_lite.capturing.tracing.generators import traced_generator
from autograd_lite.capturing.tracing.trace import Trace
from autograd_lite.capturing.tracing.traced import Traced, TypeOf
from autograd_lite.tensor import Tensor


class Recorded(NamedTuple):
    """A call that was observed.

    Attributes
    ----------
    trace : Trace
    result : tuple
        The description of what it returned.
    effects : list of Effect
    terms : list of Term
        What must be as it was.
    graded : dict
        Whether leaves had a gradient before, by their places.
    moving : set of Place
        Places of tensors that the function itself replaces.
    returned : Any
        What it really returned.
    modules : list
        The modules that were reached, which have names for tensors, and where they stand.
    varying : frozenset
        The places whose floats are inputs.
    """

    trace: Trace
    result: Description
    effects: list[Effect]
    terms: list[Term]
    graded: dict[Place, bool]
    moving: set[Place]
    returned: Any
    modules: list[tuple[Any, Place]]
    varying: frozenset[Any] = frozenset()


def observed(
    function: Callable[..., Any],
    arguments: Arguments,
    varying: frozenset[Any] = frozenset(),
) -> Recorded:
    """Call the function, and return what it did.

    Everything that it can reach is traced while it runs: it computes as always, and NumPy's calls
    are written down. Floats at the places ``varying`` are traced too.
    """
    outer = sys.getprofile()
    reached = Reached(function, arguments.places)
    trace = Trace()
    if reached.too_much:
        trace.fail("reaches too many objects to follow")
    before = Before(reached)
    swapping = _Swapping(trace, reached, varying)
    random_states = _RandomStates(reached)
    settling = Settling(trace, reached, arguments.paths)
    try:
        swapping.swap()
        args, kwargs = arguments.traced(swapping.argument)
        function = swapping.rebuilt(function, None) or function
        collecting = gc.isenabled()
        gc.disable()  # what a collection calls isn't called by the function
        with trace.telling_errors_apart():
            sys.setprofile(trace.listening.hear)
            try:
                returned = function(*args, **kwargs)
            finally:
                sys.setprofile(outer)
                if collecting:
                    gc.enable()
    except BaseException as error:
        trace.close()
        settling.clean(error)
        raise
    finally:
        trace.close()
        swapping.restore()
        arguments.restore(trace)
        try:
            effects = effects_of(settling, trace, reached, before)
        finally:
            swapping.close()
    returned, described = settling.settle(returned)
    iterator = advanced(reached, trace.listening.codes)
    if iterator is not None:
        trace.fail(
            f"can take something from the iterator {iterator}; take it outside, and give the "
            "function what comes"
        )
    del args, kwargs
    arguments.forget()
    settling.forget()
    _look_for_survivors(trace)
    drawn = random_states.drawn({id(node.source.array) for node in trace.states})
    unseen = next(drawn, None) if trace.reason is None else None
    if unseen is not None:
        trace.reason = f"draws random numbers from {unseen}, which capture can't follow"
    for code in reached.unknown(trace.listening.codes):
        trace.fail(f"calls {code.co_name}() of {code.co_filename}, which capture hasn't found")
    moving = {
        effect.target
        for effect in effects
        if effect.kind == "set" and type(effect.target.value) is Tensor
    }
    replaced = {
        id(effect.target)
        for effect in effects
        if effect.kind == "set"
        and (effect.target in moving or isinstance(effect.target.value, np.ndarray))
    }
    if varying:
        replaced |= {id(place) for place in reached.places if place.identity in varying}
    arguments.reached_too = reached.again & {id(place.value) for place in arguments.places}
    arguments.reachable = {key for key, (_, at) in reached.tensors.items() if at.kind != "argument"}
    arguments.same_as_reached = {*swapping.given_too}
    terms = terms_of(reached, trace.listening.codes, replaced, before.ids)
    terms += [  # for as long as the array that is given is also the one that stands there
        Term("{}", at, at.kind, at.holder, at.key, at.value) for at in swapping.given_too.values()
    ]
    graded = {
        at: before.tensors[key].grad is not None
        for key, (tensor, at) in reached.tensors.items()
        if before.tensors[key].op is None and at.key != "_grad"
    }
    return Recorded(
        trace, described, effects, terms, graded, moving, returned, reached.modules, varying
    )


def _look_for_survivors(trace: Trace) -> None:
    """Put real arrays in place of traced ones that were put where nothing was looked for."""
    if not trace.survivors():
        return
    gc.collect()  # exceptions and frames make cycles
    for x in trace.survivors():
        trace.fail("puts an array into something in which capture hasn't looked for it")
        for holder in gc.get_referrers(x):
            _replace(holder, x, x.value)


def _replace(holder: Any, x: Any, array: Any) -> None:
    """Put an array in the place of a traced one in a list, a dict, a cell or a tensor."""
    if isinstance(holder, (list, deque)):
        for i, child in enumerate(holder):
            if child is x:
                holder[i] = array
    elif isinstance(holder, dict):
        for key in [*holder]:
            if holder[key] is x:
                holder[key] = array
    elif type(holder) is CellType:
        holder.cell_contents = array
    elif type(holder) is Tensor:
        holder.array = array


class _Swapping:
    """Puts traced arrays where arrays stand, and arrays back."""

    def __init__(self, trace: Trace, reached: Reached, varying: frozenset[Any]) -> None:
        self._varying = varying
        self._trace = trace
        self._reached = reached
        self._traced: dict[int, Any] = {}
        self._swapped: list[tuple[Place, Any, Any]] = []
        self._put_back: list[tuple[Any, str, Any, Any]] = []
        self.given_too: dict[Path, Place] = {}

    def argument(self, x: Any, place: Place) -> Any:
        """Return what stands for an argument while tracing."""
        new = self._new(x, place)
        if type(new) is Traced and new.node.source.place.kind != "argument":
            self.given_too[place.key] = new.node.source.place
        return new

    def _new(self, x: Any, place: Place) -> Any:
        """Return what stands for an object; itself if it isn't traced."""
        if type(x) is float:
            return self._trace.number(x, place) if place.identity in self._varying else x
        known = self._traced.get(id(x))
        if known is not None:
            return known
        if (
            type(x) is np.ndarray
            or (isinstance(x, np.generic) and place.kind == "slot")
            or (isinstance(x, np.generic) and place.kind == "argument")
        ) and x.dtype.kind in "biufc":
            new: Any = self._trace.input(x, place)
        elif _is_generator(x):
            new = traced_generator(x, self._trace.generator(x, place), self._trace)
        elif callable(x) and _is_generator(getattr(x, "__self__", None)):
            twin = self._new(x.__self__, Place("constant", x, "__self__", place, x.__self__))
            new = getattr(twin, x.__name__)
        else:
            return x
        self._traced[id(x)] = new
        return new

    def swap(self) -> None:
        """Put traced arrays into all that was reached."""
        for place in self._reached.places:
            if place.kind == "argument":
                continue
            value = place.value
            if place.kind == "constant":
                if isinstance(place.holder, type):
                    self._swap_in_class(place)
                continue
            if place.kind == "slot" and type(place.holder) is Tensor and place.key == "_grad":
                continue
            new = self._new(value, place)
            if new is value and isinstance(value, (tuple, partial)):
                new = self.rebuilt(value, place) or value
            if new is not value:
                place.set(new)
                self._swapped.append((place, value, new))

        for code, function in self._reached.functions.items():
            space = function.__globals__
            if "type" in self._reached.globals.get(code, ()) and "type" not in space:
                self._put_back.append((function, "", None, None))
                space["type"] = TypeOf
            defaults = self.rebuilt(function.__defaults__, None)
            if defaults is not None:
                self._put_back.append((function, "__defaults__", function.__defaults__, defaults))
                function.__defaults__ = defaults

    def _swap_in_class(self, place: Place) -> None:
        """Trace an array that all objects of a class share."""
        cls, name, value = place.holder, place.key, place.value
        new = self._new(value, place)
        if new is not value and vars(cls).get(name) is value:
            setattr(cls, name, new)
            self._put_back.append((cls, name, value, new))

    def rebuilt(self, x: Any, at: Place | None) -> Any:
        """Return a tuple, or a partial function, with traced arrays in it; None if it has none."""
        if isinstance(x, partial):
            args = self.rebuilt(x.args, at)
            keywords = {
                name: self._new(child, Place("item", x.keywords, name, at, child))
                for name, child in x.keywords.items()
            }
            if args is None and all(keywords[name] is x.keywords[name] for name in keywords):
                return None
            return partial(x.func, *(args or x.args), **keywords)
        if not isinstance(x, tuple):
            return None
        parts = []
        for i, child in enumerate(x):
            place = Place("constant", x, i, at, child)
            new = self._new(child, place)
            if new is child and isinstance(child, (tuple, partial)):
                new = self.rebuilt(child, place) or child
            parts.append(new)
        if all(new is old for new, old in zip(parts, x, strict=True)):
            return None
        return type(x)(*parts) if hasattr(x, "_fields") else type(x)(parts)

    def restore(self) -> None:
        """Put back what was swapped, where the function hasn't put something else."""
        for holder, name, value, new in reversed(self._put_back):
            if not name:
                if holder.__globals__.get("type") is TypeOf:
                    del holder.__globals__["type"]
            elif vars(holder).get(name, new) is new and getattr(holder, name) is new:
                setattr(holder, name, value)
        for place, value, new in reversed(self._swapped):
            if place.get() is new:
                place.set(value)

    def close(self) -> None:
        """Hold no traced arrays any more."""
        self._traced.clear()
        self._swapped.clear()


def _is_generator(x: Any) -> bool:
    return type(x).__name__ == "Generator" and type(x).__module__.startswith("numpy.random")


class _RandomStates:
    """The states of random generators before a call, which tell what has drawn unseen."""

    def __init__(self, reached: Reached) -> None:
        kinds: dict[type, Callable[[Any], Any] | None] = {}
        self._found: list[tuple[str, Any, Callable[[Any], Any]]] = []
        if "random" in sys.modules:
            self._found.append(("the module random", sys.modules["random"], _of_python))
        legacy = sys.modules.get("numpy.random")
        if legacy is not None:
            self._found.append(("numpy.random's functions", legacy, _of_legacy))
        for place in reached.places:
            kind = type(place.value)
            if kind not in kinds:
                kinds[kind] = _way_to_state(kind)
            state = kinds[kind]
            if state is not None:
                self._found.append((f"the {_KINDS[state]} {place.name}", place.value, state))
        self._before = [state(x) for _, x, state in self._found]

    def drawn(self, known: set[int]) -> Iterator[str]:
        """Yield the names of what has drawn since, apart from generators of these ids."""
        for (name, x, state), before in zip(self._found, self._before, strict=True):
            if not (state is _of_generator and id(x) in known) and state(x) != before:
                yield name


def _of_python(rng: Any) -> Any:
    return rng.getstate()


def _of_legacy(rng: Any) -> Any:
    """Return the state of NumPy's older generator, to be compared."""
    state = rng.get_state(legacy=False)
    return state["state"]["pos"], state["state"]["key"].tobytes(), state["has_gauss"]


def _of_bits(rng: Any) -> Any:
    return repr(rng.state)


def _of_generator(rng: Any) -> Any:
    return repr(rng.bit_generator.state)


_KINDS: dict[Callable[[Any], Any], str] = {
    _of_generator: "generator",
    _of_legacy: "RandomState",
    _of_python: "random.Random",
    _of_bits: "bit generator",
}


def _way_to_state(kind: type) -> Callable[[Any], Any] | None:
    """Return what gives the state of an object, if it is a random generator of any kind."""
    if kind.__name__ == "Generator" and kind.__module__.startswith("numpy.random"):
        return _of_generator
    if kind.__name__ == "RandomState":
        return _of_legacy
    if any((base.__module__, base.__name__) == ("random", "Random") for base in kind.__mro__):
        return _of_python  # it isn't imported here, for it may not be loaded
    return _of_bits if hasattr(kind, "random_raw") else None
