"""Values at the edge: kinks, ties, infinities, overflow, NaN; nothing warns."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor, gradients
from autograd_lite.errors import DomainError

INF, NAN = np.inf, np.nan


@pytest.fixture(autouse=True)
def _warnings_are_errors() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def slopes(function: Callable[..., Tensor], *inputs: Any, dtype: Any = np.float64) -> list[Any]:
    """Return the gradients of the sum of the function's values."""
    leaves = [Tensor(x, requires_grad=True, dtype=dtype) for x in inputs]
    return [g.tolist() for g in gradients(function(*leaves).sum(), leaves, allow_unused=True)]


@pytest.mark.parametrize(
    ("function", "inputs", "expected"),
    [
        (ag.relu, ([-1, 0, 1],), [[0, 0, 1]]),
        (ag.abs, ([-2, 0, 2],), [[-1, 0, 1]]),
        (ag.sqrt, ([0.0],), [[INF]]),
        (ag.log, ([4.0],), [[0.25]]),
        (ag.maximum, ([1, 2, 3], [3, 2, 1]), [[0, 0.5, 1], [1, 0.5, 0]]),
        (ag.minimum, ([1, 2, 3], [3, 2, 1]), [[1, 0.5, 0], [0, 0.5, 1]]),
        (ag.max, ([1, 3, 3, 2],), [[0, 0.5, 0.5, 0]]),
        (ag.min, ([1, 3, 1, 1],), [[1 / 3, 0, 1 / 3, 1 / 3]]),
        (ag.max, ([1, NAN],), [[0, 1]]),
        (lambda x: x.max(axis=1), ([[1, 1], [2, 3]],), [[[0.5, 0.5], [0, 1]]]),
        (lambda x: ag.clip(x, 0, 1), ([-1, 0, 0.5, 1, 2],), [[0, 1, 1, 1, 0]]),
        (lambda x: ag.clip(x, None, 1), ([-1, 2],), [[1, 0]]),
        (lambda x: ag.clip(x, 0), ([-1, 2],), [[0, 1]]),
        (lambda x: ag.clip(x, 0, 1), ([NAN],), [[0]]),
        (ag.clip, ([-1.0, 0.5, 2.0], 0.0, 1.0), [[0, 1, 0], 1, 1]),
        (ag.clip, ([0.5], 2.0, 1.0), [[0], 0, 1]),
        (lambda x: x**2, ([0, 3],), [[0, 6]]),
        (lambda x: x**0, ([0, 3],), [[0, 0]]),
        (lambda x: x**1, ([0, 3],), [[1, 1]]),
        (lambda a, b: a**b, ([0.0, 2.0], [0.0, 3.0]), [[0, 12], [0, 8 * np.log(2)]]),
        (lambda x: 2.0**x, ([3.0],), [[8 * np.log(2)]]),
        (lambda x: 0.0**x, ([2.0],), [[0]]),
        (lambda x: np.array([2], np.uint8) ** x, ([3.0],), [[8 * np.log(2)]]),
        (ag.clip, ([0.0], 1.0, 1.0), [[0], 1, 0]),
        (lambda x: ag.where(x > 0, x, 0), ([-1, 1],), [[0, 1]]),
        (lambda x: x.sum(axis=0), (np.zeros((0, 2)),), [[]]),
        (lambda x: x[[0, 0, 1]], ([1, 2, 3],), [[2, 1, 0]]),
        (lambda x: x[np.array([True, False])], ([1, 2],), [[1, 0]]),
        (lambda x: x[Tensor([1, 1])], ([1, 2],), [[0, 2]]),
    ],
)
def test_gradients_at_kinks_ties_and_zeros(function: Any, inputs: Any, expected: Any) -> None:
    found = slopes(function, *inputs)
    for got, wanted in zip(found, expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-14)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_nothing_overflows_where_the_result_is_finite(dtype: Any) -> None:
    huge = np.array([-1e4, -200, 0, 200, 1e4], dtype)
    x = Tensor(huge, requires_grad=True)
    sigmoid = x.sigmoid()
    assert sigmoid.dtype == dtype
    np.testing.assert_allclose(sigmoid.data, [0, 0, 0.5, 1, 1], atol=1e-80)
    loss = ag.binary_cross_entropy_with_logits(x, np.array([1, 0, 0, 1, 0], dtype), "none")
    costs = np.array([1e4, 0, np.log(2), 0, 1e4], dtype)
    np.testing.assert_allclose(loss.data, costs, rtol=1e-3, atol=1e-80)
    np.testing.assert_allclose(gradients(loss.sum(), x).data, [-1, 0, 0.5, 0, 1], atol=1e-80)
    np.testing.assert_allclose(ag.softmax(x).data, [0, 0, 0, 0, 1])
    np.testing.assert_allclose(ag.logsumexp(x).data, huge[-1])
    assert np.isfinite(ag.log_softmax(x).data).all() or dtype == np.float16
    cost = ag.cross_entropy(x, 0)
    assert cost.dtype == dtype
    assert slopes(lambda x: ag.cross_entropy(x, 0), huge, dtype=dtype) == [[-1, 0, 0, 0, 1]]


def test_sigmoid_keeps_its_relative_accuracy() -> None:
    x = np.array([-700.0, -100.0, -30.0, -1.0, 40.0])
    expected = np.exp(x) / (1 + np.exp(x))
    np.testing.assert_allclose(ag.sigmoid(x).data, expected, rtol=1e-14)
    np.testing.assert_allclose(ag.sigmoid(np.array([1, 2], np.uint8)).data, ag.sigmoid([1.0, 2.0]))


def test_second_derivatives_stay_finite_at_extremes() -> None:
    x = Tensor([-1000.0, 1000.0], requires_grad=True)
    for function in (ag.sigmoid, ag.tanh, ag.relu, ag.abs):
        slope = gradients(function(x).sum(), x, create_graph=True)
        np.testing.assert_array_equal(
            gradients(slope.sum(), x, allow_unused=True).data if slope.requires_grad else [0, 0],
            [0, 0],
        )
    loss = ag.binary_cross_entropy_with_logits(x, [0.0, 0.0])
    slope = gradients(loss, x, create_graph=True)
    np.testing.assert_array_equal(gradients(slope.sum(), x).data, [0, 0])


def test_rows_of_minus_infinity() -> None:
    x = [[-INF, -INF], [-INF, 0.0]]
    np.testing.assert_array_equal(ag.logsumexp(x, axis=1).data, [-INF, 0])
    assert slopes(lambda x: ag.logsumexp(x, axis=1)[1], x) == [[[0, 0], [0, 1]]]
    assert slopes(lambda x: ag.logsumexp(x, axis=1), x)[0][0] == [0, 0]
    np.testing.assert_array_equal(ag.softmax(x).data, [[NAN, NAN], [0, 1]])
    np.testing.assert_array_equal(ag.log_softmax(x).data, [[NAN, NAN], [-INF, 0]])
    assert ag.logsumexp([INF, 0.0]).item() == INF
    assert ag.logsumexp(np.zeros((2, 0)), axis=1).tolist() == [-INF, -INF]


def test_certain_predictions_cost_at_most_100() -> None:
    p = [0.0, 1.0, 0.0, 1.0]
    t = [0.0, 1.0, 1.0, 0.0]
    assert ag.binary_cross_entropy(p, t, "none").tolist() == [0, 0, 100, 100]
    (slope,) = slopes(lambda p: ag.binary_cross_entropy(p, t), p)
    assert np.isfinite(slope).all()


def test_zero_probability_of_an_impossible_class_costs_nothing() -> None:
    logits = [[0.0, -INF]]
    assert ag.cross_entropy(logits, np.array([[1.0, 0.0]])).item() == 0
    assert slopes(lambda z: ag.cross_entropy(z, [0]), logits) == [[[0, 0]]]


@pytest.mark.parametrize(
    "shapes", [((3, 1), (1, 4)), ((1, 3), (3, 1)), ((5, 2, 1), (1, 3)), ((2, 0), (0, 3))]
)
def test_products_with_short_inner_axes(shapes: Any) -> None:
    a, b = (np.arange(1.0, 1 + np.prod(shape)).reshape(shape) for shape in shapes)
    ga, gb = slopes(lambda a, b: a @ b, a, b)
    ones = np.ones((a @ b).shape)
    np.testing.assert_allclose(np.reshape(ga, a.shape), ones @ b.T)
    total = np.swapaxes(a, -1, -2) @ ones
    np.testing.assert_allclose(
        np.reshape(gb, b.shape), total if total.ndim == 2 else total.sum(axis=0)
    )


@pytest.mark.parametrize("b", [3, 4.0, 7, 64, -3, -5.0, 65, -1, 2.5])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_whole_powers_are_numpys(b: float, dtype: Any) -> None:
    x = np.array([-1.5, -0.25, 0.5, 1.0, 1.25], dtype)
    if b == 2.5:
        x = abs(x)
    tiny = np.finfo(dtype).eps * 100
    y = Tensor(x) ** b
    assert y.dtype == dtype
    np.testing.assert_allclose(y.data, x**b, tiny)
    np.testing.assert_allclose(np.power(Tensor(x), b).data, np.power(x, b), tiny)
    (slope,) = slopes(lambda x: x**b, x, dtype=dtype)
    np.testing.assert_allclose(slope, b * x ** (b - 1), tiny)


def test_whole_powers_at_the_ends() -> None:
    x = np.array([0.0, -0.0, INF, -INF, NAN, 1e-300, -1e160])
    with np.errstate(all="ignore"):
        for b in (3, 4, 5, -3, -4):
            np.testing.assert_array_equal((Tensor(x) ** b).data, x**b)
        assert (Tensor([1e-150]) ** -2).item() == pytest.approx(1e300)
        assert (Tensor([1e160]) ** -2).item() == pytest.approx(1e160**-2)


@pytest.mark.parametrize("b", [3, -3])
def test_powers_of_whole_numbers_are_whole(b: int) -> None:
    x = np.array([2, 3])
    if b > 0:
        assert (Tensor(x) ** b).tolist() == [8, 27]
    else:
        with pytest.raises(ValueError, match="negative"):
            Tensor(x) ** b


def test_a_number_to_the_power_of_a_tensor_has_a_second_derivative() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    slope = gradients((2**x).sum(), x, create_graph=True)
    second = gradients(slope.sum(), x)
    np.testing.assert_allclose(second.data, np.log(2) ** 2 * np.array([2, 4]))


def test_bounds_of_clip_have_one_name_each_in_a_call():
    with pytest.raises(DomainError, match="clip: min and max are other names of a_min and a_max"):
        np.clip(ag.Tensor([1.0, 2.0]), a_min=0.0, min=1.5)
