"""Comparisons, logic and bits. All results are constants."""

import numpy as np

from autograd_lite.functions.general.making import binary_constant, documented, unary_constant
from autograd_lite.tensor import Tensor, TensorLike, compute

__all__ = [
    "allclose",
    "array_equal",
    "array_equiv",
    "bitwise_and",
    "bitwise_count",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "equal",
    "greater",
    "greater_equal",
    "invert",
    "isclose",
    "iscomplex",
    "isfinite",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "isreal",
    "left_shift",
    "less",
    "less_equal",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "not_equal",
    "right_shift",
    "signbit",
]

equal = binary_constant(
    "equal",
    np.equal,
    "Return whether ``x1 == x2``.",
    ">>> equal([1.0, 2.0, 3.0], 2.0)\nTensor([False,  True, False])",
)

not_equal = binary_constant(
    "not_equal",
    np.not_equal,
    "Return whether ``x1 != x2``.",
    ">>> not_equal([1.0, 2.0, 3.0], 2.0)\nTensor([ True, False,  True])",
)

less = binary_constant(
    "less",
    np.less,
    "Return whether ``x1 < x2``.",
    ">>> less([1.0, 2.0, 3.0], 2.0)\nTensor([ True, False, False])",
)

less_equal = binary_constant(
    "less_equal",
    np.less_equal,
    "Return whether ``x1 <= x2``.",
    ">>> less_equal([1.0, 2.0, 3.0], 2.0)\nTensor([ True,  True, False])",
)

greater = binary_constant(
    "greater",
    np.greater,
    "Return whether ``x1 > x2``.",
    ">>> greater([1.0, 2.0, 3.0], 2.0)\nTensor([False, False,  True])",
)

greater_equal = binary_constant(
    "greater_equal",
    np.greater_equal,
    "Return whether ``x1 >= x2``.",
    ">>> greater_equal([1.0, 2.0, 3.0], 2.0)\nTensor([False,  True,  True])",
)

logical_or = binary_constant(
    "logical_or",
    np.logical_or,
    "Return whether ``x1`` or ``x2`` is true, or not 0.",
    ">>> logical_or([True, False], True)\nTensor([ True,  True])",
)

logical_xor = binary_constant(
    "logical_xor",
    np.logical_xor,
    "Return whether exactly one of ``x1`` and ``x2`` is true, or not 0.",
    ">>> logical_xor([True, False], True)\nTensor([False,  True])",
)

logical_and = binary_constant(
    "logical_and",
    np.logical_and,
    "Return whether ``x1`` and ``x2`` are both true, or not 0.",
    ">>> logical_and([True, False], True)\nTensor([ True, False])",
)

logical_not = unary_constant(
    "logical_not",
    np.logical_not,
    "Return whether each value is false, or 0.",
    ">>> logical_not([True, False])\nTensor([False,  True])",
)

bitwise_and = binary_constant(
    "bitwise_and",
    np.bitwise_and,
    "Return ``x1 & x2`` of integers or booleans.",
    ">>> bitwise_and([1, 3], 2)\nTensor([0, 2])",
)

bitwise_or = binary_constant(
    "bitwise_or",
    np.bitwise_or,
    "Return ``x1 | x2`` of integers or booleans.",
    ">>> bitwise_or([1, 3], 2)\nTensor([3, 3])",
)

bitwise_xor = binary_constant(
    "bitwise_xor",
    np.bitwise_xor,
    "Return ``x1 ^ x2`` of integers or booleans.",
    ">>> bitwise_xor([1, 3], 2)\nTensor([3, 1])",
)

bitwise_invert = unary_constant(
    "bitwise_invert",
    np.invert,
    "Return ``~x`` of integers or booleans.",
    ">>> bitwise_invert([True, False])\nTensor([False,  True])",
)

bitwise_left_shift = binary_constant(
    "bitwise_left_shift",
    np.left_shift,
    "Return ``x1 << x2`` of integers.",
    ">>> bitwise_left_shift([1, 3], 2)\nTensor([ 4, 12])",
)

bitwise_right_shift = binary_constant(
    "bitwise_right_shift",
    np.right_shift,
    "Return ``x1 >> x2`` of integers.",
    ">>> bitwise_right_shift([4, 9], 2)\nTensor([1, 2])",
)

bitwise_count = unary_constant(
    "bitwise_count",
    np.bitwise_count,
    "Return the number of 1 bits in the magnitude of each integer.",
    ">>> bitwise_count([3, 4])\nTensor([2, 1], dtype=uint8)",
)

isfinite = unary_constant(
    "isfinite",
    np.isfinite,
    "Return whether each value is neither infinite nor NaN.",
    ">>> isfinite([1.0, np.inf, np.nan])\nTensor([ True, False, False])",
)

isinf = unary_constant(
    "isinf",
    np.isinf,
    "Return whether each value is infinite.",
    ">>> isinf([1.0, np.inf, np.nan])\nTensor([False,  True, False])",
)

isnan = unary_constant(
    "isnan",
    np.isnan,
    "Return whether each value is NaN.",
    ">>> isnan([1.0, np.inf, np.nan])\nTensor([False, False,  True])",
)

isneginf = unary_constant(
    "isneginf",
    np.isneginf,
    "Return whether each value is -inf.",
    ">>> isneginf([-np.inf, np.inf])\nTensor([ True, False])",
)

isposinf = unary_constant(
    "isposinf",
    np.isposinf,
    "Return whether each value is inf.",
    ">>> isposinf([-np.inf, np.inf])\nTensor([False,  True])",
)

isreal = unary_constant(
    "isreal",
    np.isreal,
    "Return whether the imaginary part of each value is 0.",
    ">>> isreal([1.0, 1j])\nTensor([ True, False])",
)

iscomplex = unary_constant(
    "iscomplex",
    np.iscomplex,
    "Return whether the imaginary part of each value isn't 0.",
    ">>> iscomplex([1.0, 1j])\nTensor([False,  True])",
)

signbit = unary_constant(
    "signbit",
    np.signbit,
    "Return whether the sign bit of each value is set, as it is for -0.0.",
    ">>> signbit([-0.0, 0.0])\nTensor([ True, False])",
)
bitwise_not = bitwise_invert
invert = bitwise_invert
left_shift = bitwise_left_shift
right_shift = bitwise_right_shift


def isclose(
    a: TensorLike,
    b: TensorLike,
    rtol: float = 1e-05,
    atol: float = 1e-08,
    equal_nan: bool = False,
) -> Tensor:
    """Return whether ``abs(a - b) <= atol + rtol * abs(b)``: a constant.

    Parameters
    ----------
    a, b : Tensor or array_like
        They broadcast against each other.
    rtol, atol : float
        The relative and the absolute tolerance.
    equal_nan : bool
        Whether NaN is close to NaN.

    Examples
    --------
    >>> isclose([1.0, 1.1], 1.0)
    Tensor([ True, False])
    """
    close: Tensor = compute(np.isclose, a, b, rtol, atol, equal_nan)
    return close


def allclose(
    a: TensorLike,
    b: TensorLike,
    rtol: float = 1e-05,
    atol: float = 1e-08,
    equal_nan: bool = False,
) -> bool:
    """Return True if all values are close; see :func:`isclose`.

    Examples
    --------
    >>> allclose([1.0, 1.0], 1.0)
    True
    """
    return bool(isclose(a, b, rtol, atol, equal_nan).array.all())


def array_equal(a1: TensorLike, a2: TensorLike, equal_nan: bool = False) -> bool:
    """Return True if the shapes and the values are equal.

    NaN equals NaN only with ``equal_nan``.

    Examples
    --------
    >>> array_equal([1.0, 1.0], 1.0)
    False
    """
    return bool(compute(np.array_equal, a1, a2, equal_nan))


def array_equiv(a1: TensorLike, a2: TensorLike) -> bool:
    """Return True if the shapes broadcast and the values are then equal.

    Examples
    --------
    >>> array_equiv([1.0, 1.0], 1.0)
    True
    """
    return bool(compute(np.array_equiv, a1, a2))


__test__ = documented(globals())
