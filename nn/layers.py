"""Dense layers, activations, and their composition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite import (
    Tensor,
    TensorLike,
    linear,
    log_softmax,
    matmul,
    relu,
    sigmoid,
    softmax,
    tanh,
)
from autograd_lite.errors import DTypeError, ShapeError
from nn.init import Initializer, glorot, zeros
from nn.module import Module


class Dense(Module):
    """A fully connected layer: ``z = x @ weight + bias``.

    Parameters
    ----------
    inputs, outputs : int
        The lengths of the last axis of ``x`` and of ``z``.
    bias : bool
        Add a bias.
    weight_init, bias_init : callable
        ``(rng, shape, dtype) -> array``, as in :mod:`nn.init`.
    dtype : dtype
        Real and floating.
    rng : numpy.random.Generator or int, optional
        Where the initial values come from; an int is a seed.

    Attributes
    ----------
    weight : Tensor, shape (inputs, outputs)
        The transpose of the article's w, so that the rows of ``x`` are the examples of a batch.
    bias : Tensor, shape (outputs,), or None

    Raises
    ------
    ShapeError
        If a size isn't a positive integer.
    DTypeError
        If ``dtype`` isn't real and floating.

    Examples
    --------
    >>> layer = Dense(3, 2, rng=0)
    >>> layer([[1.0, 2.0, 3.0]]).shape
    (1, 2)
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        bias: bool = True,
        *,
        weight_init: Initializer = glorot,
        bias_init: Initializer = zeros,
        dtype: npt.DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        for size in (inputs, outputs):
            if not isinstance(size, int | np.integer) or size < 1:
                raise ShapeError(f"Dense({inputs}, {outputs}): sizes must be positive integers")
        if np.dtype(dtype).kind != "f":
            raise DTypeError(f"Dense of dtype {np.dtype(dtype)}: it must be real and floating")
        generator = np.random.default_rng(rng)
        self.inputs, self.outputs = int(inputs), int(outputs)
        self.weight = _parameter(weight_init, generator, (inputs, outputs), dtype)
        self.bias = _parameter(bias_init, generator, (outputs,), dtype) if bias else None

    def forward(self, x: TensorLike) -> Tensor:
        """Return the pre-activation, shape (..., outputs), for ``x`` of shape (..., inputs)."""
        if self.bias is None:
            return matmul(x, self.weight)
        return linear(x, self.weight, self.bias)

    def signature(self) -> str:
        """Return the constructor call."""
        bias = ", bias=False" if self.bias is None else ""
        return f"Dense({self.inputs}, {self.outputs}{bias})"


def _parameter(
    init: Initializer, rng: np.random.Generator, shape: tuple[int, ...], dtype: npt.DTypeLike
) -> Tensor:
    values = np.asarray(init(rng, shape, dtype))
    if values.shape != shape:
        raise ShapeError(f"an initializer returned shape {values.shape} where {shape} is needed")
    return Tensor(values, requires_grad=True, dtype=dtype)


class Sequential(Module):
    """Layers, each applied to what the one before gives.

    Parameters
    ----------
    *layers : Module or callable
        Their names are their positions: ``"0.weight"``.

    Examples
    --------
    >>> model = Sequential(Dense(4, 3), Sigmoid(), Dense(3, 2))
    >>> model([[1.0, 2.0, 3.0, 4.0]]).shape
    (1, 2)
    >>> len(model), model[0]
    (3, Dense(4, 3): 15 parameters)
    """

    def __init__(self, *layers: Any) -> None:
        for position, layer in enumerate(layers):
            if not callable(layer):
                raise TypeError(
                    f"Sequential: layer {position} is a {type(layer).__name__}, which can't be "
                    "called; give modules or functions, not in a list"
                )
            setattr(self, str(position), layer)

    def __iter__(self) -> Iterator[Any]:
        return (layer for name, layer in vars(self).items() if name.isdecimal())

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __getitem__(self, position: int) -> Any:
        return list(self)[position]

    def forward(self, x: TensorLike) -> Any:
        """Return the output of the last layer."""
        out: Any = x
        for name, layer in vars(self).items():
            if name.isdecimal():
                out = layer(out)
        return out


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
