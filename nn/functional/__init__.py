"""What layers compute, as functions without parameters of their own.

Those that aren't of a family here are those of ``autograd_lite``. The losses are in
:mod:`nn.losses`.

Examples
--------
>>> relu([-1.0, 2.0])
Tensor([0., 2.])
"""

from autograd_lite import (
    elu,
    leaky_relu,
    linear,
    log_softmax,
    relu,
    sigmoid,
    silu,
    softmax,
    swish,
    tanh,
)
from nn.functional.activations.gated import gelu, glu, mish
from nn.functional.activations.leaky import prelu, rrelu
from nn.functional.activations.piecewise import (
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    relu6,
    softshrink,
    threshold,
)
from nn.functional.activations.smooth import (
    celu,
    logsigmoid,
    selu,
    softmin,
    softplus,
    softsign,
    tanhshrink,
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
from nn.functional.pooling.adaptive import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
)
from nn.functional.pooling.average import avg_pool1d, avg_pool2d, lp_pool1d, lp_pool2d
from nn.functional.pooling.maximum import max_pool1d, max_pool2d
from nn.functional.pooling.unpooling import max_unpool1d, max_unpool2d

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "alpha_dropout",
    "avg_pool1d",
    "avg_pool2d",
    "batch_norm",
    "celu",
    "dropout",
    "dropout1d",
    "dropout2d",
    "elu",
    "feature_alpha_dropout",
    "gelu",
    "glu",
    "group_norm",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "instance_norm",
    "layer_norm",
    "leaky_relu",
    "linear",
    "local_response_norm",
    "log_softmax",
    "logsigmoid",
    "lp_pool1d",
    "lp_pool2d",
    "max_pool1d",
    "max_pool2d",
    "max_unpool1d",
    "max_unpool2d",
    "mish",
    "prelu",
    "relu",
    "relu6",
    "rms_norm",
    "rrelu",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "swish",
    "tanh",
    "tanhshrink",
    "threshold",
]
