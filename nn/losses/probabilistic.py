"""Losses of distributions: the Kullback-Leibler divergence, Poisson and Gaussian likelihoods."""

from __future__ import annotations

from math import log, pi
from typing import Any

import numpy as np

from autograd_lite import Primitive, Tensor, TensorLike, as_tensor, where
from autograd_lite.errors import DomainError, ShapeError
from nn.losses.operands import Reduction, alike, operand, reduced, require_within, widened


@np.errstate(divide="ignore", invalid="ignore")
def _divergence(x: Any, t: Any) -> Any:
    return np.where(t == 0, 0, t * (np.log(t) - x))  # 0 log(0) is 0


# t (log(t) - x), for the logarithm x of a probability
divergence = Primitive(
    "kl_div",
    _divergence,
    [lambda g, y, x, t: -g * t, lambda g, y, x, t: g * (np.log(t) + 1 - x)],
    elementwise=True,
    singular=True,
)


@np.errstate(invalid="ignore")
def _divergence_of_logarithms(x: Any, t: Any) -> Any:
    p = np.exp(t)
    return np.where(p == 0, 0, p * (t - x))


# exp(t) (t - x), for the logarithms of two probabilities
divergence_of_logarithms = Primitive(
    "kl_div",
    _divergence_of_logarithms,
    [lambda g, y, x, t: -g * np.exp(t), lambda g, y, x, t: g * (y + np.exp(t))],
    elementwise=True,
)


@np.errstate(over="ignore", invalid="ignore")
def _poisson(x: Any, t: Any) -> Any:
    return np.exp(x) - np.where(t == 0, 0, t * x)  # 0 * -inf is 0


# exp(x) - t x, for the logarithm x of the rate
poisson = Primitive(
    "poisson_nll_loss",
    _poisson,
    [lambda g, y, x, t: g * (np.exp(x) - t), lambda g, y, x, t: -g * x],
    elementwise=True,
)


def _gaussian(x: Any, t: Any, var: Any, eps: float) -> Any:
    v = np.maximum(var, eps)
    return 0.5 * (np.log(v) + (x - t) / v * (x - t))


def _gaussian_variance_rule(g: Any, y: Any, x: Any, t: Any, var: Any, eps: float) -> Any:
    v = np.maximum(var, eps)  # below eps the slope is that at eps, so that var can grow again
    return g * (0.5 / v) * (1 - (x - t) / v * (x - t))


# (log(v) + (x - t)**2 / v) / 2, for v = max(var, eps)
gaussian = Primitive(
    "gaussian_nll_loss",
    _gaussian,
    [
        lambda g, y, x, t, var, eps: g * ((x - t) / np.maximum(var, eps)),
        lambda g, y, x, t, var, eps: g * ((t - x) / np.maximum(var, eps)),
        _gaussian_variance_rule,
    ],
    elementwise=True,
)


def kl_div(
    log_probabilities: TensorLike,
    target: TensorLike,
    reduction: Reduction = "mean",
    *,
    log_target: bool = False,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Return the Kullback-Leibler divergence of predictions from a target distribution.

    Its terms are ``t * (log(t) - x)``. Their sum over a distribution is the divergence, so
    ``reduction="batch_mean"`` gives the mean divergence of (examples, classes); the default, which
    is PyTorch's, divides by the number of classes too.

    Parameters
    ----------
    log_probabilities : Tensor or array_like
        The logarithms ``x`` of the predicted probabilities.
    target : Tensor or array_like, of the same shape
        Probabilities, or their logarithms if ``log_target``.
    reduction : {"mean", "batch_mean", "sum", "none"}
        See :mod:`nn.losses.operands`.
    log_target : bool
        Whether the target holds logarithms.
    sample_weight : Tensor or array_like, optional
        See :mod:`nn.losses.operands`.

    Returns
    -------
    Tensor
        One value, or the shape of ``target`` for ``"none"``.

    Raises
    ------
    ShapeError
        If the shapes differ, or there is nothing to average.
    DomainError
        If a probability in the target is negative, or there is no such reduction.

    Notes
    -----
    A probability of 0 in the target costs 0, even if the prediction is 0 as well.

    Examples
    --------
    >>> kl_div([[-0.693147, -0.693147]], [[1.0, 0.0]], "batch_mean").item()
    0.693147
    """
    (x, t), dtype = alike("kl_div", log_probabilities=log_probabilities, target=target)
    if not log_target and np.any(t.array < 0):
        raise DomainError(
            f"kl_div: probabilities can't be negative; the least of the target is {t.array.min()}. "
            "For logarithms pass log_target=True"
        )
    terms = divergence_of_logarithms(x, t) if log_target else divergence(x, t)
    return reduced(as_tensor(terms), reduction, "kl_div", dtype, sample_weight)


def poisson_nll_loss(
    prediction: TensorLike,
    target: TensorLike,
    reduction: Reduction = "mean",
    *,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Return the negative log-likelihood of counts that have a Poisson distribution.

    The cost is ``exp(x) - t * x`` for the logarithm x of the rate, or ``x - t * log(x + eps)`` for
    the rate itself. The term ``log(t!)``, which no prediction changes, is left out.

    Parameters
    ----------
    prediction : Tensor or array_like
        The logarithm of the expected count, or the count itself if ``log_input`` is False.
    target : Tensor or array_like, of the same shape
        Counts.
    reduction : {"mean", "batch_mean", "sum", "none"}
        See :mod:`nn.losses.operands`.
    log_input : bool
        Whether the predictions are logarithms.
    full : bool
        Add Stirling's approximation of ``log(t!)``, ``t log(t) - t + log(2 pi t) / 2``, where t is
        above 1.
    eps : float
        Keeps the logarithm finite if ``log_input`` is False.
    sample_weight : Tensor or array_like, optional
        See :mod:`nn.losses.operands`.

    Returns
    -------
    Tensor
        One value, or the shape of ``target`` for ``"none"``.

    Raises
    ------
    ShapeError
        If the shapes differ, or there is nothing to average.
    DomainError
        If ``eps`` isn't positive, a rate is negative, or there is no such reduction.

    Examples
    --------
    >>> poisson_nll_loss([0.0, 0.0], [0.0, 3.0], "none")
    Tensor([1., 1.])
    >>> poisson_nll_loss([2.0], [2.0], log_input=False, full=True).item()
    1.26551...
    """
    name = "poisson_nll_loss"
    require_within(name, "eps", eps, 0, above=True)
    (x, t), dtype = alike(name, prediction=prediction, target=target)
    if not log_input and np.any(x.array < 0):
        raise DomainError(
            f"{name}: expected counts can't be negative; the least is {x.array.min()}. "
            "For their logarithms pass log_input=True"
        )
    costs = as_tensor(poisson(x, t)) if log_input else x - t * np.log(x + eps)
    if full:
        several = where(t.array > 1, t, 1.0)
        stirling = several * np.log(several) - several + 0.5 * np.log(2 * pi * several)
        costs = costs + where(t.array > 1, stirling, 0.0)
    return reduced(costs, reduction, name, dtype, sample_weight)


def gaussian_nll_loss(
    prediction: TensorLike,
    target: TensorLike,
    var: TensorLike,
    reduction: Reduction = "mean",
    *,
    full: bool = False,
    eps: float = 1e-6,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Return the negative log-likelihood of values that have a normal distribution.

    The cost is ``(log(v) + (x - t)**2 / v) / 2`` with ``v = max(var, eps)``.

    Parameters
    ----------
    prediction, target : Tensor or array_like, of the same shape
        The expected values, and the values.
    var : Tensor or array_like
        The variances, predicted or known: of that shape, or with one value along one of its axes,
        or without its last axis, or one number.
    reduction : {"mean", "batch_mean", "sum", "none"}
        See :mod:`nn.losses.operands`.
    full : bool
        Add the constant ``log(2 pi) / 2``.
    eps : float
        The least variance. Below it the gradient by ``var`` is that at ``eps``, as in PyTorch, so
        that a variance can grow again.
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
    DomainError
        If a variance is negative, ``eps`` isn't positive, or there is no such reduction.

    Notes
    -----
    Nix and Weigend, "Estimating the mean and variance of the target probability distribution"
    (1994).

    Examples
    --------
    >>> gaussian_nll_loss([0.0, 0.0], [0.0, 2.0], [1.0, 4.0], "none")
    Tensor([0.        , 1.19314718])
    """
    name = "gaussian_nll_loss"
    require_within(name, "eps", eps, 0, above=True)
    (x, t), dtype = alike(name, prediction=prediction, target=target)
    number = isinstance(var, int | float)
    v = as_tensor(var, x.dtype) if number else operand(var, x, name)
    if not number:
        dtype = np.result_type(dtype, v.dtype)
    if v.shape == x.shape[:-1] and x.ndim > 1:
        v = v.reshape((*v.shape, 1))
    if v.shape != () and not (
        v.ndim == x.ndim
        and all(n in (1, m) for n, m in zip(v.shape, x.shape, strict=True))
        and sum(n != m for n, m in zip(v.shape, x.shape, strict=True)) <= 1
    ):
        raise ShapeError(
            f"{name}: var must have the shape of the prediction, {x.shape}, or 1 along one axis, "
            f"or lack the last one, or be one number; it has shape {as_tensor(var).shape}"
        )
    if np.any(v.array < 0):
        raise DomainError(f"{name}: variances can't be negative; the least is {v.array.min()}")
    costs = as_tensor(gaussian(x, t, widened(v), eps=eps))
    if full:
        costs = costs + 0.5 * log(2 * pi)
    return reduced(costs, reduction, name, dtype, sample_weight)
