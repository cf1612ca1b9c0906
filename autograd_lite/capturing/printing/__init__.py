"""The program as NumPy source."""
