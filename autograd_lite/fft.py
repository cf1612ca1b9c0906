"""Discrete Fourier transforms: the namespace of ``numpy.fft``, differentiable."""
