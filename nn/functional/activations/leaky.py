"""ReLUs with a slope on the negative side that is learned or drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite import Primitive, Tensor, TensorLike, as_tensor, leaky_relu, once
from autograd_lite.errors import DomainError, ShapeError
from nn.functional.operands import real


@np.errstate(invalid="ignore")  # -inf * 0 is NaN
def _sloped(x: Any, slope: Any, shape: tuple[int, ...]) -> Any:
    return np.maximum(x, 0) + slope.reshape(shape) * np.minimum(x, 0)


def _sloped_rule(g: Any, y: Any, x: Any, slope: Any, shape: tuple[int, ...]) -> Any:
    positive = (x > 0).astype(g.dtype)
    return g * (positive + (1 - positive) * slope.reshape(shape))


def _slope_rule(g: Any, y: Any, x: Any, slope: Any, shape: tuple[int, ...]) -> Any:
    part = g * np.minimum(x, 0)
    if part.dtype == np.float16:  # added up in float32
        part = part.astype(np.float32)
    shared = tuple(axis for axis, n in enumerate(shape) if n == 1)
    return np.sum(part, axis=shared).reshape(slope.shape)


# x where it is positive, else x times the slopes, which broadcast in the given shape
sloped = Primitive("prelu", _sloped, [_sloped_rule, _slope_rule])


def prelu(x: TensorLike, weight: TensorLike) -> Tensor:
    """Return ``x`` where it is positive, and ``weight * x`` elsewhere.

    Parameters
    ----------
    x : Tensor or array_like, shape (batch, channels, ...), or any for a weight of one value
    weight : Tensor or array_like, shape (1,) or (channels,)
        The slopes below 0, which are the gradients at 0, too.

    Raises
    ------
    ShapeError
        If there isn't one slope for all, or one for each channel, along axis 1.
    DTypeError
        If one is complex.

    Notes
    -----
    He, Zhang, Ren and Sun, Delving deep into rectifiers, arXiv:1502.01852, 2015.

    Examples
    --------
    >>> prelu([[-1.0, -1.0], [2.0, 2.0]], [0.25, 0.5])
    Tensor([[-0.25, -0.5 ],
            [ 2.  ,  2.  ]])
    """
    tensor, slope = real("prelu", x), real("prelu", weight)
    channels = tensor.shape[1] if tensor.ndim > 1 else 1
    if slope.shape not in ((), (1,), (channels,)):
        raise ShapeError(
            f"prelu: weight must have 1 value, or {channels}, one for each channel along axis 1 of "
            f"x; it has shape {slope.shape}, and x {tensor.shape}"
        )
    shape = (1,) * tensor.ndim
    if slope.size > 1:
        shape = (1, channels, *(1,) * (tensor.ndim - 2))
    y: Tensor = sloped(tensor, slope, shape=shape)
    return y


def rrelu(
    x: TensorLike,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    *,
    rng: np.random.Generator | int | None = None,
) -> Tensor:
    """Return ``x`` where it is positive, and elsewhere ``x`` times a slope that is drawn for it.

    Parameters
    ----------
    x : Tensor or array_like
    lower, upper : float
        Slopes are uniform between these.
    training : bool
        Without it, the slope is the mean of ``lower`` and ``upper`` everywhere.
    rng : numpy.random.Generator or int, optional
        Draws the slopes; an int is a seed.

    Raises
    ------
    DomainError
        If ``lower`` is above ``upper``.
    DTypeError
        If ``x`` is complex.

    Notes
    -----
    The slope is the gradient at 0, too. Xu, Wang, Chen and Li, Empirical evaluation of rectified
    activations in convolutional network, arXiv:1505.00853, 2015.

    Examples
    --------
    >>> rrelu([-24.0, 2.0])
    Tensor([-5.5,  2. ])
    """
    check_slopes("rrelu", lower, upper)
    tensor = real("rrelu", x)
    if not training:
        return leaky_relu(tensor, (lower + upper) / 2)
    slopes = once(lambda: _drawn(tensor, lower, upper, rng))
    y: Tensor = sloped(tensor, as_tensor(slopes), shape=tensor.shape)
    return y


def _drawn(x: Tensor, lower: float, upper: float, rng: np.random.Generator | int | None) -> Any:
    return np.random.default_rng(rng).uniform(lower, upper, x.shape).astype(x.dtype)


def check_slopes(call: str, lower: float, upper: float) -> None:
    """Raise a DomainError unless ``lower`` is at most ``upper``, and both are finite."""
    if not -np.inf < lower <= upper < np.inf:
        raise DomainError(
            f"{call}: lower and upper must be finite, and lower at most upper: {lower}, {upper}"
        )
