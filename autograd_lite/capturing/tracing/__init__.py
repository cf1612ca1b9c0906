"""Traced arrays, numbers and generators, and the trace that they write."""
