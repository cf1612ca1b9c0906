"""Ops that move values."""

import numpy as np
from hypothesis import strategies as st

from autograd_lite.ops import shaping
from autograd_lite.testing import Case, Spec, broadcastable_shapes, operands

from .drawing import SHAPES, same_shape


@st.composite
def reshaped(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1))
    lengths = draw(st.permutations(x.shape))
    choices = [tuple(lengths), (x.size,), (1, *x.shape), (x.size, 1)]
    if x.size:
        choices.append((-1, *lengths[:1]))
    return Case((x,), {"shape": draw(st.sampled_from(choices))})


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


@st.composite
def stacked(draw: st.DrawFn) -> Case:
    arrays = draw(same_shape(draw(st.integers(1, 3))))
    axis = draw(st.integers(-arrays[0].ndim - 1, arrays[0].ndim))
    return Case(arrays, {"axis": axis})


SPECS = [
    Spec(shaping.reshape, np.reshape, reshaped()),
    Spec(shaping.transpose, np.transpose, transposed()),
    Spec(shaping.swapaxes, np.swapaxes, swapped()),
    Spec(shaping.expand_dims, np.expand_dims, expanded()),
    Spec(shaping.squeeze, np.squeeze, squeezed()),
    Spec(shaping.broadcast_to, lambda x, shape: x + np.zeros(shape, x.dtype), broadcast()),
    Spec(shaping.concatenate, lambda *arrays, axis: np.concatenate(arrays, axis), joined()),
    Spec(shaping.stack, lambda *arrays, axis: np.stack(arrays, axis), stacked()),
]
