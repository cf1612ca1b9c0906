"""Losses with margins, of classes and of comparisons, as layers."""

from __future__ import annotations

from autograd_lite import Tensor, TensorLike
from autograd_lite.errors import DomainError
from nn import losses
from nn.layers.losses.base import Loss
from nn.losses.operands import Reduction, require_within


class HingeEmbeddingLoss(Loss):
    """The hinge loss of distances: :func:`nn.losses.hinge_embedding_loss`.

    Parameters
    ----------
    margin : float
        The distance that pairs that don't belong together should have.
    reduction : {"mean", "batch_mean", "sum", "none"}

    Raises
    ------
    DomainError
        If there is no such reduction.

    Examples
    --------
    >>> HingeEmbeddingLoss()([0.25, 0.25], [1.0, -1.0]).item()
    0.5
    """

    def __init__(self, margin: float = 1.0, reduction: Reduction = "mean") -> None:
        self._reduce_by(reduction)
        self.margin = margin

    def forward(
        self, distance: TensorLike, target: TensorLike, *, sample_weight: TensorLike | None = None
    ) -> Tensor:
        """Return the loss of distances, and targets of -1 or 1."""
        return losses.hinge_embedding_loss(
            distance, target, self.reduction, margin=self.margin, sample_weight=sample_weight
        )


class SoftMarginLoss(Loss):
    """The logistic loss of targets of -1 or 1: :func:`nn.losses.soft_margin_loss`.

    Parameters
    ----------
    reduction : {"mean", "batch_mean", "sum", "none"}

    Raises
    ------
    DomainError
        If there is no such reduction.

    Examples
    --------
    >>> SoftMarginLoss()([0.0], [1.0]).item()
    0.69314...
    """

    def __init__(self, reduction: Reduction = "mean") -> None:
        self._reduce_by(reduction)

    def forward(
        self, logits: TensorLike, target: TensorLike, *, sample_weight: TensorLike | None = None
    ) -> Tensor:
        """Return the loss of logits, and targets of -1 or 1."""
        return losses.soft_margin_loss(logits, target, self.reduction, sample_weight=sample_weight)


class MultiMarginLoss(Loss):
    """The hinge loss of several classes: :func:`nn.losses.multi_margin_loss`.

    Parameters
    ----------
    p : {1, 2}
        The power of the single terms.
    margin : float
        By how much the score of the class should exceed the others.
    weight : array_like, shape (classes,), optional
        Weights of the classes, a buffer.
    reduction : {"mean", "batch_mean", "sum", "none"}

    Raises
    ------
    DomainError
        If an option is out of range.

    Examples
    --------
    >>> MultiMarginLoss()([[0.0, 1.0, 0.5]], [1]).item()
    0.16666...
    """

    weight: Tensor | None

    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: TensorLike | None = None,
        reduction: Reduction = "mean",
    ) -> None:
        self._reduce_by(reduction)
        if p not in (1, 2):
            raise DomainError(f"MultiMarginLoss: p must be 1 or 2: {p}")
        self.register_buffer("weight", weight)
        self.p, self.margin = p, margin

    def forward(
        self, scores: TensorLike, target: TensorLike, *, sample_weight: TensorLike | None = None
    ) -> Tensor:
        """Return the loss of scores (N, classes), and class indices (N,)."""
        return losses.multi_margin_loss(
            scores,
            target,
            self.reduction,
            p=self.p,
            margin=self.margin,
            weight=self.weight,
            sample_weight=sample_weight,
        )


class MultiLabelMarginLoss(Loss):
    """The hinge loss of any number of classes: :func:`nn.losses.multilabel_margin_loss`.

    Parameters
    ----------
    reduction : {"mean", "batch_mean", "sum", "none"}

    Raises
    ------
    DomainError
        If there is no such reduction.

    Examples
    --------
    >>> MultiLabelMarginLoss()([[0.5, 1.0]], [[1, -1]]).item()
    0.25
    """

    def __init__(self, reduction: Reduction = "mean") -> None:
        self._reduce_by(reduction)

    def forward(
        self, scores: TensorLike, target: TensorLike, *, sample_weight: TensorLike | None = None
    ) -> Tensor:
        """Return the loss of scores, and classes that -1 ends."""
        return losses.multilabel_margin_loss(
            scores, target, self.reduction, sample_weight=sample_weight
        )


class MultiLabelSoftMarginLoss(Loss):
    """The cross-entropy of any number of classes: :func:`nn.losses.multilabel_soft_margin_loss`.

    Parameters
    ----------
    weight : array_like, shape (classes,), optional
        Weights of the classes, a buffer.
    reduction : {"mean", "batch_mean", "sum", "none"}

    Raises
    ------
    DomainError
        If there is no such reduction.

    Examples
    --------
    >>> MultiLabelSoftMarginLoss()([[0.0, 0.0]], [[1.0, 0.0]]).item()
    0.69314...
    """

    weight: Tensor | None

    def __init__(self, weight: TensorLike | None = None, reduction: Reduction = "mean") -> None:
        self._reduce_by(reduction)
        self.register_buffer("weight", weight)

    def forward(
        self, logits: TensorLike, target: TensorLike, *, sample_weight: TensorLike | None = None
    ) -> Tensor:
        """Return the loss of logits (N, classes), and targets of the same shape."""
        return losses.multilabel_soft_margin_loss(
            logits, target, self.reduction, weight=self.weight, sample_weight=sample_weight
        )


class MarginRankingLoss(Loss):
    """The hinge loss of the order of two scores: :func:`nn.losses.margin_ranking_loss`.

    Parameters
    ----------
    margin : float
        By how much the score that should be higher should be so.
    reduction : {"mean", "batch_mean", "sum", "none"}

    Raises
    ------
    DomainError
        If there is no such reduction.

    Examples
    --------
    >>> MarginRankingLoss()([3.0], [1.0], [-1.0]).item()
    2.0
    """

    def __init__(self, margin: float = 0.0, reduction: Reduction = "mean") -> None:
        self._reduce_by(reduction)
        self.margin = margin

    def forward(
        self,
        input1: TensorLike,
        input2: TensorLike,
        target: TensorLike,
        *,
        sample_weight: TensorLike | None = None,
    ) -> Tensor:
        """Return the loss of two scores, and 1 or -1 for which should be higher."""
        return losses.margin_ranking_loss(
            input1, input2, target, self.reduction, margin=self.margin, sample_weight=sample_weight
        )


class CosineEmbeddingLoss(Loss):
    """The loss of angles between vectors: :func:`nn.losses.cosine_embedding_loss`.

    Parameters
    ----------
    margin : float
        The cosine that others may have; between -1 and 1.
    reduction : {"mean", "batch_mean", "sum", "none"}

    Raises
    ------
    DomainError
        If an option is out of range.

    Examples
    --------
    >>> CosineEmbeddingLoss()([[1.0, 0.0]], [[0.0, 1.0]], [1]).item()
    1.0
    """

    def __init__(self, margin: float = 0.0, reduction: Reduction = "mean") -> None:
        self._reduce_by(reduction)
        require_within("CosineEmbeddingLoss", "margin", margin, -1, 1)
        self.margin = margin

    def forward(
        self,
        input1: TensorLike,
        input2: TensorLike,
        target: TensorLike,
        *,
        sample_weight: TensorLike | None = None,
    ) -> Tensor:
        """Return the loss of vectors (N, features), and 1 for those that belong together, or -1."""
        return losses.cosine_embedding_loss(
            input1, input2, target, self.reduction, margin=self.margin, sample_weight=sample_weight
        )


class TripletMarginLoss(Loss):
    """The loss of distances among three vectors: :func:`nn.losses.triplet_margin_loss`.

    Parameters
    ----------
    margin : float
        By how much the negative should be farther away; above 0.
    p : float
        The order of the norm; above 0.
    eps : float
        Is added to differences.
    swap : bool
        Measure the negative's distance from the positive, where that is smaller.
    reduction : {"mean", "batch_mean", "sum", "none"}

    Raises
    ------
    DomainError
        If an option is out of range.

    Examples
    --------
    >>> TripletMarginLoss(eps=0.0)([[0.0, 0.0]], [[0.0, 1.0]], [[1.5, 0.0]]).item()
    0.5
    """

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        reduction: Reduction = "mean",
    ) -> None:
        self._reduce_by(reduction)
        require_within("TripletMarginLoss", "margin", margin, 0, above=True)
        require_within("TripletMarginLoss", "p", p, 0, above=True)
        self.margin, self.p, self.eps, self.swap = margin, p, eps, swap

    def forward(
        self,
        anchor: TensorLike,
        positive: TensorLike,
        negative: TensorLike,
        *,
        sample_weight: TensorLike | None = None,
    ) -> Tensor:
        """Return the loss of vectors (..., features)."""
        return losses.triplet_margin_loss(
            anchor,
            positive,
            negative,
            self.reduction,
            margin=self.margin,
            p=self.p,
            eps=self.eps,
            swap=self.swap,
            sample_weight=sample_weight,
        )
