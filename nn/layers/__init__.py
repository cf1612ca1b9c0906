"""Layers, one family in a file."""

from nn.layers.activations import LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from nn.layers.attention import MultiheadAttention
from nn.layers.batch_normalization import BatchNorm1d, BatchNorm2d, InstanceNorm1d, InstanceNorm2d
from nn.layers.bilinear import Bilinear, Identity
from nn.layers.containers import ModuleDict, ModuleList, Parallel, Residual, Sequential
from nn.layers.convolution import Conv1d, Conv2d, Conv3d
from nn.layers.dense import Dense
from nn.layers.dropout import AlphaDropout, Dropout, Dropout1d, Dropout2d, FeatureAlphaDropout
from nn.layers.embedding import Embedding, EmbeddingBag
from nn.layers.encoder_decoder import Transformer, TransformerDecoder, TransformerEncoder
from nn.layers.normalization import GroupNorm, LayerNorm, LocalResponseNorm, RMSNorm
from nn.layers.padding import (
    CircularPad1d,
    CircularPad2d,
    ConstantPad1d,
    ConstantPad2d,
    ReflectionPad1d,
    ReflectionPad2d,
    ReplicationPad1d,
    ReplicationPad2d,
    ZeroPad1d,
    ZeroPad2d,
)
from nn.layers.positions import PositionalEncoding
from nn.layers.rearranging import (
    ChannelShuffle,
    Flatten,
    Fold,
    PixelShuffle,
    PixelUnshuffle,
    Unflatten,
    Unfold,
)
from nn.layers.recurrent import GRU, LSTM, RNN
from nn.layers.recurrent_cells import GRUCell, LSTMCell, RNNCell
from nn.layers.resampling import Upsample
from nn.layers.transformer import TransformerDecoderLayer, TransformerEncoderLayer
from nn.layers.transposed_convolution import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "AlphaDropout",
    "BatchNorm1d",
    "BatchNorm2d",
    "Bilinear",
    "ChannelShuffle",
    "CircularPad1d",
    "CircularPad2d",
    "ConstantPad1d",
    "ConstantPad2d",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "Dense",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Embedding",
    "EmbeddingBag",
    "FeatureAlphaDropout",
    "Flatten",
    "Fold",
    "GRUCell",
    "GroupNorm",
    "Identity",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "LSTMCell",
    "LayerNorm",
    "LocalResponseNorm",
    "LogSoftmax",
    "ModuleDict",
    "ModuleList",
    "MultiheadAttention",
    "Parallel",
    "PixelShuffle",
    "PixelUnshuffle",
    "PositionalEncoding",
    "RMSNorm",
    "RNNCell",
    "ReLU",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "Residual",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
    "Unflatten",
    "Unfold",
    "Upsample",
    "ZeroPad1d",
    "ZeroPad2d",
]
