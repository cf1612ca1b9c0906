"""Reductions along axes, and the softmax family, which is built on one."""

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd_lite.kinks import undecided, value_of
from autograd_lite.ops.mathematics.cumulative import products_of_others
from autograd_lite.precision import in_float32, total, widened
from autograd_lite.primitive import Primitive
from autograd_lite.settled_zeros import settled_where_all_are

Axis = int | tuple[int, ...] | None


def _kept(shape: tuple[int, ...], axis: Axis) -> tuple[int, ...]:
    """Return ``shape`` with size 1 at the reduced axes, as ``keepdims=True`` leaves it."""
    if axis is None:
        return (1,) * len(shape)
    reduced = normalize_axis_tuple(axis, len(shape))
    return tuple(1 if i in reduced else n for i, n in enumerate(shape))


def _spread(g: Any, x: Any, axis: Axis) -> Any:
    """Broadcast the cotangent of a reduction back over what was reduced."""
    return np.broadcast_to(g.reshape(_kept(x.shape, axis)), x.shape)


def _sum(x: Any, axis: Any, keepdims: Any) -> Any:
    return np.add.reduce(x, axis=axis, keepdims=keepdims)  # what np.sum ends in


def _count(shape: tuple[int, ...], axis: Axis) -> int:
    """Return how many values each value of the reduction is made of."""
    return math.prod(n for n, kept in zip(shape, _kept(shape, axis), strict=True) if kept == 1)


def _mean(x: Any, axis: Axis, keepdims: bool) -> Any:
    if not x.size and not _count(x.shape, axis):  # of nothing: NaN, where NumPy would also warn
        return _sum(x, axis, keepdims) * np.nan
    return np.mean(x, axis=axis, keepdims=keepdims)


def _mean_rule(g: Any, y: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    share = widened(g) / _count(x.shape, axis)
    # narrowed before it is spread: each subnormal number takes 100 ns
    return _spread(share if share.dtype == g.dtype else share.astype(g.dtype), x, axis)


sum = Primitive(
    "sum",
    _sum,
    [lambda g, y, x, axis, keepdims: _spread(g, x, axis)],
)

mean = Primitive("mean", _mean, [_mean_rule])

settled_where_all_are(sum, mean)

# along one axis, so that the others of a value can be multiplied without dividing by it
prod = Primitive(
    "prod",
    lambda x, axis, keepdims: np.multiply.reduce(x, axis=axis, keepdims=keepdims),
    [lambda g, y, x, axis, keepdims: _spread(g, x, axis) * products_of_others(x, axis)],
    singular=True,  # the product of the others may overflow
)


def _extremum_rule(
    g: Any, y: Any, x: Any, axis: Axis, keepdims: bool, initial: Any = None, where: Any = True
) -> Any:
    y = y.reshape(_kept(x.shape, axis))
    ties = (x == y) | np.isnan(x)  # a NaN is the extremum wherever it is
    if where is not True:
        ties = ties & where
    count = ties.sum(axis=axis, keepdims=True).astype(widened(g).dtype)
    if initial is not None:  # which may be the extremum itself: no ties
        count = np.where(count == 0, 1, count)
    return np.where(ties, g.reshape(y.shape) / count, 0)


max = Primitive(
    "max",
    lambda x, axis, keepdims, **among: np.max(x, axis=axis, keepdims=keepdims, **among),
    [_extremum_rule],
    requirement="the reduced axes must not be empty",
    singular=True,
)

min = Primitive(
    "min",
    lambda x, axis, keepdims, **among: np.min(x, axis=axis, keepdims=keepdims, **among),
    [_extremum_rule],
    requirement="the reduced axes must not be empty",
    singular=True,
)


def _freedom(shape: tuple[int, ...], axis: Axis, correction: float) -> float:
    """Return what squared deviations are divided by; 0, as in NumPy, where there are too few."""
    n = _count(shape, axis) - correction
    return n if n > 0 else 0


def _deviations(x: Any, axis: Axis) -> Any:
    return x - mean(x, axis=axis, keepdims=True)


def _var(x: Any, axis: Axis, keepdims: bool, correction: float) -> Any:
    d = _deviations(x, axis)
    if d.dtype.kind == "c":
        d = d.real**2 + d.imag**2
    else:
        d *= d  # in its own memory
    total = _sum(d, axis, keepdims)
    freedom = _freedom(x.shape, axis, correction)
    if freedom:
        return total / freedom
    with np.errstate(divide="ignore", invalid="ignore"):
        return total / 0


def _std(x: Any, axis: Axis, keepdims: bool, correction: float) -> Any:
    return np.sqrt(_var(x, axis, keepdims, correction))


def _var_rule(g: Any, y: Any, x: Any, axis: Axis, keepdims: bool, correction: float) -> Any:
    # that the mean moves too is of no account: the deviations sum to 0
    g = g * 2 / _freedom(x.shape, axis, correction)
    d = _deviations(x, axis)
    return g.reshape(_kept(x.shape, axis)) * (np.conjugate(d) if d.dtype.kind == "c" else d)


def _std_rule(g: Any, y: Any, x: Any, axis: Axis, keepdims: bool, correction: float) -> Any:
    # 0 where all values are the same, the lowest point of the kink, though their mean is rounded
    kept = _kept(x.shape, axis)
    g, y = g.reshape(kept), y.reshape(kept)
    width = _width(value_of(x), value_of(y), axis)
    slope = np.where(width == 0, 0, 0.5) / np.where(width == 0, 1, y)
    return undecided(_var_rule(g * slope, y, x, axis, keepdims, correction), g, width)


def _width(x: Any, y: Any, axis: Axis) -> Any:
    """Return the standard deviations y, or 0 where they are rounding errors of equal values."""
    if not x.size:
        return y
    first = x[tuple(slice(0, n) for n in _kept(x.shape, axis))]
    if not np.any((y > 0) & (y <= x.size * np.finfo(x.dtype).eps * np.abs(first))):
        return y
    return np.where(np.all(x == first, axis=axis, keepdims=True), 0, y)


var = Primitive("var", _var, [_var_rule])

std = Primitive("std", _std, [_std_rule])


def below_maximum(x: Any, axis: Axis) -> tuple[Any, Any]:
    """Return ``(x - m, m)`` with m the maximum: exp can't overflow.

    inf - inf is 0 here, so that an infinite value takes all. In a row of -inf, which has no
    distribution, ``x - m`` is inf.
    """
    m = np.maximum.reduce(x.real, axis=axis, keepdims=True, initial=-np.inf)
    if x.dtype.kind == "c":
        m = np.where(np.isfinite(m), m, 0)
        return x - m, m
    with np.errstate(invalid="ignore", over="ignore"):
        return np.fmin(x - m, np.maximum(-m, 0)), m


def _log_total(shifted: Any, axis: Axis) -> Any:
    """Return log(sum(exp)) of what has the maximum 0, accurate where that is nearly 0 too."""
    if shifted.dtype.kind == "c":
        return np.log(np.add.reduce(np.exp(shifted), axis=axis, keepdims=True))
    # the terms of the maximum, which are 1, are counted: beside them small ones would be lost
    top = shifted == 0
    terms = np.exp(shifted)
    terms -= top
    ties = np.add.reduce(top, axis=axis, keepdims=True, dtype=shifted.dtype)
    return np.log1p(np.add.reduce(terms, axis=axis, keepdims=True) + (ties - 1))


@in_float32
def _logsumexp(x: Any, axis: Axis, keepdims: bool) -> Any:
    with np.errstate(all="ignore"):  # log(0) = -inf is an answer
        shifted, m = below_maximum(x, axis)
        y = _log_total(shifted, axis) + m
    if x.dtype.kind != "c":
        y = np.fmax(y, m)  # of a row of -inf it is m
    return y if keepdims else y.squeeze(axis)[()]


def _logsumexp_rule(g: Any, y: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    # not exp(x - y), for y is rounded: of large x nothing of the digits behind the point is left
    g, y = g.reshape(_kept(x.shape, axis)), y.reshape(_kept(x.shape, axis))
    if x.dtype.kind == "c":
        return g * softmax(x, axis=axis)
    nothing = y == -np.inf  # in the whole row
    floor = np.where(nothing, 0, x.dtype.type(-np.inf))
    return g * ~nothing * softmax(np.maximum(x, floor), axis=axis)


@in_float32
def _softmax(x: Any, axis: Axis) -> Any:
    e = np.exp(below_maximum(x, axis)[0])
    with np.errstate(invalid="ignore"):  # a row of -inf has no distribution: NaN
        return e / np.add.reduce(e, axis=axis, keepdims=True)


@in_float32
def _log_softmax(x: Any, axis: Axis) -> Any:
    shifted, _ = below_maximum(x, axis)
    with np.errstate(divide="ignore", invalid="ignore"):  # as in _softmax
        y = shifted - _log_total(shifted, axis)
    if y.dtype.kind == "c":  # the principal value
        y -= 2j * np.pi * np.rint(y.imag / (2 * np.pi))
    return y


def _log_softmax_rule(g: Any, y: Any, x: Any, axis: Axis) -> Any:
    return g - np.exp(y) * total(g, axis=axis, keepdims=True)


def _softmax_rule(g: Any, y: Any, x: Any, axis: Axis) -> Any:
    return y * (g - total(g * y, axis=axis, keepdims=True))


logsumexp = Primitive("logsumexp", _logsumexp, [_logsumexp_rule])

softmax = Primitive("softmax", _softmax, [_softmax_rule])

log_softmax = Primitive("log_softmax", _log_softmax, [_log_softmax_rule])
