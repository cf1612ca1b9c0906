"""Activation functions, each in one op."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.ops.mathematics.arithmetic import times
from autograd_lite.ops.mathematics.exponential import sigmoid
from autograd_lite.ops.mathematics.special import erfc
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
    lambda x, alpha: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))),
    [lambda g, y, x, alpha: g * np.where(x > 0, 1, y + alpha)],
    elementwise=True,
)

leaky_relu = Primitive(
    "leaky_relu",
    lambda x, negative_slope: np.where(x > 0, x, negative_slope * x),
    [lambda g, y, x, negative_slope: g * np.where(x > 0, 1, negative_slope)],
    elementwise=True,
)


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
    [lambda g, y, x: g * (_normal_cdf(x) + times(x, _normal_pdf(x)))],
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
    return 0.5 * erfc(-x * math.sqrt(0.5))


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
