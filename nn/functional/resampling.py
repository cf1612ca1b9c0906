"""Images in another size, by interpolation along one axis after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import floor, isfinite
from typing import Any, NamedTuple

import numpy as np

from autograd_lite import Primitive, Tensor, TensorLike, as_tensor
from autograd_lite.errors import DomainError, ShapeError
from nn.functional.per_axis import PerAxis, per_axis

Taps = tuple[tuple[tuple[int, ...], tuple[float, ...] | None], ...]
"""Places along an axis, one for each new value, and their weights; None for 1. Several of both."""

_HALF = np.dtype(np.float16)


def _resample(x: Any, axis: int, length: int, taps: Taps) -> Any:
    half = x.dtype == _HALF
    if half:
        x = x.astype(np.float32)
    total: Any = None
    for places, weights in taps:
        part = np.take(x, np.array(places, int), axis)
        if weights is not None:
            part = part * _along(axis, weights, x)
        total = part if total is None else total + part
    return total.astype(_HALF) if half else total


def _bring_back(g: Any, axis: int, length: int, taps: Taps) -> Any:
    half = g.dtype == _HALF
    if half:  # it can't be added up
        g = g.astype(np.float32)
    out = np.zeros_like(g, shape=(*g.shape[:axis], length, *g.shape[axis + 1 :]), order="C")
    for places, weights in taps:
        part = g if weights is None else g * _along(axis, weights, g)
        # places never go back, so that each is one stretch
        found, starts = np.unique(np.array(places, int), return_index=True)
        sums = np.add.reduceat(part, starts, axis=axis)
        out[(slice(None),) * axis + (found,)] += sums
    return out.astype(_HALF) if half else out


def _along(axis: int, weights: Sequence[float], x: Any) -> Any:
    return np.array(weights, x.dtype).reshape(-1, *(1,) * (x.ndim - axis - 1))


resampled: Primitive = Primitive(
    "interpolate",
    _resample,
    [lambda g, y, x, **options: brought_back(g, **options)],
)

# the transpose: each new value goes back to the places that it was made of
brought_back: Primitive = Primitive(
    "interpolate_back",
    _bring_back,
    [lambda u, y, g, **options: resampled(u, **options)],
)


class _Scale(NamedTuple):
    """How places in the result and in the original belong together, along one axis.

    Attributes
    ----------
    length, new : int
        The lengths of both.
    step : float
        How far apart in the original two neighbours of the result are.
    corners : bool
        Whether the centres of the first and the last values are aligned, and not the borders.
    """

    length: int
    new: int
    step: float
    corners: bool

    def positions(self) -> Any:
        """Return where in the original the values of the result are, in float64."""
        places = np.arange(self.new)
        if self.corners:
            return places * ((self.length - 1) / (self.new - 1) if self.new > 1 else 0.0)
        return self.step * (places + 0.5) - 0.5

    def at(self, places: Any) -> tuple[int, ...]:
        """Return places as indices, those beyond the ends moved to the ends."""
        return tuple(np.clip(places, 0, self.length - 1).astype(int).tolist())


def _nearest(scale: _Scale) -> Taps:
    places = np.arange(scale.new)
    # in float32, as PyTorch does it: which of two neighbours it is may depend on the last bit
    return ((scale.at(np.floor(places.astype(np.float32) * np.float32(scale.step))), None),)


def _itself(scale: _Scale) -> Taps:
    return ((tuple(range(scale.length)), None),)


def _nearest_exact(scale: _Scale) -> Taps:
    places = np.arange(scale.new, dtype=np.float32) + np.float32(0.5)
    return ((scale.at(np.floor(places * np.float32(scale.step))), None),)


def _linear(scale: _Scale) -> Taps:
    positions = np.maximum(scale.positions(), 0)
    lower = np.minimum(np.floor(positions), scale.length - 1)
    share = np.clip(positions - lower, 0, 1)
    return (
        (scale.at(lower), tuple((1 - share).tolist())),
        (scale.at(lower + 1), tuple(share.tolist())),
    )


def _cubic(scale: _Scale) -> Taps:
    positions = scale.positions()
    lower = np.floor(positions)
    return tuple(
        (scale.at(lower + i), tuple(_keys(np.abs(positions - lower - i)).tolist()))
        for i in (-1, 0, 1, 2)
    )


def _keys(distance: Any, a: float = -0.75) -> Any:
    """Return the weights of values at these distances, below 2 (Keys, 1981, with PyTorch's a)."""
    near = ((a + 2) * distance - (a + 3)) * distance**2 + 1
    far = ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a
    return np.where(distance <= 1, near, far)


class _Mode(NamedTuple):
    taps: Callable[[_Scale], Taps]
    ranks: tuple[int, ...]
    has_corners: bool
    keeps: bool


MODES = {
    "nearest": _Mode(_nearest, (1, 2, 3), False, True),
    "nearest-exact": _Mode(_nearest_exact, (1, 2, 3), False, False),
    "linear": _Mode(_linear, (1,), True, True),
    "bilinear": _Mode(_linear, (2,), True, True),
    "trilinear": _Mode(_linear, (3,), True, True),
    "bicubic": _Mode(_cubic, (2,), True, False),
}
"""How modes weight neighbours, for how many axes, with corners, and what keeps equal lengths."""


def interpolate(
    x: TensorLike,
    size: PerAxis | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
) -> Tensor:
    """Return signals, images or volumes in another size.

    Parameters
    ----------
    x : array_like, shape (n, c, length), (n, c, height, width) or (n, c, depth, height, width)
    size : int or sequence of int, optional
        The new lengths of the axes behind the channels. Give this or ``scale_factor``.
    scale_factor : float or sequence of float, optional
        By how much to multiply the lengths; the result is rounded down.
    mode : str
        - ``"nearest"``: the value whose cell begins at or before the new one, as PyTorch has it;
        - ``"nearest-exact"``: the value that is nearest to the middle of the new one;
        - ``"linear"``, ``"bilinear"``, ``"trilinear"``: for one, two and three axes, between two
          neighbours along each;
        - ``"bicubic"``: for two axes, by cubic convolution over four neighbours.
    align_corners : bool, optional
        For the modes that weight neighbours: whether the middles of the corner values stay the
        corners, and not the borders of the image. False by default.
    recompute_scale_factor : bool, optional
        Take the ratio of the lengths for the scale, and not ``scale_factor`` itself, from which it
        differs where the new length was rounded.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If ``x`` has another number of axes than the mode is for, an axis is empty, or a new length
        would be.
    DomainError
        If not one of ``size`` and ``scale_factor`` is given, or an option doesn't fit the mode.

    Notes
    -----
    There is no smoothing beforehand: an image that is made much smaller keeps a part of its values
    only. If a length stays the same although ``scale_factor`` isn't 1, ``"nearest"`` and linear
    interpolation leave that axis as it is; so does PyTorch, but for the result (and not the
    gradient) of ``"nearest"`` along one and three axes.

    Keys, Cubic convolution interpolation for digital image processing, 1981.

    Examples
    --------
    >>> interpolate([[[1.0, 2.0]]], scale_factor=2)
    Tensor([[[1., 1., 2., 2.]]])
    >>> interpolate([[[1.0, 2.0]]], size=4, mode="linear")
    Tensor([[[1.  , 1.25, 1.75, 2.  ]]])
    """
    x = as_tensor(x)
    check_options("interpolate", size, scale_factor, mode, align_corners)
    rank = x.ndim - 2
    if rank not in MODES[mode].ranks:
        axes = " or ".join(str(2 + n) for n in MODES[mode].ranks)
        raise ShapeError(
            f"interpolate: mode {mode!r} is for arrays of {axes} axes, batch and channels first; x "
            f"has shape {x.shape}"
        )
    lengths = x.shape[2:]
    factors = _factors(scale_factor, rank)
    if factors is None:
        new = per_axis("interpolate", "size", size, rank)
    else:
        new = tuple(floor(n * factor) for n, factor in zip(lengths, factors, strict=True))
    if min(lengths) < 1 or min(new) < 1:
        raise ShapeError(f"interpolate: no axis may be empty; x has {lengths}, the result {new}")
    y: Tensor = x
    own_scale = factors is not None and not recompute_scale_factor
    for i, (length, to) in enumerate(zip(lengths, new, strict=True)):
        step = 1 / factors[i] if factors is not None and own_scale else length / to
        scale = _Scale(length, to, step, bool(align_corners))
        chosen = MODES[mode]
        taps = _itself(scale) if length == to and chosen.keeps else chosen.taps(scale)
        y = resampled(y, axis=2 + i, length=length, taps=taps)
    return y


def check_options(
    call: str, size: Any, scale_factor: Any, mode: str, align_corners: bool | None
) -> None:
    """Raise a DomainError if options don't fit each other."""
    if mode not in MODES:
        raise DomainError(f"{call}: mode must be one of {', '.join(MODES)}; it is {mode!r}")
    if (size is None) == (scale_factor is None):
        raise DomainError(f"{call}: give either size or scale_factor")
    if align_corners is not None and not MODES[mode].has_corners:
        raise DomainError(f"{call}: mode {mode!r} has no align_corners")
    if size is not None:
        per_axis(call, "size", size, len(size) if isinstance(size, list | tuple) else 1)
    else:
        several = scale_factor if isinstance(scale_factor, list | tuple) else (scale_factor,)
        if not all(isfinite(factor) and factor > 0 for factor in several):
            raise DomainError(
                f"{call}: scale_factor must be positive and finite; it is {scale_factor!r}"
            )


def _factors(scale_factor: Any, rank: int) -> list[float] | None:
    if scale_factor is None:
        return None
    several = (
        list(scale_factor) if isinstance(scale_factor, list | tuple) else [scale_factor] * rank
    )
    if len(several) != rank:
        raise ShapeError(
            f"interpolate: give one scale_factor, or {rank} for {rank} axes; it is {scale_factor!r}"
        )
    return [float(factor) for factor in several]
