"""Other ways to the same bits: choosing without branches, and ``np.dot`` for small matrices.

``np.where`` and ``np.heaviside`` decide element by element, which costs a wrong guess of the
processor every other time if the signs are those of random numbers: for 100,000 numbers ten times
as long as choosing by masks. For small matrices, ``np.dot`` makes the same call of BLAS as
``np.matmul``, with less around it.
"""

import math
from functools import cache
from typing import Any, final

import numpy as np

from autograd_lite.capturing.program.calls import Call, Value, is_c_ordered

_WORTHWHILE = 4096
"""From how many elements on several passes are faster."""

_SMALL = 131_072
"""Up to how many multiplications the overhead of a product matters."""

_BITS = {4: np.dtype(np.int32), 8: np.dtype(np.int64)}


def chooser(call: Call) -> Any:
    """Return what computes a call as ``(*args, out)`` in another way; None if nothing does."""
    if call.kwargs or len(call.results) != 1:
        return None
    (value,) = call.results
    if call.function is np.matmul:
        return np.dot if _is_plain_product(call, value) else None
    if math.prod(value.shape) < _WORTHWHILE or value.dtype.kind != "f" or not _fits(value, value):
        return None
    if call.function is np.heaviside and len(call.args) == 2:
        x, at_zero = call.args
        fit = _fits(x, value) and (_fits(at_zero, value) or type(at_zero) in (int, float))
        return Heaviside(value) if fit else None
    if call.function is np.where and len(call.args) == 3 and value.dtype.itemsize in _BITS:
        mask, *others = call.args
        alike = type(mask) is Value and mask.dtype.kind in "biuf" and mask.shape == value.shape
        return Where(value) if alike and all(_fits(x, value) for x in others) else None
    return None


def _fits(x: Any, value: Value) -> bool:
    """Return True for an array of this shape and dtype, in C's order."""
    if type(x) is not Value or (x.shape, x.dtype) != (value.shape, value.dtype):
        return False
    return is_c_ordered(x)


@final
class Where:
    """``np.where(mask, a, b)``: the bits of one of them, by bitwise operations."""

    __slots__ = ("_bits", "_chosen")

    def __init__(self, value: Value) -> None:
        self._bits = _BITS[value.dtype.itemsize]
        self._chosen = np.empty(value.shape, bool)

    def __call__(self, mask: Any, a: Any, b: Any, out: Any) -> None:
        """Compute into ``out``, which shares no memory with the others."""
        bits = self._bits
        result, other = out.view(bits), b.view(bits)
        chosen = np.not_equal(mask, 0, self._chosen) if mask.dtype != bool else mask
        np.bitwise_xor(a.view(bits), other, result)
        np.multiply(result, chosen, result)
        np.bitwise_xor(result, other, result)


@final
class Heaviside:
    """``np.heaviside(x, at_zero)``: a comparison, and NumPy's function where that says nothing."""

    __slots__ = ("_decided", "_negative", "_positive")

    def __init__(self, value: Value) -> None:
        self._positive = np.empty(value.shape, bool)
        self._negative = np.empty(value.shape, bool)
        self._decided = np.empty(value.shape, bool)

    def __call__(self, x: Any, at_zero: Any, out: Any) -> None:
        """Compute into ``out``."""
        positive = np.greater(x, 0, self._positive)
        decided = np.logical_or(positive, np.less(x, 0, self._negative), self._decided)
        if decided.all():
            np.copyto(out, positive)
            return
        rare = ~decided
        those = np.heaviside(x[rare], at_zero if np.ndim(at_zero) == 0 else at_zero[rare])
        np.copyto(out, positive)
        out[rare] = those


def _is_plain_product(call: Call, value: Value) -> bool:
    """Return True for a small product of two matrices, for which ``np.dot`` gives the same bits."""
    a, b = call.args
    if type(a) is not Value or type(b) is not Value or a.root is b.root:
        return False
    dtype = value.dtype
    if not (a.ndim == b.ndim == 2 and a.dtype == b.dtype == dtype and dtype.char in "fd"):
        return False
    small = 0 not in value.shape and b.shape[0] > 1 and math.prod((*a.shape, b.shape[1])) <= _SMALL
    if not small or not _fits(value, value):
        return False
    layouts = tuple(_layout(x) for x in (a, b))
    return None not in layouts and _alike(a.shape, b.shape, layouts, dtype)


def _layout(x: Value) -> str | None:
    """Return in which order a matrix is kept, if it has no gaps."""
    if is_c_ordered(x):
        return "C"
    return "F" if is_c_ordered(x.transposed(None)) else None


@cache
def _alike(a: tuple[int, ...], b: tuple[int, ...], layouts: Any, dtype: Any) -> bool:
    """Try it: a NumPy that was built without BLAS would add up in another order."""
    rng = np.random.default_rng(0)
    x, y = (
        np.array(rng.standard_normal(shape), dtype, order=layout)
        for shape, layout in zip((a, b), layouts, strict=True)
    )
    return bool(np.dot(x, y).tobytes() == np.matmul(x, y).tobytes())
