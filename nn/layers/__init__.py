"""Layers, one family in a file."""

from nn.layers.activations import LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from nn.layers.containers import ModuleDict, ModuleList, Parallel, Residual, Sequential
from nn.layers.dense import Dense

__all__ = [
    "Dense",
    "LogSoftmax",
    "ModuleDict",
    "ModuleList",
    "Parallel",
    "ReLU",
    "Residual",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
]
