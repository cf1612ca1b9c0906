"""Stochastic gradient descent."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import numpy as np

from autograd_lite.errors import DomainError
from nn.optim.elementwise import ElementwiseOptimizer, descending
from nn.optim.optimizer import Parameters, Settings
from nn.optim.settings import Kind, flag, fraction, not_negative


@final
class SGD(ElementwiseOptimizer):
    """Gradient descent: ``p -= learning_rate * grad``, with momentum and weight decay.

    With momentum, a velocity ``v = momentum * v + (1 - dampening) * grad`` takes the place of
    ``grad``; with ``nesterov``, ``grad + momentum * v`` does. Weight decay adds
    ``weight_decay * p`` to ``grad`` beforehand.

    Parameters
    ----------
    parameters : iterable of Tensor, or of dict
        Leaves that require a gradient, such as ``model.parameters()``; or groups of them.
    learning_rate : float
        May be changed between steps, as all settings.
    momentum : float
        Between 0 and 1; 0 for none.
    dampening : float
        How much less of each gradient goes into the velocity; not of a parameter's first one.
    weight_decay : float
        The strength of the L2 penalty ``weight_decay / 2 * sum(p**2)``.
    nesterov : bool
        Look ahead along the velocity; needs momentum without dampening.
    maximize : bool
        Ascend instead.

    Raises
    ------
    DomainError
        If a setting is out of range, there are no parameters, or one is given twice.
    GraphError
        If one isn't a leaf that requires a gradient, or is read-only.

    Notes
    -----
    Sutskever, Martens, Dahl and Hinton, On the importance of initialization and momentum in deep
    learning, 2013. Parameters are updated in place; a backward pass through a graph that was
    recorded before a step raises an error where it would read the old values.

    Examples
    --------
    >>> from autograd_lite import Tensor
    >>> w = Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = SGD([w], learning_rate=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    array([0.8, 1.6])
    """

    _kinds: ClassVar[Mapping[str, Kind]] = {
        "learning_rate": not_negative,
        "momentum": fraction,
        "dampening": fraction,
        "weight_decay": not_negative,
        "nesterov": flag,
        "maximize": flag,
    }

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.dampening = dampening
        self.weight_decay = weight_decay
        self.nesterov = nesterov
        self.maximize = maximize
        super().__init__(parameters)

    def _settings(self) -> dict[str, Any]:
        return {
            "learning_rate": self.learning_rate,
            "momentum": self.momentum,
            "dampening": self.dampening,
            "weight_decay": self.weight_decay,
            "nesterov": self.nesterov,
            "maximize": self.maximize,
        }

    def _check(self, settings: Settings) -> None:
        if settings["nesterov"] and not settings["momentum"]:
            raise DomainError("SGD: nesterov=True needs momentum above 0")
        if settings["nesterov"] and settings["dampening"]:
            raise DomainError("SGD: nesterov=True needs a dampening of 0")

    def _state_names(self, settings: Settings) -> tuple[str, ...]:
        return ("velocity",)

    def _counts(self, settings: Settings) -> bool:
        return bool(settings["momentum"] and settings["dampening"])

    def _factors(self, settings: Settings, steps: Any) -> tuple[Any, ...]:
        return (np.where(steps == 1, 1.0, 1 - settings["dampening"]),)

    def _update(self, p: Any, g: Any, state: Any, settings: Settings, factors: Any) -> None:
        momentum = settings["momentum"]
        direction = descending(p, g, settings)
        if momentum:
            (v,) = state
            v *= momentum
            v += factors[0] * direction if settings["dampening"] else direction
            direction = direction + momentum * v if settings["nesterov"] else v
        np.subtract(p, settings["learning_rate"] * direction, out=p)
