"""Signs, and the parts of a floating-point number."""

from typing import Any

import numpy as np

from autograd_lite.kinks import undecided
from autograd_lite.primitive import Primitive


def _sign_rule(g: Any, y: Any, x: Any) -> Any:
    if x.dtype.kind != "c":
        return np.zeros_like(g)
    # x / |x| only turns: the part of dx / |x| along x is lost; 0 at 0
    zero = x == 0
    c = g * (np.where(zero, x, 1) / np.abs(np.where(zero, 1, x)))
    return undecided(c - (c * y).real * np.conjugate(y), g, x)


sign = Primitive("sign", np.sign, [_sign_rule], elementwise=True, singular=True)


def _copysign_rule(g: Any, y: Any, a: Any, b: Any) -> Any:
    return undecided(g * (np.sign(a) * np.copysign(1, b)), g, a, convention=True)


copysign = Primitive("copysign", np.copysign, [_copysign_rule, None], elementwise=True)

heaviside = Primitive(
    "heaviside",
    np.heaviside,
    [None, lambda g, y, a, b: g * (a == 0)],
    elementwise=True,
    singular=True,
)

nextafter = Primitive("nextafter", np.nextafter, [lambda g, y, a, b: g, None], elementwise=True)

ldexp = Primitive("ldexp", np.ldexp, [lambda g, y, x, i: np.ldexp(g, i), None], elementwise=True)

# the part of x after the point
fraction = Primitive("modf", lambda x: np.modf(x)[0], [lambda g, y, x: g], elementwise=True)
