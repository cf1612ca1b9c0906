"""Running sums and products along an axis, and the recurrence that their derivatives need."""

from typing import Any

import numpy as np

from autograd_lite.precision import widened
from autograd_lite.primitive import Primitive


def _part(x: Any, axis: int, part: slice) -> Any:
    return x[(slice(None),) * (axis % x.ndim) + (part,)]


def _reversed(x: Any, axis: int) -> Any:
    return _part(x, axis, slice(None, None, -1))


def _moved_on(x: Any, axis: int, fill: Any = np.zeros_like) -> Any:
    """Return ``x`` one place further along ``axis``, with zeros (or ones) in the first."""
    parts = [fill(_part(x, axis, slice(0, 1))), _part(x, axis, slice(0, -1))]
    return np.concatenate(parts, axis=axis)


cumsum: Primitive = Primitive(
    "cumsum",
    lambda x, axis: np.add.accumulate(x, axis=axis),
    [lambda g, y, x, axis: _reversed(cumsum(_reversed(widened(g), axis), axis=axis), axis)],
)


def _recurrence(a: Any, b: Any, axis: int) -> Any:
    # each round joins every stretch with the one before it: log(n) passes, not n steps
    a, y = (np.moveaxis(x, axis, 0).astype(np.result_type(a, b)) for x in (a, b))
    step = 1
    while step < len(y):
        y[step:] += a[step:] * y[:-step]
        a[step:] *= a[:-step]
        step *= 2
    return np.moveaxis(y, 0, axis)


def _reversed_recurrence(a: Any, g: Any, axis: int) -> Any:
    """Return t with t[i] = a[i + 1] t[i + 1] + g[i]: all that g[i] and what follows it say."""
    coefficients = _moved_on(_reversed(a, axis), axis)
    return _reversed(recurrence(coefficients, _reversed(widened(g), axis), axis=axis), axis)


# y[i] = a[i] y[i - 1] + b[i], from y[-1] = 0; its transpose is the same thing the other way round
recurrence: Primitive = Primitive(
    "recurrence",
    _recurrence,
    [
        lambda g, y, a, b, axis: _reversed_recurrence(a, g, axis) * _moved_on(y, axis),
        lambda g, y, a, b, axis: _reversed_recurrence(a, g, axis),
    ],
)

# x[i] is a factor of y[i] and of all that follow: what is before it, times what they make of it.
# Nothing is divided by x[i], which may be 0.
cumprod = Primitive(
    "cumprod",
    lambda x, axis: np.multiply.accumulate(x, axis=axis),
    [lambda g, y, x, axis: _moved_on(y, axis, np.ones_like) * _reversed_recurrence(x, g, axis)],
)


def products_of_others(x: Any, axis: int) -> Any:
    """Return, for each value along ``axis``, the product of all the others, without division."""
    before = _moved_on(cumprod(x, axis=axis), axis, np.ones_like)
    after = _moved_on(cumprod(_reversed(x, axis), axis=axis), axis, np.ones_like)
    return before * _reversed(after, axis)
