"""The primitives of selecting."""
