"""Selecting: by index, condition and order; truth values."""
