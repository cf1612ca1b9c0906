"""Sorting and counting."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec, operands

from ..drawing import NOT_EMPTY, SHAPES

NOT_SCALAR = SHAPES.filter(lambda shapes: shapes[0])


@st.composite
def ordered(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, shapes=NOT_SCALAR))
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1))
    how: Any = draw(st.sampled_from([{}, {"stable": True}, {"kind": "heapsort"}]))
    return Case((x,), {"axis": axis, **how})


@st.composite
def partitioned(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, shapes=NOT_EMPTY.filter(lambda shapes: shapes[0])))
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1))
    length = x.size if axis is None else x.shape[axis]
    place = st.integers(-length, length - 1)
    return Case((x,), {"kth": draw(place | st.lists(place, min_size=1, max_size=3)), "axis": axis})


def partitioned_like(x: Any, kth: Any, axis: Any) -> Any:
    order = np.argpartition(x, kth, axis=axis)
    return x.reshape(-1)[order] if axis is None else np.take_along_axis(x, order, axis)


@st.composite
def counted(draw: st.DrawFn) -> Case:
    size = draw(st.integers(1, 5))
    (weights,) = draw(operands(1, shapes=st.just(((size,),))))
    drawn = draw(st.lists(st.integers(0, 6), min_size=size, max_size=size))
    return Case((np.array(drawn, np.intp), weights), {"minlength": draw(st.integers(0, 9))})


SPECS = [
    Spec(np.sort, cases=ordered(), complex=True),
    Spec(np.partition, partitioned_like, partitioned(), complex=True),
    Spec(np.sort_complex, cases=ordered().map(lambda case: Case(case.inputs)), complex=True),
    Spec(np.bincount, cases=counted()),
]
