"""Arrays of zeros that are filled part by part: gradients of ``x[1:]``, of ``np.split``, and so on.

Each is kept where it is from call to call. What is zero stays zero, so that only the parts have to
be written, and where it can be, by the call that computes them.
"""

import math
import operator
from typing import Any

import numpy as np

from autograd_lite.capturing.program.calls import (
    PLACED,
    Call,
    Guard,
    Value,
    is_c_ordered,
    like,
    values_in,
)

_MOST_BYTES = 4_194_304
_ZEROS = frozenset({np.zeros_like})
_ROUNDED = frozenset({np.add, np.subtract, np.multiply, np.true_divide, np.negative})
"""Functions whose results don't depend on where they are written: IEEE 754 says what they are."""


def scattered(
    steps: list[Any], away: set[Value], *, signed: bool = True
) -> tuple[list[Any], dict[Value, Any]]:
    """Return the steps without the calls that make zeros, and the arrays to be kept, by value.

    Parameters
    ----------
    steps : list of Call or Guard
    away : set of Value
        Roots that are given away, and so have to be new in each call.
    signed : bool
        Whether 0 + x has to be computed, which is 0 where x is -0.
    """
    made = [
        step.results[0]
        for step in steps
        if type(step) is Call and step.function in _ZEROS and len(step.results) == 1
    ]
    zeros = {z for z in made if _fits(z) and z not in away}
    if not zeros:
        return steps, {}
    touching: dict[Value, list[Any]] = {z: [] for z in zeros}
    for step in steps:
        values = {step.value} if type(step) is Guard else {*step.operands}
        for root in {value.root for value in values if type(value) is Value} & zeros:
            touching[root].append(step)
    filled = {z: parts for z in zeros if (parts := _parts(z, touching[z])) is not None}
    new: dict[int, list[Any]] = {id(z.source): [] for z in filled}
    uses: dict[Value, int] = {}
    for step in steps:
        if id(step) not in new:  # of what zeros are made like, only the shape matters
            for value in {step.value} if type(step) is Guard else {*step.operands}:
                uses[value] = uses.get(value, 0) + 1
    arrays: dict[Value, Any] = {}
    for z, parts in filled.items():
        arrays[z] = np.zeros(z.shape, z.dtype)
        for step, is_first, is_only in parts:
            assigns = step.function is operator.setitem
            _, index, x = step.args if assigns else _added(step)
            plain = assigns or (is_first and step.function is np.add and not signed)
            if plain and is_only and _is_written_there(x, arrays[z][index], uses, away):
                arrays[x] = arrays[z][index]
                placing = like(step, PLACED, (z, x))
                placing.writes = [z]
                new[id(step)] = [placing]
            elif is_first and not assigns:
                new[id(step)] = [_onto_zeros(step)]
    return [s for step in steps for s in new.get(id(step), (step,))], arrays


def _fits(z: Value) -> bool:
    """Return True for an array of moderate size in C's order."""
    size = math.prod(z.shape) * z.dtype.itemsize
    kept = not z.scalar and z.dtype.kind in "fc" and 0 < size <= _MOST_BYTES
    return kept and is_c_ordered(z)


def _parts(z: Value, steps: list[Any]) -> list[tuple[Call, bool, bool]] | None:
    """Return the calls that write into zeros, and whether they are the first, or only, ones there.

    None if a part may have been read before it is written.
    """
    written = np.zeros(z.shape, int)
    parts: list[tuple[Call, bool, Any]] = []
    has_been_read = False
    for step in steps:
        if type(step) is Guard:
            return None
        if not step.writes:
            has_been_read = has_been_read or not all(v.is_view for v in step.results)
            has_been_read = has_been_read or not step.results
            continue
        index = _index(step, z)
        if has_been_read or index is None:
            return None
        (place,) = index
        is_first = not written[place].any()
        if not is_first and not (step.function is operator.setitem or written[place].all()):
            return None
        written[place] += 1
        parts.append((step, is_first, place))
    return [(step, first, bool((written[place] == 1).all())) for step, first, place in parts]


def _index(step: Call, z: Value) -> tuple[Any] | None:
    """Return where a call writes, in a tuple; None if it isn't a plain part of the array."""
    target, index, x = step.args if step.function is operator.setitem else _added(step)
    if step.writes != [z] or target is not z or (type(x) is Value and x.root is z):
        return None
    plain = index if type(index) is tuple else (index,)
    if any(True for _ in values_in(index)) or not all(
        part is None or part is Ellipsis or type(part) in (int, slice) for part in plain
    ):
        return None
    return (index,)


def _added(step: Call) -> tuple[Any, Any, Any]:
    """Return z, the index and x of ``z[index] += x``; a tuple of None if it is something else."""
    view = step.kwargs.get("out")
    source = view.source if type(view) is Value else None
    if (
        step.function not in (np.add, np.subtract)
        or step.kwargs.keys() != {"out"}
        or step.args[0] is not view
        or type(step.args[1]) is not Value
        or step.args[1].dtype != view.dtype
        or type(source) is not Call
        or source.function is not operator.getitem
    ):
        return None, None, None
    return *source.args, step.args[1]


def _is_written_there(x: Any, place: Any, uses: dict[Value, int], away: set[Value]) -> bool:
    """Return True if a part may be computed in its place."""
    if type(x) is not Value or x.scalar or x.is_view or uses[x] != 1 or x in away:
        return False
    call = x.source
    if type(call) is not Call or call.function not in _ROUNDED or call.kwargs or call.writes:
        return False
    return isinstance(place, np.ndarray) and (place.shape, place.dtype) == (x.shape, x.dtype)


def _onto_zeros(step: Call) -> Call:
    """Return the call of ``view += x`` for a view that holds zeros: 0 + x, which isn't -0."""
    args = (0.0, step.args[1])
    new = Call(
        step.function, args, step.kwargs, errors=step.errors, phase=step.phase, line=step.line
    )
    new.writes, new.structure = step.writes, step.structure
    return new
