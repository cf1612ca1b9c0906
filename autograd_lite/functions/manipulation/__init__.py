"""Manipulation: shape and order of axes, joining, splitting, padding, writing into a tensor."""
