"""Sets."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec, operands

from ..drawing import SHAPES


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
