"""Functions that apply functions."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec, operands

from ..selecting.selecting import NOT_SCALAR, mask_of


@st.composite
def pieces(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1))
    conditions = [mask_of(draw, x.shape) for _ in range(draw(st.integers(1, 3)))]
    return Case((x,), {"conditions": conditions, "otherwise": draw(st.booleans())})


def piecewise(x: Any, conditions: Any, otherwise: bool) -> Any:
    functions: list[Any] = [lambda x, k, power: k * x**power, 3.0, lambda x, k, power: k * x]
    functions = functions[: len(conditions)] + [lambda x, k, power: x**power] * otherwise
    return np.piecewise(x, conditions, functions, 2.0, power=3) + x


@st.composite
def lines(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, shapes=NOT_SCALAR))
    return Case((x,), {"axis": draw(st.integers(-x.ndim, x.ndim - 1))})


def apply_along_axis(x: Any, axis: int) -> Any:
    total = np.apply_along_axis(np.sum, axis, x, keepdims=True)
    outer = np.apply_along_axis(lambda line, k: k * line[:, None] * line, axis, x, 2.0)
    return total.sum() * outer


@st.composite
def over(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, shapes=NOT_SCALAR))
    axes = draw(st.lists(st.integers(-x.ndim, x.ndim - 1), min_size=1, max_size=3))
    return Case((x,), {"axes": draw(st.sampled_from([tuple(axes), axes[0]]))})


SPECS = [
    Spec(piecewise, cases=pieces(), complex=True, name="piecewise"),
    Spec(apply_along_axis, cases=lines(), complex=True, name="apply_along_axis"),
    Spec(
        lambda x, axes: np.apply_over_axes(np.sum, x * x, axes),
        cases=over(),
        complex=True,
        name="apply_over_axes",
    ),
]
