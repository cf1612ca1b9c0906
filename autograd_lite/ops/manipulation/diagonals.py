"""Reading diagonals, and placing values on them."""

from typing import Any

import numpy as np

from autograd_lite.primitive import Primitive
from autograd_lite.settled_zeros import moves


def _diagonal_rule(g: Any, y: Any, x: Any, **where: int) -> Any:
    return from_diagonal(g, shape=x.shape, **where)


diagonal = Primitive("diagonal", np.diagonal, [_diagonal_rule])


def _from_diagonal(
    x: Any, shape: tuple[int, ...], offset: int = 0, axis1: int = 0, axis2: int = 1
) -> Any:
    out = np.zeros_like(x, shape=shape)
    i = np.arange(x.shape[-1])
    np.moveaxis(out, (axis1, axis2), (-2, -1))[..., i - min(offset, 0), i + max(offset, 0)] = x
    return out


# zeros of `shape`, with x on the diagonals
from_diagonal = Primitive(
    "from_diagonal",
    _from_diagonal,
    [lambda g, y, x, shape, **where: diagonal(g, **where)],
)

moves(diagonal, from_diagonal)
