"""Ops that join arrays."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from autograd_lite.primitive import AllInputs, Primitive
from autograd_lite.settled_zeros import moves


def _concatenate_rule(
    asked: Sequence[int], g: Any, y: Any, *arrays: Any, axis: int | None
) -> list[Any]:
    before = (slice(None),) * (0 if axis is None else axis % y.ndim)
    stops = list(accumulate(a.size if axis is None else a.shape[axis] for a in arrays))
    starts = [0, *stops]
    parts = [g[(*before, slice(starts[i], stops[i]))] for i in asked]
    if axis is None:
        return [part.reshape(arrays[i].shape) for i, part in zip(asked, parts, strict=True)]
    return parts


concatenate = Primitive(
    "concatenate",
    lambda *arrays, axis: np.concatenate(arrays, axis=axis),
    AllInputs(_concatenate_rule),
    requirement="all but the joined axis must have the same lengths",
)


def _stack_rule(asked: Sequence[int], g: Any, y: Any, *arrays: Any, axis: int) -> list[Any]:
    before = (slice(None),) * (axis % y.ndim)
    return [g[(*before, i)] for i in asked]


stack = Primitive(
    "stack",
    lambda *arrays, axis: np.stack(arrays, axis=axis),
    AllInputs(_stack_rule),
    requirement="all must have the same shape",
)

moves(concatenate, stack)
