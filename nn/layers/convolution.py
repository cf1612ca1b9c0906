"""Convolution along one, two and three axes."""

from __future__ import annotations

from math import prod, sqrt

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, TensorLike, as_tensor
from autograd_lite.errors import DomainError
from nn.functional import pad
from nn.functional.convolution.functions import (
    Padding,
    convolved,
    paddings,
    require_channels,
    require_groups,
)
from nn.functional.per_axis import PerAxis, per_axis
from nn.init import Initializer
from nn.layers.construction import (
    call_with,
    parameter,
    require_floating,
    require_sizes,
    uniform_within,
)
from nn.module import Module

_MODES = ("zeros", "reflect", "replicate", "circular")


class _Convolution(Module):
    rank: int

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: PerAxis,
        stride: PerAxis = 1,
        padding: Padding = 0,
        dilation: PerAxis = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        *,
        weight_init: Initializer | None = None,
        bias_init: Initializer | None = None,
        dtype: npt.DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        name, rank = type(self).__name__, self.rank
        call = f"{name}({in_channels}, {out_channels}, {kernel_size})"
        require_sizes(call, in_channels, out_channels)
        require_floating(name, dtype)
        self.in_channels, self.out_channels = int(in_channels), int(out_channels)
        self.kernel_size = per_axis(call, "kernel_size", kernel_size, rank)
        self.stride = per_axis(call, "stride", stride, rank)
        self.dilation = per_axis(call, "dilation", dilation, rank)
        pairs = paddings(call, padding, self.kernel_size, self.stride, self.dilation)
        by_name = isinstance(padding, str)
        self.padding = padding if by_name else tuple(before for before, _ in pairs)
        require_groups(call, groups, in_channels=in_channels, out_channels=out_channels)
        self.groups = int(groups)
        if padding_mode not in _MODES:
            raise DomainError(
                f"{call}: padding_mode must be one of {', '.join(_MODES)}; it is {padding_mode!r}"
            )
        self.padding_mode = padding_mode
        generator = np.random.default_rng(rng)
        shape = (*self.kernel_size, self.in_channels // self.groups, self.out_channels)
        default = uniform_within(1 / sqrt(prod(shape[:-1])))
        order = (rank + 1, rank, *range(rank))
        self.weight = parameter(weight_init or default, generator, shape, dtype, order)
        self.bias = (
            parameter(bias_init or default, generator, (self.out_channels,), dtype)
            if bias
            else None
        )

    def forward(self, x: TensorLike) -> Tensor:
        """Return the pre-activation; ``x`` has the same axes, or lacks that of the batch."""
        call, padding = f"conv{self.rank}d", self.padding
        if self.padding_mode != "zeros":
            x = as_tensor(x)
            require_channels(call, x, self.rank, self.in_channels)
            pairs = paddings(call, padding, self.kernel_size, self.stride, self.dilation)
            widths = [n for pair in reversed(pairs) for n in pair]
            if any(widths):
                x = pad(x, widths, self.padding_mode)
            padding = 0
        return convolved(
            call,
            self.rank,
            x,
            self.weight,
            self.bias,
            self.stride,
            padding,
            self.dilation,
            self.groups,
        )

    def signature(self) -> str:
        """Return the constructor call."""
        sizes = self.in_channels, self.out_channels, self.kernel_size
        options = {
            "stride": (self.stride, 1),
            "padding": (self.padding, 0),
            "dilation": (self.dilation, 1),
            "groups": (self.groups, 1),
            "bias": (self.bias is not None, True),
            "padding_mode": (self.padding_mode, "zeros"),
        }
        return call_with(self, *sizes, **options)


class Conv1d(_Convolution):
    """Convolution of signals, shape (n, in_channels, length) or without the batch axis.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int
        The length of a window.
    stride, padding, dilation, groups, bias, padding_mode
        As those of :class:`Conv2d`.
    weight_init, bias_init, dtype, rng
        As those of :class:`Conv2d`.

    Attributes
    ----------
    weight : Tensor, shape (out_channels, in_channels / groups, k)
    bias : Tensor, shape (out_channels,), or None

    Raises
    ------
    ShapeError, DomainError, DTypeError
        As :class:`Conv2d`.

    Examples
    --------
    >>> Conv1d(2, 3, 5, padding="same", rng=0)([[1.0] * 8, [2.0] * 8]).shape
    (3, 8)
    """

    rank = 1


class Conv2d(_Convolution):
    """Convolution of images, shape (n, in_channels, height, width) or without the batch axis.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int or (int, int)
        The height and width of a window.
    stride : int or (int, int)
        Steps from one window to the next.
    padding : int or (int, int), or {"valid", "same"}
        How many values to put on each side. ``"same"`` gives outputs as large as the images, and
        needs a stride of 1; if the number is odd, there is one more at the end.
    dilation : int or (int, int)
        Steps between the values of a window.
    groups : int
        Into how many groups the channels are split, each with its part of the outputs.
        ``groups=in_channels`` is depthwise convolution.
    bias : bool
        Add a bias.
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
        What to put around the image; see :func:`nn.functional.pad`.
    weight_init, bias_init : callable, optional
        ``(rng, shape, dtype) -> array``, as in :mod:`nn.init`. That of the weight is asked for the
        shape (kh, kw, in_channels / groups, out_channels). By default, both are drawn uniformly
        from ±1 / sqrt(fan_in), with fan_in = kh kw in_channels / groups, as PyTorch's are.
    dtype : dtype
        Real and floating.
    rng : numpy.random.Generator or int, optional
        Draws the initial values; an int is a seed.

    Attributes
    ----------
    weight : Tensor, shape (out_channels, in_channels / groups, kh, kw)
    bias : Tensor, shape (out_channels,), or None

    Raises
    ------
    ShapeError
        If a size isn't a positive integer, or an option has the wrong number of entries. When
        called: if the images have other axes or channels, or are smaller than a window.
    DomainError
        If an option is out of range.
    DTypeError
        If ``dtype`` isn't real and floating.

    Notes
    -----
    The output may have its channels last in memory, which is faster where there are many. The
    shape tells nothing of that.

    Examples
    --------
    >>> layer = Conv2d(1, 8, 5, padding=2, rng=0)
    >>> layer
    Conv2d(1, 8, 5, padding=2): 208 parameters
    >>> import numpy as np
    >>> layer(np.zeros((64, 1, 28, 28), np.float32)).shape
    (64, 8, 28, 28)
    """

    rank = 2


class Conv3d(_Convolution):
    """Convolution of volumes, shape (n, in_channels, depth, height, width), or without the n.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int or (int, int, int)
        The depth, height and width of a window.
    stride, padding, dilation, groups, bias, padding_mode
        As those of :class:`Conv2d`.
    weight_init, bias_init, dtype, rng
        As those of :class:`Conv2d`.

    Attributes
    ----------
    weight : Tensor, shape (out_channels, in_channels / groups, kd, kh, kw)
    bias : Tensor, shape (out_channels,), or None

    Raises
    ------
    ShapeError, DomainError, DTypeError
        As :class:`Conv2d`.

    Examples
    --------
    >>> import numpy as np
    >>> Conv3d(1, 2, 3, rng=0)(np.zeros((1, 5, 6, 7), np.float32)).shape
    (2, 3, 4, 5)
    """

    rank = 3
