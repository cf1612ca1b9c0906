"""How good predictions are."""

import numpy as np

from autograd_lite import TensorLike, as_tensor
from autograd_lite.errors import DomainError, ShapeError
from nn.data.labels import check_range, integer_labels


def accuracy(outputs: TensorLike, labels: TensorLike, *, threshold: float | None = None) -> float:
    """Return the share of examples whose predicted class is their label.

    Parameters
    ----------
    outputs : Tensor or array_like, shape (examples, classes), (examples, 1) or (examples,)
        Logits, activations or probabilities. Of several classes, the one with the largest output
        is predicted; of equal outputs, the first.
    labels : integers, shape (examples,)
    threshold : float, optional
        For a single output column, the score of class 1. Class 1 is predicted above the
        threshold, class 0 at or below it. Give 0 for logits, 0.5 for probabilities.

    Raises
    ------
    ShapeError
        If the shapes don't fit, there are no examples, or one output column has no threshold.
    DTypeError
        If the labels aren't integers.
    DomainError
        If a label isn't one of the classes, or an output is NaN, which predicts nothing.

    Examples
    --------
    >>> accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1])
    0.5
    >>> accuracy([[2.5], [-1.0]], [1, 0], threshold=0)
    1.0
    """
    values, indices = as_tensor(outputs).numpy(), integer_labels(labels, "accuracy")
    if values.ndim not in (1, 2) or indices.shape != values.shape[:1] or not values.size:
        ravel = "; ravel() the labels" if indices.shape == (*values.shape[:1], 1) else ""
        raise ShapeError(
            "accuracy needs outputs (examples, classes) and labels (examples,), at least one; "
            f"these have shapes {values.shape} and {indices.shape}{ravel}"
        )
    several = values.size > len(values)
    if several and threshold is not None:
        raise ShapeError(
            f"accuracy: threshold= is for one output column; these have shape {values.shape}"
        )
    if not several and threshold is None:
        raise ShapeError(
            f"accuracy of one output column, of shape {values.shape}, needs threshold=, above "
            "which class 1 is predicted: 0 for logits, 0.5 for probabilities"
        )
    if np.isnan(values).any():
        raise DomainError(
            f"accuracy: {int(np.isnan(values).sum())} of {values.size} outputs are NaN, which "
            "predicts nothing; trace_nans() finds where they come from"
        )
    check_range(indices, values.shape[1] if several else 2, "accuracy")
    predicted = values.argmax(axis=1) if several else values.ravel() > threshold
    return float(np.mean(predicted == indices))
