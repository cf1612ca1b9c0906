"""Special functions under the names of ``scipy.special``, differentiable.

Given tensors, SciPy's own functions of these names are these: its ufuncs by NumPy's protocol, and
where SCIPY_ARRAY_API is on, ``scipy.special`` looks here for what it has no array API code for.

Examples
--------
>>> from autograd_lite import Tensor, special
>>> x = Tensor([1.0, 2.0], requires_grad=True)
>>> special.expit(x).sum().backward()
>>> x.grad
Tensor([0.19661193, 0.10499359])
"""

from autograd_lite.dispatch import SCIPY_UFUNCS
from autograd_lite.functions.activations import sigmoid as expit
from autograd_lite.functions.exponential import cbrt, exp2, expm1, log1p
from autograd_lite.functions.special import digamma as psi
from autograd_lite.functions.special import erf, erfc, i0, logit, sinc
from autograd_lite.functions.special import lgamma as gammaln

__all__ = [
    "cbrt",
    "erf",
    "erfc",
    "exp2",
    "expit",
    "expm1",
    "gammaln",
    "i0",
    "log1p",
    "logit",
    "psi",
    "sinc",
]

SCIPY_UFUNCS.update((f"scipy.special.{name}", globals()[name]) for name in __all__)
