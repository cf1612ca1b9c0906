"""The primitives of statistics."""
