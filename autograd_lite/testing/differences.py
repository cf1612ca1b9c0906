"""Slopes by finite differences, and the bounds of a derivative where the function has a kink."""

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
"""The step: small enough for the truncation error, STEP**4, and large enough for rounding."""

FINE = 1e-5
"""A second step, for where the first crosses a kink or comes near a pole."""

MOST = 512
"""The most elements to check one by one; among more, halving finds the wrong ones."""


def leaves_of(values: Sequence[Array]) -> list[Tensor]:
    """Return tensors that share the arrays; the floating ones require a gradient."""
    tensors = [as_tensor(x) for x in values]
    for tensor in tensors:
        tensor.requires_grad = tensor.dtype.kind in "fc"
    return tensors


class Subject:
    """A function at a point; its variables are the floating inputs and the parameters."""

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
        """Return the output after variables have moved by a step along their directions."""
        values, kept = list(self.values), [p.data for p in self.parameters]
        try:
            for position, direction in moves.items():
                there = np.asarray(self.variables[position] + step * direction)
                if position < len(self.places):
                    values[self.places[position]] = there
                else:
                    self.parameters[position - len(self.places)].data = there
            with np.errstate(all="ignore"):  # the step may leave the domain
                found: Array = self.function(*leaves_of(values)).data
            return found
        finally:
            for p, data in zip(self.parameters, kept, strict=True):
                if p.data is not data:
                    p.data = data

    def parts(self, u: Array, moves: Moves) -> Callable[[float], Array]:
        """Return a function of the step that computes the terms of <u, f>, one for each output.

        If the number of outputs changes, as it may in ``unique``, they are NaN: there is no slope.
        """

        def at(step: float) -> Array:
            found = self.moved(moves, step)
            if found.shape != u.shape:
                return np.full(u.shape, np.nan)
            return np.asarray((np.conjugate(u) * found).real)

        return at


def claimed(gradients: Sequence[Array], moves: Moves) -> float:
    """Return the slope along a direction that follows from the gradients of moving elements."""
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
    """Return the error allowed between two slopes; rounding depends on the output's size."""
    return rtol * (sum(map(abs, slopes)) + 1e-3) + 1e-14 * scale / step


class Slopes(NamedTuple):
    """The bounds of the slope of each output; they are equal where it is smooth."""

    low: Array
    high: Array
    none: bool
    """Whether an output has no slope here, not even to one side: a jump, or a root at 0."""

    def misses(self, slope: float, rtol: float, scale: float, outputs: Any = ...) -> float:
        """Return how far a slope, of all or of some outputs, lies outside of its bounds."""
        if self.none:
            return 0.0
        low, high = self.between(outputs)
        allowed = allowance(rtol, [slope, max(abs(low), abs(high))], scale, FINE)
        if np.isfinite(high - low):  # the sides of a kink are known less exactly
            allowed += 0.01 * (high - low)
        if low - allowed <= slope <= high + allowed:
            return 0.0
        return max(low - slope, slope - high) if np.isfinite(slope) else np.inf

    def at_kink(self) -> bool:
        """Return whether the slopes of the two sides differ."""
        low, high = self.between()
        return high - low > 1e-6 * (abs(low) + abs(high)) + 1e-9

    def or_those_of(self, other: "Slopes") -> "Slopes":
        """Return bounds that include both these slopes and the others."""
        low, high = np.minimum(self.low, other.low), np.maximum(self.high, other.high)
        return Slopes(low, high, self.none or other.none)

    def between(self, outputs: Any = ...) -> tuple[float, float]:
        """Return the bounds of the summed slope of all outputs, or of some."""
        return float(np.sum(self.low[outputs])), float(np.sum(self.high[outputs]))


@np.errstate(all="ignore")
def slopes(parts: Callable[[float], Array], here: Array) -> Slopes:
    """Return the bounds of the slope of each output: at a kink, the slopes of its two sides."""
    ahead, behind = _side(parts, here, 1), _side(parts, here, -1)
    # at the end of a domain, one of the sides is NaN
    low, high = np.fmin(ahead.low, behind.low), np.fmax(ahead.high, behind.high)
    smooth = central(parts, FINE)
    apart = 1e-3 * (np.abs(low) + np.abs(high)) + 1e-13 * np.abs(here) / FINE
    flat = np.isfinite(smooth) & (high - low <= apart)
    # where only the second derivative jumps, the central difference is inexact; the sides aren't
    low = np.where(flat, np.fmin(low, smooth), low)
    high = np.where(flat, np.fmax(high, smooth), high)
    return Slopes(low, high, ahead.none or behind.none or bool(np.isnan(low).any()))


def _side(parts: Callable[[float], Array], here: Array, sign: int) -> Slopes:
    """Return the slopes to one side; NaN where the domain ends.

    Slopes that grow as the step shrinks belong to a jump or a root. If they only change, as those
    of x**1.5 at 0 do, their limit isn't far from the last one.
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
    """A move along which the gradients' slope isn't the one that differences find."""

    moves: Moves
    position: int
    element: tuple[int, ...] | None
    """The element that moves; None if all elements of one value move together."""
    miss: float


def wrong_moves(
    subject: Subject, u: Array, here: Array, gradients: Sequence[Array], rtol: float, level: int
) -> list[Wrong]:
    """Return the elements whose gradients are wrong, or else the ties whose shares are wrong.

    Each element moves alone; at a kink, any slope between those of the two sides is right. Then
    elements of equal value, which may tie, move together. That doesn't break the tie, so their
    shares must sum to the slope found. One of them may have any share, up to the whole: where a
    sort puts it is a convention. From second order on, a kink may give NaN, because the choice
    made there in the first derivative doesn't tell how it varies.
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
        # elements at 0 are left out: they may be at a kink without any tie
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
    """Return the elements to check: all, or if there are many, the part with the largest error."""
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
    """Return, for each value that repeats, the move of all its elements together."""
    flat = np.concatenate([np.asarray(x).reshape(-1) for x in variables])
    repeated, counts = np.unique(flat[np.isfinite(flat)], return_counts=True)
    return {
        value: {
            i: (x == value).astype(x.dtype) for i, x in enumerate(variables) if (x == value).any()
        }
        for value in repeated[counts > 1][:most]
    }
