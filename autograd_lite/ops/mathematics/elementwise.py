"""Elementwise functions with kinks and jumps, and what they do there."""

from typing import Any

import numpy as np

from autograd_lite.kinks import undecided
from autograd_lite.primitive import Primitive
from autograd_lite.settled_zeros import settled_where_chosen, settled_with_first


def _sign_rule(g: Any, y: Any, x: Any) -> Any:
    if x.dtype.kind != "c":
        return np.zeros_like(g)
    # x / |x| only turns: of dx / |x| what lies along x is lost; 0 at 0
    zero = x == 0
    c = g * (np.where(zero, x, 1) / np.abs(np.where(zero, 1, x)))
    return undecided(c - (c * y).real * np.conjugate(y), g, x)


sign = Primitive("sign", np.sign, [_sign_rule], elementwise=True, singular=True)


def _absolute_rule(g: Any, y: Any, x: Any) -> Any:
    direction = np.sign(x)  # 0 at 0
    if x.dtype.kind == "c":
        return undecided(g * np.conjugate(direction), g, x)
    # of real numbers it is taken to be constant there, as everywhere else
    return undecided(g * direction, g, x, convention=True)


absolute = Primitive("abs", np.absolute, [_absolute_rule], elementwise=True, singular=True)

fabs = Primitive("fabs", np.fabs, [_absolute_rule], elementwise=True, singular=True)


def _copysign_rule(g: Any, y: Any, a: Any, b: Any) -> Any:
    return undecided(g * (np.sign(a) * np.copysign(1, b)), g, a, convention=True)


copysign = Primitive(
    "copysign",
    np.copysign,
    [_copysign_rule, None],
    elementwise=True,
)

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

# Where something is chosen, the rules multiply by the choice: np.where takes three times as long
# where choices change often. 0 * inf is seen to by the core.

# 0 at the kink
relu = Primitive(
    "relu",
    lambda x: np.maximum(x, 0),
    [lambda g, y, x: g * (x > 0)],
    elementwise=True,
    singular=True,
)


def _halving(chosen: Any, ties: Any) -> Any:
    """Return 1 where chosen, half where there is a tie, 0 elsewhere."""
    return np.where(ties, 0.5, chosen) if np.any(ties) else chosen


maximum = Primitive(
    "maximum",
    np.maximum,
    [
        lambda g, y, a, b: g * _halving(a > b, a == b),
        lambda g, y, a, b: g * _halving(b > a, a == b),
    ],
    elementwise=True,
    singular=True,
)

minimum = Primitive(
    "minimum",
    np.minimum,
    [
        lambda g, y, a, b: g * _halving(a < b, a == b),
        lambda g, y, a, b: g * _halving(b < a, a == b),
    ],
    elementwise=True,
    singular=True,
)


def _ties(a: Any, b: Any) -> Any:
    return (a == b) | (np.isnan(a) & np.isnan(b))


# unlike maximum and minimum, these choose the other where one is NaN
fmax = Primitive(
    "fmax",
    np.fmax,
    [
        lambda g, y, a, b: g * _halving((a > b) | np.isnan(b), _ties(a, b)),
        lambda g, y, a, b: g * _halving((b > a) | np.isnan(a), _ties(a, b)),
    ],
    elementwise=True,
    singular=True,
)

fmin = Primitive(
    "fmin",
    np.fmin,
    [
        lambda g, y, a, b: g * _halving((a < b) | np.isnan(b), _ties(a, b)),
        lambda g, y, a, b: g * _halving((b < a) | np.isnan(a), _ties(a, b)),
    ],
    elementwise=True,
    singular=True,
)

# x passes its cotangent on the bounds too; where the bounds cross, the upper one wins, as in NumPy
clip = Primitive(
    "clip",
    np.clip,
    [
        lambda g, y, x, low, high: g * ((low <= x) & (x <= high)),
        lambda g, y, x, low, high: g * ((x < low) & (low <= high)),
        lambda g, y, x, low, high: g * ((x > high) | (low > high)),
    ],
    elementwise=True,
    singular=True,
)

where = Primitive(
    "where",
    np.where,
    [
        None,
        lambda g, y, condition, a, b: g * (condition != 0),
        lambda g, y, condition, a, b: g * (condition == 0),
    ],
    elementwise=True,
    singular=True,
)
settled_where_chosen(where)

nan_to_num = Primitive(
    "nan_to_num",
    lambda x, nan, posinf, neginf: np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf),
    [lambda g, y, x, nan, posinf, neginf: g * np.isfinite(x)],
    elementwise=True,
    singular=True,
)

# it adds whole periods, which are constant
unwrap = Primitive(
    "unwrap",
    lambda p, discont, axis, period: np.unwrap(p, discont, axis, period=period),
    [lambda g, y, p, discont, axis, period: g],
)


def _astype(x: Any, dtype: Any) -> Any:
    return x.astype(dtype)


# the core gives the cotangent its input's dtype back, or the real part of it
astype = Primitive("astype", _astype, [lambda g, y, x, dtype: g], elementwise=True)
settled_with_first(astype)
