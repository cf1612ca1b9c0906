"""Losses: how far predictions are from targets, as one value to call ``backward()`` on.

They have the names of PyTorch's functions. :mod:`nn.losses.operands` says what ``reduction`` and
``sample_weight`` mean. As layers they are in :mod:`nn.layers.losses`.

Examples
--------
>>> cross_entropy([[0.0, 0.0]], [1]).item()
0.69314...
"""

from nn.losses.binary import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    multilabel_soft_margin_loss,
    sigmoid_focal_loss,
)
from nn.losses.classification import cross_entropy, nll_loss
from nn.losses.ctc import ctc_loss
from nn.losses.margins import (
    hinge_embedding_loss,
    hinge_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    soft_margin_loss,
)
from nn.losses.probabilistic import gaussian_nll_loss, kl_div, poisson_nll_loss
from nn.losses.ranking import cosine_embedding_loss, margin_ranking_loss, triplet_margin_loss
from nn.losses.regression import (
    huber_loss,
    l1_loss,
    mean_squared_error,
    mse_loss,
    smooth_l1_loss,
)

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cosine_embedding_loss",
    "cross_entropy",
    "ctc_loss",
    "gaussian_nll_loss",
    "hinge_embedding_loss",
    "hinge_loss",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "margin_ranking_loss",
    "mean_squared_error",
    "mse_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "poisson_nll_loss",
    "sigmoid_focal_loss",
    "smooth_l1_loss",
    "soft_margin_loss",
    "triplet_margin_loss",
]
