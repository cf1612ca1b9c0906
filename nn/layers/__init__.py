"""Layers, one family in a file."""

from nn.layers.activations import LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from nn.layers.attention import MultiheadAttention
from nn.layers.batch_normalization import BatchNorm1d, BatchNorm2d, InstanceNorm1d, InstanceNorm2d
from nn.layers.bilinear import Bilinear, Identity
from nn.layers.containers import ModuleDict, ModuleList, Parallel, Residual, Sequential
from nn.layers.dense import Dense
from nn.layers.dropout import AlphaDropout, Dropout, Dropout1d, Dropout2d, FeatureAlphaDropout
from nn.layers.embedding import Embedding, EmbeddingBag
from nn.layers.encoder_decoder import Transformer, TransformerDecoder, TransformerEncoder
from nn.layers.normalization import GroupNorm, LayerNorm, LocalResponseNorm, RMSNorm
from nn.layers.positions import PositionalEncoding
from nn.layers.recurrent import GRU, LSTM, RNN
from nn.layers.recurrent_cells import GRUCell, LSTMCell, RNNCell
from nn.layers.transformer import TransformerDecoderLayer, TransformerEncoderLayer

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "AlphaDropout",
    "BatchNorm1d",
    "BatchNorm2d",
    "Bilinear",
    "Dense",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Embedding",
    "EmbeddingBag",
    "FeatureAlphaDropout",
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
    "PositionalEncoding",
    "RMSNorm",
    "RNNCell",
    "ReLU",
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
]
