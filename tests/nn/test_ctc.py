"""The CTC loss against the list of all predictions, each read as the loss says."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from autograd_lite import Tensor, capture, gradients, log_softmax
from autograd_lite.errors import DomainError, DTypeError, ShapeError
from nn.losses import ctc_loss


def reading(prediction: Any, blank: int) -> list[int]:
    """Return the classes that a prediction reads as."""
    merged = [c for c, _ in itertools.groupby(prediction)]
    return [c for c in merged if c != blank]


def listed(log_p: Any, target: Any, blank: int) -> float:
    """Return the cost of one example by adding up all predictions that read as the target."""
    times, classes = log_p.shape
    total = sum(
        math.exp(sum(log_p[t, c] for t, c in enumerate(prediction)))
        for prediction in itertools.product(range(classes), repeat=times)
        if reading(prediction, blank) == list(target)
    )
    return -math.log(total) if total else math.inf


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 2**16), st.integers(1, 5), st.integers(2, 3), st.booleans())
def test_the_cost_is_that_of_all_predictions(
    seed: int, times: int, classes: int, joined: bool
) -> None:
    rng = np.random.default_rng(seed)
    blank = int(rng.integers(classes))
    log_p = log_softmax(rng.normal(0, 2, (times, 3, classes))).data
    targets = (blank + rng.integers(1, classes, (3, 3))) % classes
    lengths, sizes = rng.integers(1, times + 1, 3), rng.integers(0, 4, 3)
    expected = [listed(log_p[: lengths[n], n], targets[n, : sizes[n]], blank) for n in range(3)]
    given_ = targets[np.arange(3) < sizes[:, None]] if joined else targets
    for dtype, near in ((np.float64, 1e-12), (np.float32, 1e-4)):
        x = log_p.astype(dtype)
        found = ctc_loss(x, given_, lengths, sizes, blank, "none")
        assert_allclose(found.data, expected, rtol=near, atol=near)
        found = ctc_loss(x, given_, lengths, sizes, blank, "none", zero_infinity=True)
        assert_allclose(found.data, np.where(np.isinf(expected), 0, expected), rtol=near, atol=near)
        assert found.dtype == dtype


def test_reductions() -> None:
    log_p = log_softmax(np.random.default_rng(0).normal(size=(6, 3, 4))).data
    call = (log_p, [[1, 2], [3, 3], [1, 1]], [6, 5, 4], [2, 2, 0])
    each = ctc_loss(*call, reduction="none").data
    assert_allclose(ctc_loss(*call).item(), (each / [2, 2, 1]).mean())
    assert_allclose(ctc_loss(*call, reduction="batch_mean").item(), each.mean())
    assert_allclose(ctc_loss(*call, reduction="sum").item(), each.sum())
    weights = np.array([1.0, 2.0, 5.0])
    assert_allclose(
        ctc_loss(*call, sample_weight=weights).item(), (each / [2, 2, 1] * weights).sum() / 8
    )


def test_one_example_needs_no_axis_of_examples() -> None:
    log_p = log_softmax(np.random.default_rng(0).normal(size=(6, 4))).data
    one = ctc_loss(log_p, [1, 2], 6, 2)
    assert one.shape == ()
    assert one.item() == ctc_loss(log_p[:, None], [[1, 2]], [6], [2]).item()
    assert ctc_loss(log_p, [1, 2], [5], [2], reduction="none").shape == ()


def test_targets_behind_their_length_may_be_anything() -> None:
    log_p = log_softmax(np.random.default_rng(0).normal(size=(6, 2, 4))).data
    padded = ctc_loss(log_p, [[1, -1, 99], [2, 3, 0]], [6, 6], [1, 2], reduction="none")
    plain = ctc_loss(log_p, [[1, 1], [2, 3]], [6, 6], [1, 2], reduction="none")
    assert_array_equal(padded.data, plain.data)


def test_long_sequences_do_not_underflow() -> None:
    x = Tensor(np.full((2000, 1, 50), -math.log(50), np.float32), requires_grad=True)
    loss = ctc_loss(x, np.arange(1, 41)[None], [2000], [40], reduction="sum")
    loss.backward()
    assert 2000 < loss.item() < 8000
    assert_allclose(x.grad.data.sum(axis=2), -1, rtol=1e-5)  # something is predicted at each time


def test_impossible_targets() -> None:
    x = Tensor(log_softmax(np.zeros((2, 2, 3))).data, requires_grad=True)
    call = (x, [[1, 1], [1, 2]], [2, 2], [2, 2])  # the first needs a blank between
    loss = ctc_loss(*call, reduction="none")
    assert loss.tolist() == [math.inf, pytest.approx(2 * math.log(3))]
    loss = ctc_loss(*call, reduction="sum", zero_infinity=True)
    slope = gradients(loss, x, create_graph=True)
    assert_array_equal(slope.data[:, 0], 0)
    assert_allclose(slope.data[:, 1].sum(axis=1), [-1, -1], rtol=1e-14)
    slope = gradients(ctc_loss(*call, reduction="sum"), x)
    assert not np.isfinite(slope.data[:, 0]).all()
    assert np.isfinite(slope.data[:, 1]).all()


def test_probabilities_of_0_are_ways_that_no_one_takes() -> None:
    p = np.array([[0.5, 0.5, 0.0], [0.25, 0.75, 0.0]])
    with np.errstate(divide="ignore"):
        x = Tensor(np.log(p), requires_grad=True)
    loss = ctc_loss(x, [1], 2, 1)
    assert_allclose(loss.item(), -math.log(1 - 0.5 * 0.25))
    slope = gradients(loss, x, create_graph=True)
    assert np.isfinite(slope.data).all()
    assert np.isfinite(gradients((slope * [1.0, 2.0, 3.0]).sum(), x).data).all()


def test_other_lengths_need_no_other_capture() -> None:
    @capture(on_miss="error")
    def loss_of(x: Any, *rest: Any) -> Any:
        return ctc_loss(log_softmax(x), *rest).detach()

    rng = np.random.default_rng(0)
    for _ in range(5):
        call = (
            rng.normal(size=(6, 2, 4)),
            rng.integers(1, 4, (2, 2)),
            rng.integers(5, 7, 2),
            rng.integers(0, 3, 2),
        )
        assert_array_equal(loss_of(*call).data, ctc_loss(log_softmax(call[0]), *call[1:]).data)
    assert len(loss_of.programs) == 1


X = np.full((4, 2, 3), -math.log(3))


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        ((X[0, 0], [[1]], [4], [1]), ShapeError, r"must have shape \(times, examples, classes\)"),
        ((X, [[1], [3]], [4, 4], [1, 1]), DomainError, r"0 to 2 other than the blank, 0.*\[1, 3\]"),
        ((X, [[1], [0]], [4, 4], [1, 1]), DomainError, r"other than the blank, 0.*\[0, 1\]"),
        ((X, [[1], [2]], [5, 4], [1, 1]), DomainError, "input_lengths must lie between 1 and 4"),
        ((X, [[1], [2]], [0, 4], [1, 1]), DomainError, "they go from 0 to 4"),
        ((X, [[1], [2]], [4, 4], [2, 1]), DomainError, "target_lengths must lie between 0 and 1"),
        ((X, [[1], [2]], [4], [1, 1]), ShapeError, r"input_lengths must have shape \(2,\)"),
        ((X, [[1], [2]], [4.0, 4.0], [1, 1]), DTypeError, "input_lengths must be integers"),
        ((X, [[1.0], [2.0]], [4, 4], [1, 1]), DTypeError, "targets must be integers, not float64"),
        ((X, [1, 2, 1], [4, 4], [1, 1]), ShapeError, "of lengths that sum to 2"),
        ((X, [[1], [2]], [4, 4], [1, 1], 3), DomainError, "blank must be one of 3 classes: 3"),
        ((X, [[1], [2]], [4, 4], [1, 1], 0, "avg"), DomainError, "ctc_loss has no reduction 'avg'"),
    ],
)
def test_errors_say_what_is_wrong(call: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        ctc_loss(*call)
