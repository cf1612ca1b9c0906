"""Losses: how far predictions are from targets, as one value to call ``backward()`` on.

``reduction`` says how to combine the losses of the examples:

- ``"mean"``: their mean, also over the outputs if each output has a loss of its own;
- ``"batch_mean"``: the sum over the outputs, averaged over the examples (the first axis), as the
  article averages its gradients over a batch;
- ``"sum"``: their sum;
- ``"none"``: return them as they are, uncombined.

Losses of float16 are computed in float32.
"""

from math import prod
from typing import Any, Literal, TypeAlias

import numpy as np

from autograd_lite.errors import AxisError, DomainError, DTypeError, ShapeError
from autograd_lite.functions.general.differentiation import as_floating, as_tensor
from autograd_lite.ops.learning import losses
from autograd_lite.primitive import Primitive
from autograd_lite.tensor import Tensor, TensorLike, apply

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "mean_squared_error",
]


Reduction: TypeAlias = Literal["mean", "batch_mean", "sum", "none"]


def _loss(
    op: Primitive,
    prediction: Tensor,
    target: Tensor,
    shape: tuple[int, ...],
    reduction: Reduction,
    **params: Any,
) -> Tensor:
    """Apply a loss whose values, before the reduction, have this shape."""
    divisor: int | None
    if reduction == "batch_mean":
        divisor = shape[0] if shape else 1
    elif reduction == "mean":
        divisor = prod(shape)
    elif reduction == "sum":
        divisor = 1
    elif reduction == "none":
        divisor = None
    else:
        raise DomainError(
            f"{op.name} has no reduction {reduction!r}; choose mean, batch_mean, sum or none"
        )
    if reduction in ("mean", "batch_mean") and 0 in shape:
        raise ShapeError(
            f"{op.name} of an empty batch (shape {shape}) has no mean; give it examples"
        )
    if prediction.dtype == np.float16:  # squares, sums and the divisor would overflow
        wide = prediction.astype(np.float32)
        loss = apply(op, (wide, target), {"divisor": divisor, **params})
        narrow = target.dtype == np.float16 or op is losses.cross_entropy_with_labels
        return loss.astype(np.float16) if narrow else loss
    return apply(op, (prediction, target), {"divisor": divisor, **params})


def _real(x: TensorLike, target: TensorLike, name: str) -> tuple[Tensor, Tensor]:
    tensors = as_floating(x), as_tensor(target)
    for tensor in tensors:
        if tensor.dtype.kind == "c":
            raise DTypeError(f"{name} of {tensor.dtype}: the operands must be real numbers")
    return tensors


def _same_shape(a: Tensor, b: Tensor, name: str) -> None:
    # (n,) against (n, 1) is always a mistake: broadcasting would train on n x n differences
    if a.shape != b.shape:
        raise ShapeError(
            f"{name}: the prediction has shape {a.shape} and the target {b.shape}; "
            "give them the same shape"
        )


def mean_squared_error(
    prediction: TensorLike, target: TensorLike, reduction: Reduction = "mean"
) -> Tensor:
    """Return the mean of ``(prediction - target)**2``.

    Parameters
    ----------
    prediction, target : Tensor or array_like, of the same shape
    reduction : {"mean", "batch_mean", "sum", "none"}
        How to combine the squares; see :mod:`autograd_lite.functions.learning.losses`.

    Returns
    -------
    Tensor
        One value, or the shape of ``prediction`` for ``"none"``.

    Raises
    ------
    ShapeError
        If the shapes differ, or there is nothing to average.
    DTypeError
        If an operand is complex; ``np.mean(np.abs(a - b) ** 2)`` takes such.
    DomainError
        If there is no such reduction.

    Examples
    --------
    >>> mean_squared_error([1.0, 2.0], [1.0, 4.0]).item()
    2.0
    """
    name = "mean_squared_error"
    p, t = _real(prediction, target, name)
    _same_shape(p, t, name)
    return _loss(losses.squared_error, p, t, p.shape, reduction)


def binary_cross_entropy_with_logits(
    logits: TensorLike, target: TensorLike, reduction: Reduction = "batch_mean"
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
        See :mod:`autograd_lite.functions.learning.losses`.

    Returns
    -------
    Tensor
        One value, or the shape of ``logits`` for ``"none"``.

    Raises
    ------
    ShapeError
        If the shapes differ, or there is nothing to average.
    DTypeError
        If an operand is complex.
    DomainError
        If there is no such reduction.

    Notes
    -----
    Even the smallest costs keep their relative accuracy. Where the target is 0 or 1, an infinite
    logit costs 0 if it agrees, and infinity if it doesn't.

    Targets aren't checked. The formula is computed with those outside [0, 1] too; the cost can then
    be negative, and has no minimum.

    Examples
    --------
    >>> z = Tensor([[0.0, 0.0]], requires_grad=True)
    >>> binary_cross_entropy_with_logits(z, [[1.0, 0.0]]).backward()
    >>> z.grad
    Tensor([[-0.5,  0.5]])
    """
    name = "binary_cross_entropy_with_logits"
    z, t = _real(logits, target, name)
    _same_shape(z, t, name)
    return _loss(losses.binary_cross_entropy_with_logits, z, t, z.shape, reduction)


def binary_cross_entropy(
    probabilities: TensorLike, target: TensorLike, reduction: Reduction = "batch_mean"
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
        See :mod:`autograd_lite.functions.learning.losses`.

    Returns
    -------
    Tensor
        One value, or the shape of ``probabilities`` for ``"none"``.

    Raises
    ------
    DomainError
        If a probability isn't between 0 and 1, or there is no such reduction.
    DTypeError
        If an operand is complex.
    ShapeError
        If the shapes differ, or there is nothing to average.

    Notes
    -----
    Logarithms are at least -100, and the divisors of the derivative at least 1e-12, so that a
    prediction that is certain but wrong costs much, but not infinitely much.

    Targets aren't checked. The formula is computed with those outside [0, 1] too; the cost can then
    be negative, and is least at a probability of 0 or 1.

    Examples
    --------
    >>> binary_cross_entropy([[0.5, 0.0]], [[1.0, 0.0]]).item()
    0.69314...
    """
    name = "binary_cross_entropy"
    p, t = _real(probabilities, target, name)
    _same_shape(p, t, name)
    if p.size and not (p.array.min() >= 0 and p.array.max() <= 1):
        raise DomainError(
            f"{name} needs probabilities between 0 and 1; these go from {p.array.min()} to "
            f"{p.array.max()}. For logits use binary_cross_entropy_with_logits"
        )
    return _loss(losses.binary_cross_entropy, p, t, p.shape, reduction)


def cross_entropy(
    logits: TensorLike, target: TensorLike, reduction: Reduction = "mean", axis: int = -1
) -> Tensor:
    """Return the cross-entropy of ``softmax(logits)`` along ``axis``, the classes.

    The cost of one example is ``-log(softmax(z))[t]`` for the class t, or
    ``-sum(t * log(softmax(z)))`` for probabilities t.

    Parameters
    ----------
    logits : Tensor or array_like, shape (..., classes)
    target : Tensor or array_like
        Class indices: integers, of shape (...). Or the probabilities of the classes: floating
        numbers, of the shape of the logits.
    reduction : {"mean", "batch_mean", "sum", "none"}
        See :mod:`autograd_lite.functions.learning.losses`.
    axis : int
        The axis of the classes: 1 for images of shape (examples, classes, height, width).

    Returns
    -------
    Tensor
        One value, or shape (...) for ``"none"``.

    Raises
    ------
    AxisError
        If the logits don't have this axis.
    DomainError
        If a class index isn't one of the classes, or there is no such reduction.
    DTypeError
        If class indices aren't integers, or an operand is complex.
    ShapeError
        If the shapes don't fit together, or there is nothing to average.

    Notes
    -----
    Even the smallest costs keep their relative accuracy. An infinite logit is the limit of a large
    one: inf takes all of the probability, and -inf none.

    Probabilities as targets aren't checked. The formula is computed with any numbers, even if they
    are negative or their sum isn't 1.

    Examples
    --------
    >>> cross_entropy([[0.0, 0.0], [0.0, 1000.0]], [0, 1]).item()
    0.34657...
    """
    name = "cross_entropy"
    z, t = _real(logits, target, name)
    along, rest = -1, z.shape[:-1]
    if axis != -1 and z.ndim:
        if not -z.ndim <= axis < z.ndim:
            raise AxisError(f"{name}: logits of shape {z.shape} have no axis {axis}")
        along = axis % z.ndim
        rest = z.shape[:along] + z.shape[along + 1 :]
        along = -1 if along == z.ndim - 1 else along
    if z.ndim and t.shape == z.shape and t.dtype.kind == "f":
        return _loss(losses.cross_entropy_with_probabilities, z, t, rest, reduction, axis=along)
    if not z.ndim or t.shape != rest:
        raise ShapeError(
            f"{name}: logits of shape {z.shape} need class indices of shape {rest}, or "
            f"probabilities (floating) of shape {z.shape}; the target has shape {t.shape} "
            f"({t.dtype})"
        )
    if t.dtype.kind not in "iu":
        raise DTypeError(f"{name}: class indices must be integers; the target is {t.dtype}")
    classes = z.shape[along]
    if t.size and not (t.array.min() >= 0 and t.array.max() < classes):
        raise DomainError(
            f"{name}: labels must lie between 0 and {classes - 1} for {classes} classes; "
            f"these go from {np.min(t.array)} to {np.max(t.array)}"
        )
    return _loss(losses.cross_entropy_with_labels, z, t, t.shape, reduction, axis=along)
