"""RMSprop."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import numpy as np

from nn.optim.elementwise import ElementwiseOptimizer, descending
from nn.optim.optimizer import Parameters, Settings
from nn.optim.settings import Kind, flag, fraction, not_negative


@final
class RMSprop(ElementwiseOptimizer):
    """RMSprop: each gradient is divided by the root of its mean square.

    ::

        v = alpha * v + (1 - alpha) * grad**2
        p -= learning_rate * grad / (sqrt(v) + eps)

    Parameters
    ----------
    parameters : iterable of Tensor, or of dict
        Leaves that require a gradient, such as ``model.parameters()``; or groups of them.
    learning_rate : float
        About the size of a step, whatever the size of the gradients is.
    alpha : float
        How slowly the mean square forgets.
    eps : float
        Keeps the divisor from 0.
    weight_decay : float
        The strength of the L2 penalty ``weight_decay / 2 * sum(p**2)``.
    momentum : float
        Between 0 and 1; 0 for none. The velocity is made of divided gradients.
    centered : bool
        Divide by the standard deviation: the mean gradient is subtracted. It can't be set later.
    maximize : bool
        Ascend instead.

    Raises
    ------
    DomainError, GraphError
        As :class:`nn.optim.SGD`.

    Notes
    -----
    Tieleman and Hinton, Neural networks for machine learning, lecture 6.5, 2012; Graves, Generating
    sequences with recurrent neural networks, 2013, for ``centered``. As in PyTorch, ``eps`` is
    added after the root. A variance that rounding makes negative is 0.

    Examples
    --------
    >>> from autograd_lite import Tensor
    >>> w = Tensor([1.0, 200.0], requires_grad=True)
    >>> optimizer = RMSprop([w], learning_rate=0.1, alpha=0.75)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    array([  0.8, 199.8])
    """

    _kinds: ClassVar[Mapping[str, Kind]] = {
        "learning_rate": not_negative,
        "alpha": fraction,
        "eps": not_negative,
        "weight_decay": not_negative,
        "momentum": fraction,
        "centered": flag,
        "maximize": flag,
    }
    _not_negative = frozenset({"square"})

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        self.learning_rate = learning_rate
        self.alpha = alpha
        self.eps = eps
        self.weight_decay = weight_decay
        self.momentum = momentum
        self.centered = centered
        self.maximize = maximize
        super().__init__(parameters)

    def _settings(self) -> dict[str, Any]:
        return {
            "learning_rate": self.learning_rate,
            "alpha": self.alpha,
            "eps": self.eps,
            "weight_decay": self.weight_decay,
            "momentum": self.momentum,
            "centered": self.centered,
            "maximize": self.maximize,
        }

    def _state_names(self, settings: Settings) -> tuple[str, ...]:
        names = ("square", "velocity")
        return (*names, "mean") if settings["centered"] else names

    def _update(self, p: Any, g: Any, state: Any, settings: Settings, factors: Any) -> None:
        v, velocity = state[:2]
        alpha = settings["alpha"]
        g = descending(p, g, settings)
        v *= alpha
        v += (1 - alpha) * g * g
        variance = v
        if settings["centered"]:
            m = state[2]
            m += (1 - alpha) * (g - m)
            variance = np.maximum(v - m * m, 0)
        g = g / (np.sqrt(variance) + settings["eps"])
        if settings["momentum"]:
            velocity *= settings["momentum"]
            velocity += g
            g = velocity
        p -= settings["learning_rate"] * g
