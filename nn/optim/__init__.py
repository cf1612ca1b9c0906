"""Optimizers, schedules of the learning rate, clipping of gradients, averages of weights.

Averages: EMA, SWA, and ``update_batchnorm`` for the model that they give. Clipping:
``clip_grad_norm`` and ``clip_grad_value``, between ``backward()`` and ``step()``. Schedules: all
whose names end with LR, and those that combine or restart others. Optimizers: all others.

Examples
--------
>>> import nn
>>> model = nn.Dense(3, 2, rng=0)
>>> optimizer = nn.optim.Adam(
...     [{"parameters": [model.weight]}, {"parameters": [model.bias], "learning_rate": 0.1}]
... )
>>> schedule = nn.optim.ExponentialLR(optimizer, gamma=0.5)
>>> schedule.step()
>>> [group["learning_rate"] for group in optimizer.groups]
[0.0005, 0.05]
"""

from nn.optim.adadelta import Adadelta
from nn.optim.adagrad import Adagrad
from nn.optim.adam import Adam
from nn.optim.adamax import Adamax
from nn.optim.adamw import AdamW
from nn.optim.averaging import EMA, SWA, update_batchnorm
from nn.optim.clipping import clip_grad_norm, clip_grad_value
from nn.optim.elementwise import ElementwiseOptimizer
from nn.optim.lbfgs import LBFGS
from nn.optim.lion import Lion
from nn.optim.nadam import NAdam
from nn.optim.optimizer import Optimizer
from nn.optim.radam import RAdam
from nn.optim.rmsprop import RMSprop
from nn.optim.schedules import (
    ChainedScheduler,
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    CyclicLR,
    ExponentialLR,
    FactorLR,
    LambdaLR,
    LinearLR,
    LRScheduler,
    MultiplicativeLR,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
)
from nn.optim.sgd import SGD

__all__ = [
    "EMA",
    "LBFGS",
    "SGD",
    "SWA",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ElementwiseOptimizer",
    "ExponentialLR",
    "FactorLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "Lion",
    "MultiStepLR",
    "MultiplicativeLR",
    "NAdam",
    "OneCycleLR",
    "Optimizer",
    "PolynomialLR",
    "RAdam",
    "RMSprop",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
    "clip_grad_norm",
    "clip_grad_value",
    "update_batchnorm",
]
