"""Smooth activations, and those whose slope has one jump."""

from __future__ import annotations

from autograd_lite import Tensor, TensorLike
from nn import functional
from nn.functional.activations.smooth import check_positive, check_softplus
from nn.layers.construction import ShownByCall


class Sigmoid(ShownByCall):
    """``1 / (1 + exp(-x))``, elementwise.

    Examples
    --------
    >>> Sigmoid()([0.0])
    Tensor([0.5])
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return the sigmoid, of the shape of ``x``."""
        return functional.sigmoid(x)


class LogSigmoid(ShownByCall):
    """The logarithm of the sigmoid, exact where the sigmoid itself is 0 or 1.

    Examples
    --------
    >>> LogSigmoid()([-1000.0, 0.0])
    Tensor([-1.00000000e+03, -6.93147181e-01])
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return the logarithms, of the shape of ``x``."""
        return functional.logsigmoid(x)


class Tanh(ShownByCall):
    """The hyperbolic tangent, elementwise.

    Examples
    --------
    >>> Tanh()([0.0])
    Tensor([0.])
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return the hyperbolic tangent, of the shape of ``x``."""
        return functional.tanh(x)


class Tanhshrink(ShownByCall):
    """``x - tanh(x)``, elementwise.

    Examples
    --------
    >>> Tanhshrink()([-1.0, 0.0, 100.0])
    Tensor([-0.23840584,  0.        , 99.        ])
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return the differences, of the shape of ``x``."""
        return functional.tanhshrink(x)


class Softsign(ShownByCall):
    """``x / (1 + abs(x))``, elementwise.

    Examples
    --------
    >>> Softsign()([-3.0, 0.0, 1.0])
    Tensor([-0.75,  0.  ,  0.5 ])
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return values between -1 and 1, of the shape of ``x``."""
        return functional.softsign(x)


class Softplus(ShownByCall):
    """``log(1 + exp(beta * x)) / beta``, elementwise: a smooth form of the ReLU.

    Parameters
    ----------
    beta : float
        Above 0: the larger it is, the sharper the bend.
    threshold : float
        At least 0. Where ``beta * x`` is above it, the result is ``x`` and the gradient 1.

    Raises
    ------
    DomainError
        If an option is out of range.

    Examples
    --------
    >>> Softplus()([0.0, 1000.0])
    Tensor([6.93147181e-01, 1.00000000e+03])
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        check_softplus("Softplus", beta, threshold)
        self.beta = beta
        self.threshold = threshold

    def forward(self, x: TensorLike) -> Tensor:
        """Return positive values, of the shape of ``x``."""
        return functional.softplus(x, self.beta, self.threshold)


class ELU(ShownByCall):
    """``x`` where it is positive, and ``alpha * (exp(x) - 1)`` elsewhere.

    Parameters
    ----------
    alpha : float
        Minus the limit for large negative ``x``, and the gradient at 0.

    Examples
    --------
    >>> ELU()([-1.0, 0.0, 1.0])
    Tensor([-0.63212056,  0.        ,  1.        ])
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, x: TensorLike) -> Tensor:
        """Return the values above ``-alpha``, of the shape of ``x``."""
        return functional.elu(x, self.alpha)


class SELU(ShownByCall):
    """``1.0507 * elu(x, 1.6733)``; the gradient at 0 is that of the negative side.

    Examples
    --------
    >>> SELU()([-1.0, 0.0, 1.0])
    Tensor([-1.11133074,  0.        ,  1.05070099])
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return the scaled values, of the shape of ``x``."""
        return functional.selu(x)


class CELU(ShownByCall):
    """``x`` where it is positive, and ``alpha * (exp(x / alpha) - 1)`` elsewhere.

    Parameters
    ----------
    alpha : float
        Above 0: minus the limit for large negative ``x``.

    Raises
    ------
    DomainError
        If ``alpha`` isn't positive.

    Examples
    --------
    >>> CELU(2.0)([-2.0, 0.0, 1.0])
    Tensor([-1.26424112,  0.        ,  1.        ])
    """

    def __init__(self, alpha: float = 1.0) -> None:
        check_positive("CELU", "alpha", alpha)
        self.alpha = alpha

    def forward(self, x: TensorLike) -> Tensor:
        """Return the values above ``-alpha``, of the shape of ``x``."""
        return functional.celu(x, self.alpha)
