"""What is known of NumPy's functions: which of them operators are, and which results have shapes.

The shape of most results follows from the shapes of the operands. Where it may depend on values, it
is a question that a replay asks again.
"""

import operator
from typing import Any

import numpy as np

from autograd_lite.capturing.program.calls import Attribute, Call, Method, ufunc_of

UFUNCS: dict[Any, Any] = {
    operator.add: np.add,
    operator.sub: np.subtract,
    operator.mul: np.multiply,
    operator.truediv: np.true_divide,
    operator.floordiv: np.floor_divide,
    operator.mod: np.remainder,
    operator.matmul: np.matmul,
    operator.and_: np.bitwise_and,
    operator.or_: np.bitwise_or,
    operator.xor: np.bitwise_xor,
    operator.lshift: np.left_shift,
    operator.rshift: np.right_shift,
    operator.lt: np.less,
    operator.le: np.less_equal,
    operator.gt: np.greater,
    operator.ge: np.greater_equal,
    operator.eq: np.equal,
    operator.ne: np.not_equal,
    operator.neg: np.negative,
    operator.pos: np.positive,
    operator.invert: np.invert,
    abs: np.absolute,
}
"""The operators of arrays. ``**`` isn't among them: NumPy's takes shortcuts for some exponents."""

SIGNS: dict[Any, str] = {
    operator.add: "+",
    operator.sub: "-",
    operator.mul: "*",
    operator.truediv: "/",
    operator.floordiv: "//",
    operator.mod: "%",
    operator.matmul: "@",
    operator.and_: "&",
    operator.or_: "|",
    operator.xor: "^",
    operator.lshift: "<<",
    operator.rshift: ">>",
    operator.lt: "<",
    operator.le: "<=",
    operator.gt: ">",
    operator.ge: ">=",
    operator.eq: "==",
    operator.ne: "!=",
}
"""The signs of those that take two operands."""

_OF_KNOWN_SHAPE = frozenset(
    {
        np.broadcast_to,
        np.clip,
        np.concatenate,
        np.copy,
        np.copyto,
        np.dot,
        np.einsum,
        np.empty_like,
        np.expand_dims,
        np.full_like,
        np.matrix_transpose,
        np.moveaxis,
        np.ones_like,
        np.lib.stride_tricks.sliding_window_view,
        np.reshape,
        np.squeeze,
        np.stack,
        np.swapaxes,
        np.tensordot,
        np.transpose,
        np.vdot,
        np.where,
        np.zeros_like,
    }
)
_METHODS_OF_OWN_SHAPE = frozenset({"nonzero", "compress", "repeat"})


def has_shape_of_its_own(call: Call) -> bool:
    """Return True if the shape of a result may depend on values."""
    function = call.function
    if isinstance(function, np.ufunc) or ufunc_of(function) is not None:
        return False
    if function is operator.getitem:
        return any(value.dtype == bool for value in call.operands[1:])
    if type(function) is Method:
        return function.name in _METHODS_OF_OWN_SHAPE
    if type(function) is Attribute or function in UFUNCS or function in (operator.pow, divmod):
        return False
    return function not in _OF_KNOWN_SHAPE or (function is np.where and len(call.args) < 3)
