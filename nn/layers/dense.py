"""Fully connected layers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, TensorLike, as_tensor, matmul
from autograd_lite.errors import ShapeError
from nn.functional import linear
from nn.init import Initializer, glorot, zeros
from nn.layers.construction import parameter, require_floating, require_sizes
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
        Draws the initial values; an int is a seed.

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

    transposed_in_torch = ("weight",)

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
        require_sizes(f"Dense({inputs}, {outputs})", inputs, outputs)
        require_floating("Dense", dtype)
        generator = np.random.default_rng(rng)
        self.inputs, self.outputs = int(inputs), int(outputs)
        self.weight = parameter(weight_init, generator, (inputs, outputs), dtype)
        self.bias = parameter(bias_init, generator, (outputs,), dtype) if bias else None

    def forward(self, x: TensorLike) -> Tensor:
        """Return the pre-activation, shape (..., outputs), for ``x`` of shape (..., inputs)."""
        try:
            if self.bias is None:
                return matmul(x, self.weight)
            return linear(x, self.weight, self.bias)
        except ShapeError as error:
            shape = as_tensor(x).shape
            if shape[-1:] == (self.inputs,):
                raise
            operands, _, _ = str(error).partition(": ")
            raise ShapeError(
                f"{operands}: x must have {self.inputs} values along its last axis; it has shape "
                f"{shape}"
            ) from error.__cause__

    def signature(self) -> str:
        """Return the constructor call."""
        bias = ", bias=False" if self.bias is None else ""
        return f"Dense({self.inputs}, {self.outputs}{bias})"
