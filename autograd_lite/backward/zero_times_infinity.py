"""0 times infinity: in the rules of a backward pass it is 0, and not NaN.

Where a cotangent is 0, the value it belongs to has no part in the result, even if its derivative is
infinite or undefined. Where a cotangent is infinite and the derivative 0, as for the root of a
square, 0 is the finite choice. So after an op whose derivative can be 0 or infinite
(``Primitive(singular=True)``), the pass looks for NaN in what the rules return. A NaN that is 0
times infinity becomes 0, any other stays.

No rule has a line for this. Elementwise rules are mended here; others are called again with an
array whose zeros absorb (``absorbing_zeros``).
"""

from collections.abc import Sequence
from math import isfinite, isnan
from typing import Any

import numpy as np

from autograd_lite.backward.absorbing_zeros import Absorbing, inside
from autograd_lite.errors import GraphError
from autograd_lite.graph import Node
from autograd_lite.kinks import mended, value_of
from autograd_lite.ops.algebra.products import cross
from autograd_lite.primitive import Rule
from autograd_lite.settled_zeros import multiplies_nothing
from autograd_lite.writes import Overwritten

_ARRAYS: Any = (np.ndarray, np.generic)


def without_nan(
    c: Any, op: Any, position: int, g: Any, y: Any, inputs: Sequence[Any], params: Any
) -> Any:
    """Return ``c``, what a rule made of the cotangent ``g``, with 0 where its NaN is 0 * inf."""
    if multiplies_nothing(op):
        return c
    # An op whose derivative can't be infinite makes no NaN of finite values. To look at cotangents
    # and results is cheaper than to look at what a rule makes of them, such as a weight's gradient.
    if not (op.elementwise or op.singular) and _is_finite(g) and _is_finite(y):
        return c
    value = _plain(c)
    plain = isinstance(value, _ARRAYS)
    # The cheapest look: every NaN shows in a sum of squares, and infinities can't cancel there.
    if plain and not isnan(np.vdot(value, value).real):
        return c
    if not op.elementwise or op is cross:
        return _absorbed(op.rules[position], c, g, y, inputs, params) if plain else c
    if c.shape != g.shape:
        return c
    y = value_of(y)
    defined = ~np.isnan(y) if isinstance(y, _ARRAYS) else True
    # as functions: arrays that aren't NumPy's may have no such operators
    zero = np.logical_or(np.equal(g, 0), np.logical_and(np.isinf(g), defined))
    return mended(c, np.logical_and(np.isnan(c), zero))


def _plain(x: Any) -> Any:
    """Return the array of a tensor, or of a batch; anything else is its own."""
    return getattr(x, "array", x)


def _is_finite(x: Any) -> bool:
    value = x if type(x) is Overwritten else _plain(x)
    return isinstance(value, _ARRAYS) and isfinite(np.vdot(value, value).real)


def _absorbed(rule: Rule, c: Any, g: Any, y: Any, inputs: Sequence[Any], params: Any) -> Any:
    """Call a rule that isn't elementwise again, with a cotangent whose zeros absorb.

    If the rule can't take such a cotangent, its result stays as it is.
    """
    values = y, *inputs
    plain = [value_of(x) for x in values]
    weights = 1 + np.modf(0.618 * np.arange(g.size))[0].reshape(g.shape)
    weighted = Absorbing(value_of(g) * weights.astype(np.finfo(g.dtype).dtype))
    wrapped = [Absorbing(x, False) if isinstance(x, Node) else x for x in values]
    try:
        found = inside(rule(Absorbing(g), *wrapped, **params))
        # A 0 that is a difference absorbs nothing. With other weights it isn't 0.
        other = inside(rule(weighted, *plain, **params))
    except (AttributeError, GraphError, TypeError, ValueError):
        return c
    defined = np.logical_not(np.isnan(other))
    if not isinstance(found, Node):  # in a tensor, what is unknown at a kink is NaN as well
        defined = np.logical_and(defined, np.logical_not(np.isnan(found)))
    return np.where(np.logical_and(np.isnan(c), defined), found, c)
