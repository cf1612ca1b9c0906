"""A program as NumPy source: to be read, and to be run without this library."""

import copy
from typing import Any, final

from autograd_lite.capturing.observing.outcome import Description, left, values_of
from autograd_lite.capturing.optimization.fewer_calls import Step, shared, without_dead
from autograd_lite.capturing.printing import spelling
from autograd_lite.capturing.printing.naming import Naming, Parameter
from autograd_lite.capturing.printing.statements import Statements, lines_of
from autograd_lite.capturing.program.calls import Call, Constant, Value, is_c_ordered
from autograd_lite.errors import UnsupportedError


def shown_steps(program: Any) -> tuple[list[Step], dict[Value, Value]]:
    """Return the steps that are shown, and which value stands for which."""
    recorded = program.recorded
    wanted = left(recorded)
    steps = without_dead(recorded.trace.steps, wanted)
    if program.replay is None:  # still to be compared with another recording, call by call
        return steps, {}
    steps, stands = shared(map(copy.copy, steps), {value.root for value in wanted})
    return without_dead(steps, [stands.get(value, value) for value in wanted]), stands


@final
class Listing:
    """The source of a program.

    Parameters
    ----------
    program : Program
    whole : bool
        Whether it is to be run: then large constants are written out, and shapes are checked.
    """

    def __init__(self, program: Any, *, whole: bool) -> None:
        recorded = program.recorded
        self._effects = [effect for effect in recorded.effects if effect.kind != "touch"]
        self._whole = whole
        steps, self._stands = shown_steps(program)
        homes = [spelling.home_of(step.function) for step in steps if isinstance(step, Call)]
        self._imports = sorted({home for home in homes if home is not None})
        descriptions = [recorded.result, *(effect.description for effect in self._effects)]
        kept = [self._stands.get(v, v) for d in descriptions for v in values_of(d)]
        self._made: dict[int, str] = {}
        self._naming = Naming(program, steps, recorded.trace.inputs)
        self._statements = Statements(steps, self._naming, kept, whole=whole)
        self._result = self._source(recorded.result)
        self._changes: dict[str, str] = {}
        for effect in self._effects:
            key = self._naming.of_place(effect.target, effect.tensor)
            key = f"{key}_grad" if effect.kind == "grad" else key
            self._changes[key] = self._source(effect.description)

    # ------------------------------------------------------------------ what it returns

    def _source(self, described: Description) -> str:
        """Return the source of something that the function returns, or leaves somewhere."""
        kind, x = described[0], described[1]
        text = None
        if kind == "value":
            text = self._statements.find(self._stands.get(x, x)).text
        elif kind == "copy":
            text = self._statements.find(Value(x, Constant(x))).text
        elif kind == "tensor":
            text = self._made[x] = self._source(described[2])
        elif kind == "again":
            text = self._made[x]
        elif kind == "plain":
            text = spelling.literal(x)
        elif kind == "argument":
            text = self._naming.argument(x)
        elif kind == "items":
            text = self._made[x] = self._container(described)
        else:
            text = self._naming.tensor(x)
        if text is None and self._whole:
            raise UnsupportedError(
                f"source() can't write down that {self._naming.function} returns or keeps an "
                f"object that isn't made of arrays: {type(x).__name__}"
            )
        return "..." if text is None else text

    def _container(self, described: Description) -> str:
        _, _, kind, keys, children = described
        parts = [self._source(child) for child in children]
        listed = ", ".join(parts)
        if keys is not None:
            pairs = (f"{spelling.literal(k)}: {part}" for k, part in zip(keys, parts, strict=True))
            return f"{{{', '.join(pairs)}}}"
        if issubclass(kind, tuple):
            return f"({listed}{',' if len(parts) == 1 else ''})"
        return f"[{listed}]"

    def _returned(self) -> list[str]:
        if not self._changes:
            return lines_of(f"    return {self._result}")
        pairs = [f'        "{key}": {text},' for key, text in self._changes.items()]
        return [f"    return {self._result}, {{", *pairs, "    }"]

    # ------------------------------------------------------------------ text

    def text(self) -> str:
        """Return the whole listing: constants, and the function."""
        naming = self._naming
        before = [f"{name} = {value!r}" for name, value in naming.settings.items()]
        before += self._statements.constants
        parameters = [_parameter(p) for p in naming.given]
        if naming.reached:
            parameters += ["    *,", *map(_parameter, naming.reached)]
        head = [f"def {naming.function}(", *parameters, "):"]
        if not parameters:
            head = [f"def {naming.function}():"]
        checks = [*filter(None, map(_check, naming.given + naming.reached))] if self._whole else []
        body = self._statements.lines
        if not checks and body[:1] == [""]:
            body = body[1:]
        gap = ["", ""] if before else []
        return "\n".join([*before, *gap, *head, *checks, *body, "", *self._returned()]) + "\n"

    def module(self) -> str:
        """Return the source of a module with the function."""
        naming, text = self._naming, self.text()
        parameters = naming.given + naming.reached
        written = self._statements.written
        about = {
            "For arrays of these dtypes and shapes, in this memory order:": [
                f"{p.name}: {_like(p)}" for p in parameters
            ],
            "With these other arguments, which are built in:": [
                f"{name} = {spelling.comment(said)[:60]}" for name, said in naming.plain
            ],
            "These are written into:": [
                p.name for p in parameters if p.value and p.value.root in written
            ],
            "Returns the result, and a dict of what else is left:": self._changes,
        }
        lines = [f'"""{naming.function}: the NumPy calls of a function, written by autograd_lite.']
        for heading, entries in about.items():
            if entries:
                lines += ["", heading, "", *(f"    {entry}" for entry in entries)]
        lines += ['"""', "", "import numpy as np"]
        if "scipy.special." in text:
            lines.append("import scipy.special")
        lines += [f"import {module}" for module in self._imports]
        lines += ["", ""]
        if any(map(_check, parameters)):
            lines += [*_CHECK, "", ""]
        return "\n".join(lines) + "\n" + text


_CHECK = (
    "def check(name, array, dtype, shape):",
    "    if array.dtype != dtype or array.shape != shape:",
    '        raise ValueError(f"{name} must be {dtype} {shape}, not {array.dtype} {array.shape}")',
)


def _check(parameter: Parameter) -> str:
    """Return the line that checks an argument, or converts it; nothing for a random generator."""
    like = parameter.like
    if parameter.value is None or not hasattr(like, "dtype"):
        return ""
    if parameter.value.weak:
        return f"    {parameter.name} = float({parameter.name})"
    return f'    check("{parameter.name}", {parameter.name}, "{like.dtype}", {like.shape!r})'


def _like(parameter: Parameter) -> str:
    like = parameter.like
    if not hasattr(like, "dtype"):
        return "a random generator"
    if parameter.value is not None and parameter.value.weak:
        return "a number"
    order = "" if is_c_ordered(like) else f", with strides {like.strides}"
    unused = "" if parameter.value is not None else ", not used"
    return f"{like.dtype} {like.shape}{order}{unused}"


def _parameter(parameter: Parameter) -> str:
    return f"    {parameter.name},  # {_like(parameter)}"
