"""Normalization of channels over a batch, or over each example, with running statistics."""

from math import prod
from typing import Any

import numpy as np

from autograd_lite import Tensor, TensorLike, once
from autograd_lite.errors import DTypeError, ShapeError
from nn.functional.standardization import (
    Axes,
    deviations,
    mean,
    over_rms,
    parameters_of,
    real,
    scaled,
    total_of_products,
    widened,
)


def batch_norm(
    x: TensorLike,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: TensorLike | None = None,
    bias: TensorLike | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalize each channel over the batch: ``(x - mean) / sqrt(var + eps) * weight + bias``.

    In training, mean and variance are those of the batch. Otherwise they are the running ones,
    which don't depend on what else is in the batch.

    Parameters
    ----------
    x : Tensor or array_like, shape (N, C, ...)
        Integers become float64. float16 is computed in float32.
    running_mean, running_var : Tensor, shape (C,), optional
        In training they are updated in place. They are constants for derivatives.
    weight, bias : Tensor or array_like, shape (C,), optional
    training : bool
        Normalize by the batch.
    momentum : float
        The weight of the new statistics: ``running = (1 - momentum) * running + momentum * new``.
        The new variance is the unbiased one. What normalizes is the variance of all values.
    eps : float
        Is added to the variance.

    Returns
    -------
    Tensor
        Of the shape of ``x``.

    Raises
    ------
    ShapeError
        If the shapes don't fit together, or in training there is only one value for each channel.
        Then the running statistics stay as they are.
    DTypeError
        If an operand is complex, or running statistics to be updated aren't tensors.

    Notes
    -----
    Ioffe and Szegedy, Batch normalization: accelerating deep network training by reducing internal
    covariate shift, arXiv:1502.03167, 2015. In a checkpoint, statistics are updated once.

    Examples
    --------
    >>> average, variance = Tensor([0.0]), Tensor([1.0])
    >>> batch_norm([[1.0], [3.0]], average, variance, training=True).round(3)
    Tensor([[-1.],
            [ 1.]])
    >>> average, variance
    (Tensor([0.2]), Tensor([1.1]))
    """
    x = real("batch_norm", x)
    if x.ndim < 2:
        raise ShapeError(f"batch_norm of shape {x.shape}: x must be (N, C, ...)")
    axis = (0, *range(2, x.ndim))
    running = running_statistics("batch_norm", x, running_mean, running_var, updated=training)
    weight, bias = parameters_of("batch_norm", x.shape[1:2], weight, bias)
    if not training:
        y = _by_running("batch_norm", x, running, eps)
        return scaled(y, weight, bias, inner=x.ndim - 2, like=x)
    if prod(x.shape[i] for i in axis) < 2:
        raise ShapeError(
            f"batch_norm of shape {x.shape}: in training, a channel needs more than one value, "
            "because that would be its mean; give a larger batch, or call eval() first"
        )
    wide = widened(x)
    d = deviations(wide, axis=axis)
    y = scaled(over_rms(d, axis=axis, eps=eps), weight, bias, inner=x.ndim - 2, like=x)
    if running is not None:
        _update(running, wide, d, axis, momentum)
    return y


def instance_norm(
    x: TensorLike,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: TensorLike | None = None,
    bias: TensorLike | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalize each channel of each example: ``(x - mean) / sqrt(var + eps) * weight + bias``.

    Parameters
    ----------
    x : Tensor or array_like, shape (N, C, L, ...)
        Integers become float64. float16 is computed in float32.
    running_mean, running_var : Tensor, shape (C,), optional
        With ``use_input_stats`` they are updated in place, by the averages over the examples.
    weight, bias : Tensor or array_like, shape (C,), optional
    use_input_stats : bool
        Normalize by the example itself. Otherwise by the running statistics.
    momentum, eps : float
        As in :func:`batch_norm`.

    Returns
    -------
    Tensor
        Of the shape of ``x``.

    Raises
    ------
    ShapeError, DTypeError
        As by :func:`batch_norm`; one value for each channel of an example isn't enough.

    Notes
    -----
    Ulyanov, Vedaldi and Lempitsky, Instance normalization: the missing ingredient for fast
    stylization, arXiv:1607.08022, 2016.

    Examples
    --------
    >>> instance_norm([[[1.0, 3.0], [10.0, 30.0]]]).round(3)
    Tensor([[[-1.,  1.],
             [-1.,  1.]]])
    """
    x = real("instance_norm", x)
    if x.ndim < 3:
        raise ShapeError(f"instance_norm of shape {x.shape}: x must be (N, C, L, ...)")
    axis = tuple(range(2, x.ndim))
    running = running_statistics(
        "instance_norm", x, running_mean, running_var, updated=use_input_stats
    )
    weight, bias = parameters_of("instance_norm", x.shape[1:2], weight, bias)
    if not use_input_stats:
        y = _by_running("instance_norm", x, running, eps)
        return scaled(y, weight, bias, inner=x.ndim - 2, like=x)
    if prod(x.shape[2:]) < 2:
        raise ShapeError(
            f"instance_norm of shape {x.shape}: a channel of an example needs more than one value, "
            "because that would be its mean"
        )
    wide = widened(x)
    d = deviations(wide, axis=axis)
    y = scaled(over_rms(d, axis=axis, eps=eps), weight, bias, inner=x.ndim - 2, like=x)
    if running is not None and len(x):
        _update(running, wide, d, axis, momentum)
    return y


# ---- running statistics

Running = tuple[Tensor, Tensor]
"""The running mean and variance."""


def running_statistics(
    name: str, x: Tensor, mean: Tensor | None, var: Tensor | None, *, updated: bool
) -> Running | None:
    """Return the running statistics, if both are given; refuse those that don't fit."""
    if mean is None or var is None:
        if mean is not var:
            raise ShapeError(f"{name}: give running_mean and running_var, or neither of them")
        return None
    if updated and not all(isinstance(p, Tensor) and p.dtype.kind == "f" for p in (mean, var)):
        raise DTypeError(
            f"{name}: running_mean and running_var are updated in place, so they must be floating "
            "tensors"
        )
    parts = real(name, mean), real(name, var)
    if {p.shape for p in parts} != {x.shape[1:2]}:
        raise ShapeError(
            f"{name} of shape {x.shape}: running_mean and running_var must have shape "
            f"{x.shape[1:2]}; they have {parts[0].shape} and {parts[1].shape}"
        )
    return parts


def _by_running(name: str, x: Tensor, running: Running | None, eps: float) -> Tensor:
    """Return ``x`` normalized by running statistics."""
    if running is None:
        raise ShapeError(f"{name}: without statistics of the input, it needs the running ones")
    shape = (x.shape[1],) + (1,) * (x.ndim - 2)
    mean, var = (widened(p.detach()).data for p in running)
    y: Tensor = (widened(x) - mean.reshape(shape)) * (1 / np.sqrt(var + eps)).reshape(shape)
    return y


def _update(running: Running, x: Tensor, deviations: Tensor, axis: Axes, momentum: Any) -> None:
    """Update running statistics by those along ``axis``, averaged over the other axes but C."""

    def update() -> None:
        freedom = prod(x.shape[i] for i in axis) - 1
        d = deviations.data
        var = total_of_products(d, d, axis) / freedom
        middle = mean(x.data, axis).reshape(var.shape)
        for buffer, new in zip(running, (middle, var), strict=True):
            average = new if new.ndim == 1 else mean(new, (0,)).reshape(buffer.shape)
            data = buffer.data
            buffer.data = np.add((1 - momentum) * data, momentum * average, out=data)

    once(update)
