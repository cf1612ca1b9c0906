"""Activations as layers; as functions they are in :mod:`nn.functional`."""
