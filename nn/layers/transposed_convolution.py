"""Transposed convolution along one, two and three axes."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod, sqrt

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, TensorLike, as_tensor
from autograd_lite.errors import DomainError, ShapeError
from nn.functional.convolution.functions import require_channels, require_groups
from nn.functional.convolution.geometry import Geometry
from nn.functional.convolution.transposed import require_output_padding, sizes, transposed
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


class _TransposedConvolution(Module):
    rank: int

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: PerAxis,
        stride: PerAxis = 1,
        padding: PerAxis = 0,
        output_padding: PerAxis = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: PerAxis = 1,
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
        self.padding = per_axis(call, "padding", padding, rank, least=0)
        self.output_padding = per_axis(call, "output_padding", output_padding, rank, least=0)
        self.dilation = per_axis(call, "dilation", dilation, rank)
        require_output_padding(call, self.output_padding, self.stride, self.dilation)
        require_groups(call, groups, in_channels=in_channels, out_channels=out_channels)
        self.groups = int(groups)
        if padding_mode != "zeros":
            raise DomainError(f'{call}: padding_mode can only be "zeros"; it is {padding_mode!r}')
        generator = np.random.default_rng(rng)
        shape = (*self.kernel_size, self.in_channels, self.out_channels // self.groups)
        default = uniform_within(1 / sqrt(prod(self.kernel_size) * shape[-1]))
        order = (rank, rank + 1, *range(rank))
        self.weight = parameter(weight_init or default, generator, shape, dtype, order)
        self.bias = (
            parameter(bias_init or default, generator, (self.out_channels,), dtype)
            if bias
            else None
        )

    def forward(self, x: TensorLike, output_size: Sequence[int] | None = None) -> Tensor:
        """Return the pre-activation; ``x`` has the same axes, or lacks that of the batch.

        Parameters
        ----------
        x : array_like
        output_size : sequence of int, optional
            The lengths of the axes behind the channels, or the whole shape of the output: one of
            those that a convolution with a stride makes the size of ``x`` of. ``output_padding``
            is then left out of account.
        """
        x = as_tensor(x)
        call = f"conv_transpose{self.rank}d"
        extra = self.output_padding
        if output_size is not None:
            extra = self._output_padding(call, x, tuple(output_size))
        return transposed(
            call,
            self.rank,
            x,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            extra,
            self.groups,
            self.dilation,
        )

    def _output_padding(self, call: str, x: Tensor, wanted: tuple[int, ...]) -> tuple[int, ...]:
        """Return how much has to be added for an output of the wanted size."""
        require_channels(call, x, self.rank, self.in_channels)
        if len(wanted) == x.ndim:
            wanted = wanted[-self.rank :]
        wanted = per_axis(call, "output_size", wanted, self.rank)
        padding = tuple((n, n) for n in self.padding)
        geometry = Geometry(self.stride, padding, self.dilation)
        least = sizes(geometry, x.shape[-self.rank :], self.kernel_size, (0,) * self.rank)
        extra = tuple(n - start for n, start in zip(wanted, least, strict=True))
        if any(not 0 <= n < step for n, step in zip(extra, self.stride, strict=True)):
            most = tuple(n + step - 1 for n, step in zip(least, self.stride, strict=True))
            raise ShapeError(
                f"{call}: output_size must lie between {least} and {most} for x of shape "
                f"{x.shape}; it is {wanted}"
            )
        return extra

    def signature(self) -> str:
        """Return the constructor call."""
        return call_with(
            self,
            self.in_channels,
            self.out_channels,
            self.kernel_size,
            stride=(self.stride, 1),
            padding=(self.padding, 0),
            output_padding=(self.output_padding, 0),
            groups=(self.groups, 1),
            bias=(self.bias is not None, True),
            dilation=(self.dilation, 1),
        )


class ConvTranspose1d(_TransposedConvolution):
    """Transposed convolution of signals, shape (n, in_channels, length), or without the n.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int
    stride, padding, output_padding, groups, bias, dilation, padding_mode
        As those of :class:`ConvTranspose2d`.
    weight_init, bias_init, dtype, rng
        As those of :class:`ConvTranspose2d`.

    Attributes
    ----------
    weight : Tensor, shape (in_channels, out_channels / groups, k)
    bias : Tensor, shape (out_channels,), or None

    Raises
    ------
    ShapeError, DomainError, DTypeError
        As :class:`ConvTranspose2d`.

    Examples
    --------
    >>> ConvTranspose1d(2, 3, 4, stride=2, rng=0)([[1.0] * 8, [2.0] * 8]).shape
    (3, 18)
    """

    rank = 1


class ConvTranspose2d(_TransposedConvolution):
    """Transposed convolution of images, which makes them larger: the gradient of :class:`Conv2d`.

    ``x`` has the shape (n, in_channels, height, width) or lacks the batch axis.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int or (int, int)
    stride : int or (int, int)
        By how much height and width grow, about.
    padding : int or (int, int)
        How much is cut off on each side.
    output_padding : int or (int, int)
        How much is added at the end; see :func:`nn.functional.conv_transpose2d`.
    groups : int
        Into how many groups the channels are split, each with its part of the outputs.
    bias : bool
        Add a bias.
    dilation : int or (int, int)
        Steps between the values of a window.
    padding_mode : "zeros"
        There is no other.
    weight_init, bias_init : callable, optional
        ``(rng, shape, dtype) -> array``, as in :mod:`nn.init`. That of the weight is asked for the
        shape (kh, kw, in_channels, out_channels / groups). By default, both are drawn uniformly
        from ±1 / sqrt(kh kw out_channels / groups), as PyTorch's are.
    dtype : dtype
        Real and floating.
    rng : numpy.random.Generator or int, optional
        Draws the initial values; an int is a seed.

    Attributes
    ----------
    weight : Tensor, shape (in_channels, out_channels / groups, kh, kw)
    bias : Tensor, shape (out_channels,), or None

    Raises
    ------
    ShapeError
        If a size isn't a positive integer, or an option has the wrong number of entries. When
        called: if the images have other axes or channels, or can't have ``output_size``.
    DomainError
        If an option is out of range.
    DTypeError
        If ``dtype`` isn't real and floating.

    Examples
    --------
    The size that a convolution had rounded down can be given back:

    >>> import numpy as np
    >>> import nn
    >>> down, up = nn.Conv2d(1, 4, 3, stride=2, rng=0), ConvTranspose2d(4, 1, 3, stride=2, rng=0)
    >>> small = down(np.zeros((1, 8, 8), np.float32))
    >>> small.shape, up(small).shape, up(small, output_size=(8, 8)).shape
    ((4, 3, 3), (1, 7, 7), (1, 8, 8))
    """

    rank = 2


class ConvTranspose3d(_TransposedConvolution):
    """Transposed convolution of volumes, shape (n, in_channels, depth, height, width), or without.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int or (int, int, int)
    stride, padding, output_padding, groups, bias, dilation, padding_mode
        As those of :class:`ConvTranspose2d`.
    weight_init, bias_init, dtype, rng
        As those of :class:`ConvTranspose2d`.

    Attributes
    ----------
    weight : Tensor, shape (in_channels, out_channels / groups, kd, kh, kw)
    bias : Tensor, shape (out_channels,), or None

    Raises
    ------
    ShapeError, DomainError, DTypeError
        As :class:`ConvTranspose2d`.

    Examples
    --------
    >>> import numpy as np
    >>> ConvTranspose3d(2, 1, 3, rng=0)(np.zeros((2, 3, 4, 5), np.float32)).shape
    (1, 5, 6, 7)
    """

    rank = 3
