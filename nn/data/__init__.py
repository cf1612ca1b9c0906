"""Mini-batches, validation splits, augmentation, one-hot targets, accuracy.

The data sets are in :mod:`nn.datasets`.
"""

from nn.data.augmentation import ElasticTransform, RandomAffine
from nn.data.batches import Batches
from nn.data.labels import one_hot
from nn.data.splitting import train_validation_split
from nn.metrics import accuracy

__all__ = [
    "Batches",
    "ElasticTransform",
    "RandomAffine",
    "accuracy",
    "one_hot",
    "train_validation_split",
]
