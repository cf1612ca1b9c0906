"""Functions that take tensors apart."""

import numpy as np
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from autograd_lite.ops.manipulation import splitting
from autograd_lite.testing import Case, Spec, operands

from ..drawing import SHAPES

WITH_AXES = SHAPES.filter(lambda shapes: shapes[0])


@st.composite
def split(draw: st.DrawFn, *, even: bool = True, axis: int | None = None) -> Case:
    least = 1 if axis is None else axis + 1
    (x,) = draw(operands(1, shapes=SHAPES.filter(lambda shapes: len(shapes[0]) >= least)))
    along = draw(st.integers(-x.ndim, x.ndim - 1)) if axis is None else axis
    n = x.shape[along]
    sections = [k for k in range(1, n + 3) if not (even and n % k)]
    choices = st.sampled_from(sections) | st.lists(st.integers(-2, n + 1), max_size=3).map(sorted)
    params = {"indices_or_sections": draw(choices)}
    return Case((x,), params if axis is not None else {**params, "axis": along})


@st.composite
def unstacked(draw: st.DrawFn) -> Case:
    shapes = WITH_AXES.filter(lambda shapes: 0 not in shapes[0])
    (x,) = draw(operands(1, shapes=shapes))
    return Case((x,), {"axis": draw(st.integers(-x.ndim, x.ndim - 1))})


@st.composite
def deleted(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, shapes=WITH_AXES))
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1))
    n = x.size if axis is None else x.shape[axis]
    choices = st.slices(n)
    if n:
        position = st.integers(-n, n - 1)
        choices |= position | st.lists(position, min_size=1, max_size=3)
        choices |= st.lists(st.booleans(), min_size=n, max_size=n).map(np.array)
    return Case((x,), {"obj": draw(choices), "axis": axis})


@st.composite
def bordered(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, shapes=SHAPES.filter(lambda shapes: 0 not in shapes[0])))
    axis = st.none() | st.integers(-x.ndim, x.ndim - 1) if x.ndim else st.none()
    return Case((x,), {"trim": draw(st.sampled_from(["fb", "f", "b"])), "axis": draw(axis)})


@st.composite
def slid(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, shapes=WITH_AXES))
    axes = st.lists(st.integers(-x.ndim, x.ndim - 1), unique_by=lambda axis: axis % x.ndim)
    axis = draw(st.none() | axes.map(tuple))
    lengths = x.shape if axis is None else [x.shape[i] for i in axis]
    window = tuple(draw(st.integers(1 if n else 0, n)) for n in lengths)
    return Case((x,), {"window_shape": window, "axis": axis})


def add_windows(x, shape, window_shape, axis):
    out = np.zeros(shape, x.dtype)
    places = sliding_window_view(np.arange(out.size).reshape(shape), window_shape, axis)
    np.add.at(out.reshape(-1), places, x)
    return out


@st.composite
def overlapping(draw: st.DrawFn) -> Case:
    case = draw(slid())
    (x,), (window, axis) = case.inputs, case.params.values()
    axes = tuple(range(x.ndim)) if axis is None else tuple(i % x.ndim for i in axis)
    params = {"shape": x.shape, "window_shape": window, "axis": axes}
    seen = sliding_window_view(x, window, axes).shape
    return Case(draw(operands(1, shapes=st.just((seen,)))), params)


SPECS = [
    Spec(np.array_split, cases=split(even=False), complex=True),
    Spec(np.split, cases=split(), complex=True),
    Spec(np.hsplit, cases=split(axis=1), complex=True),
    Spec(np.vsplit, cases=split(axis=0).filter(lambda c: c.inputs[0].ndim > 1), complex=True),
    Spec(np.dsplit, cases=split(axis=2), complex=True),
    Spec(np.unstack, cases=unstacked(), complex=True),
    Spec(np.delete, cases=deleted(), complex=True),
    Spec(
        lambda x, trim, axis: np.trim_zeros(np.pad(x, 1), trim, axis),
        cases=bordered(),
        complex=True,
        name="trim_zeros",
    ),
    Spec(sliding_window_view, cases=slid(), complex=True),
    Spec(splitting.overlap_add, add_windows, overlapping(), complex=True),
]
