"""The primitives of mathematics."""
