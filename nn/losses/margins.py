"""Losses that are content with a margin: hinge losses of two and of several classes.

The gradient at a margin that is just reached is PyTorch's: that of the sloping side for
:func:`hinge_embedding_loss` (and :func:`hinge_loss`), 0 for the losses of several classes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograd_lite import (
    Tensor,
    TensorLike,
    as_tensor,
    clip,
    relu,
    softplus,
    take_along_axis,
    where,
)
from autograd_lite.errors import DomainError, ShapeError
from nn.labels import require_labels
from nn.losses.operands import (
    Reduction,
    alike,
    class_weights,
    floating,
    indices,
    reduced,
    require_signs,
    widened,
)


def hinge_loss(
    prediction: TensorLike,
    target: TensorLike,
    reduction: Reduction = "mean",
    *,
    margin: float = 1.0,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Return the mean hinge loss of support vector machines, ``max(0, margin - t * x)``.

    Parameters
    ----------
    prediction : Tensor or array_like
        Scores: positive for one class, negative for the other.
    target : Tensor or array_like, of the same shape
        -1 or 1.
    reduction : {"mean", "batch_mean", "sum", "none"}
        See :mod:`nn.losses.operands`.
    margin : float
        What a score on the right side must reach to cost nothing.
    sample_weight : Tensor or array_like, optional
        See :mod:`nn.losses.operands`.

    Returns
    -------
    Tensor
        One value, or the shape of ``prediction`` for ``"none"``.

    Raises
    ------
    ShapeError
        If the shapes differ, or there is nothing to average.
    DomainError
        If a target isn't -1 or 1, or there is no such reduction.

    Examples
    --------
    >>> hinge_loss([2.0, 0.5, 0.5], [1.0, 1.0, -1.0], "none")
    Tensor([0. , 0.5, 1.5])
    """
    (x, t), dtype = alike("hinge_loss", prediction=prediction, target=target)
    require_signs(t, "hinge_loss")
    return reduced(clip(margin - t * x, 0, None), reduction, "hinge_loss", dtype, sample_weight)


def hinge_embedding_loss(
    distance: TensorLike,
    target: TensorLike,
    reduction: Reduction = "mean",
    *,
    margin: float = 1.0,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Return ``x`` for pairs that belong together, and ``max(0, margin - x)`` for others.

    Parameters
    ----------
    distance : Tensor or array_like
        The distances ``x`` of pairs.
    target : Tensor or array_like, of the same shape
        1 for pairs that belong together, -1 for others.
    reduction : {"mean", "batch_mean", "sum", "none"}
        See :mod:`nn.losses.operands`.
    margin : float
        The distance that pairs that don't belong together should have.
    sample_weight : Tensor or array_like, optional
        See :mod:`nn.losses.operands`.

    Returns
    -------
    Tensor
        One value, or the shape of ``distance`` for ``"none"``.

    Raises
    ------
    ShapeError, DomainError
        As from :func:`hinge_loss`.

    Examples
    --------
    >>> hinge_embedding_loss([0.25, 0.25, 3.0], [1.0, -1.0, -1.0], "none")
    Tensor([0.25, 0.75, 0.  ])
    """
    name = "hinge_embedding_loss"
    (x, t), dtype = alike(name, distance=distance, target=target)
    require_signs(t, name)
    costs = where(t.array == 1, x, clip(margin - x, 0, None))
    return reduced(costs, reduction, name, dtype, sample_weight)


def soft_margin_loss(
    logits: TensorLike,
    target: TensorLike,
    reduction: Reduction = "mean",
    *,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Return the mean of ``log(1 + exp(-t * x))``, without overflow.

    Parameters
    ----------
    logits : Tensor or array_like
    target : Tensor or array_like, of the same shape
        -1 or 1.
    reduction : {"mean", "batch_mean", "sum", "none"}
        See :mod:`nn.losses.operands`.
    sample_weight : Tensor or array_like, optional
        See :mod:`nn.losses.operands`.

    Returns
    -------
    Tensor
        One value, or the shape of ``logits`` for ``"none"``.

    Raises
    ------
    ShapeError, DomainError
        As from :func:`hinge_loss`.

    Examples
    --------
    >>> soft_margin_loss([0.0, 1000.0, 1000.0], [1.0, 1.0, -1.0], "none")
    Tensor([6.93147181e-01, 0.00000000e+00, 1.00000000e+03])
    """
    (x, t), dtype = alike("soft_margin_loss", logits=logits, target=target)
    require_signs(t, "soft_margin_loss")
    return reduced(softplus(-(t * x)), reduction, "soft_margin_loss", dtype, sample_weight)


def multi_margin_loss(
    scores: TensorLike,
    target: TensorLike,
    reduction: Reduction = "mean",
    *,
    p: int = 1,
    margin: float = 1.0,
    weight: TensorLike | None = None,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Return the hinge loss of several classes.

    The cost of an example of class t is the sum over the other classes i of
    ``max(0, margin - x[t] + x[i])**p``, divided by the number of classes.

    Parameters
    ----------
    scores : Tensor or array_like, shape (examples, classes) or (classes,)
    target : integers, shape (examples,) or ()
    reduction : {"mean", "batch_mean", "sum", "none"}
        See :mod:`nn.losses.operands`.
    p : {1, 2}
    margin : float
        By how much the score of the class should exceed the others.
    weight : Tensor or array_like, shape (classes,), optional
        Multiplies the costs of a class's examples. The mean divides by the number of examples, as
        in PyTorch.
    sample_weight : Tensor or array_like, optional
        See :mod:`nn.losses.operands`.

    Returns
    -------
    Tensor
        One value, or shape (examples,) for ``"none"``.

    Raises
    ------
    ShapeError
        If the shapes don't fit, or there is nothing to average.
    DTypeError
        If class indices aren't integers.
    DomainError
        If a class index isn't one of the classes, p is another number, or there is no such
        reduction.

    Notes
    -----
    Crammer and Singer, "On the algorithmic implementation of multiclass kernel-based vector
    machines" (2001), whose loss has the largest of these terms in the place of their sum.

    Examples
    --------
    >>> multi_margin_loss([[0.0, 1.0, 0.5]], [1]).item()
    0.16666...
    """
    name = "multi_margin_loss"
    x, t = floating(scores, name), as_tensor(target)
    if p not in (1, 2):
        raise DomainError(f"{name}: p must be 1 or 2: {p}")
    _require_rows(name, x, t, x.shape[:-1], "class indices of shape")
    labels, classes, dtype = indices(t, name).array, x.shape[-1], x.dtype
    require_labels(labels, classes, name)
    x = widened(x)
    own = take_along_axis(x, labels[..., None], -1)
    misses = relu(margin - own + x) * (labels[..., None] != np.arange(classes))
    costs = (misses if p == 1 else misses * misses).sum(axis=-1) / classes
    if weight is not None:
        costs = costs * class_weights(weight, classes, x.dtype, name)[labels]
    return reduced(costs, reduction, name, dtype, sample_weight)


def multilabel_margin_loss(
    scores: TensorLike,
    target: TensorLike,
    reduction: Reduction = "mean",
    *,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Return the hinge loss of examples that have any number of classes.

    The cost of an example is the sum over its classes t and the other classes i of
    ``max(0, 1 - x[t] + x[i])``, divided by the number of classes.

    Parameters
    ----------
    scores : Tensor or array_like, shape (examples, classes) or (classes,)
    target : integers, of the same shape
        The classes of each example, first in its row; -1 ends them.
    reduction : {"mean", "batch_mean", "sum", "none"}
        See :mod:`nn.losses.operands`.
    sample_weight : Tensor or array_like, optional
        See :mod:`nn.losses.operands`.

    Returns
    -------
    Tensor
        One value, or shape (examples,) for ``"none"``.

    Raises
    ------
    ShapeError, DTypeError, DomainError
        As from :func:`multi_margin_loss`.

    Examples
    --------
    >>> multilabel_margin_loss([[0.1, 0.2, 0.4, 0.8]], [[3, 0, -1, 1]]).item()
    0.85000...
    """
    name = "multilabel_margin_loss"
    x, t = floating(scores, name), as_tensor(target)
    _require_rows(name, x, t, x.shape, "class indices, ended by -1, of shape")
    labels, classes, dtype = indices(t, name).array, x.shape[-1], x.dtype
    x = widened(x)
    given = np.logical_and.accumulate(labels != -1, axis=-1)
    labels = np.where(given, labels, 0)
    require_labels(labels, classes, name)
    named = given[..., None] & (labels[..., None] == np.arange(classes))
    others = ~named.any(axis=-2)
    own = take_along_axis(x, labels, -1)
    misses = relu(1 - own[..., :, None] + x[..., None, :])
    pairs = given[..., :, None] & others[..., None, :]
    costs = (misses * pairs).sum(axis=(-2, -1)) / classes
    return reduced(costs, reduction, name, dtype, sample_weight)


def _require_rows(name: str, x: Tensor, t: Tensor, shape: Sequence[int], what: str) -> None:
    if x.ndim not in (1, 2) or t.shape != shape:
        raise ShapeError(
            f"{name} needs scores (examples, classes) or (classes,), and {what} {tuple(shape)}; "
            f"these have shapes {x.shape} and {t.shape}"
        )
