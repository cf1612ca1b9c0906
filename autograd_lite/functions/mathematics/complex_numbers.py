"""Complex numbers and their parts."""

import numpy as np

from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.mathematics import complex_numbers, trigonometric
from autograd_lite.tensor import Tensor, TensorLike, apply, compute

__all__ = [
    "angle",
    "conj",
    "conjugate",
    "imag",
    "real",
    "real_if_close",
]


def conj(x: TensorLike) -> Tensor:
    """Return the complex conjugate of each value of ``x``.

    Examples
    --------
    >>> conj([1 + 2j, 3.0])
    Tensor([1.-2.j, 3.-0.j], dtype=complex128)
    """
    return apply(complex_numbers.conjugate, (x,), {})


@implements(np.real, gives_arrays=True)
def real(val: TensorLike) -> Tensor:
    """Return the real part of each value.

    Examples
    --------
    >>> real([1 + 2j, 3.0])
    Tensor([1., 3.])
    """
    return apply(complex_numbers.real, (as_tensor(val),), {})


@implements(np.imag, gives_arrays=True)
def imag(val: TensorLike) -> Tensor:
    """Return the imaginary part of each value, which is 0 for real ones.

    Examples
    --------
    >>> imag([1 + 2j, 3.0])
    Tensor([2., 0.])
    """
    x = as_tensor(val)
    return apply(complex_numbers.imag, (x if x.dtype.kind == "c" else x.detach(),), {})


@implements(np.angle)
def angle(z: TensorLike, deg: bool = False) -> Tensor:
    """Return the angle of each complex number; the gradient at 0 is 0.

    Parameters
    ----------
    z : Tensor or array_like
        The angles of real numbers, 0 and pi, are constants.
    deg : bool
        Return degrees instead of radians.

    Examples
    --------
    >>> angle([1 + 1j, 2j], deg=True)
    Tensor([45., 90.])
    """
    x = as_tensor(z)
    if x.dtype.kind != "c":
        constant: Tensor = compute(np.angle, x, deg=deg)
        return constant
    turned = apply(complex_numbers.angle, (x,), {})
    return apply(trigonometric.degrees, (turned,), {}) if deg else turned


@implements(np.real_if_close, gives_arrays=True)
def real_if_close(a: TensorLike, tol: float = 100) -> Tensor:
    """Return the real parts if all imaginary parts are close to 0, else ``a`` as it is.

    Parameters
    ----------
    a : Tensor or array_like
    tol : float
        How far from 0, in units of the dtype's precision; or in absolute terms if not above 1.

    Examples
    --------
    >>> real_if_close([2.0 + 1e-20j])
    Tensor([2.])
    """
    x = as_tensor(a)
    parts = x.dtype.kind == "c" and np.real_if_close(x.array, tol).dtype.kind != "c"
    return real(x) if parts else x


conjugate = conj
