"""Discrete Fourier transforms: the namespace of ``numpy.fft``, differentiable.

Examples
--------
The gradient of a signal's energy at one frequency:

>>> import numpy as np
>>> from autograd_lite import Tensor, abs, fft
>>> signal = Tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
>>> energy = abs(fft.rfft(signal)[1]) ** 2
>>> energy.backward()
>>> signal.grad
Tensor([-4., -4.,  4.,  4.])
"""

from autograd_lite.functions.algebra.fourier import (
    fft,
    fft2,
    fftn,
    hfft,
    ifft,
    ifft2,
    ifftn,
    ihfft,
    irfft,
    irfft2,
    irfftn,
    rfft,
    rfft2,
    rfftn,
)
from autograd_lite.functions.algebra.frequencies import fftfreq, fftshift, ifftshift, rfftfreq

__all__ = [
    "fft",
    "fft2",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "ifft",
    "ifft2",
    "ifftn",
    "ifftshift",
    "ihfft",
    "irfft",
    "irfft2",
    "irfftn",
    "rfft",
    "rfft2",
    "rfftfreq",
    "rfftn",
]
