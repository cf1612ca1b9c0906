"""Ops that turn values around or repeat them."""

from typing import Any

import numpy as np

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


# repeats is an array: one number for all values along the axis, or one for each
repeat = Primitive("repeat", np.repeat, [_repeat_rule])


def _sum_repeated(x: Any, repeats: Any, axis: int) -> Any:
    out = np.zeros_like(x, shape=(*x.shape[:axis], len(repeats), *x.shape[axis + 1 :]))
    kept = repeats > 0
    starts = (np.cumsum(repeats) - repeats)[kept]
    out[(slice(None),) * axis + (kept,)] = np.add.reduceat(x, starts, axis=axis)
    return out


# the transpose of repeat: the sum over the repeats of each value
sum_repeated = Primitive(
    "sum_repeated", in_float32(_sum_repeated), [lambda g, y, x, **where: repeat(g, **where)]
)


moves(flip, repeat, roll, sum_repeated)
