"""Lion."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import numpy as np

from nn.optim.elementwise import ElementwiseOptimizer
from nn.optim.optimizer import Parameters, Settings
from nn.optim.settings import Kind, flag, fractions, not_negative


@final
class Lion(ElementwiseOptimizer):
    """Lion: every step is the sign of a mean gradient, so all parameters move by the same amount.

    ::

        p -= learning_rate * (sign(beta1 * m + (1 - beta1) * grad) + weight_decay * p)
        m = beta2 * m + (1 - beta2) * grad

    Parameters
    ----------
    parameters : iterable of Tensor, or of dict
        Leaves that require a gradient, such as ``model.parameters()``; or groups of them.
    learning_rate : float
        The size of a step; the authors advise a tenth to a third of Adam's.
    betas : tuple of two floats
        How much of the mean is in the step, and how slowly the mean forgets; kept as a list.
    weight_decay : float
        By how much of themselves weights shrink, times ``learning_rate``.
    maximize : bool
        Ascend instead.

    Raises
    ------
    DomainError, GraphError
        As :class:`nn.optim.SGD`.

    Notes
    -----
    Chen, Liang, Huang, Real, Wang, Liu, Pham, Dong, Luong, Hsieh, Lu and Le, Symbolic discovery of
    optimization algorithms, 2023. PyTorch has no Lion.

    Examples
    --------
    >>> from autograd_lite import Tensor
    >>> w = Tensor([1.0, -200.0], requires_grad=True)
    >>> optimizer = Lion([w], learning_rate=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    array([   0.9, -199.9])
    """

    _kinds: ClassVar[Mapping[str, Kind]] = {
        "learning_rate": not_negative,
        "betas": fractions,
        "weight_decay": not_negative,
        "maximize": flag,
    }

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        self.learning_rate = learning_rate
        self.betas = betas
        self.weight_decay = weight_decay
        self.maximize = maximize
        super().__init__(parameters)

    def _settings(self) -> dict[str, Any]:
        return {
            "learning_rate": self.learning_rate,
            "betas": self.betas,
            "weight_decay": self.weight_decay,
            "maximize": self.maximize,
        }

    def _state_names(self, settings: Settings) -> tuple[str, ...]:
        return ("mean",)

    def _update(self, p: Any, g: Any, state: Any, settings: Settings, factors: Any) -> None:
        (m,) = state
        beta1, beta2 = settings["betas"]
        rate = settings["learning_rate"]
        shrinking = 1 - rate * settings["weight_decay"]
        g = -g if settings["maximize"] else g
        direction = np.sign(m + (1 - beta1) * (g - m))
        m += (1 - beta2) * (g - m)
        if settings["weight_decay"]:
            p *= shrinking
        p -= rate * direction
