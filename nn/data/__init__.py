"""Mini-batches, one-hot targets, accuracy. The data sets are in :mod:`nn.datasets`."""

from nn.data.batches import Batches
from nn.data.labels import one_hot
from nn.metrics import accuracy

__all__ = ["Batches", "accuracy", "one_hot"]
