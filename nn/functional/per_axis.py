"""Options of windows: one number for all axes, or one for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from autograd_lite.errors import DomainError, ShapeError

PerAxis: TypeAlias = int | Sequence[int]
"""One number for all axes, or one for each."""

NAMES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
"""What the axes behind the channels are called, by how many there are."""


def per_axis(call: str, option: str, value: Any, rank: int, least: int = 1) -> tuple[int, ...]:
    """Return an option as one number for each of ``rank`` axes.

    Parameters
    ----------
    call, option : str
        What to name in an error.
    value : int or sequence of int
    rank : int
    least : int
        The smallest number that is allowed.

    Raises
    ------
    ShapeError
        If there isn't one number for each axis, or it isn't an integer.
    DomainError
        If a number is below ``least``.

    Examples
    --------
    >>> per_axis("conv2d", "stride", 2, rank=2)
    (2, 2)
    """
    several = value if isinstance(value, list | tuple) else (value,) * rank
    if len(several) != rank or not all(is_integer(n) for n in several):
        axes = "" if rank == 1 else f", or {rank} for {', '.join(NAMES[rank])}"
        raise ShapeError(f"{call}: {option} must be an integer{axes}; it is {value!r}")
    if min(several) < least:
        raise DomainError(f"{call}: {option} must be at least {least}; it is {value!r}")
    return tuple(int(n) for n in several)


def is_integer(x: Any) -> bool:
    """Return True for an integer that isn't a truth value."""
    return isinstance(x, int | np.integer) and not isinstance(x, bool)


def layout(rank: int, channels: int | str = "channels") -> str:
    """Return the shapes that images of so many axes may have, in words.

    Examples
    --------
    >>> layout(2, 3)
    '(batch, 3, height, width) or (3, height, width)'
    """
    axes = f"{channels}, {', '.join(NAMES[rank])}"
    return f"(batch, {axes}) or ({axes})"
