"""Activation functions, each in one op."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.ops.mathematics.arithmetic import times
from autograd_lite.ops.mathematics.exponential import sigmoid
from autograd_lite.ops.mathematics.special import erfc_tail, polynomial
from autograd_lite.primitive import Primitive

# 0 at the kink
relu = Primitive(
    "relu",
    lambda x: np.maximum(x, 0),
    [lambda g, y, x: g * (x > 0)],
    elementwise=True,
    singular=True,
)

# at the kink of elu (unless alpha is 1) and leaky_relu: the slope of the negative side
elu = Primitive(
    "elu",
    lambda x, alpha: np.maximum(x, 0) + alpha * _expm1(np.minimum(x, 0)),
    [lambda g, y, x, alpha: g * _by_sign(x, alpha * np.exp(np.minimum(x, 0)))],
    elementwise=True,
)

leaky_relu = Primitive(
    "leaky_relu",
    lambda x, negative_slope: np.maximum(x, 0) + negative_slope * np.minimum(x, 0),
    [lambda g, y, x, negative_slope: g * _by_sign(x, negative_slope)],
    elementwise=True,
)


def _expm1(x: Any) -> Any:
    """Return exp(x) - 1 for x <= 0: NumPy's takes several times as long as its tanh."""
    t = np.tanh(0.5 * x)
    return 2 * t / (1 - t)


def _by_sign(x: Any, negative: Any) -> Any:
    """Return 1 where x is positive, else ``negative``; np.where takes several times as long."""
    positive = (x > 0).astype(x.dtype)
    return positive + (1 - positive) * negative


def _softplus(x: Any) -> Any:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


# log(1 + exp(x))
softplus = Primitive("softplus", _softplus, [lambda g, y, x: g * sigmoid(x)], elementwise=True)


@np.errstate(over="ignore", invalid="ignore")
def _gated(x: Any, gate: Callable[[Any], Any]) -> Any:
    """Return ``x`` times the gate, which is 0 or 1 where it overflows; -inf * 0 is 0."""
    return times.forward(x, gate(x))


# x sigmoid(x)
silu = Primitive(
    "silu",
    lambda x: _gated(x, sigmoid.forward),
    [lambda g, y, x: g * _silu_slope(y, x)],
    elementwise=True,
)

# x times the probability that a standard normal variable is below x
gelu = Primitive(
    "gelu",
    lambda x: _gated(x, _normal_cdf),
    [lambda g, y, x: g * (normal_cdf(x) + times(x, _normal_pdf(x)))],
    elementwise=True,
)

# the same with (1 + tanh(u)) / 2 for the probability; u is a polynomial of x
gelu_tanh = Primitive(
    "gelu_tanh",
    lambda x: _gated(x, _gate),
    [lambda g, y, x: g * _gelu_tanh_slope(x)],
    elementwise=True,
)


# ---- gates and their slopes


def _silu_slope(y: Any, x: Any) -> Any:
    s = sigmoid(x)
    return s + times(y, 1 - s)


def _normal_cdf(x: Any) -> Any:
    """Return the probability that a standard normal variable is below x."""
    size = np.abs(x)
    if x.dtype.itemsize <= 4:
        size = size.astype(np.float32, copy=False)
        tail = np.exp(-0.5 * size * size) * polynomial(_TAIL, 1 - 2 * _CENTER / (size + _CENTER))
    else:
        tail = 0.5 * erfc_tail(size * math.sqrt(0.5))
    positive = x > 0
    return (positive + (1 - 2 * positive.astype(tail.dtype)) * tail).astype(x.dtype, copy=False)


# Below -x, in single precision: exp(-x**2 / 2) times a polynomial of (x - 4.35) / (x + 4.35), which
# is within 5e-8. (The polynomial that has the least relative error for 0 <= x <= 14.6.)
_CENTER = 4.35
_TAIL = (
    0.08748156577348709,
    -0.16005806624889374,
    0.12198419868946075,
    -0.07627332210540771,
    0.03785553202033043,
    -0.013861124403774738,
    0.0029721546452492476,
    0.0001780055317794904,
    -0.0003079791786149144,
)

normal_cdf: Primitive = Primitive(
    "normal_cdf", _normal_cdf, [lambda g, y, x: g * _normal_pdf(x)], elementwise=True
)


def _normal_pdf(x: Any) -> Any:
    return np.exp(-0.5 * x * x) * (1 / math.sqrt(2 * math.pi))


_TANH_SCALE = 2 * math.sqrt(2 / math.pi)
_CUBIC = 0.044715


def _gate(x: Any) -> Any:
    """Return (1 + tanh(u)) / 2 = sigmoid(2 u): for the polynomial u nearly ``_normal_cdf``."""
    return sigmoid(_TANH_SCALE * x * (1 + _CUBIC * x * x))


def _gelu_tanh_slope(x: Any) -> Any:
    gate = _gate(x)
    steepness = x * (1 + 3 * _CUBIC * x * x) * _TANH_SCALE
    return gate + times(times(gate, 1 - gate), steepness)
