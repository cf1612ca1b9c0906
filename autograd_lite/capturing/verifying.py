"""A program is run once beside the function itself, and must give the same, bit for bit."""

from typing import Any

import numpy as np

from autograd_lite.capturing.optimization.fewer_calls import is_generator
from autograd_lite.capturing.program.calls import same_bits
from autograd_lite.capturing.programs import Program
from autograd_lite.capturing.replay.binding import MissError


def verify(program: Program) -> str | None:
    """Return what is wrong with a program, by the call that it was recorded from.

    The call has been made. The program gets copies of what the call has written into, as it was
    before.
    """
    replay: Any = program.replay
    trace = program.recorded.trace
    computation = replay.computation
    inputs: list[Any] = []
    for value in computation.inputs:
        array = value.source.array
        if value.weak:
            inputs.append(float(array))
        elif is_generator(value):
            inputs.append(_clone(array, trace.states.get(value)))
        elif value.root in trace.before:
            inputs.append(_as_before(value, trace, inputs, computation.inputs))
        else:
            inputs.append(array)
    try:
        outputs, last = computation.run(*inputs)
    except MissError as miss:
        return f"is captured wrongly: {miss} (a fault of autograd_lite; please report it)"
    for function, *args in last:
        function(*args)
    return compared(program, inputs, outputs)


def _as_before(value: Any, trace: Any, inputs: list[Any], values: list[Any]) -> Any:
    if value.root is not value:
        owner = inputs[values.index(value.root)] if value.root in values else None
        if owner is None:
            return value.source.array
    before = trace.before[value.root]
    if value.root is value and before.strides == value.source.array.strides:
        return before
    copy = np.empty_like(value.source.array)
    copy[...] = before
    return copy


def _clone(rng: Any, state: Any) -> Any:
    bits = type(rng.bit_generator)()
    bits.state = rng.bit_generator.state if state is None else state
    return np.random.Generator(bits)


def compared(program: Program, inputs: list[Any], outputs: Any) -> str | None:
    """Return what is wrong, if the program's arrays aren't those of the call."""
    replay: Any = program.replay
    trace = program.recorded.trace
    for value, array in zip(replay.computation.inputs, inputs, strict=True):
        written = value in trace.before and not is_generator(value)
        if written and not _close(array, value.source.array, program.fast):
            return _FAULT.format(value.source.place.name)
    for value, array in zip(replay.computation.outputs, outputs, strict=True):
        right = trace.real_of.get(value)
        if right is not None and not _close(array, right, program.fast):
            return _FAULT.format("a result")
    return None


_FAULT = "is captured wrongly: {} differs (a fault of autograd_lite; please report it)"


def _close(a: Any, b: Any, fast: bool) -> bool:
    if fast:
        return bool(np.allclose(a, b, rtol=1e-3, atol=1e-5, equal_nan=True))
    a, b = np.asarray(a), np.asarray(b)
    return same_bits(a, b) or _equal_but_for_payload(a, b)


def _equal_but_for_payload(a: Any, b: Any) -> bool:
    """Return True if two arrays differ only in the bits of NaN, which carry no meaning."""
    if a.dtype != b.dtype or a.dtype.kind not in "fc":
        return False
    parts = ((a.real, b.real), (a.imag, b.imag)) if a.dtype.kind == "c" else ((a, b),)
    return all(
        np.array_equal(x, y, equal_nan=True) and np.array_equal(np.signbit(x), np.signbit(y))
        for x, y in parts
    )
