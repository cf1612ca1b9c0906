"""Linear algebra: the namespace of ``numpy.linalg``, differentiable."""
