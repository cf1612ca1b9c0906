"""The program as a function of arrays: straight-line Python, generated and compiled."""

import math
import operator
from functools import partial
from typing import Any, final

import numpy as np

from autograd_lite.capturing.optimization.choosing import chooser
from autograd_lite.capturing.optimization.fewer_calls import (
    Step,
    first_write,
    is_generator,
    without_dead,
)
from autograd_lite.capturing.optimization.grouping import grouped
from autograd_lite.capturing.optimization.memory import (
    FILLING,
    Plan,
    Recycled,
    is_copy,
    is_dense,
    is_power,
    is_where,
    takes_out,
)
from autograd_lite.capturing.optimization.scattering import scattered
from autograd_lite.capturing.optimization.stacking import stacked
from autograd_lite.capturing.program.calls import (
    PLACED,
    PREDICATES,
    Attribute,
    Call,
    Constant,
    Draw,
    Guard,
    Method,
    Thing,
    Value,
    ufunc_of,
    values_in,
)
from autograd_lite.capturing.program.shapes import SIGNS
from autograd_lite.capturing.replay.binding import Names
from autograd_lite.capturing.replay.floating import putting, within
from autograd_lite.capturing.replay.operands import Operands

_INFIX = {**SIGNS, operator.pow: "**"}
_WORTH_RECYCLING = 16_384
"""From how many bytes on it is faster to look for a free result than to ask for memory."""

_OUT_BY_NAME = frozenset({np.maximum, np.minimum})
"""NumPy warns if these are given a third argument by position."""


@final
class Computation:
    """The calls of a program, compiled.

    Parameters
    ----------
    steps : list of Call or Guard
    inputs : list of Value
    outputs : list of Value
        What is given away, and whether it depends on what is written at the end.
    names : Names
    lent : set of Value
        Outputs that only tensors hold as their gradients, so that most of them soon are free.
    fast : bool
        Whether small calls may be merged.

    Attributes
    ----------
    run : callable
        ``(*inputs) -> (outputs, last calls)``. The last calls write into inputs; they are tuples
        of a function and its arguments, to be called in one go.
    atomic : bool
        Whether all that writes is among the last calls, which are C functions. Otherwise ``run``
        itself writes, and puts everything back if it is interrupted.
    """

    def __init__(
        self,
        steps: list[Step],
        inputs: list[Value],
        outputs: list[Value],
        names: Names,
        lent: set[Value],
        *,
        fast: bool = False,
    ) -> None:
        away = {value.root for value in outputs}
        steps, arrays = scattered(grouped(steps, in_layers=fast), away, signed=not fast)
        if fast:
            steps, arrays = stacked(steps, away, arrays)
            steps = without_dead(steps, outputs)
        self.steps = steps
        self.inputs = inputs
        self.outputs = outputs
        self.guards = [step for step in steps if isinstance(step, Guard)]
        self._numbering = {guard: i for i, guard in enumerate(self.guards)}
        self._names = names
        self._lent = lent
        self._variables: dict[Value | Thing, str] = {}
        self._indices: dict[str, str] = {}
        self.plan = Plan(steps, away, arrays)
        self._operands = Operands(names, self._of, self.plan.arrays)
        self._first = first_write(steps)
        self.atomic = self._is_atomic()
        for i, value in enumerate(inputs):
            self._variables[value] = f"i{i}"
        names.space["GUARDS"] = self.guards
        self.run = names.function("run", self._lines())

    # ------------------------------------------------------------------ what comes last

    def _is_atomic(self) -> bool:
        tail = self.steps[self._first :]
        drawn = False
        for step in self.steps:
            if isinstance(step, Guard) and drawn:
                return False
            drawn = drawn or (isinstance(step, Call) and any(map(is_generator, step.writes)))
        given_away = {value.root for value in self.outputs}
        for step in tail:
            if isinstance(step, Call) and type(step.function) is Attribute:
                continue  # a view
            if isinstance(step, Guard) or step.errors or not _is_compiled(step.function):
                return False
            if any(map(is_generator, step.writes)):
                return False
            for value in step.results:
                if value not in self.plan.arrays or value.root in given_away:
                    return False
            if not step.results and not step.writes:
                return False
        return True

    # ------------------------------------------------------------------ lines

    def _lines(self) -> list[str]:
        parameters = ", ".join(self._variables[value] for value in self.inputs)
        head = [f"def run({parameters}):"]
        body: list[str] = []
        for value in self._copied():
            body.append(f"{self._new(value)} = {self._names(value.source.array)}.copy()")
        end = self._first if self.atomic else len(self.steps)
        changes: list[dict[str, str]] = [{}]
        errors: dict[str, str] = {}
        for step in self.steps[:end]:
            lines = self._step(step)
            if not lines:
                continue
            if isinstance(step, Call) and step.errors != errors and not _is_view(step):
                errors = step.errors
                if errors not in changes:
                    changes.append(errors)
                body.append(putting(changes.index(errors)))
            body += lines
        if len(changes) > 1:
            body = within(body, changes[1:], self._names)
        last = ""
        for step in self.steps[end:]:
            if isinstance(step, Call) and not self._is_fixed_view(step):
                if type(step.function) is Attribute:
                    body.append(f"{self._new(step.results[0])} = {self._call(step)}")
                else:
                    last += f"({', '.join(self._last(step))},), "
        outputs = "".join(f"{self._of(value)}, " for value in self.outputs)
        result = f"return ({outputs}), ({last})"
        if self.atomic:
            return head + ["    " + line for line in [*body, result]]
        return head + ["    " + line for line in self._guarded(body)] + ["    " + result]

    def _copied(self) -> list[Value]:
        """Return the constants that are written into."""
        written = {root for step in self.steps if isinstance(step, Call) for root in step.writes}
        return [value for value in written if isinstance(value.source, Constant)]

    def _guarded(self, body: list[str]) -> list[str]:
        """Return lines that put back what was written, if they don't come to their end."""
        written = {root for step in self.steps if isinstance(step, Call) for root in step.writes}
        saving, restoring = [], []
        for value in (value for value in self.inputs if value in written):
            name = self._of(value)
            if is_generator(value):
                saving.append(f"s_{name} = {name}.bit_generator.state")
                restoring.append(f"{name}.bit_generator.state = s_{name}")
            else:
                saving.append(f"s_{name} = {name}.copy()")
                restoring.append(f"{name}[...] = s_{name}")
        if not saving:
            return body
        lines = [*saving, "try:", *("    " + line for line in body or ["pass"])]
        return [*lines, "except BaseException:", *("    " + r for r in restoring), "    raise"]

    def _new(self, value: Value | Thing) -> str:
        return self._variables.setdefault(value, f"v{len(self._variables)}")

    def _of(self, x: Any) -> str:
        """Return the expression for an argument."""
        kind = type(x)
        if kind is Value:
            if x in self._variables:
                return self._variables[x]
            if x in self.plan.arrays:
                return self._names(self.plan.arrays[x])
            if isinstance(x.source, Constant):
                return self._names(x.source.array)
            raise LookupError(f"no variable for {x.source}")
        if kind is Thing:
            return self._variables[x]
        return self._of_several(x) if kind in _HOLDING or isinstance(x, tuple) else self._names(x)

    def _of_several(self, x: Any) -> str:
        """Return the expression for what may have values in it."""
        kind = type(x)
        if kind is dict:
            return "{" + ", ".join(f"{k!r}: {self._of(v)}" for k, v in x.items()) + "}"
        children = (x.start, x.stop, x.step) if kind is slice else x
        parts = "".join(f"{self._of(child)}, " for child in children)
        if kind is list:
            return f"[{parts}]"
        if kind is tuple:
            return f"({parts})"
        return f"slice({parts})" if kind is slice else f"{self._names(kind)}({parts})"

    def _step(self, step: Step) -> list[str]:
        if isinstance(step, Guard):
            return self._guard(step)
        if self._is_fixed_view(step) or step.function is PLACED:
            return []
        out = step.results[0] if step.results and step.results[0] in self.plan.arrays else None
        if out is not None:
            return self._into(step, self._of(out))
        if step.results and takes_out(step) and self._recycled(step.results[0]):
            (value,) = step.results
            size = math.prod(value.shape) * value.dtype.itemsize
            if size >= _WORTH_RECYCLING:
                new = self._new(value)
                recycled = self._names(Recycled(value))
                return [f"{new} = {recycled}()", *self._into(step, new)]
        call = self._call(step)
        if step.structure is None:
            return [call]
        return [f"{self._target(step.structure)} = {call}"]

    def _is_fixed_view(self, call: Call) -> bool:
        """Return True for a view of a buffer, which is taken once."""
        arrays = self.plan.arrays
        return call.results != [] and all(r.root is not r and r in arrays for r in call.results)

    def _recycled(self, value: Value) -> bool:
        """Return True for a result whose memory may be used again when nobody holds it any more."""
        return value.root is value and value in self._lent and is_dense(value)

    def _target(self, structure: Any) -> str:
        if isinstance(structure, (tuple, list)):
            return "(" + "".join(f"{self._target(part)}, " for part in structure) + ")"
        if structure is None:
            return "_"
        if structure in self.plan.arrays:
            return "_"
        if type(structure) is Value and structure in self._variables:
            return "_"  # an argument, handed back
        return self._new(structure)

    def _into(self, call: Call, out: str) -> list[str]:
        """Return the lines of a call that writes into a buffer."""
        if call.function in FILLING:
            method = FILLING[call.function]
            return [f"{out}.{method}"] if method else []
        if is_copy(call):
            name = self._names(np.copyto)
            return [f"{name}({out}, {self._of(call.args[0])}, casting='unsafe')"]
        choose = chooser(call)
        if choose is not None:
            return [f"{self._names(choose)}({', '.join(map(self._of, call.args))}, {out})"]
        if is_where(call):
            name = self._names(np.copyto)
            mask, yes, no = map(self._of, call.args)
            return [
                f"{name}({out}, {no}, casting='unsafe')",
                f"{name}({out}, {yes}, casting='unsafe', where={mask})",
            ]
        power = is_power(call)
        if power is not None:
            return [f"{self._names(power)}({self._of(call.args[0])}, {out})"]
        return [self._call(call, out)]

    def _call(self, call: Call, out: str = "") -> str:
        function, args = call.function, [*call.args]
        kwargs = {key: self._of(x) for key, x in call.kwargs.items()}
        if out:
            kwargs["out"] = out
        if isinstance(function, (Method, Draw)):
            name = f"{self._of(args.pop(0))}.{function.name}"
        elif isinstance(function, Attribute):
            return f"{self._of(args[0])}.{function.name}"
        elif function in _INFIX:
            return f"{self._of(args[0])} {_INFIX[function]} {self._of(args[1])}"
        elif function is operator.getitem:
            return f"{self._of(args[0])}[{self._index(args[1])}]"
        elif function is operator.setitem:
            return f"{self._of(args[0])}[{self._index(args[1])}] = {self._of(args[2])}"
        elif function is operator.neg:
            return f"-{self._of(args[0])}"
        else:
            name = self._names(function)
        parts = self._operands(
            call, args, self._target_of(call) if kwargs.keys() == {"out"} else None
        )
        if function in _OUT_BY_NAME:
            pass
        elif isinstance(function, np.ufunc) and kwargs.keys() == {"out"} and function.nout == 1:
            parts.append(kwargs.pop("out"))
        parts += [f"{key}={x}" for key, x in kwargs.items()]
        return f"{name}({', '.join(parts)})"

    @staticmethod
    def _target_of(call: Call) -> Value | None:
        """Return the array that a call writes into."""
        out = call.kwargs.get("out", call.results[0] if call.results else None)
        return out if type(out) is Value else None

    def _index(self, index: Any) -> str:
        """Return the expression for an index, which is made once if it is always the same."""
        if type(index) is int or any(True for _ in values_in(index)):
            return self._of(index)
        key = repr(index)
        if type(index) not in (tuple, slice) or any(type(x) not in _PLAIN for x in _flat(index)):
            return self._of(index)
        if key not in self._indices:
            self._indices[key] = self._names(index)
        return self._indices[key]

    def _last(self, call: Call) -> list[str]:
        """Return a call at the end as a function and its arguments, to be called later."""
        function, args = call.function, self._operands(call, [*call.args], self._target_of(call))
        kwargs = {key: self._of(x) for key, x in call.kwargs.items()}
        if call.results:
            out = self._of(call.results[0])
            power = is_power(call)
            if power is not None:
                return [self._names(power), args[0], out]
            kwargs["out"] = out
        by_position = isinstance(function, np.ufunc) and function not in _OUT_BY_NAME
        if by_position and kwargs.keys() == {"out"}:
            return [self._names(function), *args, kwargs["out"]]
        if not kwargs:
            return [self._names(function), *args]
        settings = ", ".join(f"{key}={x}" for key, x in kwargs.items())
        return [f"{self._names(partial)}({self._names(function)}, {settings})", *args]

    def _guard(self, guard: Guard) -> list[str]:
        value, answer = self._of(guard.value), guard.answer
        miss = f"raise MissError(GUARDS[{self._numbering[guard]}])"
        question = guard.question
        if question == "bool" or question in PREDICATES:
            asked = value
            if question in PREDICATES:
                asked = f"{self._names(PREDICATES[question])}({value})"
            condition = f"not {asked}" if answer else asked
        elif question == "shape":
            condition = f"{value}.shape != {answer!r}"
        elif question == "array":
            condition = f"not equal({value}, {self._names(answer)})"
        else:
            asked = {"item": f"{value}.item()", "object": value}.get(
                question, f"{question}({value})"
            )
            condition = f"not same({asked}, {self._names(answer)})"
        return [f"if {condition}: {miss}"]


_HOLDING = frozenset({dict, list, slice, tuple})
_PLAIN = frozenset({int, slice, type(None), type(Ellipsis)})


def _is_view(call: Call) -> bool:
    """Return True for a call that computes nothing."""
    return bool(call.results) and all(value.is_view for value in call.results)


def _flat(index: Any) -> tuple[Any, ...]:
    return index if type(index) is tuple else (index,)


def _is_compiled(function: Any) -> bool:
    """Return True for a function during which no other Python code runs, nor an interrupt."""
    if isinstance(function, np.ufunc):
        return True
    if ufunc_of(function) is not None:
        return function.__name__ in ("reduce", "at", "accumulate")
    if type(function).__name__ == "fortran":  # SciPy's BLAS
        return True
    return function in (operator.getitem, operator.setitem)
