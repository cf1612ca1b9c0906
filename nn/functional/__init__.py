"""What layers compute, as functions without parameters of their own.

Those without an op of their own here are ``autograd_lite``'s. The losses are in :mod:`nn.losses`.

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
from nn.functional.attention import attention_weights, scaled_dot_product_attention
from nn.functional.batch_normalization import batch_norm, instance_norm
from nn.functional.bilinear import bilinear
from nn.functional.convolution import (
    conv1d,
    conv2d,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
    fold,
    unfold,
)
from nn.functional.dropout import (
    alpha_dropout,
    dropout,
    dropout1d,
    dropout2d,
    feature_alpha_dropout,
)
from nn.functional.embedding import embedding
from nn.functional.embedding_bag import embedding_bag
from nn.functional.normalization import group_norm, layer_norm, local_response_norm, rms_norm
from nn.functional.padding import pad
from nn.functional.pooling.adaptive import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
)
from nn.functional.pooling.average import avg_pool1d, avg_pool2d, lp_pool1d, lp_pool2d
from nn.functional.pooling.maximum import max_pool1d, max_pool2d
from nn.functional.pooling.unpooling import max_unpool1d, max_unpool2d
from nn.functional.positions import sinusoidal_encoding
from nn.functional.rearranging import channel_shuffle, pixel_shuffle, pixel_unshuffle
from nn.functional.recurrence import gru, input_projection, lstm, rnn
from nn.functional.resampling import interpolate

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "alpha_dropout",
    "attention_weights",
    "avg_pool1d",
    "avg_pool2d",
    "batch_norm",
    "bilinear",
    "celu",
    "channel_shuffle",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "dropout",
    "dropout1d",
    "dropout2d",
    "elu",
    "embedding",
    "embedding_bag",
    "feature_alpha_dropout",
    "fold",
    "gelu",
    "glu",
    "group_norm",
    "gru",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "input_projection",
    "instance_norm",
    "interpolate",
    "layer_norm",
    "leaky_relu",
    "linear",
    "local_response_norm",
    "log_softmax",
    "logsigmoid",
    "lp_pool1d",
    "lp_pool2d",
    "lstm",
    "max_pool1d",
    "max_pool2d",
    "max_unpool1d",
    "max_unpool2d",
    "mish",
    "pad",
    "pixel_shuffle",
    "pixel_unshuffle",
    "prelu",
    "relu",
    "relu6",
    "rms_norm",
    "rnn",
    "rrelu",
    "scaled_dot_product_attention",
    "selu",
    "sigmoid",
    "silu",
    "sinusoidal_encoding",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "swish",
    "tanh",
    "tanhshrink",
    "threshold",
    "unfold",
]
