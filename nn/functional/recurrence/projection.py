"""What the inputs bring to the pre-activations of a recurrent layer, for all times at once."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from autograd_lite import AllInputs, Primitive, Tensor, TensorLike, as_tensor
from nn.functional.recurrence.scanning import product


def _forward(x: Any, weight: Any, *biases: Any) -> Any:
    if weight.ndim != 2 or not x.ndim or x.shape[-1] != weight.shape[1]:
        raise ValueError("x and the weight don't fit")
    if any(b.shape != weight.shape[:1] for b in biases):
        raise ValueError("the weight and a bias don't fit")
    z = weight @ x if x.ndim == 1 else weight @ x.mT
    if biases:
        bias = sum(biases[1:], start=biases[0])
        # as large as z is at one time, so that it is added in one run
        column = bias if x.ndim == 1 else np.broadcast_to(bias[:, None], z.shape[-2:]).copy()
        z = z + column if z.dtype != bias.dtype else np.add(z, column, out=z)
    return z if x.ndim == 1 else z.mT


def _rule(asked: Sequence[int], g: Any, y: Any, x: Any, weight: Any, *biases: Any) -> list[Any]:
    rows = prod(x.shape[:-1])
    g = np.moveaxis(g, -1, 0).reshape(weight.shape[0], rows)
    of_bias = g.sum(axis=1) if any(position > 1 for position in asked) else None

    def cotangent(position: int) -> Any:
        if position == 0:
            return (g.T @ weight).reshape(x.shape)
        return product(g, x.reshape(rows, x.shape[-1])) if position == 1 else of_bias

    return [cotangent(position) for position in asked]


# x @ weight.T + biases. In memory, units come before examples at each time, as the scans want it
projection = Primitive(
    "input_projection",
    _forward,
    AllInputs(_rule),
    requirement="these are x, the weight and the biases, in this order; x must be (..., inputs), "
    "the weight (units, inputs) and a bias (units,)",
)


def input_projection(x: TensorLike, weight: TensorLike, *biases: TensorLike) -> Tensor:
    """Return ``x @ weight.T`` plus the biases: a recurrent layer's part of the inputs.

    Its gradient is the delta of the layer, one for each time: what the hidden state brings is
    added to it to make the pre-activation.

    Parameters
    ----------
    x : Tensor or array_like, shape (..., inputs)
        (times, batch, inputs) for the scans.
    weight : Tensor or array_like, shape (units, inputs)
        As PyTorch has it. The gates of a layer are side by side along its first axis.
    *biases : Tensor or array_like, shape (units,)
        None, one, or several.

    Returns
    -------
    Tensor, shape (..., units)

    Raises
    ------
    ShapeError
        If the shapes don't fit together.

    Examples
    --------
    >>> input_projection([[1.0, 2.0]], [[3.0, 4.0]], [0.5], [0.25])
    Tensor([[11.75]])
    """
    z: Tensor = projection(*map(as_tensor, (x, weight, *biases)))
    return z
