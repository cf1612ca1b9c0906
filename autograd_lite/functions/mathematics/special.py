"""Special functions; the gamma and beta functions, and gradients of ``i0``, need SciPy."""

import numpy as np

from autograd_lite.errors import DomainError
from autograd_lite.functions.general.differentiation import as_floating
from autograd_lite.functions.general.making import binary, documented, unary
from autograd_lite.functions.mathematics.exponential import log, log1p
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.mathematics import special
from autograd_lite.tensor import Tensor, TensorLike, apply

__all__ = [
    "betaln",
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcx",
    "i0",
    "kl_div",
    "lgamma",
    "log_ndtr",
    "logit",
    "ndtr",
    "polygamma",
    "rel_entr",
    "sinc",
    "xlog1py",
    "xlogy",
]

erf = unary(
    "erf",
    special.erf,
    "Return the error function of each value of ``x``, to full precision.",
    ">>> erf([0.0, 1.0])\nTensor([0.        , 0.84270079])",
)

erfc = unary(
    "erfc",
    special.erfc,
    "Return ``1 - erf(x)``, which is accurate where it is small too.",
    ">>> erfc(10.0).item()\n2.08848758376...e-45",
)

erfcx = unary(
    "erfcx",
    special.erfcx,
    "Return ``exp(x**2) * erfc(x)``, also where the one factor overflows and the other vanishes.",
    ">>> erfcx([0.0, 100.0])\nTensor([1.        , 0.00564161])",
)

ndtr = unary(
    "ndtr",
    special.ndtr,
    "Return the probability that a standard normal variable is below ``x``.",
    ">>> ndtr([0.0, -10.0])\nTensor([5.00000000e-01, 7.61985302e-24])",
)

log_ndtr = unary(
    "log_ndtr",
    special.log_ndtr,
    "Return the logarithm of :func:`ndtr`, also where ``ndtr`` would round to 0 or 1.",
    ">>> log_ndtr([0.0, -100.0])\nTensor([-6.93147181e-01, -5.00552421e+03])",
)

entr = unary(
    "entr",
    special.entr,
    "Return ``-x * log(x)``, which is 0 at 0 and -inf below.",
    ">>> entr([0.0, 0.5])\nTensor([0.        , 0.34657359])",
)

xlogy = binary(
    "xlogy",
    special.xlogy,
    "Return ``x1 * log(x2)``, and 0 where ``x1`` is 0.",
    ">>> xlogy([0.0, 2.0], [0.0, 2.0])\nTensor([0.        , 1.38629436])",
)

xlog1py = binary(
    "xlog1py",
    special.xlog1py,
    "Return ``x1 * log(1 + x2)``, and 0 where ``x1`` is 0.",
    ">>> xlog1py([0.0, 2.0], [-1.0, 1.0])\nTensor([0.        , 1.38629436])",
)

rel_entr = binary(
    "rel_entr",
    special.rel_entr,
    "Return ``x1 * log(x1 / x2)``, 0 where ``x1`` is 0, and inf for negative numbers.",
    ">>> rel_entr([0.0, 2.0], [1.0, 1.0])\nTensor([0.        , 1.38629436])",
)

betaln = binary(
    "betaln",
    special.betaln,
    "Return the logarithm of the absolute value of the beta function; needs SciPy.",
    ">>> betaln([1.0], [5.0])\nTensor([-1.60943791])",
)


def kl_div(x1: TensorLike, x2: TensorLike, /) -> Tensor:
    """Return ``x1 * log(x1 / x2) - x1 + x2``; a Kullback-Leibler divergence is its sum.

    Examples
    --------
    >>> kl_div([0.0, 2.0], [1.0, 1.0])
    Tensor([1.        , 0.38629436])
    """
    return rel_entr(x1, x2) - x1 + x2


lgamma = unary(
    "lgamma",
    special.lgamma,
    "Return the logarithm of the absolute value of the gamma function; needs SciPy.",
    ">>> lgamma([1.0, 5.0])\nTensor([0.        , 3.17805383])",
)


def polygamma(n: int, x: TensorLike) -> Tensor:
    """Return the ``n``-th derivative of :func:`digamma`; needs SciPy.

    Parameters
    ----------
    n : int
        One whole number that isn't negative.
    x : Tensor or array_like, real

    Raises
    ------
    MissingExtraError
        If SciPy isn't installed.
    DomainError
        If ``n`` isn't such a number.

    Examples
    --------
    >>> polygamma(1, [1.0])
    Tensor([1.64493407])
    """
    if not isinstance(n, (int, np.integer)) or n < 0:
        raise DomainError(f"polygamma: the order must be one whole number >= 0, not {n!r}")
    return apply(special.polygamma, (as_floating(x),), {"order": n})


def digamma(x: TensorLike) -> Tensor:
    """Return the derivative of :func:`lgamma`; needs SciPy.

    Parameters
    ----------
    x : Tensor or array_like, real

    Raises
    ------
    MissingExtraError
        If SciPy isn't installed.

    Examples
    --------
    >>> digamma([1.0])
    Tensor([-0.57721566])
    """
    return polygamma(0, x)


@implements(np.i0, gives_arrays=True)
def i0(x: TensorLike) -> Tensor:
    """Return the modified Bessel function of the first kind, of order 0; gradients need SciPy.

    Examples
    --------
    >>> i0([0.0, 2.0])
    Tensor([1.        , 2.2795853])
    """
    return apply(special.bessel_i, (as_floating(x),), {"order": 0})


@implements(np.sinc)
def sinc(x: TensorLike) -> Tensor:
    """Return ``sin(pi x) / (pi x)``, and 1 at 0, where every derivative is right too.

    Examples
    --------
    >>> sinc([0.0, 0.5])
    Tensor([1.        , 0.63661977])
    """
    return apply(special.sinc, (as_floating(x),), {"order": 0})


def logit(x: TensorLike) -> Tensor:
    """Return ``log(x / (1 - x))``, the inverse of :func:`sigmoid`.

    Examples
    --------
    >>> logit([0.5, 0.9])
    Tensor([0.        , 2.19722458])
    """
    p = as_floating(x)
    return log(p) - log1p(-p)


__test__ = documented(globals())
