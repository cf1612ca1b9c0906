"""What a trace has written down: values, the calls that make them, and what was asked of them."""

import math
from collections.abc import Callable, Iterator
from typing import Any, final

import numpy as np


@final
class Value:
    """An array or a NumPy scalar of a program: it says what is known of it before it is computed.

    Attributes
    ----------
    shape, strides : tuple of int
    dtype : dtype
    scalar : bool
        Whether it is a NumPy scalar, and not an array.
    weak : bool
        Whether it is a Python number, which promotes no dtype; it is a scalar too.
    root : Value
        The value that owns the memory: for views another one than itself.
    source : Input, Constant, Call
        Where it comes from.
    """

    __slots__ = ("dtype", "root", "scalar", "shape", "source", "strides", "weak")

    def __init__(self, array: Any, source: Any, root: "Value | None" = None) -> None:
        self.scalar = not isinstance(array, np.ndarray)
        self.shape: tuple[int, ...] = array.shape
        self.dtype: np.dtype[Any] = array.dtype
        self.strides: tuple[int, ...] = array.strides
        self.source = source
        self.root = self if root is None else root
        self.weak = False

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def transposed(self, source: Any) -> "Value":
        """Return the value of ``self.T``, which ``source`` makes."""
        new = object.__new__(Value)
        new.scalar, new.dtype, new.weak = self.scalar, self.dtype, False
        new.shape, new.strides = self.shape[::-1], self.strides[::-1]
        new.root, new.source = self.root, source
        return new

    @property
    def is_view(self) -> bool:
        """Whether it shows memory of another value."""
        return self.root is not self


@final
class Input:
    """What a program is given at each call: an array that the function was given, or has found."""

    __slots__ = ("array", "generator", "place")

    def __init__(self, place: Any, array: Any) -> None:
        self.place = place
        self.array = array
        self.generator = not hasattr(array, "dtype")


@final
class Constant:
    """An array that the function has made from nothing, such as ``np.arange(3)``."""

    __slots__ = ("array",)

    def __init__(self, array: Any) -> None:
        self.array = array


@final
class Method:
    """A method of arrays as a function: ``Method("sum")(x, axis=0)`` is ``x.sum(axis=0)``."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Call the method of ``x``."""
        return getattr(x, self.name)(*args, **kwargs)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.name == self.name

    def __hash__(self) -> int:
        return hash((type(self), self.name))


@final
class Attribute:
    """An attribute of arrays as a function: ``Attribute("T")(x)`` is ``x.T``."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, x: Any) -> Any:
        """Return the attribute of ``x``."""
        return getattr(x, self.name)

    __eq__ = Method.__eq__
    __hash__ = Method.__hash__


@final
class Draw:
    """A method of a random generator: ``Draw("normal")(rng, size=3)`` is ``rng.normal(size=3)``."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, rng: Any, *args: Any, **kwargs: Any) -> Any:
        """Draw from ``rng``."""
        return getattr(rng, self.name)(*args, **kwargs)

    __eq__ = Method.__eq__
    __hash__ = Method.__hash__


@final
class Call:
    """One call of a NumPy function.

    Attributes
    ----------
    function : callable
    args, kwargs
        With :class:`Value` in the place of arrays.
    results : list of Value
        What it makes, in order, where it makes something new.
    structure : Any
        The result with values in the place of arrays: a value, or a tuple or list of them.
    writes : list of Value
        The roots whose memory it writes into.
    errors : dict
        NumPy's handling of floating-point errors, where the function has changed it.
    phase : str
        ``"forward"``, ``"backward"`` or ``"update"``.
    line : str
        The user's line that led to the call.
    """

    __slots__ = (
        "_operands",
        "args",
        "errors",
        "function",
        "kwargs",
        "line",
        "phase",
        "results",
        "structure",
        "writes",
    )

    def __init__(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        *,
        errors: dict[str, str],
        phase: str,
        line: str,
    ) -> None:
        self.function = function
        self.args = args
        self.kwargs = kwargs
        self.results: list[Value] = []
        self.structure: Any = None
        self.writes: list[Value] = []
        self._operands: tuple[Any, Any, list[Value]] = None, None, []
        self.errors = errors
        self.phase = phase
        self.line = line

    @property
    def operands(self) -> list[Value]:
        """The values among the arguments."""
        args, kwargs, found = self._operands
        if args is not self.args or kwargs is not self.kwargs:
            found = []
            for x in (*self.args, *self.kwargs.values()) if self.kwargs else self.args:
                if type(x) is Value:
                    found.append(x)
                elif type(x) in _HOLDING:
                    found += values_in(x)
            self._operands = self.args, self.kwargs, found
        return found


@final
class Placement:
    """Stands for the function of calls that compute nothing.

    They say which arrays are parts of another one, in whose memory they are computed.
    """


PLACED: Any = Placement()


def like(step: Call, function: Any, args: tuple[Any, ...], result: Value | None = None) -> Call:
    """Return a call that stands in the place of another one."""
    call = Call(function, args, {}, errors=step.errors, phase=step.phase, line=step.line)
    if result is not None:
        call.results, call.structure = [result], result
        if result.source is None:
            result.source = call
    return call


@final
class Guard:
    """What Python has asked of a value, and been told: at replay the answer must be the same.

    Attributes
    ----------
    question : str
        ``"bool"``, ``"int"``, ``"float"``, ``"complex"``, ``"isnan"``, ``"isinf"``,
        ``"isfinite"``, ``"array"``, ``"shape"``, or ``"object"`` for what a function has returned.
    value : Value
    answer : Any
    """

    __slots__ = ("answer", "line", "question", "value")

    def __init__(self, question: str, value: Any, answer: Any, line: str) -> None:
        self.question = question
        self.value = value
        self.answer = answer
        self.line = line


@final
class Thing:
    """A value that isn't an array: what a function such as ``np.allclose`` has returned."""

    __slots__ = ("source",)

    def __init__(self, source: Call) -> None:
        self.source = source


PREDICATES: dict[str, Callable[[Any], bool]] = {
    "isnan": math.isnan,
    "isinf": math.isinf,
    "isfinite": math.isfinite,
}
"""The questions that one of Python's functions asks of a number, by its name."""


def ufunc_of(function: Any) -> np.ufunc | None:
    """Return the ufunc that a function is a method of: ``np.add`` for ``np.add.reduce``."""
    owner = getattr(function, "__self__", None)
    return owner if isinstance(owner, np.ufunc) else None


def owner_of(array: Any) -> Any:
    """Return the array that owns the memory of an array.

    Views by strides, such as ``np.lib.stride_tricks.sliding_window_view`` makes, have an object
    between them and that array.
    """
    while True:
        base = array.base
        if not isinstance(base, np.ndarray):
            base = getattr(base, "base", None)
        if not isinstance(base, np.ndarray):
            return array
        array = base


def same_bits(a: Any, b: Any) -> bool:
    """Return True for arrays of the same shape, dtype and bits."""
    if a is b:
        return True
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    bits = _BITS.get(a.itemsize) if a.nbytes >= _LARGE and a.dtype.kind in "biufc" else None
    if bits is None or not (a.flags.c_contiguous and b.flags.c_contiguous):
        return bool(a.tobytes() == b.tobytes())
    return bool((a.view(bits) == b.view(bits)).all())  # without copies


_BITS = {size: np.dtype(f"u{size}") for size in (1, 2, 4, 8)}
"""Integers of as many bytes."""

_LARGE = 65_536


def is_c_ordered(x: Any) -> bool:
    """Return True for an array, or value, that is dense and in C order."""
    expected = x.dtype.itemsize
    for step, length in zip(reversed(x.strides), reversed(x.shape), strict=True):
        if length > 1 and step != expected:
            return False
        expected *= length
    return True


_HOLDING = frozenset({tuple, list, dict, slice})


def values_in(x: Any) -> Iterator[Value]:
    """Yield the values in nested arguments."""
    if type(x) is Value:
        yield x
    elif type(x) in (tuple, list):
        for child in x:
            yield from values_in(child)
    elif type(x) is dict:
        for child in x.values():
            yield from values_in(child)
    elif type(x) is slice:
        yield from values_in((x.start, x.stop, x.step))


def mapped(function: Callable[[Any], Any], x: Any) -> Any:
    """Return nested arguments with every leaf replaced by what ``function`` makes of it."""
    kind = type(x)
    if kind is tuple or kind is list:
        return kind([mapped(function, child) for child in x])
    if kind is dict:
        return {key: mapped(function, child) for key, child in x.items()}
    if kind is slice:
        return slice(*[mapped(function, part) for part in (x.start, x.stop, x.step)])
    if isinstance(x, tuple):  # a named tuple
        return kind(*[mapped(function, child) for child in x])
    return function(x)
