"""Activations that share 1 among the values along an axis."""

from __future__ import annotations

from autograd_lite import Tensor, TensorLike, as_tensor
from autograd_lite.errors import ShapeError
from nn import functional
from nn.layers.construction import ShownByCall


class Softmax(ShownByCall):
    """Probabilities that sum to 1 along ``axis``.

    To train, leave it out and give the logits to ``nn.losses.cross_entropy``.

    Parameters
    ----------
    axis : int

    Examples
    --------
    >>> Softmax()([0.0, 0.0])
    Tensor([0.5, 0.5])
    """

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: TensorLike) -> Tensor:
        """Return the probabilities, of the shape of ``x``."""
        return functional.softmax(x, self.axis)


class LogSoftmax(ShownByCall):
    """The logarithms of probabilities that sum to 1 along ``axis``.

    Parameters
    ----------
    axis : int

    Examples
    --------
    >>> LogSoftmax()([0.0, 0.0])
    Tensor([-0.69314718, -0.69314718])
    """

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: TensorLike) -> Tensor:
        """Return the logarithms, of the shape of ``x``."""
        return functional.log_softmax(x, self.axis)


class Softmin(ShownByCall):
    """``softmax(-x)`` along ``axis``: the smaller a value, the larger its share.

    Parameters
    ----------
    axis : int

    Examples
    --------
    >>> Softmin()([0.0, 0.0, 1000.0])
    Tensor([0.5, 0.5, 0. ])
    """

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: TensorLike) -> Tensor:
        """Return the shares, of the shape of ``x``."""
        return functional.softmin(x, self.axis)


class Softmax2d(ShownByCall):
    """Probabilities that sum to 1 over the channels, at each place of an image.

    Examples
    --------
    >>> Softmax2d()([[[0.0]], [[0.0]]]).tolist()
    [[[0.5]], [[0.5]]]
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return the probabilities, of the shape of ``x``.

        Parameters
        ----------
        x : Tensor or array_like, shape (batch, channels, height, width) or without the batch

        Raises
        ------
        ShapeError
            If ``x`` has other axes.
        """
        tensor = as_tensor(x)
        if tensor.ndim not in (3, 4):
            raise ShapeError(
                "Softmax2d: x must have the shape (channels, height, width) or (batch, channels, "
                f"height, width); it has shape {tensor.shape}"
            )
        return functional.softmax(tensor, -3)
