"""Activations made of straight pieces, or of a parabola between them.

At a kink, or a jump, the derivative is that of PyTorch, 0 in most cases; each function says which.
The rules multiply by the choice of the piece, as ``np.where`` takes several times as long where it
changes often.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite import Primitive, Tensor, TensorLike
from autograd_lite.errors import DomainError
from nn.functional.operands import real

clipped = Primitive(
    "hardtanh",
    np.clip,
    [lambda g, y, x, a_min, a_max: g * np.logical_and(a_min < x, x < a_max)],
    elementwise=True,
    singular=True,
)

hard_sigmoid = Primitive(
    "hardsigmoid",
    lambda x: np.clip(x + 3, 0, 6) / 6,
    [lambda g, y, x: g * np.logical_and(x > -3, x < 3) / 6],
    elementwise=True,
    singular=True,
)


def _hard_swish_rule(g: Any, y: Any, x: Any) -> Any:
    between = np.logical_and(x > -3, x < 3)
    return g * (between * (np.clip(x, -3, 3) / 3 + 0.5) + (x >= 3))


hard_swish = Primitive(
    "hardswish",
    lambda x: np.clip(x, -3, np.inf) * (np.clip(x + 3, 0, 6) / 6),  # not -inf * 0 at -inf
    [_hard_swish_rule],
    elementwise=True,
    singular=True,
)

hard_shrink = Primitive(
    "hardshrink",
    lambda x, lambd: x * (np.abs(x) > lambd),
    [lambda g, y, x, lambd: g * (np.abs(x) > lambd)],
    elementwise=True,
    singular=True,
)

soft_shrink = Primitive(
    "softshrink",
    lambda x, lambd: x - np.clip(x, -lambd, lambd),
    [lambda g, y, x, lambd: g * (np.abs(x) > lambd)],
    elementwise=True,
    singular=True,
)

above = Primitive(
    "threshold",
    lambda x, least, value: np.where(x <= least, x.dtype.type(value), x),
    [lambda g, y, x, least, value: g * (x > least)],
    elementwise=True,
    singular=True,
)


def hardtanh(x: TensorLike, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """Return ``x``, but no less than ``min_val`` and no more than ``max_val``.

    The gradient on a bound is 0; that of :func:`autograd_lite.clip` goes to ``x`` there.

    Parameters
    ----------
    x : Tensor or array_like
    min_val, max_val : float

    Raises
    ------
    DomainError
        If ``min_val`` is above ``max_val``.
    DTypeError
        If ``x`` is complex.

    Examples
    --------
    >>> hardtanh([-2.0, 0.5, 2.0])
    Tensor([-1. ,  0.5,  1. ])
    """
    check_bounds("hardtanh", min_val, max_val)
    y: Tensor = clipped(real("hardtanh", x), a_min=float(min_val), a_max=float(max_val))
    return y


def check_bounds(call: str, min_val: float, max_val: float) -> None:
    """Raise a DomainError if the bounds are crossed."""
    if not min_val <= max_val:
        raise DomainError(f"{call}: min_val must be at most max_val: {min_val}, {max_val}")


def relu6(x: TensorLike) -> Tensor:
    """Return ``x``, but no less than 0 and no more than 6; the gradient at 0 and 6 is 0.

    Raises
    ------
    DTypeError
        If ``x`` is complex.

    Examples
    --------
    >>> relu6([-1.0, 3.0, 7.0])
    Tensor([0., 3., 6.])
    """
    y: Tensor = clipped(real("relu6", x), a_min=0.0, a_max=6.0)
    return y


def hardsigmoid(x: TensorLike) -> Tensor:
    """Return ``relu6(x + 3) / 6``, a sigmoid of straight pieces; the gradient at ±3 is 0.

    Raises
    ------
    DTypeError
        If ``x`` is complex.

    Examples
    --------
    >>> hardsigmoid([-4.0, 0.0, 4.0])
    Tensor([0. , 0.5, 1. ])
    """
    y: Tensor = hard_sigmoid(real("hardsigmoid", x))
    return y


def hardswish(x: TensorLike) -> Tensor:
    """Return ``x * hardsigmoid(x)``; the gradient at -3 is 0, and that at 3 is 1.

    Raises
    ------
    DTypeError
        If ``x`` is complex.

    Notes
    -----
    Howard and others, Searching for MobileNetV3, arXiv:1905.02244, 2019.

    Examples
    --------
    >>> hardswish([-1.0, 0.0, 4.0])
    Tensor([-0.33333333,  0.        ,  4.        ])
    """
    y: Tensor = hard_swish(real("hardswish", x))
    return y


def hardshrink(x: TensorLike, lambd: float = 0.5) -> Tensor:
    """Return ``x`` where its size is above ``lambd``, else 0; the gradient at ±lambd is 0.

    Raises
    ------
    DTypeError
        If ``x`` is complex.

    Examples
    --------
    >>> hardshrink([-2.0, 0.5, 2.0])
    Tensor([-2.,  0.,  2.])
    """
    y: Tensor = hard_shrink(real("hardshrink", x), lambd=float(lambd))
    return y


def softshrink(x: TensorLike, lambd: float = 0.5) -> Tensor:
    """Return ``x`` moved towards 0 by ``lambd``, and 0 from there on; the gradient at ±lambd is 0.

    Parameters
    ----------
    x : Tensor or array_like
    lambd : float
        At least 0.

    Raises
    ------
    DomainError
        If ``lambd`` is negative.
    DTypeError
        If ``x`` is complex.

    Examples
    --------
    >>> softshrink([-2.0, 0.25, 2.0])
    Tensor([-1.5,  0. ,  1.5])
    """
    check_shrinkage("softshrink", lambd)
    y: Tensor = soft_shrink(real("softshrink", x), lambd=float(lambd))
    return y


def check_shrinkage(call: str, lambd: float) -> None:
    """Raise a DomainError if it isn't at least 0."""
    if not 0 <= lambd < np.inf:
        raise DomainError(f"{call}: lambd must be finite, at least 0: {lambd}")


def threshold(x: TensorLike, threshold: float, value: float) -> Tensor:
    """Return ``x`` where it is above ``threshold``, else ``value``; the gradient there is 0.

    Raises
    ------
    DTypeError
        If ``x`` is complex.

    Examples
    --------
    >>> import nn
    >>> nn.functional.threshold([0.0, 1.0, 2.0], 1.0, -5.0)
    Tensor([-5., -5.,  2.])
    """
    y: Tensor = above(real("threshold", x), least=float(threshold), value=float(value))
    return y
