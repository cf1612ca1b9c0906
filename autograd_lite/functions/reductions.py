"""Reductions, softmax and its logarithm."""

import numpy as np

from autograd_lite.dispatch import implements
from autograd_lite.functions.differentiation import as_floating, as_tensor
from autograd_lite.ops import reductions
from autograd_lite.ops.reductions import Axis
from autograd_lite.tensor import Tensor, TensorLike, apply, compute

__all__ = [
    "argmax",
    "argmin",
    "log_softmax",
    "logsumexp",
    "max",
    "mean",
    "min",
    "softmax",
    "sum",
]


@implements(np.sum)
def sum(a: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Return the sum along ``axis``.

    Parameters
    ----------
    a : Tensor or array_like
    axis : int, tuple of int, or None
        The axes to reduce; ``None``: all of them.
    keepdims : bool
        Keep the reduced axes, with length 1.

    Examples
    --------
    >>> sum([[1.0, 2.0], [3.0, 4.0]], axis=0)
    Tensor([4., 6.])
    """
    return as_tensor(a).sum(axis, keepdims)


@implements(np.mean)
def mean(a: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Return the mean along ``axis``; see :func:`sum` for the parameters.

    Raises
    ------
    ShapeError
        If there is nothing to average.

    Examples
    --------
    >>> mean([[1.0, 2.0], [3.0, 4.0]], axis=1)
    Tensor([1.5, 3.5])
    """
    return as_tensor(a).mean(axis, keepdims)


@implements(np.max)
def max(a: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Return the maximum along ``axis``; see :func:`sum` for the parameters.

    Where several values are the maximum, they share the gradient equally.

    Examples
    --------
    >>> x = as_tensor([3.0, 1.0, 3.0])
    >>> x.requires_grad = True
    >>> max(x).backward()
    >>> x.grad
    Tensor([0.5, 0. , 0.5])
    """
    return as_tensor(a).max(axis, keepdims)


@implements(np.min)
def min(a: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Return the minimum along ``axis``; see :func:`sum` for the parameters.

    Where several values are the minimum, they share the gradient equally.

    Examples
    --------
    >>> min([[1.0, 2.0], [3.0, 0.0]], axis=1)
    Tensor([1., 0.])
    """
    return as_tensor(a).min(axis, keepdims)


def argmax(a: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Return the index of the maximum along ``axis``, the first of several: a constant.

    Examples
    --------
    >>> argmax([[1.0, 5.0], [3.0, 2.0]], axis=1)
    Tensor([1, 0])
    """
    index: Tensor = compute(np.argmax, as_tensor(a), axis=axis, keepdims=keepdims)
    return index


def argmin(a: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Return the index of the minimum along ``axis``, the first of several: a constant.

    Examples
    --------
    >>> argmin([[1.0, 5.0], [3.0, 2.0]], axis=1)
    Tensor([0, 1])
    """
    index: Tensor = compute(np.argmin, as_tensor(a), axis=axis, keepdims=keepdims)
    return index


def logsumexp(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Return ``log(sum(exp(x)))`` along ``axis`` without overflow; see :func:`sum`.

    Examples
    --------
    >>> logsumexp([1000.0, 1000.0]).item() - 1000
    0.69314...
    """
    return apply(reductions.logsumexp, (as_floating(x),), {"axis": axis, "keepdims": keepdims})


def softmax(x: TensorLike, axis: Axis = -1) -> Tensor:
    """Return ``exp(x) / sum(exp(x))`` along ``axis``: positive values that sum to 1.

    Examples
    --------
    >>> softmax([1000.0, 1000.0, 0.0])
    Tensor([0.5, 0.5, 0. ])
    """
    return apply(reductions.softmax, (as_floating(x),), {"axis": axis})


def log_softmax(x: TensorLike, axis: Axis = -1) -> Tensor:
    """Return ``log(softmax(x))`` along ``axis``, exact where softmax itself would be 0.

    Examples
    --------
    >>> log_softmax([0.0, 1000.0])
    Tensor([-1000.,     0.])
    """
    return apply(reductions.log_softmax, (as_floating(x),), {"axis": axis})
