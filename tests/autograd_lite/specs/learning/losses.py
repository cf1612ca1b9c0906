"""Losses."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.ops.learning import losses
from autograd_lite.testing import Case, Spec, operands

from ..drawing import NOT_EMPTY, SHAPES
from .softmax import soft_max

DIVISORS = st.sampled_from([None, 1, 3])


@st.composite
def compared(draw: st.DrawFn, low: float = -2, high: float = 2) -> Case:
    """Predictions, and targets between 0 and 1, of one shape."""
    (shape,) = draw(SHAPES)
    (prediction,) = draw(operands(1, low=low, high=high, shapes=st.just((shape,))))
    (target,) = draw(operands(1, low=0.05, high=0.95, shapes=st.just((shape,))))
    return Case((prediction, target), {"divisor": draw(DIVISORS)})


@st.composite
def classified(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, low=-4, high=4, shapes=NOT_EMPTY.filter(lambda shapes: shapes[0])))
    seed = draw(st.integers(0, 2**16))
    axis = draw(axes_of(x))
    labels = np.random.default_rng(seed).integers(0, x.shape[axis], np.delete(x.shape, axis))
    return Case((x, np.asarray(labels)), {"divisor": draw(DIVISORS), "axis": axis})


@st.composite
def distributed(draw: st.DrawFn) -> Case:
    (shape,) = draw(SHAPES.filter(lambda shapes: shapes[0]))
    (x,) = draw(operands(1, low=-4, high=4, shapes=st.just((shape,))))
    (t,) = draw(operands(1, low=0.05, high=0.95, shapes=st.just((shape,))))
    return Case((x, t), {"divisor": draw(DIVISORS), "axis": draw(axes_of(x))})


def axes_of(x: Any) -> st.SearchStrategy[int]:
    """Draw an axis of the classes as the ops take it: -1 for the last, others from the front."""
    return st.sampled_from([-1, *range(x.ndim - 1)])


def reduce_losses(values: Any, divisor: Any) -> Any:
    return values if divisor is None else np.asarray(np.sum(values) / divisor, values.dtype)


def binary_cross_entropy(p: Any, t: Any, divisor: Any) -> Any:
    return reduce_losses(-t * np.log(p) - (1 - t) * np.log(1 - p), divisor)


def labels_cross_entropy(z: Any, labels: Any, divisor: Any, axis: Any) -> Any:
    z = np.moveaxis(z, axis, -1)
    chosen = np.eye(z.shape[-1], dtype=bool)[labels]
    return reduce_losses(-np.log(soft_max(z, -1)[chosen]).reshape(labels.shape), divisor)


SPECS = [
    Spec(
        losses.squared_error,
        lambda x, t, divisor: reduce_losses((x - t) ** 2, divisor),
        compared(),
    ),
    Spec(
        losses.binary_cross_entropy_with_logits,
        lambda z, t, divisor: binary_cross_entropy(1 / (1 + np.exp(-z)), t, divisor),
        compared(-4, 4),
    ),
    Spec(losses.binary_cross_entropy, binary_cross_entropy, compared(0.1, 0.9)),
    Spec(losses.cross_entropy_with_labels, labels_cross_entropy, classified()),
    Spec(
        losses.cross_entropy_with_probabilities,
        lambda z, t, divisor, axis: reduce_losses(
            -np.sum(t * np.log(soft_max(z, axis)), axis=axis), divisor
        ),
        distributed(),
    ),
]
