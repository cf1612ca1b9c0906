"""Discrete Fourier transforms along one axis; those along several axes are built from them.

A transform is a matrix that is its own transpose: the rule of ``fft`` is ``fft``. Where ``n`` crops
or pads with zeros, the rule pads with zeros or crops.
"""

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_lite.ops.selecting.indexing import scatter
from autograd_lite.primitive import Primitive

Norm: TypeAlias = Literal["backward", "ortho", "forward"] | None

# where the factor 1/n stands: a transform and its inverse have it in opposite places
OPPOSITE: dict[Norm, Norm] = {
    None: "forward",
    "backward": "forward",
    "ortho": "ortho",
    "forward": "backward",
}


def _along_axis(transform: Callable[..., Any]) -> Callable[..., Any]:
    def forward(x: Any, n: int | None, axis: int, norm: Norm) -> Any:
        # NumPy's own error would be about the index of a tuple
        return transform(x, n, normalize_axis_index(axis, np.ndim(x)), norm)

    return forward


def _fft_rule(g: Any, y: Any, x: Any, *, n: int | None, axis: int, norm: Norm) -> Any:
    return _resized(fft(g, n=None, axis=axis, norm=norm), x.shape[axis], axis)


fft = Primitive("fft", _along_axis(np.fft.fft), [_fft_rule])


def _ifft_rule(g: Any, y: Any, x: Any, *, n: int | None, axis: int, norm: Norm) -> Any:
    return _resized(ifft(g, n=None, axis=axis, norm=norm), x.shape[axis], axis)


ifft = Primitive("ifft", _along_axis(np.fft.ifft), [_ifft_rule])


def _rfft_rule(g: Any, y: Any, x: Any, *, n: int | None, axis: int, norm: Norm) -> Any:
    length = x.shape[axis]
    n = length if n is None else n
    half = np.conjugate(g) * _weights(0.5, n, axis, g)
    return _resized(irfft(half, n=n, axis=axis, norm=OPPOSITE[norm]), length, axis)


rfft = Primitive("rfft", _along_axis(np.fft.rfft), [_rfft_rule])


def _irfft(x: Any, n: int | None, axis: int, norm: Norm) -> Any:
    # given no frequencies at all, NumPy returns uninitialized memory
    return np.fft.irfft(x if x.shape[axis] or n is None else _resized(x, 1, axis), n, axis, norm)


def _irfft_rule(g: Any, y: Any, x: Any, *, n: int | None, axis: int, norm: Norm) -> Any:
    half = np.conjugate(rfft(g, n=None, axis=axis, norm=OPPOSITE[norm]))
    c = _resized(half * _weights(2.0, g.shape[axis], axis, g), x.shape[axis], axis)
    return c if x.dtype.kind == "c" else np.real(c)


# The imaginary parts of frequency 0 and, for even n, of the highest are ignored: gradient 0
irfft = Primitive("irfft", _along_axis(_irfft), [_irfft_rule])


# ---- halves of spectra, lengths


def _weights(mirrored: float, n: int, axis: int, g: Any) -> Any:
    """Return a weight for each frequency of half a spectrum of ``n`` real values.

    Most stand for their mirror images too. 0 and, for even n, the highest stand for themselves.
    """
    weights = np.full(n // 2 + 1, mirrored, np.finfo(g.dtype).dtype)
    weights[0] = 1
    if n % 2 == 0:
        weights[-1] = 1
    return weights.reshape((-1,) + (1,) * (g.ndim - 1 - axis % g.ndim))


def _resized(c: Any, length: int, axis: int) -> Any:
    """Crop ``c`` or pad it with zeros, at the end of ``axis``."""
    if c.shape[axis] == length:
        return c
    axis %= c.ndim
    common = (slice(None),) * axis + (slice(min(length, c.shape[axis])),)
    if c.shape[axis] > length:
        return c[common]
    return scatter(c, index=common, shape=(*c.shape[:axis], length, *c.shape[axis + 1 :]))
