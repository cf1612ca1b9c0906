"""Layers that pool windows of a given size, and those that undo it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_lite import Tensor, TensorLike
from nn.functional.per_axis import PerAxis
from nn.functional.pooling import average, maximum, unpooling
from nn.layers.construction import call_of
from nn.module import Module


class _MaxPool(Module):
    axes: int

    def __init__(
        self,
        kernel_size: PerAxis,
        stride: PerAxis | None = None,
        padding: PerAxis = 0,
        dilation: PerAxis = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode
        maximum.max_options(type(self).__name__, self.axes, *self._options())

    def _options(self) -> tuple[PerAxis, PerAxis, PerAxis, PerAxis, bool]:
        return self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode

    def forward(self, x: TensorLike) -> Any:
        """Return the maxima; with ``return_indices`` a tuple of them and their indices."""
        name = f"max_pool{self.axes}d"
        return maximum.max_pool(name, x, self.axes, self._options(), self.return_indices)

    def signature(self) -> str:
        """Return the constructor call."""
        return call_of(self, stride=self.kernel_size)


class MaxPool1d(_MaxPool):
    """The maximum of each window along the last axis, by :func:`nn.functional.max_pool1d`.

    Parameters
    ----------
    kernel_size, stride, padding, dilation, return_indices, ceil_mode
        As for :func:`nn.functional.max_pool2d`, in this order.

    Raises
    ------
    DomainError, ShapeError
        If an option is out of range.

    Examples
    --------
    >>> MaxPool1d(2)([[1.0, 3.0, 2.0, 0.0]])
    Tensor([[3., 2.]])
    """

    axes = 1


class MaxPool2d(_MaxPool):
    """The maximum of each window over the last two axes, by :func:`nn.functional.max_pool2d`.

    Parameters
    ----------
    kernel_size, stride, padding, dilation, return_indices, ceil_mode
        As for :func:`nn.functional.max_pool2d`, in this order.

    Raises
    ------
    DomainError, ShapeError
        If an option is out of range.

    Examples
    --------
    >>> MaxPool2d(2, padding=1)
    MaxPool2d(2, padding=1)
    >>> MaxPool2d(2)([[[1.0, 3.0], [2.0, 0.0]]])
    Tensor([[[3.]]])
    """

    axes = 2


class _MaxUnpool(Module):
    axes: int

    def __init__(
        self, kernel_size: PerAxis, stride: PerAxis | None = None, padding: PerAxis = 0
    ) -> None:
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        unpooling.unpool_options(type(self).__name__, self.axes, *self._options())

    def _options(self) -> tuple[PerAxis, PerAxis, PerAxis]:
        return self.kernel_size, self.stride, self.padding

    def forward(
        self, x: TensorLike, indices: TensorLike, output_size: Sequence[int] | None = None
    ) -> Tensor:
        """Return zeros of ``output_size`` with the values of ``x`` at ``indices``."""
        name = f"max_unpool{self.axes}d"
        return unpooling.max_unpool(name, x, indices, self.axes, self._options(), output_size)

    def signature(self) -> str:
        """Return the constructor call."""
        return call_of(self, stride=self.kernel_size)


class MaxUnpool1d(_MaxUnpool):
    """What ``MaxPool1d`` picked, put back among zeros, by :func:`nn.functional.max_unpool1d`.

    Parameters
    ----------
    kernel_size, stride, padding
        Those of the pooling.

    Examples
    --------
    >>> MaxUnpool1d(2)([[3.0, 2.0]], [[1, 2]])
    Tensor([[0., 3., 2., 0.]])
    """

    axes = 1


class MaxUnpool2d(_MaxUnpool):
    """What ``MaxPool2d`` picked, put back among zeros, by :func:`nn.functional.max_unpool2d`.

    Parameters
    ----------
    kernel_size, stride, padding
        Those of the pooling.

    Examples
    --------
    >>> maxima, indices = MaxPool2d(2, return_indices=True)([[[1.0, 3.0], [2.0, 0.0]]])
    >>> MaxUnpool2d(2)(maxima, indices)
    Tensor([[[0., 3.],
             [0., 0.]]])
    """

    axes = 2


class AvgPool1d(Module):
    """The mean of each window along the last axis, by :func:`nn.functional.avg_pool1d`.

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode, count_include_pad
        As for :func:`nn.functional.avg_pool2d`.

    Raises
    ------
    DomainError, ShapeError
        If an option is out of range.

    Examples
    --------
    >>> AvgPool1d(2)([[1.0, 3.0, 2.0, 0.0]])
    Tensor([[2., 1.]])
    """

    def __init__(
        self,
        kernel_size: PerAxis,
        stride: PerAxis | None = None,
        padding: PerAxis = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        average.avg_options("AvgPool1d", 1, kernel_size, stride, padding, None)

    def forward(self, x: TensorLike) -> Tensor:
        """Return the means, shape (..., channels, windows)."""
        return average.avg_pool1d(
            x,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
        )

    def signature(self) -> str:
        """Return the constructor call."""
        return call_of(self, stride=self.kernel_size)


class AvgPool2d(Module):
    """The mean of each window over the last two axes, by :func:`nn.functional.avg_pool2d`.

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
        As for :func:`nn.functional.avg_pool2d`.

    Raises
    ------
    DomainError, ShapeError
        If an option is out of range.

    Examples
    --------
    >>> AvgPool2d((1, 2), stride=1)
    AvgPool2d((1, 2), stride=1)
    >>> AvgPool2d(2)([[[1.0, 3.0], [2.0, 0.0]]])
    Tensor([[[1.5]]])
    """

    def __init__(
        self,
        kernel_size: PerAxis,
        stride: PerAxis | None = None,
        padding: PerAxis = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override
        average.avg_options("AvgPool2d", 2, kernel_size, stride, padding, divisor_override)

    def forward(self, x: TensorLike) -> Tensor:
        """Return the means, shape (..., channels, rows of windows, columns of windows)."""
        return average.avg_pool2d(
            x,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )

    def signature(self) -> str:
        """Return the constructor call."""
        return call_of(self, stride=self.kernel_size)


class _LPPool(Module):
    axes: int

    def __init__(
        self,
        norm_type: float,
        kernel_size: PerAxis,
        stride: PerAxis | None = None,
        ceil_mode: bool = False,
    ) -> None:
        name = type(self).__name__
        average.norm_of(name, norm_type)
        average.avg_options(name, self.axes, kernel_size, stride, 0, None)
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.ceil_mode = ceil_mode

    def forward(self, x: TensorLike) -> Tensor:
        """Return the norms of the windows."""
        name = f"lp_pool{self.axes}d"
        options = self.norm_type, self.kernel_size, self.stride, self.ceil_mode
        return average.lp_pool(name, x, self.axes, *options)

    def signature(self) -> str:
        """Return the constructor call."""
        return call_of(self, stride=self.kernel_size)


class LPPool1d(_LPPool):
    """``sum(x**p) ** (1 / p)`` of each window, by :func:`nn.functional.lp_pool1d`.

    Parameters
    ----------
    norm_type, kernel_size, stride, ceil_mode
        As for :func:`nn.functional.lp_pool2d`.

    Examples
    --------
    >>> LPPool1d(2, 2)([[3.0, 4.0, 0.0, 1.0]])
    Tensor([[5., 1.]])
    """

    axes = 1


class LPPool2d(_LPPool):
    """``sum(x**p) ** (1 / p)`` of each window, by :func:`nn.functional.lp_pool2d`.

    Parameters
    ----------
    norm_type, kernel_size, stride, ceil_mode
        As for :func:`nn.functional.lp_pool2d`.

    Examples
    --------
    >>> LPPool2d(2, 2)([[[3.0, 0.0], [0.0, 4.0]]])
    Tensor([[[5.]]])
    """

    axes = 2
