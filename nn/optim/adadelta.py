"""Adadelta."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import numpy as np

from nn.optim.elementwise import ElementwiseOptimizer, descending
from nn.optim.optimizer import Parameters, Settings
from nn.optim.settings import Kind, flag, fraction, not_negative


@final
class Adadelta(ElementwiseOptimizer):
    """Adadelta: steps have the units of the parameters, and need no learning rate.

    ::

        v = rho * v + (1 - rho) * grad**2
        change = sqrt(u + eps) / sqrt(v + eps) * grad
        u = rho * u + (1 - rho) * change**2
        p -= learning_rate * change

    Parameters
    ----------
    parameters : iterable of Tensor, or of dict
        Leaves that require a gradient, such as ``model.parameters()``; or groups of them.
    learning_rate : float
        Scales the steps; the paper has none.
    rho : float
        How slowly the mean squares forget.
    eps : float
        Starts the changes, and keeps the divisor from 0.
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
    Zeiler, ADADELTA: an adaptive learning rate method, 2012.

    Examples
    --------
    >>> from autograd_lite import Tensor
    >>> w = Tensor([1.0, 200.0], requires_grad=True)
    >>> optimizer = Adadelta([w], rho=0.75, eps=1e-4)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(4)
    array([  0.98, 199.98])
    """

    _kinds: ClassVar[Mapping[str, Kind]] = {
        "learning_rate": not_negative,
        "rho": fraction,
        "eps": not_negative,
        "weight_decay": not_negative,
        "maximize": flag,
    }
    _not_negative = frozenset({"square", "change"})

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        self.learning_rate = learning_rate
        self.rho = rho
        self.eps = eps
        self.weight_decay = weight_decay
        self.maximize = maximize
        super().__init__(parameters)

    def _settings(self) -> dict[str, Any]:
        return {
            "learning_rate": self.learning_rate,
            "rho": self.rho,
            "eps": self.eps,
            "weight_decay": self.weight_decay,
            "maximize": self.maximize,
        }

    def _state_names(self, settings: Settings) -> tuple[str, ...]:
        return "square", "change"

    def _update(self, p: Any, g: Any, state: Any, settings: Settings, factors: Any) -> None:
        v, u = state
        rho, eps = settings["rho"], settings["eps"]
        g = descending(p, g, settings)
        v *= rho
        v += (1 - rho) * g * g
        change = np.sqrt(u + eps) / np.sqrt(v + eps) * g
        u *= rho
        u += (1 - rho) * change * change
        p -= settings["learning_rate"] * change
