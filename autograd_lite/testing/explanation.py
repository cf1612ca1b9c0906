"""Error messages for wrong gradients: where, the value, the expected value, and a likely cause."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_lite.testing.differences import (
    MOST,
    Array,
    Moves,
    Slopes,
    Subject,
    Wrong,
    claimed,
    slopes,
)

Pull = Callable[[Array], Sequence[Array]]
"""Maps a cotangent to the gradients."""


def explain(
    subject: Subject,
    wrong: Sequence[Wrong],
    here: Array,
    u: Array,
    pull: Pull,
    rtol: float,
    level: int,
) -> str:
    """Return a message about the worst element: its derivative, and the expected one."""
    worst = max(wrong, key=lambda found: found.miss)
    x = subject.variables[worst.position]
    output, cotangent = _worst_output(subject, worst.moves, here, u, pull, rtol)
    parts = np.asarray((np.conjugate(cotangent) * here).real)
    expected = slopes(subject.parts(cotangent, worst.moves), parts)
    ours = claimed(pull(cotangent), worst.moves)
    if level > 1:
        of = "the slope, as computed with create_graph=True,"
    elif output is None:
        of = "<u, output>, for random numbers u,"
    else:
        of = f"output {list(output)}" if here.ndim else "the output"
    along = _along(subject, worst)
    return (
        f"{subject.names[worst.position]}: the derivative of {of} by {along} is {ours:.10g}, "
        f"and {_range(expected)} by finite differences{_extent(wrong, x)}"
        f"{_advice(worst, ours, expected, level)}"
    )


def _worst_output(
    subject: Subject, moves: Moves, here: Array, u: Array, pull: Pull, rtol: float
) -> tuple[Any, Array]:
    """Return the output whose slope has the largest error, and the cotangent that selects it.

    It is found by halving, since each check costs a backward pass.
    """
    flat = np.arange(here.size)

    def only(some: Array, values: Any) -> Array:
        cotangent = np.zeros(here.size, u.dtype)
        cotangent[some] = values
        return cotangent.reshape(here.shape)

    def miss(some: Array, values: Any) -> float:
        cotangent = only(some, values)
        parts = np.asarray((np.conjugate(cotangent) * here).real)
        found = slopes(subject.parts(cotangent, moves), parts)
        scale = float(np.abs(parts).sum())
        return found.misses(claimed(pull(cotangent), moves), rtol, scale)

    while flat.size > 1:
        flat = max(np.array_split(flat, 2), key=lambda half: miss(half, u.reshape(-1)[half]))
    for value in (1, 1j) if here.dtype.kind == "c" else (1,):
        if flat.size and miss(flat, value):
            return tuple(map(int, np.unravel_index(flat[0], here.shape))), only(flat, value)
    return None, u


def _along(subject: Subject, worst: Wrong) -> str:
    x = subject.variables[worst.position]
    if worst.element is None:
        value = x[worst.moves[worst.position] != 0][0]
        count = int(sum(np.sum(v != 0) for v in worst.moves.values()))
        return f"the {count} elements that are all {value:.10g}, moved together,"
    element = f"element {list(worst.element)}" if x.ndim else "the input"
    if x.dtype.kind == "c" and worst.moves[worst.position][worst.element].imag:
        element = f"the imaginary part of {element}"
    return f"{element}, where it is {x[worst.element]:.10g},"


def _range(expected: Slopes) -> str:
    low, high = expected.between()
    return f"{low:.10g}" if np.isclose(low, high, 1e-6, 1e-9) else f"from {low:.10g} to {high:.10g}"


def _extent(wrong: Sequence[Wrong], x: Array) -> str:
    elements = {(w.position, w.element) for w in wrong if w.element is not None}
    if not elements or not x.ndim:
        return ""
    position = max(wrong, key=lambda found: found.miss).position
    count = sum(where == position for where, _ in elements)
    least = "at least " if x.size > MOST else ""
    return f" ({least}{count} of the {x.size} elements of shape {x.shape}, {x.dtype}, are wrong)"


def _advice(worst: Wrong, ours: float, expected: Slopes, level: int) -> str:
    low, high = expected.between()
    middle = (low + high) / 2
    ratio = ours / middle if middle else 0.0
    hints = {
        "where inputs tie, their gradients must sum to the whole": (worst.element is None),
        "at a kink: a derivative must lie between those of the two sides": (expected.at_kink()),
        "NaN comes of 0 * inf, or of a value outside of a domain": np.isnan(ours),
        "a rule must compute with NumPy on its own arguments alone": level > 1,
        "is something a constant here that depends on the input?": ours == 0,
        "a sign is wrong": np.isclose(ratio, -1, 1e-4),
        "is it counted more than once?": ratio > 1.5 and np.isclose(ratio, np.rint(ratio), 1e-4),
    }
    return next((f"; {hint}" for hint, applies in hints.items() if applies), "")
