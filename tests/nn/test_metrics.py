"""Metrics against loops, and against scikit-learn where it is installed."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd_lite import Tensor
from autograd_lite.errors import DomainError, DTypeError, ShapeError
from nn import metrics

few = settings(max_examples=60, deadline=None, derandomize=True)
SEEDS = st.integers(0, 2**16)
AVERAGES = [None, "macro", "micro", "weighted"]
BY_CLASS = [metrics.precision, metrics.recall, metrics.f1]


def drawn(seed: int, classes: int, examples: int = 12) -> tuple[Any, Any, Any]:
    """Return scores, which predict few of the classes, the classes predicted, and labels."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(examples, classes)) + rng.normal(0, 2, classes)
    return scores, scores.argmax(axis=1), rng.integers(0, classes, examples)


def test_accuracy_is_where_it_was_too() -> None:
    assert nn.data.accuracy is metrics.accuracy


@few
@given(SEEDS, st.integers(2, 5))
def test_confusion_counts_pairs(seed: int, classes: int) -> None:
    scores, predicted, labels = drawn(seed, classes)
    expected = np.zeros((classes, classes), int)
    for p, t in zip(predicted, labels, strict=True):
        expected[t, p] += 1
    for outputs in (scores, Tensor(scores, requires_grad=True), predicted, predicted.tolist()):
        named = {"classes": classes}
        assert_array_equal(metrics.confusion_matrix(outputs, labels, **named), expected)
    assert metrics.confusion_matrix(scores, labels).dtype == np.int64


@few
@given(SEEDS, st.integers(2, 5), st.sampled_from(AVERAGES), st.sampled_from([0.0, 1.0, math.nan]))
def test_scores_by_class_are_those_of_scikit_learn(
    seed: int, classes: int, average: Any, zero_division: float
) -> None:
    theirs = pytest.importorskip("sklearn.metrics", reason="the extra 'examples' isn't installed")
    scores, predicted, labels = drawn(seed, classes, examples=6)
    for ours, name in zip(BY_CLASS, ["precision_score", "recall_score", "f1_score"], strict=True):
        options: Any = {"average": average, "zero_division": zero_division}
        expected = getattr(theirs, name)(labels, predicted, labels=range(classes), **options)
        for outputs in (scores, predicted):
            found = ours(outputs, labels, classes=classes, **options)
            assert_allclose(found, expected, rtol=1e-12, err_msg=name)
            assert average is None or type(found) is float
        if classes == 2:
            expected = getattr(theirs, name)(labels, predicted, zero_division=zero_division)
            found = ours(scores, labels, zero_division=zero_division)
            assert_allclose(found, expected, rtol=1e-12)
    expected = theirs.confusion_matrix(labels, predicted, labels=range(classes))
    assert_array_equal(metrics.confusion_matrix(scores, labels), expected)


@few
@given(SEEDS, st.integers(3, 6))
def test_top_k_is_that_of_scikit_learn(seed: int, classes: int) -> None:
    theirs = pytest.importorskip("sklearn.metrics", reason="the extra 'examples' isn't installed")
    scores, _, labels = drawn(seed, classes)
    for k in range(1, classes):
        expected = theirs.top_k_accuracy_score(labels, scores, k=k, labels=range(classes))
        assert metrics.top_k_accuracy(scores, labels, k) == pytest.approx(expected)
    assert metrics.top_k_accuracy(scores, labels, classes) == 1


@few
@given(SEEDS, st.sampled_from([(5,), (5, 1), (6, 3)]))
def test_r2_is_that_of_scikit_learn(seed: int, shape: Any) -> None:
    theirs = pytest.importorskip("sklearn.metrics", reason="the extra 'examples' isn't installed")
    rng = np.random.default_rng(seed)
    p, t = rng.normal(size=(2, *shape))
    if rng.random() < 0.3:
        t[:] = t[0]  # constant
    if rng.random() < 0.3:
        p = t.copy()
    for multioutput in ("uniform_average", "variance_weighted", "raw_values"):
        found = metrics.r2_score(Tensor(p), t, multioutput=multioutput)
        assert_allclose(found, theirs.r2_score(t, p, multioutput=multioutput), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("wanted", range(3))
def test_of_equal_scores_the_first_is_predicted(wanted: int) -> None:
    scores = np.zeros((1, 3))
    for k in range(1, 4):
        assert metrics.top_k_accuracy(scores, [wanted], k) == float(wanted < k)
    assert metrics.accuracy(scores, [wanted]) == metrics.top_k_accuracy(scores, [wanted], 1)


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_one_column_has_a_threshold(shape: Any) -> None:
    logits, labels = np.array([-1.0, 0.0, 2.0, 3.0]).reshape(shape), [0, 1, 1, 0]
    assert metrics.confusion_matrix(logits, labels, threshold=0).tolist() == [[1, 1], [1, 1]]
    assert metrics.precision(logits, labels, threshold=0) == 0.5
    assert metrics.recall(logits, labels, threshold=2.5) == 0
    with pytest.raises(ShapeError, match="needs threshold="):
        metrics.f1(logits, labels)


def test_predicted_classes_need_no_threshold() -> None:
    assert metrics.accuracy([0, 2, 1], [0, 1, 1]) == 2 / 3
    assert metrics.accuracy([0, 2, 1], [0, 1, 1], threshold=0) == 1  # scores of class 1


def test_classes_that_never_occur() -> None:
    predicted, labels = [0, 0, 1], [0, 1, 1]
    assert metrics.precision(predicted, labels, average=None, classes=3).tolist() == [0.5, 1, 0]
    mean = metrics.precision(predicted, labels, average="macro", classes=3)
    assert mean == pytest.approx(0.5)
    mean = metrics.precision(predicted, labels, average="macro", classes=3, zero_division=math.nan)
    assert mean == pytest.approx(0.75)
    assert metrics.recall([0, 0], [0, 0]) == 0  # class 1 has no example


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: metrics.f1(np.zeros((2, 3)), [0, 1]), DomainError, "is for two classes; of 3"),
        (
            lambda: metrics.recall(np.zeros((2, 2)), [0, 1], average="mean"),
            DomainError,
            "recall has no average 'mean'",
        ),
        (
            lambda: metrics.confusion_matrix([0, 3], [0, 1], classes=3),
            DomainError,
            r"confusion_matrix of predicted classes: .*that at \[1\] is 3",
        ),
        (lambda: metrics.accuracy([-1, 1], [0, 1]), DomainError, r"that at \[0\] is -1"),
        (
            lambda: metrics.confusion_matrix(np.zeros((2, 4)), [0, 1], classes=3),
            ShapeError,
            "those of 4 classes, not of classes=3",
        ),
        (lambda: metrics.precision(np.zeros((2, 2)), [0, 2]), DomainError, "for 2 classes"),
        (lambda: metrics.precision(np.zeros((2, 2)), [0.0, 1.0]), DTypeError, "must be integers"),
        (lambda: metrics.top_k_accuracy(np.zeros((2, 3)), [0, 1]), DomainError, "from 1 to 3"),
        (lambda: metrics.top_k_accuracy(np.zeros(2), [0, 1], 1), ShapeError, "several classes"),
        (
            lambda: metrics.top_k_accuracy(np.full((2, 3), np.nan), [0, 1], 2),
            DomainError,
            "6 of 6 outputs are NaN",
        ),
        (
            lambda: metrics.r2_score(np.zeros((3, 1)), np.zeros(3)),
            ShapeError,
            r"these have shapes \(3, 1\) and \(3,\)",
        ),
        (lambda: metrics.r2_score([1.0], [1.0]), ShapeError, "two examples at least"),
        (lambda: metrics.r2_score([1.0, np.nan], [1.0, 2.0]), DomainError, "must be finite"),
        (
            lambda: metrics.r2_score([1.0, 2.0], [1.0, 2.0], multioutput="mean"),
            DomainError,
            "no multioutput 'mean'",
        ),
    ],
)
def test_errors_say_what_is_wrong(call: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        call()
