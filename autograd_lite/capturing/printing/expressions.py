"""A recorded call as a Python expression that makes the same NumPy call."""

import operator
from collections.abc import Callable
from typing import Any, NamedTuple, final

import numpy as np

from autograd_lite.capturing.printing import spelling
from autograd_lite.capturing.program.calls import (
    Attribute,
    Call,
    Constant,
    Draw,
    Method,
    Thing,
    Value,
)
from autograd_lite.capturing.program.shapes import SIGNS, UFUNCS

ATOM, _POWER, _UNARY = 100, 15, 14
_LEVELS = {
    **dict.fromkeys(("*", "/", "//", "%", "@"), 13),
    **dict.fromkeys(("+", "-"), 12),
    **dict.fromkeys(("<<", ">>"), 11),
    **{"&": 10, "^": 9, "|": 8},
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), 7),
}
_UFUNC_SIGNS: dict[Any, str] = {UFUNCS[function]: sign for function, sign in SIGNS.items()}
_PREFIXES: dict[Any, str] = {operator.neg: "-", operator.pos: "+", operator.invert: "~"}
_UFUNC_PREFIXES: dict[Any, str] = {np.negative: "-", np.invert: "~"}
_REDUCTIONS: dict[Any, str] = {
    np.add: "sum",
    np.multiply: "prod",
    np.maximum: "max",
    np.minimum: "min",
}


class Expression(NamedTuple):
    """The text of an expression, and how tightly its operator binds."""

    text: str
    level: float

    def within(self, level: float) -> str:
        """Return the text, in parentheses where an operator of that level needs them."""
        return self.text if self.level >= level else f"({self.text})"


@final
class Expressions:
    """Makes expressions of calls.

    Parameters
    ----------
    found : callable
        Returns the expression for a value.
    setting : callable
        Returns the name of a number, or None.
    """

    def __init__(
        self, found: Callable[[Any], Expression], setting: Callable[[Any], str | None]
    ) -> None:
        self._found = found
        self._setting = setting

    def of(self, x: Any) -> Expression:
        """Return the expression for an argument of a call."""
        kind = type(x)
        if kind is Value or kind is Thing:
            return self._found(x)
        if kind is slice:
            return Expression(f"slice({self._listed((x.start, x.stop, x.step))})", ATOM)
        if kind is list:
            return Expression(f"[{self._listed(x)}]", ATOM)
        if isinstance(x, tuple):
            return Expression(f"({self._listed(x)}{',' if len(x) == 1 else ''})", ATOM)
        if kind is dict:
            pairs = ", ".join(f"{spelling.literal(k)}: {self.of(v).text}" for k, v in x.items())
            return Expression(f"{{{pairs}}}", ATOM)
        text = self._setting(x) or spelling.literal(x)
        return Expression(text, _UNARY if text.startswith("-") else ATOM)

    def _listed(self, xs: Any) -> str:
        return ", ".join(self.of(x).text for x in xs)

    def call(self, call: Call) -> Expression:
        """Return the expression of a call."""
        sign = self.sign(call)
        if sign is not None and "out" not in call.kwargs:
            return self.infix(sign, *self._operands(call))
        special = self._special(call)
        if special is not None:
            return special
        function, args = call.function, call.args
        if isinstance(function, (Method, Draw)):
            name = f"{self.of(args[0]).within(ATOM)}.{function.name}"
            return self._called(name, [self.of(x).text for x in args[1:]], call.kwargs)
        operands = self._operands(call) if isinstance(function, np.ufunc) else map(self.of, args)
        builtin = function in (abs, divmod)
        name = function.__name__ if builtin else spelling.function(function)
        return self._called(name, [x.text for x in operands], call.kwargs)

    def _special(self, call: Call) -> Expression | None:
        """Return the expression of a call with syntax of its own: ``-x``, ``x[i]``, ``x.T``."""
        function, args = call.function, call.args
        first = self.of(args[0]) if args else Expression("", ATOM)
        prefix = self._prefix(call)
        reduction = self._reduction(call)
        found = None
        if prefix is not None:
            found = Expression(f"{prefix}{first.within(_UNARY)}", _UNARY)
        elif function is operator.pow:
            text = f"{first.within(ATOM)} ** {self.of(args[1]).within(ATOM)}"
            found = Expression(text, _POWER)
        elif function is operator.getitem:
            found = Expression(f"{first.within(ATOM)}[{self._index(args[1])}]", ATOM)
        elif isinstance(function, Attribute):
            matrix = function.name == "mT" and len(args[0].shape) == 2
            found = Expression(f"{first.within(ATOM)}.{'T' if matrix else function.name}", ATOM)
        elif reduction is not None:
            axis = call.kwargs["axis"]
            axis = axis[0] if type(axis) is tuple and len(axis) == 1 else axis
            settings = {**call.kwargs, "axis": axis}
            if axis is None:
                del settings["axis"]
            found = self._called(f"{first.within(ATOM)}.{reduction}", [], settings)
        return found

    @staticmethod
    def _prefix(call: Call) -> str | None:
        if call.function in (operator.neg, operator.pos, operator.invert):
            return _PREFIXES[call.function]
        plain = not call.kwargs and len(call.args) == 1 and _has_array(call.args)
        return _UFUNC_PREFIXES.get(call.function) if plain else None

    def _called(self, name: str, parts: list[str], kwargs: dict[str, Any]) -> Expression:
        for key, x in kwargs.items():
            if x is not np._NoValue and not (key == "keepdims" and x is False):
                parts.append(f"{key}={self.of(x).text}")
        return Expression(f"{name}({', '.join(parts)})", ATOM)

    def sign(self, call: Call) -> str | None:
        """Return the infix operator that makes a call, if one does."""
        function = call.function
        if len(call.args) != 2 or call.kwargs.keys() - {"out"}:
            return None
        if isinstance(function, np.ufunc):
            return _UFUNC_SIGNS.get(function) if _has_array(call.args) else None
        return SIGNS.get(function)

    def infix(self, sign: str, left: Expression, right: Expression) -> Expression:
        """Return an expression with an infix operator."""
        level = _LEVELS[sign]
        text = f"{left.within(level + (level == 7))} {sign} {right.within(level + 1)}"
        # a product of matrices as a factor is easier to read in parentheses
        return Expression(text, level - 0.5 if sign == "@" else level)

    def in_place(self, call: Call) -> str | None:
        """Return a call that writes as a statement such as ``w -= g``, if there is one."""
        function, args = call.function, call.args
        if function is operator.setitem:
            target = f"{self.of(args[0]).within(ATOM)}[{self._index(args[1])}]"
            return f"{target} = {self.of(args[2]).text}"
        if function is operator.ipow:
            return f"{self.of(args[0]).text} **= {self.of(args[1]).text}"
        sign = self.sign(call)
        if sign is None or call.kwargs.get("out") is not args[0] or _LEVELS[sign] == 7:
            return None
        return f"{self.of(args[0]).text} {sign}= {self._operands(call)[1].text}"

    def _operands(self, call: Call) -> list[Expression]:
        """Return the operands, with plain numbers for constants where that gives the same bits."""
        if not isinstance(call.function, np.ufunc) or call.function is np.power:
            return [self.of(x) for x in call.args]
        arrays = [x for x in call.args if type(x) is Value and not x.scalar and not _is_number(x)]
        dtypes = {x.dtype for x in arrays}
        operands = []
        for x in call.args:
            array = x.source.array if type(x) is Value and _is_number(x) else x
            weak = _is_number(x) and array.dtype in dtypes
            text = spelling.weak(array) if weak else None
            if text is None:
                operands.append(self.of(x))
            else:
                operands.append(Expression(text, _UNARY if text.startswith("-") else ATOM))
        return operands

    def _reduction(self, call: Call) -> str | None:
        """Return the method that does what ``np.add.reduce`` does, and is easier to read."""
        ufunc = getattr(call.function, "__self__", None)
        if not isinstance(ufunc, np.ufunc) or call.function.__name__ != "reduce":
            return None
        x = call.args[0]
        plain = len(call.args) == 1 and call.kwargs.keys() <= {"axis", "keepdims", "initial"}
        if not plain or "axis" not in call.kwargs or type(x) is not Value or x.scalar:
            return None
        return _REDUCTIONS.get(ufunc)

    def _index(self, index: Any) -> str:
        if type(index) is tuple and index:
            return ", ".join(map(self._index_of_axis, index)) + ("," if len(index) == 1 else "")
        return self._index_of_axis(index)

    def _index_of_axis(self, index: Any) -> str:
        if type(index) is not slice:
            return self.of(index).text
        parts = [
            "" if x is None else self.of(x).text for x in (index.start, index.stop, index.step)
        ]
        return ":".join(parts if index.step is not None else parts[:2])


def _is_number(x: Any) -> bool:
    """Return True for a constant without axes."""
    return isinstance(x, np.generic) or (
        type(x) is Value and isinstance(x.source, Constant) and x.shape == ()
    )


def _has_array(args: Any) -> bool:
    """Return True if an operand is an array for sure, whose operators are ufuncs."""
    return any(type(x) is Value and not x.scalar and not _is_number(x) for x in args)
