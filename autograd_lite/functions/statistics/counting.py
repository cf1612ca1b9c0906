"""Whether there are values, how many, and where: constants, all of them."""

import numpy as np

from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.ops.mathematics.reductions import Axis
from autograd_lite.tensor import Tensor, TensorLike, compute

__all__ = [
    "all",
    "any",
    "argmax",
    "argmin",
    "count_nonzero",
    "nanargmax",
    "nanargmin",
]


def all(
    a: TensorLike, axis: Axis = None, keepdims: bool = False, *, where: TensorLike = True
) -> Tensor:
    """Return True where all values along ``axis`` are true, or not 0: a constant.

    Examples
    --------
    >>> all([[1.0, 0.0], [3.0, 2.0]], axis=1)
    Tensor([False,  True])
    """
    return as_tensor(compute(np.all, as_tensor(a), axis=axis, keepdims=keepdims, where=where))


def any(
    a: TensorLike, axis: Axis = None, keepdims: bool = False, *, where: TensorLike = True
) -> Tensor:
    """Return True where any value along ``axis`` is true, or not 0: a constant.

    Examples
    --------
    >>> any([[1.0, 0.0], [0.0, 0.0]], axis=1)
    Tensor([ True, False])
    """
    return as_tensor(compute(np.any, as_tensor(a), axis=axis, keepdims=keepdims, where=where))


def count_nonzero(a: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Return how many values along ``axis`` are not 0: a constant.

    Examples
    --------
    >>> count_nonzero([[1.0, 0.0], [3.0, 2.0]], axis=1)
    Tensor([1, 2])
    """
    return as_tensor(compute(np.count_nonzero, as_tensor(a), axis=axis, keepdims=keepdims))


def argmax(a: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Return the index of the maximum along ``axis``, the first of several: a constant.

    Examples
    --------
    >>> argmax([[1.0, 5.0], [3.0, 2.0]], axis=1)
    Tensor([1, 0])
    """
    return as_tensor(compute(np.argmax, as_tensor(a), axis=axis, keepdims=keepdims))


def argmin(a: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Return the index of the minimum along ``axis``, the first of several: a constant.

    Examples
    --------
    >>> argmin([[1.0, 5.0], [3.0, 2.0]], axis=1)
    Tensor([0, 1])
    """
    return as_tensor(compute(np.argmin, as_tensor(a), axis=axis, keepdims=keepdims))


def nanargmax(a: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Return the index of the maximum of what isn't NaN along ``axis``: a constant.

    Examples
    --------
    >>> nanargmax([[np.nan, 5.0], [3.0, 2.0]], axis=1)
    Tensor([1, 0])
    """
    return as_tensor(compute(np.nanargmax, as_tensor(a), axis=axis, keepdims=keepdims))


def nanargmin(a: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Return the index of the minimum of what isn't NaN along ``axis``: a constant.

    Examples
    --------
    >>> nanargmin([[np.nan, 5.0], [3.0, 2.0]], axis=1)
    Tensor([1, 1])
    """
    return as_tensor(compute(np.nanargmin, as_tensor(a), axis=axis, keepdims=keepdims))
