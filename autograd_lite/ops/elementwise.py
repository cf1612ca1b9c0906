"""Elementwise functions, and what they do where they have no derivative."""

from typing import Any

import numpy as np

from autograd_lite.primitive import Primitive

exp = Primitive("exp", np.exp, [lambda g, y, x: g * y], elementwise=True)

expm1 = Primitive("expm1", np.expm1, [lambda g, y, x: g * (y + 1)], elementwise=True)

log = Primitive("log", np.log, [lambda g, y, x: g / x], elementwise=True)

log1p = Primitive("log1p", np.log1p, [lambda g, y, x: g / (1 + x)], elementwise=True)

sqrt = Primitive("sqrt", np.sqrt, [lambda g, y, x: g * 0.5 / y], elementwise=True)

sin = Primitive("sin", np.sin, [lambda g, y, x: g * np.cos(x)], elementwise=True)

cos = Primitive("cos", np.cos, [lambda g, y, x: -g * np.sin(x)], elementwise=True)

tanh = Primitive("tanh", np.tanh, [lambda g, y, x: g * (1 - y * y)], elementwise=True)


@np.errstate(over="ignore")  # where exp overflows, 1 / inf = 0 is right
def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(0.0 - x))  # -x would wrap around for unsigned integers


sigmoid = Primitive("sigmoid", _sigmoid, [lambda g, y, x: g * (y * (1 - y))], elementwise=True)

# sign(0) = 0
absolute = Primitive("abs", np.absolute, [lambda g, y, x: g * np.sign(x)], elementwise=True)

# 0 at the kink
relu = Primitive(
    "relu",
    lambda x: np.maximum(x, 0),
    [lambda g, y, x: np.where(x > 0, g, 0)],
    elementwise=True,
)

# a tie gives half to each
maximum = Primitive(
    "maximum",
    np.maximum,
    [
        lambda g, y, a, b: np.where(a > b, g, np.where(a == b, g * 0.5, 0)),
        lambda g, y, a, b: np.where(b > a, g, np.where(a == b, g * 0.5, 0)),
    ],
    elementwise=True,
)

minimum = Primitive(
    "minimum",
    np.minimum,
    [
        lambda g, y, a, b: np.where(a < b, g, np.where(a == b, g * 0.5, 0)),
        lambda g, y, a, b: np.where(b < a, g, np.where(a == b, g * 0.5, 0)),
    ],
    elementwise=True,
)

# x passes its cotangent on the bounds too; where the bounds cross, the upper one wins, as in NumPy
clip = Primitive(
    "clip",
    np.clip,
    [
        lambda g, y, x, low, high: np.where((low <= x) & (x <= high), g, 0),
        lambda g, y, x, low, high: np.where((x < low) & (low <= high), g, 0),
        lambda g, y, x, low, high: np.where((x > high) | (low > high), g, 0),
    ],
    elementwise=True,
)

where = Primitive(
    "where",
    np.where,
    [
        None,
        lambda g, y, condition, a, b: np.where(condition, g, 0),
        lambda g, y, condition, a, b: np.where(condition, 0, g),
    ],
    elementwise=True,
)


def _astype(x: Any, dtype: Any) -> Any:
    return x.astype(dtype)


astype = Primitive("astype", _astype, [lambda g, y, x, dtype: g.astype(x.dtype)], elementwise=True)
