"""Exponentials, logarithms and roots."""

import math
from typing import Any

import numpy as np

from autograd_lite.kinks import undecided
from autograd_lite.primitive import Primitive

_LN2 = math.log(2)
_LN10 = math.log(10)

exp = Primitive("exp", np.exp, [lambda g, y, x: g * y], elementwise=True)

exp2 = Primitive("exp2", np.exp2, [lambda g, y, x: g * (y * _LN2)], elementwise=True)

log = Primitive("log", np.log, [lambda g, y, x: g / x], elementwise=True, singular=True)

log2 = Primitive("log2", np.log2, [lambda g, y, x: g / (x * _LN2)], elementwise=True, singular=True)

log10 = Primitive(
    "log10", np.log10, [lambda g, y, x: g / (x * _LN10)], elementwise=True, singular=True
)

log1p = Primitive("log1p", np.log1p, [lambda g, y, x: g / (1 + x)], elementwise=True, singular=True)

sqrt = Primitive("sqrt", np.sqrt, [lambda g, y, x: g / (2 * y)], elementwise=True, singular=True)

cbrt = Primitive(
    "cbrt",
    np.cbrt,
    [lambda g, y, x: undecided(g / (3 * y * y), g, x)],
    elementwise=True,
    singular=True,
)


@np.errstate(over="ignore")  # where exp overflows, 1 / inf = 0 is right
def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(0.0 - x))  # -x would wrap around for unsigned integers


# in this family because logaddexp needs it
sigmoid = Primitive("sigmoid", _sigmoid, [lambda g, y, x: g * (y * (1 - y))], elementwise=True)

# log(e**a + e**b)
logaddexp = Primitive(
    "logaddexp",
    np.logaddexp,
    [lambda g, y, a, b: g * _share(y, a, b), lambda g, y, a, b: g * _share(y, b, a)],
    elementwise=True,
)

# log2(2**a + 2**b)
logaddexp2 = Primitive(
    "logaddexp2",
    np.logaddexp2,
    [lambda g, y, a, b: g * _share(y, a, b, _LN2), lambda g, y, a, b: g * _share(y, b, a, _LN2)],
    elementwise=True,
)


def _share(y: Any, a: Any, b: Any, scale: float = 1.0) -> Any:
    """Return e**a / (e**a + e**b): half where both are +inf, 0 where both are -inf."""
    difference = np.where(np.isinf(a) & (a == b), 0, a - b)  # inf - inf
    return sigmoid(scale * difference) * (y > -np.inf)


def _expm1(x: Any) -> Any:
    y = np.expm1(x)
    if y.dtype.kind == "c":  # NumPy's is wrong there at infinities, NaNs and -0; its exp is right
        y = np.where(np.isfinite(x) & (x != 0), y, np.exp(x) - 1)
    return y


# exp(x) - 1
expm1 = Primitive("expm1", _expm1, [lambda g, y, x: g * (y + 1)], elementwise=True)
