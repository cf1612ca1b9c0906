"""Losses. ``t`` is the target, ``z`` are the logits, ``p`` probabilities.

``divisor`` is the reduction: None leaves one loss for each example or output; a number gives their
sum divided by it. It is part of the op because a network's last step is small and frequent.
"""

from typing import Any

import numpy as np

from autograd_lite.ops.learning.softmax import below_maximum, log_softmax, softmax
from autograd_lite.ops.mathematics.exponential import sigmoid
from autograd_lite.primitive import Primitive

# (x - t)**2
squared_error = Primitive(
    "mean_squared_error",
    lambda x, t, divisor: _reduce(np.square(x - t), divisor),
    [
        lambda g, y, x, t, divisor: _spread(g, divisor) * (2 * (x - t)),
        lambda g, y, x, t, divisor: _spread(g, divisor) * (2 * (t - x)),
    ],
)


def _binary_with_logits(z: Any, t: Any, divisor: float | None) -> Any:
    # written so that nothing overflows or cancels: z (1 - t) where z is positive, else -z t, plus a
    # logarithm. An infinite logit of a certain target is 0 * inf, and costs nothing
    missed = np.heaviside(z, t) - t
    linear = missed * np.where(missed, z, missed)
    return _reduce(linear + np.log1p(np.exp(-np.abs(z))), divisor)


# log(1 + exp(z)) - z t; the derivative is the article's delta of the last layer, a - t
binary_cross_entropy_with_logits = Primitive(
    "binary_cross_entropy_with_logits",
    _binary_with_logits,
    [
        lambda g, y, z, t, divisor: _spread(g, divisor) * (sigmoid(z) - t),
        lambda g, y, z, t, divisor: -_spread(g, divisor) * z,
    ],
)


def _binary(p: Any, t: Any, divisor: float | None) -> Any:
    return _reduce(0 - t * _clamped_log(p) - (1 - t) * _clamped_log_of_rest(p), divisor)


def _binary_probability_rule(g: Any, y: Any, p: Any, t: Any, divisor: float | None) -> Any:
    slope = (1 - t) / np.maximum(1 - p, 1e-12) - t / np.maximum(p, 1e-12)
    return _spread(g, divisor) * slope


def _binary_target_rule(g: Any, y: Any, p: Any, t: Any, divisor: float | None) -> Any:
    return _spread(g, divisor) * (_clamped_log_of_rest(p) - _clamped_log(p))


# -t log(p) - (1 - t) log(1 - p)
binary_cross_entropy = Primitive(
    "binary_cross_entropy", _binary, [_binary_probability_rule, _binary_target_rule]
)


def _with_labels(z: Any, labels: Any, divisor: float | None, axis: int = -1) -> Any:
    # With s = z - max(z) in the place of z, neither term can cancel the other. The sum less 1 is
    # found first, for log1p: small terms would be lost beside the label's 1
    shifted, _ = below_maximum(z, axis=axis)
    own = _at_labels(labels, z.shape, axis)
    others = np.add.reduce(np.exp(shifted) - own, axis=axis)
    if axis != -1:  # one of each row is picked, in the order of the labels
        shifted, own = np.moveaxis(shifted, axis, -1), np.moveaxis(own, axis, -1)
    with np.errstate(invalid="ignore"):  # a row of -inf has no distribution: NaN
        costs = np.log1p(others) - shifted[own].reshape(labels.shape)
    return _reduce(costs, divisor)


def _with_labels_rule(
    g: Any, y: Any, z: Any, labels: Any, divisor: float | None, axis: int = -1
) -> Any:
    slope = softmax(z, axis=axis) - _at_labels(labels, z.shape, axis)
    return _along(_spread(g, divisor), axis) * slope


# log(sum(exp(z))) - z[label], for z (..., classes) and integer labels (...); the classes may be
# along another axis
cross_entropy_with_labels = Primitive("cross_entropy", _with_labels, [_with_labels_rule, None])


def _with_probabilities(z: Any, t: Any, divisor: float | None, axis: int = -1) -> Any:
    log_p = np.where(t == 0, 0, log_softmax.forward(z, axis=axis))  # 0 * -inf is 0 here
    return _reduce(0 - np.add.reduce(t * log_p, axis=axis), divisor)


def _logits_rule(g: Any, y: Any, z: Any, t: Any, divisor: float | None, axis: int = -1) -> Any:
    slope = softmax(z, axis=axis) * t.sum(axis=axis, keepdims=True) - t
    return _along(_spread(g, divisor), axis) * slope


def _probabilities_rule(
    g: Any, y: Any, z: Any, t: Any, divisor: float | None, axis: int = -1
) -> Any:
    return -_along(_spread(g, divisor), axis) * log_softmax(z, axis=axis)


# -sum(t log(softmax(z))), for z and t (..., classes)
cross_entropy_with_probabilities = Primitive(
    "cross_entropy", _with_probabilities, [_logits_rule, _probabilities_rule]
)


# ---- reductions, masks, bounded logarithms


def _reduce(values: Any, divisor: float | None) -> Any:
    return values if divisor is None else np.add.reduce(values, axis=None) / divisor


def _spread(g: Any, divisor: float | None) -> Any:
    """Return the cotangent of the single losses, up to broadcasting."""
    return g if divisor is None else g / divisor


def _along(g: Any, axis: int) -> Any:
    """Give the cotangent of the losses the axis of the classes, unless it is one for all."""
    return np.expand_dims(g, axis) if axis != -1 and g.ndim else g[..., None]


def _at_labels(labels: Any, shape: tuple[int, ...], axis: int) -> Any:
    """Return a mask of the logits' shape, true at the labels."""
    if axis == -1:
        return labels[..., None] == np.arange(shape[-1])
    classes = np.arange(shape[axis]).reshape((-1,) + (1,) * (len(shape) - axis - 1))
    return np.expand_dims(labels, axis) == classes


def _clamped_log(p: Any) -> Any:
    # a certain and wrong prediction costs 100, not infinity
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(p), -100)


def _clamped_log_of_rest(p: Any) -> Any:
    """Return log(1 - p) by log1p, since 1 - p is 1 for small p."""
    with np.errstate(divide="ignore"):
        return np.maximum(np.log1p(-p), -100)
