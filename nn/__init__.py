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
from types import ModuleType as _ModuleType
from typing import TYPE_CHECKING as _TYPE_CHECKING

# ---- Namespaces of their own.
# data: Batches, accuracy, one_hot
# datasets: MNIST, Split, digits, mnist
# functional: elu, gelu, leaky_relu, linear, log_softmax, relu, sigmoid, silu, softmax, softplus,
# swish, tanh
# init: constant, glorot, glorot_normal, he, he_uniform, normal, ones, orthogonal,
# standard_normal, truncated_normal, uniform, zeros
# layers: all that is below
# losses: binary_cross_entropy, binary_cross_entropy_with_logits, cosine_embedding_loss,
# cross_entropy, ctc_loss, gaussian_nll_loss, hinge_embedding_loss, hinge_loss, huber_loss, kl_div,
# l1_loss, margin_ranking_loss, mean_squared_error, mse_loss, multi_margin_loss,
# multilabel_margin_loss, multilabel_soft_margin_loss, nll_loss, poisson_nll_loss,
# sigmoid_focal_loss, smooth_l1_loss, soft_margin_loss, triplet_margin_loss
# metrics: accuracy, confusion_matrix, f1, precision, r2_score, recall, top_k_accuracy
# optim: SGD
from nn import data as data
from nn import functional as functional
from nn import init as init
from nn import layers as layers
from nn import losses as losses
from nn import metrics as metrics
from nn import optim as optim

# ---- The gradients at every layer, and what each layer costs.
from nn.layer_deltas import deltas as deltas
from nn.layer_summary import summary as summary

# ---- Layers: activations, containers, fully connected ones.
from nn.layers.activations import LogSoftmax as LogSoftmax
from nn.layers.activations import ReLU as ReLU
from nn.layers.activations import Sigmoid as Sigmoid
from nn.layers.activations import Softmax as Softmax
from nn.layers.activations import Tanh as Tanh
from nn.layers.containers import ModuleDict as ModuleDict
from nn.layers.containers import ModuleList as ModuleList
from nn.layers.containers import Parallel as Parallel
from nn.layers.containers import Residual as Residual
from nn.layers.containers import Sequential as Sequential
from nn.layers.dense import Dense as Dense

# ---- Losses as layers.
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

# ---- What layers of your own derive from.
from nn.module import Module as Module

if _TYPE_CHECKING:  # a type checker takes all that is imported here for public, as it is
    from nn import datasets as datasets
else:  # datasets is imported on first use: what it needs for files and networks takes long
    __all__ = [
        name
        for name in globals()
        if name[0] != "_"
        and name not in {"layer_deltas", "labels", "layer_summary", "module", "reflection", "state"}
    ]
    __all__ += ["datasets"]

    def __getattr__(name: str) -> _ModuleType:
        if name == "datasets":
            return _import_module("nn.datasets")
        raise AttributeError(f"module 'nn' has no attribute {name!r}")
