"""Windows that slide along one axis: where their values lie, and how values get back there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any, TypeAlias, final

import numpy as np

from autograd_lite import EveryInput, Primitive, Tensor, TensorLike, concatenate
from autograd_lite.errors import DomainError, ShapeError
from nn.functional.operands import real
from nn.functional.per_axis import layout


@final
@dataclass(frozen=True)
class Windows:
    """Windows along one axis, seen place by place: the first values of all windows, the second ...

    Attributes
    ----------
    axis : int
        Counted from the end.
    length, count : int
        The length of the axis, and the number of windows.
    starts, offsets : tuple of int
        Where each window begins, and where each place lies from there.
    places : tuple of (slice, slice)
        For each place: which windows have a value there, and where these values lie. Places of
        which all lie in the padding are left out.
    disjoint : bool
        No value is in two windows.
    whole : bool
        Every window has a value at every place.
    """

    axis: int
    length: int
    count: int
    starts: tuple[int, ...]
    offsets: tuple[int, ...]
    places: tuple[tuple[slice, slice], ...]
    disjoint: bool
    whole: bool

    @property
    def identity(self) -> bool:
        """Whether each window is one value, and all values are windows."""
        return self.whole and len(self.places) == 1 and self.count == self.length

    def index(self, part: slice) -> tuple[Any, ...]:
        """Return the index of a part of the axis."""
        return (..., part, *(slice(None),) * (-self.axis - 1))

    def shape(self, shape: Sequence[int], length: int) -> tuple[int, ...]:
        """Return a shape with another length of the axis."""
        return (*shape[: self.axis], length, *shape[len(shape) + self.axis + 1 :])


def sliding(
    call: str,
    axis: int,
    length: int,
    kernel: int,
    stride: int,
    padding: int = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
) -> Windows:
    """Return windows of ``kernel`` values, each ``stride`` behind the one before it.

    Raises
    ------
    ShapeError
        If there is no window, or one lies in the padding alone.
    """
    extent = dilation * (kernel - 1) + 1
    count = (ceil if ceil_mode else floor)((length + 2 * padding - extent) / stride) + 1
    if ceil_mode and (count - 1) * stride >= length + padding:
        count -= 1  # the last window would begin in the padding behind
    places = {}
    filled = np.zeros(max(count, 0), bool)
    for offset in range(0, extent, dilation):
        first = offset - padding  # in the first window
        start, stop = max(0, ceil(-first / stride)), min(count, (length - 1 - first) // stride + 1)
        if start < stop:
            at = slice(first + start * stride, first + (stop - 1) * stride + 1, stride)
            places[offset] = slice(start, stop), at
            filled[start:stop] = True
    if not filled.all() or not filled.size:
        problem = "one of the windows has none of" if filled.size else "no window fits into"
        raise ShapeError(
            f"{call}: {problem} the {length} values along axis {axis}; make the input longer, or "
            "the kernel or dilation smaller"
        )
    return Windows(
        axis,
        length,
        count,
        tuple(range(-padding, count * stride - padding, stride)),
        tuple(places),
        tuple(places.values()),
        disjoint=len({offset * dilation % stride for offset in range(kernel)}) == kernel,
        whole=all(out == slice(0, count) for out, _ in places.values()),
    )


Stretches: TypeAlias = list[tuple[int, Windows]]
"""Windows along one axis, in stretches of it, each with its first position."""


def parts_of(x: Tensor, stretches: Stretches) -> Iterator[tuple[Tensor, int, Windows]]:
    """Yield the stretches of ``x``, with their first positions and windows."""
    for start, windows in stretches:
        stretch = windows.index(slice(start, start + windows.length))
        yield x if windows.length == x.shape[windows.axis] else x[stretch], start, windows


def unchanged(stretches: Stretches) -> bool:
    """Return True if pooling leaves the values along the axis as they are."""
    return len(stretches) == 1 and stretches[0][1].identity


def joined(parts: list[Tensor], axis: int) -> Tensor:
    """Return the parts as one tensor."""
    return parts[0] if len(parts) == 1 else concatenate(parts, axis=axis)


# ---- the transpose of taking windows apart


def _placed(*parts: Any, windows: Windows) -> Any:
    first = parts[0]
    shape = windows.shape(first.shape, windows.length)
    half = first.dtype == np.float16 and not windows.disjoint  # added up in float32
    out = np.zeros_like(first, shape=shape, dtype=np.float32 if half else None)
    for part, (_, at) in zip(parts, windows.places, strict=True):
        if windows.disjoint:
            out[windows.index(at)] = part
        else:
            view = out[windows.index(at)]
            np.add(view, part, out=view)
    return out.astype(first.dtype) if half else out


def _placed_rule(position: int, g: Any, y: Any, *parts: Any, windows: Windows) -> Any:
    return g[windows.index(windows.places[position][1])]


# from the values at each place of the windows: where windows overlap, they are added up
placed = Primitive("placed", _placed, EveryInput(_placed_rule))


# ---- arguments


def check_padding(call: str, kernel: Sequence[int], padding: Sequence[int]) -> None:
    """Raise a DomainError if the padding is more than half of the kernel."""
    for size, around in zip(kernel, padding, strict=True):
        if around > size // 2:
            raise DomainError(
                f"{call}: padding must be at most half of the kernel, {size // 2} for {size}; it "
                f"is {around}"
            )


def pooled_input(call: str, x: TensorLike, axes: int) -> Tensor:
    """Return ``x`` as a tensor of a real floating dtype: float64 for integers.

    Raises
    ------
    ShapeError
        If it isn't (channels, ...) or (batch, channels, ...), with ``axes`` axes of positive
        lengths in the end.
    DTypeError
        If it is complex.
    """
    tensor = real(call, x)
    if tensor.ndim not in (axes + 1, axes + 2) or 0 in tensor.shape[-axes - 1 :]:
        raise ShapeError(
            f"{call}: x must have the shape {layout(axes)}, and no axis of length 0 but that of "
            f"the batch; it has shape {tensor.shape}"
        )
    return tensor
