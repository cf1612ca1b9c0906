"""Protocols that let NumPy, Python and other libraries use a tensor as an array."""
