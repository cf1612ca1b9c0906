"""Activations that are the input times a gate, which is between 0 and 1."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd_lite as core
from autograd_lite import Primitive, Tensor, TensorLike
from autograd_lite.errors import DomainError, ShapeError
from nn.functional.activations.smooth import logistic
from nn.functional.operands import real


def _bounded(x: Any) -> Any:
    """Return ``x`` in the range in which exp(x)**2 is a number, and the gate isn't 0 or 1."""
    return np.clip(x, -1000, 5 if x.dtype == np.float16 else 20)


def _mish(x: Any) -> Any:
    e = np.exp(_bounded(x))
    n = e * (e + 2)
    return np.maximum(x, -1000) * (n / (n + 2))  # at -inf, it is not -inf * 0


def _mish_rule(g: Any, y: Any, x: Any) -> Any:
    x = _bounded(x)
    e = np.exp(x)
    n = e * (e + 2)
    # with the gate t = n / (n + 2): t' = (1 - t**2) sigmoid(x), and 1 - t**2 without cancellation
    steepness = 4 * ((n + 1) / (n + 2) / (n + 2)) * (e / (1 + e))
    return g * (n / (n + 2) + x * steepness)


# x tanh(log(1 + exp(x))): the gate is a fraction of exp(x)
soft_gated = Primitive("mish", _mish, [_mish_rule], elementwise=True)


def _halves(x: Any, axis: int) -> tuple[Any, Any]:
    before, middle = (slice(None),) * (axis % x.ndim), x.shape[axis] // 2
    return x[(*before, slice(0, middle))], x[(*before, slice(middle, None))]


def _glu(x: Any, axis: int) -> Any:
    a, b = _halves(x, axis)
    return a * logistic(b)


def _glu_rule(g: Any, y: Any, x: Any, axis: int) -> Any:
    a, b = _halves(x, axis)
    gate = logistic(b)
    return np.concatenate([g * gate, g * a * (gate * (1 - gate))], axis=axis)


gated = Primitive("glu", _glu, [_glu_rule])


def gelu(x: TensorLike, approximate: str = "none") -> Tensor:
    """Return ``x`` times the probability that a standard normal variable is below ``x``.

    Parameters
    ----------
    x : Tensor or array_like
    approximate : {"none", "tanh"}
        With "tanh", the approximation with which the first language models were trained.

    Raises
    ------
    DomainError
        If ``approximate`` is something else.
    DTypeError
        If ``x`` is complex.

    Notes
    -----
    Hendrycks and Gimpel, Gaussian error linear units (GELUs), arXiv:1606.08415, 2016.

    Examples
    --------
    >>> gelu([-1.0, 0.0, 1.0])
    Tensor([-0.15865525,  0.        ,  0.84134475])
    >>> gelu(1.0, approximate="tanh").item()
    0.841191...
    """
    check_approximation("gelu", approximate)
    return core.gelu(real("gelu", x), approximate == "tanh")


def check_approximation(call: str, approximate: Any) -> None:
    """Raise a DomainError if this isn't one of the ways to compute a GELU."""
    if approximate not in ("none", "tanh"):
        raise DomainError(f"{call}: approximate must be 'none' or 'tanh', not {approximate!r}")


def mish(x: TensorLike) -> Tensor:
    """Return ``x * tanh(softplus(x))``.

    Raises
    ------
    DTypeError
        If ``x`` is complex.

    Notes
    -----
    Misra, Mish: a self regularized non-monotonic activation function, arXiv:1908.08681, 2019.

    Examples
    --------
    >>> mish([-1.0, 0.0, 1.0])
    Tensor([-0.30340146,  0.        ,  0.86509839])
    """
    y: Tensor = soft_gated(real("mish", x))
    return y


def glu(x: TensorLike, axis: int = -1) -> Tensor:
    """Return the first half of ``x`` along ``axis``, times the sigmoid of the second half.

    Raises
    ------
    ShapeError
        If there is no such axis, or its length is odd.
    DTypeError
        If ``x`` is complex.

    Notes
    -----
    Dauphin, Fan, Auli and Grangier, Language modeling with gated convolutional networks,
    arXiv:1612.08083, 2016.

    Examples
    --------
    >>> glu([1.0, 2.0, 0.0, 1000.0])
    Tensor([0.5, 2. ])
    """
    tensor = real("glu", x)
    if not -tensor.ndim <= axis < tensor.ndim or tensor.shape[axis] % 2:
        raise ShapeError(
            f"glu: x must have an axis {axis} of even length, which is halved; it has shape "
            f"{tensor.shape}"
        )
    y: Tensor = gated(tensor, axis=int(axis))
    return y
