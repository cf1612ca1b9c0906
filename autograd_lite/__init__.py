"""Automatic differentiation on NumPy, small enough to be read in an afternoon.

Examples
--------
>>> from autograd_lite import Tensor
>>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
>>> (x * x).sum().backward()
>>> x.grad
Tensor([2., 4., 6.])
"""

from autograd_lite import errors, fft, linalg
from autograd_lite.functions import (
    complex_numbers,
    differentiation,
    elementwise,
    losses,
    reductions,
    shaping,
)
from autograd_lite.functions.complex_numbers import *
from autograd_lite.functions.differentiation import *
from autograd_lite.functions.elementwise import *
from autograd_lite.functions.losses import *
from autograd_lite.functions.reductions import *
from autograd_lite.functions.shaping import *
from autograd_lite.modes import enable_grad, is_recording, no_grad
from autograd_lite.primitive import EveryInput, Primitive
from autograd_lite.tensor import Tensor, TensorLike

__version__ = "0.1.0"

# each family of functions says itself which of its names are public
__all__ = [
    "EveryInput",
    "Primitive",
    "Tensor",
    "TensorLike",
    "enable_grad",
    "errors",
    "fft",
    "is_recording",
    "linalg",
    "no_grad",
]
__all__ += complex_numbers.__all__
__all__ += differentiation.__all__
__all__ += elementwise.__all__
__all__ += losses.__all__
__all__ += reductions.__all__
__all__ += shaping.__all__
