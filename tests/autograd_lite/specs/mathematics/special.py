"""Special functions and activations."""

import math
from typing import Any

import numpy as np
import scipy.special
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite.ops.learning import activations
from autograd_lite.ops.mathematics import special
from autograd_lite.testing import Case, Spec, operands

from ..drawing import binary, unary


def with_parameter(name: str, *choices: Any, low: float = -2, high: float = 2) -> Any:
    params = st.sampled_from([{name: value} for value in choices])
    return st.builds(Case, operands(1, low=low, high=high), params)


def zeros_first(low: float, high: float) -> Any:
    """Draw two inputs, of which the first is 0 in places."""

    def changed(inputs: Any) -> Case:
        x, y = inputs
        return Case((np.where(x < (low + high) / 2, 0.0, x), y))

    return operands(2, low=low, high=high).map(changed)


def normal_cdf(x: Any) -> Any:
    return scipy.special.ndtr(x)


SPECS = [
    Spec(special.erf, scipy.special.erf, unary(-3, 3)),
    Spec(special.erfc, scipy.special.erfc, unary(-3, 3)),
    Spec(special.erfcx, scipy.special.erfcx, unary(-4, 40)),
    Spec(special.ndtr, scipy.special.ndtr, unary()),
    Spec(special.log_ndtr, scipy.special.log_ndtr, unary()),
    Spec(special.entr, scipy.special.entr, unary(0.1, 9)),
    Spec(special.xlogy, scipy.special.xlogy, binary(0.1, 9)),
    Spec(special.xlogy, scipy.special.xlogy, zeros_first(0.1, 9), name="xlogy of 0"),
    Spec(special.xlog1py, scipy.special.xlog1py, binary(-0.9, 4)),
    Spec(special.rel_entr, scipy.special.rel_entr, binary(0.1, 9)),
    Spec(ag.special.kl_div, scipy.special.kl_div, binary(0.1, 9)),
    Spec(special.betaln, scipy.special.betaln, binary(0.5, 9)),
    Spec(
        lambda x: ag.special.polygamma(2, x),
        lambda x: scipy.special.polygamma(2, x).astype(x.dtype),
        unary(0.5, 9),
        name="polygamma",
    ),
    Spec(np.sinc, cases=unary(-6, 6), order=4, complex=True),
    Spec(np.i0, cases=unary(), order=3),
    Spec(special.lgamma, scipy.special.gammaln, unary(0.5, 4), order=3),
    Spec(ag.digamma, scipy.special.digamma, unary(0.5, 4)),
    Spec(ag.logit, scipy.special.logit, unary(0.1, 0.9)),
    Spec(activations.softplus, lambda x: np.logaddexp(x, 0), unary(-6, 6)),
    Spec(activations.silu, lambda x: x / (1 + np.exp(-x)), unary(-6, 6)),
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
