"""Activation functions."""

import math
from typing import Any

import numpy as np
import scipy.special
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite.ops.learning import activations
from autograd_lite.testing import Case, Spec, operands

from ..drawing import unary


def with_parameter(name: str, *choices: Any, low: float = -2, high: float = 2) -> Any:
    params = st.sampled_from([{name: value} for value in choices])
    return st.builds(Case, operands(1, low=low, high=high), params)


def normal_cdf(x: Any) -> Any:
    return scipy.special.ndtr(x)


SPECS = [
    Spec(activations.relu, lambda x: x * (x > 0), unary()),
    Spec(activations.softplus, lambda x: np.logaddexp(x, 0), unary(-6, 6)),
    Spec(activations.silu, lambda x: x / (1 + np.exp(-x)), unary(-6, 6)),
    Spec(activations.normal_cdf, normal_cdf, unary()),
    Spec(activations.gelu, lambda x: x * normal_cdf(x), unary()),
    Spec(
        activations.gelu_tanh,
        lambda x: x / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
        unary(),
    ),
    Spec(
        ag.elu,
        lambda x, alpha: np.maximum(x, 0) + np.minimum(alpha * (np.exp(x) - 1), 0),
        with_parameter("alpha", 1.0, 0.5),
    ),
    Spec(
        ag.leaky_relu,
        lambda x, negative_slope: np.maximum(x, 0) + negative_slope * np.minimum(x, 0),
        with_parameter("negative_slope", 0.01, 0.3),
    ),
]
