"""Calls that always give the same: they are made once, when the program is."""

import math
import operator
from typing import Any

import numpy as np

from autograd_lite.capturing.program.calls import (
    Attribute,
    Call,
    Constant,
    Method,
    Value,
    mapped,
    ufunc_of,
)

_MOST_BYTES = 65_536
"""Larger results are computed at each call rather than kept."""

_FILLING: dict[Any, float] = {np.zeros_like: 0, np.ones_like: 1}
_VIEWING = frozenset({operator.getitem, np.broadcast_to, np.reshape, np.transpose, np.squeeze})
COPYING = frozenset({np.copy, Method("copy"), Method("astype")})
_VIEWING_METHODS = frozenset({"reshape", "transpose", "squeeze"})
_MULTIPLYING = frozenset({np.multiply, operator.mul})


def fold(call: Call) -> bool:
    """Make the result of a call a constant, if it is one."""
    value = call.structure
    if type(value) is not Value or len(call.results) != 1 or call.results[0] is not value:
        return False
    array = _filled(call, value) if call.function in _FILLING else _computed(call, value)
    if array is None or (array.shape, array.strides) != (value.shape, value.strides):
        return False
    value.source = Constant(array)
    return True


def _filled(call: Call, value: Value) -> Any:
    """Return what is filled with zeros or ones, like an array that may be another at each call."""
    size = math.prod(value.shape) * value.dtype.itemsize
    if value.scalar or size > _MOST_BYTES or value.dtype.kind not in "biufc":
        return None
    return np.full(value.shape, _FILLING[call.function], value.dtype)


def _computed(call: Call, value: Value) -> Any:
    """Return what a function gives for constants."""
    function = call.function
    operands = call.operands
    if not operands or not all(type(x.source) is Constant for x in operands):
        return None
    viewing = _is_viewing(function)
    if not (viewing or (isinstance(function, np.ufunc) and not value.is_view)):
        return None
    if call.kwargs and not viewing:
        return None
    size = math.prod(value.shape) * value.dtype.itemsize
    if size > _MOST_BYTES and not value.is_view:
        return None
    args, kwargs = mapped(_array, (call.args, call.kwargs))
    try:
        with np.errstate(all="raise"):
            return function(*args, **kwargs)
    except ArithmeticError:
        return None  # the warning has to come at each call


def _array(x: Any) -> Any:
    return x.source.array if type(x) is Value else x


def only_factor(call: Call) -> Value | None:
    """Return ``x`` for a call that multiplies ``x`` by ones, and so gives its very bits."""
    if call.function not in _MULTIPLYING or call.kwargs or len(call.args) != 2:
        return None
    (value,) = call.results
    for x, ones in (call.args, call.args[::-1]):
        if type(x) is not Value or x.scalar is not value.scalar or isinstance(x.source, Constant):
            continue
        if not _is_alike(x, value):
            continue
        if type(ones) is Value and isinstance(ones.source, Constant):
            array = ones.source.array
            if array.dtype == x.dtype and array.dtype.kind == "f" and bool(np.all(array == 1)):
                return x
    return None


def copied(call: Call) -> Value | None:
    """Return what a call copies, bit for bit and in the same order in memory."""
    if call.function not in COPYING or len(call.results) != 1 or not call.args:
        return None
    x, (value,) = call.args[0], call.results
    if type(x) is not Value or x.scalar is not value.scalar:
        return None
    return x if _is_alike(x, value) else None


def _is_alike(x: Value, y: Value) -> bool:
    return (x.shape, x.strides, x.dtype) == (y.shape, y.strides, y.dtype)


def whole_view(call: Call) -> Value | None:
    """Return what a call gives a view of, if the view is like it: a reshape to the same shape."""
    if not _is_viewing(call.function) or len(call.results) != 1 or not call.args:
        return None
    x, (value,) = call.args[0], call.results
    if type(x) is not Value or not value.is_view or call.function is operator.getitem:
        return None
    return x if _is_alike(x, value) and not x.scalar else None


def _is_viewing(function: Any) -> bool:
    """Return True for a function that never computes anything."""
    if type(function) is Method:
        return function.name in _VIEWING_METHODS
    return type(function) is Attribute or function in _VIEWING


def is_new(x: Value) -> bool:
    """Return True for an array of its own that a ufunc makes in each call."""
    call = x.source
    if x.is_view or type(call) is not Call:
        return False
    by_ufunc = isinstance(call.function, np.ufunc) or ufunc_of(call.function) is not None
    return by_ufunc and not x.scalar
