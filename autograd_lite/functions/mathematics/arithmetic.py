"""Arithmetic: Python's operators by name, and related functions."""

import numpy as np

from autograd_lite.functions.general.making import binary, binary_constant, documented, unary
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.mathematics import arithmetic
from autograd_lite.tensor import Tensor, TensorLike

__all__ = [
    "add",
    "divide",
    "divmod",
    "float_power",
    "floor_divide",
    "fmod",
    "gcd",
    "lcm",
    "mod",
    "multiply",
    "negative",
    "positive",
    "pow",
    "power",
    "reciprocal",
    "remainder",
    "square",
    "subtract",
    "true_divide",
]

add = binary(
    "add",
    arithmetic.add,
    "Return ``x1 + x2``.",
    ">>> add([1.0, 2.0], 3.0)\nTensor([4., 5.])",
)

subtract = binary(
    "subtract",
    arithmetic.subtract,
    "Return ``x1 - x2``.",
    ">>> subtract([1.0, 2.0], 3.0)\nTensor([-2., -1.])",
)

multiply = binary(
    "multiply",
    arithmetic.multiply,
    "Return ``x1 * x2``.",
    ">>> multiply([1.0, 2.0], 3.0)\nTensor([3., 6.])",
)

divide = binary(
    "divide",
    arithmetic.divide,
    "Return ``x1 / x2``.",
    ">>> divide([1.0, 2.0], 4.0)\nTensor([0.25, 0.5 ])",
)

negative = unary(
    "negative",
    arithmetic.negative,
    "Return ``-x``.",
    ">>> negative([1.0, -2.0])\nTensor([-1.,  2.])",
)

positive = unary(
    "positive",
    arithmetic.positive,
    "Return ``+x``.",
    ">>> positive([1.0, -2.0])\nTensor([ 1., -2.])",
)

square = unary(
    "square",
    arithmetic.square,
    "Return the square of each value of ``x``.",
    ">>> square([2.0, -3.0])\nTensor([4., 9.])",
)

reciprocal = unary(
    "reciprocal",
    arithmetic.reciprocal,
    "Return ``1 / x``.",
    ">>> reciprocal([2.0, 4.0])\nTensor([0.5 , 0.25])",
)

power = binary(
    "power",
    arithmetic.power,
    "Return ``x1 ** x2``; at a base of 0 the exponent's gradient is 0.",
    ">>> power([2.0, 3.0], 2.0)\nTensor([4., 9.])",
)

float_power = binary(
    "float_power",
    arithmetic.float_power,
    "Return ``x1 ** x2`` in double precision.",
    ">>> float_power([2, 3], -1)\nTensor([0.5       , 0.33333333])",
)

remainder = binary(
    "remainder",
    arithmetic.remainder,
    "Return ``x1 % x2``, which has the sign of ``x2``.",
    ">>> remainder([5.0, -5.0], 3.0)\nTensor([2., 1.])",
)

fmod = binary(
    "fmod",
    arithmetic.fmod,
    "Return the remainder of a division that rounds towards 0; it has the sign of ``x1``.",
    ">>> fmod([5.0, -5.0], 3.0)\nTensor([ 2., -2.])",
)

floor_divide = binary_constant(
    "floor_divide",
    arithmetic.floor_divide,
    "Return ``x1 // x2``, for infinite values as the array API standard defines it.",
    ">>> floor_divide([5.0, -5.0], 3.0)\nTensor([ 1., -2.])",
)

gcd = binary_constant(
    "gcd",
    np.gcd,
    "Return the greatest common divisor of integers.",
    ">>> gcd([12, 9], 6)\nTensor([6, 3])",
)

lcm = binary_constant(
    "lcm",
    np.lcm,
    "Return the least common multiple of integers.",
    ">>> lcm([4, 9], 6)\nTensor([12, 18])",
)
mod = remainder
pow = power
true_divide = divide


@implements(np.divmod)
def divmod(x1: TensorLike, x2: TensorLike) -> tuple[Tensor, Tensor]:
    """Return ``x1 // x2``, a constant, and ``x1 % x2``.

    Parameters
    ----------
    x1, x2 : Tensor or array_like, real
        They broadcast.

    Examples
    --------
    >>> divmod([7.0, -7.0], 3.0)
    (Tensor([ 2., -3.]), Tensor([1., 2.]))
    """
    return floor_divide(x1, x2), remainder(x1, x2)


__test__ = documented(globals())
