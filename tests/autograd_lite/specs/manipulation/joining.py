"""Functions that join tensors."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec, cases, operands

from ..drawing import SHAPES, one_of_each, same_shape


@st.composite
def joined(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1))
    count = draw(st.integers(1, 3))
    if not x.ndim or draw(st.booleans()):
        shapes = tuple(draw(st.lists(SHAPES, min_size=count, max_size=count)))
        return Case(draw(operands(count, shapes=st.just(sum(shapes, ())))), {"axis": None})
    axis = draw(st.integers(0, x.ndim - 1))
    lengths = draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    shapes = tuple((*x.shape[:axis], n, *x.shape[axis + 1 :]) for n in lengths)
    signed = draw(st.sampled_from([axis, axis - x.ndim]))
    return Case(draw(operands(count, shapes=st.just(shapes))), {"axis": signed})


def appended() -> st.SearchStrategy[Case]:
    return joined().filter(lambda case: len(case.inputs) == 2)


@st.composite
def stacked(draw: st.DrawFn) -> Case:
    arrays = draw(same_shape(draw(st.integers(1, 3))))
    axis = draw(st.integers(-arrays[0].ndim - 1, arrays[0].ndim))
    return Case(arrays, {"axis": axis})


@st.composite
def columns(draw: st.DrawFn) -> Case:
    n = draw(st.integers(0, 3))
    shapes = draw(st.lists(st.sampled_from([(n,), (n, 2), (n, 0)]), min_size=1, max_size=3))
    return Case(draw(operands(len(shapes), shapes=st.just(tuple(shapes)))))


def shallow(most: int) -> st.SearchStrategy[Case]:
    """Return cases of arrays of one shape, of all that can be stacked."""
    return cases(st.integers(1, 3).flatmap(lambda n: same_shape(n, max_dims=most)))


def assembled(a: Any, b: Any, c: Any, d: Any) -> Any:
    return np.block([[a, b], [c, d]])


@st.composite
def blocks(draw: st.DrawFn) -> Case:
    n, m, p, q = (draw(st.integers(1, 2)) for _ in range(4))
    shapes = ((2, n, p), (n, q), (2, m, p), (2, m, q))
    if draw(st.booleans()):
        shapes = ((), (q,), (1, 1), (1, q))
    else:
        shapes = (shapes[0], (2, *shapes[1]), *shapes[2:])
    return Case(draw(operands(4, shapes=st.just(shapes))))


@st.composite
def inserted(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, shapes=SHAPES.filter(lambda shapes: shapes[0])))
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1))
    n = x.size if axis is None else x.shape[axis]
    position = st.integers(-n, n)
    obj = draw(position | st.lists(position, min_size=1, max_size=3) | st.just(slice(0, n, 2)))
    if axis is None:
        shape = (len(obj),) if isinstance(obj, list) and draw(st.booleans()) else ()
    else:
        shape = x.shape[axis:][1:] if draw(st.booleans()) else ()
        if not isinstance(obj, int) and shape:
            shape = (1, *shape)
    values = operands(1, shapes=st.just((shape,)))
    return Case(draw(one_of_each(st.just((x,)), values)), {"obj": obj, "axis": axis})


SPECS = [
    Spec(
        lambda *arrays, axis: np.concatenate(arrays, axis),
        cases=joined(),
        complex=True,
        name="concatenate",
    ),
    Spec(lambda *arrays, axis: np.stack(arrays, axis), cases=stacked(), complex=True, name="stack"),
    Spec(lambda *arrays: np.vstack(arrays), cases=shallow(3), complex=True, name="vstack"),
    Spec(lambda *arrays: np.hstack(arrays), cases=shallow(3), complex=True, name="hstack"),
    Spec(lambda *arrays: np.dstack(arrays), cases=shallow(3), complex=True, name="dstack"),
    Spec(
        lambda *arrays: np.column_stack(arrays), cases=columns(), complex=True, name="column_stack"
    ),
    Spec(assembled, cases=blocks(), complex=True, name="block"),
    Spec(np.append, cases=appended(), complex=True),
    Spec(
        lambda x, values, obj, axis: np.insert(x, obj, values, axis),
        cases=inserted(),
        complex=True,
        name="insert",
    ),
]
