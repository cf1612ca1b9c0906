"""Losses that compare two or three things: rankings, similarities, distances.

The gradient at a margin that is just reached is that of the sloping side, as in PyTorch.
"""

from __future__ import annotations

import numpy as np

from autograd_lite import Tensor, TensorLike, as_tensor, clip, minimum, where
from autograd_lite.errors import ShapeError
from nn.losses.operands import Reduction, alike, operand, reduced, require_signs, require_within


def margin_ranking_loss(
    input1: TensorLike,
    input2: TensorLike,
    target: TensorLike,
    reduction: Reduction = "mean",
    *,
    margin: float = 0.0,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Return the mean of ``max(0, -t * (x1 - x2) + margin)``.

    Parameters
    ----------
    input1, input2 : Tensor or array_like, of the same shape
        Scores ``x1`` and ``x2`` of pairs.
    target : Tensor or array_like, of the same shape
        1 where ``x1`` should be higher, -1 where ``x2`` should.
    reduction : {"mean", "batch_mean", "sum", "none"}
        See :mod:`nn.losses.operands`.
    margin : float
        By how much it should be higher.
    sample_weight : Tensor or array_like, optional
        See :mod:`nn.losses.operands`.

    Returns
    -------
    Tensor
        One value, or the shape of ``input1`` for ``"none"``.

    Raises
    ------
    ShapeError
        If the shapes differ, or there is nothing to average.
    DomainError
        If a target isn't -1 or 1, or there is no such reduction.

    Examples
    --------
    >>> margin_ranking_loss([3.0, 3.0], [1.0, 1.0], [1.0, -1.0], "none")
    Tensor([0., 2.])
    """
    name = "margin_ranking_loss"
    (a, b, t), dtype = alike(name, input1=input1, input2=input2, target=target)
    require_signs(t, name)
    return reduced(clip(margin - t * (a - b), 0, None), reduction, name, dtype, sample_weight)


def cosine_embedding_loss(
    input1: TensorLike,
    input2: TensorLike,
    target: TensorLike,
    reduction: Reduction = "mean",
    *,
    margin: float = 0.0,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Return ``1 - cos`` for pairs that belong together, and ``max(0, cos - margin)`` for others.

    Here ``cos`` is the cosine of the angle between two vectors.

    Parameters
    ----------
    input1, input2 : Tensor or array_like, shape (examples, features) or (features,)
        The vectors of pairs.
    target : Tensor or array_like, shape (examples,) or ()
        1 for pairs that belong together, -1 for others.
    reduction : {"mean", "batch_mean", "sum", "none"}
        See :mod:`nn.losses.operands`.
    margin : float
        Between -1 and 1: the cosine that pairs that don't belong together may have.
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
    DomainError
        If a target isn't -1 or 1, ``margin`` is out of range, or there is no such reduction.

    Notes
    -----
    As in PyTorch, 1e-12 is added to the squares of the lengths, so that the cosine of a vector of
    zeros is 0.

    Examples
    --------
    >>> cosine_embedding_loss([[1.0, 0.0], [3.0, 0.0]], [[0.0, 1.0], [1.0, 0.0]], [1, -1], "none")
    Tensor([1., 1.])
    """
    name = "cosine_embedding_loss"
    require_within(name, "margin", margin, -1, 1)
    (a, b), dtype = alike(name, input1=input1, input2=input2)
    t = operand(target, a, name)
    if a.ndim not in (1, 2) or t.shape != a.shape[:-1]:
        raise ShapeError(
            f"{name} needs inputs (examples, features) and targets (examples,), or (features,) and "
            f"one target; these have shapes {a.shape} and {t.shape}"
        )
    require_signs(t, name)
    lengths = np.sqrt((a * a).sum(axis=-1) + 1e-12) * np.sqrt((b * b).sum(axis=-1) + 1e-12)
    cosine = (a * b).sum(axis=-1) / lengths
    costs = where(t.array == 1, 1 - cosine, clip(cosine - margin, 0, None))
    return reduced(costs, reduction, name, dtype, sample_weight)


def triplet_margin_loss(
    anchor: TensorLike,
    positive: TensorLike,
    negative: TensorLike,
    reduction: Reduction = "mean",
    *,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Return the mean of ``max(0, d(anchor, positive) - d(anchor, negative) + margin)``.

    The distance is the p-norm of the difference, to which ``eps`` is added.

    Parameters
    ----------
    anchor, positive, negative : Tensor or array_like, of one shape (..., features)
        Vectors, of which the first two belong together, and the third doesn't belong to them.
    reduction : {"mean", "batch_mean", "sum", "none"}
        See :mod:`nn.losses.operands`.
    margin : float
        Above 0: by how much the third should be farther away than the second.
    p : float
        The order of the norm, above 0.
    eps : float
        Keeps the derivative of the norm finite where two vectors are equal.
    swap : bool
        Take the distance between the second and the third instead of that between the first and
        the third, where it is smaller.
    sample_weight : Tensor or array_like, optional
        See :mod:`nn.losses.operands`.

    Returns
    -------
    Tensor
        One value, or shape (...) for ``"none"``.

    Raises
    ------
    ShapeError
        If the shapes differ, or there is nothing to average.
    DomainError
        If ``margin`` or ``p`` isn't above 0, or there is no such reduction.

    Notes
    -----
    Schroff, Kalenichenko and Philbin, "FaceNet: a unified embedding for face recognition and
    clustering" (2015), with squared distances. ``swap``: Balntas and others, "Learning local
    feature descriptors with triplets and shallow convolutional neural networks" (2016).

    Examples
    --------
    >>> triplet_margin_loss([[0.0, 0.0]], [[0.0, 1.0]], [[1.5, 0.0]], eps=0.0).item()
    0.5
    """
    name = "triplet_margin_loss"
    require_within(name, "margin", margin, 0, above=True)
    require_within(name, "p", p, 0, above=True)
    (a, b, c), dtype = alike(name, anchor=anchor, positive=positive, negative=negative)
    if not a.ndim:
        raise ShapeError(f"{name}: vectors need an axis of features; give shape (..., features)")
    near, far = _distance(a, b, p, eps), _distance(a, c, p, eps)
    if swap:
        far = minimum(far, _distance(b, c, p, eps))
    return reduced(clip(near - far + margin, 0, None), reduction, name, dtype, sample_weight)


def _distance(a: Tensor, b: Tensor, p: float, eps: float) -> Tensor:
    return as_tensor(np.linalg.vector_norm(a - b + eps, axis=-1, ord=p))
