"""Elementwise functions; those of more than one operand broadcast."""

from typing import Any

import numpy as np

from autograd_lite.dispatch import implements
from autograd_lite.ops import elementwise
from autograd_lite.ops.arithmetic import square as _square
from autograd_lite.tensor import Tensor, TensorLike, apply

__all__ = [
    "abs",
    "clip",
    "cos",
    "exp",
    "expm1",
    "log",
    "log1p",
    "maximum",
    "minimum",
    "relu",
    "sigmoid",
    "sin",
    "sqrt",
    "square",
    "tanh",
    "where",
]


def exp(x: TensorLike) -> Tensor:
    """Return e to the power of each value of ``x``.

    Examples
    --------
    >>> exp([0.0, 1.0])
    Tensor([1.        , 2.71828183])
    """
    return apply(elementwise.exp, (x,), {})


def expm1(x: TensorLike) -> Tensor:
    """Return ``exp(x) - 1``, exact where x is small.

    Examples
    --------
    >>> expm1(1e-20).item()
    1e-20
    """
    return apply(elementwise.expm1, (x,), {})


def log(x: TensorLike) -> Tensor:
    """Return the natural logarithm of each value of ``x``: -inf at 0, NaN below.

    Examples
    --------
    >>> log([1.0, 2.0])
    Tensor([0.        , 0.69314718])
    """
    return apply(elementwise.log, (x,), {})


def log1p(x: TensorLike) -> Tensor:
    """Return ``log(1 + x)``, exact where x is small.

    Examples
    --------
    >>> log1p(1e-20).item()
    1e-20
    """
    return apply(elementwise.log1p, (x,), {})


def sqrt(x: TensorLike) -> Tensor:
    """Return the square root of each value of ``x``; the gradient at 0 is infinite.

    Examples
    --------
    >>> sqrt([4.0, 9.0])
    Tensor([2., 3.])
    """
    return apply(elementwise.sqrt, (x,), {})


def square(x: TensorLike) -> Tensor:
    """Return the square of each value of ``x``.

    Examples
    --------
    >>> square([2.0, -3.0])
    Tensor([4., 9.])
    """
    return apply(_square, (x,), {})


def sin(x: TensorLike) -> Tensor:
    """Return the sine of each value of ``x``, in radians.

    Examples
    --------
    >>> sin([0.0, np.pi / 2])
    Tensor([0., 1.])
    """
    return apply(elementwise.sin, (x,), {})


def cos(x: TensorLike) -> Tensor:
    """Return the cosine of each value of ``x``, in radians.

    Examples
    --------
    >>> cos([0.0, np.pi])
    Tensor([ 1., -1.])
    """
    return apply(elementwise.cos, (x,), {})


def tanh(x: TensorLike) -> Tensor:
    """Return the hyperbolic tangent of each value of ``x``.

    Examples
    --------
    >>> tanh([0.0, 1.0])
    Tensor([0.        , 0.76159416])
    """
    return apply(elementwise.tanh, (x,), {})


def sigmoid(x: TensorLike) -> Tensor:
    """Return the logistic function ``1 / (1 + exp(-x))``; it never overflows.

    Its derivative is ``y (1 - y)``, the article's sigma'.

    Examples
    --------
    >>> sigmoid([-1000.0, 0.0, 1000.0])
    Tensor([0. , 0.5, 1. ])
    """
    return apply(elementwise.sigmoid, (x,), {})


def relu(x: TensorLike) -> Tensor:
    """Return ``maximum(x, 0)``; the gradient at 0 is 0.

    Examples
    --------
    >>> relu([-2.0, 3.0])
    Tensor([0., 3.])
    """
    return apply(elementwise.relu, (x,), {})


def abs(x: TensorLike) -> Tensor:
    """Return the absolute values; the gradient at 0 is 0.

    Examples
    --------
    >>> abs([-2.0, 3.0])
    Tensor([2., 3.])
    """
    return apply(elementwise.absolute, (x,), {})


def maximum(x: TensorLike, y: TensorLike) -> Tensor:
    """Return the larger of two values, NaN if one is; where equal, each gets half the gradient.

    Examples
    --------
    >>> maximum([1.0, 5.0], 3.0)
    Tensor([3., 5.])
    """
    return apply(elementwise.maximum, (x, y), {})


def minimum(x: TensorLike, y: TensorLike) -> Tensor:
    """Return the smaller of two values, NaN if one is; where equal, each gets half the gradient.

    Examples
    --------
    >>> minimum([1.0, 5.0], 3.0)
    Tensor([1., 3.])
    """
    return apply(elementwise.minimum, (x, y), {})


@implements(np.clip)
def clip(x: TensorLike, a_min: Any = None, a_max: Any = None) -> Tensor:
    """Limit values to ``[a_min, a_max]``.

    Parameters
    ----------
    x : Tensor or array_like
    a_min, a_max : Tensor or array_like, optional
        The bounds, which may be differentiated too. ``None``: no bound on that side.

    Notes
    -----
    On a bound the gradient goes to ``x``, outside of the bounds to the bound.

    Examples
    --------
    >>> clip([-2.0, 0.5, 2.0], 0, 1)
    Tensor([0. , 0.5, 1. ])
    """
    low = -np.inf if a_min is None else a_min
    high = np.inf if a_max is None else a_max
    return apply(elementwise.clip, (x, low, high), {})


@implements(np.where)
def where(condition: TensorLike, x: TensorLike, y: TensorLike) -> Tensor:
    """Return ``x`` where ``condition`` is true and ``y`` elsewhere.

    The gradient goes to the value that was chosen; none goes to ``condition``.

    Examples
    --------
    >>> where([True, False], [1.0, 2.0], 0.0)
    Tensor([1., 0.])
    """
    return apply(elementwise.where, (condition, x, y), {})
