"""What layers compute, as functions without parameters of their own.

Those without an op of their own here are ``autograd_lite``'s. The losses are in :mod:`nn.losses`.

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
from nn.functional.positions import sinusoidal_encoding
from nn.functional.rearranging import channel_shuffle, pixel_shuffle, pixel_unshuffle
from nn.functional.recurrence import gru, input_projection, lstm, rnn
from nn.functional.resampling import interpolate

__all__ = [
    "alpha_dropout",
    "attention_weights",
    "batch_norm",
    "bilinear",
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
    "group_norm",
    "gru",
    "input_projection",
    "instance_norm",
    "interpolate",
    "layer_norm",
    "leaky_relu",
    "linear",
    "local_response_norm",
    "log_softmax",
    "lstm",
    "pad",
    "pixel_shuffle",
    "pixel_unshuffle",
    "relu",
    "rms_norm",
    "rnn",
    "scaled_dot_product_attention",
    "sigmoid",
    "silu",
    "sinusoidal_encoding",
    "softmax",
    "softplus",
    "swish",
    "tanh",
    "unfold",
]
