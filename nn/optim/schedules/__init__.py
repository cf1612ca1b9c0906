"""Schedules of the learning rate."""

from nn.optim.schedules.combining import ChainedScheduler, SequentialLR
from nn.optim.schedules.cosine import CosineAnnealingLR, CosineAnnealingWarmRestarts
from nn.optim.schedules.cycles import CyclicLR, OneCycleLR
from nn.optim.schedules.factors import (
    ConstantLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from nn.optim.schedules.plateau import ReduceLROnPlateau
from nn.optim.schedules.schedule import FactorLR, LRScheduler

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "FactorLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]
