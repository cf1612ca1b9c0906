"""Losses of independent yes-or-no outputs: binary cross-entropy and its relatives."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd_lite
from autograd_lite import Primitive, Tensor, TensorLike, sigmoid
from autograd_lite.errors import DomainError, ShapeError
from nn.losses.operands import (
    Reduction,
    alike,
    broadcast_weights,
    class_weights,
    like,
    reduced,
    require_within,
    spelled,
)


def _cost(z: Any, t: Any, w: Any) -> Any:
    small = np.log1p(np.exp(-np.abs(z)))
    yes, no = np.maximum(-z, 0) + small, np.maximum(z, 0) + small
    return _times(w * t, yes) + _times(1 - t, no)


def _times(a: Any, b: Any) -> Any:
    return a * np.where(a == 0, 0, b)  # what has no weight costs nothing, even if b is infinite


def _sigmoid(z: Any) -> Any:
    return np.exp(-np.logaddexp(0, -z))  # keeps its digits, as do its derivatives


# -w t log(a) - (1 - t) log(1 - a), for a = sigmoid(z); w is the weight of the positive answer
weighted_binary_cross_entropy = Primitive(
    "binary_cross_entropy_with_logits",
    _cost,
    [
        lambda g, y, z, t, w: g * ((1 - t) * _sigmoid(z) - w * t * _sigmoid(-z)),
        lambda g, y, z, t, w: g * (w * np.logaddexp(0, -z) - np.logaddexp(0, z)),
        lambda g, y, z, t, w: g * t * np.logaddexp(0, -z),
    ],
    elementwise=True,
)


def binary_cross_entropy_with_logits(
    logits: TensorLike,
    target: TensorLike,
    reduction: Reduction = "batch_mean",
    *,
    weight: TensorLike | None = None,
    pos_weight: TensorLike | None = None,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Return the cross-entropy of ``sigmoid(logits)``, the article's cost, without overflow.

    The cost of one output is ``-t log(a) - (1 - t) log(1 - a)`` with ``a = sigmoid(logits)``. Its
    derivative with respect to the logits is ``a - t``, the article's delta of the last layer,
    which the default reduction divides by the number of examples.

    Parameters
    ----------
    logits : Tensor or array_like, shape (examples, outputs) or any other
        The pre-activations ``z`` of the last layer.
    target : Tensor or array_like, of the same shape
        Between 0 and 1; one-hot rows for classes.
    reduction : {"batch_mean", "mean", "sum", "none"}
        See :mod:`nn.losses.operands`. PyTorch's default, and that of
        :class:`nn.BCEWithLogitsLoss`, is ``"mean"``.
    weight : Tensor or array_like, optional
        Multiplies the costs, to whose shape it broadcasts; means don't divide by it.
    pos_weight : Tensor or array_like, optional
        Multiplies ``-t log(a)``, and broadcasts in the same way: shape (outputs,) for one weight
        for each output.
    sample_weight : Tensor or array_like, optional
        See :mod:`nn.losses.operands`.

    Returns
    -------
    Tensor
        One value, or the shape of ``logits`` for ``"none"``.

    Raises
    ------
    ShapeError
        If the shapes don't fit, or there is nothing to average.
    DTypeError
        If the logits or the targets are complex.
    DomainError
        If there is no such reduction.
    WeightsError
        If the sample weights of a mean sum to 0.

    Notes
    -----
    Even the smallest costs keep their relative accuracy. Where the target is 0 or 1, an infinite
    logit costs 0 if it agrees, and infinity if it doesn't. Targets aren't checked.

    Examples
    --------
    >>> z = Tensor([[0.0, 0.0]], requires_grad=True)
    >>> binary_cross_entropy_with_logits(z, [[1.0, 0.0]]).backward()
    >>> z.grad
    Tensor([[-0.5,  0.5]])
    """
    name = "binary_cross_entropy_with_logits"
    if weight is None and pos_weight is None and sample_weight is None:
        z, t = like(logits, target, name)
        return autograd_lite.binary_cross_entropy_with_logits(z, t, spelled(reduction, name))
    (z, t), dtype = alike(name, logits=logits, target=target)
    if pos_weight is None:
        costs = autograd_lite.binary_cross_entropy_with_logits(z, t, "none")
    else:
        positive = broadcast_weights(pos_weight, z.shape, z.dtype, name, "pos_weight")
        costs = weighted_binary_cross_entropy(z, t, positive)
    if weight is not None:
        costs = costs * broadcast_weights(weight, z.shape, z.dtype, name, "weight")
    return reduced(costs, reduction, name, dtype, sample_weight)


def binary_cross_entropy(
    probabilities: TensorLike,
    target: TensorLike,
    reduction: Reduction = "batch_mean",
    *,
    weight: TensorLike | None = None,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Return the cross-entropy of probabilities.

    The cost of one output is ``-t log(p) - (1 - t) log(1 - p)``.

    Parameters
    ----------
    probabilities : Tensor or array_like, shape (examples, outputs) or any other
        Between 0 and 1. If they come from a sigmoid, prefer
        :func:`binary_cross_entropy_with_logits` on its input, which is exact where the sigmoid
        rounds to 0 or 1.
    target : Tensor or array_like, of the same shape
        Between 0 and 1.
    reduction : {"batch_mean", "mean", "sum", "none"}
        See :mod:`nn.losses.operands`. PyTorch's default, and that of :class:`nn.BCELoss`, is
        ``"mean"``.
    weight, sample_weight : Tensor or array_like, optional
        As those of :func:`binary_cross_entropy_with_logits`.

    Returns
    -------
    Tensor
        One value, or the shape of ``probabilities`` for ``"none"``.

    Raises
    ------
    DomainError
        If a probability isn't between 0 and 1, or there is no such reduction.
    DTypeError
        If the probabilities or the targets are complex.
    ShapeError
        If the shapes don't fit, or there is nothing to average.
    WeightsError
        If the sample weights of a mean sum to 0.

    Notes
    -----
    Logarithms are at least -100, and the divisors of the derivative at least 1e-12, so that a
    prediction that is certain but wrong costs much, but not infinitely much. Targets aren't
    checked.

    Examples
    --------
    >>> binary_cross_entropy([[0.5, 0.0]], [[1.0, 0.0]]).item()
    0.69314...
    """
    name = "binary_cross_entropy"
    if weight is None and sample_weight is None:
        p, t = like(probabilities, target, name)
        return autograd_lite.binary_cross_entropy(p, t, spelled(reduction, name))
    (p, t), dtype = alike(name, probabilities=probabilities, target=target)
    costs = autograd_lite.binary_cross_entropy(p, t, "none")
    if weight is not None:
        costs = costs * broadcast_weights(weight, p.shape, p.dtype, name, "weight")
    return reduced(costs, reduction, name, dtype, sample_weight)


def sigmoid_focal_loss(
    logits: TensorLike,
    target: TensorLike,
    reduction: Reduction = "none",
    *,
    alpha: float = 0.25,
    gamma: float = 2.0,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Return the focal loss: a binary cross-entropy that outputs that are right nearly leave out.

    The cost of one output is its cross-entropy times ``m**gamma``, where m, its miss, is
    ``1 - sigmoid(z)`` for a target of 1, and ``sigmoid(z)`` for 0.

    Parameters
    ----------
    logits : Tensor or array_like
    target : Tensor or array_like, of the same shape
        0 or 1.
    reduction : {"none", "mean", "batch_mean", "sum"}
        See :mod:`nn.losses.operands`; the default is torchvision's.
    alpha : float
        The weight of the targets of 1; ``1 - alpha`` is that of 0. Below 0 for no weights.
    gamma : float
        At least 0; with 0 it is the cross-entropy.
    sample_weight : Tensor or array_like, optional
        See :mod:`nn.losses.operands`.

    Returns
    -------
    Tensor
        One value, or the shape of ``logits`` for ``"none"``.

    Raises
    ------
    DomainError
        If ``alpha`` is above 1, ``gamma`` negative, or there is no such reduction.
    ShapeError
        If the shapes differ, or there is nothing to average.

    Notes
    -----
    Lin and others, "Focal loss for dense object detection" (2017).

    Examples
    --------
    >>> sigmoid_focal_loss([0.0, 0.0], [1.0, 0.0])
    Tensor([0.0433217, 0.1299651])
    """
    name = "sigmoid_focal_loss"
    if not alpha <= 1:
        raise DomainError(f"{name}: alpha must be at most 1, not {alpha}")
    require_within(name, "gamma", gamma, 0)
    (z, t), dtype = alike(name, logits=logits, target=target)
    miss = (1 - t) * sigmoid(z) + t * sigmoid(-z)
    costs = autograd_lite.binary_cross_entropy_with_logits(z, t, "none") * miss**gamma
    if alpha >= 0:
        costs = costs * (alpha * t + (1 - alpha) * (1 - t))
    return reduced(costs, reduction, name, dtype, sample_weight)


def multilabel_soft_margin_loss(
    logits: TensorLike,
    target: TensorLike,
    reduction: Reduction = "mean",
    *,
    weight: TensorLike | None = None,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Return the binary cross-entropy of each example, averaged over the classes.

    Parameters
    ----------
    logits : Tensor or array_like, shape (..., classes)
    target : Tensor or array_like, of the same shape
        1 for each class that an example has, else 0.
    reduction : {"mean", "batch_mean", "sum", "none"}
        See :mod:`nn.losses.operands`.
    weight : Tensor or array_like, shape (classes,), optional
        Multiplies the costs of the classes; the average over them divides by their number.
    sample_weight : Tensor or array_like, optional
        See :mod:`nn.losses.operands`.

    Returns
    -------
    Tensor
        One value, or shape (...) for ``"none"``.

    Raises
    ------
    ShapeError
        If the shapes don't fit, or there are no classes or examples.
    DomainError
        If there is no such reduction.

    Examples
    --------
    >>> multilabel_soft_margin_loss([[0.0, 0.0, 50.0]], [[1.0, 0.0, 1.0]]).item()
    0.46209...
    """
    name = "multilabel_soft_margin_loss"
    (z, t), dtype = alike(name, logits=logits, target=target)
    if not z.ndim or not z.shape[-1]:
        raise ShapeError(f"{name}: logits of shape {z.shape} have no classes; give (..., classes)")
    costs = autograd_lite.binary_cross_entropy_with_logits(z, t, "none")
    if weight is not None:
        costs = costs * class_weights(weight, z.shape[-1], z.dtype, name)
    return reduced(costs.mean(axis=-1), reduction, name, dtype, sample_weight)
