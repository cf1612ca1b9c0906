"""Hypothesis strategies for what ops are given: shapes, dtypes, layouts, values."""

from typing import Any, Literal, TypeAlias

import hypothesis.extra.numpy as hnp
import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

Array: TypeAlias = npt.NDArray[Any]
Shape: TypeAlias = tuple[int, ...]
Layout: TypeAlias = Literal["C", "F", "strided", "reversed", "read-only"]


def broadcastable_shapes(
    count: int, *, max_dims: int = 3, max_side: int = 3, min_side: int = 0
) -> st.SearchStrategy[tuple[Shape, ...]]:
    """Return a strategy for ``count`` shapes that broadcast, those of size 0 and () among them.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(broadcastable_shapes(2), lambda shapes: len(shapes[0]) > len(shapes[1]))
    ((0,), ())
    """
    return hnp.mutually_broadcastable_shapes(
        num_shapes=count, max_dims=max_dims, max_side=max_side, min_side=min_side
    ).map(lambda found: found.input_shapes)


def floating_dtypes() -> st.SearchStrategy[np.dtype[Any]]:
    """Return a strategy for the dtypes that gradients are made for: float32 and float64.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(floating_dtypes(), lambda dtype: dtype.itemsize == 4)
    dtype('float32')
    """
    return st.sampled_from([np.dtype(np.float64), np.dtype(np.float32)])


def layouts() -> st.SearchStrategy[Layout]:
    """Return a strategy for how an array may lie in memory; see :func:`arrange`.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(layouts(), lambda layout: layout != "C")
    'F'
    """
    choices: list[Layout] = ["C", "F", "strided", "reversed", "read-only"]
    return st.sampled_from(choices)


def arrange(array: Array, layout: Layout) -> Array:
    """Return an array of the same values that lies in memory in another way.

    Parameters
    ----------
    array : array
    layout : {"C", "F", "strided", "reversed", "read-only"}
        Rows first, columns first, with gaps, with negative strides, protected from writing.

    Examples
    --------
    >>> arrange(np.arange(3.0), "reversed").strides
    (-8,)
    """
    if layout == "F":
        return np.array(array, order="F")
    if layout == "strided":
        wide = np.full((*array.shape, 2), 77, array.dtype)
        wide[..., 0] = array
        return wide[..., 0]
    if layout == "reversed" and array.ndim:
        flip = (slice(None, None, -1),) * array.ndim
        return array[flip].copy()[flip]
    out = np.array(array, order="C")
    out.flags.writeable = layout != "read-only"
    return out


def values(
    shapes: tuple[Shape, ...], seed: int, *, low: float = -2.0, high: float = 2.0
) -> tuple[Array, ...]:
    """Return arrays of float64 whose values lie apart: from each other, from 0 and the bounds.

    So no finite difference steps over a tie or a kink. They are evenly spaced between the bounds,
    no closer than ``(high - low) / (4 n)`` for n values in all, in a random order.

    Examples
    --------
    >>> values(((2,), ()), seed=0, low=0, high=1)
    (array([0.609..., 0.451...]), array(0.925...))
    """
    sizes = [int(np.prod(shape)) for shape in shapes]
    total = sum(sizes)
    rng = np.random.default_rng(seed)
    # an even number of cells, each with its value in the middle half: 0 is on a border
    cells = rng.permutation(2 * total)[:total]
    spaced = low + (high - low) * (cells + rng.uniform(0.25, 0.75, total)) / max(2 * total, 1)
    parts = np.split(spaced, np.cumsum(sizes)[:-1])
    return tuple(part.reshape(shape) for part, shape in zip(parts, shapes, strict=True))


@st.composite
def operands(
    draw: st.DrawFn,
    count: int = 1,
    *,
    low: float = -2.0,
    high: float = 2.0,
    shapes: st.SearchStrategy[tuple[Shape, ...]] | None = None,
) -> tuple[Array, ...]:
    """Return a strategy for the inputs of an op: ``count`` arrays of float64 that broadcast.

    Parameters
    ----------
    count : int
        How many arrays.
    low, high : float
        Their values lie between these, apart from each other, and from 0 where the bounds are
        symmetric.
    shapes : strategy for tuples of shapes, optional
        Their shapes; by default any that broadcast against each other.

    Examples
    --------
    >>> from hypothesis import find
    >>> [x.shape for x in find(operands(2), lambda inputs: inputs[0].ndim == 1)]
    [(0,), ()]
    """
    chosen = draw(broadcastable_shapes(count) if shapes is None else shapes)
    arrays = values(chosen, draw(st.integers(0, 2**16)), low=low, high=high)
    return tuple(arrange(array, draw(layouts())) for array in arrays)
