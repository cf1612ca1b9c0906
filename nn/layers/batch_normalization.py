"""Normalization of channels over a batch, or over each example, with running statistics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, TensorLike, as_tensor, once
from autograd_lite.errors import DomainError, ShapeError
from nn.functional.batch_normalization import batch_norm, instance_norm
from nn.init import Initializer, ones, zeros
from nn.layers.construction import parameter, require_floating, require_sizes
from nn.layers.normalization import changed, require_eps
from nn.module import Module


class _ByChannel(Module):
    """The parameters, options and running statistics of both kinds."""

    _defaults: tuple[bool, bool] = (True, True)
    """Of affine and track_running_stats."""
    _axes: tuple[str, ...] = ()
    """Of an input, a letter for each; C is that of the channels."""

    num_features: int
    eps: float
    momentum: float | None
    weight: Tensor | None
    bias: Tensor | None
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def _construct(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        bias: bool,
        weight_init: Initializer | None,
        bias_init: Initializer | None,
        dtype: npt.DTypeLike,
        rng: np.random.Generator | int | None,
    ) -> None:
        name = type(self).__name__
        require_sizes(f"{name}({num_features})", num_features)
        require_eps(name, eps)
        if momentum is not None and not 0 <= momentum <= 1:
            raise DomainError(f"{name}: momentum must be between 0 and 1: {momentum}")
        require_floating(name, dtype)
        generator = np.random.default_rng(rng)
        shape = (int(num_features),)
        self.num_features, self.eps = shape[0], float(eps)
        self.momentum = None if momentum is None else float(momentum)
        self.weight = self.bias = None
        if affine:
            self.weight = parameter(weight_init or ones, generator, shape, dtype)
        if affine and bias:
            self.bias = parameter(bias_init or zeros, generator, shape, dtype)
        tracked = track_running_stats
        self.register_buffer("running_mean", np.zeros(shape, dtype) if tracked else None)
        self.register_buffer("running_var", np.ones(shape, dtype) if tracked else None)
        self.register_buffer("num_batches_tracked", np.array(0, np.int64) if tracked else None)

    def reset_running_stats(self) -> None:
        """Forget the running statistics: mean 0, variance 1, no batch tracked."""
        for buffer, value in (
            (self.running_mean, 0),
            (self.running_var, 1),
            (self.num_batches_tracked, 0),
        ):
            if buffer is not None:
                buffer.data = np.full_like(buffer.data, value)

    def _checked(self, x: TensorLike) -> Tensor:
        x = as_tensor(x)
        for axes in self._axes:
            if x.ndim == len(axes) and x.shape[axes.index("C")] == self.num_features:
                return x
        expected = " or ".join(
            f"({', '.join(axes)})".replace("C", str(self.num_features)) for axes in self._axes
        )
        raise ShapeError(f"x must be {expected}; it has shape {x.shape}")

    def signature(self) -> str:
        """Return the constructor call."""
        affine, tracked = self._defaults
        options = {
            "eps": (self.eps, 1e-5),
            "momentum": (self.momentum, 0.1),
            "affine": (self.weight is not None, affine),
            "track_running_stats": (self.running_mean is not None, tracked),
        }
        if self.weight is not None:
            options["bias"] = (self.bias is not None, True)
        return f"{type(self).__name__}({self.num_features}{changed(options)})"


class _BatchNorm(_ByChannel):
    normalize: Callable[..., Tensor] | None = None
    """What takes the place of ``batch_norm`` in training, if processes share the batch."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
        weight_init: Initializer | None = None,
        bias_init: Initializer | None = None,
        dtype: npt.DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        options = (eps, momentum, affine, track_running_stats, bias, weight_init, bias_init)
        self._construct(num_features, *options, dtype, rng)

    def forward(self, x: TensorLike) -> Tensor:
        """Return values of the shape of ``x``; in training, update the running statistics."""
        x = self._checked(x)
        count = self.num_batches_tracked
        momentum: Any = self.momentum
        if momentum is None and count is not None:
            momentum = 1 / (count.data + 1)  # the average of all batches
        operands = x, self.running_mean, self.running_var, self.weight, self.bias
        if self.training and self.normalize is not None:
            y = self.normalize(*operands, momentum, self.eps)
        else:
            by_batch = self.training or self.running_mean is None
            y = batch_norm(*operands, by_batch, momentum, self.eps)
        if self.training and count is not None:
            once(lambda: _increment(count))
        return y


class BatchNorm1d(_BatchNorm):
    """Normalizes each channel over the batch, and scales and shifts it.

    In training, by mean and variance of the batch. After ``eval()``, by running averages of them,
    so that the result of an example doesn't depend on the others.

    Parameters
    ----------
    num_features : int
        The number C of channels. ``x`` is (N, C) or (N, C, L).
    eps : float
        Is added to the variance.
    momentum : float, optional
        The weight of a batch in the running statistics; None for the average of all batches.
    affine : bool
        Have a weight, and a bias.
    track_running_stats : bool
        If False, there are no running statistics, and the batch counts after ``eval()`` too.
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
    weight, bias : Tensor, shape (num_features,), or None
    running_mean, running_var : Tensor, shape (num_features,), or None
        Buffers, which are 0 and 1 at first. The running variance is the unbiased one, as in
        PyTorch; what normalizes in training is the variance of all values.
    num_batches_tracked : Tensor of one integer, or None

    Raises
    ------
    ShapeError
        If ``num_features`` isn't a positive integer. When called: if ``x`` doesn't fit, or if in
        training there is only one value for each channel.
    DomainError
        If ``eps`` is negative, or ``momentum`` isn't between 0 and 1.
    DTypeError
        If ``dtype`` isn't real and floating.

    Notes
    -----
    Ioffe and Szegedy, Batch normalization: accelerating deep network training by reducing internal
    covariate shift, arXiv:1502.03167, 2015. In a checkpoint, a batch is counted once.

    Examples
    --------
    >>> layer = BatchNorm1d(1)
    >>> layer([[1.0], [3.0]]).round(3)
    Tensor([[-1.],
            [ 1.]])
    >>> layer.running_mean, layer.running_var
    (Tensor([0.2], dtype=float32), Tensor([1.1], dtype=float32))
    >>> layer.eval()([[1.0]]).round(3)
    Tensor([[0.763]])
    """

    _axes = ("NC", "NCL")


class BatchNorm2d(_BatchNorm):
    """Normalizes each channel over a batch of images, ``x`` of shape (N, C, H, W).

    Parameters, attributes and errors are those of :class:`BatchNorm1d`.

    Examples
    --------
    >>> layer = BatchNorm2d(3)
    >>> layer(np.arange(24.0).reshape(2, 3, 2, 2)).var(axis=(0, 2, 3)).round(3)
    Tensor([1., 1., 1.])
    >>> layer
    BatchNorm2d(3): 6 parameters
    """

    _axes = ("NCHW",)


class _InstanceNorm(_ByChannel):
    _defaults = (False, False)

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        *,
        bias: bool = True,
        weight_init: Initializer | None = None,
        bias_init: Initializer | None = None,
        dtype: npt.DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        options = (eps, momentum, affine, track_running_stats, bias, weight_init, bias_init)
        self._construct(num_features, *options, dtype, rng)

    def forward(self, x: TensorLike) -> Tensor:
        """Return values of the shape of ``x``, whose batch axis may be missing."""
        x = self._checked(x)
        single = x.ndim == len(self._axes[-1])
        y = instance_norm(
            x[None] if single else x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or self.running_mean is None,
            self.momentum or 0.0,
            self.eps,
        )
        return y[0] if single else y


class InstanceNorm1d(_InstanceNorm):
    """Normalizes each channel of each example, ``x`` of shape (N, C, L) or (C, L).

    Parameters
    ----------
    num_features : int
        The number C of channels.
    eps : float
        Is added to the variance.
    momentum : float
        The weight of a batch in the running statistics.
    affine : bool
        Have a weight, and a bias.
    track_running_stats : bool
        Have running statistics, which normalize after ``eval()``. As in PyTorch,
        ``num_batches_tracked`` stays 0.
    bias, weight_init, bias_init, dtype, rng
        As in :class:`BatchNorm1d`.

    Attributes
    ----------
    weight, bias, running_mean, running_var, num_batches_tracked : Tensor, or None
        As in :class:`BatchNorm1d`.

    Raises
    ------
    ShapeError, DomainError, DTypeError
        As in :class:`BatchNorm1d`; one value for each channel of an example isn't enough.

    Notes
    -----
    Ulyanov, Vedaldi and Lempitsky, Instance normalization: the missing ingredient for fast
    stylization, arXiv:1607.08022, 2016.

    Examples
    --------
    >>> InstanceNorm1d(2)([[1.0, 3.0], [10.0, 30.0]]).round(3)
    Tensor([[-1.,  1.],
            [-1.,  1.]])
    """

    _axes = ("NCL", "CL")


class InstanceNorm2d(_InstanceNorm):
    """Normalizes each channel of each image, ``x`` of shape (N, C, H, W) or (C, H, W).

    Parameters, attributes and errors are those of :class:`InstanceNorm1d`.

    Examples
    --------
    >>> InstanceNorm2d(3)(np.arange(24.0).reshape(2, 3, 2, 2)).var(axis=(2, 3)).round(3)
    Tensor([[1., 1., 1.],
            [1., 1., 1.]])
    """

    _axes = ("NCHW", "CHW")


def _increment(count: Tensor) -> None:
    data = count.data
    count.data = np.add(data, 1, out=data)
