"""Windows that slide over an array; the other ways to take arrays apart are indexing."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograd_lite.precision import in_float32
from autograd_lite.primitive import Primitive


def _windows_rule(g: Any, y: Any, x: Any, **windows: Any) -> Any:
    return overlap_add(g, shape=x.shape, **windows)


sliding_windows = Primitive("sliding_window_view", sliding_window_view, [_windows_rule])


def _overlap_add(
    x: Any, shape: tuple[int, ...], window_shape: tuple[int, ...], axis: tuple[int, ...]
) -> Any:
    out = np.zeros_like(x, shape=shape)
    for offsets in np.ndindex(*window_shape):  # one place in all windows at a time
        starts = [0] * len(shape)
        for i, offset in zip(axis, offsets, strict=True):
            starts[i] += offset
        place = tuple(slice(i, i + n) for i, n in zip(starts, x.shape, strict=False))
        out[place] += x[(..., *offsets)]
    return out


# the transpose of sliding windows: each value is added at its place in the array
overlap_add = Primitive(
    "overlap_add",
    in_float32(_overlap_add),
    [lambda g, y, x, shape, **windows: sliding_windows(g, **windows)],
)
