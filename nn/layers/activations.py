"""Activations as layers; as functions they are in :mod:`nn.functional`."""

from autograd_lite import Tensor, TensorLike
from nn.functional import log_softmax, relu, sigmoid, softmax, tanh
from nn.module import Module


class _Activation(Module):
    def signature(self) -> str:
        """Return the constructor call."""
        return f"{type(self).__name__}()"


class _AlongAxis(Module):
    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def signature(self) -> str:
        """Return the constructor call."""
        return f"{type(self).__name__}(axis={self.axis})"


class Sigmoid(_Activation):
    """``1 / (1 + exp(-x))``, elementwise.

    Examples
    --------
    >>> Sigmoid()([0.0])
    Tensor([0.5])
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return the sigmoid, of the shape of ``x``."""
        return sigmoid(x)


class Tanh(_Activation):
    """The hyperbolic tangent, elementwise.

    Examples
    --------
    >>> Tanh()([0.0])
    Tensor([0.])
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return the hyperbolic tangent, of the shape of ``x``."""
        return tanh(x)


class ReLU(_Activation):
    """``maximum(x, 0)``, elementwise; the gradient at 0 is 0.

    Examples
    --------
    >>> ReLU()([-1.0, 2.0])
    Tensor([0., 2.])
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return the positive part, of the shape of ``x``."""
        return relu(x)


class Softmax(_AlongAxis):
    """Probabilities that sum to 1 along ``axis``.

    To train, leave it out and give the logits to ``nn.losses.cross_entropy``.

    Examples
    --------
    >>> Softmax()([0.0, 0.0])
    Tensor([0.5, 0.5])
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return the probabilities, of the shape of ``x``."""
        return softmax(x, self.axis)


class LogSoftmax(_AlongAxis):
    """The logarithms of probabilities that sum to 1 along ``axis``.

    Examples
    --------
    >>> LogSoftmax()([0.0, 0.0])
    Tensor([-0.69314718, -0.69314718])
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return the logarithms, of the shape of ``x``."""
        return log_softmax(x, self.axis)
