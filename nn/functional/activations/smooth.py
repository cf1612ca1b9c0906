"""Smooth activations, and those whose slope has one jump."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite import Primitive, Tensor, TensorLike, elu, softmax
from autograd_lite.errors import DomainError
from nn.functional.operands import real


@np.errstate(over="ignore")  # 1 / inf = 0 is right
def logistic(x: Any) -> Any:
    """Return the sigmoid of an array, for forwards and rules."""
    return 1 / (1 + np.exp(-x))


def log1p_exp(x: Any) -> Any:
    """Return log(1 + exp(-abs(x))): NumPy's log1p takes several times as long as its log."""
    e = np.exp(-np.abs(x))
    u = 1 + e
    return np.log(u) + (e - (u - 1)) / u  # what rounding has taken from u


def _softplus(x: Any, beta: float, threshold: float) -> Any:
    z = beta * x
    return (np.maximum(z, 0) + (z <= threshold) * log1p_exp(z)) / beta


def _softplus_rule(g: Any, y: Any, x: Any, beta: float, threshold: float) -> Any:
    z = beta * x
    slope = logistic(z)
    return g * (slope + (1 - slope) * (z > threshold))


soft_plus = Primitive("softplus", _softplus, [_softplus_rule], elementwise=True)

log_sigmoid = Primitive(
    "logsigmoid",
    lambda x: np.minimum(x, 0) - log1p_exp(x),
    [lambda g, y, x: g * logistic(-x)],
    elementwise=True,
)


def _soft_sign(x: Any) -> Any:
    most = np.finfo(x.dtype).max
    finite = np.clip(x, -most, most)  # inf / inf
    return finite / (1 + np.abs(finite))


def _soft_sign_rule(g: Any, y: Any, x: Any) -> Any:
    size = 1 + np.abs(x)
    return g / size / size  # its square may overflow


soft_sign = Primitive("softsign", _soft_sign, [_soft_sign_rule], elementwise=True)

tanh_shrink = Primitive(
    "tanhshrink",
    lambda x: x - np.tanh(x),
    [lambda g, y, x: g * np.tanh(x) ** 2],
    elementwise=True,
)


def celu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """Return ``x`` where it is positive, and ``alpha * (exp(x / alpha) - 1)`` elsewhere.

    The slope is continuous for every ``alpha``; that of :func:`autograd_lite.elu` is for 1 only.

    Parameters
    ----------
    x : Tensor or array_like
    alpha : float
        Above 0: minus the limit for large negative ``x``.

    Raises
    ------
    DomainError
        If ``alpha`` isn't positive.
    DTypeError
        If ``x`` is complex.

    Notes
    -----
    Barron, Continuously differentiable exponential linear units, arXiv:1704.07483, 2017.

    Examples
    --------
    >>> celu([-2.0, 0.0, 1.0], 2.0)
    Tensor([-1.26424112,  0.        ,  1.        ])
    """
    check_positive("celu", "alpha", alpha)
    tensor = real("celu", x)
    return elu(tensor) if alpha == 1 else elu(tensor / float(alpha)) * float(alpha)


_SELU_ALPHA = 1.6732632423543772848170429916717
_SELU_SCALE = 1.0507009873554804934193349852946


def selu(x: TensorLike) -> Tensor:
    """Return ``1.0507 * elu(x, 1.6733)``, with which deep networks normalize themselves.

    The gradient at 0 is that of the negative side, 1.7581.

    Raises
    ------
    DTypeError
        If ``x`` is complex.

    Notes
    -----
    Klambauer, Unterthiner, Mayr and Hochreiter, Self-normalizing neural networks,
    arXiv:1706.02515, 2017. They need weights drawn with variance 1 / inputs.

    Examples
    --------
    >>> selu([-1.0, 0.0, 1.0])
    Tensor([-1.11133074,  0.        ,  1.05070099])
    """
    return elu(real("selu", x), _SELU_ALPHA) * _SELU_SCALE


def softplus(x: TensorLike, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """Return ``log(1 + exp(beta * x)) / beta``, a smooth form of the ReLU, without overflow.

    Parameters
    ----------
    x : Tensor or array_like
    beta : float
        Above 0: the larger it is, the sharper the bend.
    threshold : float
        At least 0. Where ``beta * x`` is above it, the result is ``x`` and the gradient 1.

    Raises
    ------
    DomainError
        If ``beta`` or ``threshold`` is out of range.
    DTypeError
        If ``x`` is complex.

    Examples
    --------
    >>> softplus([-1000.0, 0.0, 1000.0])
    Tensor([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    check_softplus("softplus", beta, threshold)
    y: Tensor = soft_plus(real("softplus", x), beta=float(beta), threshold=float(threshold))
    return y


def check_softplus(call: str, beta: float, threshold: float) -> None:
    """Raise a DomainError if an option is out of range."""
    check_positive(call, "beta", beta)
    if not threshold >= 0:
        raise DomainError(f"{call}: threshold must be at least 0: {threshold}")


def check_positive(call: str, option: str, value: float) -> None:
    """Raise a DomainError if an option isn't positive and finite."""
    if not 0 < value < np.inf:
        raise DomainError(f"{call}: {option} must be positive and finite: {value}")


def logsigmoid(x: TensorLike) -> Tensor:
    """Return the logarithm of the sigmoid, exact where the sigmoid itself is 0 or 1.

    Raises
    ------
    DTypeError
        If ``x`` is complex.

    Examples
    --------
    >>> logsigmoid([-1000.0, 0.0])
    Tensor([-1.00000000e+03, -6.93147181e-01])
    """
    y: Tensor = log_sigmoid(real("logsigmoid", x))
    return y


def softsign(x: TensorLike) -> Tensor:
    """Return ``x / (1 + abs(x))``, which approaches ±1 more slowly than tanh.

    Raises
    ------
    DTypeError
        If ``x`` is complex.

    Examples
    --------
    >>> softsign([-3.0, 0.0, 1.0])
    Tensor([-0.75,  0.  ,  0.5 ])
    """
    y: Tensor = soft_sign(real("softsign", x))
    return y


def tanhshrink(x: TensorLike) -> Tensor:
    """Return ``x - tanh(x)``.

    Raises
    ------
    DTypeError
        If ``x`` is complex.

    Examples
    --------
    >>> tanhshrink([-1.0, 0.0, 100.0])
    Tensor([-0.23840584,  0.        , 99.        ])
    """
    y: Tensor = tanh_shrink(real("tanhshrink", x))
    return y


def softmin(x: TensorLike, axis: int = -1) -> Tensor:
    """Return ``softmax(-x)`` along ``axis``: the smaller a value, the larger its share.

    Raises
    ------
    AxisError
        If there is no such axis.

    Examples
    --------
    >>> softmin([0.0, 0.0, 1000.0])
    Tensor([0.5, 0.5, 0. ])
    """
    return softmax(-real("softmin", x), axis)
