"""Adamax."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import numpy as np

from nn.optim.elementwise import ElementwiseOptimizer, descending
from nn.optim.optimizer import Parameters, Settings
from nn.optim.settings import Kind, flag, fractions, not_negative


@final
class Adamax(ElementwiseOptimizer):
    """Adamax: each parameter's mean gradient, divided by the largest one that isn't forgotten.

    With ``t`` counting the steps::

        m = beta1 * m + (1 - beta1) * grad
        u = maximum(beta2 * u, abs(grad) + eps)
        p -= learning_rate / (1 - beta1**t) * m / u

    Parameters
    ----------
    parameters : iterable of Tensor, or of dict
        Leaves that require a gradient, such as ``model.parameters()``; or groups of them.
    learning_rate : float
        About the size of a step, whatever the size of the gradients is.
    betas : tuple of two floats
        How slowly the mean and the largest forget; kept as a list.
    eps : float
        Keeps the divisor from 0.
    weight_decay : float
        The strength of the L2 penalty ``weight_decay / 2 * sum(p**2)``.
    maximize : bool
        Ascend instead.

    Raises
    ------
    DomainError, GraphError
        As :class:`nn.optim.SGD`.

    Notes
    -----
    Kingma and Ba, Adam: a method for stochastic optimization, 2015, section 7.1. As in PyTorch,
    ``eps`` is added to the gradient's size.

    Examples
    --------
    >>> from autograd_lite import Tensor
    >>> w = Tensor([1.0, 200.0], requires_grad=True)
    >>> optimizer = Adamax([w], learning_rate=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    array([  0.9, 199.9])
    """

    _kinds: ClassVar[Mapping[str, Kind]] = {
        "learning_rate": not_negative,
        "betas": fractions,
        "eps": not_negative,
        "weight_decay": not_negative,
        "maximize": flag,
    }
    _not_negative = frozenset({"largest"})

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        self.learning_rate = learning_rate
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.maximize = maximize
        super().__init__(parameters)

    def _settings(self) -> dict[str, Any]:
        return {
            "learning_rate": self.learning_rate,
            "betas": self.betas,
            "eps": self.eps,
            "weight_decay": self.weight_decay,
            "maximize": self.maximize,
        }

    def _state_names(self, settings: Settings) -> tuple[str, ...]:
        return "mean", "largest"

    def _counts(self, settings: Settings) -> bool:
        return True

    def _factors(self, settings: Settings, steps: Any) -> tuple[Any, ...]:
        beta1, _ = settings["betas"]
        return (settings["learning_rate"] / (1 - beta1**steps),)

    def _update(self, p: Any, g: Any, state: Any, settings: Settings, factors: Any) -> None:
        (m, u), (rate,) = state, factors
        beta1, beta2 = settings["betas"]
        g = descending(p, g, settings)
        m += (1 - beta1) * (g - m)
        u *= beta2
        np.maximum(u, np.abs(g) + settings["eps"], out=u)
        p -= rate * (m / u)
