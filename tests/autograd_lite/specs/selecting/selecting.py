"""Choosing values by indices and conditions."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.ops.selecting import selecting
from autograd_lite.testing import Case, Spec, broadcastable_shapes, operands

from ..drawing import NOT_EMPTY

NOT_SCALAR = NOT_EMPTY.filter(lambda shapes: shapes[0])


MODES = st.sampled_from(["raise", "wrap", "clip"])


def mask_of(draw: st.DrawFn, shape: Any) -> Any:
    size = int(np.prod(shape))
    chosen = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    return np.array(chosen, dtype=bool).reshape(shape)


def integers(draw: st.DrawFn, shape: Any, low: int, high: int) -> Any:
    size = int(np.prod(shape))
    drawn = draw(st.lists(st.integers(low, high), min_size=size, max_size=size))
    return np.array(drawn, dtype=np.intp).reshape(shape)


@st.composite
def taken(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, shapes=NOT_SCALAR))
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1))
    length = x.size if axis is None else x.shape[axis]
    mode = draw(MODES)
    more = 0 if mode == "raise" else 3
    shape = draw(st.sampled_from([(), (0,), (1,), (4,), (2, 3)]))
    indices = integers(draw, shape, -length - more, length - 1 + more)
    return Case((x,), {"indices": indices, "axis": axis, "mode": mode})


@st.composite
def taken_along(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, shapes=NOT_SCALAR))
    if draw(st.booleans()):
        indices = integers(draw, (draw(st.integers(0, 4)),), -x.size, x.size - 1)
        return Case((x,), {"indices": indices, "axis": None})
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    shape = [draw(st.sampled_from([1, n])) for n in x.shape]
    shape[axis] = draw(st.integers(0, 4))
    indices = integers(draw, shape, -x.shape[axis], x.shape[axis] - 1)
    return Case((x,), {"indices": indices, "axis": axis})


@st.composite
def chosen(draw: st.DrawFn) -> Case:
    count = draw(st.integers(1, 3))
    first, *shapes = draw(broadcastable_shapes(count + 1, max_dims=2))
    mode = draw(MODES)
    more = 0 if mode == "raise" else 4
    index = integers(draw, first, -more, count - 1 + more)
    choices = draw(operands(count, shapes=st.just(tuple(shapes))))
    return Case((index, *choices), {"mode": mode})


def choose_directly(index: Any, *choices: Any, mode: str) -> Any:
    many = len(choices)
    return np.choose(index % many if mode == "wrap" else index.clip(0, many - 1), choices)


@st.composite
def compressed(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, shapes=NOT_SCALAR))
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1))
    length = draw(st.integers(0, x.size if axis is None else x.shape[axis]))
    return Case((mask_of(draw, (length,)), x), {"axis": axis})


@st.composite
def extracted(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1))
    return Case((mask_of(draw, x.shape), x))


@st.composite
def selected(draw: st.DrawFn) -> Case:
    count = draw(st.integers(1, 3))
    shapes = draw(broadcastable_shapes(2 * count + 1, max_dims=2))
    conditions = [mask_of(draw, shape) for shape in shapes[:count]]
    values = draw(operands(count + 1, shapes=st.just(shapes[count:])))
    return Case(values, {"conditions": conditions})


@st.composite
def chosen_by_condition(draw: st.DrawFn) -> Case:
    shapes = draw(broadcastable_shapes(3))
    values = draw(operands(2, shapes=st.just(shapes[1:])))
    return Case((mask_of(draw, shapes[0]), *values))


def by_condition(draw_two: Any) -> st.SearchStrategy[Case]:
    return draw_two.map(lambda inputs: Case((inputs[0] > 0, *inputs[1:])))


SPECS = [
    Spec(np.take, cases=taken(), complex=True),
    Spec(np.take_along_axis, cases=taken_along(), complex=True),
    Spec(
        lambda index, *choices, mode: np.choose(index, choices, mode=mode),
        choose_directly,
        chosen(),
        complex=True,
        name="choose",
    ),
    Spec(np.compress, cases=compressed(), complex=True),
    Spec(np.extract, cases=extracted(), complex=True),
    Spec(
        lambda *values, conditions: np.select(conditions, list(values[:-1]), values[-1]),
        cases=selected(),
        complex=True,
        name="select",
    ),
    Spec(np.where, cases=chosen_by_condition(), complex=True),
    Spec(selecting.where, np.where, by_condition(operands(3)), complex=True),
]
