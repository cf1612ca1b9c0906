"""What has a derivative of zero, or none at all: computed on values, it gives constants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from autograd_lite.assignment import assign_all
from autograd_lite.graph import Node
from autograd_lite.numpy_protocols import into_arrays
from autograd_lite.numpy_protocols.methods import ArrayMethods
from autograd_lite.operands import FORWARD_ERRORS, answered, explain, is_operand, is_registered
from autograd_lite.ops.mathematics import arithmetic

_Operator: TypeAlias = Callable[[Any, Any], Any]


def computed(
    wrap: Callable[[Any], Any],
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> Any:
    """Call a NumPy function on the values of tensors; ``wrap`` the arrays that it gives.

    Raises
    ------
    AutogradLiteError
        That of the kind that fits, where NumPy raises an error.
    """
    try:
        return _wrapped(wrap, into_arrays.on_values(function, args, kwargs))
    except FORWARD_ERRORS as error:
        values = [into_arrays.value_of(x) for x in args]
        raise explain(function.__name__, "", values, kwargs, error) from error


def _wrapped(wrap: Callable[[Any], Any], result: Any) -> Any:
    if isinstance(result, np.ndarray):
        # a subclass becomes NumPy's own type; a registered type stays
        return wrap(result if is_registered(type(result)) else np.asarray(result))
    if isinstance(result, np.generic):
        return wrap(result)
    if isinstance(result, tuple):
        fields = (_wrapped(wrap, x) for x in result)
        return type(result)(*fields) if hasattr(result, "_fields") else tuple(fields)
    return [_wrapped(wrap, x) for x in result] if type(result) is list else result


def _operators(function: Callable[..., Any]) -> tuple[_Operator, _Operator, _Operator]:
    """Return the methods of an operator: ``a & b``, ``b & a`` and ``a &= b``."""

    def operator(self: Any, other: Any) -> Any:
        if isinstance(other, Node) or is_operand(other):
            return computed(self.of, function, (self, other), {})
        return NotImplemented

    def reflected(self: Any, other: Any) -> Any:
        if is_operand(other):
            return computed(self.of, function, (other, self), {})
        return NotImplemented

    def in_place(self: Any, other: Any) -> Any:
        out = operator(self, other)
        if out is NotImplemented or isinstance(self.array, np.generic):
            return out
        assign_all(function.__name__, self, out)
        return self

    return operator, reflected, in_place


_equal, *_ = _operators(np.equal)
_not_equal, *_ = _operators(np.not_equal)


class ConstantOperators(ArrayMethods):
    """The operators whose results are constants."""

    __slots__ = ()

    __lt__, *_ = _operators(np.less)
    __le__, *_ = _operators(np.less_equal)
    __gt__, *_ = _operators(np.greater)
    __ge__, *_ = _operators(np.greater_equal)
    __and__, __rand__, __iand__ = _operators(np.bitwise_and)
    __or__, __ror__, __ior__ = _operators(np.bitwise_or)
    __xor__, __rxor__, __ixor__ = _operators(np.bitwise_xor)
    __lshift__, __rlshift__, __ilshift__ = _operators(np.left_shift)
    __rshift__, __rrshift__, __irshift__ = _operators(np.right_shift)
    __floordiv__, __rfloordiv__, __ifloordiv__ = _operators(arithmetic.floor_divide)

    def __eq__(self, other: object) -> Any:
        result = _equal(self, other)
        return answered(other, "__eq__", self) if result is NotImplemented else result

    def __ne__(self, other: object) -> Any:
        result = _not_equal(self, other)
        return answered(other, "__ne__", self) if result is NotImplemented else result

    __hash__ = object.__hash__

    def __invert__(self) -> Any:
        return computed(self.of, np.invert, (self,), {})
