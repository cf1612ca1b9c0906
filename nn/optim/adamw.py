"""AdamW."""

from typing import final

from nn.optim.adam import Adam
from nn.optim.optimizer import Parameters


@final
class AdamW(Adam):
    """Adam with decoupled weight decay: ``p *= 1 - learning_rate * weight_decay`` before the step.

    So all weights decay alike, while the gradient of an L2 penalty would be divided by the root of
    its mean square.

    Parameters
    ----------
    parameters : iterable of Tensor, or of dict
        Leaves that require a gradient, such as ``model.parameters()``; or groups of them.
    learning_rate, betas, eps, amsgrad, maximize
        As for :class:`Adam`.
    weight_decay : float
        By how much of themselves weights shrink, times ``learning_rate``.

    Raises
    ------
    DomainError, GraphError
        As :class:`nn.optim.SGD`.

    Notes
    -----
    Loshchilov and Hutter, Decoupled weight decay regularization, 2019. As in PyTorch, and other
    than in the paper, a schedule of the learning rate scales the decay too.

    Examples
    --------
    >>> from autograd_lite import Tensor
    >>> w = Tensor([1.0, 100.0], requires_grad=True)
    >>> optimizer = AdamW([w], learning_rate=0.1, weight_decay=0.5)
    >>> w.sum().backward()
    >>> optimizer.step()
    >>> w.data
    array([ 0.85, 94.9 ])
    """

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            learning_rate,
            betas,
            eps,
            weight_decay,
            amsgrad,
            maximize=maximize,
            decoupled_weight_decay=True,
        )
