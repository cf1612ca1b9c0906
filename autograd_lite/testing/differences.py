"""Slopes by finite differences, and what a derivative may be where there is none."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, as_tensor

Array: TypeAlias = npt.NDArray[Any]
Function: TypeAlias = Callable[..., Any]
Moves: TypeAlias = Mapping[int, Array]
"""How variables move, by their position."""

STEP = 2.5e-4
"""The step of the differences: small for the truncation error, STEP**4, large for rounding."""

FINE = 1e-5
"""A second one, for where the first goes over a kink or comes near a pole."""

MOST = 512
"""How many elements are looked at one by one; of more, halving finds those that are wrong."""


def leaves_of(values: Sequence[Array]) -> list[Tensor]:
    """Return tensors that share the arrays; the floating ones require a gradient."""
    tensors = [as_tensor(x) for x in values]
    for tensor in tensors:
        tensor.requires_grad = tensor.dtype.kind in "fc"
    return tensors


class Subject:
    """A function at a point: floating inputs and parameters are its variables."""

    def __init__(
        self, function: Function, values: Sequence[Array], parameters: Sequence[Tensor]
    ) -> None:
        self.function = function
        self.values = values
        self.parameters = parameters
        self.places = [i for i, x in enumerate(values) if x.dtype.kind in "fc"]
        self.names = [f"input {i}" for i in self.places]
        self.names += [f"parameter {i}" for i in range(len(parameters))]
        self.variables: list[Array] = [values[i] for i in self.places]
        self.variables += [p.data for p in parameters]

    def output(self) -> tuple[Any, list[Tensor]]:
        """Return the output and the variables as tensors."""
        leaves = leaves_of(self.values)
        return self.function(*leaves), [*(leaves[i] for i in self.places), *self.parameters]

    def moved(self, moves: Moves, step: float) -> Array:
        """Return the output where variables have moved by a step along their directions."""
        values, kept = list(self.values), [p.data for p in self.parameters]
        try:
            for position, direction in moves.items():
                there = np.asarray(self.variables[position] + step * direction)
                if position < len(self.places):
                    values[self.places[position]] = there
                else:
                    self.parameters[position - len(self.places)].data = there
            with np.errstate(all="ignore"):  # it may go out of the domain
                found: Array = self.function(*leaves_of(values)).data
            return found
        finally:
            for p, data in zip(self.parameters, kept, strict=True):
                if p.data is not data:
                    p.data = data

    def parts(self, u: Array, moves: Moves) -> Callable[[float], Array]:
        """Return the function of the step that gives what the outputs add to <u, f>.

        Where another number of outputs is found, as by ``unique``, that is NaN: no slope.
        """

        def at(step: float) -> Array:
            found = self.moved(moves, step)
            if found.shape != u.shape:
                return np.full(u.shape, np.nan)
            return np.asarray((np.conjugate(u) * found).real)

        return at


def claimed(gradients: Sequence[Array], moves: Moves) -> float:
    """Return the slope that gradients promise along a direction; what stays has no part in it."""
    moving = [(np.conjugate(gradients[i][v != 0]), v[v != 0]) for i, v in moves.items()]
    return float(sum(np.sum(g * v).real for g, v in moving))


@np.errstate(all="ignore")
def central(parts: Callable[[float], Array], step: float) -> Array:
    """Return the slopes that a central difference of fourth order finds."""
    near = parts(step) - parts(-step)
    far = parts(2 * step) - parts(-2 * step)
    found: Array = (8 * near - far) / (12 * step)
    return found


def allowance(rtol: float, slopes: Sequence[float], scale: float, step: float) -> float:
    """Return what a slope may differ by; what rounding costs is a matter of the output's size."""
    return rtol * (sum(map(abs, slopes)) + 1e-3) + 1e-14 * scale / step


class Slopes(NamedTuple):
    """What the slope of each output lies between; both are the same where it is smooth."""

    low: Array
    high: Array
    none: bool
    """Whether an output has no slope at all here, not even to one side: it jumps, or is a root."""

    def misses(self, slope: float, rtol: float, scale: float, outputs: Any = ...) -> float:
        """Return how far a promised slope, of all or of some outputs, is from what it may be."""
        if self.none:
            return 0.0
        low, high = self.between(outputs)
        allowed = allowance(rtol, [slope, max(abs(low), abs(high))], scale, FINE)
        if np.isfinite(high - low):  # nor are the sides of a kink more exact than it is wide
            allowed += 0.01 * (high - low)
        if low - allowed <= slope <= high + allowed:
            return 0.0
        return max(low - slope, slope - high) if np.isfinite(slope) else np.inf

    def at_kink(self) -> bool:
        """Return whether the slopes of the two sides differ."""
        low, high = self.between()
        return high - low > 1e-6 * (abs(low) + abs(high)) + 1e-9

    def or_those_of(self, other: "Slopes") -> "Slopes":
        """Return what is between the slopes of the one and of the other."""
        low, high = np.minimum(self.low, other.low), np.maximum(self.high, other.high)
        return Slopes(low, high, self.none or other.none)

    def between(self, outputs: Any = ...) -> tuple[float, float]:
        """Return the bounds of the slope of all or of some outputs."""
        return float(np.sum(self.low[outputs])), float(np.sum(self.high[outputs]))


@np.errstate(all="ignore")
def slopes(parts: Callable[[float], Array], here: Array) -> Slopes:
    """Return what the slope of each output may be: at a kink, any between those of its sides."""
    ahead, behind = _side(parts, here, 1), _side(parts, here, -1)
    # at the end of a domain there is one side; NaN is the other
    low, high = np.fmin(ahead.low, behind.low), np.fmax(ahead.high, behind.high)
    smooth = central(parts, FINE)
    apart = 1e-3 * (np.abs(low) + np.abs(high)) + 1e-13 * np.abs(here) / FINE
    flat = np.isfinite(smooth) & (high - low <= apart)
    # where only the second derivative jumps, the middle is off by a step, and the sides are not
    low = np.where(flat, np.fmin(low, smooth), low)
    high = np.where(flat, np.fmax(high, smooth), high)
    return Slopes(low, high, ahead.none or behind.none or bool(np.isnan(low).any()))


def _side(parts: Callable[[float], Array], here: Array, sign: int) -> Slopes:
    """Return the slopes to one side; NaN where the domain ends.

    Slopes that grow as the step shrinks are those of a jump or a root. Where they only change, as
    those of x**1.5 at 0, what they tend to isn't far from the last.
    """
    tiny = FINE / 100
    slope = sign * (4 * parts(sign * FINE) - parts(sign * 2 * FINE) - 3 * here) / (2 * FINE)
    closer = sign * (parts(sign * tiny) - here) / tiny
    rounding = 1e-6 * (np.abs(here) + 1)
    steep = np.isfinite(closer) & (np.abs(closer) > 1.2 * np.abs(slope) + rounding)
    gap = np.abs(slope - closer)
    gap = np.where(gap > 1e-3 * (np.abs(slope) + np.abs(closer)) + rounding, gap, 0)
    slope = np.where(np.isfinite(slope), slope, np.nan)
    low = np.where(gap > 0, np.fmin(slope, closer - gap), slope)
    high = np.where(gap > 0, np.fmax(slope, closer + gap), slope)
    return Slopes(low, high, bool(steep.any()))


class Wrong(NamedTuple):
    """A move along which a promised slope isn't what differences find."""

    moves: Moves
    position: int
    element: tuple[int, ...] | None
    """Which moves; None where all elements of one value do."""
    miss: float


def wrong_moves(
    subject: Subject, u: Array, here: Array, gradients: Sequence[Array], rtol: float, level: int
) -> list[Wrong]:
    """Return the elements whose gradients are wrong, or else the ties whose shares are.

    Each element moves alone: at a kink any slope between those of the two sides will do. Elements
    of the same value, which may tie, then move together: that changes nothing between them, so
    that their shares must sum to the slope that is found. One of them may have any share, up to
    the whole: where a sort puts it is a matter of convention. From the second order on a kink may
    give NaN, for what the first chose there says nothing of how it varies.
    """
    parts = np.asarray((np.conjugate(u) * here).real)
    scale = float(np.abs(parts).sum())

    def look(moves: Moves, index: tuple[int, ...] | None, position: int) -> Iterator[Wrong]:
        slope, along = claimed(gradients, moves), subject.parts(u, moves)
        for step in (STEP, FINE):
            expected = float(central(along, step).sum())
            if abs(slope - expected) <= allowance(rtol, [slope, expected], scale, step):
                return
        possible = slopes(along, parts)
        if level > 1 and np.isnan(slope) and possible.at_kink():
            return
        if index is not None and (others := tied.get((position, index))):
            possible = possible.or_those_of(slopes(subject.parts(u, others), parts))
        miss = possible.misses(slope, rtol, scale)
        if miss:
            yield Wrong(moves, position, index, miss)

    ties = _ties(subject.variables)
    tied = {
        (i, tuple(map(int, index))): moves
        for moves in ties.values()
        for i, v in moves.items()
        for index in np.argwhere(v)
    }

    found = [
        wrong
        for position, x in enumerate(subject.variables)
        for index in _suspects(subject, u, gradients, position)
        for direction in ((1, 1j) if x.dtype.kind == "c" else (1,))
        for wrong in look({position: _one_of(x, index, direction)}, index, position)
    ]
    return found or [
        # what has a kink at 0 needs no tie for it
        wrong
        for value, moves in ties.items()
        if value != 0
        for wrong in look(moves, None, min(moves))
    ]


def _one_of(x: Array, index: tuple[int, ...], value: Any) -> Array:
    direction = np.zeros(x.shape, x.dtype)
    direction[index] = value
    return direction


def _suspects(
    subject: Subject, u: Array, gradients: Sequence[Array], position: int
) -> list[tuple[int, ...]]:
    """Return the elements to look at: all, or that part of many which is the most wrong."""
    x = subject.variables[position]
    rng = np.random.default_rng(0)
    flat = rng.permutation(x.size)

    def miss(half: Array) -> float:
        v = np.zeros(x.size)
        v[half] = rng.uniform(0.5, 1, half.size)
        moves = {position: v.reshape(x.shape)}
        found = float(central(subject.parts(u, moves), STEP).sum())
        far = abs(claimed(gradients, moves) - found)
        return far if np.isfinite(far) else np.inf

    while flat.size > MOST:
        flat = max(np.array_split(flat, 2), key=miss)
    return [tuple(map(int, np.unravel_index(i, x.shape))) for i in np.sort(flat)]


def _ties(variables: Sequence[Array], most: int = 64) -> dict[Any, Moves]:
    """Return for each value that several elements have how they all move together."""
    flat = np.concatenate([np.asarray(x).reshape(-1) for x in variables])
    repeated, counts = np.unique(flat[np.isfinite(flat)], return_counts=True)
    return {
        value: {
            i: (x == value).astype(x.dtype) for i, x in enumerate(variables) if (x == value).any()
        }
        for value in repeated[counts > 1][:most]
    }
