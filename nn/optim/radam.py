"""RAdam."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import numpy as np

from nn.optim.elementwise import ElementwiseOptimizer, decayed
from nn.optim.optimizer import Parameters, Settings
from nn.optim.settings import Kind, flag, fractions, not_negative


@final
class RAdam(ElementwiseOptimizer):
    """RAdam: Adam without the first steps of too few squares, which are plain momentum instead.

    With ``t`` counting the steps::

        m = beta1 * m + (1 - beta1) * grad
        v = beta2 * v + (1 - beta2) * grad**2
        rho(t) = 2 / (1 - beta2) - 1 - 2 * t * beta2**t / (1 - beta2**t)

    While ``rho(t)`` is 5 or less, ``p -= learning_rate * m / (1 - beta1**t)``. From there on, the
    step is divided by ``(sqrt(v) + eps) / sqrt(1 - beta2**t)``, and multiplied by::

        sqrt((rho(t) - 4) * (rho(t) - 2) * rho / ((rho - 4) * (rho - 2) * rho(t)))

    where ``rho`` is the limit of ``rho(t)``.

    Parameters
    ----------
    parameters : iterable of Tensor, or of dict
        Leaves that require a gradient, such as ``model.parameters()``; or groups of them.
    learning_rate : float
        About the size of a later step, whatever the size of the gradients is.
    betas : tuple of two floats
        How slowly the two means forget; kept as a list.
    eps : float
        Keeps the divisor from 0.
    weight_decay : float
        As for :class:`nn.optim.Adam`.
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
    Liu, Jiang, He, Chen, Liu, Gao and Han, On the variance of the adaptive learning rate and
    beyond, 2020. The bound of 5 is PyTorch's and that of the authors' program; the paper has 4.

    Examples
    --------
    >>> from autograd_lite import Tensor
    >>> w = Tensor([1.0, 200.0], requires_grad=True)
    >>> optimizer = RAdam([w], learning_rate=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    array([  0.8, 160. ])
    """

    _kinds: ClassVar[Mapping[str, Kind]] = {
        "learning_rate": not_negative,
        "betas": fractions,
        "eps": not_negative,
        "weight_decay": not_negative,
        "decoupled_weight_decay": flag,
        "maximize": flag,
    }
    _not_negative = frozenset({"square"})

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        self.learning_rate = learning_rate
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.decoupled_weight_decay = decoupled_weight_decay
        self.maximize = maximize
        super().__init__(parameters)

    def _settings(self) -> dict[str, Any]:
        return {
            "learning_rate": self.learning_rate,
            "betas": self.betas,
            "eps": self.eps,
            "weight_decay": self.weight_decay,
            "decoupled_weight_decay": self.decoupled_weight_decay,
            "maximize": self.maximize,
        }

    def _state_names(self, settings: Settings) -> tuple[str, ...]:
        return "mean", "square"

    def _counts(self, settings: Settings) -> bool:
        return True

    def _factors(self, settings: Settings, steps: Any) -> tuple[Any, ...]:
        beta1, beta2 = settings["betas"]
        limit = 2 / (1 - beta2) - 1
        left = 1 - beta2**steps
        rho = limit - 2 * steps * beta2**steps / left
        rectified = rho > 5
        # where it isn't used, it is computed for 5, which has a root
        high, most = np.maximum(rho, 5.0), np.maximum(limit, 5.0)
        ratio = (high - 4) * (high - 2) * most / ((most - 4) * (most - 2) * high)
        rate = settings["learning_rate"] / (1 - beta1**steps)
        rate = rate * np.where(rectified, np.sqrt(ratio * left), 1.0)
        # the divisor is kept within these bounds: anywhere, or at 1
        return rate, np.where(rectified, 0.0, 1.0), np.where(rectified, np.inf, 1.0)

    def _update(self, p: Any, g: Any, state: Any, settings: Settings, factors: Any) -> None:
        (m, v), (rate, least, most) = state, factors
        beta1, beta2 = settings["betas"]
        g = decayed(p, g, settings)
        m += (1 - beta1) * (g - m)
        v *= beta2
        v += (1 - beta2) * g * g
        divisor = np.minimum(np.maximum(np.sqrt(v) + settings["eps"], least), most)
        p -= rate * (m / divisor)
