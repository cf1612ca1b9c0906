"""Losses of classes, as layers."""

from __future__ import annotations

from autograd_lite import Tensor, TensorLike
from nn import losses
from nn.layers.losses.base import Loss
from nn.losses.operands import Reduction, require_within


class CrossEntropyLoss(Loss):
    """The cross-entropy of ``softmax(logits)``: :func:`nn.losses.cross_entropy`.

    Parameters
    ----------
    weight : array_like, shape (classes,), optional
        Weights of the classes, a buffer.
    ignore_index : int
        Class indices that cost nothing.
    reduction : {"mean", "batch_mean", "sum", "none"}
    label_smoothing : float
        Between 0 and 1.
    axis : int, optional
        The axis of the classes, if the shapes don't tell.

    Raises
    ------
    DomainError
        If an option is out of range.

    Examples
    --------
    >>> loss = CrossEntropyLoss(label_smoothing=0.1)
    >>> loss
    CrossEntropyLoss(label_smoothing=0.1)
    >>> loss([[0.0, 0.0]], [1]).item()
    0.69314...
    """

    weight: Tensor | None

    def __init__(
        self,
        weight: TensorLike | None = None,
        ignore_index: int = -100,
        reduction: Reduction = "mean",
        label_smoothing: float = 0.0,
        *,
        axis: int | None = None,
    ) -> None:
        self._reduce_by(reduction)
        require_within("CrossEntropyLoss", "label_smoothing", label_smoothing, 0, 1)
        self.register_buffer("weight", weight)
        self.ignore_index, self.label_smoothing, self.axis = ignore_index, label_smoothing, axis

    def forward(
        self, logits: TensorLike, target: TensorLike, *, sample_weight: TensorLike | None = None
    ) -> Tensor:
        """Return the loss of logits (N, classes), and indices (N,) or probabilities."""
        return losses.cross_entropy(
            logits,
            target,
            self.reduction,
            axis=self.axis,
            weight=self.weight,
            ignore_index=self.ignore_index,
            label_smoothing=self.label_smoothing,
            sample_weight=sample_weight,
        )


class NLLLoss(Loss):
    """The negative log-likelihood, after :class:`nn.LogSoftmax`: :func:`nn.losses.nll_loss`.

    Parameters
    ----------
    weight : array_like, shape (classes,), optional
        Weights of the classes, a buffer.
    ignore_index : int
        Class indices that cost nothing.
    reduction : {"mean", "batch_mean", "sum", "none"}
    axis : int, optional
        The axis of the classes, if the shapes don't tell.

    Raises
    ------
    DomainError
        If there is no such reduction.

    Examples
    --------
    >>> NLLLoss()([[-0.5, -1.0]], [1]).item()
    1.0
    """

    weight: Tensor | None

    def __init__(
        self,
        weight: TensorLike | None = None,
        ignore_index: int = -100,
        reduction: Reduction = "mean",
        *,
        axis: int | None = None,
    ) -> None:
        self._reduce_by(reduction)
        self.register_buffer("weight", weight)
        self.ignore_index, self.axis = ignore_index, axis

    def forward(
        self,
        log_probabilities: TensorLike,
        target: TensorLike,
        *,
        sample_weight: TensorLike | None = None,
    ) -> Tensor:
        """Return the loss of log-probabilities (N, classes), and class indices (N,)."""
        return losses.nll_loss(
            log_probabilities,
            target,
            self.reduction,
            axis=self.axis,
            weight=self.weight,
            ignore_index=self.ignore_index,
            sample_weight=sample_weight,
        )


class BCELoss(Loss):
    """The cross-entropy of probabilities: :func:`nn.losses.binary_cross_entropy`.

    The default of ``reduction`` is PyTorch's; that of the function is ``"batch_mean"``.

    Parameters
    ----------
    weight : array_like, optional
        Multiplies the costs, to whose shape it broadcasts; a buffer.
    reduction : {"mean", "batch_mean", "sum", "none"}

    Raises
    ------
    DomainError
        If there is no such reduction.

    Examples
    --------
    >>> BCELoss()([0.5, 0.5], [1.0, 0.0]).item()
    0.69314...
    """

    weight: Tensor | None

    def __init__(self, weight: TensorLike | None = None, reduction: Reduction = "mean") -> None:
        self._reduce_by(reduction)
        self.register_buffer("weight", weight)

    def forward(
        self,
        probabilities: TensorLike,
        target: TensorLike,
        *,
        sample_weight: TensorLike | None = None,
    ) -> Tensor:
        """Return the loss of probabilities, and targets of the same shape."""
        return losses.binary_cross_entropy(
            probabilities, target, self.reduction, weight=self.weight, sample_weight=sample_weight
        )


class BCEWithLogitsLoss(Loss):
    """The cross-entropy of ``sigmoid(logits)``.

    It is :func:`nn.losses.binary_cross_entropy_with_logits`. The default of ``reduction`` is
    PyTorch's; that of the function is the article's, ``"batch_mean"``.

    Parameters
    ----------
    weight : array_like, optional
        Multiplies the costs, to whose shape it broadcasts; a buffer.
    reduction : {"mean", "batch_mean", "sum", "none"}
    pos_weight : array_like, optional
        Multiplies the costs of the targets of 1, such as one weight for each output; a buffer.

    Raises
    ------
    DomainError
        If there is no such reduction.

    Examples
    --------
    >>> BCEWithLogitsLoss(pos_weight=[3.0])([0.0, 0.0], [1.0, 0.0]).item()
    1.38629...
    """

    weight: Tensor | None
    pos_weight: Tensor | None

    def __init__(
        self,
        weight: TensorLike | None = None,
        reduction: Reduction = "mean",
        pos_weight: TensorLike | None = None,
    ) -> None:
        self._reduce_by(reduction)
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)

    def forward(
        self, logits: TensorLike, target: TensorLike, *, sample_weight: TensorLike | None = None
    ) -> Tensor:
        """Return the loss of logits, and targets of the same shape."""
        return losses.binary_cross_entropy_with_logits(
            logits,
            target,
            self.reduction,
            weight=self.weight,
            pos_weight=self.pos_weight,
            sample_weight=sample_weight,
        )


class CTCLoss(Loss):
    """The loss of sequences without alignment: :func:`nn.losses.ctc_loss`.

    Parameters
    ----------
    blank : int
        The class that is the blank.
    reduction : {"mean", "batch_mean", "sum", "none"}
    zero_infinity : bool
        Let infinite costs and their gradients be 0.

    Raises
    ------
    DomainError
        If there is no such reduction.

    Examples
    --------
    >>> import numpy as np
    >>> log_probabilities = np.log(np.full((2, 1, 3), 1 / 3))
    >>> np.exp(-CTCLoss()(log_probabilities, [[1]], [2], [1])).item()
    0.3333...
    """

    def __init__(
        self, blank: int = 0, reduction: Reduction = "mean", zero_infinity: bool = False
    ) -> None:
        self._reduce_by(reduction)
        self.blank, self.zero_infinity = blank, zero_infinity

    def forward(
        self,
        log_probabilities: TensorLike,
        targets: TensorLike,
        input_lengths: TensorLike,
        target_lengths: TensorLike,
        *,
        sample_weight: TensorLike | None = None,
    ) -> Tensor:
        """Return the loss of log-probabilities (times, examples, classes), and targets."""
        return losses.ctc_loss(
            log_probabilities,
            targets,
            input_lengths,
            target_lengths,
            self.blank,
            self.reduction,
            self.zero_infinity,
            sample_weight=sample_weight,
        )
