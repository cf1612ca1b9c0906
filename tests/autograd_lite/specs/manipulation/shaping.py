"""Functions that give values another shape."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.ops.manipulation import shaping
from autograd_lite.testing import Case, Spec, broadcastable_shapes, operands

from ..drawing import SHAPES, unary


@st.composite
def reshaped(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1))
    lengths = draw(st.permutations(x.shape))
    choices = [tuple(lengths), (x.size,), (1, *x.shape), (x.size, 1)]
    if x.size:
        choices.append((-1, *lengths[:1]))
    shape = draw(st.sampled_from(choices))
    return Case((x,), {"shape": shape, "order": draw(st.sampled_from("CF"))})


def ordered(orders: str) -> st.SearchStrategy[Case]:
    order = st.sampled_from(orders)
    return st.builds(lambda inputs, order: Case(inputs, {"order": order}), operands(1), order)


@st.composite
def transposed(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1))
    order = draw(st.permutations(range(x.ndim)))
    signed = tuple(axis - draw(st.sampled_from([0, x.ndim])) for axis in order)
    return Case((x,), {"axes": draw(st.sampled_from([None, signed]))})


@st.composite
def swapped(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, shapes=SHAPES.filter(lambda shapes: shapes[0])))
    axis = st.integers(-x.ndim, x.ndim - 1)
    return Case((x,), {"axis1": draw(axis), "axis2": draw(axis)})


@st.composite
def expanded(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1))
    axis = st.integers(-x.ndim - 1, x.ndim)
    return Case((x,), {"axis": draw(axis | st.just((0, -1)))})


@st.composite
def squeezed(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1))
    ones = [axis for axis, length in enumerate(x.shape) if length == 1]
    return Case((x,), {"axis": draw(st.sampled_from([None, tuple(ones), *ones]))})


@st.composite
def broadcast(draw: st.DrawFn) -> Case:
    shapes = draw(broadcastable_shapes(2))
    return Case(
        draw(operands(1, shapes=st.just(shapes[:1]))), {"shape": np.broadcast_shapes(*shapes)}
    )


@st.composite
def moved(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1))
    axes = st.permutations(range(x.ndim))
    source, destination = draw(axes), draw(axes)
    count = draw(st.integers(0, x.ndim))
    signed = [axis - draw(st.sampled_from([0, x.ndim])) for axis in destination]
    if count == 1 and draw(st.booleans()):
        return Case((x,), {"source": source[0], "destination": signed[0]})
    return Case((x,), {"source": source[:count], "destination": tuple(signed[:count])})


@st.composite
def rolled(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, shapes=SHAPES.filter(lambda shapes: shapes[0])))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    return Case((x,), {"axis": axis, "start": draw(st.integers(-x.ndim, x.ndim))})


@st.composite
def gridded(draw: st.DrawFn) -> Case:
    lengths = draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    params = {
        "copy": draw(st.booleans()),
        "sparse": draw(st.booleans()),
        "indexing": draw(st.sampled_from(["xy", "ij"])),
    }
    shapes = tuple((n,) for n in lengths)
    return Case(draw(operands(len(lengths), shapes=st.just(shapes))), params)


def several(arrays: Any) -> st.SearchStrategy[Case]:
    return arrays.map(Case)


MANY = st.integers(1, 3).flatmap(operands)


SPECS = [
    Spec(np.reshape, cases=reshaped(), complex=True),
    Spec(np.ravel, cases=ordered("CF"), complex=True),
    Spec(lambda x, order: x.flatten(order), np.ravel, ordered("CF"), complex=True, name="flatten"),
    Spec(np.copy, cases=ordered("CF"), complex=True),
    Spec(np.transpose, cases=transposed(), complex=True),
    Spec(
        np.matrix_transpose,
        cases=unary().filter(lambda case: case.inputs[0].ndim > 1),
        complex=True,
    ),
    Spec(np.swapaxes, cases=swapped(), complex=True),
    Spec(np.moveaxis, cases=moved(), complex=True),
    Spec(np.rollaxis, cases=rolled(), complex=True),
    Spec(np.expand_dims, cases=expanded(), complex=True),
    Spec(np.squeeze, cases=squeezed(), complex=True),
    Spec(np.broadcast_to, cases=broadcast(), complex=True),
    Spec(np.broadcast_arrays, cases=several(MANY), complex=True),
    Spec(np.atleast_1d, cases=several(MANY), complex=True),
    Spec(np.atleast_2d, cases=several(MANY), complex=True),
    Spec(np.atleast_3d, cases=several(MANY), complex=True),
    Spec(np.meshgrid, cases=gridded(), complex=True),
    Spec(
        lambda x, *, dtype: np.astype(x, dtype),
        cases=operands(1).map(lambda inputs: Case(inputs, {"dtype": np.complex128})),
        name="astype",
    ),
    Spec(
        shaping.astype,
        np.array,
        operands(1).map(lambda inputs: Case(inputs, {"dtype": np.dtype(np.float64)})),
    ),
]
