"""NAdam."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import numpy as np

from nn.optim.elementwise import ElementwiseOptimizer, decayed
from nn.optim.optimizer import Parameters, Settings
from nn.optim.real_values import zeros_like
from nn.optim.settings import Kind, flag, fractions, not_negative


@final
class NAdam(ElementwiseOptimizer):
    """NAdam: Adam that looks ahead along its mean gradient, as Nesterov's momentum does.

    With ``t`` counting the steps::

        mu(t) = beta1 * (1 - 0.96**(t * momentum_decay) / 2)
        product *= mu(t)
        m = beta1 * m + (1 - beta1) * grad
        v = beta2 * v + (1 - beta2) * grad**2
        ahead = mu(t + 1) * m / (1 - product * mu(t + 1)) + (1 - mu(t)) * grad / (1 - product)
        p -= learning_rate * ahead / (sqrt(v / (1 - beta2**t)) + eps)

    Parameters
    ----------
    parameters : iterable of Tensor, or of dict
        Leaves that require a gradient, such as ``model.parameters()``; or groups of them.
    learning_rate : float
        About the size of a step, whatever the size of the gradients is.
    betas : tuple of two floats
        How slowly the two means forget; kept as a list.
    eps : float
        Keeps the divisor from 0.
    weight_decay : float
        As for :class:`nn.optim.Adam`.
    momentum_decay : float
        How fast the momentum rises from half of ``beta1`` to ``beta1``.
    decoupled_weight_decay : bool
        Shrink the weights, as :class:`nn.optim.AdamW` does.
    maximize : bool
        Ascend instead.

    Raises
    ------
    DomainError, GraphError
        As :class:`nn.optim.SGD`.

    Notes
    -----
    Dozat, Incorporating Nesterov momentum into Adam, 2016.

    Examples
    --------
    >>> from autograd_lite import Tensor
    >>> w = Tensor([1.0, 200.0], requires_grad=True)
    >>> optimizer = NAdam([w], learning_rate=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(3)
    array([  0.894, 199.894])
    """

    _kinds: ClassVar[Mapping[str, Kind]] = {
        "learning_rate": not_negative,
        "betas": fractions,
        "eps": not_negative,
        "weight_decay": not_negative,
        "momentum_decay": not_negative,
        "decoupled_weight_decay": flag,
        "maximize": flag,
    }
    _not_negative = frozenset({"square", "momentum_product"})

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        self.learning_rate = learning_rate
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.momentum_decay = momentum_decay
        self.decoupled_weight_decay = decoupled_weight_decay
        self.maximize = maximize
        super().__init__(parameters)

    def _settings(self) -> dict[str, Any]:
        return {
            "learning_rate": self.learning_rate,
            "betas": self.betas,
            "eps": self.eps,
            "weight_decay": self.weight_decay,
            "momentum_decay": self.momentum_decay,
            "decoupled_weight_decay": self.decoupled_weight_decay,
            "maximize": self.maximize,
        }

    def _state_names(self, settings: Settings) -> tuple[str, ...]:
        return "mean", "square", "momentum_product"

    def _new_state(self, name: str, values: Any, settings: Settings) -> Any:
        return np.ones(1, values.dtype) if name == "momentum_product" else zeros_like(values)

    def _counts(self, settings: Settings) -> bool:
        return True

    def _factors(self, settings: Settings, steps: Any) -> tuple[Any, ...]:
        beta1, beta2 = settings["betas"]
        decay = settings["momentum_decay"]
        mu = beta1 * (1 - 0.5 * 0.96 ** (steps * decay))
        following = beta1 * (1 - 0.5 * 0.96 ** ((steps + 1) * decay))
        return mu, 1 - mu, following, 1 - beta2**steps

    def _update(self, p: Any, g: Any, state: Any, settings: Settings, factors: Any) -> None:
        m, v, product = state
        mu, rest, following, correction = factors
        beta1, beta2 = settings["betas"]
        g = decayed(p, g, settings)
        m += (1 - beta1) * (g - m)
        v *= beta2
        v += (1 - beta2) * g * g
        product *= mu
        ahead = following / (1 - product * following) * m + rest / (1 - product) * g
        p -= settings["learning_rate"] * (ahead / (np.sqrt(v / correction) + settings["eps"]))
