"""A line search for the strong Wolfe conditions: how far to go along a direction."""

from collections.abc import Callable
from math import sqrt
from typing import Any, NamedTuple


class Trial(NamedTuple):
    """A point on the line: how far away it is, and the function there.

    Attributes
    ----------
    distance : float
        As a multiple of the direction.
    loss : float
    gradient : array
        Of the function, as one vector.
    slope : float
        The derivative by ``distance``.
    """

    distance: float
    loss: float
    gradient: Any
    slope: float


def strong_wolfe(
    at: Callable[[float], Trial],
    start: Trial,
    first: float,
    *,
    size: float,
    most_rounds: int,
    tolerance: float,
    decrease: float = 1e-4,
    curvature: float = 0.9,
) -> tuple[Trial, int]:
    """Return a point whose loss is lower, and whose slope is flatter, than at the start.

    Parameters
    ----------
    at : callable
        Evaluates the function at a distance.
    start : Trial
        The point of distance 0; its slope is negative.
    first : float
        The distance to try first.
    size : float
        The largest element of the direction.
    most_rounds : int
        How many points may be tried after the first.
    tolerance : float
        The search ends when no parameter would move by more within the interval.
    decrease, curvature : float
        The loss must fall by ``decrease`` of what the slope at the start promises, and the slope
        must shrink to ``curvature`` of it.

    Returns
    -------
    Trial
        The best point, if none fulfils both conditions.
    int
        How many points were tried.

    Notes
    -----
    Nocedal and Wright, Numerical optimization, 2006, algorithms 3.5 and 3.6, with cubic
    interpolation. The safeguards are those of Schmidt's minFunc, as in PyTorch.
    """
    promised = decrease * start.slope
    flat = -curvature * start.slope
    previous, new = start, at(first)
    rounds = 0
    ends: list[Trial] = []
    while rounds < most_rounds:  # go farther until there is a minimum in between
        worse = new.loss > start.loss + new.distance * promised
        worse = worse or (rounds > 1 and new.loss >= previous.loss)
        if not worse and abs(new.slope) <= flat:
            return new, 1 + rounds
        if worse or new.slope >= 0:
            ends = [previous, new]
            break
        nearest = new.distance + 0.01 * (new.distance - previous.distance)
        distance = cubic_minimum(previous, new, nearest, 10 * new.distance)
        previous, new = new, at(distance)
        rounds += 1
    else:
        ends = [start, new]
    low, high = sorted(ends, key=lambda end: end.loss)
    hesitated = False
    while rounds < most_rounds:  # the interval from low to high holds a minimum: make it shorter
        left, right = sorted((low.distance, high.distance))
        if (right - left) * size < tolerance:
            break
        distance = cubic_minimum(low, high, left, right)
        margin = 0.1 * (right - left)
        if min(right - distance, distance - left) >= margin:
            hesitated = False
        elif hesitated or not left < distance < right:
            near_right = abs(distance - right) < abs(distance - left)
            distance = right - margin if near_right else left + margin
            hesitated = False
        else:
            hesitated = True
        new = at(distance)
        rounds += 1
        if new.loss > start.loss + new.distance * promised or new.loss >= low.loss:
            high = new
            if high.loss < low.loss:
                low, high = high, low
            continue
        if abs(new.slope) <= flat:
            return new, 1 + rounds
        if new.slope * (high.distance - low.distance) >= 0:
            high = low
        low = new
    return low, 1 + rounds


def cubic_minimum(a: Trial, b: Trial, least: float, most: float) -> float:
    """Return where the cubic through two points, with their slopes, has its minimum.

    It is kept within bounds. If there is no minimum, it is the middle between them.

    Examples
    --------
    >>> a, b = Trial(0.0, 1.0, None, -2.0), Trial(3.0, 4.0, None, 4.0)
    >>> cubic_minimum(a, b, 0.0, 3.0)  # of (x - 1)**2
    1.0
    """
    if a.distance > b.distance:
        a, b = b, a
    width = b.distance - a.distance
    if width > 0:
        bend = a.slope + b.slope - 3 * (b.loss - a.loss) / width
        square = bend * bend - a.slope * b.slope
        if square >= 0:
            root = sqrt(square)
            divisor = b.slope - a.slope + 2 * root
            if divisor:
                minimum = b.distance - width * ((b.slope + root - bend) / divisor)
                return min(max(minimum, least), most)
    return (least + most) / 2
