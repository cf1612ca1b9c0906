"""Adagrad."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import numpy as np

from nn.optim.elementwise import ElementwiseOptimizer, descending
from nn.optim.optimizer import Parameters, Settings
from nn.optim.real_values import zeros_like
from nn.optim.settings import Kind, flag, not_negative


@final
class Adagrad(ElementwiseOptimizer):
    """Adagrad: each gradient is divided by the root of the sum of all its squares so far.

    With ``t`` counting the steps::

        total += grad**2
        rate = learning_rate / (1 + (t - 1) * learning_rate_decay)
        p -= rate * grad / (sqrt(total) + eps)

    Parameters
    ----------
    parameters : iterable of Tensor, or of dict
        Leaves that require a gradient, such as ``model.parameters()``; or groups of them.
    learning_rate : float
        The size of the first step; later ones are smaller.
    learning_rate_decay : float
        How much faster the learning rate falls.
    weight_decay : float
        The strength of the L2 penalty ``weight_decay / 2 * sum(p**2)``.
    initial_accumulator_value : float
        Where the sums of squares start.
    eps : float
        Keeps the divisor from 0.
    maximize : bool
        Ascend instead.

    Raises
    ------
    DomainError, GraphError
        As :class:`nn.optim.SGD`.

    Notes
    -----
    Duchi, Hazan and Singer, Adaptive subgradient methods for online learning and stochastic
    optimization, 2011.

    Examples
    --------
    >>> from autograd_lite import Tensor
    >>> w = Tensor([1.0, 200.0], requires_grad=True)
    >>> optimizer = Adagrad([w], learning_rate=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    array([  0.9, 199.9])
    """

    _kinds: ClassVar[Mapping[str, Kind]] = {
        "learning_rate": not_negative,
        "learning_rate_decay": not_negative,
        "weight_decay": not_negative,
        "initial_accumulator_value": not_negative,
        "eps": not_negative,
        "maximize": flag,
    }
    _not_negative = frozenset({"total"})

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float = 1e-2,
        learning_rate_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        self.learning_rate = learning_rate
        self.learning_rate_decay = learning_rate_decay
        self.weight_decay = weight_decay
        self.initial_accumulator_value = initial_accumulator_value
        self.eps = eps
        self.maximize = maximize
        super().__init__(parameters)

    def _settings(self) -> dict[str, Any]:
        return {
            "learning_rate": self.learning_rate,
            "learning_rate_decay": self.learning_rate_decay,
            "weight_decay": self.weight_decay,
            "initial_accumulator_value": self.initial_accumulator_value,
            "eps": self.eps,
            "maximize": self.maximize,
        }

    def _state_names(self, settings: Settings) -> tuple[str, ...]:
        return ("total",)

    def _new_state(self, name: str, values: Any, settings: Settings) -> Any:
        return zeros_like(values) + settings["initial_accumulator_value"]

    def _counts(self, settings: Settings) -> bool:
        return True

    def _factors(self, settings: Settings, steps: Any) -> tuple[Any, ...]:
        fall = 1 + settings["learning_rate_decay"] * (steps - 1)
        return (settings["learning_rate"] / fall,)

    def _update(self, p: Any, g: Any, state: Any, settings: Settings, factors: Any) -> None:
        (total,), (rate,) = state, factors
        g = descending(p, g, settings)
        total += g * g
        p -= rate * (g / (np.sqrt(total) + settings["eps"]))
