"""Neural networks on autograd_lite: layers, losses, optimizers, data.

This page is a table of contents.

Examples
--------
>>> import nn
>>> model = nn.Sequential(nn.Dense(784, 200), nn.Sigmoid(), nn.Dense(200, 10))
>>> model
Sequential: 159,010 parameters
  0: Dense(784, 200): 157,000 parameters
  1: Sigmoid()
  2: Dense(200, 10): 2,010 parameters
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

# ---- Namespaces of their own.
# data: Batches, ElasticTransform, RandomAffine, accuracy, one_hot, train_validation_split
# datasets: MNIST, Split, digits, mnist
# functional: adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_max_pool1d, adaptive_max_pool2d,
# alpha_dropout, attention_weights, avg_pool1d, avg_pool2d, batch_norm, bilinear, celu,
# channel_shuffle, conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d,
# dropout, dropout1d, dropout2d, elu, embedding, embedding_bag, feature_alpha_dropout, fold, gelu,
# glu, group_norm, gru, hardshrink, hardsigmoid, hardswish, hardtanh, input_projection,
# instance_norm, interpolate, layer_norm, leaky_relu, linear, local_response_norm, log_softmax,
# logsigmoid, lp_pool1d, lp_pool2d, lstm, max_pool1d, max_pool2d, max_unpool1d, max_unpool2d, mish,
# pad, pixel_shuffle, pixel_unshuffle, prelu, relu, relu6, rms_norm, rnn, rrelu,
# scaled_dot_product_attention, selu, sigmoid, silu, sinusoidal_encoding, softmax, softmin,
# softplus, softshrink, softsign, swish, tanh, tanhshrink, threshold, unfold
# init: constant, glorot, glorot_normal, he, he_uniform, normal, ones, orthogonal,
# standard_normal, truncated_normal, uniform, zeros
# layers: all that is below
# losses: binary_cross_entropy, binary_cross_entropy_with_logits, cosine_embedding_loss,
# cross_entropy, ctc_loss, gaussian_nll_loss, hinge_embedding_loss, hinge_loss, huber_loss, kl_div,
# l1_loss, margin_ranking_loss, mean_squared_error, mse_loss, multi_margin_loss,
# multilabel_margin_loss, multilabel_soft_margin_loss, nll_loss, poisson_nll_loss,
# sigmoid_focal_loss, smooth_l1_loss, soft_margin_loss, triplet_margin_loss
# metrics: accuracy, confusion_matrix, f1, precision, r2_score, recall, top_k_accuracy
# optim: EMA, LBFGS, SGD, SWA, Adadelta, Adagrad, Adam, AdamW, Adamax, ChainedScheduler,
# ConstantLR, CosineAnnealingLR, CosineAnnealingWarmRestarts, CyclicLR, ElementwiseOptimizer,
# ExponentialLR, FactorLR, LRScheduler, LambdaLR, LinearLR, Lion, MultiStepLR, MultiplicativeLR,
# NAdam, OneCycleLR, Optimizer, PolynomialLR, RAdam, RMSprop, ReduceLROnPlateau, SequentialLR,
# StepLR, clip_grad_norm, clip_grad_value, update_batchnorm
# parallel: Group
from nn import data as data
from nn import functional as functional
from nn import init as init
from nn import layers as layers
from nn import losses as losses
from nn import metrics as metrics

# ---- The gradients at every layer.
from nn.layer_deltas import deltas as deltas

# ---- Layers, by family.
from nn.layers.activations.gated import GELU as GELU
from nn.layers.activations.gated import GLU as GLU
from nn.layers.activations.gated import Mish as Mish
from nn.layers.activations.gated import SiLU as SiLU
from nn.layers.activations.leaky import LeakyReLU as LeakyReLU
from nn.layers.activations.leaky import PReLU as PReLU
from nn.layers.activations.leaky import RReLU as RReLU
from nn.layers.activations.piecewise import Hardshrink as Hardshrink
from nn.layers.activations.piecewise import Hardsigmoid as Hardsigmoid
from nn.layers.activations.piecewise import Hardswish as Hardswish
from nn.layers.activations.piecewise import Hardtanh as Hardtanh
from nn.layers.activations.piecewise import ReLU as ReLU
from nn.layers.activations.piecewise import ReLU6 as ReLU6
from nn.layers.activations.piecewise import Softshrink as Softshrink
from nn.layers.activations.piecewise import Threshold as Threshold
from nn.layers.activations.smooth import CELU as CELU
from nn.layers.activations.smooth import ELU as ELU
from nn.layers.activations.smooth import SELU as SELU
from nn.layers.activations.smooth import LogSigmoid as LogSigmoid
from nn.layers.activations.smooth import Sigmoid as Sigmoid
from nn.layers.activations.smooth import Softplus as Softplus
from nn.layers.activations.smooth import Softsign as Softsign
from nn.layers.activations.smooth import Tanh as Tanh
from nn.layers.activations.smooth import Tanhshrink as Tanhshrink
from nn.layers.activations.softmax import LogSoftmax as LogSoftmax
from nn.layers.activations.softmax import Softmax as Softmax
from nn.layers.activations.softmax import Softmax2d as Softmax2d
from nn.layers.activations.softmax import Softmin as Softmin
from nn.layers.attention import MultiheadAttention as MultiheadAttention
from nn.layers.batch_normalization import BatchNorm1d as BatchNorm1d
from nn.layers.batch_normalization import BatchNorm2d as BatchNorm2d
from nn.layers.batch_normalization import InstanceNorm1d as InstanceNorm1d
from nn.layers.batch_normalization import InstanceNorm2d as InstanceNorm2d
from nn.layers.bilinear import Bilinear as Bilinear
from nn.layers.bilinear import Identity as Identity
from nn.layers.containers import ModuleDict as ModuleDict
from nn.layers.containers import ModuleList as ModuleList
from nn.layers.containers import Parallel as Parallel
from nn.layers.containers import Residual as Residual
from nn.layers.containers import Sequential as Sequential
from nn.layers.convolution import Conv1d as Conv1d
from nn.layers.convolution import Conv2d as Conv2d
from nn.layers.convolution import Conv3d as Conv3d
from nn.layers.dense import Dense as Dense
from nn.layers.dropout import AlphaDropout as AlphaDropout
from nn.layers.dropout import Dropout as Dropout
from nn.layers.dropout import Dropout1d as Dropout1d
from nn.layers.dropout import Dropout2d as Dropout2d
from nn.layers.dropout import FeatureAlphaDropout as FeatureAlphaDropout
from nn.layers.embedding import Embedding as Embedding
from nn.layers.embedding import EmbeddingBag as EmbeddingBag
from nn.layers.encoder_decoder import Transformer as Transformer
from nn.layers.encoder_decoder import TransformerDecoder as TransformerDecoder
from nn.layers.encoder_decoder import TransformerEncoder as TransformerEncoder
from nn.layers.losses import BCELoss as BCELoss
from nn.layers.losses import BCEWithLogitsLoss as BCEWithLogitsLoss
from nn.layers.losses import CosineEmbeddingLoss as CosineEmbeddingLoss
from nn.layers.losses import CrossEntropyLoss as CrossEntropyLoss
from nn.layers.losses import CTCLoss as CTCLoss
from nn.layers.losses import GaussianNLLLoss as GaussianNLLLoss
from nn.layers.losses import HingeEmbeddingLoss as HingeEmbeddingLoss
from nn.layers.losses import HuberLoss as HuberLoss
from nn.layers.losses import KLDivLoss as KLDivLoss
from nn.layers.losses import L1Loss as L1Loss
from nn.layers.losses import MarginRankingLoss as MarginRankingLoss
from nn.layers.losses import MSELoss as MSELoss
from nn.layers.losses import MultiLabelMarginLoss as MultiLabelMarginLoss
from nn.layers.losses import MultiLabelSoftMarginLoss as MultiLabelSoftMarginLoss
from nn.layers.losses import MultiMarginLoss as MultiMarginLoss
from nn.layers.losses import NLLLoss as NLLLoss
from nn.layers.losses import PoissonNLLLoss as PoissonNLLLoss
from nn.layers.losses import SmoothL1Loss as SmoothL1Loss
from nn.layers.losses import SoftMarginLoss as SoftMarginLoss
from nn.layers.losses import TripletMarginLoss as TripletMarginLoss
from nn.layers.normalization import GroupNorm as GroupNorm
from nn.layers.normalization import LayerNorm as LayerNorm
from nn.layers.normalization import LocalResponseNorm as LocalResponseNorm
from nn.layers.normalization import RMSNorm as RMSNorm
from nn.layers.padding import CircularPad1d as CircularPad1d
from nn.layers.padding import CircularPad2d as CircularPad2d
from nn.layers.padding import ConstantPad1d as ConstantPad1d
from nn.layers.padding import ConstantPad2d as ConstantPad2d
from nn.layers.padding import ReflectionPad1d as ReflectionPad1d
from nn.layers.padding import ReflectionPad2d as ReflectionPad2d
from nn.layers.padding import ReplicationPad1d as ReplicationPad1d
from nn.layers.padding import ReplicationPad2d as ReplicationPad2d
from nn.layers.padding import ZeroPad1d as ZeroPad1d
from nn.layers.padding import ZeroPad2d as ZeroPad2d
from nn.layers.pooling.adaptive import AdaptiveAvgPool1d as AdaptiveAvgPool1d
from nn.layers.pooling.adaptive import AdaptiveAvgPool2d as AdaptiveAvgPool2d
from nn.layers.pooling.adaptive import AdaptiveMaxPool1d as AdaptiveMaxPool1d
from nn.layers.pooling.adaptive import AdaptiveMaxPool2d as AdaptiveMaxPool2d
from nn.layers.pooling.sliding import AvgPool1d as AvgPool1d
from nn.layers.pooling.sliding import AvgPool2d as AvgPool2d
from nn.layers.pooling.sliding import LPPool1d as LPPool1d
from nn.layers.pooling.sliding import LPPool2d as LPPool2d
from nn.layers.pooling.sliding import MaxPool1d as MaxPool1d
from nn.layers.pooling.sliding import MaxPool2d as MaxPool2d
from nn.layers.pooling.sliding import MaxUnpool1d as MaxUnpool1d
from nn.layers.pooling.sliding import MaxUnpool2d as MaxUnpool2d
from nn.layers.positions import PositionalEncoding as PositionalEncoding
from nn.layers.rearranging import ChannelShuffle as ChannelShuffle
from nn.layers.rearranging import Flatten as Flatten
from nn.layers.rearranging import Fold as Fold
from nn.layers.rearranging import PixelShuffle as PixelShuffle
from nn.layers.rearranging import PixelUnshuffle as PixelUnshuffle
from nn.layers.rearranging import Unflatten as Unflatten
from nn.layers.rearranging import Unfold as Unfold
from nn.layers.recurrent import GRU as GRU
from nn.layers.recurrent import LSTM as LSTM
from nn.layers.recurrent import RNN as RNN
from nn.layers.recurrent_cells import GRUCell as GRUCell
from nn.layers.recurrent_cells import LSTMCell as LSTMCell
from nn.layers.recurrent_cells import RNNCell as RNNCell
from nn.layers.resampling import Upsample as Upsample
from nn.layers.transformer import TransformerDecoderLayer as TransformerDecoderLayer
from nn.layers.transformer import TransformerEncoderLayer as TransformerEncoderLayer
from nn.layers.transposed_convolution import ConvTranspose1d as ConvTranspose1d
from nn.layers.transposed_convolution import ConvTranspose2d as ConvTranspose2d
from nn.layers.transposed_convolution import ConvTranspose3d as ConvTranspose3d

# ---- What layers of your own derive from.
from nn.module import Module as Module

# ---- Weights in files.
from nn.saving import load as load
from nn.saving import save as save

# ---- Imported on first use, for they take long and aren't always needed: data sets, optimizers,
# training in one process and in several, and what each layer costs.
if _TYPE_CHECKING:  # a type checker takes all that is imported here for public, as it is
    from nn import datasets as datasets
    from nn import optim as optim
    from nn import parallel as parallel
    from nn import training as training
    from nn.layer_summary import summary as summary
    from nn.training import fit as fit
else:
    __all__ = [
        name
        for name in globals()
        if name[0] != "_"
        and name
        not in {"files", "labels", "layer_deltas", "module", "reflection", "saving", "state"}
    ]
    __all__ += ["datasets", "fit", "optim", "parallel", "summary", "training"]

    def __getattr__(name: str) -> _Any:
        if name == "datasets":
            return _import_module("nn.datasets")
        if name == "optim":
            return _import_module("nn.optim")
        if name == "parallel":
            return _import_module("nn.parallel")
        if name == "training":
            return _import_module("nn.training")
        if name == "fit":
            return _import_module("nn.training").fit
        if name == "summary":
            return _import_module("nn.layer_summary").summary
        raise AttributeError(f"module 'nn' has no attribute {name!r}")
