"""Padding of the last axes, with PyTorch's arguments; negative widths crop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_lite import Tensor, TensorLike, as_tensor
from autograd_lite import pad as numpy_pad
from autograd_lite.errors import DomainError, ShapeError
from nn.functional.per_axis import is_integer

PADDING_MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge"}
PADDING_MODES["circular"] = "wrap"
"""The modes, and what NumPy calls them."""


def pad(
    x: TensorLike, pad: Sequence[int], mode: str = "constant", value: float | None = None
) -> Tensor:
    """Return ``x`` with values added at the ends of its last axes, or cut off.

    Parameters
    ----------
    x : array_like
    pad : sequence of int
        (left, right) for the last axis, then the same for the one before it, and so on:
        (left, right, top, bottom) for images. Negative numbers cut off.
    mode : {"constant", "reflect", "replicate", "circular"}
        What to add: ``value``; the values mirrored at the border, without the border value; the
        border value; the values from the other end.
    value : float, optional
        For ``"constant"``; 0 by default.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If there aren't two integers for each axis, more is cut off than there is, or the mode has
        too few values to add.
    DomainError
        If there is no such mode, or it doesn't take a value.

    Examples
    --------
    >>> pad([[1.0, 2.0, 3.0]], (1, 2))
    Tensor([[0., 1., 2., 3., 0., 0.]])
    >>> pad([[1.0, 2.0, 3.0]], (-1, 2), mode="circular")
    Tensor([[2., 3., 2., 3.]])
    """
    x = as_tensor(x)
    if mode not in PADDING_MODES:
        raise DomainError(f"pad: mode must be one of {', '.join(PADDING_MODES)}; it is {mode!r}")
    if value is not None and mode != "constant":
        raise DomainError(f"pad: mode {mode!r} takes no value")
    several = list(pad) if isinstance(pad, list | tuple) else []
    if not all(map(is_integer, several)) or not 0 < len(several) <= 2 * x.ndim or len(several) % 2:
        raise ShapeError(
            f"pad: give two integers, before and after, for each of at most {x.ndim} axes, the "
            f"last axis first; they are {pad!r}"
        )
    pairs = list(zip(several[::2], several[1::2], strict=True))[::-1]
    _require_room(x, pairs, mode)
    cut = (..., *(slice(max(0, -a), -max(0, -b) or None) for a, b in pairs))
    added = [(0, 0)] * (x.ndim - len(pairs)) + [(max(0, a), max(0, b)) for a, b in pairs]
    crops = any(n < 0 for n in several)
    if crops and mode == "circular":  # what is cut off isn't there to be added
        x = x[cut]
    if any(map(any, added)):
        options: dict[str, Any] = {} if value is None else {"constant_values": value}
        x = numpy_pad(x, added, PADDING_MODES[mode], **options)
    return x[cut] if crops and mode != "circular" else x


def _require_room(x: Tensor, pairs: list[tuple[int, int]], mode: str) -> None:
    """Raise a ShapeError if the axes are too short."""
    for axis, (before, after) in enumerate(pairs, start=x.ndim - len(pairs)):
        n, most = x.shape[axis], max(before, after)
        rest = n + min(before, 0) + min(after, 0)
        if rest < (0 if mode == "constant" else 1):
            problem = f"mode {mode!r} needs a value that is left"
        elif mode == "reflect" and most >= n:
            problem = "mode 'reflect' needs more values than it adds on one side"
        elif mode == "circular" and most > rest:
            problem = "mode 'circular' needs as many values as it adds on one side"
        else:
            continue
        raise ShapeError(f"pad: {problem}; axis {axis} of shape {x.shape} gets {(before, after)}")
