"""A trace: a call of the user's function during which every NumPy call is written down."""

import operator
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, final
from weakref import ref

import numpy as np

from autograd_lite.capturing.program.calls import (
    PREDICATES,
    Call,
    Constant,
    Draw,
    Guard,
    Input,
    Thing,
    Value,
    mapped,
    owner_of,
    same_bits,
)
from autograd_lite.capturing.program.shapes import UFUNCS, has_shape_of_its_own
from autograd_lite.capturing.tracing.arguments import PLAIN, UNCHANGED, array_of, name_of, real_of
from autograd_lite.capturing.tracing.listening import Listening
from autograd_lite.capturing.tracing.traced import Traced
from autograd_lite.capturing.tracing.varying import Number
from autograd_lite.capturing.tracing.whereabouts import users_line, whereabouts

_NAMES = {function: name for name, function in PREDICATES.items()}
_ASK: dict[str, Callable[[Any], Any]] = {
    "bool": bool,
    "int": int,
    "float": float,
    "complex": complex,
    "item": lambda x: x.item(),
    "array": lambda x: x,
    **PREDICATES,
}


def _do_nothing(_kind: str, _flag: int) -> None:
    """Handle a floating-point error that is ignored."""


@final
class Trace:
    """What a call of a function did to arrays.

    Attributes
    ----------
    steps : list of Call or Guard
        In order.
    inputs : list of Value
        The arrays that the function was given, or has found.
    before : dict
        What the memory of an input held before it was first written into, by its value.
    reason : str or None
        Why the function can't be captured; the trace goes on all the same, with real values.
    listening : Listening
        Which functions ran.
    read_only : bool
        Whether an array was made read-only.
    """

    kinds = frozenset({Traced, Number, np.ndarray})

    def __init__(self) -> None:
        self.steps: list[Call | Guard] = []
        self.inputs: list[Value] = []
        self.before: dict[Value, Any] = {}
        self.states: dict[Value, Any] = {}
        self.reason: str | None = None
        self.listening = Listening(self)
        self.read_only = False
        self._thread = threading.get_ident()
        self._open = True
        self._roots: dict[int, Value] = {}
        self._constants: dict[int, tuple[Value, Any]] = {}
        self._alive: list[Any] = []
        self.real_of: dict[Value, Any] = {}
        self._errors: dict[str, Any] = {}
        self._began_backward = False
        self._children: list[Any] = []
        self.of_numbers: set[int] = set()

    # ------------------------------------------------------------------ what is traced

    def input(self, array: Any, place: Any) -> Traced:
        """Return an array, or a NumPy scalar, as an input of the program."""
        root = self._roots.get(id(owner_of(array))) if isinstance(array, np.ndarray) else None
        node = Value(array, Input(place, array), root)
        self.inputs.append(node)
        self._own(array, node)
        return self._born(Traced(array, node, self))

    def number(self, x: float, place: Any) -> Number:
        """Return a Python number as an input of the program."""
        node = Value(np.float64(x), Input(place, np.float64(x)))
        node.weak = True
        self.inputs.append(node)
        return Number.of(x, node, self)

    def generator(self, rng: Any, place: Any) -> Value:
        """Return a random generator as an input of the program."""
        node = Value(np.empty(0), Input(place, rng))
        self.inputs.append(node)
        return node

    def _own(self, array: Any, node: Value) -> None:
        if isinstance(array, np.ndarray):
            owner = owner_of(array)
            self._alive += (array, owner)
            self._roots.setdefault(id(owner), node.root)

    @property
    def here(self) -> bool:
        """Whether calls are written down now: others threads only compute."""
        return self._open and threading.get_ident() == self._thread

    def _born(self, x: Traced) -> Traced:
        self._children.append(ref(x))
        return x

    def survivors(self) -> list[Any]:
        """Return the traced arrays that something still holds."""
        return [x for reference in self._children if (x := reference()) is not None]

    def forget(self) -> None:
        """Keep no arrays: only what was done to them."""
        self._alive.clear()
        self._roots.clear()
        self._constants.clear()
        self.real_of.clear()
        self.before.clear()
        for node in self.inputs:
            if node.source.place.kind == "argument" and not (node.source.generator or node.weak):
                node.source.array = node.source.place.value = None

    def close(self) -> None:
        """Write nothing down any more."""
        self._open = False

    def fail(self, reason: str) -> None:
        """Note why the function can't be captured."""
        if self.reason is None and threading.get_ident() == self._thread:
            self.reason = f"{reason} (at {self.line()})" if self._open else reason

    def set_flag(self, name: str, x: Any, node: Value) -> None:
        """Note that the flag of an array is set: only within a function can that be left out."""
        if name == "writeable" and not x and not isinstance(node.root.source, Input):
            self.read_only = True
        else:
            self.fail(f"sets the flag {name!r} of an array")

    def real(self, x: Any) -> Any:
        """Return nested arguments with the real arrays in place of traced ones."""
        return mapped(real_of, x)

    # ------------------------------------------------------------------ calls

    def operate(self, function: Callable[..., Any], *operands: Any) -> Any:
        """Apply an operator, as arrays and NumPy's scalars do.

        What is left to a type of somebody else is returned as a ``partial``.
        """
        of_arrays = False
        for x in operands:
            kind = type(x)
            of_arrays = of_arrays or isinstance(x, np.ndarray)
            if kind in self.kinds or kind in UNCHANGED or isinstance(x, np.generic):
                continue
            answering = getattr(kind, "__array_ufunc__", self)
            if answering is not self and answering is not np.ndarray.__array_ufunc__:
                if answering is None or hasattr(kind, "tracked"):  # a tensor's operators know best
                    return NotImplemented
                ufunc: Any = UFUNCS.get(function, np.divmod if function is divmod else np.power)
                return partial(ufunc, *operands)
        if of_arrays:
            function = UFUNCS.get(function, function)
        return self._call(function, operands, {}, ())

    def operate_in_place(self, function: Callable[..., Any], x: Traced, other: Any) -> Any:
        """Apply an operator in place, ``x += other``; return a ``partial`` as ``operate`` does."""
        answering = getattr(type(other), "__array_ufunc__", self)
        if answering is None:
            return NotImplemented
        ufunc = UFUNCS.get(function)
        foreign = answering is not self and answering is not np.ndarray.__array_ufunc__
        if foreign and type(other) not in self.kinds:
            in_place: Any = ufunc or np.power
            return partial(in_place, x, other, out=(x,))
        if ufunc is None:
            self.call(operator.ipow, (x, other), {}, writes=(x,))
        else:
            self.call(ufunc, (x, other), {"out": x}, writes=(x,))
        return x

    def call(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        writes: Sequence[Any] = (),
    ) -> Any:
        """Call a function on the real values, and write the call down."""
        listening = sys.getprofile()
        sys.setprofile(None)  # what tracing itself calls is of no interest
        try:
            return self._call(function, args, kwargs, writes)
        finally:
            sys.setprofile(listening)

    def _call(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        writes: Sequence[Any],
    ) -> Any:
        if not self.here:
            return function(*self.real(args), **self.real(kwargs))
        given: dict[int, Any] = {}
        pairs = [self._taken(x, given) for x in args]
        real_args, operands = zip(*pairs, strict=True) if pairs else ((), ())
        named = {key: self._taken(x, given) for key, x in kwargs.items()} if kwargs else {}
        phase, line = self._whereabouts()
        call = Call(
            function,
            operands,
            {key: operand for key, (_, operand) in named.items()} if named else {},
            errors=self._errors_set(),
            phase=phase,
            line=line,
        )
        for x in writes:
            if type(x) is not Traced:
                self.fail(
                    "writes into an array that was made inside of the function, or that capture "
                    "hasn't found; make it outside, or compute it from the arguments"
                )
                continue
            root = x.node.root
            call.writes.append(root)
            if isinstance(root.source, Input) and root not in self.before:
                self.before[root] = root.source.array.copy()
        if named:
            result = function(*real_args, **{key: x for key, (x, _) in named.items()})
        else:
            result = function(*real_args)
        self.steps.append(call)
        traced, call.structure = self._results(result, given, call)
        if not isinstance(result, np.generic) and has_shape_of_its_own(call):
            for value in call.results:
                self._ask("shape", value, value.shape)
        return traced

    def _taken(self, x: Any, given: dict[int, Any]) -> tuple[Any, Any]:
        """Return what a function is given for an argument, and what is written down for it.

        Traced arrays are noted in ``given``, by the ids of the real ones.
        """
        kind = type(x)
        if kind is Traced and x.trace is self:
            array = x.value
            given.setdefault(id(array), x)
            return array, x.node
        if kind in UNCHANGED:
            return x, x

        def real(leaf: Any) -> Any:
            traced = array_of(leaf)
            if type(traced) is Traced:
                given.setdefault(id(traced.value), traced)
            return real_of(traced)

        return mapped(real, x), mapped(self._operand, x)

    def compute(self, function: Callable[..., Any], *args: Any) -> Any:
        """Compute with Python numbers, and write that down."""
        result = function(*self.real(args))
        if not self.here:
            return result
        call = Call(
            function, mapped(self._operand, args), {}, errors={}, phase="", line=self.line()
        )
        call.phase, _ = self._whereabouts()
        self.steps.append(call)
        self.of_numbers.add(id(call))
        if type(result) is float:
            node = call.structure = Value(np.float64(result), call)
            node.weak = True
            call.results.append(node)
            return Number.of(result, node, self)
        thing = call.structure = Thing(call)
        self._ask("object", thing, result)
        self.of_numbers.add(id(self.steps[-1]))
        return result

    def asked_number(self, x: Number, answer: Any) -> None:
        """Note that Python has seen a number."""
        if self.here:
            self._ask("object", x.node, answer)
            self.of_numbers.add(id(self.steps[-1]))

    def draw(self, node: Value, rng: Any, name: str, args: Any, kwargs: Any) -> Any:
        """Draw from a random generator, and write that down."""
        if not self.here:
            return getattr(rng, name)(*args, **kwargs)
        if node not in self.states:
            self.states[node] = rng.bit_generator.state
        call = Call(
            Draw(name),
            (node, *mapped(self._operand, args)),
            mapped(self._operand, kwargs),
            errors={},
            phase="",
            line="",
        )
        call.phase, call.line = self._whereabouts()
        call.writes.append(node)
        result = getattr(rng, name)(*self.real(args), **self.real(kwargs))
        self.steps.append(call)
        if isinstance(result, (np.ndarray, np.generic)):
            traced, call.structure = self._results(result, {}, call)
            return traced
        thing = call.structure = Thing(call)  # a Python number
        self._ask("object", thing, result)
        return result

    def _results(self, result: Any, given: dict[int, Any], call: Call) -> tuple[Any, Any]:
        """Return what a function has returned with traced arrays, and with values."""
        known = given.get(id(result))
        if known is not None:
            return known, known.node
        if isinstance(result, (np.ndarray, np.generic)) and result.dtype.kind in "biufcSUmM":
            if isinstance(result, np.ndarray):
                owner = result if result.base is None else owner_of(result)
                node = Value(result, call, self._roots.get(id(owner)))
                self._alive += (result, owner)
                self._roots.setdefault(id(owner), node.root)
            else:
                node = Value(result, call)
            call.results.append(node)
            self.real_of[node] = result
            return self._born(Traced(result, node, self)), node
        if type(result) in (tuple, list):
            parts = [self._results(part, given, call) for part in result]
            return type(result)(x for x, _ in parts), tuple(node for _, node in parts)
        if isinstance(result, tuple) and hasattr(result, "_fields"):
            parts = [self._results(part, given, call) for part in result]
            return type(result)(*[x for x, _ in parts]), tuple(node for _, node in parts)
        if result is not None:
            thing = Thing(call)
            if type(result) in (bool, int, float, complex, str):
                self._ask("object", thing, result)
            else:
                self.fail(f"calls {name_of(call.function)}, which gives a {type(result).__name__}")
            return result, thing
        return None, None

    def _operand(self, leaf: Any) -> Any:
        """Return the value that stands for an array among the arguments of a call."""
        leaf = array_of(leaf)
        if type(leaf) is Traced:
            if leaf.trace is self:
                return leaf.node
            return self._constant(leaf.value)
        if type(leaf) is Number:
            return leaf.node if leaf.trace is self else leaf.plain
        if isinstance(leaf, np.ndarray):
            return self._constant(leaf)
        if isinstance(leaf, np.generic) or type(leaf) in PLAIN or leaf is None:
            return leaf
        if callable(leaf) and not isinstance(leaf, (type, np.ufunc)):
            self.fail(f"gives NumPy a function, {name_of(leaf)}, to call")
        return leaf

    def _constant(self, array: Any) -> Value:
        known = self._constants.get(id(array))
        if known is not None:
            node, _ = known
            if same_bits(node.source.array, array):
                return node
        node = Value(array, Constant(array.copy(order="K")))
        if not array.flags.c_contiguous:
            copy = np.empty_like(array)
            copy[...] = array
            if copy.strides == array.strides:
                node.source.array = copy
            else:
                node.source.array, node.strides = array, array.strides
        self._constants[id(array)] = node, array
        return node

    # ------------------------------------------------------------------ questions

    def asked(self, question: str, x: Traced) -> Any:
        """Answer what Python asks of a value, and note it down."""
        if question == "float" and self.listening.calling in _NAMES:
            answer = float(x.value)
            question = _NAMES[self.listening.calling]
            if self.here:
                self._ask(question, x.node, _ASK[question](answer))
            return answer
        answer = _ASK[question](x.value)
        if self.here:
            self._ask(question, x.node, answer.copy() if question == "array" else answer)
        return answer

    def _ask(self, question: str, value: Any, answer: Any) -> None:
        self.steps.append(Guard(question, value, answer, self.line()))

    # ------------------------------------------------------------------ where we are

    @contextmanager
    def telling_errors_apart(self) -> Iterator[None]:
        """Let what the function itself ignores differ from what its caller ignores.

        A floating-point error that the caller ignores calls a function that does nothing.
        """
        settings: dict[str, Any] = {k: "call" for k, how in np.geterr().items() if how == "ignore"}
        settings["call"] = _do_nothing
        if np.geterrcall() is not None:  # the caller has one
            settings = {}
        with np.errstate(**settings):
            self._errors = {**np.geterr()}
            yield

    def _errors_set(self) -> dict[str, str]:
        errors: dict[str, Any] = np.geterr()  # type: ignore[assignment]
        if errors == self._errors:
            return {}
        if [*errors.values()].count("ignore") >= 4 or all(
            errors[kind] == "ignore" for kind in ("divide", "over", "invalid")
        ):
            return {"all": "ignore"}
        return {kind: mode for kind, mode in errors.items() if mode != self._errors[kind]}

    def _whereabouts(self) -> tuple[str, str]:
        backward, line = whereabouts()
        self._began_backward = self._began_backward or backward
        phase = "backward" if backward else "update" if self._began_backward else "forward"
        return phase, line

    def line(self) -> str:
        """Return the user's file and line that is being executed."""
        return users_line()
