"""Exponentials, logarithms, roots."""

import numpy as np

from autograd_lite.ops.mathematics import exponential
from autograd_lite.testing import Spec

from ..drawing import binary, unary

SPECS = [
    Spec(exponential.exp, np.exp, unary(), complex=True),
    Spec(exponential.exp2, lambda x: 2**x, unary(), complex=True),
    Spec(exponential.expm1, lambda x: np.exp(x) - 1, unary(), complex=True),
    Spec(exponential.log, np.log, unary(0.5, 3), complex=True),
    Spec(exponential.log2, np.log2, unary(0.5, 3), complex=True),
    Spec(exponential.log10, np.log10, unary(0.5, 3), complex=True),
    Spec(exponential.log1p, lambda x: np.log(1 + x), unary(-0.5, 2), complex=True),
    Spec(exponential.sqrt, lambda x: x**0.5, unary(0.5, 3), complex=True),
    Spec(exponential.cbrt, np.cbrt, unary(0.5, 3)),
    Spec(exponential.sigmoid, lambda x: 1 / (1 + np.exp(-x)), unary(-6, 6), complex=True),
    Spec(exponential.logaddexp, np.logaddexp, binary()),
    Spec(exponential.logaddexp2, np.logaddexp2, binary()),
]
