"""Variances and standard deviations along axes."""

from typing import Any

import numpy as np

from autograd_lite.kinks import undecided, value_of
from autograd_lite.ops.mathematics.reductions import Axis, kept_shape, mean, reduced_count
from autograd_lite.primitive import Primitive


def _var(x: Any, axis: Axis, keepdims: Any, correction: float) -> Any:
    d = _deviations(x, axis)
    if d.dtype.kind == "c":
        d = d.real**2 + d.imag**2
    else:
        d *= d  # in its own memory
    total = np.add.reduce(d, axis=axis, keepdims=keepdims)
    freedom = _freedom(x.shape, axis, correction)
    if freedom:
        return total / freedom
    with np.errstate(divide="ignore", invalid="ignore"):
        return total / 0


def _var_rule(g: Any, y: Any, x: Any, axis: Axis, keepdims: bool, correction: float) -> Any:
    # the mean moves too, but that adds nothing: the deviations sum to 0
    g = g * 2 / _freedom(x.shape, axis, correction)
    d = _deviations(x, axis)
    return g.reshape(kept_shape(x.shape, axis)) * (np.conjugate(d) if d.dtype.kind == "c" else d)


# sum(|x - mean(x)|**2) / (n - correction)
var = Primitive("var", _var, [_var_rule])


def _std(x: Any, axis: Axis, keepdims: bool, correction: float) -> Any:
    return np.sqrt(_var(x, axis, keepdims, correction))


def _std_rule(g: Any, y: Any, x: Any, axis: Axis, keepdims: bool, correction: float) -> Any:
    # 0 where all values are equal, at the bottom of the kink, though their mean is rounded
    kept = kept_shape(x.shape, axis)
    g, y = g.reshape(kept), y.reshape(kept)
    width = _width(value_of(x), value_of(y), axis)
    slope = np.where(width == 0, 0, 0.5) / np.where(width == 0, 1, y)
    return undecided(_var_rule(g * slope, y, x, axis, keepdims, correction), g, width)


std = Primitive("std", _std, [_std_rule])


def _deviations(x: Any, axis: Axis) -> Any:
    return x - mean(x, axis=axis, keepdims=True)


def _freedom(shape: tuple[int, ...], axis: Axis, correction: float) -> float:
    """Return the divisor of the squared deviations; 0, as in NumPy, where there are too few."""
    n = reduced_count(shape, axis) - correction
    return n if n > 0 else 0


def _width(x: Any, y: Any, axis: Axis) -> Any:
    """Return the standard deviations y, 0 where they are rounding errors of equal values."""
    if not x.size:
        return y
    first = x[tuple(slice(0, n) for n in kept_shape(x.shape, axis))]
    if not np.any((y > 0) & (y <= x.size * np.finfo(x.dtype).eps * np.abs(first))):
        return y
    return np.where(np.all(x == first, axis=axis, keepdims=True), 0, y)
