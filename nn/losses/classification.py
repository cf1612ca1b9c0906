"""Losses of one class among several: cross-entropy and negative log-likelihood."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

import autograd_lite
from autograd_lite import Tensor, TensorLike, as_tensor, take_along_axis
from autograd_lite.errors import AxisError, DTypeError, ShapeError
from nn.labels import require_labels
from nn.losses.operands import (
    Reduction,
    class_weights,
    floating,
    indices,
    reduced,
    require_within,
    spelled,
    weighed,
    widened,
)


def cross_entropy(
    logits: TensorLike,
    target: TensorLike,
    reduction: Reduction = "mean",
    *,
    axis: int | None = None,
    weight: TensorLike | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Return the cross-entropy of ``softmax(logits)``.

    The cost of one example is ``-log(softmax(z))[t]`` for the class t, or
    ``-sum(t * log(softmax(z)))`` for probabilities t.

    Parameters
    ----------
    logits : Tensor or array_like, shape (examples, classes), (classes,), or any with more axes
    target : Tensor or array_like
        Class indices: integers, of the shape of the logits without the axis of the classes. Or the
        probabilities of the classes: floating numbers, of the shape of the logits.
    reduction : {"mean", "batch_mean", "sum", "none"}
        See :mod:`nn.losses.operands`.
    axis : int, optional
        The axis of the classes. With more than two axes it is 1, as in PyTorch's
        (N, C, H, W), or the last one, whichever fits the shape of class indices; it must be given
        if both fit, or neither can be told from probabilities.
    weight : Tensor or array_like, shape (classes,), optional
        Weights of the classes. With class indices, the mean divides by the sum of the weights of
        the examples; with probabilities, by the number of examples, as PyTorch does.
    ignore_index : int
        Class indices equal to it cost nothing, and don't count in the mean.
    label_smoothing : float
        Between 0 and 1: this share of each target is spread evenly over all classes.
    sample_weight : Tensor or array_like, optional
        See :mod:`nn.losses.operands`.

    Returns
    -------
    Tensor
        One value, or the shape of the logits without the axis of the classes for ``"none"``.

    Raises
    ------
    DomainError
        If a class index isn't one of the classes, or an option is out of range.
    DTypeError
        If class indices aren't integers, or the logits are complex.
    ShapeError
        If the shapes don't fit together, or the axis of the classes can't be told.
    WeightsError
        If the weights of a mean sum to 0, or all examples are ignored.

    Notes
    -----
    Even the smallest costs keep their relative accuracy. An infinite logit is the limit of a large
    one: inf takes all of the probability, and -inf none. Probabilities as targets aren't checked.

    Label smoothing: Szegedy and others, "Rethinking the inception architecture for computer vision"
    (2016), section 7.

    Examples
    --------
    >>> cross_entropy([[0.0, 0.0], [0.0, 1000.0]], [0, 1]).item()
    0.34657...
    >>> cross_entropy([[0.0, 0.0], [0.0, 1000.0]], [0, -100]).item()
    0.69314...
    """
    name = "cross_entropy"
    z, t = floating(logits, name), as_tensor(target)
    require_within(name, "label_smoothing", label_smoothing, 0, 1)
    probable = t.dtype.kind == "f" and t.shape == z.shape and z.ndim > 0
    along = _class_axis(z.shape, t, axis, probable, name)
    ignored = None
    if not probable:
        ignored = _ignored(t, ignore_index, name)
    if weight is None and sample_weight is None and ignored is None and not label_smoothing:
        return autograd_lite.cross_entropy(z, t, spelled(reduction, name), along)
    classes, dtype = z.shape[along], z.dtype
    z, counted = widened(z), None
    weights = None if weight is None else class_weights(weight, classes, z.dtype, name)
    if probable:
        dtype = np.result_type(dtype, t.dtype)
        q = _smoothed(widened(t), label_smoothing, weights, along)
        costs = autograd_lite.cross_entropy(z, q, "none", along)
    else:
        labels = t.array if ignored is None else np.where(ignored, 0, t.array)
        require_labels(labels, classes, name)
        counted = _weights_of_examples(labels, ignored, weights, z.dtype)
        if label_smoothing:
            column = np.arange(classes).reshape((-1,) + (1,) * (z.ndim - along - 1))
            own = (np.expand_dims(labels, along) == column).astype(z.dtype)
            q = _smoothed(as_tensor(own), label_smoothing, weights, along)
            q = q if ignored is None else q * np.expand_dims(~ignored, along)
            costs = autograd_lite.cross_entropy(z, q, "none", along)
        else:
            costs = weighed(autograd_lite.cross_entropy(z, labels, "none", along), counted)
    return reduced(costs, reduction, name, dtype, sample_weight, counted)


def nll_loss(
    log_probabilities: TensorLike,
    target: TensorLike,
    reduction: Reduction = "mean",
    *,
    axis: int | None = None,
    weight: TensorLike | None = None,
    ignore_index: int = -100,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Return the negative log-likelihood: minus the logarithm of the target's probability.

    After ``log_softmax`` it is :func:`cross_entropy`, which is one op.

    Parameters
    ----------
    log_probabilities : Tensor or array_like
        Shape (examples, classes), (classes,), or any with more axes.
    target : Tensor or array_like
        Class indices: integers, of that shape without the axis of the classes.
    reduction : {"mean", "batch_mean", "sum", "none"}
        See :mod:`nn.losses.operands`.
    axis, weight, ignore_index, sample_weight
        As those of :func:`cross_entropy`.

    Returns
    -------
    Tensor
        One value, or the shape of the target for ``"none"``.

    Raises
    ------
    DomainError, DTypeError, ShapeError, WeightsError
        As from :func:`cross_entropy`.

    Examples
    --------
    >>> nll_loss([[-0.5, -1.0], [-2.0, -0.25]], [0, 1]).item()
    0.375
    """
    name = "nll_loss"
    x, t = floating(log_probabilities, name), as_tensor(target)
    along = _class_axis(x.shape, t, axis, False, name)
    dtype, classes = x.dtype, x.shape[along]
    x = widened(x)
    ignored = _ignored(t, ignore_index, name)
    labels = t.array if ignored is None else np.where(ignored, 0, t.array)
    require_labels(labels, classes, name)
    own = take_along_axis(x, np.expand_dims(labels, along), along)
    weights = None if weight is None else class_weights(weight, classes, x.dtype, name)
    counted = _weights_of_examples(labels, ignored, weights, x.dtype)
    costs = weighed(0 - own.squeeze(along), counted)
    return reduced(costs, reduction, name, dtype, sample_weight, counted)


def _ignored(target: Tensor, index: int, name: str) -> npt.NDArray[np.bool_] | None:
    """Return where class indices are those to ignore, or None if there are none."""
    if not isinstance(index, int | np.integer):
        raise DTypeError(f"{name}: ignore_index must be a whole number, not {index!r}")
    ignored: npt.NDArray[np.bool_] = np.equal(indices(target, name).array, index)
    return ignored if ignored.any() else None


def _class_axis(
    shape: tuple[int, ...], target: Tensor, axis: int | None, probable: bool, name: str
) -> int:
    """Return the axis of the classes that fits the target, counted from the front."""
    dims = len(shape)
    if axis is not None:
        if not isinstance(axis, int | np.integer) or not -dims <= axis < dims:
            raise AxisError(f"{name}: logits of shape {shape} have no axis {axis!r}")
        axes = [axis % dims]
    else:
        axes = [1, dims - 1] if dims > 2 else [dims - 1] if dims else []
    if probable:
        if len(axes) > 1:
            raise ShapeError(
                f"{name}: logits and probabilities of shape {shape} don't tell which axis has the "
                "classes; pass axis=1, PyTorch's, or axis=-1"
            )
        return axes[0]
    rests = [shape[:k] + shape[k + 1 :] for k in axes]
    fitting = [k for k, rest in zip(axes, rests, strict=True) if rest == target.shape]
    if len(fitting) > 1:
        raise ShapeError(
            f"{name}: in logits of shape {shape} with class indices of shape {target.shape}, the "
            "classes may be along axis 1 or the last one; pass axis=1, PyTorch's, or axis=-1"
        )
    if not fitting:
        expected = " or ".join(map(str, rests)) or "of no shape"
        probabilities = "" if name == "nll_loss" else f", or probabilities (floating) of {shape}"
        raise ShapeError(
            f"{name}: logits of shape {shape} need class indices of shape {expected}"
            f"{probabilities}; the target has shape {target.shape} ({target.dtype})"
        )
    return fitting[0]


def _smoothed(target: Tensor, share: float, weights: Tensor | None, axis: int) -> Tensor:
    """Spread a share of each distribution over all classes; then weigh the classes."""
    if share:
        target = (1 - share) * target + share / target.shape[axis]
    if weights is None:
        return target
    return target * weights.reshape((-1,) + (1,) * (target.ndim - axis - 1))


def _weights_of_examples(
    labels: npt.NDArray[Any],
    ignored: npt.NDArray[Any] | None,
    weights: Tensor | None,
    dtype: npt.DTypeLike,
) -> Tensor | None:
    """Return the weight of each example's class, 0 if it is ignored; None if all are 1."""
    if ignored is None:
        return None if weights is None else weights[labels]
    kept = (~ignored).astype(dtype)
    return as_tensor(kept) if weights is None else weights[labels] * kept
