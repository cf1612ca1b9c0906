"""Where a program keeps its intermediate results: buffers that are planned once and used again."""

import operator
import sys
from typing import Any, final

import numpy as np

from autograd_lite.capturing.optimization.choosing import chooser
from autograd_lite.capturing.optimization.fewer_calls import Step, uses
from autograd_lite.capturing.optimization.folding import COPYING
from autograd_lite.capturing.program.calls import Call, Constant, Method, Value, mapped, ufunc_of

_ALIGNMENT = 64
_WITH_OUT = {np.concatenate, np.stack}
_METHODS_WITH_OUT = {"sum", "prod", "max", "min", "mean", "cumsum", "cumprod", "any", "all"}
FILLING: dict[Any, str] = {np.empty_like: "", np.zeros_like: "fill(0)"}
"""Functions that make an array to be written into, and the method that does it with a buffer."""

_POWERS = {2: np.square, 0.5: np.sqrt, -1: np.reciprocal}


def takes_out(call: Call) -> bool:
    """Return True if the call can write its one result into a given array."""
    if len(call.results) != 1 or call.structure is not call.results[0]:
        return False
    if call.writes or call.results[0].scalar or call.results[0].is_view:
        return False
    function = call.function
    if getattr(function, "writes_out", False):
        return True
    return not call.kwargs.keys() & {"out", "where"} and _has_out(call)


def _has_out(call: Call) -> bool:
    function = call.function
    if isinstance(function, np.ufunc):
        return function.nout == 1 and len(call.args) == function.nin
    if ufunc_of(function) is not None:
        return function.__name__ in ("reduce", "accumulate")
    by_method = type(function) is Method and function.name in _METHODS_WITH_OUT
    special = is_copy(call) or is_where(call) or is_power(call) is not None
    return by_method or special or function in _WITH_OUT or chooser(call) is not None


def is_copy(call: Call) -> bool:
    """Return True for a plain copy, or a conversion to another dtype."""
    if call.function not in COPYING or not isinstance(call.args[0], Value):
        return False
    return call.args[0].dtype.kind != "O"


def is_where(call: Call) -> bool:
    """Return True for ``np.where(mask, a, b)``."""
    if call.function is not np.where or len(call.args) != 3 or call.kwargs:
        return False
    mask = call.args[0]
    return type(mask) is Value and mask.dtype == bool


def is_power(call: Call) -> np.ufunc | None:
    """Return the function that NumPy takes for a power with this exponent, as far as known."""
    if call.function is not operator.pow or type(call.args[0]) is not Value:
        return None
    x, exponent = call.args
    if type(exponent) not in (int, float) or x.dtype.kind not in "fc" or x.scalar:
        return None
    return _POWERS.get(exponent)


def is_elementwise(call: Call) -> bool:
    """Return True if each element of the result depends on those at the same place only."""
    function = call.function
    if isinstance(function, np.ufunc):
        return function.signature is None
    return is_power(call) is not None or is_copy(call)


@final
class Plan:
    """Which value is kept where.

    Attributes
    ----------
    arrays : dict
        The arrays of the values that stay where they are: buffers, constants, views of them.
    size : int
        The bytes of all buffers.
    """

    def __init__(
        self, steps: list[Step], given_away: set[Value], arrays: dict[Value, Any] | None = None
    ) -> None:
        self.arrays: dict[Value, Any] = {**(arrays or {})}
        self.size = 0
        self._free: list[Any] = []
        self._memory: dict[Value, Any] = {}
        written = {root for step in steps if isinstance(step, Call) for root in step.writes}
        last: dict[Value, int] = {}
        for position, step in enumerate(steps):
            for value in uses(step):
                last[value.root] = position
                if type(value.source) is Constant and value.root not in written:
                    self.arrays[value] = value.source.array
        for position, step in enumerate(steps):
            if isinstance(step, Call):
                self._place(step, position, last, given_away)
                for value in step.results:
                    last.setdefault(value.root, position)
            for root in {value.root for value in (*uses(step), *_results(step))}:
                if last.get(root) == position and root in self._memory:
                    self._free.append(self._memory.pop(root))

    def _place(self, call: Call, position: int, last: dict[Value, int], away: set[Value]) -> None:
        if call.writes or not self.arrays.keys().isdisjoint(call.results):
            return
        operands = call.operands
        if call.results and all(value.root is not value for value in call.results):
            if all(x in self.arrays for x in operands):
                self._view(call)
            return
        if not (takes_out(call) or call.function in FILLING):
            return
        (value,) = call.results
        if value in away:
            return
        memory = None
        if is_elementwise(call):
            for x in operands:
                if (
                    x.root is x
                    and x in self._memory
                    and last[x] == position
                    and (x.shape, x.strides, x.dtype) == (value.shape, value.strides, value.dtype)
                    and not any(y.root is x and y is not x for y in operands)
                ):
                    memory = self._memory.pop(x)
                    break
        if memory is None:
            memory = self._take(_span(value))
        if memory is not None:
            self._memory[value] = memory
            self.arrays[value] = np.ndarray(value.shape, value.dtype, memory, 0, value.strides)

    def _view(self, call: Call) -> None:
        from_arrays = _filled(call, self.arrays)
        found = call.function(*from_arrays[0], **from_arrays[1])
        parts = found if isinstance(found, (tuple, list)) else (found,)
        for value, array in zip(call.results, parts, strict=True):
            self.arrays[value] = array

    def _take(self, size: int) -> Any:
        if size <= 0:
            return None
        fitting = [m for m in self._free if size <= m.nbytes <= 2 * size + 1024]
        if fitting:
            best = min(fitting, key=lambda m: m.nbytes)
            self._free = [m for m in self._free if m is not best]
            return best
        self.size += size
        return aligned(size)


def _results(step: Step) -> list[Value]:
    return step.results if isinstance(step, Call) else []


def _filled(call: Call, arrays: dict[Value, Any]) -> Any:
    return mapped(lambda x: arrays[x] if type(x) is Value else x, (call.args, call.kwargs))


def _span(value: Value) -> int:
    """Return how many bytes a dense array of these strides needs; 0 if it isn't one."""
    size = value.dtype.itemsize
    if 0 in value.shape or value.dtype.hasobject:
        return 0
    steps = sorted(zip(value.strides, value.shape, strict=True))
    expected = size
    for step, length in steps:
        if length == 1:
            continue
        if step != expected:
            return 0
        expected *= length
    return expected


def is_dense(value: Value) -> bool:
    """Return True if an array of these strides has no gaps."""
    return _span(value) > 0


@final
class Recycled:
    """Arrays of one kind that are given away, and used again when nobody else holds them."""

    __slots__ = ("_arrays", "_like")

    def __init__(self, value: Value) -> None:
        self._like = value
        self._arrays: list[Any] = []

    def __call__(self) -> Any:
        """Return an array that nobody holds."""
        for array in self._arrays:
            if _references(array) == _FREE:
                return array
        value = self._like
        # an array that owns its memory, as that of a result does in eager, where NumPy makes one
        array = np.empty(value.shape, value.dtype)
        if value.strides != array.strides:
            array = np.ndarray(value.shape, value.dtype, aligned(_span(value)), 0, value.strides)
        if len(self._arrays) < _MOST_KEPT:
            self._arrays.append(array)
        return array


_MOST_KEPT = 3
_references: Any = getattr(sys, "getrefcount", lambda array: 0)


def _of_a_free_array() -> int:
    for array in [np.empty(1)]:
        return int(_references(array))
    return 0


_FREE = _of_a_free_array()
"""The reference count of an array that only ``Recycled`` holds, counted as it counts there."""


def aligned(size: int) -> Any:
    """Return this many bytes of memory, from the start of a cache line on."""
    memory = np.empty(size + _ALIGNMENT, np.uint8)
    start = -memory.__array_interface__["data"][0] % _ALIGNMENT
    return memory[start : start + size]
