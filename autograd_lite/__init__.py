"""Automatic differentiation on NumPy, small enough to be read in an afternoon.

Examples
--------
>>> from autograd_lite import Tensor
>>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
>>> (x * x).sum().backward()
>>> x.grad
Tensor([2., 4., 6.])
"""

from autograd_lite import errors
from autograd_lite.functions.differentiation import as_tensor, gradients
from autograd_lite.functions.elementwise import (
    abs,
    clip,
    cos,
    exp,
    expm1,
    log,
    log1p,
    maximum,
    minimum,
    relu,
    sigmoid,
    sin,
    sqrt,
    square,
    tanh,
    where,
)
from autograd_lite.functions.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    mean_squared_error,
)
from autograd_lite.functions.reductions import (
    argmax,
    argmin,
    log_softmax,
    logsumexp,
    max,
    mean,
    min,
    softmax,
    sum,
)
from autograd_lite.functions.shaping import (
    broadcast_to,
    concatenate,
    expand_dims,
    linear,
    matmul,
    reshape,
    squeeze,
    stack,
    swapaxes,
    transpose,
)
from autograd_lite.modes import enable_grad, is_recording, no_grad
from autograd_lite.primitive import EveryInput, Primitive
from autograd_lite.tensor import Tensor, TensorLike

__version__ = "0.1.0"

__all__ = [
    "EveryInput",
    "Primitive",
    "Tensor",
    "TensorLike",
    "abs",
    "argmax",
    "argmin",
    "as_tensor",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "broadcast_to",
    "clip",
    "concatenate",
    "cos",
    "cross_entropy",
    "enable_grad",
    "errors",
    "exp",
    "expand_dims",
    "expm1",
    "gradients",
    "is_recording",
    "linear",
    "log",
    "log1p",
    "log_softmax",
    "logsumexp",
    "matmul",
    "max",
    "maximum",
    "mean",
    "mean_squared_error",
    "min",
    "minimum",
    "no_grad",
    "relu",
    "reshape",
    "sigmoid",
    "sin",
    "softmax",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "sum",
    "swapaxes",
    "tanh",
    "transpose",
    "where",
]
