"""``fast=True``: updates are added up straight into the weights, by BLAS.

``w -= rate * (x.T @ d)`` is one matrix product that accumulates into ``w``. It forms neither the
gradient nor the step, and so saves two passes over the weights. Sums are added up in another
order, so results differ by rounding.
"""

import copy
import importlib
import operator
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_lite.capturing.optimization.fewer_calls import Step
from autograd_lite.capturing.optimization.products import faster
from autograd_lite.capturing.program.calls import (
    Attribute,
    Call,
    Guard,
    Input,
    Value,
    is_c_ordered,
    ufunc_of,
)

_PREFIXES = {np.dtype(np.float32): "s", np.dtype(np.float64): "d"}


def accumulated(steps: Iterable[Step], wanted: set[Value]) -> list[Step]:
    """Return the steps with updates by BLAS, where SciPy is installed.

    Parameters
    ----------
    steps : iterable of Call or Guard
    wanted : set of Value
        What is given away: a gradient among it is formed all the same.
    """
    steps = [*steps]
    blas = scipys_blas()
    if blas is None:
        return steps
    uses: dict[Value, int] = {}
    for step in steps:
        for value in {step.value} if isinstance(step, Guard) else {*step.operands}:
            uses[value] = uses.get(value, 0) + 1
    where = {id(step): position for position, step in enumerate(steps)}
    written: dict[Value, list[int]] = {}
    for position, step in enumerate(steps):
        for root in step.writes if isinstance(step, Call) else ():
            written.setdefault(root, []).append(position)
    result: list[Step] = []
    dropped: set[Call] = set()
    for position, step in enumerate(steps):
        parts = _parts(step)
        if parts is None:
            result.append(step)
            continue
        update, w, rate, scaling, g = parts
        single = uses[scaling.results[0]] == 1 and scaling.results[0] not in wanted
        made = g.source
        if not (single and uses[g] == 1 and g not in wanted and isinstance(made, Call)):
            result.append(step)
            continue
        operands = {value.root for value in made.operands}
        safe = (
            all(
                not any(where[id(made)] < p < position for p in written.get(root, ()))
                for root in operands
            )
            and w.root not in operands
        )
        signed, factor = _signed(rate, update)
        calls = _by_blas(blas, made, w, factor, update) if safe else None
        if calls is None:
            result.append(step)
            continue
        dropped |= {scaling, made}
        result += [*signed, *calls]
    return [step for step in result if step not in dropped]


def with_faster_products(steps: Iterable[Step]) -> list[Step]:
    """Return the steps with products of few rows in the way that is fastest on this machine."""
    return [_faster(step) for step in steps]


def _faster(step: Step) -> Step:
    if not isinstance(step, Call) or step.function is not np.matmul or step.kwargs:
        return step
    a, b = step.args
    plain = type(a) is Value and type(b) is Value and a.ndim == b.ndim == 2
    if not (plain and a.dtype == b.dtype and _is_c(a) and _is_c(b)):
        return step
    (rows, inner), columns = a.shape, b.shape[1]
    product = faster(rows, inner, columns, a.dtype)
    if product is None:
        return step
    step = copy.copy(step)  # the exact program is still to be printed
    step.function = product
    return step


def scipys_blas() -> Any:
    """Return SciPy's BLAS; None if SciPy isn't installed."""
    try:
        return importlib.import_module("scipy.linalg.blas")
    except ImportError:
        return None


def _parts(step: Step) -> tuple[Call, Value, Any, Call, Value] | None:
    """Return the call, w, the rate, the call that scales, and g, of ``w -= rate * g``, or None."""
    if not isinstance(step, Call) or step.function not in (np.subtract, np.add) or step.errors:
        return None
    w, t = step.args if len(step.args) == 2 else (None, None)
    if step.kwargs.get("out") is not w or type(w) is not Value or type(t) is not Value:
        return None
    scaling = t.source
    fits = isinstance(w.source, Input) and not w.is_view and isinstance(scaling, Call)
    if not fits or scaling.function is not np.multiply or scaling.kwargs:
        return None
    first, second = scaling.args
    rate, g = (first, second) if _is_number(first) else (second, first)
    alike = type(g) is Value and w.shape == g.shape == t.shape and w.dtype == g.dtype == t.dtype
    return (step, w, rate, scaling, g) if _is_number(rate) and alike else None


def _is_number(x: Any) -> bool:
    return type(x) in (int, float) or (type(x) is Value and x.weak)


def _signed(rate: Any, update: Call) -> tuple[list[Step], Any]:
    """Return the factor of what is added, and the call that negates it where that takes one."""
    if update.function is np.add:
        return [], rate
    if type(rate) is not Value:
        return [], -rate
    call = Call(operator.neg, (rate,), {}, errors={}, phase=update.phase, line=update.line)
    negative = call.structure = Value(np.float64(0), call)
    negative.weak = True
    call.results = [negative]
    return [call], negative


def _by_blas(blas: Any, made: Call, w: Value, rate: Any, step: Call) -> list[Step] | None:
    """Return the calls that add ``rate`` times the result of a call to ``w``; None if none do."""
    prefix = _PREFIXES.get(w.dtype)
    if prefix is None or not _is_c(w):
        return None
    if w.ndim == 2 and _is_product(made):
        a, b = made.args
        left, right = _transposed(b, step), _transposed(a, step)
        if left is None or right is None:
            return None
        target = _view(w, step)
        (x, trans_x, calls_x), (y, trans_y, calls_y) = left, right
        gemm = getattr(blas, prefix + "gemm")
        product = (rate, x, y, 1.0, target.results[0], trans_x, trans_y, 1)
        return [*calls_x, *calls_y, target, _call(gemm, product, w, step)]
    if w.ndim == 1 and _is_sum_of_rows(made):
        (d,) = [x for x in made.args if type(x) is Value]
        if not _is_c(d) or d.dtype != w.dtype:
            return None
        rows = _view(d, step)
        ones = np.ones(d.shape[0], d.dtype)
        gemv = getattr(blas, prefix + "gemv")
        total = (rate, rows.results[0], ones, 1.0, w, 0, 1, 0, 1, 0, 1)
        return [rows, _call(gemv, total, w, step)]
    return None


def _is_product(call: Call) -> bool:
    """Return True for a product of two matrices, also if it was made as an outer product."""
    if call.kwargs or len(call.args) != 2:
        return False
    a, b = call.args
    if type(a) is not Value or type(b) is not Value or a.ndim != 2 or b.ndim != 2:
        return False
    if a.dtype != b.dtype or a.dtype != call.results[0].dtype:
        return False
    outer = a.shape[1] == 1 and b.shape[0] == 1
    return call.function is np.matmul or (call.function is np.multiply and outer)


def _is_sum_of_rows(call: Call) -> bool:
    if ufunc_of(call.function) is not np.add or call.function.__name__ != "reduce":
        return False
    values = [x for x in call.args if type(x) is Value]
    axis = call.kwargs.get("axis", call.args[1] if len(call.args) > 1 else 0)
    settings = {k: v for k, v in call.kwargs.items() if k != "axis"}
    if settings.get("keepdims", False) is not False or not settings.keys() <= {"keepdims"}:
        return False
    return len(values) == 1 and values[0].ndim == 2 and axis in (0, (0,))


def _transposed(x: Value, step: Call) -> tuple[Value, int, list[Step]] | None:
    """Return ``x.T`` as gemm takes it: an array in Fortran's order, and whether to transpose it."""
    if _is_c(x):
        view = _view(x, step)
        return view.results[0], 0, [view]
    if _is_f(x):
        return x, 1, []
    return None


def _view(x: Value, step: Call) -> Call:
    call = Call(Attribute("T"), (x,), {}, errors={}, phase=step.phase, line=step.line)
    call.results = [x.transposed(call)]
    call.structure = call.results[0]
    return call


def _call(function: Any, args: tuple[Any, ...], w: Value, step: Call) -> Call:
    call = Call(function, args, {}, errors={}, phase=step.phase, line=step.line)
    call.writes = [w]
    return call


def _is_c(x: Value) -> bool:
    return is_c_ordered(x) and 0 not in x.shape


def _is_f(x: Value) -> bool:
    return _is_c(x.transposed(None))
