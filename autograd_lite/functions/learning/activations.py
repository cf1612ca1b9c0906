"""Activation functions: elementwise, on tensors of any shape."""

from autograd_lite.functions.general.differentiation import as_floating
from autograd_lite.functions.general.making import documented, unary
from autograd_lite.ops.learning import activations
from autograd_lite.ops.mathematics import exponential
from autograd_lite.tensor import Tensor, TensorLike, apply

__all__ = [
    "elu",
    "gelu",
    "leaky_relu",
    "relu",
    "sigmoid",
    "silu",
    "softplus",
    "swish",
]

relu = unary(
    "relu",
    activations.relu,
    "Return ``maximum(x, 0)``; the gradient at 0 is 0.",
    ">>> relu([-2.0, 3.0])\nTensor([0., 3.])",
)

sigmoid = unary(
    "sigmoid",
    exponential.sigmoid,
    "Return the logistic function ``1 / (1 + exp(-x))``, without overflow.\n\n"
    "    Its derivative is ``y (1 - y)``, the article's sigma'.",
    ">>> sigmoid([-1000.0, 0.0, 1000.0])\nTensor([0. , 0.5, 1. ])",
)

softplus = unary(
    "softplus",
    activations.softplus,
    "Return ``log(1 + exp(x))``, a smooth form of :func:`relu`, without overflow.",
    ">>> softplus([-1000.0, 0.0, 1000.0])\n"
    "Tensor([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])",
)

silu = unary(
    "silu",
    activations.silu,
    "Return ``x * sigmoid(x)``, the sigmoid linear unit, also called swish.",
    ">>> silu([-1.0, 0.0, 1.0])\nTensor([-0.26894142,  0.        ,  0.73105858])",
)

swish = silu


def gelu(x: TensorLike, approximate: bool = False) -> Tensor:
    """Return ``x`` times the probability that a standard normal variable is below ``x``.

    Parameters
    ----------
    x : Tensor or array_like
    approximate : bool
        Use the approximation by tanh, with which the first language models were trained.

    Raises
    ------
    DTypeError
        If ``x`` is complex.

    Notes
    -----
    Hendrycks and Gimpel, "Gaussian error linear units (GELUs)" (2016).

    Examples
    --------
    >>> gelu([-1.0, 0.0, 1.0])
    Tensor([-0.15865525,  0.        ,  0.84134475])
    >>> gelu(1.0, approximate=True).item()
    0.841191...
    """
    op = activations.gelu_tanh if approximate else activations.gelu
    return apply(op, (as_floating(x),), {})


def elu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """Return ``x`` where it is positive, and ``alpha * (exp(x) - 1)`` elsewhere.

    Parameters
    ----------
    x : Tensor or array_like
    alpha : float
        Minus the limit for large negative ``x``, and the gradient at 0.

    Notes
    -----
    Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential
    linear units (ELUs)" (2015).

    Examples
    --------
    >>> elu([-1.0, 0.0, 1.0])
    Tensor([-0.63212056,  0.        ,  1.        ])
    """
    return apply(activations.elu, (as_floating(x),), {"alpha": alpha})


def leaky_relu(x: TensorLike, negative_slope: float = 0.01) -> Tensor:
    """Return ``x`` where it is positive, and ``negative_slope * x`` elsewhere.

    Parameters
    ----------
    x : Tensor or array_like
    negative_slope : float
        The slope below 0, and the gradient at 0.

    Examples
    --------
    >>> leaky_relu([-2.0, 3.0], 0.1)
    Tensor([-0.2,  3. ])
    """
    return apply(activations.leaky_relu, (as_floating(x),), {"negative_slope": negative_slope})


__test__ = documented(globals())
