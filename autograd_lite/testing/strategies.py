"""Hypothesis strategies for the inputs of ops: shapes, dtypes, layouts and values."""

import math
from typing import Any, Literal, TypeAlias

import hypothesis.extra.numpy as hnp
import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

Array: TypeAlias = npt.NDArray[Any]
Shape: TypeAlias = tuple[int, ...]
Layout: TypeAlias = Literal["C", "F", "strided", "reversed", "read-only"]


MOST_VALUES = 80
"""The most values in one draw, so that values between bounds lie far enough apart."""

LARGE: list[Shape] = [(30,), (5, 7), (4, 3, 3), (2, 20), (40,)]


def broadcastable_shapes(
    count: int, *, max_dims: int | None = None, max_side: int | None = None, min_side: int = 0
) -> st.SearchStrategy[tuple[Shape, ...]]:
    """Return a strategy for ``count`` shapes that broadcast; some have size 0, some are ().

    Most are small: up to three axes of length up to 3. Without limits, some have four or five
    axes, and some have 30 to 40 values.

    Parameters
    ----------
    count : int
        The number of shapes in each draw.
    max_dims, max_side, min_side : int, optional
        Limits for the number of axes and for their lengths.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(broadcastable_shapes(2, max_side=3), lambda shapes: len(shapes[0]) > len(shapes[1]))
    ((0,), ())
    """
    dims, side = 3 if max_dims is None else max_dims, 3 if max_side is None else max_side
    small = _broadcastable(count, (0, dims), (min_side, side))
    if max_dims is not None or max_side is not None:
        return small
    some = _broadcastable(count, (0, dims), (max(min_side, 1), side))
    deep = _broadcastable(count, (4, 5), (1, 2))
    large = _large_shapes(count)
    return st.sampled_from([small, some, some, large, large, deep]).flatmap(lambda shapes: shapes)


def _broadcastable(
    count: int, dims: tuple[int, int], sides: tuple[int, int]
) -> st.SearchStrategy[tuple[Shape, ...]]:
    return (
        hnp.mutually_broadcastable_shapes(
            num_shapes=count,
            min_dims=dims[0],
            max_dims=dims[1],
            min_side=sides[0],
            max_side=sides[1],
        )
        .map(lambda found: found.input_shapes)
        .filter(lambda shapes: sum(map(math.prod, shapes)) <= MOST_VALUES + 1)
    )


@st.composite
def _large_shapes(draw: st.DrawFn, count: int) -> tuple[Shape, ...]:
    """Draw shapes, at least one of them large; others lack an axis, or have length 1 there."""
    base = draw(st.sampled_from(LARGE))
    others = [base, base[1:], (1, *base[1:]), (*base[:-1], 1), ()]
    shapes = [base, *(draw(st.sampled_from(others)) for _ in range(count - 1))]
    while sum(map(math.prod, shapes)) > MOST_VALUES:
        shapes[max(range(1, count), key=lambda i: math.prod(shapes[i]))] = ()
    return tuple(draw(st.permutations(shapes)))


def floating_dtypes() -> st.SearchStrategy[np.dtype[Any]]:
    """Return a strategy for the real floating dtypes to test gradients in: float32 and float64.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(floating_dtypes(), lambda dtype: dtype.itemsize == 4)
    dtype('float32')
    """
    return st.sampled_from([np.dtype(np.float64), np.dtype(np.float32)])


def layouts() -> st.SearchStrategy[Layout]:
    """Return a strategy for the layouts of an array in memory; see :func:`arrange`.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(layouts(), lambda layout: layout != "C")
    'F'
    """
    choices: list[Layout] = ["C", "F", "strided", "reversed", "read-only"]
    return st.sampled_from(choices)


def arrange(array: Array, layout: Layout) -> Array:
    """Return a copy of an array with another layout in memory.

    Parameters
    ----------
    array : array
    layout : {"C", "F", "strided", "reversed", "read-only"}
        Rows first, columns first, with gaps, with negative strides, or protected from writing.

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
    """Return arrays of float64 whose values lie apart from each other and from the bounds.

    They also lie apart from 0 if the bounds are symmetric, so that no finite difference crosses a
    tie or a kink. The values are spread evenly between the bounds, at least
    ``(high - low) / (4 n)`` apart for n values in all, in random order.

    Parameters
    ----------
    shapes : tuple of shapes
        The shapes of the arrays.
    seed : int
        The seed of the random numbers.
    low, high : float
        The bounds.

    Examples
    --------
    >>> values(((2,), ()), seed=0, low=0, high=1)
    (array([0.609..., 0.451...]), array(0.925...))
    """
    sizes = [int(np.prod(shape)) for shape in shapes]
    total = sum(sizes)
    rng = np.random.default_rng(seed)
    # an even number of cells puts 0 on a border; values lie in the middle halves of their cells
    cells = rng.permutation(2 * total)[:total]
    spaced = low + (high - low) * (cells + rng.uniform(0.25, 0.75, total)) / max(2 * total, 1)
    parts = np.split(spaced, np.cumsum(sizes)[:-1])
    return tuple(part.reshape(shape) for part, shape in zip(parts, shapes, strict=True))


WINDOWS = [
    (-2.0, 2.0),
    (-2.0, 2.0),
    (-2.0, 2.0),
    (-2.0, 2.0),
    (2.0, 9.0),
    (-9.0, -2.0),
    (9.0, 40.0),
    (-40.0, -9.0),
    (80.0, 130.0),
    (-130.0, -80.0),
    (-0.02, 0.02),
]
"""The ranges of values without bounds; beyond 88, exp overflows in single precision."""


def _window(rng: np.random.Generator, low: float | None, high: float | None) -> tuple[float, float]:
    """Return a random window within the given bounds, of which one may be None."""
    least, most = -math.inf if low is None else low, math.inf if high is None else high
    cut = [(max(a, least), min(b, most)) for a, b in WINDOWS]
    cut = [(a, b) for a, b in cut if a < b]
    if not cut:  # the one bound given lies beyond all windows
        return (least, least + 4) if low is not None else (most - 4, most)
    return cut[rng.integers(len(cut))]


def _with_special(
    arrays: tuple[Array, ...], rng: np.random.Generator, low: float, high: float
) -> tuple[Array, ...]:
    """Replace some values by zeros, whole numbers, and a value that ties."""
    flat = np.concatenate([x.reshape(-1) for x in arrays])
    shared = rng.choice([flat.max(), flat.min(), rng.choice(flat)]) if flat.size else 0.0

    def changed(x: Array) -> Array:
        choices = [x, np.zeros_like(x), np.rint(x) + 0.0, np.full_like(x, shared)]
        new = np.choose(rng.choice(len(choices), x.shape, p=[0.1, 0.3, 0.3, 0.3]), choices)
        return np.where((low <= new) & (new <= high), new, x)

    return tuple(map(changed, arrays))


@st.composite
def operands(
    draw: st.DrawFn,
    count: int = 1,
    *,
    low: float | None = None,
    high: float | None = None,
    shapes: st.SearchStrategy[tuple[Shape, ...]] | None = None,
    complex: bool = False,
) -> tuple[Array, ...]:
    """Return a strategy for the inputs of an op: ``count`` arrays of float64 that broadcast.

    Parameters
    ----------
    count : int
        The number of arrays.
    low, high : float, optional
        With both bounds, the values lie between them and apart from each other, and apart from 0
        if the bounds are symmetric. Otherwise most lie between -2 and 2, some are large, up to
        130, some are near 0, and about half of the draws have zeros, whole numbers and ties.
    shapes : strategy for tuples of shapes, optional
        The shapes of the arrays; by default, any that broadcast against each other.
    complex : bool
        Whether to add imaginary parts of either sign, between 0.2 and 0.9 in magnitude.

    Examples
    --------
    >>> from hypothesis import find
    >>> [x.ndim for x in find(operands(2), lambda inputs: inputs[0].ndim == inputs[1].ndim == 2)]
    [2, 2]
    """
    chosen = draw(broadcastable_shapes(count) if shapes is None else shapes)
    seed = draw(st.integers(0, 2**32 - 1))
    if low is None or high is None:
        rng = np.random.default_rng(seed)  # hypothesis repeats itself too often for rare choices
        low, high = _window(rng, low, high)
        arrays = values(chosen, seed, low=low, high=high)
        if rng.random() < (0.7 if low < 0 < high else 0.3):
            arrays = _with_special(arrays, rng, low, high)
    else:
        arrays = values(chosen, seed, low=low, high=high)
    if complex:
        rng = np.random.default_rng(seed)
        arrays = tuple(
            x + 1j * rng.uniform(0.2, 0.9, x.shape) * rng.choice([-1, 1], x.shape) for x in arrays
        )
    return tuple(arrange(np.asarray(x), draw(layouts())) for x in arrays)
