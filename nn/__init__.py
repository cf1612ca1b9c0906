"""Neural networks on autograd_lite: modules, losses, optimizers, data.

Examples
--------
>>> import nn
>>> model = nn.Sequential(nn.Dense(784, 200), nn.Sigmoid(), nn.Dense(200, 10))
>>> model
Sequential: 159,010 parameters
  0: Dense(784, 200): 157,000 parameters
  1: Sigmoid()
  2: Dense(200, 10): 2,010 parameters
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from nn import data, init, losses, optim
from nn.layer_deltas import deltas
from nn.layers import Dense, LogSoftmax, ReLU, Sequential, Sigmoid, Softmax, Tanh
from nn.module import Module

__all__ = [
    "Dense",
    "LogSoftmax",
    "Module",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "data",
    "datasets",
    "deltas",
    "init",
    "losses",
    "optim",
]

if TYPE_CHECKING:
    from nn import datasets
else:  # datasets is imported on first use: what it needs for files and networks takes long

    def __getattr__(name: str) -> ModuleType:
        if name == "datasets":
            return import_module("nn.datasets")
        raise AttributeError(f"module 'nn' has no attribute {name!r}")
