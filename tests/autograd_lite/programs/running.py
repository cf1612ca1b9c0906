"""A program: statements and the arrays they start from; run on arrays or on tensors."""

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class Program:
    """Statements, and the arrays that they start from."""

    inputs: dict[str, Any]
    lines: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        given = [f"{name} = {_literal(value)}" for name, value in self.inputs.items()]
        return "\n".join([*given, *self.lines])


def _literal(value: Any) -> str:
    text = np.array2string(value, separator=", ", precision=17, threshold=10**6)
    strides = "" if value.flags.c_contiguous else f"  # strides {value.strides}"
    text = " ".join(text.split()) if value.size else f"np.zeros({value.shape})"
    return f"np.array({text}, np.{value.dtype}){strides}"


class ProgramError(Exception):
    """What a statement of a program raised."""

    def __init__(self, line: str, error: Exception) -> None:
        super().__init__(f"{line}: {type(error).__name__}: {error}")
        self.line = line
        self.error = error


def execute(
    program: Program, given: dict[str, Any] | None = None, numpy: Any = np
) -> dict[str, Any]:
    """Run a program, on copies of its inputs or what is given instead; return all it names.

    Its statements change what is given, and ``np`` in them is what is given as ``numpy``.
    """
    names = dict(inputs_of(program) if given is None else given)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for line in program.lines:
            try:
                exec(line, {"np": numpy}, names)
            except Exception as error:
                raise ProgramError(line, error) from error
    return names


def inputs_of(program: Program) -> dict[str, Any]:
    """Return copies of the inputs that lie in memory as they do."""
    return {name: duplicate(value) for name, value in program.inputs.items()}


def duplicate(array: Any, add: Any = None) -> Any:
    """Return a copy of an array that lies in memory as it does, with something added."""
    step = array.strides[-1] // array.itemsize if array.ndim and array.size else 1
    if step == 2:
        copy = np.zeros((*array.shape, 2), array.dtype)[..., 0]
    elif step < 0:
        copy = np.zeros(array.shape, array.dtype)[(slice(None, None, -1),) * array.ndim]
    else:
        copy = np.array(array, order="K")
    copy[...] = array if add is None else array + add
    copy.flags.writeable = array.flags.writeable
    return copy
