"""Drawing programs: what the blanks of the statements are filled with, so that most of them work.

A program is drawn while it runs on arrays, so that a blank can look at what there is by then.
"""

import re
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_lite.testing.strategies import arrange

from .running import Program, ProgramError, execute, inputs_of
from .statements import CHANGES, LINES

LARGEST = 1e4
"""Programs with larger values, or with NaN, are not gone on with: differences mean nothing."""


class Unfit(Exception):
    """There is nothing to fill a blank with."""


class Drawing:
    """The arrays of a program that is being drawn, by their names, and the source of chance."""

    def __init__(self, chance: Any, inputs: dict[str, Any], values: dict[str, Any]) -> None:
        self.chance = chance
        self.inputs = inputs
        self.values = values
        self.count = max((int(name[1:]) for name in values if name.startswith("t")), default=0)

    def one_of(self, choices: Any) -> Any:
        """Return one of the choices."""
        choices = list(choices)
        if not choices:
            raise Unfit
        return self.chance.choice(choices)

    def variable(self, fits: Callable[[Any], bool]) -> str:
        """Return the name of an array that fits, rather one of those made last."""
        names = [
            name
            for name, value in self.values.items()
            if isinstance(value, (np.ndarray, np.generic)) and fits(value)
        ]
        return self.one_of(names[-3:] if self.chance.random() < 0.5 else names)

    def writable(self, value: Any) -> bool:
        """Return whether an array can be assigned into: the inputs are leaves, and can't."""
        if not isinstance(value, np.ndarray) or not value.ndim or not _unprotected(value):
            return False
        return not any(_owner(value) is _owner(x) for x in self.inputs.values())

    def new_name(self) -> str:
        """Return a name that isn't taken."""
        self.count += 1
        return f"t{self.count}"


def _unprotected(array: Any) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # what broadcast_arrays gives: NumPy would rather protect it
        try:
            return bool(array.flags.writeable)
        except FutureWarning:
            return False


def _owner(array: Any) -> Any:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _variable(kinds: str, fits: Callable[[Any], bool] = lambda value: True) -> Any:
    return lambda d, of, text: d.variable(lambda v: v.dtype.kind in kinds and fits(v))


def _written(kinds: str, fits: Callable[[Any], bool] = lambda value: True) -> Any:
    return lambda d, of, text: d.variable(
        lambda v: d.writable(v) and v.dtype.kind in kinds and fits(v)
    )


def _broadcasts(of: Any, limit: bool) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        try:
            shape = np.broadcast_shapes(of.shape, value.shape)
        except ValueError:
            return False
        return shape == of.shape if limit else True

    return fits


def _number(d: Drawing, of: Any, text: str) -> str:
    return d.one_of(["2", "0.5", "-1.5", "0", "True", "np.float64(0.25)", "np.float32(1.5)"])


def _partner(d: Drawing, of: Any, text: str) -> str:
    fits = _broadcasts(of, d.writable(of) and d.chance.random() < 0.8)
    kinds = {"b": "b", "i": "ib", "f": "fib", "c": "cfib"}[of.dtype.kind]
    if d.chance.random() < 0.25:
        return "True" if of.dtype.kind == "b" else _number(d, of, text)
    return d.variable(lambda v: v.dtype.kind in kinds and fits(v))


def _axis(d: Drawing, of: Any, text: str) -> str:
    several = [(), (0, -1), (0,)] if of.ndim > 1 else []
    return str(d.one_of([None, *range(-of.ndim, of.ndim), *several]))


def _shape(d: Drawing, of: Any, text: str) -> str:
    lengths = list(of.shape)
    d.chance.shuffle(lengths)
    n = of.size
    return str(d.one_of([tuple(lengths), of.shape, (1, *of.shape), (n,), (n, 1), (-1,)]))


def _permutation(d: Drawing, of: Any, text: str) -> str:
    axes = list(range(of.ndim))
    d.chance.shuffle(axes)
    return str(tuple(axes))


def _index(d: Drawing, of: Any, text: str) -> str:
    parts: list[str] = []
    lists = 0
    for n in of.shape[: d.one_of(range(of.ndim + 1))]:
        choices = [":", "::-1", "1:", ":-1", "::2", "0:1"]
        if n:
            choices += ["0", "-1"]
            if lists < 2:
                choices += [f"[0, {n - 1}]", f"np.array([{n - 1}])", "[0]", f"[0, {n - 1}, 0]"]
        part = d.one_of(choices)
        lists += "[" in part
        parts.append(part)
        if d.chance.random() < 0.1:
            parts.append("None")
    if d.chance.random() < 0.3:
        parts.append("...")
        if d.chance.random() < 0.3:
            parts.append("None")
    return ", ".join(parts) or "..."


def _integers(d: Drawing, of: Any, text: str) -> str:
    return f"{d.variable(lambda v: v.dtype.kind == 'i')} % {max(len(of), 1)}"


def _mask(d: Drawing, of: Any, text: str) -> str:
    if d.chance.random() < 0.5:
        return f"({text} {d.one_of(['> 0', '<= 0.3', '!= 0'])})" if of.dtype.kind != "c" else "True"
    return d.variable(lambda v: v.dtype.kind == "b" and v.shape == of.shape)


def _square(d: Drawing, of: Any, text: str) -> str:
    if not of.shape[-1]:
        raise Unfit
    across = f"np.swapaxes({text}, -1, -2)"
    across = f"np.conj({across})" if of.dtype.kind == "c" else across
    n = of.shape[-2]
    # well-conditioned, with eigenvalues that lie apart
    return f"({text} @ {across} + np.diag(np.arange({n}) * 1.5 + 2))"


def _transposed(d: Drawing, of: Any, text: str) -> str:
    return f"{text}.T" if of.ndim <= 2 else f"np.swapaxes({text}, -1, -2)"


BLANKS: dict[str, Callable[[Drawing, Any, str], str]] = {
    "x": _variable("fcib"),
    "x1": _variable("fcib", lambda v: v.ndim >= 1),
    "x2": _variable("fcib", lambda v: v.ndim >= 2),
    "x12": _variable("fcib", lambda v: v.ndim in (1, 2)),
    "f": _variable("fc"),
    "f1": _variable("fc", lambda v: v.ndim >= 1),
    "f2": _variable("fc", lambda v: v.ndim >= 2),
    "m2d": _variable("fc", lambda v: v.ndim == 2),
    "r": _variable("f"),
    "r1": _variable("f", lambda v: v.ndim >= 1),
    "r2": _variable("f", lambda v: v.ndim == 2),
    "some": _variable("fcib", lambda v: v.ndim >= 1 and v.size > 0),
    "full": _variable("f", lambda v: v.size > 0),
    "v": _variable("f", lambda v: v.ndim == 1 and v.size > 0),
    "wide": _variable("f", lambda v: v.ndim in (1, 2) and min(v.shape) >= 2),
    "last3": _variable("f", lambda v: v.ndim >= 1 and v.shape[-1] == 3),
    "n": _variable("fci"),
    "i": _variable("i"),
    "m": _variable("b"),
    "w": _written("fc"),
    "w2": _written("f", lambda v: v.ndim == 2),
    "k": _written("i"),
    "b": _written("b"),
    "s": _variable("fc", lambda v: isinstance(v, np.generic)),
    "f0": _variable("f", lambda v: not v.shape),
    "y": _partner,
    "m2": _partner,
    "y0": lambda d, of, text: d.one_of(
        [_number(d, of, text), d.variable(lambda v: not v.shape and v.dtype.kind in "f")]
    ),
    "same": lambda d, of, text: d.variable(lambda v: v.shape == of.shape),
    "mask": _mask,
    "axis": _axis,
    "ax": lambda d, of, text: str(d.one_of(range(-of.ndim, of.ndim))),
    "axis1": lambda d, of, text: str(d.one_of([None, *range(-of.ndim, of.ndim)])),
    "shape": _shape,
    "perm": _permutation,
    "index": _index,
    "ints": _integers,
    "flatindex": lambda d, of, text: str(d.one_of(range(-of.size, of.size))),
    "square": _square,
    "transposed": _transposed,
    "number": _number,
    "small": lambda d, of, text: d.one_of(["0", "1", "2", "3"]),
    "flag": lambda d, of, text: d.one_of(["True", "False"]),
    "dtype": lambda d, of, text: d.one_of(["float", "np.float32", "int", "complex", "bool"]),
    "order": lambda d, of, text: d.one_of(["'C'", "'F'"]),
    "t": lambda d, of, text: d.new_name(),
}

_BLANK = re.compile(r"\{([a-z]\w*)(?::(\w+))?\}")


def fill_in(d: Drawing, line: str) -> str:
    """Return a statement with its blanks filled in."""
    filled: dict[str, str] = {}

    def fill(kind: str, of: str = "") -> str:
        blank = f"{kind}:{of}" if of else kind
        if blank not in filled:
            name = fill(of) if of else ""
            filled[blank] = BLANKS[kind](d, d.values.get(name), name)
        return filled[blank]

    statement = _BLANK.sub(lambda match: fill(*filter(None, match.groups())), line)
    return statement if line in CHANGES else f"{d.new_name()} = {statement}"


SHAPES = ["()", "(n,)", "(3,)", "(m,n)", "(m,n)", "(n,m)", "(1,n)", "(m,1)", "(n,n)", "(2,m,n)"]
EMPTY = ["(0,)", "(0,n)", "(m,0)"]
DTYPES = ["f8"] * 8 + ["f4", "c16", "i8", "?"]
LAYOUTS = ["C", "C", "F", "strided", "reversed", "read-only"]


def draw_inputs(chance: Any) -> dict[str, Any]:
    """Return arrays of several shapes, dtypes and layouts, whose values lie apart."""
    inputs = {}
    lengths = {"m": chance.choice([1, 2, 3]), "n": chance.choice([1, 2, 3])}
    for position in range(chance.choice([2, 3, 4])):
        shapes = SHAPES if chance.random() < 0.93 else EMPTY
        shape = eval(chance.choice(shapes), dict(lengths))
        dtype = np.dtype(chance.choice(DTYPES)) if position else np.dtype(float)
        size = int(np.prod(shape))
        cells = list(range(2 * size))
        chance.shuffle(cells)
        # far from each other and from 0, and at no regular distances that differences could repeat
        spaced = [(cell + chance.uniform(0.2, 0.8)) / (2 * size) for cell in cells[:size]]
        values = np.array(spaced).reshape(shape) * 3.6 - 1.8
        if dtype.kind == "c":
            values = values + 1j * (0.4 - values[..., ::-1] if shape else 0.7)
        elif dtype.kind == "i":
            values = np.rint(values)
        elif dtype.kind == "b":
            values = values > 0
        inputs[f"x{position}"] = arrange(values.astype(dtype), chance.choice(LAYOUTS))
    return inputs


def draw_program(chance: Any, themes: Sequence[str] = (*LINES,), length: int = 8) -> Program:
    """Return a program whose statements are of these themes, each as often as it is given."""
    inputs = draw_inputs(chance)
    program = Program(inputs, [])
    for name in inputs:
        if chance.random() < 0.6:
            program.lines.append(f"a{name[1:]} = {name}.copy()")
    for _ in range(length):
        longer = extended(chance, program, chance.choice(LINES[chance.choice(themes)]))
        if longer is None:
            continue
        try:
            values = execute(longer)
        except ProgramError:
            if chance.random() < 0.05:
                return longer  # tensors have to refuse it too
            continue
        if all(map(_tame, values.values())) or chance.random() < 0.02:
            program = longer
    return program


def extended(chance: Any, program: Program, line: str) -> Program | None:
    """Return the program with one more statement, if there is what it needs."""
    inputs = inputs_of(program)
    d = Drawing(chance, inputs, execute(program, inputs))
    try:
        return Program(program.inputs, [*program.lines, fill_in(d, line)])
    except Unfit:
        return None


def _tame(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return all(map(_tame, value))
    if not isinstance(value, (np.ndarray, np.generic)) or value.dtype.kind not in "fc":
        return True
    return bool(np.all(np.abs(value) < LARGEST))
