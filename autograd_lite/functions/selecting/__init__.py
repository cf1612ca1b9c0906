"""Selecting: by index, by condition and by order; truth values."""
