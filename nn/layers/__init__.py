"""Layers, one family in a file."""

from nn.layers.activations import LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from nn.layers.containers import ModuleDict, ModuleList, Parallel, Residual, Sequential
from nn.layers.dense import Dense
from nn.layers.dropout import AlphaDropout, Dropout, Dropout1d, Dropout2d, FeatureAlphaDropout
from nn.layers.normalization import LayerNorm

__all__ = [
    "AlphaDropout",
    "Dense",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "FeatureAlphaDropout",
    "LayerNorm",
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
