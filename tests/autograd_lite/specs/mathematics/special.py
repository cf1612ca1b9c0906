"""Special functions."""

from typing import Any

import numpy as np
import scipy.special

import autograd_lite as ag
from autograd_lite.ops.mathematics import special
from autograd_lite.testing import Case, Spec, operands

from ..drawing import binary, unary


def zeros_first(low: float, high: float) -> Any:
    """Draw two inputs, of which the first is 0 in places."""

    def changed(inputs: Any) -> Case:
        x, y = inputs
        return Case((np.where(x < (low + high) / 2, 0.0, x), y))

    return operands(2, low=low, high=high).map(changed)


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
]
