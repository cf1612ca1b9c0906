"""Sums, products, means and extremes along axes."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.ops.mathematics import reductions
from autograd_lite.testing import Case, Spec, broadcastable_shapes, cases, operands

from ..drawing import NOT_EMPTY, of_moderate_product, reduced


@st.composite
def masked(draw: st.DrawFn, *, initial: bool = True, empty: bool = True) -> Case:
    """Reductions of chosen values, at least one for each result unless there is an initial one."""
    case = draw(reduced(empty=empty))
    (x,) = case.inputs
    params = dict(case.params)
    seed = draw(st.integers(0, 2**16))
    mask = np.random.default_rng(seed).random(x.shape) < 0.6
    if initial:
        params["initial"] = draw(st.sampled_from([0.7, -3, 3, np.float64(0.123)]))
    else:
        mask |= ~mask.any(axis=params["axis"], keepdims=True)
    if x.ndim and draw(st.booleans()) and initial:
        mask = mask[0] if len(x) else np.array(True)
    if draw(st.integers(0, 3)):
        params["where"] = mask
    return Case((x,), params)


@st.composite
def started(draw: st.DrawFn, low: float = -2.0, high: float = 2.0) -> Case:
    """Reductions that begin with a value that is differentiated too."""
    x, first = draw(operands(2, low=low, high=high, shapes=NOT_EMPTY.map(lambda s: (*s, ()))))
    return Case((x, first))


def with_zeros(case: Case, count: int) -> Case:
    """Put zeros among the values: products then have derivatives that no division finds."""
    x = np.array(case.inputs[0])
    x.reshape(-1)[: count * 2 : 2] = 0
    return case._replace(inputs=(x,))


def products(draw_cases: Any) -> Any:
    return st.builds(with_zeros, draw_cases.filter(of_moderate_product), st.integers(0, 2))


def outer(function: Any) -> Spec:
    shapes = broadcastable_shapes(2, max_dims=2).map(lambda s: (s[0], s[1][::-1]))
    drawn = cases(operands(2, low=0.5, high=2, shapes=shapes))
    return Spec(function.outer, cases=drawn, name=f"{function.__name__}.outer")


def method(ufunc: Any, name: str, drawn: Any, reference: Any = None) -> Spec:
    title = f"{ufunc.__name__}.{name}"
    return Spec(getattr(ufunc, name), reference, cases=drawn, name=title)


ALONG_ONE = reduced(empty=False).filter(
    lambda case: isinstance(case.params["axis"], int) and case.inputs[0].ndim
)


SPECS = [
    Spec(reductions.sum, np.sum, reduced(), complex=True),
    Spec(np.sum, cases=masked(), complex=True),
    Spec(
        lambda x, first: np.sum(x, initial=first),
        lambda x, first: np.sum(x) + first,
        cases=started(),
        name="sum with an initial value",
        complex=True,
    ),
    Spec(reductions.mean, np.mean, reduced(empty=False), complex=True),
    Spec(np.mean, cases=masked(initial=False, empty=False), complex=True),
    Spec(reductions.prod, np.prod, products(ALONG_ONE), order=3, complex=True),
    Spec(np.prod, cases=products(reduced()), complex=True),
    Spec(
        np.prod, cases=masked().filter(of_moderate_product), name="prod of the chosen", complex=True
    ),
    Spec(
        lambda x, first: np.prod(x, initial=first),
        lambda x, first: np.prod(x) * first,
        cases=started(),
        name="prod with an initial value",
    ),
    Spec(reductions.max, np.max, reduced(empty=False)),
    Spec(reductions.min, np.min, reduced(empty=False)),
    Spec(np.max, cases=masked()),
    Spec(np.min, cases=masked()),
    Spec(
        lambda x, first: np.max(x, initial=first),
        lambda x, first: np.maximum(np.max(x), first),
        cases=started(),
        name="max with an initial value",
    ),
    Spec(np.amax, cases=reduced(empty=False)),
    Spec(np.amin, cases=reduced(empty=False)),
    Spec(np.ptp, cases=reduced(empty=False)),
    method(np.add, "reduce", reduced()),
    method(np.multiply, "reduce", reduced().filter(of_moderate_product)),
    method(np.maximum, "reduce", reduced(empty=False)),
    method(np.minimum, "reduce", reduced(empty=False)),
    *map(outer, (np.add, np.multiply, np.divide, np.power, np.maximum)),
]
