"""Special functions under the names of ``scipy.special``, differentiable.

Given a tensor, SciPy's ufuncs of these names call these functions, by NumPy's protocol.
(``polygamma`` and ``logsumexp`` aren't ufuncs.) With SCIPY_ARRAY_API on, ``scipy.special`` looks
here for the functions that it has no array API code for.

Examples
--------
>>> from autograd_lite import Tensor, special
>>> x = Tensor([1.0, 2.0], requires_grad=True)
>>> special.expit(x).sum().backward()
>>> x.grad
Tensor([0.19661193, 0.10499359])

The logarithm of a gamma density of shape a, written with them:

>>> def gamma_logpdf(x, a):
...     return special.xlogy(a - 1, x) - x - special.gammaln(a)
>>> gamma_logpdf(x, 3.0)
Tensor([-1.69314718, -1.30685282], op=subtract)
"""

from typing import Any

from autograd_lite.functions.learning import softmax
from autograd_lite.functions.learning.activations import sigmoid as expit
from autograd_lite.functions.mathematics.exponential import cbrt, exp2, expm1, log1p
from autograd_lite.functions.mathematics.special import (
    betaln,
    digamma,
    entr,
    erf,
    erfc,
    erfcx,
    i0,
    kl_div,
    log_ndtr,
    logit,
    ndtr,
    polygamma,
    rel_entr,
    sinc,
    xlog1py,
    xlogy,
)
from autograd_lite.functions.mathematics.special import digamma as psi
from autograd_lite.functions.mathematics.special import lgamma as gammaln
from autograd_lite.numpy_protocols.dispatch import SCIPY_UFUNCS
from autograd_lite.ops.mathematics.reductions import Axis
from autograd_lite.tensor import TensorLike

__all__ = [
    "betaln",
    "cbrt",
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcx",
    "exp2",
    "expit",
    "expm1",
    "gammaln",
    "i0",
    "kl_div",
    "log1p",
    "log_ndtr",
    "logit",
    "logsumexp",
    "ndtr",
    "polygamma",
    "psi",
    "rel_entr",
    "sinc",
    "xlog1py",
    "xlogy",
]


def logsumexp(
    a: TensorLike,
    axis: Axis = None,
    b: TensorLike | None = None,
    keepdims: bool = False,
    return_sign: bool = False,
) -> Any:
    """Return :func:`autograd_lite.logsumexp`, with the arguments in SciPy's order.

    Examples
    --------
    >>> logsumexp([0.0, 0.0], None, [1.0, 2.0])
    Tensor(1.09861229)
    """
    return softmax.logsumexp(a, axis, keepdims, b=b, return_sign=return_sign)


SCIPY_UFUNCS.update((f"scipy.special.{name}", globals()[name]) for name in __all__)
