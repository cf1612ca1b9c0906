"""Comparing two traces: same calls, same constants, same outcome."""

from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any

import numpy as np

from autograd_lite.capturing.observing.outcome import Effect
from autograd_lite.capturing.observing.terms import same
from autograd_lite.capturing.program.calls import (
    Call,
    Constant,
    Guard,
    Input,
    Thing,
    Value,
    mapped,
    same_bits,
)


class _Numbering:
    def __init__(self, numbers: dict[Value, float]) -> None:
        self.numbers = numbers
        self._numbers: dict[int, int] = {}

    def of(self, x: Any) -> int:
        return self._numbers.setdefault(id(x), len(self._numbers))


def tokens(recorded: Any, numbers: dict[Value, float]) -> Iterator[tuple[Any, str]]:
    """Yield what a recorded call consists of, piece by piece, each with the line it comes from.

    Traced numbers are yielded as the numbers that they were in another call: ``numbers`` has the
    inputs, and gets what was computed from them.
    """
    numbering = _Numbering(numbers)
    of_numbers = recorded.trace.of_numbers
    for step in recorded.trace.steps:
        if id(step) in of_numbers:
            if isinstance(step, Call) and step.results:
                args = mapped(lambda x: numbers[x] if type(x) is Value else x, step.args)
                numbers[step.results[0]] = step.function(*args)
            continue
        if type(step) is Guard:
            yield ("ask", step.question, numbering.of(step.value)), step.line
            yield step.answer, step.line
            continue
        yield ("call", step.function), step.line
        yield from _arguments(step.args, numbering, step.line)
        yield from _arguments(step.kwargs, numbering, step.line)
        for value in step.results:
            yield _kind(value), step.line
            numbering.of(value)
    yield from _left(recorded, numbering)


def _left(recorded: Any, numbering: _Numbering) -> Iterator[tuple[Any, str]]:
    """Yield what a recorded call has left."""
    yield from _described(recorded.result, numbering)
    for effect in recorded.effects:
        yield from _effect(effect, numbering)


def _effect(effect: Effect, numbering: _Numbering) -> Iterator[tuple[Any, str]]:
    yield (effect.kind, effect.target.identity), ""
    yield from _described(effect.description, numbering)


def _kind(value: Value) -> tuple[Any, ...]:
    return "made", value.shape, value.dtype, value.strides, value.scalar


def _arguments(x: Any, numbering: _Numbering, line: str) -> Iterator[tuple[Any, str]]:
    kind = type(x)
    if kind is Value and x.weak:
        yield numbering.numbers[x], line
    elif kind is Value:
        if isinstance(x.source, Input):
            yield ("input", x.source.place.identity), line
        elif isinstance(x.source, Constant):
            yield x.source.array, line
        yield numbering.of(x), line
    elif kind is Thing:
        yield numbering.of(x), line
    elif isinstance(x, (tuple, list)):
        yield (kind, len(x)), line
        for child in x:
            yield from _arguments(child, numbering, line)
    elif kind is dict:
        yield (kind, tuple(x)), line
        for child in x.values():
            yield from _arguments(child, numbering, line)
    elif kind is slice:
        yield slice, line
        yield from _arguments((x.start, x.stop, x.step), numbering, line)
    else:
        yield x, line


def _described(description: Any, numbering: _Numbering) -> Iterator[tuple[Any, str]]:
    kind = description[0]
    if kind == "value" and description[1].weak:
        yield "plain", ""
        yield numbering.numbers[description[1]], ""
        return
    yield kind, ""
    if kind == "value":
        value = description[1]
        if isinstance(value.source, Input):
            yield ("input", value.source.place.identity), ""
        elif isinstance(value.source, Constant):
            yield value.source.array, ""
        yield numbering.of(value), ""
    elif kind == "tensor":
        _, number, array, tracked, op, params, grad = description
        yield (number, tracked, op), ""
        yield from _arguments(params, numbering, "")
        yield from _described(array, numbering)
        yield from _described(grad, numbering)
    elif kind == "items":
        _, number, container, keys, children = description
        yield (number, container, keys, len(children)), ""
        for child in children:
            yield from _described(child, numbering)
    elif kind == "object":
        yield ("object", id(description[1])), ""
    else:
        yield description[1], ""


def fingerprint(recorded: Any) -> list[tuple[Any, str]]:
    """Return what a recorded call consists of; later, optimization changes what was recorded."""
    return [*tokens(recorded, _inputs(recorded, lambda identity: None))]


def difference(
    first: Any,
    second: Any,
    known: Callable[[Any], float | None] = lambda identity: None,
) -> str | None:
    """Return how two recorded calls differ, in words; None if they don't.

    Parameters
    ----------
    first, second : Recorded
        The first may be its fingerprint instead.
    known : callable
        Gives the float that stood at a place (by its identity) in the first call. Where the second
        has it as an input, it must have done with it what the first did.
    """
    if not isinstance(first, list) and _is_same(first, second):
        return None
    ours = first if isinstance(first, list) else fingerprint(first)
    theirs = tokens(second, _inputs(second, known))
    asking = ""
    for (a, own), (b, other) in zip_longest(ours, theirs, fillvalue=_NOTHING):
        line = own or other
        if not _equal(a, b):
            where = f" (at {line})" if line else ""
            if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
                return (
                    "uses an array that capture can't follow, and that is another one in each call"
                    f"{where}; give it as an argument, or draw random numbers from a "
                    "numpy.random.Generator"
                )
            if asking:
                return f"asks for a value that changes from call to call: {asking}{where}"
            if isinstance(a, (int, float, complex)) and isinstance(b, (int, float, complex)):
                return f"uses a number that changes from call to call: {a!r}, then {b!r}{where}"
            return f"does something else in each call{where}"
        asking = a[1] if isinstance(a, tuple) and a[:1] == ("ask",) else ""
    return None


def _is_same(first: Any, second: Any) -> bool:
    """Return True if two recorded calls don't differ; False says only that they may.

    This is the way of nearly all pairs of calls, and takes a third of the time of the other one.
    """
    steps, others = first.trace.steps, second.trace.steps
    if first.trace.of_numbers or second.trace.of_numbers or len(steps) != len(others):
        return False
    own, other = _Numbering({}), _Numbering({})
    for a, b in zip(steps, others, strict=True):
        alike = _same_guards if type(a) is Guard else _same_calls
        if type(a) is not type(b) or not alike(a, b, own, other):
            return False
    try:
        left = zip(_left(first, own), _left(second, other), strict=True)
        return all(_equal(a, b) for (a, _), (b, _) in left)
    except (KeyError, ValueError):  # a number among them; not as many
        return False


def _same_guards(a: Guard, b: Guard, own: _Numbering, other: _Numbering) -> bool:
    same_question = a.question == b.question and own.of(a.value) == other.of(b.value)
    return same_question and _equal(a.answer, b.answer)


def _same_calls(a: Call, b: Call, own: _Numbering, other: _Numbering) -> bool:
    return (
        (a.function is b.function or _equal(a.function, b.function))
        and _same_arguments(a.args, b.args, own, other)
        and (not (a.kwargs or b.kwargs) or _same_arguments(a.kwargs, b.kwargs, own, other))
        and len(a.results) == len(b.results)
        and all(
            _kind(x) == _kind(y) and own.of(x) == other.of(y)
            for x, y in zip(a.results, b.results, strict=True)
        )
    )


def _same_arguments(x: Any, y: Any, own: _Numbering, other: _Numbering) -> bool:
    """Return True if what two calls are given doesn't differ."""
    kind = type(x)
    if kind is not type(y):
        return False
    if kind is Value or kind is Thing:
        return (kind is Thing or _same_sources(x, y)) and own.of(x) == other.of(y)
    if kind is slice:
        x, y = (x.start, x.stop, x.step), (y.start, y.stop, y.step)
    elif kind is dict:
        x, y = (*x, *x.values()), (*y, *y.values())
    elif kind is not tuple and kind is not list:
        return x is y or _equal(x, y)
    return len(x) == len(y) and all(
        _same_arguments(a, b, own, other) for a, b in zip(x, y, strict=True)
    )


def _same_sources(x: Value, y: Value) -> bool:
    """Return True if two arrays are from the same place; False for numbers."""
    mine, others = x.source, y.source
    if x.weak or y.weak or type(mine) is not type(others):
        return False
    if type(mine) is Input:
        return bool(mine.place.identity == others.place.identity)
    return type(mine) is not Constant or same_bits(mine.array, others.array)


def _inputs(recorded: Any, known: Callable[[Any], float | None]) -> dict[Value, float]:
    found = {}
    for value in recorded.trace.inputs:
        if value.weak:
            number = known(value.source.place.identity)
            found[value] = float(value.source.array) if number is None else number
    return found


_NOTHING = object(), ""


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return type(a) is type(b) and same_bits(a, b)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(_equal, a, b))
    if isinstance(a, (float, np.generic)):
        return same(a, b)
    if a is b or type(a) is not type(b):
        return a is b
    answer = a == b
    return isinstance(answer, bool) and answer  # arrays of other kinds have no single answer
