"""The primitives: each op's forward and its derivative rules side by side.

Everything here is NumPy on arrays. ``g`` is the cotangent of the output ``y``; a rule returns the
cotangent of one input. For elementwise ops the core undoes broadcasting.

Each family shows its mathematics first. Helpers stand below the ops that use them.
"""
