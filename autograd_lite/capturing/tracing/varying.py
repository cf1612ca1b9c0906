"""Numbers that change from call to call, such as a learning rate: inputs of a program.

At first a setting is a constant of its program, compared at each call. If it changes, it is traced:
as a ``float`` that writes down what is computed with it, and what is asked of it.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.capturing.program.calls import Value
from autograd_lite.operands import register_array_type


def _binary(function: Callable[..., Any]) -> tuple[Any, Any]:
    def method(self: Any, other: Any) -> Any:
        if not isinstance(other, (int, float)):
            return NotImplemented
        return self.trace.compute(function, self, other)

    def reflected(self: Any, other: Any) -> Any:
        if not isinstance(other, (int, float)):
            return NotImplemented
        return self.trace.compute(function, other, self)

    return method, reflected


def _unary(function: Callable[..., Any]) -> Any:
    def method(self: Any, *args: Any) -> Any:
        return self.trace.compute(function, self, *args)

    return method


def _asked(function: Callable[..., Any]) -> Any:
    """Return a method whose answer has to be the same at each replay of the program."""

    def method(self: Any, *args: Any) -> Any:
        answer = function(self.plain, *args)
        self.trace.asked_number(self, self.plain)
        return answer

    return method


@register_array_type
class Number(float):
    """A Python number of a function that is being traced."""

    node: Value
    plain: float
    trace: Any

    @classmethod
    def of(cls, number: float, node: Value, trace: Any) -> "Number":
        """Return a number as an input, or a result, of the program."""
        new = cls(number)
        new.node, new.plain, new.trace = node, number, trace
        return new

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        for x in (*inputs, *kwargs.get("out", ())):
            other = getattr(type(x), "__array_ufunc__", None)
            foreign = type(x) not in self.trace.kinds and not isinstance(x, np.generic)
            if foreign and other is not None:
                return NotImplemented
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        out = kwargs.get("out", ())
        if len(out) == 1:
            kwargs["out"] = out[0]
        return self.trace.call(function, inputs, kwargs, writes=out)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        kinds = self.trace.kinds
        if any(kind not in kinds and not issubclass(kind, np.ndarray) for kind in types):
            return NotImplemented
        return self.trace.call(func, args, kwargs)

    __add__, __radd__ = _binary(operator.add)
    __sub__, __rsub__ = _binary(operator.sub)
    __mul__, __rmul__ = _binary(operator.mul)
    __truediv__, __rtruediv__ = _binary(operator.truediv)
    __floordiv__, __rfloordiv__ = _binary(operator.floordiv)
    __mod__, __rmod__ = _binary(operator.mod)
    __pow__, __rpow__ = _binary(operator.pow)
    __neg__ = _unary(operator.neg)
    __pos__ = _unary(operator.pos)
    __abs__ = _unary(abs)
    __lt__, __le__ = _binary(operator.lt)[0], _binary(operator.le)[0]
    __gt__, __ge__ = _binary(operator.gt)[0], _binary(operator.ge)[0]
    __eq__, __ne__ = _binary(operator.eq)[0], _binary(operator.ne)[0]
    __bool__ = _unary(bool)
    __float__ = _asked(float)
    __int__ = _asked(int)
    __trunc__ = _asked(int)
    __round__ = _asked(round)
    __repr__ = _asked(repr)
    __str__ = _asked(str)
    __format__ = _asked(format)
    __hash__ = _asked(hash)
    __divmod__ = _asked(divmod)
    __floor__ = _asked(lambda x: int(x // 1))
    __ceil__ = _asked(lambda x: -int(-x // 1))
    is_integer = _asked(float.is_integer)
    as_integer_ratio = _asked(float.as_integer_ratio)
    hex = _asked(float.hex)

    def __array__(self, *_: Any, **__: Any) -> Any:
        self.trace.asked_number(self, self.plain)
        return np.array(self.plain)

    def __reduce_ex__(self, protocol: Any) -> Any:
        self.trace.asked_number(self, self.plain)
        return float, (self.plain,)
