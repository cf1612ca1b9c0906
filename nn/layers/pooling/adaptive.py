"""Layers that pool to a given size, global pooling among them."""

from __future__ import annotations

from typing import Any

from autograd_lite import Tensor, TensorLike
from nn.functional.pooling import adaptive
from nn.functional.pooling.adaptive import Outputs
from nn.layers.construction import ShownByCall


class _AdaptiveAvgPool(ShownByCall):
    axes: int

    def __init__(self, output_size: Outputs) -> None:
        self.output_size = output_size
        adaptive.output_sizes(type(self).__name__, output_size, self.axes)

    def forward(self, x: TensorLike) -> Tensor:
        """Return the means of ``output_size`` windows."""
        name = f"adaptive_avg_pool{self.axes}d"
        return adaptive.adaptive_avg_pool(name, x, self.axes, self.output_size)


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """The means of as many windows as the output shall have; 1 is global average pooling.

    Parameters
    ----------
    output_size : int

    Examples
    --------
    >>> AdaptiveAvgPool1d(1)([[1.0, 3.0, 2.0, 0.0]])
    Tensor([[1.5]])
    """

    axes = 1


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """The means of as many windows as the output shall have; 1 is global average pooling.

    Parameters
    ----------
    output_size : int, or pair of int or None
        As for :func:`nn.functional.adaptive_avg_pool2d`.

    Examples
    --------
    >>> AdaptiveAvgPool2d((1, None))([[[1.0, 3.0], [2.0, 0.0]]])
    Tensor([[[1.5, 1.5]]])
    """

    axes = 2


class _AdaptiveMaxPool(ShownByCall):
    axes: int

    def __init__(self, output_size: Outputs, return_indices: bool = False) -> None:
        self.output_size = output_size
        self.return_indices = return_indices
        adaptive.output_sizes(type(self).__name__, output_size, self.axes)

    def forward(self, x: TensorLike) -> Any:
        """Return the maxima; with ``return_indices`` a tuple of them and their indices."""
        name = f"adaptive_max_pool{self.axes}d"
        options = self.output_size, self.return_indices
        return adaptive.adaptive_max_pool(name, x, self.axes, *options)


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """The maxima of as many windows as the output shall have; 1 is global max pooling.

    Parameters
    ----------
    output_size : int
    return_indices : bool
        As for :func:`nn.functional.adaptive_max_pool2d`.

    Examples
    --------
    >>> AdaptiveMaxPool1d(1)([[1.0, 3.0, 2.0, 0.0]])
    Tensor([[3.]])
    """

    axes = 1


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """The maxima of as many windows as the output shall have; 1 is global max pooling.

    Parameters
    ----------
    output_size : int, or pair of int or None
    return_indices : bool
        As for :func:`nn.functional.adaptive_max_pool2d`.

    Examples
    --------
    >>> AdaptiveMaxPool2d((1, None))([[[1.0, 3.0], [2.0, 0.0]]])
    Tensor([[[2., 3.]]])
    """

    axes = 2
