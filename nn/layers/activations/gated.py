"""Activations that are the input times a gate, which is between 0 and 1."""

from __future__ import annotations

from autograd_lite import Tensor, TensorLike
from nn import functional
from nn.functional.activations.gated import check_approximation
from nn.layers.construction import ShownByCall


class SiLU(ShownByCall):
    """``x * sigmoid(x)``, also called swish.

    Examples
    --------
    >>> SiLU()([-1.0, 0.0, 1.0])
    Tensor([-0.26894142,  0.        ,  0.73105858])
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return the gated values, of the shape of ``x``."""
        return functional.silu(x)


class Mish(ShownByCall):
    """``x * tanh(softplus(x))``.

    Examples
    --------
    >>> Mish()([-1.0, 0.0, 1.0])
    Tensor([-0.30340146,  0.        ,  0.86509839])
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return the gated values, of the shape of ``x``."""
        return functional.mish(x)


class GELU(ShownByCall):
    """``x`` times the probability that a standard normal variable is below ``x``.

    Parameters
    ----------
    approximate : {"none", "tanh"}
        With "tanh", the approximation with which the first language models were trained.

    Raises
    ------
    DomainError
        If ``approximate`` is something else.

    Examples
    --------
    >>> GELU("tanh")
    GELU(approximate='tanh')
    >>> GELU()([-1.0, 0.0, 1.0])
    Tensor([-0.15865525,  0.        ,  0.84134475])
    """

    def __init__(self, approximate: str = "none") -> None:
        check_approximation("GELU", approximate)
        self.approximate = approximate

    def forward(self, x: TensorLike) -> Tensor:
        """Return the gated values, of the shape of ``x``."""
        return functional.gelu(x, self.approximate)


class GLU(ShownByCall):
    """The first half of ``x`` along ``axis``, times the sigmoid of the second half.

    Parameters
    ----------
    axis : int
        Its length must be even.

    Examples
    --------
    >>> GLU()([1.0, 2.0, 0.0, 1000.0])
    Tensor([0.5, 2. ])
    """

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: TensorLike) -> Tensor:
        """Return the gated half, half as long along ``axis``."""
        return functional.glu(x, self.axis)
