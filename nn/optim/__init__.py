"""Optimizers: what a step does with the gradients."""

from nn.optim.sgd import SGD

__all__ = ["SGD"]
