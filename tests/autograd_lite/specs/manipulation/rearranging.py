"""Functions that turn values around or repeat them."""

import numpy as np
from hypothesis import strategies as st

from autograd_lite.ops.manipulation import rearranging
from autograd_lite.testing import Case, Spec, operands

from ..drawing import SHAPES, reduced, unary


@st.composite
def turned(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, shapes=SHAPES.filter(lambda shapes: len(shapes[0]) > 1)))
    axes = tuple(draw(st.permutations(range(x.ndim)))[:2])
    return Case((x,), {"k": draw(st.integers(-5, 5)), "axes": axes})


@st.composite
def rolled(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1))
    shift = st.integers(-4, 4)
    choices = st.just(None)
    if x.ndim:
        axis = st.integers(-x.ndim, x.ndim - 1)
        choices |= axis | st.lists(axis, min_size=1, max_size=3).map(tuple)
    axis = draw(choices)
    if isinstance(axis, tuple) and draw(st.booleans()):
        return Case((x,), {"shift": tuple(draw(shift) for _ in axis), "axis": axis})
    return Case((x,), {"shift": draw(shift), "axis": axis})


@st.composite
def repeated(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1))
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1) if x.ndim else st.none())
    n = x.size if axis is None else x.shape[axis]
    count = st.integers(0, 3)
    each = st.lists(count, min_size=n, max_size=n) if n else st.just(2)
    return Case((x,), {"repeats": draw(count | each), "axis": axis})


@st.composite
def summed(draw: st.DrawFn) -> Case:
    (x,), params = draw(repeated())
    axis = 0 if params["axis"] is None else params["axis"] % x.ndim
    x = x.ravel() if params["axis"] is None else x
    repeats = np.broadcast_to(params["repeats"], x.shape[axis : axis + 1])
    shape = np.repeat(x, repeats, axis).shape
    return Case(draw(operands(1, shapes=st.just((shape,)))), {"repeats": repeats, "axis": axis})


def sum_parts(x, repeats, axis):
    parts = np.split(x, np.cumsum(repeats)[:-1], axis) if len(repeats) else []
    shape = (*x.shape[:axis], len(repeats), *x.shape[axis + 1 :])
    return np.stack([p.sum(axis) for p in parts], axis) if parts else np.zeros(shape, x.dtype)


@st.composite
def tiled(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, shapes=SHAPES))
    reps = st.integers(0, 3)
    return Case((x,), {"reps": draw(reps | st.lists(reps, max_size=4).map(tuple))})


@st.composite
def resized(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, shapes=SHAPES.filter(lambda shapes: 0 not in shapes[0])))
    length = st.integers(0, 4)
    return Case((x,), {"new_shape": draw(length | st.lists(length, max_size=3).map(tuple))})


def with_axes(count: int) -> st.SearchStrategy[Case]:
    return unary().filter(lambda case: case.inputs[0].ndim >= count)


SPECS = [
    Spec(np.flip, cases=reduced(keepdims=False), complex=True),
    Spec(np.fliplr, cases=with_axes(2), complex=True),
    Spec(np.flipud, cases=with_axes(1), complex=True),
    Spec(np.rot90, cases=turned(), complex=True),
    Spec(np.roll, cases=rolled(), complex=True),
    Spec(np.repeat, cases=repeated(), complex=True),
    Spec(rearranging.sum_repeated, sum_parts, summed(), complex=True),
    Spec(np.tile, cases=tiled(), complex=True),
    Spec(np.resize, cases=resized(), complex=True),
]
