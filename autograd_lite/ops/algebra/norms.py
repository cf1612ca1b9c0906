"""Norms of vectors."""

from typing import Any

import numpy as np

from autograd_lite.kinks import undecided
from autograd_lite.ops.algebra.products import conjugated
from autograd_lite.precision import in_float32
from autograd_lite.primitive import Primitive


def _norm(x: Any, ord: float, axis: tuple[int, ...]) -> Any:
    if ord == 2 and len(axis) == x.ndim:
        return np.linalg.norm(x, None, None, keepdims=True)  # fast
    if len(axis) == 1:
        return np.linalg.norm(x, ord, axis[0], keepdims=True)
    return np.linalg.vector_norm(x, ord=ord, axis=axis, keepdims=True)


def _norm_rule(g: Any, y: Any, x: Any, ord: float, axis: Any) -> Any:
    flat = y == 0
    length = np.where(flat, 1, y)
    direction = conjugated(x) / length
    if ord != 2:
        zero = x == 0
        ratio = np.abs(np.where(zero, length, x)) / length
        direction = np.where(zero & ~flat, 0, direction * ratio ** (ord - 2))
    c = undecided(g * direction, g, y)
    # for orders below 2, each value has a kink of its own
    return c if ord >= 2 else undecided(c, g, x, convention=ord == 1)


# sum(abs(x)**ord)**(1 / ord), for finite orders other than 0. The axes are kept, with length 1. The
# gradient at 0 is 0
norm = Primitive("norm", in_float32(_norm), [_norm_rule])
