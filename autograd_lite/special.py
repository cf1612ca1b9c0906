"""Special functions under the names of ``scipy.special``, differentiable.

SciPy looks here for what it has no array API code for: ``scipy.special.gammaln`` and the others
give gradients of tensors where SCIPY_ARRAY_API is on.

Examples
--------
>>> from autograd_lite import Tensor, special
>>> x = Tensor([1.0, 2.0], requires_grad=True)
>>> special.expit(x).sum().backward()
>>> x.grad
Tensor([0.19661193, 0.10499359])
"""

from autograd_lite.functions.activations import sigmoid as expit
from autograd_lite.functions.exponential import cbrt, exp2
from autograd_lite.functions.special import digamma as psi
from autograd_lite.functions.special import erf, erfc, i0, logit, sinc
from autograd_lite.functions.special import lgamma as gammaln

__all__ = ["cbrt", "erf", "erfc", "exp2", "expit", "gammaln", "i0", "logit", "psi", "sinc"]
