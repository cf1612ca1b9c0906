"""Arithmetic: + - * / ** and their kin."""

import math
from typing import Any

import numpy as np

from autograd_lite.primitive import Primitive
from autograd_lite.settled_zeros import settled_where_all_are, settled_with_first

add = Primitive("add", np.add, [lambda g, y, a, b: g, lambda g, y, a, b: g], elementwise=True)

subtract = Primitive(
    "subtract", np.subtract, [lambda g, y, a, b: g, lambda g, y, a, b: -g], elementwise=True
)

multiply = Primitive(
    "multiply", np.multiply, [lambda g, y, a, b: g * b, lambda g, y, a, b: g * a], elementwise=True
)

divide = Primitive(
    "divide",
    np.true_divide,
    [lambda g, y, a, b: g / b, lambda g, y, a, b: g * (-y / b)],
    elementwise=True,
    singular=True,
)

reciprocal = Primitive(
    "reciprocal", np.reciprocal, [lambda g, y, x: g * (-y * y)], elementwise=True, singular=True
)

negative = Primitive("negative", np.negative, [lambda g, y, x: -g], elementwise=True)

positive = Primitive("positive", np.positive, [lambda g, y, x: g], elementwise=True)

square = Primitive("square", np.square, [lambda g, y, x: g * (2 * x)], elementwise=True)

settled_where_all_are(add, multiply)
settled_where_all_are(subtract, like=add)
settled_with_first(divide, negative, positive)

# ---- with remainder: between the jumps a % b = a - b * floor(a / b), and the floor is constant

remainder = Primitive(
    "remainder",
    np.remainder,
    [lambda g, y, a, b: g, lambda g, y, a, b: g * (-np.floor_divide(a, b))],
    elementwise=True,
)

# the same, with the quotient rounded towards 0
fmod = Primitive(
    "fmod",
    np.fmod,
    [lambda g, y, a, b: g, lambda g, y, a, b: g * np.rint((y - a) / b)],
    elementwise=True,
)


def floor_divide(a: Any, b: Any) -> Any:
    """Return ``floor(a / b)``, whose derivative is 0 wherever it has one.

    NumPy gives NaN for inf // 2 and -1 for 1 // -inf. The array API standard wants the floor of
    the quotient, inf and -0.
    """
    infinite = np.isinf(a) | np.isinf(b)
    if not infinite.any():
        return np.floor_divide(a, b)
    with np.errstate(invalid="ignore"):  # inf // inf is NaN, and not worth a warning
        return np.where(infinite, np.floor(np.true_divide(a, b)), np.floor_divide(a, b))


# ---- powers: the derivatives of a**b are b a**(b - 1) and a**b log(a)


def _power_base_rule(g: Any, y: Any, a: Any, b: Any) -> Any:
    if not _is_number(b):
        return g * times(b, power(a, b - 1))  # 0 for b = 0, though 0 ** -1 is infinite
    if b == 0:
        return np.zeros_like(g)
    return g * (2 * a if b == 2 else b * power(a, b - 1))


def _power_exponent_rule(g: Any, y: Any, a: Any, b: Any) -> Any:
    # 0**b is flat for b >= 0, where log(0) would make 0 * -inf
    return g * times(y, np.log(np.where((b >= 0) & (a == 0), 1.0, a)))


def _power(a: Any, b: Any) -> Any:
    """Return ``a ** b``. NumPy's own is up to 200 times slower for whole b and negative a."""
    dtype = getattr(a, "dtype", None)
    if dtype not in (np.float64, np.float32):
        # Python's own power of two numbers differs from NumPy's: 2**-1 is 0.5
        return np.power(a, b) if dtype is None and not hasattr(b, "dtype") else a**b
    if _is_factored(b):
        return _factored(a, b)
    if _is_number(b) or not isinstance(b, np.ndarray | np.generic):
        return a**b  # the operator, not np.power: it squares, roots and inverts faster
    if b.dtype.kind not in "iuf" or not (a < 0).any() or not (b == np.floor(b)).all():
        return a**b
    half = np.divide(b, 2)
    y = abs(a) ** b
    return np.where(half == np.floor(half), y, np.copysign(y, a))


power: Primitive = Primitive(
    "power", _power, [_power_base_rule, _power_exponent_rule], elementwise=True, singular=True
)


def _float_power(a: Any, b: Any) -> Any:
    if _is_factored(b) and getattr(a, "dtype", None) in (np.float64, np.float32):
        return _factored(a.astype(np.float64), b)
    return np.float_power(a, b)


# in double precision, of integers too
float_power = Primitive(
    "float_power",
    _float_power,
    [_power_base_rule, _power_exponent_rule],
    elementwise=True,
    singular=True,
)

# ---- how powers are fast


_LARGEST_FACTORED = 64


def _is_number(b: Any) -> bool:
    """Return True for a number of Python's, and False for one of NumPy's that derives from it."""
    return isinstance(b, int | float) and not isinstance(b, np.generic | bool)


def _is_factored(b: Any) -> bool:
    # NumPy's own operator is fast for -1, 0, 1 and 2
    within = _is_number(b) and abs(b) <= _LARGEST_FACTORED
    return within and b == int(b) and not -2 < b <= 2


def _factored(a: Any, b: Any) -> Any:
    """Return ``a ** b`` for a Python number b that is whole: a product of squares."""
    square, rest = (a if b > 0 else 1 / a), abs(int(b))
    y = None
    while True:
        if rest % 2:
            y = square if y is None else y * square
        rest //= 2
        if not rest:
            return y
        square = square * square


# ---- a product in which 0 * inf is 0


def _times(a: Any, b: Any) -> Any:
    y = a * b
    return np.where(np.isnan(y) & ((a == 0) | (b == 0)), 0, y) if _has_nan(y) else y


# For factors of a derivative. (The backward pass itself sees to a cotangent of 0.)
times: Primitive = Primitive(
    "times",
    _times,
    [lambda g, y, a, b: g * b, lambda g, y, a, b: g * a],
    elementwise=True,
    singular=True,
)

settled_where_all_are(times)


def _has_nan(x: Any) -> bool:
    # A sum of squares is the cheapest pass in which every NaN shows; infinities can't cancel there
    return math.isnan(np.vdot(x, x).real if x.ndim else x.real)
