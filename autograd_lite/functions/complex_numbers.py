"""Complex numbers and their parts."""

import numpy as np

from autograd_lite.dispatch import implements
from autograd_lite.functions.differentiation import as_tensor
from autograd_lite.ops import complex_numbers
from autograd_lite.tensor import Tensor, TensorLike, apply

__all__ = [
    "conj",
    "imag",
    "real",
]


def conj(x: TensorLike) -> Tensor:
    """Return the complex conjugate of each value of ``x``.

    Examples
    --------
    >>> conj([1 + 2j, 3.0])
    Tensor([1.-2.j, 3.-0.j], dtype=complex128)
    """
    return apply(complex_numbers.conjugate, (x,), {})


@implements(np.real)
def real(val: TensorLike) -> Tensor:
    """Return the real part of each value.

    Examples
    --------
    >>> real([1 + 2j, 3.0])
    Tensor([1., 3.])
    """
    return apply(complex_numbers.real, (as_tensor(val),), {})


@implements(np.imag)
def imag(val: TensorLike) -> Tensor:
    """Return the imaginary part of each value, 0 for real ones.

    Examples
    --------
    >>> imag([1 + 2j, 3.0])
    Tensor([2., 0.])
    """
    x = as_tensor(val)
    return apply(complex_numbers.imag, (x if x.dtype.kind == "c" else x.detach(),), {})
