"""Normalization of each example by itself; that over a batch is in ``batch_normalization``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, TensorLike, as_tensor
from autograd_lite.errors import DomainError, ShapeError
from nn.functional.normalization import (
    group_norm,
    layer_norm,
    local_response_norm,
    rms_norm,
)
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


class RMSNorm(Module):
    """Divides each example by its root mean square: ``x / sqrt(mean(x**2) + eps) * weight``.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        The lengths of the last axes, over which the mean is taken.
    eps : float, optional
        By default, the epsilon of the dtype that it is computed in: 1.2e-07 in single precision.
    elementwise_affine : bool
        Have a weight.
    weight_init : callable, optional
        ``(rng, shape, dtype) -> array``, as in :mod:`nn.init`; ones by default.
    dtype, rng
        As in :class:`LayerNorm`.

    Attributes
    ----------
    weight : Tensor, shape normalized_shape, or None

    Raises
    ------
    ShapeError, DomainError, DTypeError
        As in :class:`LayerNorm`.

    Notes
    -----
    Zhang and Sennrich, Root mean square layer normalization, arXiv:1910.07467, 2019.

    Examples
    --------
    >>> RMSNorm(2)([[3.0, 4.0], [-30.0, 40.0]]).round(3)
    Tensor([[ 0.849,  1.131],
            [-0.849,  1.131]])
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        *,
        weight_init: Initializer | None = None,
        dtype: npt.DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        shape = _lengths("RMSNorm", normalized_shape)
        if eps is not None:
            require_eps("RMSNorm", eps)
        require_floating("RMSNorm", dtype)
        generator = np.random.default_rng(rng)
        self.normalized_shape, self.eps = shape, None if eps is None else float(eps)
        self.weight = None
        if elementwise_affine:
            self.weight = parameter(weight_init or ones, generator, shape, dtype)

    def forward(self, x: TensorLike) -> Tensor:
        """Return values of the shape of ``x``, (..., *normalized_shape)."""
        return rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def signature(self) -> str:
        """Return the constructor call."""
        options = {"eps": (self.eps, None), "elementwise_affine": (self.weight is not None, True)}
        return f"RMSNorm({_shown(self.normalized_shape)}{changed(options)})"


class GroupNorm(Module):
    """Normalizes groups of channels in each example, and scales and shifts each channel.

    Parameters
    ----------
    num_groups : int
        Must divide ``num_channels``. 1 is layer normalization over all but the first axis;
        ``num_channels`` is instance normalization.
    num_channels : int
        The length of the second axis.
    eps : float
        Is added to the variance.
    affine : bool
        Have a weight, and a bias.
    weight_init, bias_init, dtype, rng
        As in :class:`LayerNorm`.
    bias : bool
        If False, have the weight only.

    Attributes
    ----------
    weight, bias : Tensor, shape (num_channels,), or None

    Raises
    ------
    ShapeError, DomainError, DTypeError
        As in :class:`LayerNorm`, and if the groups don't divide the channels.

    Notes
    -----
    Wu and He, Group normalization, arXiv:1803.08494, 2018.

    Examples
    --------
    >>> GroupNorm(2, 4)([[1.0, 3.0, 10.0, 30.0]]).round(3)
    Tensor([[-1.,  1., -1.,  1.]])
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        bias: bool = True,
        weight_init: Initializer | None = None,
        bias_init: Initializer | None = None,
        dtype: npt.DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        call = f"GroupNorm({num_groups}, {num_channels})"
        require_sizes(call, num_groups, num_channels)
        if num_channels % num_groups:
            raise ShapeError(f"{call}: the groups must divide the channels")
        require_eps("GroupNorm", eps)
        require_floating("GroupNorm", dtype)
        generator = np.random.default_rng(rng)
        self.num_groups, self.num_channels = int(num_groups), int(num_channels)
        self.eps = float(eps)
        self.weight = self.bias = None
        if affine:
            self.weight = parameter(weight_init or ones, generator, (num_channels,), dtype)
        if affine and bias:
            self.bias = parameter(bias_init or zeros, generator, (num_channels,), dtype)

    def forward(self, x: TensorLike) -> Tensor:
        """Return values of the shape of ``x``, (N, num_channels, ...)."""
        x = as_tensor(x)
        if x.shape[1:2] != (self.num_channels,):
            raise ShapeError(f"x must be (N, {self.num_channels}, ...); it has shape {x.shape}")
        return group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def signature(self) -> str:
        """Return the constructor call."""
        options = {"eps": (self.eps, 1e-5), "affine": (self.weight is not None, True)}
        if self.weight is not None:
            options["bias"] = (self.bias is not None, True)
        return f"GroupNorm({self.num_groups}, {self.num_channels}{changed(options)})"


class LocalResponseNorm(Module):
    """Divides each value by ``(k + alpha * m)**beta``, with m the mean square of channels nearby.

    Parameters
    ----------
    size : int
        How many channels are averaged.
    alpha, beta, k : float

    Raises
    ------
    ShapeError
        If ``size`` isn't a positive integer.

    Notes
    -----
    Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural
    networks, 2012. There it is a sum; PyTorch, and so this layer, divides it by ``size``.

    Examples
    --------
    >>> LocalResponseNorm(2, alpha=2.0, beta=1.0, k=0.0)([[[1.0], [2.0]]])
    Tensor([[[1. ],
             [0.4]]])
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        require_sizes(f"LocalResponseNorm({size})", size)
        self.size = int(size)
        self.alpha, self.beta, self.k = float(alpha), float(beta), float(k)

    def forward(self, x: TensorLike) -> Tensor:
        """Return values of the shape of ``x``, (N, C, L, ...)."""
        return local_response_norm(x, self.size, self.alpha, self.beta, self.k)

    def signature(self) -> str:
        """Return the constructor call."""
        options = {"alpha": (self.alpha, 1e-4), "beta": (self.beta, 0.75), "k": (self.k, 1.0)}
        return f"LocalResponseNorm({self.size}{changed(options)})"


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
