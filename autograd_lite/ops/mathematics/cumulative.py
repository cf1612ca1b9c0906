"""Running sums and products along an axis, and the recurrence that their derivatives need."""

from typing import Any

import numpy as np

from autograd_lite.kinks import value_of
from autograd_lite.ops.mathematics.arithmetic import times
from autograd_lite.precision import widened
from autograd_lite.primitive import Primitive

cumsum: Primitive = Primitive(
    "cumsum",
    lambda x, axis: np.add.accumulate(x, axis=axis),
    [lambda g, y, x, axis: _reversed(cumsum(_reversed(widened(g), axis), axis=axis), axis)],
)


def _cumprod_rule(g: Any, y: Any, x: Any, axis: int) -> Any:
    # x[i] is a factor of y[i] and of all that follow. Its derivative is the product of the values
    # before it, times what the later ones make of it. Nothing is divided by x[i], which may be 0.
    before = _moved_on(y, axis, np.ones_like)
    value = value_of(x)
    if not np.isfinite(value_of(before)).all() and np.isfinite(value).all():
        zeros = np.add.accumulate(value == 0, axis=axis)
        before = np.where(_moved_on(zeros, axis) > 0, 0, before)  # what overflowed, times 0
        return times(before, _reversed_recurrence(x, g, axis))
    return before * _reversed_recurrence(x, g, axis)


cumprod = Primitive(
    "cumprod", lambda x, axis: np.multiply.accumulate(x, axis=axis), [_cumprod_rule]
)


def _recurrence(a: Any, b: Any, axis: int) -> Any:
    # each round joins every stretch with the one before it: log(n) passes, not n steps
    a, y = (np.moveaxis(x, axis, 0).astype(np.result_type(a, b)) for x in (a, b))
    factors, step = a.copy(), 1
    while step < len(y):
        y[step:] += factors[step:] * y[:-step]
        factors[step:] *= factors[:-step]
        step *= 2
    if not np.isfinite(y).all() and not np.isfinite(factors).all():  # a stretch may overflow alone
        y = np.moveaxis(b, axis, 0).astype(y.dtype)
        for i in range(1, len(y)):
            y[i] += a[i] * y[i - 1]
    return np.moveaxis(y, 0, axis)


# y[i] = a[i] y[i - 1] + b[i], from y[-1] = 0; its transpose is the same in reverse
recurrence: Primitive = Primitive(
    "recurrence",
    _recurrence,
    [
        lambda g, y, a, b, axis: _reversed_recurrence(a, g, axis) * _moved_on(y, axis),
        lambda g, y, a, b, axis: _reversed_recurrence(a, g, axis),
    ],
)


def _reversed_recurrence(a: Any, g: Any, axis: int) -> Any:
    """Return t with t[i] = a[i + 1] t[i + 1] + g[i], the whole cotangent of y[i]."""
    coefficients = _moved_on(_reversed(a, axis), axis)
    return _reversed(recurrence(coefficients, _reversed(widened(g), axis), axis=axis), axis)


def products_of_others(x: Any, axis: int) -> Any:
    """Return, for each value along ``axis``, the product of all the others, without division."""
    exponents = _exponents(value_of(x), axis)
    if exponents is not None:
        others = _products_of_others(_scaled(x, -exponents), axis)
        return _scaled(others, exponents.sum(axis=axis, keepdims=True) - exponents)
    return _products_of_others(x, axis)


def _products_of_others(x: Any, axis: int) -> Any:
    before = _moved_on(cumprod(x, axis=axis), axis, np.ones_like)
    after = _moved_on(cumprod(_reversed(x, axis), axis=axis), axis, np.ones_like)
    return before * _reversed(after, axis)


# ---- along an axis


def _part(x: Any, axis: int, part: slice) -> Any:
    return x[(slice(None),) * (axis % x.ndim) + (part,)]


def _reversed(x: Any, axis: int) -> Any:
    return _part(x, axis, slice(None, None, -1))


def _moved_on(x: Any, axis: int, fill: Any = np.zeros_like) -> Any:
    """Return ``x`` one place further along ``axis``, with zeros (or ones) in the first."""
    parts = [fill(_part(x, axis, slice(0, 1))), _part(x, axis, slice(0, -1))]
    return np.concatenate(parts, axis=axis)


# ---- how products stay finite


def _exponents(x: Any, axis: int) -> Any:
    """Return exponents that keep every product of ``x * 2**-exponents`` near 1, or 0.

    None where no product of some of the values leaves the range of numbers.
    """
    size = np.abs(x)
    limit = np.finfo(x.dtype).maxexp - 5
    if not (np.abs(np.frexp(size)[1]).sum(axis=axis) > limit).any() or not np.isfinite(size).all():
        return None
    logarithms = np.log2(np.where(size == 0, 1, size), dtype=np.float64)
    return np.diff(np.rint(np.cumsum(logarithms, axis=axis)), axis=axis, prepend=0)


def _scaled(x: Any, exponents: Any) -> Any:
    """Return ``x * 2**exponents``, in two steps: a power of 2 may be too large for a number."""
    most = np.finfo(x.dtype).maxexp - 2
    half = np.clip(np.rint(exponents / 2), -most, most)
    rest = np.clip(exponents - half, -most, most)
    one = np.ones((), np.finfo(x.dtype).dtype)
    return x * np.ldexp(one, half.astype(int)) * np.ldexp(one, rest.astype(int))
