"""What makes a tensor answer where NumPy, Python and other libraries expect an array."""
