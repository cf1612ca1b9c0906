"""Questions whose answer follows from that to a later one.

Backward asks of many cotangents whether they hold a NaN. A NaN in one shows in all that is computed
from it, so that it is enough to ask of what is computed last.
"""

import operator
from typing import Any

import numpy as np

from autograd_lite.capturing.program.calls import (
    Attribute,
    Call,
    Guard,
    Input,
    Method,
    Value,
    ufunc_of,
)

_KEEPING_NANS = frozenset(
    {
        np.add,
        np.subtract,
        np.multiply,
        np.true_divide,
        np.negative,
        np.positive,
        np.absolute,
        np.square,
        np.sqrt,
        np.exp,
        np.log,
        np.sin,
        np.cos,
        np.tanh,
        operator.add,
        operator.sub,
        operator.mul,
        operator.truediv,
        operator.neg,
        np.broadcast_to,
        np.transpose,
        np.reshape,
        Attribute("T"),
        Attribute("mT"),
        Method("reshape"),
        Method("transpose"),
        Method("copy"),
    }
)
"""Functions that use all elements of all operands, and give NaN where an element is NaN."""

_IN_PLACE = frozenset({np.add, np.subtract, np.multiply})


def without_implied(steps: list[Any]) -> list[Any]:
    """Return the steps without questions for a NaN that would show in the answer to a later one.

    An answer that is wrong is noticed later, but nothing is given away before all are right.
    """
    shows: set[Value] = set()  # a NaN in these, as they are at this step, is noticed later
    kept: list[Any] = []
    for step in reversed(steps):
        if type(step) is Guard:
            x = _looked_at(step)
            if x is not None:
                if step.question == "isnan" and x in shows:
                    continue
                shows.add(x)
        else:
            _look(step, shows)
        kept.append(step)
    return kept[::-1]


def _looked_at(guard: Guard) -> Value | None:
    """Return the array that the question is about, if a NaN in it changes the answer."""
    if (guard.question, guard.answer) not in (("isnan", False), ("isfinite", True)):
        return None
    value = guard.value
    call = value.source if type(value) is Value else None
    if type(call) is not Call or call.function is not np.vdot or call.args[0] is not call.args[1]:
        return None
    x = call.args[0]
    return x if type(x) is Value and x.dtype.kind == "f" else None


def _look(call: Call, shows: set[Value]) -> None:
    """Add what a call is given, if a NaN in it shows in the result."""
    if call.writes:
        (root, *others) = call.writes
        before = {*shows}
        if call.function is operator.setitem and not others:
            target, _, value = call.args
            _forget(root, shows)
            if target is root and root in before and type(value) is Value:
                _add(value, shows)
            return
        out = call.kwargs.get("out")
        adds = call.function in _IN_PLACE and call.kwargs.keys() == {"out"} and not others
        if adds and root in before and any(x is out for x in call.args):
            for x in call.operands:
                if x.root is not root:
                    _add(x, shows)
            return
        for root in call.writes:
            _forget(root, shows)
        return
    if len(call.results) != 1 or call.results[0] not in shows:
        return
    function = call.function
    summing = ufunc_of(function) is np.add and function.__name__ == "reduce"
    plain = call.kwargs.keys() <= {"axis", "keepdims"} if summing else not _has_settings(call)
    if plain and (summing or function in _KEEPING_NANS):
        for x in call.operands:
            _add(x, shows)


def _has_settings(call: Call) -> bool:
    """Return True if keyword arguments may say that not all elements are used."""
    return not call.kwargs.keys() <= {"order", "copy", "shape"}


def _forget(root: Value, shows: set[Value]) -> None:
    shows -= {value for value in shows if value.root is root}


def _add(x: Value, shows: set[Value]) -> None:
    if x.dtype.kind == "f" and not (isinstance(x.source, Input) and x.source.generator):
        shows.add(x)
