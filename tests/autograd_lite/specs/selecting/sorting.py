"""Sorting, counting and sets."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec, operands

from ..drawing import NOT_EMPTY, SHAPES, same_shape

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
def vectors(draw: st.DrawFn, count: int = 1, repeated: bool = True) -> Case:
    """Return arrays with values that repeat, in the whole and among each other."""
    shapes = tuple(draw(SHAPES)[0] for _ in range(count))
    (values,) = draw(operands(1, low=-100, high=100, shapes=st.just(((6,),))))
    sizes = [int(np.prod(shape)) for shape in shapes]
    place = st.integers(0, 5)
    places = [draw(st.lists(place, min_size=n, max_size=n, unique=not repeated)) for n in sizes]
    arrays = [np.array(p, np.intp).reshape(s) for p, s in zip(places, shapes, strict=True)]
    return Case((values,), {"places": arrays})


@st.composite
def counted(draw: st.DrawFn) -> Case:
    size = draw(st.integers(1, 5))
    (weights,) = draw(operands(1, shapes=st.just(((size,),))))
    drawn = draw(st.lists(st.integers(0, 6), min_size=size, max_size=size))
    return Case((np.array(drawn, np.intp), weights), {"minlength": draw(st.integers(0, 9))})


@st.composite
def weighed(draw: st.DrawFn) -> Case:
    values, weights = draw(same_shape(2, low=0.1, high=2, min_side=1))
    bins = draw(st.sampled_from([1, 4, [0.0, 0.7, 1.0, 1.8], [0.1, 0.2, 3.0]]))
    limits = draw(st.sampled_from([None, (0.0, 1.5)]))
    # the values are told apart from the bins by a test of their own: here they are given
    return Case((weights,), {"a": values, "bins": bins, "range": limits})


def histogram(weights: Any, a: Any, bins: Any, range: Any) -> Any:
    return np.histogram(a, bins, range=range, weights=weights)[0]


@st.composite
def weighed_points(draw: st.DrawFn) -> Case:
    shapes = st.integers(1, 5).map(lambda n: ((n,),) * 3)
    x, y, weights = draw(operands(3, low=0.1, high=2, shapes=shapes))
    bins = draw(st.sampled_from([1, 3, (2, 4), ([0.0, 0.7, 2.8], 3), [-3.0, 0.2, 0.9, 3.0]]))
    return Case((weights,), {"x": x, "y": y, "bins": bins})


def histogram2d(weights: Any, x: Any, y: Any, bins: Any) -> Any:
    return np.histogram2d(x, y, bins, weights=weights)[0]


def histogramdd(weights: Any, x: Any, y: Any, bins: Any) -> Any:
    sides = bins if isinstance(bins, tuple) else (bins, bins)
    return np.histogramdd(np.stack([x, y], axis=1), sides, weights=weights)[0]


def set_of(function: Any) -> Any:
    """Return the function of the values at places that repeat some of them."""
    return lambda values, places: function(*(values[place] for place in places))


def intersection(a: Any, b: Any) -> Any:
    values, first, second = np.intersect1d(a, b, return_indices=True)
    return values * (1 + first + second)


def full_unique(a: Any) -> Any:
    values, first, inverse, counts = np.unique(a, True, True, True)
    return values * (first + counts), values[inverse]


def unique_rows(a: Any) -> Any:
    return np.unique(a.reshape(-1, 1) * np.array([1.0, 2.0], a.real.dtype), axis=0)


def unique_of_standard(a: Any) -> Any:
    values, first, inverse, counts = np.unique_all(a)
    again, back = np.unique_inverse(a)
    return (
        values * (first + counts),
        values[inverse],
        again[back],
        np.multiply(*np.unique_counts(a)),
        np.sort(np.unique_values(a)),
    )


SPECS = [
    Spec(np.sort, cases=ordered(), complex=True),
    Spec(np.partition, partitioned_like, partitioned(), complex=True),
    Spec(np.sort_complex, cases=ordered().map(lambda case: Case(case.inputs)), complex=True),
    Spec(np.bincount, cases=counted()),
    Spec(histogram, cases=weighed(), complex=True, name="histogram"),
    Spec(histogram2d, cases=weighed_points(), name="histogram2d"),
    Spec(histogramdd, cases=weighed_points(), name="histogramdd"),
    Spec(set_of(full_unique), cases=vectors(), complex=True, name="unique"),
    Spec(set_of(unique_rows), cases=vectors(), name="unique of rows"),
    Spec(set_of(unique_of_standard), cases=vectors(), complex=True, name="unique_all"),
    Spec(set_of(np.unique_counts), cases=vectors(), complex=True, name="unique_counts"),
    Spec(set_of(np.unique_inverse), cases=vectors(), complex=True, name="unique_inverse"),
    Spec(
        set_of(lambda a: np.sort(np.unique_values(a))),
        cases=vectors(),
        complex=True,
        name="unique_values",
    ),
    Spec(set_of(np.union1d), cases=vectors(2), complex=True, name="union1d"),
    Spec(set_of(intersection), cases=vectors(2), complex=True, name="intersect1d"),
    Spec(set_of(np.setdiff1d), cases=vectors(2), complex=True, name="setdiff1d"),
    Spec(set_of(np.setxor1d), cases=vectors(2), complex=True, name="setxor1d"),
]
