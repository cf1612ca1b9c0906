"""Softmax, its logarithm, and the logarithm of its denominator."""

from typing import Any

import numpy as np

from autograd_lite.ops.mathematics.reductions import Axis, kept_shape
from autograd_lite.precision import in_float32, total
from autograd_lite.primitive import Primitive


@in_float32
def _softmax(x: Any, axis: Axis) -> Any:
    e = np.exp(below_maximum(x, axis)[0])
    with np.errstate(invalid="ignore"):  # a row of -inf has no distribution: NaN
        return e / np.add.reduce(e, axis=axis, keepdims=True)


def _softmax_rule(g: Any, y: Any, x: Any, axis: Axis) -> Any:
    return y * (g - total(g * y, axis=axis, keepdims=True))


# exp(x) / sum(exp(x))
softmax = Primitive("softmax", _softmax, [_softmax_rule])


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


# x - log(sum(exp(x)))
log_softmax = Primitive("log_softmax", _log_softmax, [_log_softmax_rule])


@in_float32
def _logsumexp(x: Any, axis: Axis, keepdims: bool) -> Any:
    with np.errstate(all="ignore"):  # log(0) = -inf is an answer
        shifted, m = below_maximum(x, axis)
        y = _log_total(shifted, axis) + m
    if x.dtype.kind != "c":
        y = np.fmax(y, m)  # for a row of -inf it is m
    return y if keepdims else y.squeeze(axis)[()]


def _logsumexp_rule(g: Any, y: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    # not exp(x - y): y is rounded, and for large x it has no digits left behind the point
    g, y = g.reshape(kept_shape(x.shape, axis)), y.reshape(kept_shape(x.shape, axis))
    if x.dtype.kind == "c":
        return g * softmax(x, axis=axis)
    nothing = y == -np.inf  # in the whole row
    floor = np.where(nothing, 0, x.dtype.type(-np.inf))
    return g * ~nothing * softmax(np.maximum(x, floor), axis=axis)


# log(sum(exp(x)))
logsumexp = Primitive("logsumexp", _logsumexp, [_logsumexp_rule])

# ---- how they stay finite


def below_maximum(x: Any, axis: Axis) -> tuple[Any, Any]:
    """Return ``(x - m, m)`` with m the maximum: exp can't overflow.

    inf - inf is 0 here, so that an infinite value takes all. A row of -inf has no distribution:
    there ``x - m`` is inf.
    """
    m = np.maximum.reduce(x.real, axis=axis, keepdims=True, initial=-np.inf)
    if x.dtype.kind == "c":
        m = np.where(np.isfinite(m), m, 0)
        return x - m, m
    with np.errstate(invalid="ignore", over="ignore"):
        return np.fmin(x - m, np.maximum(-m, 0)), m


def _log_total(shifted: Any, axis: Axis) -> Any:
    """Return log(sum(exp(shifted))) for a maximum of 0, accurate where the result is near 0."""
    if shifted.dtype.kind == "c":
        return np.log(np.add.reduce(np.exp(shifted), axis=axis, keepdims=True))
    # terms of 1, those of the maximum, are counted: small ones would be lost beside them
    top = shifted == 0
    terms = np.exp(shifted)
    terms -= top
    ties = np.add.reduce(top, axis=axis, keepdims=True, dtype=shifted.dtype)
    return np.log1p(np.add.reduce(terms, axis=axis, keepdims=True) + (ties - 1))
