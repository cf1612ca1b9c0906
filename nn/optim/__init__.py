"""Optimizers: what a step does with the gradients."""

from nn.optim.adadelta import Adadelta
from nn.optim.adagrad import Adagrad
from nn.optim.adam import Adam
from nn.optim.adamax import Adamax
from nn.optim.adamw import AdamW
from nn.optim.elementwise import ElementwiseOptimizer
from nn.optim.lbfgs import LBFGS
from nn.optim.lion import Lion
from nn.optim.nadam import NAdam
from nn.optim.optimizer import Optimizer
from nn.optim.radam import RAdam
from nn.optim.rmsprop import RMSprop
from nn.optim.sgd import SGD

__all__ = [
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "ElementwiseOptimizer",
    "Lion",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
]
