"""Batch normalization by mean and variance of a batch that processes share."""

from functools import partial
from math import prod
from typing import Any, Protocol

import numpy as np

from autograd_lite import Primitive, Tensor, TensorLike, once
from autograd_lite.errors import ShapeError
from nn.functional.batch_normalization import running_statistics
from nn.functional.standardization import parameters_of, real, scaled, widened
from nn.layers.batch_normalization import BatchNorm1d, BatchNorm2d
from nn.module import Module


class Summing(Protocol):
    """What adds up the arrays of all processes."""

    def sum(self, value: Any) -> Any:
        """Return the sum."""
        ...


def synchronize(model: Module, group: Summing) -> None:
    """Let the BatchNorm layers of a model normalize by the whole batch, in training."""
    for layer in model.modules():
        if isinstance(layer, BatchNorm1d | BatchNorm2d):
            layer.normalize = partial(batch_norm, group=group)


def batch_norm(
    x: TensorLike,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: TensorLike | None,
    bias: TensorLike | None,
    momentum: Any,
    eps: float,
    *,
    group: Summing,
) -> Tensor:
    """Normalize as :func:`nn.functional.batch_norm` in training, by all that the processes have.

    Parameters, results and errors are the same. ``x`` may be empty in some of them.

    Notes
    -----
    Mean and variance need two exchanges forward, one after the other, and as many backward.
    """
    x = real("batch_norm", x)
    if x.ndim < 2:
        raise ShapeError(f"batch_norm of shape {x.shape}: x must be (N, C, ...)")
    axis = (0, *range(2, x.ndim))
    running = running_statistics("batch_norm", x, running_mean, running_var, updated=True)
    weight, bias = parameters_of("batch_norm", x.shape[1:2], weight, bias)
    number = int(group.sum(prod(x.shape[i] for i in axis)))
    if number < 2:
        raise ShapeError(
            f"batch_norm of shape {x.shape}: in training, a channel needs more than one value in "
            "all processes together; give a larger batch, or call eval() first"
        )
    wide = widened(x)
    total = partial(total_of_processes, group=group, examples=x.shape[0])
    middle = total(wide.sum(axis=axis, keepdims=True)) / number
    d = wide - middle
    var = total((d * d).sum(axis=axis, keepdims=True)) / number

    def update() -> None:
        new = middle.data, var.data * (number / (number - 1))
        for buffer, value in zip(running or (), new, strict=False):
            data = buffer.data
            buffer.data = np.add(
                (1 - momentum) * data, momentum * value.reshape(data.shape), out=data
            )

    y = scaled(d / np.sqrt(var + eps), weight, bias, inner=x.ndim - 2, like=x)
    once(update)
    return y


def _total(x: Any, group: Summing, examples: int, before: float = 1.0, after: float = 1.0) -> Any:
    # what weighs nothing isn't read: it may be NaN
    return group.sum(x * before if before else np.zeros_like(x)) * after


def _total_rule(
    g: Any, y: Any, x: Any, group: Summing, examples: int, before: float = 1.0, after: float = 1.0
) -> Any:
    # A process's loss is the mean over its share, so in the loss over the batch its cotangents
    # weigh as many examples. What comes back is divided by them: average_gradients multiplies.
    back = before / examples if examples else 0.0
    return total_of_processes(
        g, group=group, examples=examples, before=after * examples, after=back
    )


# The sum over all processes, each multiplied by its ``before``, and then by this one's ``after``.
total_of_processes = Primitive("total_of_processes", _total, [_total_rule])
