"""Losses of real numbers: squared, absolute, and what lies between."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd_lite
from autograd_lite import Primitive, Tensor, TensorLike
from nn.losses.operands import Reduction, alike, like, reduced, require_within, spelled


def _huber(x: Any, t: Any, delta: float) -> Any:
    distance = np.abs(x - t)
    near = np.minimum(distance, delta)
    return near * (distance - 0.5 * near)


# (x - t)**2 / 2 within delta; beyond, the tangent
huber = Primitive(
    "huber_loss",
    _huber,
    [
        lambda g, y, x, t, delta: g * np.clip(x - t, -delta, delta),
        lambda g, y, x, t, delta: g * np.clip(t - x, -delta, delta),
    ],
    elementwise=True,
)


def _smooth_l1(x: Any, t: Any, beta: float) -> Any:
    distance = np.abs(x - t)
    near = np.minimum(distance, beta)
    return near / beta * (distance - 0.5 * near)


# the same with delta = beta, divided by beta
smooth_l1 = Primitive(
    "smooth_l1_loss",
    _smooth_l1,
    [
        lambda g, y, x, t, beta: g * (np.clip(x - t, -beta, beta) / beta),
        lambda g, y, x, t, beta: g * (np.clip(t - x, -beta, beta) / beta),
    ],
    elementwise=True,
)


def mean_squared_error(
    prediction: TensorLike,
    target: TensorLike,
    reduction: Reduction = "mean",
    *,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Return the mean of ``(prediction - target)**2``; ``mse_loss`` is another name of it.

    Parameters
    ----------
    prediction, target : Tensor or array_like, of the same shape
    reduction : {"mean", "batch_mean", "sum", "none"}
        See :mod:`nn.losses.operands`.
    sample_weight : Tensor or array_like, optional
        See :mod:`nn.losses.operands`.

    Returns
    -------
    Tensor
        One value, or the shape of ``prediction`` for ``"none"``.

    Raises
    ------
    ShapeError
        If the shapes don't fit, or there is nothing to average.
    DTypeError
        If the operands are complex.
    DomainError
        If there is no such reduction.
    WeightsError
        If the sample weights of a mean sum to 0.

    Examples
    --------
    >>> mean_squared_error([1.0, 2.0], [1.0, 4.0]).item()
    2.0
    >>> mean_squared_error([1.0, 2.0], [1.0, 4.0], sample_weight=[3.0, 1.0]).item()
    1.0
    """
    name = "mean_squared_error"
    if sample_weight is None:
        p, t = like(prediction, target, name)
        return autograd_lite.mean_squared_error(p, t, spelled(reduction, name))
    (p, t), dtype = alike(name, prediction=prediction, target=target)
    squares = autograd_lite.mean_squared_error(p, t, "none")
    return reduced(squares, reduction, name, dtype, sample_weight)


mse_loss = mean_squared_error


def l1_loss(
    prediction: TensorLike,
    target: TensorLike,
    reduction: Reduction = "mean",
    *,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Return the mean of ``abs(prediction - target)``; the gradient where they agree is 0.

    Parameters
    ----------
    prediction, target : Tensor or array_like, of the same shape
    reduction : {"mean", "batch_mean", "sum", "none"}
        See :mod:`nn.losses.operands`.
    sample_weight : Tensor or array_like, optional
        See :mod:`nn.losses.operands`.

    Returns
    -------
    Tensor
        One value, or the shape of ``prediction`` for ``"none"``.

    Raises
    ------
    ShapeError, DTypeError, DomainError, WeightsError
        As from :func:`mean_squared_error`.

    Examples
    --------
    >>> l1_loss([1.0, 2.0], [1.0, 4.0]).item()
    1.0
    """
    (p, t), dtype = alike("l1_loss", prediction=prediction, target=target)
    return reduced(abs(p - t), reduction, "l1_loss", dtype, sample_weight)


def huber_loss(
    prediction: TensorLike,
    target: TensorLike,
    reduction: Reduction = "mean",
    *,
    delta: float = 1.0,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Return the mean Huber loss: half the square of small errors, linear in large ones.

    The cost of an error d is ``d**2 / 2`` up to ``delta``, and ``delta * (abs(d) - delta / 2)``
    beyond, so that outliers have a bounded gradient.

    Parameters
    ----------
    prediction, target : Tensor or array_like, of the same shape
    reduction : {"mean", "batch_mean", "sum", "none"}
        See :mod:`nn.losses.operands`.
    delta : float
        Above 0.
    sample_weight : Tensor or array_like, optional
        See :mod:`nn.losses.operands`.

    Returns
    -------
    Tensor
        One value, or the shape of ``prediction`` for ``"none"``.

    Raises
    ------
    ShapeError, DTypeError, DomainError, WeightsError
        As from :func:`mean_squared_error`; also if ``delta`` isn't above 0.

    Notes
    -----
    Huber, "Robust estimation of a location parameter" (1964).

    Examples
    --------
    >>> huber_loss([0.5, 3.0], [0.0, 0.0], "none")
    Tensor([0.125, 2.5  ])
    """
    require_within("huber_loss", "delta", delta, 0, above=True)
    (p, t), dtype = alike("huber_loss", prediction=prediction, target=target)
    return reduced(huber(p, t, delta=delta), reduction, "huber_loss", dtype, sample_weight)


def smooth_l1_loss(
    prediction: TensorLike,
    target: TensorLike,
    reduction: Reduction = "mean",
    *,
    beta: float = 1.0,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Return the mean absolute error, rounded off below ``beta``: Huber's loss divided by it.

    The cost of an error d is ``d**2 / (2 * beta)`` up to ``beta``, and ``abs(d) - beta / 2``
    beyond.

    Parameters
    ----------
    prediction, target : Tensor or array_like, of the same shape
    reduction : {"mean", "batch_mean", "sum", "none"}
        See :mod:`nn.losses.operands`.
    beta : float
        At least 0; with 0 it is :func:`l1_loss`.
    sample_weight : Tensor or array_like, optional
        See :mod:`nn.losses.operands`.

    Returns
    -------
    Tensor
        One value, or the shape of ``prediction`` for ``"none"``.

    Raises
    ------
    ShapeError, DTypeError, DomainError, WeightsError
        As from :func:`mean_squared_error`; also if ``beta`` is negative.

    Notes
    -----
    Girshick, "Fast R-CNN" (2015), equation 3.

    Examples
    --------
    >>> smooth_l1_loss([0.5, 3.0], [0.0, 0.0], "none", beta=2.0)
    Tensor([0.0625, 2.    ])
    """
    name = "smooth_l1_loss"
    require_within(name, "beta", beta, 0)
    (p, t), dtype = alike(name, prediction=prediction, target=target)
    losses = smooth_l1(p, t, beta=beta) if beta else abs(p - t)
    return reduced(losses, reduction, name, dtype, sample_weight)
