"""Padding, in every mode."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite import pad
from autograd_lite.ops.manipulation import padding
from autograd_lite.testing import Case, Spec, operands

from ..drawing import NOT_EMPTY, SHAPES, one_of_each

COPIES = ["edge", "reflect", "symmetric", "wrap"]


@st.composite
def widths(draw: st.DrawFn, ndim: int, most: int = 3) -> Any:
    width = st.integers(0, most)
    pairs = st.lists(st.tuples(width, width), min_size=ndim, max_size=ndim)
    return draw(width | st.tuples(width, width) | (pairs if ndim else width))


@st.composite
def padded(draw: st.DrawFn, mode: str, **keywords: Any) -> Case:
    (x,) = draw(operands(1, shapes=SHAPES if mode == "constant" else NOT_EMPTY))
    params = {"pad_width": draw(widths(x.ndim)), "mode": mode}
    drawn = {key: draw(strategy(x.ndim)) for key, strategy in keywords.items()}
    return Case((x,), {**params, **{k: v for k, v in drawn.items() if v is not None}})


@st.composite
def bounded(draw: st.DrawFn, mode: str) -> Case:
    """Cases whose border values are differentiated too."""
    (x,) = draw(operands(1, shapes=NOT_EMPTY.filter(lambda shapes: shapes[0])))
    shape = draw(st.sampled_from([(), (1,), (2,), (1, 2), (x.ndim, 2)]))
    inputs = draw(one_of_each(st.just((x,)), operands(1, shapes=st.just((shape,)))))
    return Case(inputs, {"pad_width": draw(widths(x.ndim)), "mode": mode})


def with_bounds(pad: Any) -> Any:
    def call(x, values, pad_width, mode):
        name = "constant_values" if mode == "constant" else "end_values"
        return pad(x, pad_width, mode, **{name: values})

    return call


def along_axis(x: Any, axis: int, width: Any, mode: str) -> Any:
    return np.pad(x, [width if i == axis else (0, 0) for i in range(x.ndim)], mode)


@st.composite
def copied(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, shapes=NOT_EMPTY.filter(lambda shapes: shapes[0])))
    width = draw(st.tuples(st.integers(0, 4), st.integers(0, 4)))
    axis = draw(st.integers(0, x.ndim - 1))
    return Case((x,), {"axis": axis, "width": width, "mode": draw(st.sampled_from(COPIES))})


@st.composite
def folded(draw: st.DrawFn) -> Case:
    (x,), params = draw(copied())
    shape = along_axis(x, **params).shape
    params = {**params, "length": x.shape[params["axis"]]}
    return Case(draw(operands(1, shapes=st.just((shape,)))), params)


def add_at(x, length, axis, width, mode):
    out = np.zeros((length, *np.delete(x.shape, axis)), x.dtype)
    np.add.at(out, np.pad(np.arange(length), width, mode), np.moveaxis(x, axis, 0))
    return np.moveaxis(out, 0, axis)


def lengths(ndim: int) -> st.SearchStrategy[Any]:
    length = st.integers(1, 4)
    return st.none() | length | st.tuples(length, length)


def numbers(ndim: int) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from([-1.5, (0.25, 2)])


def kinds(ndim: int) -> st.SearchStrategy[Any]:
    return st.sampled_from(["even", "odd"])


def pad_spec(mode: str, *, complex: bool = True, **keywords: Any) -> Spec:
    return Spec(np.pad, cases=padded(mode, **keywords), complex=complex, name=f"pad-{mode}")


SPECS = [
    pad_spec("constant", constant_values=numbers),
    pad_spec("edge"),
    pad_spec("linear_ramp", end_values=numbers),
    pad_spec("maximum", complex=False, stat_length=lengths),
    pad_spec("mean", stat_length=lengths),
    pad_spec("median", complex=False, stat_length=lengths),
    pad_spec("minimum", complex=False, stat_length=lengths),
    pad_spec("reflect", reflect_type=kinds),
    pad_spec("symmetric", reflect_type=kinds),
    pad_spec("wrap"),
    Spec(with_bounds(pad), with_bounds(np.pad), bounded("constant"), name="pad-with-constants"),
    Spec(with_bounds(pad), with_bounds(np.pad), bounded("linear_ramp"), name="pad-with-ends"),
    Spec(padding.pad_copies, along_axis, copied(), complex=True),
    Spec(padding.add_copies, add_at, folded(), complex=True),
]
