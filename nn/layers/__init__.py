"""Layers, one family in a file."""

from nn.layers.activations import LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from nn.layers.containers import Sequential
from nn.layers.dense import Dense

__all__ = ["Dense", "LogSoftmax", "ReLU", "Sequential", "Sigmoid", "Softmax", "Tanh"]
