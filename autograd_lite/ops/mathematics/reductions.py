"""Sums, means, products and extremes along axes."""

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd_lite.ops.mathematics.cumulative import products_of_others
from autograd_lite.precision import widened
from autograd_lite.primitive import Primitive
from autograd_lite.settled_zeros import settled_where_all_are

Axis = int | tuple[int, ...] | None


def _sum(x: Any, axis: Any, keepdims: Any) -> Any:
    return np.add.reduce(x, axis=axis, keepdims=keepdims)  # what np.sum ends in


sum = Primitive("sum", _sum, [lambda g, y, x, axis, keepdims: _spread(g, x, axis)])


def _mean(x: Any, axis: Axis, keepdims: bool) -> Any:
    if not x.size and not reduced_count(x.shape, axis):  # NaN for nothing; NumPy would warn too
        return _sum(x, axis, keepdims) * np.nan
    return np.mean(x, axis=axis, keepdims=keepdims)


def _mean_rule(g: Any, y: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    share = widened(g) / reduced_count(x.shape, axis)
    # narrowed before it is spread: each subnormal number takes 100 ns
    return _spread(share if share.dtype == g.dtype else share.astype(g.dtype), x, axis)


mean = Primitive("mean", _mean, [_mean_rule])

settled_where_all_are(sum, mean)

# along one axis, so that the product of all other values needs no division
prod = Primitive(
    "prod",
    lambda x, axis, keepdims: np.multiply.reduce(x, axis=axis, keepdims=keepdims),
    [lambda g, y, x, axis, keepdims: _spread(g, x, axis) * products_of_others(x, axis)],
    singular=True,  # the product of the others may overflow
)


def _extremum_rule(
    g: Any, y: Any, x: Any, axis: Axis, keepdims: bool, initial: Any = None, where: Any = True
) -> Any:
    y = y.reshape(kept_shape(x.shape, axis))
    ties = (x == y) | np.isnan(x)  # a NaN is the extremum wherever it is
    if where is not True:
        ties = ties & where
    count = ties.sum(axis=axis, keepdims=True).astype(widened(g).dtype)
    if initial is not None:  # if that is the extremum, there are no ties
        count = np.where(count == 0, 1, count)
    return np.where(ties, g.reshape(y.shape) / count, 0)


max = Primitive(
    "max",
    lambda x, axis, keepdims, **among: np.max(x, axis=axis, keepdims=keepdims, **among),
    [_extremum_rule],
    requirement="the reduced axes must not be empty",
    singular=True,
)

min = Primitive(
    "min",
    lambda x, axis, keepdims, **among: np.min(x, axis=axis, keepdims=keepdims, **among),
    [_extremum_rule],
    requirement="the reduced axes must not be empty",
    singular=True,
)


# ---- what is reduced


def _spread(g: Any, x: Any, axis: Axis) -> Any:
    """Broadcast the cotangent of a reduction back over what was reduced."""
    return np.broadcast_to(g.reshape(kept_shape(x.shape, axis)), x.shape)


def kept_shape(shape: tuple[int, ...], axis: Axis) -> tuple[int, ...]:
    """Return ``shape`` with size 1 at the reduced axes, as ``keepdims=True`` leaves it."""
    if axis is None:
        return (1,) * len(shape)
    reduced = normalize_axis_tuple(axis, len(shape))
    return tuple(1 if i in reduced else n for i, n in enumerate(shape))


def reduced_count(shape: tuple[int, ...], axis: Axis) -> int:
    """Return how many values each value of the reduction is made of."""
    return math.prod(n for n, kept in zip(shape, kept_shape(shape, axis), strict=True) if kept == 1)
