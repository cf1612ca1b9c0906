"""A layer of two inputs, and one that does nothing."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, TensorLike, as_tensor
from nn.functional.bilinear import bilinear
from nn.init import Initializer
from nn.layers.construction import parameter, require_floating, require_sizes, uniform_within
from nn.module import Module


class Bilinear(Module):
    """A product of two inputs: ``z_o = x1 @ weight[o] @ x2 + bias[o]``.

    Parameters
    ----------
    in1_features, in2_features, out_features : int
        The lengths of the last axis of both inputs and of ``z``.
    bias : bool
        Add a bias.
    weight_init, bias_init : callable, optional
        ``(rng, shape, dtype) -> array``, as in :mod:`nn.init`. By default PyTorch's: uniform in
        ±1/sqrt(in1_features). The weight is asked for as (in1_features, in2_features,
        out_features).
    dtype : dtype
        Real and floating.
    rng : numpy.random.Generator or int, optional
        Draws the initial values; an int is a seed.

    Attributes
    ----------
    weight : Tensor, shape (out_features, in1_features, in2_features)
    bias : Tensor, shape (out_features,), or None

    Raises
    ------
    ShapeError
        If a size isn't a positive integer.
    DTypeError
        If ``dtype`` isn't real and floating.

    Examples
    --------
    >>> layer = Bilinear(3, 4, 2, rng=0)
    >>> layer(np.ones((5, 3)), np.ones((5, 4))).shape
    (5, 2)
    """

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        *,
        weight_init: Initializer | None = None,
        bias_init: Initializer | None = None,
        dtype: npt.DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        sizes = (in1_features, in2_features, out_features)
        require_sizes(f"Bilinear({in1_features}, {in2_features}, {out_features})", *sizes)
        require_floating("Bilinear", dtype)
        generator = np.random.default_rng(rng)
        default = uniform_within(1 / sqrt(in1_features))
        self.weight = parameter(weight_init or default, generator, sizes, dtype, (2, 0, 1))
        self.bias = (
            parameter(bias_init or default, generator, (out_features,), dtype) if bias else None
        )

    def forward(self, input1: TensorLike, input2: TensorLike) -> Tensor:
        """Return ``z``, shape (..., out_features), for (..., in1_features), (..., in2_features)."""
        return bilinear(input1, input2, self.weight, self.bias)

    def signature(self) -> str:
        """Return the constructor call."""
        outputs, first, second = self.weight.shape
        bias = ", bias=False" if self.bias is None else ""
        return f"Bilinear({first}, {second}, {outputs}{bias})"


class Identity(Module):
    """Returns what it is given, in the place of a layer that is left out.

    Parameters
    ----------
    *args, **kwargs
        Those of the layer that is left out; they are ignored.

    Examples
    --------
    >>> Identity(54, unused=True)([1.0, 2.0])
    Tensor([1., 2.])
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def forward(self, input: TensorLike) -> Tensor:
        """Return ``input`` as a tensor."""
        return as_tensor(input)

    def signature(self) -> str:
        """Return the constructor call."""
        return "Identity()"
