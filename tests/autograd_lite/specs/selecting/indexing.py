"""Indexing."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.ops.selecting import indexing
from autograd_lite.testing import Case, Spec, broadcastable_shapes, operands


def indices(length: int) -> st.SearchStrategy[Any]:
    """Return indices of one axis: those that read once and those that repeat."""
    bound = st.integers(-length - 1, length + 1)
    kinds: Any = st.slices(length) | st.just(slice(None, None, -2)) | st.builds(slice, bound, bound)
    mask = st.lists(st.booleans(), min_size=length, max_size=length).map(
        lambda chosen: np.array(chosen, dtype=bool)
    )
    kinds |= mask
    if length:
        position = st.integers(-length, length - 1)
        repeated = st.lists(position, min_size=1, max_size=4).map(np.array)
        kinds |= position | repeated | repeated.map(lambda array: array[:, None])
    return kinds


@st.composite
def indexed(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1))
    choices: Any = st.sampled_from([Ellipsis, None, (), True])
    whole = st.lists(st.booleans(), min_size=x.size, max_size=x.size)
    choices |= whole.map(lambda chosen: np.array(chosen, dtype=bool).reshape(x.shape))
    if x.ndim:
        choices |= indices(x.shape[0])
        choices |= indices(x.shape[-1]).map(lambda index: (..., index))
        choices |= indices(x.shape[0]).map(lambda index: (None, index, ...))
    return Case((x,), {"index": draw(choices)})


@st.composite
def scattered(draw: st.DrawFn) -> Case:
    (x,), params = draw(indexed())
    (values,) = draw(operands(1, shapes=st.just((x[params["index"]].shape,))))
    return Case((values,), {"index": params["index"], "shape": x.shape})


def add_at(x: Any, index: Any, shape: tuple[int, ...]) -> Any:
    out = np.zeros(shape, x.dtype)
    np.add.at(out, index, x)
    return out


@st.composite
def assigned(draw: st.DrawFn) -> Case:
    """What is assigned into, and values that broadcast to the part of it."""
    (x,), params = draw(indexed())
    shape = x[params["index"]].shape
    start = draw(st.integers(0, len(shape)))
    lengths = [draw(st.sampled_from([1, n])) for n in shape[start:]]
    (v,) = draw(operands(1, shapes=st.just(((*lengths,),))))
    return Case((x, v), params)


def assign_copy(x: Any, v: Any, index: Any) -> Any:
    out = np.array(x)
    out[index] = v
    return out


def assign_in_place(x: Any, v: Any, index: Any) -> Any:
    y = np.copy(x)
    y[index] = v
    return y


def overwrite_in_place(x: Any, v: Any) -> Any:
    y = np.copy(x)
    y[...] = v
    return y * x


@st.composite
def overwritten(draw: st.DrawFn) -> Case:
    """An array, and values that broadcast to all of it."""
    inner, outer = draw(broadcastable_shapes(2))
    return Case(draw(operands(2, shapes=st.just((np.broadcast_shapes(inner, outer), inner)))))


SPECS = [
    Spec(indexing.assign, assign_copy, assigned(), complex=True),
    Spec(assign_in_place, cases=assigned(), complex=True),
    Spec(overwrite_in_place, cases=overwritten()),
    Spec(indexing.getitem, lambda x, index: x[index], indexed(), complex=True),
    Spec(indexing.scatter, add_at, scattered(), complex=True),
]
