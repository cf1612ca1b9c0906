"""Pooling layers; as functions they are in :mod:`nn.functional`."""
