"""Activation functions beyond those of ``autograd_lite``, by the kind of their curves."""
