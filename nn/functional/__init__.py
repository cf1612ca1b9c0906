"""What layers compute, as functions without parameters of their own.

They are those of ``autograd_lite``. The losses are in :mod:`nn.losses`.

Examples
--------
>>> relu([-1.0, 2.0])
Tensor([0., 2.])
"""

from autograd_lite import (
    elu,
    gelu,
    leaky_relu,
    linear,
    log_softmax,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
    swish,
    tanh,
)
from nn.functional.batch_normalization import batch_norm, instance_norm
from nn.functional.dropout import (
    alpha_dropout,
    dropout,
    dropout1d,
    dropout2d,
    feature_alpha_dropout,
)
from nn.functional.normalization import group_norm, layer_norm, local_response_norm, rms_norm

__all__ = [
    "alpha_dropout",
    "batch_norm",
    "dropout",
    "dropout1d",
    "dropout2d",
    "elu",
    "feature_alpha_dropout",
    "gelu",
    "group_norm",
    "instance_norm",
    "layer_norm",
    "leaky_relu",
    "linear",
    "local_response_norm",
    "log_softmax",
    "relu",
    "rms_norm",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "swish",
    "tanh",
]
