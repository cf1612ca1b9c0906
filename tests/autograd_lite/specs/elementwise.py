"""Elementwise ops."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.ops import arithmetic, elementwise
from autograd_lite.testing import Case, Spec, cases, operands

from .drawing import binary, unary


def masked(draw_two: Any) -> st.SearchStrategy[Case]:
    return draw_two.map(lambda inputs: Case((inputs[0] > 0, *inputs[1:])))


SPECS = [
    Spec(arithmetic.add, lambda a, b: a + b, binary()),
    Spec(arithmetic.subtract, lambda a, b: a - b, binary()),
    Spec(arithmetic.multiply, lambda a, b: a * b, binary()),
    Spec(arithmetic.divide, lambda a, b: a / b, binary(0.5, 2)),
    Spec(arithmetic.remainder, lambda a, b: a - b * np.floor(a / b), binary(1.1, 1.9)),
    Spec(arithmetic.negative, lambda x: 0 - x, unary()),
    Spec(arithmetic.positive, lambda x: x, unary()),
    Spec(arithmetic.square, lambda x: x * x, unary()),
    Spec(arithmetic.power, lambda a, b: np.exp(b * np.log(a)), binary(0.5, 2)),
    Spec(elementwise.exp, np.exp, unary()),
    Spec(elementwise.expm1, lambda x: np.exp(x) - 1, unary()),
    Spec(elementwise.log, np.log, unary(0.5, 3)),
    Spec(elementwise.log1p, lambda x: np.log(1 + x), unary(-0.5, 2)),
    Spec(elementwise.sqrt, lambda x: x**0.5, unary(0.5, 3)),
    Spec(elementwise.sin, np.sin, unary()),
    Spec(elementwise.cos, np.cos, unary()),
    Spec(elementwise.tanh, np.tanh, unary()),
    Spec(elementwise.sigmoid, lambda x: 1 / (1 + np.exp(-x)), unary(-6, 6)),
    Spec(elementwise.absolute, lambda x: np.sqrt(x * x), unary()),
    Spec(elementwise.relu, lambda x: x * (x > 0), unary()),
    Spec(elementwise.maximum, np.maximum, binary()),
    Spec(elementwise.minimum, np.minimum, binary()),
    Spec(
        elementwise.clip,
        lambda x, low, high: np.minimum(np.maximum(x, low), high),
        cases(operands(3)),
    ),
    Spec(elementwise.where, np.where, masked(operands(3))),
    Spec(
        elementwise.astype,
        np.array,
        operands(1).map(lambda inputs: Case(inputs, {"dtype": np.dtype(np.float64)})),
    ),
]
