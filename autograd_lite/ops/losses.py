"""Losses, one value for each example or output; reductions are applied by their functions.

``t`` is the target, ``z`` the logits, ``p`` probabilities.
"""

from typing import Any

import numpy as np

from autograd_lite.ops.elementwise import sigmoid
from autograd_lite.ops.reductions import log_softmax, logsumexp, softmax
from autograd_lite.primitive import Primitive

squared_error = Primitive(
    "squared_error",
    lambda x, t: np.square(x - t),
    [lambda g, y, x, t: g * (2 * (x - t)), lambda g, y, x, t: g * (2 * (t - x))],
    elementwise=True,
)

# -t log(sigmoid(z)) - (1 - t) log(1 - sigmoid(z)), written so that nothing overflows; its
# derivative is the article's delta of the last layer, a - t.
binary_cross_entropy_with_logits = Primitive(
    "binary_cross_entropy_with_logits",
    lambda z, t: np.maximum(z, 0) - z * t + np.log1p(np.exp(np.copysign(z, -1))),
    [lambda g, y, z, t: g * (sigmoid(z) - t), lambda g, y, z, t: -g * z],
    elementwise=True,
)


def _clamped_log(p: Any) -> Any:
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(p), -100)


def _binary_cross_entropy_rule(g: Any, y: Any, p: Any, t: Any) -> Any:
    return g * ((1 - t) / np.maximum(1 - p, 1e-12) - t / np.maximum(p, 1e-12))


# logarithms are clamped at -100, so that a certain and wrong prediction costs 100, not infinity
binary_cross_entropy = Primitive(
    "binary_cross_entropy",
    lambda p, t: -(t * _clamped_log(p) + (1 - t) * _clamped_log(1 - p)),
    [_binary_cross_entropy_rule, lambda g, y, p, t: g * (_clamped_log(1 - p) - _clamped_log(p))],
    elementwise=True,
)


def _class_forward(z: Any, labels: Any) -> Any:
    picked = np.take_along_axis(z, labels[..., None], axis=-1)[..., 0]
    return logsumexp.forward(z, axis=-1, keepdims=False) - picked


def _class_rule(g: Any, y: Any, z: Any, labels: Any) -> Any:
    one_hot = labels[..., None] == np.arange(z.shape[-1])
    return g[..., None] * (softmax(z, axis=-1) - one_hot)


# z (..., classes), labels (...) integers; y (...)
cross_entropy_with_labels = Primitive(
    "cross_entropy",
    _class_forward,
    [_class_rule, None],
    requirement="labels must have the shape of the logits without the last axis, the classes",
)


def _distribution_forward(z: Any, t: Any) -> Any:
    terms = np.where(t == 0, 0, t * log_softmax.forward(z, axis=-1))  # 0 * -inf is 0 here
    return -np.add.reduce(terms, axis=-1)


def _distribution_rule(g: Any, y: Any, z: Any, t: Any) -> Any:
    return g[..., None] * (softmax(z, axis=-1) * t.sum(axis=-1, keepdims=True) - t)


# z and t (..., classes); y (...)
cross_entropy_with_probabilities = Primitive(
    "cross_entropy",
    _distribution_forward,
    [_distribution_rule, lambda g, y, z, t: -g[..., None] * log_softmax(z, axis=-1)],
    requirement="probabilities must have the shape of the logits",
)
