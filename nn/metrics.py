"""How good predictions are: shares of right ones, and what is wrong about the others.

Predictions of classes are given as ``outputs``, in one of three forms:

- scores (logits, activations or probabilities) of shape (examples, classes). The class with the
  largest score is predicted; of equal scores, the first.
- with ``threshold=``, scores of class 1, of shape (examples,) or (examples, 1). Class 1 is
  predicted above the threshold, class 0 at or below it. Give 0 for logits, 0.5 for probabilities.
- without, integers of shape (examples,): the predicted classes themselves.

Results are numbers and NumPy arrays, never tensors.
"""

from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd_lite import TensorLike, as_tensor
from autograd_lite.errors import DomainError, ShapeError
from nn.labels import integer_labels, require_labels

__all__ = [
    "accuracy",
    "confusion_matrix",
    "f1",
    "precision",
    "r2_score",
    "recall",
    "top_k_accuracy",
]

Array: TypeAlias = npt.NDArray[Any]
Average: TypeAlias = Literal["binary", "macro", "micro", "weighted"] | None


def accuracy(outputs: TensorLike, labels: TensorLike, *, threshold: float | None = None) -> float:
    """Return the share of examples whose predicted class is their label.

    Parameters
    ----------
    outputs : Tensor or array_like
        Predictions of classes; see :mod:`nn.metrics`.
    labels : integers, shape (examples,)
    threshold : float, optional
        For a single output column, the score above which class 1 is predicted: 0 for logits, 0.5
        for probabilities.

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
    predicted, wanted, _ = _classes(outputs, labels, threshold, "accuracy")
    return float(np.mean(predicted == wanted))


def top_k_accuracy(outputs: TensorLike, labels: TensorLike, k: int = 5) -> float:
    """Return the share of examples whose label is among the k classes with the largest scores.

    Parameters
    ----------
    outputs : Tensor or array_like, shape (examples, classes)
        Scores. Of equal scores, those of the first classes count as larger.
    labels : integers, shape (examples,)
    k : int
        From 1 to the number of classes.

    Raises
    ------
    ShapeError, DTypeError, DomainError
        As from :func:`accuracy`; also if k is out of range.

    Examples
    --------
    >>> top_k_accuracy([[0.1, 0.5, 0.4], [0.8, 0.15, 0.05]], [2, 2], k=2)
    0.5
    """
    name = "top_k_accuracy"
    scores, wanted = _scores(outputs, labels, name)
    if scores.ndim != 2 or scores.shape[1] < 2:
        raise ShapeError(
            f"{name} needs scores of several classes, (examples, classes), not of shape "
            f"{scores.shape}"
        )
    classes = scores.shape[1]
    if not isinstance(k, int | np.integer) or not 1 <= k <= classes:
        raise DomainError(f"{name}: k must be from 1 to {classes}, the number of classes, not {k}")
    require_labels(wanted, classes, name)
    own = np.take_along_axis(scores, wanted[:, None], axis=1)
    before = (scores > own) | ((scores == own) & (np.arange(classes) < wanted[:, None]))
    return float(np.mean(before.sum(axis=1) < k))


def confusion_matrix(
    outputs: TensorLike,
    labels: TensorLike,
    *,
    threshold: float | None = None,
    classes: int | None = None,
) -> npt.NDArray[np.int64]:
    """Count how often each class was taken for each.

    Parameters
    ----------
    outputs, labels, threshold
        As those of :func:`accuracy`.
    classes : int, optional
        How many classes there are, for predictions that are classes themselves; by default, one
        more than the largest.

    Returns
    -------
    array of int64, shape (classes, classes)
        The rows are the labels, the columns the predictions.

    Raises
    ------
    ShapeError, DTypeError, DomainError
        As from :func:`accuracy`.

    Examples
    --------
    >>> confusion_matrix([0, 2, 1, 1], [0, 1, 1, 2])
    array([[1, 0, 0],
           [0, 1, 1],
           [0, 1, 0]])
    """
    return _confusion(outputs, labels, threshold, classes, "confusion_matrix")


def precision(
    outputs: TensorLike,
    labels: TensorLike,
    *,
    average: Average = "binary",
    zero_division: float = 0.0,
    threshold: float | None = None,
    classes: int | None = None,
) -> Any:
    """Return the share of the predictions of a class that are right.

    Parameters
    ----------
    outputs, labels, threshold, classes
        As those of :func:`confusion_matrix`.
    average : {"binary", "macro", "micro", "weighted", None}
        What is returned for several classes: that of class 1 of two (``"binary"``); the mean of
        all classes, also of those that don't occur (``"macro"``), or weighted by the number of
        their examples (``"weighted"``); that of the counts of all classes together (``"micro"``),
        which is the accuracy; or those of all classes (None).
    zero_division : float
        The value for a class that was never predicted (for recall, that has no example; for F1,
        both). NaN leaves such classes out of the averages.

    Returns
    -------
    float, or array of shape (classes,) for ``average=None``

    Raises
    ------
    ShapeError, DTypeError, DomainError
        As from :func:`accuracy`; also if there is no such average, or ``"binary"`` is asked of
        several classes.

    Notes
    -----
    The same as scikit-learn's, where it is told of all classes, with ``labels=range(classes)``.

    Examples
    --------
    >>> precision([1, 1, 1, 0], [1, 0, 1, 1])
    0.66666...
    """
    counts = _confusion(outputs, labels, threshold, classes, "precision")
    return _averaged(counts, counts.sum(axis=0), average, zero_division, "precision")


def recall(
    outputs: TensorLike,
    labels: TensorLike,
    *,
    average: Average = "binary",
    zero_division: float = 0.0,
    threshold: float | None = None,
    classes: int | None = None,
) -> Any:
    """Return the share of the examples of a class that were predicted as it.

    Parameters, results and errors are those of :func:`precision`.

    Examples
    --------
    >>> recall([1, 1, 1, 0], [1, 0, 1, 1], average=None)
    array([0.        , 0.66666667])
    """
    counts = _confusion(outputs, labels, threshold, classes, "recall")
    return _averaged(counts, counts.sum(axis=1), average, zero_division, "recall")


def f1(
    outputs: TensorLike,
    labels: TensorLike,
    *,
    average: Average = "binary",
    zero_division: float = 0.0,
    threshold: float | None = None,
    classes: int | None = None,
) -> Any:
    """Return the harmonic mean of precision and recall, the F1 score.

    Parameters, results and errors are those of :func:`precision`. The averages are those of the
    classes' scores.

    Examples
    --------
    >>> f1([1, 1, 1, 0], [1, 0, 1, 1], average="macro")
    0.33333...
    """
    counts = _confusion(outputs, labels, threshold, classes, "f1")
    either = (counts.sum(axis=0) + counts.sum(axis=1)) / 2
    return _averaged(counts, either, average, zero_division, "f1")


def r2_score(
    prediction: TensorLike,
    target: TensorLike,
    *,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"] = "uniform_average",
) -> Any:
    """Return the share of the variance of the target that the prediction explains.

    It is ``1 - sum((target - prediction)**2) / sum((target - mean(target))**2)``: 1 if all is
    right, 0 for the mean of the target, and negative for worse predictions. For a target that is
    constant, it is 1 if all is right, and else 0.

    Parameters
    ----------
    prediction, target : Tensor or array_like, of one shape, (examples,) or (examples, outputs)
    multioutput : {"uniform_average", "variance_weighted", "raw_values"}
        For several outputs: the mean of theirs, weighted by their variances if asked for, or the
        scores of all.

    Returns
    -------
    float, or array of shape (outputs,) for ``"raw_values"``

    Raises
    ------
    ShapeError
        If the shapes differ, or there are fewer than two examples.
    DomainError
        If a value is NaN or infinite, or there is no such ``multioutput``.

    Examples
    --------
    >>> r2_score([2.5, 0.0, 2.0, 8.0], [3.0, -0.5, 2.0, 7.0])
    0.94860...
    """
    p, t = (np.asarray(as_tensor(x).numpy(), np.float64) for x in (prediction, target))
    if p.shape != t.shape or p.ndim not in (1, 2) or len(p) < 2 or not p.size:
        raise ShapeError(
            "r2_score needs predictions and targets of one shape, (examples,) or (examples, "
            f"outputs), with two examples at least; these have shapes {p.shape} and {t.shape}"
        )
    if not (np.isfinite(p).all() and np.isfinite(t).all()):
        raise DomainError("r2_score: predictions and targets must be finite")
    left = np.atleast_1d(np.square(t - p).sum(axis=0))
    spread = np.atleast_1d(np.square(t - t.mean(axis=0)).sum(axis=0))
    scores = np.where(spread > 0, 1 - left / np.where(spread > 0, spread, 1), left == 0)
    if multioutput == "raw_values":
        return scores
    if multioutput == "uniform_average":
        return float(scores.mean())
    if multioutput == "variance_weighted":
        return float(np.average(scores, weights=spread if spread.any() else None))
    raise DomainError(
        f"r2_score has no multioutput {multioutput!r}; choose uniform_average, variance_weighted "
        "or raw_values"
    )


# ---- what they share


def _scores(outputs: TensorLike, labels: TensorLike, name: str) -> tuple[Array, Array]:
    """Return outputs and labels as arrays that fit each other."""
    values, indices = as_tensor(outputs).numpy(), integer_labels(labels, name)
    if values.ndim not in (1, 2) or indices.shape != values.shape[:1] or not values.size:
        ravel = "; ravel() the labels" if indices.shape == (*values.shape[:1], 1) else ""
        raise ShapeError(
            f"{name} needs outputs (examples, classes) and labels (examples,), at least one; "
            f"these have shapes {values.shape} and {indices.shape}{ravel}"
        )
    if values.dtype.kind == "f" and np.isnan(values).any():
        raise DomainError(
            f"{name}: {int(np.isnan(values).sum())} of {values.size} outputs are NaN, which "
            "predicts nothing; trace_nans() finds where they come from"
        )
    return values, indices


def _classes(
    outputs: TensorLike,
    labels: TensorLike,
    threshold: float | None,
    name: str,
    classes: int | None = None,
) -> tuple[Array, Array, int]:
    """Return predicted and wanted classes, and how many classes there are."""
    values, wanted = _scores(outputs, labels, name)
    several = values.size > len(values)
    if several and threshold is not None:
        raise ShapeError(
            f"{name}: threshold= is for one output column; these have shape {values.shape}"
        )
    given = not several and threshold is None and values.ndim == 1 and values.dtype.kind in "iu"
    if not several and threshold is None and not given:
        raise ShapeError(
            f"{name} of one output column, of shape {values.shape}, needs threshold=, above "
            "which class 1 is predicted: 0 for logits, 0.5 for probabilities"
        )
    if given:
        number = int(max(values.max(), wanted.max())) + 1 if classes is None else classes
        require_labels(values, number, f"{name} of predicted classes")
        predicted = values
    else:
        number = values.shape[1] if several else 2
        predicted = values.argmax(axis=1) if several else values.ravel() > threshold
        if classes not in (None, number):
            raise ShapeError(
                f"{name}: outputs of shape {values.shape} are those of {number} classes, not of "
                f"classes={classes}"
            )
    require_labels(wanted, number, name)
    return predicted, wanted, number


def _confusion(
    outputs: TensorLike,
    labels: TensorLike,
    threshold: float | None,
    classes: int | None,
    name: str,
) -> npt.NDArray[np.int64]:
    predicted, wanted, number = _classes(outputs, labels, threshold, name, classes)
    pairs = wanted.astype(np.int64) * number + predicted
    return np.bincount(pairs, minlength=number**2).reshape(number, number)


def _averaged(
    counts: npt.NDArray[np.int64], of: Array, average: Average, zero_division: float, name: str
) -> Any:
    """Return the share of right ones ``of`` each class, or an average of these shares."""
    right, number = counts.diagonal(), len(counts)
    if average not in ("binary", "macro", "micro", "weighted", None):
        raise DomainError(
            f"{name} has no average {average!r}; choose binary, macro, micro, weighted or None"
        )
    if average == "micro":
        return float(right.sum() / of.sum())
    shares = np.divide(right, of, out=np.full(number, float(zero_division)), where=of > 0)
    if average is None:
        return shares
    if average == "binary":
        if number > 2:
            raise DomainError(
                f'{name}: average="binary" is for two classes; of {number}, choose macro, micro, '
                "weighted or None"
            )
        return float(shares[1]) if number == 2 else float(zero_division)
    counted = ~np.isnan(shares)
    weights = counted * (counts.sum(axis=1) if average == "weighted" else 1)
    if not weights.any():
        return float("nan")
    return float(np.where(counted, shares, 0) @ weights / weights.sum())
