"""Discrete Fourier transforms along one axis and along several: those of ``autograd_lite.fft``.

The transform of float32 is complex64, and of complex64 back to real numbers float32. Gradients are
transforms themselves, so they can be differentiated to any order.
"""

from collections.abc import Sequence
from operator import index
from typing import Any

import numpy as np

from autograd_lite.errors import AxisError, DomainError, DTypeError, ShapeError
from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.functions.mathematics.complex_numbers import conj
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.algebra import fourier
from autograd_lite.ops.algebra.fourier import Norm
from autograd_lite.primitive import Primitive
from autograd_lite.tensor import Tensor, TensorLike, apply

__all__ = [
    "fft",
    "fft2",
    "fftn",
    "hfft",
    "ifft",
    "ifft2",
    "ifftn",
    "ihfft",
    "irfft",
    "irfft2",
    "irfftn",
    "rfft",
    "rfft2",
    "rfftn",
]


def _transform(op: Primitive, a: TensorLike, n: int | None, axis: int, norm: Norm) -> Tensor:
    if norm not in fourier.OPPOSITE:
        raise DomainError(
            f"{op.name} has no norm {norm!r}; choose 'backward', 'ortho' or 'forward'"
        )
    length = None if n is None else index(n)
    return apply(op, (as_tensor(a),), {"n": length, "axis": axis, "norm": norm})


def _real(name: str, a: TensorLike) -> Tensor:
    x = as_tensor(a)
    if x.dtype.kind == "c":
        of_complex = name.replace("r", "").replace("ih", "i")
        raise DTypeError(f"{name} takes real numbers, not {x.dtype}; use {of_complex}")
    return x


# ---------------------------------------------------------------------- along one axis


@implements(np.fft.fft)
def fft(a: TensorLike, n: int | None = None, axis: int = -1, norm: Norm = None) -> Tensor:
    r"""Return the discrete Fourier transform :math:`y_k = \sum_j x_j e^{-2 \pi i j k / n}`.

    Parameters
    ----------
    a : Tensor or array_like
    n : int, optional
        The length to transform: the axis is cropped, or padded with zeros at its end. By default
        the length of the axis.
    axis : int
        The axis to transform.
    norm : {"backward", "ortho", "forward"}, optional
        Divide the inverse transform by n ("backward", the default), this one ("forward"), or both
        by the square root of n ("ortho").

    Returns
    -------
    Tensor
        Complex, with length ``n`` along ``axis``.

    Raises
    ------
    DomainError
        If there is no such norm.
    ShapeError
        If there is no such axis, or ``n`` is less than 1.

    Examples
    --------
    >>> fft([1.0, 2.0, 3.0, 4.0])
    Tensor([10.+0.j, -2.+2.j, -2.+0.j, -2.-2.j], dtype=complex128)
    """
    return _transform(fourier.fft, a, n, axis, norm)


@implements(np.fft.ifft)
def ifft(a: TensorLike, n: int | None = None, axis: int = -1, norm: Norm = None) -> Tensor:
    """Return the inverse of :func:`fft`; see there for the parameters.

    Examples
    --------
    >>> ifft(fft([1.0, 2.0, 3.0, 4.0])).real
    Tensor([1., 2., 3., 4.])
    """
    return _transform(fourier.ifft, a, n, axis, norm)


@implements(np.fft.rfft)
def rfft(a: TensorLike, n: int | None = None, axis: int = -1, norm: Norm = None) -> Tensor:
    """Return the first ``n // 2 + 1`` values of the transform of real values.

    The others are their conjugates. See :func:`fft` for the parameters.

    Raises
    ------
    DTypeError
        If the values are complex.

    Examples
    --------
    >>> rfft([1.0, 2.0, 3.0, 4.0])
    Tensor([10.+0.j, -2.+2.j, -2.+0.j], dtype=complex128)
    """
    return _transform(fourier.rfft, _real("rfft", a), n, axis, norm)


@implements(np.fft.irfft)
def irfft(a: TensorLike, n: int | None = None, axis: int = -1, norm: Norm = None) -> Tensor:
    """Return the inverse of :func:`rfft`: ``n`` real values. See :func:`fft` for the parameters.

    By default ``n`` is ``2 * (m - 1)`` for m frequencies, an even number. The imaginary parts of
    frequency 0, and of the highest one if n is even, are ignored; their gradients are 0.

    Examples
    --------
    >>> irfft(rfft([1.0, 2.0, 3.0]), n=3)
    Tensor([1., 2., 3.])
    """
    return _transform(fourier.irfft, a, n, axis, norm)


@implements(np.fft.hfft)
def hfft(a: TensorLike, n: int | None = None, axis: int = -1, norm: Norm = None) -> Tensor:
    """Return the transform of values whose second half is the first, mirrored and conjugated.

    ``a`` holds the first half; the transform is real. See :func:`irfft` for ``n`` and :func:`fft`
    for the other parameters.

    Examples
    --------
    >>> hfft([1.0, 2.0, 3.0])
    Tensor([ 8., -2.,  0., -2.])
    """
    return _transform(fourier.irfft, conj(a), n, axis, fourier.OPPOSITE.get(norm, norm))


@implements(np.fft.ihfft)
def ihfft(a: TensorLike, n: int | None = None, axis: int = -1, norm: Norm = None) -> Tensor:
    """Return the inverse of :func:`hfft` of real values; see :func:`fft` for the parameters.

    Raises
    ------
    DTypeError
        If the values are complex.

    Examples
    --------
    >>> ihfft([8.0, -2.0, 0.0, -2.0])
    Tensor([1.-0.j, 2.-0.j, 3.-0.j], dtype=complex128)
    """
    x = _real("ihfft", a)
    return conj(_transform(fourier.rfft, x, n, axis, fourier.OPPOSITE.get(norm, norm)))


# ---------------------------------------------------------------------- along several axes


def length_of(name: str, x: Tensor, axis: int) -> int:
    """Return the length of an axis; an error names the function ``name``."""
    if not -x.ndim <= axis < x.ndim:
        raise AxisError(f"{name} of shape {x.shape}: axis {axis} is out of bounds")
    return x.shape[axis]


def _sizes(
    name: str, x: Tensor, s: Sequence[int] | None, axes: Sequence[int] | None
) -> list[tuple[int | None, int]]:
    """Return (n, axis) for each axis to transform; n is None for all of it."""
    if s is None:
        return [(None, axis) for axis in (range(x.ndim) if axes is None else axes)]
    along = range(-len(s), 0) if axes is None else axes
    if len(s) != len(along):
        raise ShapeError(f"{name}: s={s} and axes={axes} must have the same length")
    # -1 is the length of the axis, even for the last axis of irfftn
    pairs = zip(s, along, strict=True)
    return [(length_of(name, x, axis) if n == -1 else n, axis) for n, axis in pairs]


def _real_sizes(name: str, x: Tensor, s: Any, axes: Any) -> list[tuple[int | None, int]]:
    sizes = _sizes(name, x, s, axes)
    if not sizes:
        raise ShapeError(f"{name} of shape {x.shape} needs at least one axis to transform")
    return sizes


@implements(np.fft.fftn)
def fftn(
    a: TensorLike,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Norm = None,
) -> Tensor:
    """Return the discrete Fourier transform along several axes.

    Parameters
    ----------
    a : Tensor or array_like
    s : sequence of int, optional
        The lengths to transform: each axis is cropped, or padded with zeros at its end. -1 keeps
        the length of the axis.
    axes : sequence of int, optional
        The axes to transform; by default all, or the last ``len(s)``.
    norm : {"backward", "ortho", "forward"}, optional
        See :func:`fft`.

    Returns
    -------
    Tensor
        Complex.

    Raises
    ------
    DomainError
        If there is no such norm.
    ShapeError
        If there are no such axes, or ``s`` doesn't fit them.

    Examples
    --------
    >>> fftn([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[10.+0.j, -2.+0.j],
            [-4.+0.j,  0.+0.j]], dtype=complex128)
    """
    x = as_tensor(a)
    for n, axis in reversed(_sizes("fftn", x, s, axes)):
        x = fft(x, n, axis, norm)
    return x


@implements(np.fft.ifftn)
def ifftn(
    a: TensorLike,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Norm = None,
) -> Tensor:
    """Return the inverse of :func:`fftn`; see there for the parameters.

    Examples
    --------
    >>> ifftn(fftn([[1.0, 2.0], [3.0, 4.0]])).real
    Tensor([[1., 2.],
            [3., 4.]])
    """
    x = as_tensor(a)
    for n, axis in reversed(_sizes("ifftn", x, s, axes)):
        x = ifft(x, n, axis, norm)
    return x


@implements(np.fft.rfftn)
def rfftn(
    a: TensorLike,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Norm = None,
) -> Tensor:
    """Return the transform of real values along several axes, halved along the last of them.

    See :func:`fftn` for the parameters, and :func:`rfft` for the half and the error.

    Examples
    --------
    >>> rfftn(np.ones((4, 4))).shape
    (4, 3)
    """
    x = _real("rfftn", a)
    *others, (n, axis) = _real_sizes("rfftn", x, s, axes)
    y = rfft(x, n, axis, norm)
    for n, axis in reversed(others):
        y = fft(y, length_of("rfftn", x, axis) if n is None else n, axis, norm)
    return y


@implements(np.fft.irfftn)
def irfftn(
    a: TensorLike,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Norm = None,
) -> Tensor:
    """Return the inverse of :func:`rfftn`, real values; see :func:`fftn` and :func:`irfft`.

    Examples
    --------
    >>> irfftn(rfftn([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([[1., 2.],
            [3., 4.]])
    """
    x = as_tensor(a)
    *others, (n, axis) = _real_sizes("irfftn", x, s, axes)
    for length, other in others:
        x = ifft(x, length, other, norm)
    return irfft(x, n, axis, norm)


@implements(np.fft.fft2)
def fft2(
    a: TensorLike,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = (-2, -1),
    norm: Norm = None,
) -> Tensor:
    """Return the transform along the last two axes; see :func:`fftn`.

    Examples
    --------
    >>> fft2([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[10.+0.j, -2.+0.j],
            [-4.+0.j,  0.+0.j]], dtype=complex128)
    """
    return fftn(a, s, axes, norm)


@implements(np.fft.ifft2)
def ifft2(
    a: TensorLike,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = (-2, -1),
    norm: Norm = None,
) -> Tensor:
    """Return the inverse of :func:`fft2`; see :func:`fftn`.

    Examples
    --------
    >>> ifft2(fft2([[1.0, 2.0], [3.0, 4.0]])).real
    Tensor([[1., 2.],
            [3., 4.]])
    """
    return ifftn(a, s, axes, norm)


@implements(np.fft.rfft2)
def rfft2(
    a: TensorLike,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = (-2, -1),
    norm: Norm = None,
) -> Tensor:
    """Return the transform of real values along the last two axes; see :func:`rfftn`.

    Examples
    --------
    >>> rfft2([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[10.+0.j, -2.+0.j],
            [-4.+0.j,  0.+0.j]], dtype=complex128)
    """
    return rfftn(a, s, axes, norm)


@implements(np.fft.irfft2)
def irfft2(
    a: TensorLike,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = (-2, -1),
    norm: Norm = None,
) -> Tensor:
    """Return the inverse of :func:`rfft2`, real values; see :func:`irfftn`.

    Examples
    --------
    >>> irfft2(rfft2([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([[1., 2.],
            [3., 4.]])
    """
    return irfftn(a, s, axes, norm)
