"""Layers that bring values into another order or shape, and compute nothing."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from autograd_lite import Tensor, TensorLike, as_tensor
from autograd_lite.errors import ShapeError
from nn.functional import channel_shuffle, fold, pixel_shuffle, pixel_unshuffle, unfold
from nn.functional.per_axis import PerAxis, is_integer, per_axis
from nn.layers.construction import call_with
from nn.module import Module


class Flatten(Module):
    """Join axes: those from ``start_axis`` to ``end_axis`` become one.

    Parameters
    ----------
    start_axis, end_axis : int
        By default, all but the first: what fully connected layers take.

    Raises
    ------
    ShapeError
        When called: if ``x`` lacks these axes, or the last one comes before the first.

    Examples
    --------
    >>> import numpy as np
    >>> Flatten()(np.zeros((64, 8, 12, 12))).shape
    (64, 1152)
    """

    def __init__(self, start_axis: int = 1, end_axis: int = -1) -> None:
        if not (is_integer(start_axis) and is_integer(end_axis)):
            raise ShapeError(f"Flatten: axes must be integers: {start_axis!r}, {end_axis!r}")
        self.start_axis, self.end_axis = int(start_axis), int(end_axis)

    def forward(self, x: TensorLike) -> Tensor:
        """Return the same values with fewer axes."""
        x = as_tensor(x)
        ndim = max(x.ndim, 1)
        start, end = self.start_axis, self.end_axis
        if not (-ndim <= start < ndim and -ndim <= end < ndim and start % ndim <= end % ndim):
            raise ShapeError(f"Flatten: x of shape {x.shape} has no axes from {start} to {end}")
        start, end = start % ndim, end % ndim
        return x.reshape(*x.shape[:start], prod(x.shape[start : end + 1]), *x.shape[end + 1 :])

    def signature(self) -> str:
        """Return the constructor call."""
        return call_with(self, start_axis=(self.start_axis, 1), end_axis=(self.end_axis, -1))


class Unflatten(Module):
    """Split one axis into several.

    Parameters
    ----------
    axis : int
    unflattened_size : sequence of int
        The lengths of the new axes; one may be -1, and is then found.

    Raises
    ------
    ShapeError
        If the lengths aren't positive integers, or more than one is -1. When called: if ``x`` lacks
        the axis, or it can't be split so.

    Examples
    --------
    >>> import numpy as np
    >>> Unflatten(1, (8, 12, -1))(np.zeros((64, 1152))).shape
    (64, 8, 12, 12)
    """

    def __init__(self, axis: int, unflattened_size: Sequence[int]) -> None:
        call = f"Unflatten({axis}, {unflattened_size})"
        several = tuple(unflattened_size) if isinstance(unflattened_size, list | tuple) else ()
        wrong = [n for n in several if not is_integer(n) or (n < 1 and n != -1)]
        if not is_integer(axis) or not several or wrong or several.count(-1) > 1:
            raise ShapeError(f"{call}: give an axis, and its new lengths, of which one may be -1")
        self.axis = int(axis)
        self.unflattened_size = tuple(int(n) for n in several)

    def forward(self, x: TensorLike) -> Tensor:
        """Return the same values with more axes."""
        x = as_tensor(x)
        size = self.unflattened_size
        if not -x.ndim <= self.axis < x.ndim:
            raise ShapeError(f"Unflatten: x of shape {x.shape} has no axis {self.axis}")
        axis = self.axis % x.ndim
        n, known = x.shape[axis], prod(length for length in size if length != -1)
        if n % known if -1 in size else n != known:
            raise ShapeError(
                f"Unflatten: axis {axis} of shape {x.shape} can't be split into {size}"
            )
        lengths = (n // known if length == -1 else length for length in size)
        return x.reshape(*x.shape[:axis], *lengths, *x.shape[axis + 1 :])

    def signature(self) -> str:
        """Return the constructor call."""
        return f"Unflatten({self.axis}, {self.unflattened_size})"


class _Windows(Module):
    kernel_size: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: tuple[int, ...]
    stride: tuple[int, ...]

    def _set(
        self, kernel_size: PerAxis, dilation: PerAxis, padding: PerAxis, stride: PerAxis
    ) -> None:
        call = type(self).__name__
        self.kernel_size = per_axis(call, "kernel_size", kernel_size, 2)
        self.dilation = per_axis(call, "dilation", dilation, 2)
        self.padding = per_axis(call, "padding", padding, 2, least=0)
        self.stride = per_axis(call, "stride", stride, 2)

    def _call(self, *sizes: tuple[int, ...]) -> str:
        return call_with(
            self,
            *sizes,
            self.kernel_size,
            dilation=(self.dilation, 1),
            padding=(self.padding, 0),
            stride=(self.stride, 1),
        )


class Unfold(_Windows):
    """All windows of images as the columns of a matrix; see :func:`nn.functional.unfold`.

    Parameters
    ----------
    kernel_size, dilation, padding, stride : int or (int, int)

    Raises
    ------
    ShapeError
        If an option isn't one or two integers. When called: if ``x`` has no shape of images, or no
        window fits.
    DomainError
        If an option is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> Unfold(3, padding=1)(np.zeros((64, 8, 12, 12))).shape
    (64, 72, 144)
    """

    def __init__(
        self, kernel_size: PerAxis, dilation: PerAxis = 1, padding: PerAxis = 0, stride: PerAxis = 1
    ) -> None:
        self._set(kernel_size, dilation, padding, stride)

    def forward(self, x: TensorLike) -> Tensor:
        """Return the columns, shape (n, c kh kw, windows)."""
        return unfold(x, self.kernel_size, self.dilation, self.padding, self.stride)

    def signature(self) -> str:
        """Return the constructor call."""
        return self._call()


class Fold(_Windows):
    """Images in which the windows in columns are added up; see :func:`nn.functional.fold`.

    Parameters
    ----------
    output_size : int or (int, int)
        The height and width of the images.
    kernel_size, dilation, padding, stride : int or (int, int)

    Raises
    ------
    ShapeError
        If an option isn't one or two integers. When called: if ``x`` doesn't fit the windows.
    DomainError
        If an option is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> Fold(12, 3, padding=1)(np.zeros((64, 72, 144))).shape
    (64, 8, 12, 12)
    """

    def __init__(
        self,
        output_size: PerAxis,
        kernel_size: PerAxis,
        dilation: PerAxis = 1,
        padding: PerAxis = 0,
        stride: PerAxis = 1,
    ) -> None:
        self.output_size = per_axis("Fold", "output_size", output_size, 2)
        self._set(kernel_size, dilation, padding, stride)

    def forward(self, x: TensorLike) -> Tensor:
        """Return the images, shape (n, c, height, width)."""
        return fold(x, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)

    def signature(self) -> str:
        """Return the constructor call."""
        return self._call(self.output_size)


class PixelShuffle(Module):
    """Channels into places, for larger images; see :func:`nn.functional.pixel_shuffle`.

    Parameters
    ----------
    upscale_factor : int

    Raises
    ------
    ShapeError, DomainError
        If the factor isn't a positive integer. When called: if it doesn't divide the channels.

    Examples
    --------
    >>> import numpy as np
    >>> PixelShuffle(3)(np.zeros((1, 9, 4, 4))).shape
    (1, 1, 12, 12)
    """

    def __init__(self, upscale_factor: int) -> None:
        (self.upscale_factor,) = per_axis("PixelShuffle", "upscale_factor", upscale_factor, 1)

    def forward(self, x: TensorLike) -> Tensor:
        """Return the larger images."""
        return pixel_shuffle(x, self.upscale_factor)

    def signature(self) -> str:
        """Return the constructor call."""
        return call_with(self, self.upscale_factor)


class PixelUnshuffle(Module):
    """Places into channels, for smaller images; see :func:`nn.functional.pixel_unshuffle`.

    Parameters
    ----------
    downscale_factor : int

    Raises
    ------
    ShapeError, DomainError
        If the factor isn't a positive integer. When called: if it doesn't divide height and width.

    Examples
    --------
    >>> import numpy as np
    >>> PixelUnshuffle(3)(np.zeros((1, 1, 12, 12))).shape
    (1, 9, 4, 4)
    """

    def __init__(self, downscale_factor: int) -> None:
        (self.downscale_factor,) = per_axis(
            "PixelUnshuffle", "downscale_factor", downscale_factor, 1
        )

    def forward(self, x: TensorLike) -> Tensor:
        """Return the smaller images."""
        return pixel_unshuffle(x, self.downscale_factor)

    def signature(self) -> str:
        """Return the constructor call."""
        return call_with(self, self.downscale_factor)


class ChannelShuffle(Module):
    """Deal out the channels of groups anew; see :func:`nn.functional.channel_shuffle`.

    Parameters
    ----------
    groups : int

    Raises
    ------
    ShapeError, DomainError
        If ``groups`` isn't a positive integer. When called: if it doesn't divide the channels.

    Examples
    --------
    >>> import numpy as np
    >>> ChannelShuffle(2)(np.zeros((1, 4, 3, 3))).shape
    (1, 4, 3, 3)
    """

    def __init__(self, groups: int) -> None:
        (self.groups,) = per_axis("ChannelShuffle", "groups", groups, 1)

    def forward(self, x: TensorLike) -> Tensor:
        """Return the images with their channels in another order."""
        return channel_shuffle(x, self.groups)

    def signature(self) -> str:
        """Return the constructor call."""
        return call_with(self, self.groups)
