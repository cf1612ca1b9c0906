"""Trigonometric and hyperbolic functions and their inverses."""

from typing import Any

import numpy as np

from autograd_lite.kinks import undecided
from autograd_lite.primitive import Primitive

sin = Primitive("sin", np.sin, [lambda g, y, x: g * np.cos(x)], elementwise=True)

cos = Primitive("cos", np.cos, [lambda g, y, x: -g * np.sin(x)], elementwise=True)

tan = Primitive("tan", np.tan, [lambda g, y, x: g * (1 + y * y)], elementwise=True)

sinh = Primitive("sinh", np.sinh, [lambda g, y, x: g * np.cosh(x)], elementwise=True)

cosh = Primitive("cosh", np.cosh, [lambda g, y, x: g * np.sinh(x)], elementwise=True)

tanh = Primitive("tanh", np.tanh, [lambda g, y, x: g * (1 - y * y)], elementwise=True)


arcsin = Primitive(
    "arcsin",
    np.arcsin,
    [lambda g, y, x: g / _chord(x)],
    elementwise=True,
    singular=True,
)

arccos = Primitive(
    "arccos",
    np.arccos,
    [lambda g, y, x: -(g / _chord(x))],
    elementwise=True,
    singular=True,
)

arctan = Primitive("arctan", np.arctan, [lambda g, y, x: g / (1 + x * x)], elementwise=True)

# of y, not of x: x**2 would overflow
arcsinh = Primitive("arcsinh", np.arcsinh, [lambda g, y, x: g / np.cosh(y)], elementwise=True)

arccosh = Primitive(
    "arccosh", np.arccosh, [lambda g, y, x: g / np.sinh(y)], elementwise=True, singular=True
)

arctanh = Primitive(
    "arctanh",
    np.arctanh,
    [lambda g, y, x: g / ((1 - x) * (1 + x))],
    elementwise=True,
    singular=True,
)


hypot = Primitive(
    "hypot",
    np.hypot,
    [
        lambda g, y, a, b: undecided(g * _over(a, y), g, y),
        lambda g, y, a, b: undecided(g * _over(b, y), g, y),
    ],
    elementwise=True,
    singular=True,
)


arctan2 = Primitive(
    "arctan2",
    np.arctan2,
    [
        lambda g, y, a, b: undecided(g * _turning(b, a, b), g, a, b),
        lambda g, y, a, b: undecided(g * (-_turning(a, a, b)), g, a, b),
    ],
    elementwise=True,
    singular=True,
)

degrees = Primitive("degrees", np.degrees, [lambda g, y, x: np.degrees(g)], elementwise=True)

radians = Primitive("radians", np.radians, [lambda g, y, x: np.radians(g)], elementwise=True)

# ---- how they are right at the origin, on cuts, at infinities


def _over(part: Any, length: Any) -> Any:
    """Return ``part / length``; 0 at the origin, where both are 0."""
    origin = length == 0
    if not np.any(origin):
        return part / length
    return part / np.where(origin, 1, length)


def _turning(toward: Any, a: Any, b: Any) -> Any:
    """Return ``toward / (a**2 + b**2)`` though the squares may overflow; 0 at the origin."""
    length = np.hypot(a, b)
    return _over(_over(toward, length), length)


def _chord(x: Any) -> Any:
    """Return ``sqrt(1 - x**2)``, on the side of its cuts where x is."""
    if x.dtype.kind != "c":
        return np.sqrt((1 - x) * (1 + x))
    # only differences keep the sign of an imaginary part of 0
    return np.sqrt(-(x - 1)) * np.sqrt(x - (-1))


def _complex_tanh(x: Any) -> Any:
    y = np.copy(np.tanh(x))
    # 1 + 0j wherever the imaginary part is positive, as the array API standard wants
    far = np.isinf(x.real) & np.isfinite(x.imag)
    y.imag[far] = np.copysign(0, x.imag[far])
    return y


complex_tanh = Primitive("tanh", _complex_tanh, [lambda g, y, x: g * (1 - y * y)], elementwise=True)
