"""What a program does on tensors, beside what it does on arrays; and its gradient."""

from itertools import combinations
from typing import Any

import numpy as np

from autograd_lite import Tensor, gradients
from autograd_lite.errors import GraphError, UnsupportedError

from .running import Program, ProgramError, duplicate, execute, inputs_of

BY_DESIGN = (UnsupportedError, GraphError)
"""What may be raised where NumPy has a result."""

SAID = ("take .real or .imag", "can't be assigned into a tensor")
"""What other errors say where NumPy has a result."""


class Mismatch(AssertionError):
    """A program that does on tensors what it doesn't do on arrays."""


def check(program: Program) -> str:
    """Compare a program on tensors with NumPy, and its gradient with differences.

    Returns
    -------
    str
        Empty, or why not all of it could be compared.

    Raises
    ------
    Mismatch
        If tensors have other values, shapes, dtypes, errors or slopes.
    """
    given = leaves_of(program)
    try:
        arrays = execute(program)
    except ProgramError as theirs:
        return _compare_errors(program, given, theirs)
    try:
        tensors = execute(program, given)
    except ProgramError as ours:
        if not _by_design(ours.error):
            raise Mismatch(f"NumPy gives a result, tensors raise: {ours}\n{program}") from ours
        return f"refused: {str(ours.error)[:60]}"
    within = _rounding(parts_of(arrays).values())
    for name, expected in arrays.items():
        problem = difference(tensors[name], expected, within)
        if problem:
            raise Mismatch(f"{name}: {problem}\n{program}")
    if sharing(tensors) != sharing(arrays):
        pairs = sharing(tensors) ^ sharing(arrays)
        raise Mismatch(f"memory is shared, or not, by {sorted(pairs)}\n{program}")
    return _compare_gradient(program, given, tensors)


def leaves_of(program: Program) -> dict[str, Any]:
    """Return the inputs as tensors over copies, those of real and complex numbers as leaves."""
    given = {}
    for name, value in inputs_of(program).items():
        given[name] = Tensor(value, requires_grad=value.dtype.kind in "fc")
        given[name].array = value  # Tensor() would lay it out anew
    return given


def _by_design(error: Exception) -> bool:
    designed = isinstance(error, BY_DESIGN) or isinstance(error.__cause__, BY_DESIGN)
    return designed or any(words in str(error) for words in SAID)


def _compare_errors(program: Program, given: dict[str, Any], theirs: ProgramError) -> str:
    try:
        execute(program, given)
    except ProgramError as ours:
        builtin = next(t for t in type(theirs.error).__mro__ if t.__module__ == "builtins")
        if ours.line == theirs.line and isinstance(ours.error, builtin):
            return "both raise"
        if _by_design(ours.error):
            return f"refused: {str(ours.error)[:60]}"
        raise Mismatch(f"an error of another kind than {theirs}: {ours}\n{program}") from ours
    raise Mismatch(f"NumPy raises, tensors don't: {theirs}\n{program}")


def _rounding(values: Any) -> float:
    """Return what is no difference: what comes of the largest value, at the lowest precision."""
    largest, precision = 0.0, 1e-10
    for value in values:
        if value.dtype.kind in "fc":
            precision = max(precision, 500 * float(np.finfo(value.dtype).eps))
        with np.errstate(all="ignore"):
            size = np.abs(np.asarray(value, complex))
            largest = max(largest, float(np.max(size, initial=0, where=np.isfinite(size))))
    return largest * precision


def difference(ours: Any, theirs: Any, within: float) -> str:
    """Return what is different in a result on tensors, empty where nothing is."""
    if isinstance(theirs, (tuple, list)):
        if not isinstance(ours, (tuple, list)) or len(ours) != len(theirs):
            return f"{ours!r}, not {theirs!r}"
        found = [difference(a, b, within) for a, b in zip(ours, theirs, strict=True)]
        return "; ".join(filter(None, found))
    if not isinstance(theirs, (np.ndarray, np.generic)):
        number = isinstance(ours, (float, complex)) and type(ours) is type(theirs)
        same = np.isclose(ours, theirs, 0, within, equal_nan=True) if number else ours == theirs
        return "" if same else f"{ours!r}, not {theirs!r}"
    if not isinstance(ours, (Tensor, np.ndarray, np.generic)):
        return f"a {type(ours).__name__}, not an array"
    for name in ("shape", "dtype"):
        if getattr(ours, name) != getattr(theirs, name):
            return f"{name} {getattr(ours, name)}, not {getattr(theirs, name)}"
    values = ours.data if isinstance(ours, Tensor) else ours
    within = 0.0 if theirs.dtype.kind in "bi" else within
    close = np.allclose(values, theirs, 0, within, equal_nan=True)
    return "" if close else f"{values}, not {theirs}"


def sharing(results: dict[str, Any]) -> set[tuple[str, str]]:
    """Return which results with axes share memory, as pairs of names."""
    arrays = {
        name: x.data if isinstance(x, Tensor) else x
        for name, x in parts_of(results).items()
        if x.ndim
    }
    return {
        (one, other)
        for one, other in combinations(sorted(arrays), 2)
        if np.shares_memory(arrays[one], arrays[other])
    }


def parts_of(results: dict[str, Any]) -> dict[str, Any]:
    """Return the arrays among results by name, those in tuples and lists too."""
    parts: dict[str, Any] = {}
    for name, value in results.items():
        if isinstance(value, (tuple, list)):
            parts |= parts_of({f"{name}.{i}": v for i, v in enumerate(value)})
        elif hasattr(value, "dtype"):
            parts[name] = value
    return parts


def scalar(results: dict[str, Any], names: list[str], numpy: Any = np) -> Any:
    """Return a real number that depends on every value of the results of these names."""
    total: Any = 0.0
    parts = parts_of(results)
    for position, name in enumerate(names):
        value = parts[name]
        weights = np.cos(np.arange(value.size, dtype=float) + position).reshape(value.shape)
        total = total + numpy.sum(numpy.real(value * weights))
        if value.dtype.kind == "c":
            total = total + numpy.sum(numpy.imag(value * weights))
    return total


def differentiated(tensors: dict[str, Any]) -> list[str]:
    """Return the names of the results that a gradient can be taken of."""
    names = []
    for name, value in parts_of(tensors).items():
        if isinstance(value, Tensor) and value.requires_grad:
            try:
                value + 0
                names.append(name)
            except GraphError:
                pass  # a view from before something was assigned
    return names


def _compare_gradient(program: Program, given: dict[str, Any], tensors: dict[str, Any]) -> str:
    values = [x.data for x in parts_of(tensors).values() if isinstance(x, Tensor)]
    inexact = [x for x in values if x.dtype.kind in "fc"]
    if any(x.dtype not in (np.float64, np.complex128) for x in inexact):
        return "not in double precision"
    if not all(np.all(np.isfinite(x)) for x in inexact):
        return "not finite"
    names = differentiated(tensors)
    leaves = {name: x for name, x in given.items() if x.requires_grad}
    if not names:
        return "no gradient"
    try:
        found = gradients(scalar(tensors, names), list(leaves.values()), allow_unused=True)
    except GraphError as error:
        return f"gradient refused: {str(error)[:50]}"
    return _compare_slopes(program, names, dict(zip(leaves, found, strict=True)))


def _compare_slopes(program: Program, names: list[str], found: dict[str, Any]) -> str:
    size = sum(float(np.sum(np.abs(g.data))) for g in found.values())
    for turn in range(2):
        step = directions(found, turn)
        slope = sum(float(np.sum(np.real(np.conj(g.data) * step[x]))) for x, g in found.items())
        try:
            coarse, fine = (_moved_along(program, step, names, h) for h in (2e-5, 1e-5))
        except (ProgramError, KeyError, ValueError):
            return "no differences: the program takes another turn"
        tolerance = 1e-6 * max(1.0, size, abs(fine))
        if not abs(coarse - fine) <= tolerance:
            return "the differences disagree"
        if not abs(slope - fine) <= 10 * tolerance:
            raise Mismatch(f"gradient {slope}, differences {fine}\n{program}")
    return ""


def directions(leaves: dict[str, Any], turn: int) -> dict[str, Any]:
    """Return in which direction each leaf is moved."""
    rng = np.random.default_rng(turn)
    return {
        name: rng.uniform(-1, 1, x.shape)
        + (1j * rng.uniform(-1, 1, x.shape) if x.dtype.kind == "c" else 0)
        for name, x in leaves.items()
    }


def _moved_along(program: Program, step: dict[str, Any], names: list[str], h: float) -> float:
    ends = []
    for by in (h, -h):
        inputs = {
            name: duplicate(value, by * step[name] if name in step else None)
            for name, value in program.inputs.items()
        }
        ends.append(scalar(execute(program, inputs), names))
    return float(ends[0] - ends[1]) / (2 * h)
