"""The primitives of learning."""
