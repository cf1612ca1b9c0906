"""The primitives of algebra."""
