"""The primitives of manipulation."""
