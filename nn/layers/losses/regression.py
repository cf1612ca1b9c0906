"""Losses of numbers and distributions, as layers."""

from __future__ import annotations

from autograd_lite import Tensor, TensorLike
from nn import losses
from nn.layers.losses.base import Loss
from nn.losses.operands import Reduction, require_within


class MSELoss(Loss):
    """The mean squared error: :func:`nn.losses.mse_loss`.

    Parameters
    ----------
    reduction : {"mean", "batch_mean", "sum", "none"}

    Raises
    ------
    DomainError
        If there is no such reduction.

    Examples
    --------
    >>> MSELoss()([1.0, 2.0], [1.0, 4.0]).item()
    2.0
    """

    def __init__(self, reduction: Reduction = "mean") -> None:
        self._reduce_by(reduction)

    def forward(
        self, prediction: TensorLike, target: TensorLike, *, sample_weight: TensorLike | None = None
    ) -> Tensor:
        """Return the loss of predictions, and targets of the same shape."""
        return losses.mse_loss(prediction, target, self.reduction, sample_weight=sample_weight)


class L1Loss(Loss):
    """The mean absolute error: :func:`nn.losses.l1_loss`.

    Parameters
    ----------
    reduction : {"mean", "batch_mean", "sum", "none"}

    Raises
    ------
    DomainError
        If there is no such reduction.

    Examples
    --------
    >>> L1Loss()([1.0, 2.0], [1.0, 4.0]).item()
    1.0
    """

    def __init__(self, reduction: Reduction = "mean") -> None:
        self._reduce_by(reduction)

    def forward(
        self, prediction: TensorLike, target: TensorLike, *, sample_weight: TensorLike | None = None
    ) -> Tensor:
        """Return the loss of predictions, and targets of the same shape."""
        return losses.l1_loss(prediction, target, self.reduction, sample_weight=sample_weight)


class SmoothL1Loss(Loss):
    """The absolute error, rounded off: :func:`nn.losses.smooth_l1_loss`.

    Parameters
    ----------
    reduction : {"mean", "batch_mean", "sum", "none"}
    beta : float
        Errors below it cost their square, divided by ``2 * beta``; at least 0.

    Raises
    ------
    DomainError
        If an option is out of range.

    Examples
    --------
    >>> SmoothL1Loss(beta=2.0)([0.5], [0.0]).item()
    0.0625
    """

    def __init__(self, reduction: Reduction = "mean", beta: float = 1.0) -> None:
        self._reduce_by(reduction)
        require_within("SmoothL1Loss", "beta", beta, 0)
        self.beta = beta

    def forward(
        self, prediction: TensorLike, target: TensorLike, *, sample_weight: TensorLike | None = None
    ) -> Tensor:
        """Return the loss of predictions, and targets of the same shape."""
        return losses.smooth_l1_loss(
            prediction, target, self.reduction, beta=self.beta, sample_weight=sample_weight
        )


class HuberLoss(Loss):
    """Half the square of small errors, linear in large ones: :func:`nn.losses.huber_loss`.

    Parameters
    ----------
    reduction : {"mean", "batch_mean", "sum", "none"}
    delta : float
        Where the square ends; above 0.

    Raises
    ------
    DomainError
        If an option is out of range.

    Examples
    --------
    >>> HuberLoss()([0.5], [0.0]).item()
    0.125
    """

    def __init__(self, reduction: Reduction = "mean", delta: float = 1.0) -> None:
        self._reduce_by(reduction)
        require_within("HuberLoss", "delta", delta, 0, above=True)
        self.delta = delta

    def forward(
        self, prediction: TensorLike, target: TensorLike, *, sample_weight: TensorLike | None = None
    ) -> Tensor:
        """Return the loss of predictions, and targets of the same shape."""
        return losses.huber_loss(
            prediction, target, self.reduction, delta=self.delta, sample_weight=sample_weight
        )


class KLDivLoss(Loss):
    """The Kullback-Leibler divergence: :func:`nn.losses.kl_div`.

    Parameters
    ----------
    reduction : {"mean", "batch_mean", "sum", "none"}
    log_target : bool
        Whether the target holds logarithms.

    Raises
    ------
    DomainError
        If there is no such reduction.

    Examples
    --------
    >>> KLDivLoss("batch_mean")([[-1.0, -2.0]], [[1.0, 0.0]]).item()
    1.0
    """

    def __init__(self, reduction: Reduction = "mean", log_target: bool = False) -> None:
        self._reduce_by(reduction)
        self.log_target = log_target

    def forward(
        self,
        log_probabilities: TensorLike,
        target: TensorLike,
        *,
        sample_weight: TensorLike | None = None,
    ) -> Tensor:
        """Return the loss of log-probabilities, and targets of the same shape."""
        return losses.kl_div(
            log_probabilities,
            target,
            self.reduction,
            log_target=self.log_target,
            sample_weight=sample_weight,
        )


class PoissonNLLLoss(Loss):
    """The negative log-likelihood of counts: :func:`nn.losses.poisson_nll_loss`.

    Parameters
    ----------
    log_input : bool
        Whether the predictions are logarithms of the expected counts.
    full : bool
        Add Stirling's approximation of the logarithm of the target's factorial.
    eps : float
        Keeps the logarithm finite if ``log_input`` is False; above 0.
    reduction : {"mean", "batch_mean", "sum", "none"}

    Raises
    ------
    DomainError
        If an option is out of range.

    Examples
    --------
    >>> PoissonNLLLoss()([0.0], [3.0]).item()
    1.0
    """

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        eps: float = 1e-8,
        reduction: Reduction = "mean",
    ) -> None:
        self._reduce_by(reduction)
        require_within("PoissonNLLLoss", "eps", eps, 0, above=True)
        self.log_input, self.full, self.eps = log_input, full, eps

    def forward(
        self, prediction: TensorLike, target: TensorLike, *, sample_weight: TensorLike | None = None
    ) -> Tensor:
        """Return the loss of predictions, and targets of the same shape."""
        return losses.poisson_nll_loss(
            prediction,
            target,
            self.reduction,
            log_input=self.log_input,
            full=self.full,
            eps=self.eps,
            sample_weight=sample_weight,
        )


class GaussianNLLLoss(Loss):
    """The negative log-likelihood of values with a normal distribution.

    It is :func:`nn.losses.gaussian_nll_loss`.

    Parameters
    ----------
    full : bool
        Add the constant ``log(2 pi) / 2``.
    eps : float
        The least variance; above 0.
    reduction : {"mean", "batch_mean", "sum", "none"}

    Raises
    ------
    DomainError
        If an option is out of range.

    Examples
    --------
    >>> GaussianNLLLoss()([0.0], [2.0], [1.0]).item()
    2.0
    """

    def __init__(
        self, *, full: bool = False, eps: float = 1e-6, reduction: Reduction = "mean"
    ) -> None:
        self._reduce_by(reduction)
        require_within("GaussianNLLLoss", "eps", eps, 0, above=True)
        self.full, self.eps = full, eps

    def forward(
        self,
        prediction: TensorLike,
        target: TensorLike,
        var: TensorLike,
        *,
        sample_weight: TensorLike | None = None,
    ) -> Tensor:
        """Return the loss of expected values, values and variances."""
        return losses.gaussian_nll_loss(
            prediction,
            target,
            var,
            self.reduction,
            full=self.full,
            eps=self.eps,
            sample_weight=sample_weight,
        )
