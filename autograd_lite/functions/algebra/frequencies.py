"""Frequencies of Fourier transforms, and their order."""

from collections.abc import Sequence
from operator import index
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite.errors import DomainError, ShapeError
from autograd_lite.functions.algebra.fourier import length_of
from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.tensor import Tensor, TensorLike

__all__ = [
    "fftfreq",
    "fftshift",
    "ifftshift",
    "rfftfreq",
]


def _rolled(name: str, x: TensorLike, axes: int | Sequence[int] | None, sign: int) -> Tensor:
    """Roll by half the length of each axis, rounded down and then multiplied by ``sign``."""
    tensor = as_tensor(x)
    if axes is None:
        axes = range(tensor.ndim)
    along = (axes,) if isinstance(axes, int | np.integer) else tuple(axes)
    if not along:
        return tensor.copy()
    shifts = tuple(sign * (length_of(name, tensor, axis) // 2) for axis in along)
    rolled: Any = np.roll(tensor, shifts, along)
    return as_tensor(rolled)


@implements(np.fft.fftshift)
def fftshift(x: TensorLike, axes: int | Sequence[int] | None = None) -> Tensor:
    """Move the frequency 0 of a transform to the middle, so that the frequencies ascend.

    Parameters
    ----------
    x : Tensor or array_like
    axes : int or sequence of int, optional
        The axes to shift; by default all.

    Returns
    -------
    Tensor
        Of the shape and dtype of ``x``.

    Raises
    ------
    AxisError
        If there is no such axis.

    Examples
    --------
    >>> fftshift(fftfreq(5, 0.2))
    Tensor([-2., -1.,  0.,  1.,  2.])
    """
    return _rolled("fftshift", x, axes, 1)


@implements(np.fft.ifftshift)
def ifftshift(x: TensorLike, axes: int | Sequence[int] | None = None) -> Tensor:
    """Undo :func:`fftshift`; see there for the parameters.

    Examples
    --------
    >>> ifftshift([-2.0, -1.0, 0.0, 1.0, 2.0])
    Tensor([ 0.,  1.,  2., -2., -1.])
    """
    return _rolled("ifftshift", x, axes, -1)


def _check_frequencies(name: str, n: int, device: str | None) -> int:
    length = index(n)
    if length < 1:
        raise ShapeError(f"{name} of {n} samples: there must be at least one")
    if device not in (None, "cpu"):
        raise DomainError(f"{name} on device {device!r}: there is only 'cpu'")
    return length


def fftfreq(
    n: int,
    d: TensorLike = 1.0,
    *,
    dtype: npt.DTypeLike | None = None,
    device: str | None = None,
) -> Tensor:
    """Return the frequency of each value of an :func:`fft` of ``n`` samples.

    Parameters
    ----------
    n : int
        The number of samples.
    d : float or Tensor
        The distance between two samples; it can be differentiated.
    dtype : dtype, optional
        The dtype of the frequencies, float64 by default.
    device : {"cpu"}, optional
        For the array API standard; it makes no difference.

    Returns
    -------
    Tensor, shape (n,)
        In cycles per unit of ``d``: 0, the positive ones, then the negative ones.

    Raises
    ------
    ShapeError
        If ``n`` is less than 1.
    DomainError
        If the device isn't ``"cpu"``.

    Examples
    --------
    >>> fftfreq(5, d=0.2)
    Tensor([ 0.,  1.,  2., -2., -1.])
    """
    length = _check_frequencies("fftfreq", n, device)
    frequencies = (np.arange(length) + length // 2) % length - length // 2
    return as_tensor(frequencies * (1.0 / (length * as_tensor(d))), dtype)


def rfftfreq(
    n: int,
    d: TensorLike = 1.0,
    *,
    dtype: npt.DTypeLike | None = None,
    device: str | None = None,
) -> Tensor:
    """Return the frequency of each value of an :func:`rfft` of ``n`` samples.

    There are ``n // 2 + 1``. See :func:`fftfreq` for the parameters and errors.

    Examples
    --------
    >>> rfftfreq(5, d=0.2)
    Tensor([0., 1., 2.])
    """
    length = _check_frequencies("rfftfreq", n, device)
    return as_tensor(np.arange(length // 2 + 1) * (1.0 / (length * as_tensor(d))), dtype)
