"""Fewer calls, faster ones, and the memory that they work in."""
