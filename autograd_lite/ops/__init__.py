"""The primitives: each op's forward and its derivative rules side by side.

Everything here is NumPy on arrays. ``g`` is the cotangent of the output ``y``; a rule returns the
cotangent of one input. Broadcasting is undone by the core for ops declared elementwise.
"""
