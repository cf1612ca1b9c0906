"""Normalization of each example by itself; that over a batch is in ``batch_normalization``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, TensorLike
from autograd_lite.errors import DomainError
from nn.functional.normalization import layer_norm
from nn.init import Initializer, ones, zeros
from nn.layers.construction import parameter, require_floating, require_sizes
from nn.module import Module


class LayerNorm(Module):
    """Normalizes each example: ``(x - mean) / sqrt(var + eps) * weight + bias``.

    Mean and variance are taken over the last axes; the variance is that of all values, not the
    unbiased one.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        The lengths of the last axes.
    eps : float
        Is added to the variance.
    elementwise_affine : bool
        Have a weight, and a bias.
    bias : bool
        If False, have the weight only.
    weight_init, bias_init : callable, optional
        ``(rng, shape, dtype) -> array``, as in :mod:`nn.init`; ones and zeros by default.
    dtype : dtype
        Real and floating.
    rng : numpy.random.Generator or int, optional
        For initializers that draw; an int is a seed.

    Attributes
    ----------
    weight, bias : Tensor, shape normalized_shape, or None

    Raises
    ------
    ShapeError
        If a length isn't a positive integer.
    DomainError
        If ``eps`` is negative.
    DTypeError
        If ``dtype`` isn't real and floating.

    Notes
    -----
    Ba, Kiros and Hinton, Layer normalization, arXiv:1607.06450, 2016.

    Examples
    --------
    >>> layer = LayerNorm(2)
    >>> layer([[1.0, 3.0], [10.0, 30.0]]).round(3)
    Tensor([[-1.,  1.],
            [-1.,  1.]])
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        weight_init: Initializer | None = None,
        bias_init: Initializer | None = None,
        dtype: npt.DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        shape = _lengths("LayerNorm", normalized_shape)
        require_eps("LayerNorm", eps)
        require_floating("LayerNorm", dtype)
        generator = np.random.default_rng(rng)
        self.normalized_shape, self.eps = shape, float(eps)
        self.weight = self.bias = None
        if elementwise_affine:
            self.weight = parameter(weight_init or ones, generator, shape, dtype)
        if elementwise_affine and bias:
            self.bias = parameter(bias_init or zeros, generator, shape, dtype)

    def forward(self, x: TensorLike) -> Tensor:
        """Return values of the shape of ``x``, (..., *normalized_shape)."""
        return layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def signature(self) -> str:
        """Return the constructor call."""
        options = {"eps": (self.eps, 1e-5), "elementwise_affine": (self.weight is not None, True)}
        if self.weight is not None:
            options["bias"] = (self.bias is not None, True)
        return f"LayerNorm({_shown(self.normalized_shape)}{changed(options)})"


# ---- what the constructors of normalizations share


def require_eps(layer: str, eps: float) -> None:
    """Raise a DomainError unless ``eps`` can be added to a variance."""
    if not 0 <= eps < float("inf"):
        raise DomainError(f"{layer}: eps must be finite, at least 0: {eps}")


def changed(options: Mapping[str, tuple[object, object]]) -> str:
    """Return how a call spells the options ``{name: (value, default)}`` that aren't defaults."""
    return "".join(
        f", {name}={value}" for name, (value, default) in options.items() if value != default
    )


def _lengths(layer: str, normalized_shape: int | Sequence[int]) -> tuple[int, ...]:
    """Return the lengths of the last axes, as a tuple."""
    several = isinstance(normalized_shape, Sequence) and not isinstance(normalized_shape, str)
    shape = tuple(normalized_shape) if several else (normalized_shape,)  # type: ignore[arg-type]
    require_sizes(f"{layer}({normalized_shape})", *(shape or (0,)))
    return tuple(map(int, shape))  # type: ignore[arg-type]


def _shown(shape: tuple[int, ...]) -> str:
    return str(shape[0] if len(shape) == 1 else shape)
