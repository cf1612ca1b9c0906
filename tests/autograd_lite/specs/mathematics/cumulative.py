"""Running sums, products and extremes."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite import cummax, cummin
from autograd_lite.ops.mathematics import cumulative
from autograd_lite.testing import Case, Spec, operands

from ..drawing import SHAPES, of_moderate_product, same_shape
from .reductions import method, with_zeros


@st.composite
def running(draw: st.DrawFn, *, flat: bool = True, initial: bool = False) -> Case:
    (x,) = draw(operands(1, shapes=SHAPES.filter(lambda shapes: len(shapes[0]) > 0)))
    axes: Any = st.integers(-x.ndim, x.ndim - 1)
    if flat and (x.ndim == 1 or not initial):
        axes |= st.none()
    params: dict[str, Any] = {"axis": draw(axes)}
    if initial:
        params["include_initial"] = draw(st.booleans())
    return Case((x,), params)


def zeros_in(drawn: Any) -> Any:
    return st.builds(with_zeros, drawn.filter(of_moderate_product), st.integers(0, 2))


def some_nan(case: Case) -> Case:
    x = np.array(case.inputs[0])
    x.reshape(-1)[1::3] = np.nan
    return case._replace(inputs=(x,))


@st.composite
def recurring(draw: st.DrawFn) -> Case:
    a, b = draw(same_shape(2).filter(lambda inputs: inputs[0].ndim > 0))
    return Case((a, b), {"axis": draw(st.integers(-a.ndim, a.ndim - 1))})


def recurrence(a: Any, b: Any, axis: int) -> Any:
    a, y = np.moveaxis(a, axis, 0), np.moveaxis(b, axis, 0).copy()
    for i in range(1, len(y)):
        y[i] += a[i] * y[i - 1]
    return np.moveaxis(y, 0, axis)


SPECS = [
    Spec(cumulative.cumsum, np.cumsum, running(flat=False), complex=True),
    Spec(cumulative.cumprod, np.cumprod, zeros_in(running(flat=False)), order=3, complex=True),
    Spec(cumulative.recurrence, recurrence, recurring(), complex=True),
    Spec(np.cumsum, cases=running(), complex=True),
    Spec(np.cumprod, cases=zeros_in(running()), complex=True),
    Spec(np.cumulative_sum, cases=running(initial=True), complex=True),
    Spec(np.cumulative_prod, cases=zeros_in(running(initial=True)), complex=True),
    Spec(np.nancumsum, cases=running().map(some_nan), complex=True),
    Spec(
        np.nancumprod,
        cases=running().filter(of_moderate_product).map(some_nan),
        complex=True,
    ),
    Spec(cummax, np.maximum.accumulate, running(flat=False)),
    Spec(cummin, np.minimum.accumulate, running(flat=False)),
    method(np.add, "accumulate", running(flat=False)),
    method(np.multiply, "accumulate", running(flat=False).filter(of_moderate_product)),
    method(np.maximum, "accumulate", running(flat=False)),
]
