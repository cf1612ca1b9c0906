"""Products of two inputs by a weight that has an axis for each."""

from typing import Any

import numpy as np

from autograd_lite import Primitive, Tensor, TensorLike, as_tensor
from autograd_lite.errors import ShapeError


def _bilinear(a: Any, b: Any, w: Any) -> Any:
    outputs, first, second = w.shape
    left = np.reshape(a, (-1, first)) @ w.transpose(1, 0, 2).reshape(first, outputs * second)
    rows = left.reshape(-1, outputs, second) @ np.reshape(b, (-1, second, 1))
    return rows.reshape(*a.shape[:-1], outputs)


def _weight_rule(g: Any, y: Any, a: Any, b: Any, w: Any) -> Any:
    outputs, first, second = w.shape
    pairs = np.reshape(a, (-1, first, 1)) * np.reshape(b, (-1, 1, second))
    return (np.reshape(g, (-1, outputs)).T @ pairs.reshape(-1, first * second)).reshape(w.shape)


# y_o = sum over i, j of a_i w_oij b_j. It is linear in a, in b and in w, so that the gradient of an
# input is such a product again: of the cotangent and the other input
product: Primitive = Primitive(
    "bilinear",
    _bilinear,
    [
        lambda g, y, a, b, w: product(g, b, w.transpose(1, 0, 2)),
        lambda g, y, a, b, w: product(g, a, w.transpose(2, 0, 1)),
        _weight_rule,
    ],
)


def bilinear(
    input1: TensorLike, input2: TensorLike, weight: TensorLike, bias: TensorLike | None = None
) -> Tensor:
    """Return ``input1 @ weight[o] @ input2 + bias[o]`` for each output ``o``.

    Parameters
    ----------
    input1 : Tensor or array_like, shape (..., in1)
    input2 : Tensor or array_like, shape (..., in2)
    weight : Tensor or array_like, shape (out, in1, in2)
    bias : Tensor or array_like, shape (out,), optional

    Returns
    -------
    Tensor, shape (..., out)

    Raises
    ------
    ShapeError
        If the shapes don't fit together.

    Examples
    --------
    >>> bilinear([1.0, 2.0], [3.0, 4.0], [[[1.0, 0.0], [0.0, 1.0]]], [0.5])
    Tensor([11.5])
    """
    a, b, w = as_tensor(input1), as_tensor(input2), as_tensor(weight)
    if w.ndim != 3 or a.shape[-1:] != w.shape[1:2] or b.shape[-1:] != w.shape[2:]:
        raise ShapeError(
            "bilinear: inputs (..., in1) and (..., in2) need a weight (out, in1, in2); shapes are "
            f"{a.shape}, {b.shape} and {w.shape}"
        )
    if a.shape[:-1] != b.shape[:-1]:
        raise ShapeError(
            "bilinear: the axes of the inputs before the last must be the same; shapes are "
            f"{a.shape} and {b.shape}"
        )
    z = as_tensor(product(a, b, w))
    if bias is None:
        return z
    offset = as_tensor(bias)
    if offset.shape != w.shape[:1]:
        raise ShapeError(f"bilinear: the bias must be {w.shape[:1]}; it has shape {offset.shape}")
    return z + offset
