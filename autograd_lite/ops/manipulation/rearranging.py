"""Ops that turn values around, repeat them, or look at them through windows."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograd_lite.precision import in_float32, total
from autograd_lite.primitive import Primitive
from autograd_lite.settled_zeros import moves

flip = Primitive("flip", np.flip, [lambda g, y, x, axis: np.flip(g, axis)])

roll = Primitive(
    "roll", np.roll, [lambda g, y, x, shift, axis: np.roll(g, np.negative(shift), axis)]
)


def _repeat_rule(g: Any, y: Any, x: Any, repeats: Any, axis: int) -> Any:
    if repeats.size != 1:
        return sum_repeated(g, repeats=repeats, axis=axis)
    before, after = x.shape[:axis], x.shape[axis + 1 :]
    apart = g.reshape((*before, x.shape[axis], int(repeats[0]), *after))
    return total(apart, axis=axis + 1)


# repeats is an array: of one length for all values along the axis, or of one for each
repeat = Primitive("repeat", np.repeat, [_repeat_rule])


def _sum_repeated(x: Any, repeats: Any, axis: int) -> Any:
    out = np.zeros_like(x, shape=(*x.shape[:axis], len(repeats), *x.shape[axis + 1 :]))
    kept = repeats > 0
    starts = (np.cumsum(repeats) - repeats)[kept]
    out[(slice(None),) * axis + (kept,)] = np.add.reduceat(x, starts, axis=axis)
    return out


# the transpose of repeat: sums of as many neighbours as the repeats tell
sum_repeated = Primitive(
    "sum_repeated", in_float32(_sum_repeated), [lambda g, y, x, **where: repeat(g, **where)]
)


def _windows_rule(g: Any, y: Any, x: Any, **windows: Any) -> Any:
    return overlap_add(g, shape=x.shape, **windows)


sliding_windows = Primitive(
    "sliding_window_view",
    sliding_window_view,
    [_windows_rule],
)


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


# the transpose of sliding windows: each value is added where its window saw it
overlap_add = Primitive(
    "overlap_add",
    in_float32(_overlap_add),
    [lambda g, y, x, shape, **windows: sliding_windows(g, **windows)],
)

moves(flip, repeat, roll, sum_repeated)
