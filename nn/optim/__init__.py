"""Optimizers: what a step does with the gradients."""

from nn.optim.adam import Adam
from nn.optim.adamw import AdamW
from nn.optim.sgd import SGD

__all__ = ["SGD", "Adam", "AdamW"]
