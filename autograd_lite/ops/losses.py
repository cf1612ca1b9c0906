"""Losses. ``t`` is the target, ``z`` the logits, ``p`` probabilities.

``divisor`` is the reduction: None leaves one loss for each example or output, a number gives their
sum divided by it. It is part of the op because a network's last step is small and frequent.
"""

from typing import Any

import numpy as np

from autograd_lite.ops.exponential import sigmoid
from autograd_lite.ops.reductions import log_softmax, logsumexp, softmax
from autograd_lite.primitive import Primitive


def _reduce(values: Any, divisor: float | None) -> Any:
    return values if divisor is None else np.add.reduce(values, axis=None) / divisor


def _spread(g: Any, divisor: float | None) -> Any:
    """Return the cotangent of the single losses, up to broadcasting."""
    return g if divisor is None else g / divisor


squared_error = Primitive(
    "mean_squared_error",
    lambda x, t, divisor: _reduce(np.square(x - t), divisor),
    [
        lambda g, y, x, t, divisor: _spread(g, divisor) * (2 * (x - t)),
        lambda g, y, x, t, divisor: _spread(g, divisor) * (2 * (t - x)),
    ],
)


def _binary_with_logits(z: Any, t: Any, divisor: float | None) -> Any:
    # -t log(sigmoid(z)) - (1 - t) log(1 - sigmoid(z)), written so that nothing overflows
    return _reduce(np.logaddexp(0, z) - z * t, divisor)


# the derivative is the article's delta of the last layer, a - t
binary_cross_entropy_with_logits = Primitive(
    "binary_cross_entropy_with_logits",
    _binary_with_logits,
    [
        lambda g, y, z, t, divisor: _spread(g, divisor) * (sigmoid(z) - t),
        lambda g, y, z, t, divisor: -_spread(g, divisor) * z,
    ],
)


def _clamped_log(p: Any) -> Any:
    # a certain and wrong prediction costs 100, not infinity
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(p), -100)


def _binary(p: Any, t: Any, divisor: float | None) -> Any:
    return _reduce(-(t * _clamped_log(p) + (1 - t) * _clamped_log(1 - p)), divisor)


def _binary_probability_rule(g: Any, y: Any, p: Any, t: Any, divisor: float | None) -> Any:
    slope = (1 - t) / np.maximum(1 - p, 1e-12) - t / np.maximum(p, 1e-12)
    return _spread(g, divisor) * slope


def _binary_target_rule(g: Any, y: Any, p: Any, t: Any, divisor: float | None) -> Any:
    return _spread(g, divisor) * (_clamped_log(1 - p) - _clamped_log(p))


binary_cross_entropy = Primitive(
    "binary_cross_entropy", _binary, [_binary_probability_rule, _binary_target_rule]
)


def _with_labels(z: Any, labels: Any, divisor: float | None) -> Any:
    picked = np.take_along_axis(z, labels[..., None], axis=-1)[..., 0]
    return _reduce(logsumexp.forward(z, axis=-1, keepdims=False) - picked, divisor)


def _with_labels_rule(g: Any, y: Any, z: Any, labels: Any, divisor: float | None) -> Any:
    one_hot = labels[..., None] == np.arange(z.shape[-1])
    return _spread(g, divisor)[..., None] * (softmax(z, axis=-1) - one_hot)


# z (..., classes), integer labels (...)
cross_entropy_with_labels = Primitive("cross_entropy", _with_labels, [_with_labels_rule, None])


def _with_probabilities(z: Any, t: Any, divisor: float | None) -> Any:
    log_p = np.where(t == 0, 0, log_softmax.forward(z, axis=-1))  # 0 * -inf is 0 here
    return _reduce(-np.add.reduce(t * log_p, axis=-1), divisor)


def _logits_rule(g: Any, y: Any, z: Any, t: Any, divisor: float | None) -> Any:
    slope = softmax(z, axis=-1) * t.sum(axis=-1, keepdims=True) - t
    return _spread(g, divisor)[..., None] * slope


def _probabilities_rule(g: Any, y: Any, z: Any, t: Any, divisor: float | None) -> Any:
    return -_spread(g, divisor)[..., None] * log_softmax(z, axis=-1)


# z and t (..., classes)
cross_entropy_with_probabilities = Primitive(
    "cross_entropy", _with_probabilities, [_logits_rule, _probabilities_rule]
)
