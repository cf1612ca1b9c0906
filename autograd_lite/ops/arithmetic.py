"""Arithmetic: + - * / ** and their kin."""

import operator
from typing import Any

import numpy as np

from autograd_lite.primitive import Primitive

add = Primitive(
    "add",
    np.add,
    [lambda g, y, a, b: g, lambda g, y, a, b: g],
    elementwise=True,
)

subtract = Primitive(
    "subtract",
    np.subtract,
    [lambda g, y, a, b: g, lambda g, y, a, b: -g],
    elementwise=True,
)

multiply = Primitive(
    "multiply",
    np.multiply,
    [lambda g, y, a, b: g * b, lambda g, y, a, b: g * a],
    elementwise=True,
)

divide = Primitive(
    "divide",
    np.true_divide,
    [lambda g, y, a, b: g / b, lambda g, y, a, b: -g * y / b],
    elementwise=True,
)

# between the jumps a % b = a - b * floor(a / b), and the floor is constant
remainder = Primitive(
    "remainder",
    np.remainder,
    [lambda g, y, a, b: g, lambda g, y, a, b: -g * np.floor_divide(a, b)],
    elementwise=True,
)

negative = Primitive("negative", np.negative, [lambda g, y, x: -g], elementwise=True)

positive = Primitive("positive", np.positive, [lambda g, y, x: g], elementwise=True)

square = Primitive("square", np.square, [lambda g, y, x: g * (2 * x)], elementwise=True)


def _power_base_rule(g: Any, y: Any, a: Any, b: Any) -> Any:
    # b = 0 apart: 0 * a**-1 would be NaN at a = 0
    if isinstance(b, int | float):
        return g * (b * a ** (b - 1)) if b else g * 0
    return g * np.where(b == 0, 0, b * a ** np.where(b == 0, 1, b - 1))


def _power_exponent_rule(g: Any, y: Any, a: Any, b: Any) -> Any:
    # 0**b is flat for b >= 0, where log(0) would make 0 * -inf
    return g * y * np.log(np.where((b >= 0) & (a == 0), 1.0, a))


# the operator, not np.power: NumPy squares, roots and inverts faster for those exponents
power = Primitive("power", operator.pow, [_power_base_rule, _power_exponent_rule], elementwise=True)
