"""The primitives of creation."""
