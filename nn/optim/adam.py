"""Adam."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from nn.optim.elementwise import ElementwiseOptimizer, decayed
from nn.optim.optimizer import Parameters, Settings
from nn.optim.settings import Kind, flag, fractions, not_negative


class Adam(ElementwiseOptimizer):
    """Adam: each parameter's mean gradient, divided by the root of its mean square.

    With ``t`` counting the steps::

        m = beta1 * m + (1 - beta1) * grad
        v = beta2 * v + (1 - beta2) * grad**2
        p -= learning_rate * (m / (1 - beta1**t)) / (sqrt(v / (1 - beta2**t)) + eps)

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
        The strength of the L2 penalty, whose gradient is added to ``grad``; or, decoupled, the
        weights shrink by ``learning_rate * weight_decay`` of themselves.
    amsgrad : bool
        Divide by the largest ``v`` so far. It can't be set later.
    maximize : bool
        Ascend instead.
    decoupled_weight_decay : bool
        As :class:`AdamW` has it.

    Raises
    ------
    DomainError, GraphError
        As :class:`nn.optim.SGD`.

    Notes
    -----
    Kingma and Ba, Adam: a method for stochastic optimization, 2015, in the order of computation
    that ends its section 2; Reddi, Kale and Kumar, On the convergence of Adam and beyond, 2018, for
    ``amsgrad``; Loshchilov and Hutter, Decoupled weight decay regularization, 2019. The maximum is
    taken before the correction of bias, as in PyTorch.

    Examples
    --------
    >>> from autograd_lite import Tensor
    >>> w = Tensor([1.0, 200.0], requires_grad=True)
    >>> optimizer = Adam([w], learning_rate=0.1)
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
        "amsgrad": flag,
        "maximize": flag,
        "decoupled_weight_decay": flag,
    }
    _not_negative = frozenset({"square", "largest"})

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        self.learning_rate = learning_rate
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.amsgrad = amsgrad
        self.maximize = maximize
        self.decoupled_weight_decay = decoupled_weight_decay
        super().__init__(parameters)

    def _settings(self) -> dict[str, Any]:
        return {
            "learning_rate": self.learning_rate,
            "betas": self.betas,
            "eps": self.eps,
            "weight_decay": self.weight_decay,
            "amsgrad": self.amsgrad,
            "maximize": self.maximize,
            "decoupled_weight_decay": self.decoupled_weight_decay,
        }

    def _state_names(self, settings: Settings) -> tuple[str, ...]:
        return ("mean", "square", "largest") if settings["amsgrad"] else ("mean", "square")

    def _counts(self, settings: Settings) -> bool:
        return True

    def _factors(self, settings: Settings, steps: Any) -> tuple[Any, ...]:
        beta1, beta2 = settings["betas"]
        # the root of the correction of v is moved from each element to the two numbers around it
        root = np.sqrt(1 - beta2**steps)
        return settings["learning_rate"] * root / (1 - beta1**steps), settings["eps"] * root

    def _update(self, p: Any, g: Any, state: Any, settings: Settings, factors: Any) -> None:
        m, v = state[:2]
        rate, eps = factors
        beta1, beta2 = settings["betas"]
        g = decayed(p, g, settings)
        m += (1 - beta1) * (g - m)
        v *= beta2
        v += (1 - beta2) * g * g
        if settings["amsgrad"]:
            v = np.maximum(state[2], v, out=state[2])
        p -= rate * (m / (np.sqrt(v) + eps))
