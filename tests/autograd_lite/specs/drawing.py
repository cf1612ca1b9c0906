"""What the registrations of all families draw from."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, broadcastable_shapes, cases, operands

SHAPES = broadcastable_shapes(1)
NOT_EMPTY = broadcastable_shapes(1, min_side=1)


def unary(low: float | None = None, high: float | None = None) -> st.SearchStrategy[Case]:
    return cases(operands(1, low=low, high=high))


def binary(low: float | None = None, high: float | None = None) -> st.SearchStrategy[Case]:
    return cases(operands(2, low=low, high=high))


def same_shape(
    count: int, low: float | None = None, high: float | None = None, **kwargs: Any
) -> Any:
    shapes = broadcastable_shapes(1, **kwargs).map(lambda shapes: shapes * count)
    return operands(count, low=low, high=high, shapes=shapes)


def of_moderate_product(case: Case) -> bool:
    """Return whether single precision holds the products of any of the values."""
    return bool(np.nansum(np.log10(np.maximum(np.abs(case.inputs[0]), 1))) < 30)


def one_of_each(*strategies: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    """Join strategies for tuples of operands into one for all of them."""
    return st.tuples(*strategies).map(lambda parts: sum(parts, ()))


@st.composite
def reduced(draw: st.DrawFn, *, empty: bool = True, keepdims: bool = True) -> Case:
    (x,) = draw(operands(1, shapes=SHAPES if empty else NOT_EMPTY))
    axes = st.lists(st.integers(-x.ndim, x.ndim - 1), unique_by=lambda axis: axis % x.ndim)
    choices = st.none()
    if x.ndim:
        choices |= st.integers(-x.ndim, x.ndim - 1) | axes.map(tuple)
    params = {"axis": draw(choices)}
    if keepdims:
        params["keepdims"] = draw(st.booleans())
    return Case((x,), params)
