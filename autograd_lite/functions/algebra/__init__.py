"""Algebra: products, linear equations, decompositions, norms, Fourier transforms."""
