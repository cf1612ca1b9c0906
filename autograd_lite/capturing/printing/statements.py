"""The statements of a program: which expressions have a line of their own, and under which name."""

from collections import Counter
from pathlib import PurePath
from typing import Any, NamedTuple, final

import numpy as np

from autograd_lite.capturing.optimization.fewer_calls import Step, is_generator
from autograd_lite.capturing.optimization.memory import is_elementwise
from autograd_lite.capturing.printing import spelling
from autograd_lite.capturing.printing.expressions import ATOM, Expression, Expressions
from autograd_lite.capturing.printing.naming import Naming
from autograd_lite.capturing.program.calls import (
    Attribute,
    Call,
    Constant,
    Guard,
    Input,
    Method,
    Thing,
    Value,
    is_c_ordered,
    ufunc_of,
)

WIDTH = 100
_FOLDED = 72
"""How long a statement may become by folding other expressions into it."""

_RESHAPING = frozenset({"reshape", "ravel", "transpose", "swapaxes", "squeeze", "astype"})
_VIEWING = (np.reshape, np.transpose, np.swapaxes, np.expand_dims, np.squeeze, np.broadcast_to)
_OF_FIXED_SHAPE = """
    sum prod mean var std max amax min amin argmax argmin any all cumsum cumprod sort argsort take
    take_along_axis trace diagonal tril triu pad roll flip tile outer inner kron median cross ravel
    split array_split ptp diff vstack hstack round real imag isclose nan_to_num searchsorted average
    solve inv det slogdet cholesky qr svd eigh norm matrix_power fft ifft rfft irfft
"""
"""Functions whose results have a shape that depends on no values."""

_STATES = {"isnan": "NaN", "isinf": "infinite", "isfinite": "finite"}


class _Pending(NamedTuple):
    """An expression that is to be folded into the statement that uses it."""

    expression: Expression
    reads: frozenset[Value]
    step: Call


@final
class Statements:
    """The lines of a program's function.

    Parameters
    ----------
    steps : list of Call or Guard
    naming : Naming
    kept : iterable of Value
        What the function returns, or leaves somewhere.
    whole : bool
        Whether large constants are written out.

    Attributes
    ----------
    lines : list of str
    constants : list of str
        The lines that make constants, to stand before the function.
    written : set of Value
        The roots that the program writes into.
    """

    def __init__(self, steps: list[Step], naming: Naming, kept: Any, *, whole: bool) -> None:
        self.lines: list[str] = []
        self.constants: list[str] = []
        self.written = {r for s in steps if isinstance(s, Call) for r in s.writes}
        self._naming = naming
        self._whole = whole
        self._variables: dict[Any, str] = {
            value: name for value, name in naming.special.items() if isinstance(value.source, Input)
        }
        self._spell = Expressions(self.find, naming.setting)
        self._pending: dict[Value, _Pending] = {}
        self._uses: Counter[Any] = Counter()
        for step in steps:
            self._uses.update(step.operands if isinstance(step, Call) else [step.value])
        self._uses.update(dict.fromkeys(kept, 2))
        self._phase = self._heading = ""
        self._errors: dict[str, str] = {}
        self._block: dict[str, str] = {}
        self._last: tuple[Value, Expression] | None = None
        self._asked: set[Any] = set()
        backward = [i for i, s in enumerate(steps) if isinstance(s, Call) and s.phase == "backward"]
        self._trains = bool(backward)
        end = max(backward, default=-1) + 1
        self._updates = any(
            isinstance(root.source, Input) and not is_generator(root)
            for step in steps[end:]
            if isinstance(step, Call)
            for root in step.writes
        )
        for position, step in enumerate(steps):
            self._more = position < end - 1  # another backward pass to come
            if isinstance(step, Guard):
                self._guard(step)
            else:
                self._call(step)
        self._errors = {}

    # ------------------------------------------------------------------ calls

    def _call(self, step: Call) -> None:
        """Add a call: as a statement, or to be folded into one."""
        if not (step.writes or step.results or type(step.structure) is Thing):
            return  # it gives back an argument
        self._turn(step)
        self._make_room(step)
        if self._joins(step):
            return
        self._shorten(step)
        if self._folds(step):
            self._hold(step)
            return
        text = self._spell.in_place(step)
        expression = self._spell.call(step) if text is None else Expression(text, 0)
        for value in step.operands:
            self._pending.pop(value, None)
        if step.writes and not step.results and type(step.structure) is not Thing:
            self._emit(expression.text)
            return
        target = self._target(step.structure, step)
        values = [*dict.fromkeys(step.results)]
        self._emit(f"{target} = {expression.text}", ", ".join(map(described, values)))
        if step.structure in values and len(expression.text) <= _FOLDED:
            self._last = values[0], expression

    def _turn(self, step: Call) -> None:
        """Begin another phase, or another handling of floating-point errors."""
        phase = step.phase
        if phase == "update" and (self._more or not self._updates):
            phase = "forward" if self._more else self._phase
        if phase == self._phase and step.errors == self._errors:
            return
        self._flush([value for value in self._pending if not value.is_view])
        if phase != self._phase:
            self._heading = self._phase = phase
            self._block = {}
        self._errors = step.errors
        self._last = None

    def _make_room(self, step: Call) -> None:
        """Compute what reads memory that the call writes into; and name what it writes into."""
        writes = {root for root in step.writes if not is_generator(root)}
        if writes:
            self._flush([value for value, held in self._pending.items() if held.reads & writes])
            self._flush([value for value in step.operands if value.root in writes])

    def _joins(self, step: Call) -> bool:
        """Fold ``z += b`` into the statement before it, if that is ``z = x @ w``."""
        if self._last is None or step.results or len(step.args) != 2:
            return False
        (value, expression), (into, other) = self._last, step.args
        sign = self._spell.sign(step)
        if sign is None or step.kwargs.get("out") is not value or into is not value:
            return False
        if type(other) is not Value or other in self._pending or other.root is value:
            return False
        axes = len(value.shape) - len(other.shape)
        like = other.dtype == value.dtype and axes >= 0 and other.shape == value.shape[axes:]
        if not like or value.is_view or not is_c_ordered(value):
            return False
        joined = self._spell.infix(sign, expression, self._spell.of(other))
        if len(joined.text) > _FOLDED:
            return False
        self.lines.pop()  # one line: it was short enough to be joined
        self._emit(f"{self._variables[value]} = {joined.text}", described(value))
        self._last = value, joined
        return True

    def _shorten(self, step: Call) -> None:
        """Compute on lines of their own what would make the statement long."""
        inside = [value for value in step.operands if value in self._pending]
        # NumPy may compute in the memory of an intermediate result, in its order
        self._flush([x for x in inside if any(_is_reordered(x, y) for y in step.results)])
        while inside := [value for value in step.operands if value in self._pending]:
            text = self._spell.in_place(step) or self._spell.call(step).text
            if len(text) <= _FOLDED:
                break
            self._flush([max(inside, key=lambda x: len(self._pending[x].expression.text))])

    def _folds(self, step: Call) -> bool:
        """Return True for a call that is written into the statement that uses its result."""
        if step.writes or len(step.results) != 1 or step.structure is not step.results[0]:
            return False
        (value,) = step.results
        if value in self._naming.special or self._uses[value] != 1 or "out" in step.kwargs:
            return False
        function = step.function
        if type(function) is Method:
            return function.name in _RESHAPING
        reduces = ufunc_of(function) is not None
        return (
            value.is_view
            or is_elementwise(step)
            or type(function) is Attribute
            or function in _VIEWING
            or (reduces and function.__name__ == "reduce")
            or (value.scalar and self._spell.sign(step) is not None)
            or (function is np.matmul and step.phase == "backward")
        )

    def _hold(self, step: Call) -> None:
        (value,) = step.results
        reads = set() if value.is_view else {x.root for x in step.operands}
        expression = self._spell.call(step)
        for x in step.operands:
            if x in self._pending:
                reads |= self._pending.pop(x).reads
        self._pending[value] = _Pending(expression, frozenset(reads), step)

    def _flush(self, values: Any) -> None:
        """Compute expressions on lines of their own, in the order in which they were recorded."""
        for value in [value for value in self._pending if value in values]:
            held = self._pending.pop(value)
            self._emit(f"{self._name(value)} = {held.expression.text}", described(value))

    # ------------------------------------------------------------------ names

    def _name(self, value: Any) -> str:
        if value not in self._variables:
            name = self._naming.special.get(value)
            self._variables[value] = name or self._naming.numbered("v", 1)
        return self._variables[value]

    def _target(self, structure: Any, step: Call) -> str:
        if isinstance(structure, (tuple, list)):
            parts = [self._target(part, step) for part in structure]
            return "(" + ", ".join(parts) + (",)" if len(parts) == 1 else ")")
        made = type(structure) is Thing or structure in step.results
        return self._name(structure) if made else "_"

    def find(self, x: Any) -> Expression:
        """Return the expression for a value."""
        if x in self._pending:
            return self._pending[x].expression
        if x not in self._variables:
            if type(x) is not Value or not isinstance(x.source, Constant):
                raise LookupError(f"no variable for {x.source}")
            return self._constant(x)
        return Expression(self._variables[x], ATOM)

    def _constant(self, value: Value) -> Expression:
        array = value.source.array
        shown = self._whole or spelling.is_small(array)
        text = spelling.array(array, value.strides) if shown else "..."
        if value.shape == () and value not in self.written:
            return Expression(text, ATOM)
        name = self._naming.numbered("constant", 1)
        if value in self.written and (shown and "\n" not in text):
            self._emit(f"{name} = {text}", described(value))
        else:
            self.constants += lines_of(f"{name} = {text}", described(value))
            if value in self.written:
                copied = self._naming.numbered("v", 1)
                self._emit(f'{copied} = {name}.copy(order="K")', described(value))
                name = copied
        self._variables[value] = name
        return Expression(name, ATOM)

    # ------------------------------------------------------------------ guards

    def _guard(self, guard: Guard) -> None:
        """Add a check that a value answers Python's question as it did."""
        question, answer, value = guard.question, guard.answer, guard.value
        if question == "shape":
            function = value.source.function
            if getattr(function, "__name__", "a function") in _OF_FIXED_SHAPE.split():
                return
        key = question, value, repr(answer)
        if key in self._asked and getattr(value, "root", None) not in self.written:
            return
        self._asked.add(key)
        x = self.find(value).text
        self._pending.pop(value, None)
        what = "this doesn't hold" if answer is False else "this holds"
        if question == "bool":
            wrong = f"not {self._bracketed(x)}" if answer else x
        elif question in ("isnan", "isinf", "isfinite"):
            wrong = f"{'not ' if answer else ''}np.{question}({x})"
            what = f"this {'is' if answer else 'is not'} {_STATES[question]}"
        elif question == "shape":
            wrong, what = f"{self._bracketed(x)}.shape != {answer!r}", f"the shape is {answer!r}"
        elif question == "array":
            known = self._constant(Value(answer, Constant(answer))).text
            wrong, what = f"{self._bracketed(x)}.tobytes() != {known}.tobytes()", "this is equal"
        else:
            asked = f"{self._bracketed(x)}.item()" if question == "item" else f"{question}({x})"
            asked = x if question == "object" else asked
            wrong, what = f"repr({asked}) != {repr(answer)!a}", f"this is {answer!r}"
        message = spelling.comment(f"recorded where {what} ({PurePath(guard.line).name})")
        text = f'if {wrong}: raise ValueError("{message}")'
        if len(text) < WIDTH - 8:
            self._emit(text)
        else:
            self._emit(f"if {wrong}:")
            self._emit(f'    raise ValueError("{message[:72]}")')

    def _bracketed(self, text: str) -> str:
        return text if text.replace(".", "_").isidentifier() else f"({text})"

    # ------------------------------------------------------------------ lines

    def _emit(self, text: str, comment: str = "") -> None:
        """Add a statement, below the heading and in the block where it belongs."""
        self._last = None
        if self._heading and self._trains:
            self.lines += ["", f"    # {self._heading}"]
        self._heading = ""
        if self._errors != self._block:
            self._block = self._errors
            if self._errors:
                settings = ", ".join(f"{kind}={how!r}" for kind, how in self._errors.items())
                self.lines.append(f"    with np.errstate({settings.replace(chr(39), chr(34))}):")
        self.lines += lines_of(("        " if self._block else "    ") + text, comment)


def described(value: Any) -> str:
    """Return the dtype and shape of a value, for a comment."""
    return f"{value.dtype} {value.shape}"


def lines_of(text: str, comment: str = "") -> list[str]:
    """Return a statement as lines, with a comment if there is room."""
    whole = f"{text}  # {comment}"
    if comment and len(whole) <= WIDTH:
        return [whole]
    if len(text) <= WIDTH or any(c in text for c in "\"'\n"):
        return text.split("\n")
    first, *parts = text.split(", ")  # in brackets, all of them
    lines, indent = [first], " " * (len(text) - len(text.lstrip()) + 4)
    for part in parts:
        lines[-1] += ","
        if len(lines[-1]) + len(part) + 3 > WIDTH:
            lines.append(indent + part)
        else:
            lines[-1] += f" {part}"
    return lines


def _is_reordered(x: Value, result: Value) -> bool:
    return x.shape == result.shape and x.strides != result.strides and not x.is_view
