"""Absolute values, choices between values, and bounds: functions with kinks and jumps.

The rules of choices multiply by the choice. np.where would take three times as long where the
choice changes often, and the core sees to 0 * inf.
"""

from typing import Any

import numpy as np

from autograd_lite.kinks import undecided
from autograd_lite.primitive import Primitive


def _absolute_rule(g: Any, y: Any, x: Any) -> Any:
    direction = np.sign(x)  # 0 at 0
    if x.dtype.kind == "c":
        return undecided(g * np.conjugate(direction), g, x)
    # for real numbers it is taken to be constant there, as everywhere else
    return undecided(g * direction, g, x, convention=True)


absolute = Primitive("abs", np.absolute, [_absolute_rule], elementwise=True, singular=True)

fabs = Primitive("fabs", np.fabs, [_absolute_rule], elementwise=True, singular=True)

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


def _halving(chosen: Any, ties: Any) -> Any:
    """Return 1 where chosen, half where there is a tie, 0 elsewhere."""
    return np.where(ties, 0.5, chosen) if np.any(ties) else chosen


def _ties(a: Any, b: Any) -> Any:
    return (a == b) | (np.isnan(a) & np.isnan(b))


# on a bound the cotangent goes to x; where the bounds cross, the upper one wins, as in NumPy
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
