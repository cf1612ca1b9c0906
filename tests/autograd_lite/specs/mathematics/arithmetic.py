"""Arithmetic."""

import numpy as np

from autograd_lite.ops.mathematics import arithmetic
from autograd_lite.testing import Spec

from ..drawing import binary, unary

SPECS = [
    Spec(arithmetic.times, lambda a, b: a * b, binary(), complex=True),
    Spec(arithmetic.add, lambda a, b: a + b, binary(), complex=True),
    Spec(arithmetic.subtract, lambda a, b: a - b, binary(), complex=True),
    Spec(arithmetic.multiply, lambda a, b: a * b, binary(), complex=True),
    Spec(arithmetic.divide, lambda a, b: a / b, binary(0.5, 2), complex=True),
    Spec(arithmetic.reciprocal, lambda x: 1 / x, unary(0.5, 2), complex=True),
    Spec(arithmetic.remainder, lambda a, b: a - b * np.floor(a / b), binary(1.1, 1.9)),
    Spec(arithmetic.fmod, lambda a, b: a - b * np.trunc(a / b), binary(1.1, 1.9)),
    Spec(np.divmod, cases=binary(1.1, 1.9)),
    Spec(arithmetic.negative, lambda x: 0 - x, unary(), complex=True),
    Spec(arithmetic.positive, lambda x: x, unary(), complex=True),
    Spec(arithmetic.square, lambda x: x * x, unary(), complex=True),
    Spec(arithmetic.power, lambda a, b: np.exp(b * np.log(a)), binary(0.5, 2), complex=True),
    Spec(lambda x: x**3, lambda x: x * x * x, unary(), complex=True, name="cube"),
    Spec(lambda x: 2**x, np.exp2, unary(), complex=True, name="power of 2"),
    Spec(np.float_power, cases=binary(0.5, 2), complex=True),
]
