"""Reductions along axes, and the softmax family, which is built on one."""

from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd_lite.primitive import Primitive

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
    return prod(n for n, kept in zip(shape, _kept(shape, axis), strict=True) if kept == 1)


def _mean(x: Any, axis: Axis, keepdims: bool) -> Any:
    if not _count(x.shape, axis):
        raise ValueError("the mean of nothing")
    return np.mean(x, axis=axis, keepdims=keepdims)


def _mean_rule(g: Any, y: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    return _spread(g / _count(x.shape, axis), x, axis)


def _extremum_rule(g: Any, y: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    y = y.reshape(_kept(x.shape, axis))
    ties = (x == y) | np.isnan(x)  # a NaN is the extremum wherever it is
    count = ties.sum(axis=axis, keepdims=True).astype(x.dtype)
    return np.where(ties, g.reshape(y.shape) / count, 0)


sum = Primitive(
    "sum",
    _sum,
    [lambda g, y, x, axis, keepdims: _spread(g, x, axis)],
)

mean = Primitive("mean", _mean, [_mean_rule], requirement="there must be something to average")

max = Primitive(
    "max",
    lambda x, axis, keepdims: np.max(x, axis=axis, keepdims=keepdims),
    [_extremum_rule],
    requirement="the reduced axes must not be empty",
)

min = Primitive(
    "min",
    lambda x, axis, keepdims: np.min(x, axis=axis, keepdims=keepdims),
    [_extremum_rule],
    requirement="the reduced axes must not be empty",
)


def _shifted(x: Any, axis: Axis) -> tuple[Any, Any]:
    """Return ``(x - m, m)`` with m the maximum, or 0 where that is infinite: exp can't overflow."""
    m = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    m = np.where(np.isfinite(m), m, 0)
    return x - m, m


def _logsumexp(x: Any, axis: Axis, keepdims: bool) -> Any:
    shifted, m = _shifted(x, axis)
    with np.errstate(divide="ignore"):  # log(0) = -inf is the answer for a row of -inf
        y = np.log(np.add.reduce(np.exp(shifted), axis=axis, keepdims=True)) + m
    return y if keepdims else y.reshape(np.shape(np.add.reduce(x, axis=axis)))


def _logsumexp_rule(g: Any, y: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    kept = _kept(x.shape, axis)
    y = y.reshape(kept)
    return g.reshape(kept) * np.exp(x - np.where(y == -np.inf, 0, y))


def _softmax(x: Any, axis: Axis) -> Any:
    e = np.exp(_shifted(x, axis)[0])
    with np.errstate(invalid="ignore"):  # a row of -inf has no distribution: NaN
        return e / np.add.reduce(e, axis=axis, keepdims=True)


def _log_softmax(x: Any, axis: Axis) -> Any:
    shifted = _shifted(x, axis)[0]
    with np.errstate(divide="ignore", invalid="ignore"):  # as in _softmax
        return shifted - np.log(np.add.reduce(np.exp(shifted), axis=axis, keepdims=True))


def _log_softmax_rule(g: Any, y: Any, x: Any, axis: Axis) -> Any:
    return g - np.exp(y) * g.sum(axis=axis, keepdims=True)


def _softmax_rule(g: Any, y: Any, x: Any, axis: Axis) -> Any:
    return y * (g - (g * y).sum(axis=axis, keepdims=True))


logsumexp = Primitive("logsumexp", _logsumexp, [_logsumexp_rule])

softmax = Primitive("softmax", _softmax, [_softmax_rule])

log_softmax = Primitive("log_softmax", _log_softmax, [_log_softmax_rule])
