"""Automatic differentiation on NumPy, small enough to be read in an afternoon.

Examples
--------
>>> from autograd_lite import Tensor
>>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
>>> (x * x).sum().backward()
>>> x.grad
Tensor([2., 4., 6.])
"""

from autograd_lite import dtypes, errors, fft, linalg, special, transforms, trees
from autograd_lite.debugging import trace_nans
from autograd_lite.dispatch import implements
from autograd_lite.dtypes import *
from autograd_lite.functions import (
    activations,
    applying,
    arithmetic,
    calculus,
    complex_numbers,
    contraction,
    counting,
    creation,
    cumulative,
    data_types,
    diagonals,
    differentiation,
    elementwise,
    exponential,
    histograms,
    inspection,
    interpolation,
    joining,
    logical,
    losses,
    order_statistics,
    padding,
    polynomials,
    products,
    rearranging,
    reductions,
    rounding,
    selecting,
    sets,
    shaping,
    sorting,
    splitting,
    statistics,
    trigonometric,
    without_nan,
    writing,
)
from autograd_lite.functions import (
    spacing as spaced,  # a function has this name
)
from autograd_lite.functions import (
    special as special_functions,  # a namespace has this name
)
from autograd_lite.functions.activations import *
from autograd_lite.functions.applying import *
from autograd_lite.functions.arithmetic import *
from autograd_lite.functions.calculus import *
from autograd_lite.functions.complex_numbers import *
from autograd_lite.functions.contraction import *
from autograd_lite.functions.counting import *
from autograd_lite.functions.creation import *
from autograd_lite.functions.cumulative import *
from autograd_lite.functions.data_types import *
from autograd_lite.functions.diagonals import *
from autograd_lite.functions.differentiation import *
from autograd_lite.functions.elementwise import *
from autograd_lite.functions.exponential import *
from autograd_lite.functions.histograms import *
from autograd_lite.functions.inspection import *
from autograd_lite.functions.interpolation import *
from autograd_lite.functions.joining import *
from autograd_lite.functions.logical import *
from autograd_lite.functions.losses import *
from autograd_lite.functions.order_statistics import *
from autograd_lite.functions.padding import *
from autograd_lite.functions.polynomials import *
from autograd_lite.functions.products import *
from autograd_lite.functions.rearranging import *
from autograd_lite.functions.reductions import *
from autograd_lite.functions.rounding import *
from autograd_lite.functions.selecting import *
from autograd_lite.functions.sets import *
from autograd_lite.functions.shaping import *
from autograd_lite.functions.sorting import *
from autograd_lite.functions.spacing import *
from autograd_lite.functions.special import *
from autograd_lite.functions.splitting import *
from autograd_lite.functions.statistics import *
from autograd_lite.functions.trigonometric import *
from autograd_lite.functions.without_nan import *
from autograd_lite.functions.writing import *
from autograd_lite.modes import enable_grad, is_recording, no_grad
from autograd_lite.operands import register_array_type
from autograd_lite.primitive import AllInputs, EveryInput, Primitive
from autograd_lite.tensor import Tensor, TensorLike
from autograd_lite.transforms import *
from autograd_lite.trees import *

__version__ = "0.1.0"

# each family of functions says itself which of its names are public
__all__ = [
    "AllInputs",
    "EveryInput",
    "Primitive",
    "Tensor",
    "TensorLike",
    "enable_grad",
    "errors",
    "fft",
    "implements",
    "is_recording",
    "linalg",
    "no_grad",
    "register_array_type",
    "special",
    "trace_nans",
]
__all__ += activations.__all__
__all__ += applying.__all__
__all__ += arithmetic.__all__
__all__ += calculus.__all__
__all__ += complex_numbers.__all__
__all__ += contraction.__all__
__all__ += counting.__all__
__all__ += creation.__all__
__all__ += cumulative.__all__
__all__ += data_types.__all__
__all__ += diagonals.__all__
__all__ += differentiation.__all__
__all__ += dtypes.__all__
__all__ += elementwise.__all__
__all__ += exponential.__all__
__all__ += histograms.__all__
__all__ += inspection.__all__
__all__ += interpolation.__all__
__all__ += joining.__all__
__all__ += logical.__all__
__all__ += losses.__all__
__all__ += order_statistics.__all__
__all__ += padding.__all__
__all__ += polynomials.__all__
__all__ += products.__all__
__all__ += rearranging.__all__
__all__ += reductions.__all__
__all__ += rounding.__all__
__all__ += selecting.__all__
__all__ += sets.__all__
__all__ += shaping.__all__
__all__ += sorting.__all__
__all__ += spaced.__all__
__all__ += special_functions.__all__
__all__ += splitting.__all__
__all__ += statistics.__all__
__all__ += transforms.__all__
__all__ += trees.__all__
__all__ += trigonometric.__all__
__all__ += without_nan.__all__
__all__ += writing.__all__
