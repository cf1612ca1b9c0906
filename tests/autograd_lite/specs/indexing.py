"""Indexing."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.ops import indexing
from autograd_lite.testing import Case, Spec, operands


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


SPECS = [
    Spec(indexing.getitem, lambda x, index: x[index], indexed()),
    Spec(indexing.scatter, add_at, scattered()),
]
