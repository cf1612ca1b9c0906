"""Evenly spaced numbers."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec, broadcastable_shapes, operands


@st.composite
def ends(draw: st.DrawFn, low: float = -2, high: float = 2) -> Case:
    start, stop = draw(operands(2, low=low, high=high, shapes=broadcastable_shapes(2)))
    rank = max(start.ndim, stop.ndim)
    params = {
        "num": draw(st.integers(0, 4)),
        "endpoint": draw(st.booleans()),
        "axis": draw(st.integers(-rank - 1, rank)),
    }
    return Case((start, stop), params)


def of_base(base: Any, start: Any, stop: Any, **params: Any) -> Any:
    return np.logspace(start, stop, base=base, **params)


@st.composite
def ends_and_base(draw: st.DrawFn) -> Case:
    inputs, params = draw(ends())
    (base,) = draw(operands(1, low=1.5, high=3, shapes=st.just([()])))
    return Case((base, *inputs), params)


SPECS = [
    Spec(np.linspace, cases=ends(), complex=True),
    Spec(np.geomspace, cases=ends(low=0.5, high=2)),
    Spec(of_base, cases=ends_and_base(), name="logspace"),
    Spec(
        lambda x, fill: np.full_like(x, fill) * x,
        lambda x, fill: x * fill,
        operands(2, shapes=st.just([(2, 3), ()])).map(Case),
        name="full_like",
    ),
]
