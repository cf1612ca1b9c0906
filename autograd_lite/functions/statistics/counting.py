"""Truth of values, counts, and places of extremes, all of which are constants."""

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
    """Return whether all values along ``axis`` are true, or not 0: a constant.

    Parameters
    ----------
    a : Tensor or array_like
    axis : int, tuple of int, or None
        The axes to reduce; ``None`` means all of them.
    keepdims : bool
        Keep the reduced axes, with length 1.
    where : array_like of bool
        Look only at the values where this is true.

    Raises
    ------
    AxisError
        If there is no such axis.

    Examples
    --------
    >>> all([[1.0, 0.0], [3.0, 2.0]], axis=1)
    Tensor([False,  True])
    """
    return as_tensor(compute(np.all, as_tensor(a), axis=axis, keepdims=keepdims, where=where))


def any(
    a: TensorLike, axis: Axis = None, keepdims: bool = False, *, where: TensorLike = True
) -> Tensor:
    """Return whether any value along ``axis`` is true, or not 0: a constant; see :func:`all`.

    Examples
    --------
    >>> any([[1.0, 0.0], [0.0, 0.0]], axis=1)
    Tensor([ True, False])
    """
    return as_tensor(compute(np.any, as_tensor(a), axis=axis, keepdims=keepdims, where=where))


def count_nonzero(a: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Return how many values along ``axis`` aren't 0: a constant.

    Examples
    --------
    >>> count_nonzero([[1.0, 0.0], [3.0, 2.0]], axis=1)
    Tensor([1, 2])
    """
    return as_tensor(compute(np.count_nonzero, as_tensor(a), axis=axis, keepdims=keepdims))


def argmax(a: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Return the index of the maximum along ``axis``, the first if there are several: a constant.

    Parameters
    ----------
    a : Tensor or array_like
    axis : int or None
        ``None`` means the index into the flattened tensor.
    keepdims : bool
        Keep the reduced axes, with length 1.

    Raises
    ------
    ShapeError
        If there is no such axis, or no value.

    Examples
    --------
    >>> argmax([[1.0, 5.0], [3.0, 2.0]], axis=1)
    Tensor([1, 0])
    """
    return as_tensor(compute(np.argmax, as_tensor(a), axis=axis, keepdims=keepdims))


def argmin(a: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Return the index of the minimum along ``axis``: a constant; see :func:`argmax`.

    Examples
    --------
    >>> argmin([[1.0, 5.0], [3.0, 2.0]], axis=1)
    Tensor([0, 1])
    """
    return as_tensor(compute(np.argmin, as_tensor(a), axis=axis, keepdims=keepdims))


def nanargmax(a: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Return :func:`argmax` of the values that aren't NaN: a constant.

    Raises
    ------
    ShapeError
        If all values are NaN, or there is no such axis, or no value.

    Examples
    --------
    >>> nanargmax([[np.nan, 5.0], [3.0, 2.0]], axis=1)
    Tensor([1, 0])
    """
    return as_tensor(compute(np.nanargmax, as_tensor(a), axis=axis, keepdims=keepdims))


def nanargmin(a: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Return :func:`argmin` of the values that aren't NaN: a constant; see :func:`nanargmax`.

    Examples
    --------
    >>> nanargmin([[np.nan, 5.0], [3.0, 2.0]], axis=1)
    Tensor([1, 1])
    """
    return as_tensor(compute(np.nanargmin, as_tensor(a), axis=axis, keepdims=keepdims))
