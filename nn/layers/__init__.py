"""Layers, one family in a file."""

from nn.layers.activations.gated import GELU, GLU, Mish, SiLU
from nn.layers.activations.leaky import LeakyReLU, PReLU, RReLU
from nn.layers.activations.piecewise import (
    Hardshrink,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    ReLU,
    ReLU6,
    Softshrink,
    Threshold,
)
from nn.layers.activations.smooth import (
    CELU,
    ELU,
    SELU,
    LogSigmoid,
    Sigmoid,
    Softplus,
    Softsign,
    Tanh,
    Tanhshrink,
)
from nn.layers.activations.softmax import LogSoftmax, Softmax, Softmax2d, Softmin
from nn.layers.batch_normalization import BatchNorm1d, BatchNorm2d, InstanceNorm1d, InstanceNorm2d
from nn.layers.containers import ModuleDict, ModuleList, Parallel, Residual, Sequential
from nn.layers.dense import Dense
from nn.layers.dropout import AlphaDropout, Dropout, Dropout1d, Dropout2d, FeatureAlphaDropout
from nn.layers.normalization import GroupNorm, LayerNorm, LocalResponseNorm, RMSNorm
from nn.layers.pooling.adaptive import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
)
from nn.layers.pooling.sliding import (
    AvgPool1d,
    AvgPool2d,
    LPPool1d,
    LPPool2d,
    MaxPool1d,
    MaxPool2d,
    MaxUnpool1d,
    MaxUnpool2d,
)

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AlphaDropout",
    "AvgPool1d",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Dense",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "FeatureAlphaDropout",
    "GroupNorm",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "LPPool1d",
    "LPPool2d",
    "LayerNorm",
    "LeakyReLU",
    "LocalResponseNorm",
    "LogSigmoid",
    "LogSoftmax",
    "MaxPool1d",
    "MaxPool2d",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "Mish",
    "ModuleDict",
    "ModuleList",
    "PReLU",
    "Parallel",
    "RMSNorm",
    "RReLU",
    "ReLU",
    "ReLU6",
    "Residual",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
]
