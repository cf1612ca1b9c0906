"""Functions that rearrange values, and products of matrices."""

from collections.abc import Sequence

import numpy as np

from autograd_lite.dispatch import implements
from autograd_lite.functions.differentiation import as_tensor
from autograd_lite.ops import linear_algebra, shaping
from autograd_lite.ops.reductions import Axis
from autograd_lite.tensor import Tensor, TensorLike, apply

__all__ = [
    "broadcast_to",
    "concatenate",
    "expand_dims",
    "linear",
    "matmul",
    "reshape",
    "squeeze",
    "stack",
    "swapaxes",
    "transpose",
]


def matmul(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Return the product ``x1 @ x2``, for every rank that NumPy allows.

    Examples
    --------
    >>> matmul([[1.0, 2.0]], [[3.0], [4.0]])
    Tensor([[11.]])
    """
    return apply(linear_algebra.matmul, (x1, x2), {})


def linear(x: TensorLike, weights: TensorLike, bias: TensorLike) -> Tensor:
    """Return the pre-activation ``x @ weights + bias`` of a layer, recorded as one op.

    Parameters
    ----------
    x : Tensor or array_like, shape (..., inputs)
    weights : Tensor or array_like, shape (inputs, outputs)
    bias : Tensor or array_like, shape (outputs,)

    Returns
    -------
    Tensor, shape (..., outputs)

    Raises
    ------
    ShapeError
        If these don't fit together.

    Examples
    --------
    >>> linear([[1.0, 2.0]], [[3.0], [4.0]], [0.5])
    Tensor([[11.5]])
    """
    return apply(linear_algebra.linear, (x, weights, bias), {})


@implements(np.reshape)
def reshape(a: TensorLike, shape: int | tuple[int, ...]) -> Tensor:
    """Return the same values in another shape; one length may be -1.

    Examples
    --------
    >>> reshape([1, 2, 3, 4], (2, -1))
    Tensor([[1, 2],
            [3, 4]])
    """
    return as_tensor(a).reshape(shape)


@implements(np.transpose)
def transpose(a: TensorLike, axes: Sequence[int] | None = None) -> Tensor:
    """Return the tensor with its axes permuted; reversed where ``axes`` is left out.

    Examples
    --------
    >>> transpose(np.zeros((2, 3, 4)), (1, 0, 2)).shape
    (3, 2, 4)
    """
    return apply(shaping.transpose, (as_tensor(a),), {"axes": axes})


@implements(np.swapaxes)
def swapaxes(a: TensorLike, axis1: int, axis2: int) -> Tensor:
    """Return the tensor with two axes swapped.

    Examples
    --------
    >>> swapaxes(np.zeros((2, 3, 4)), 0, -1).shape
    (4, 3, 2)
    """
    return as_tensor(a).swapaxes(axis1, axis2)


@implements(np.expand_dims)
def expand_dims(a: TensorLike, axis: int | tuple[int, ...]) -> Tensor:
    """Return the tensor with axes of length 1 inserted, at these positions in the result.

    Examples
    --------
    >>> expand_dims(np.zeros((2, 3)), (0, -1)).shape
    (1, 2, 3, 1)
    """
    return apply(shaping.expand_dims, (as_tensor(a),), {"axis": axis})


@implements(np.squeeze)
def squeeze(a: TensorLike, axis: Axis = None) -> Tensor:
    """Return the tensor without its axes of length 1, or without those given.

    Examples
    --------
    >>> squeeze(np.zeros((1, 2, 1)), 0).shape
    (2, 1)
    """
    return as_tensor(a).squeeze(axis)


@implements(np.broadcast_to)
def broadcast_to(array: TensorLike, shape: int | tuple[int, ...]) -> Tensor:
    """Return the tensor repeated to ``shape`` along new axes and axes of length 1.

    Examples
    --------
    >>> broadcast_to([1.0, 2.0], (2, 2))
    Tensor([[1., 2.],
            [1., 2.]])
    """
    return apply(shaping.broadcast_to, (as_tensor(array),), {"shape": shape})


@implements(np.concatenate)
def concatenate(arrays: Sequence[TensorLike], axis: int | None = 0) -> Tensor:
    """Join tensors along an axis that they have; flattened first where ``axis`` is None.

    Examples
    --------
    >>> concatenate([[1.0, 2.0], [3.0]])
    Tensor([1., 2., 3.])
    """
    return apply(shaping.concatenate, tuple(map(as_tensor, arrays)), {"axis": axis})


@implements(np.stack)
def stack(arrays: Sequence[TensorLike], axis: int = 0) -> Tensor:
    """Join tensors of one shape along a new axis.

    Examples
    --------
    >>> stack([[1.0, 2.0], [3.0, 4.0]], axis=1)
    Tensor([[1., 3.],
            [2., 4.]])
    """
    return apply(shaping.stack, tuple(map(as_tensor, arrays)), {"axis": axis})
