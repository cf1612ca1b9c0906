"""Losses at extremes: confident and infinite logits, probabilities near 0 and 1."""

import warnings
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor, gradients
from autograd_lite.errors import DTypeError

INF = np.inf
DTYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def near(found: Any, expected: Any, dtype: Any) -> None:
    assert found.dtype == dtype
    np.testing.assert_allclose(found.data, expected, rtol=8 * np.finfo(dtype).eps)


@DTYPES
@pytest.mark.parametrize("size", [1e6, 1e8, 1e30])
def test_cross_entropy_of_large_equal_logits(dtype: Any, size: float) -> None:
    z = np.array([[size, size]], dtype)
    near(ag.cross_entropy(z, [0]), np.log(2), dtype)
    near(ag.cross_entropy(z, np.array([[1, 0]], dtype)), np.log(2), dtype)


@DTYPES
@pytest.mark.parametrize("gap", [0.5, 20, 80])
def test_cross_entropy_of_a_confident_prediction(dtype: Any, gap: float) -> None:
    z = np.array([[gap, 0, 0]], dtype)
    for target in (range(3), np.eye(3, dtype=dtype)):
        costs = ag.cross_entropy(np.repeat(z, 3, axis=0), target, "none")
        small = np.log1p(2 * np.exp(-gap))
        near(costs, [small, gap + small, gap + small], dtype)


@DTYPES
@pytest.mark.parametrize("z", [-80.0, -15.0, -1e-3, 0.0, 0.5, 15.0, 80.0])
@pytest.mark.parametrize("t", [0.0, 2.0**-22, 0.25, 1 - 2.0**-22, 1.0])
def test_binary_cross_entropy_with_logits_keeps_its_digits(dtype: Any, z: float, t: float) -> None:
    z = float(dtype(z))
    linear = z * (1 - t) if z > 0 else -z * t
    cost = ag.binary_cross_entropy_with_logits(dtype([z]), dtype([t]))
    near(cost, linear + np.log1p(np.exp(-abs(z))), dtype)


@DTYPES
@pytest.mark.parametrize("p", [1e-30, 1e-10, 1e-3, 0.5, 1 - 2.0**-20])
def test_binary_cross_entropy_keeps_its_digits(dtype: Any, p: float) -> None:
    p = float(dtype(p))
    costs = ag.binary_cross_entropy(dtype([p, p]), dtype([0, 1]), "none")
    near(costs, [-np.log1p(-p), -np.log(p)], dtype)
    t = Tensor(dtype([0.5]), requires_grad=True)
    slope = gradients(ag.binary_cross_entropy(dtype([p]), t), t)
    np.testing.assert_allclose(slope.data, [np.log1p(-p) - np.log(p)], rtol=1e-5)


def with_slopes(loss: Any, z: Any, target: Any) -> Any:
    """Return a loss, its gradient and the gradient of the gradient's sum, by the logits."""
    leaf = Tensor(z, requires_grad=True)
    cost = loss(leaf, target, "none")
    slope = gradients(cost.sum(), leaf, create_graph=True)
    return cost.tolist(), slope.tolist(), gradients(slope.sum(), leaf).tolist()


@pytest.mark.parametrize(
    ("z", "t", "cost", "slope"),
    [(INF, 1, 0, 0), (-INF, 0, 0, 0), (INF, 0, INF, 1), (-INF, 1, INF, -1), (INF, 0.5, INF, 0.5)],
)
def test_infinite_logits_of_two_classes(z: float, t: float, cost: float, slope: float) -> None:
    loss = ag.binary_cross_entropy_with_logits
    assert with_slopes(loss, [z, 0.0], [t, 0.5]) == ([cost, np.log(2)], [slope, 0], [0, 0.25])


@pytest.mark.parametrize("targets", [lambda label: [label], lambda label: np.eye(2)[[label]]])
@pytest.mark.parametrize(
    ("z", "label", "cost", "slope"),
    [
        ([INF, 0], 0, 0, [0, 0]),
        ([0, -INF], 0, 0, [0, 0]),
        ([INF, -INF], 0, 0, [0, 0]),
        ([INF, 0], 1, INF, [1, -1]),
        ([0, -INF], 1, INF, [1, -1]),
    ],
)
def test_infinite_logits_of_many_classes(
    targets: Any, z: Any, label: int, cost: float, slope: Any
) -> None:
    found = with_slopes(ag.cross_entropy, [z], targets(label))
    assert found == ([cost], [slope], [[0, 0]])


def test_a_row_that_is_no_distribution_costs_nan() -> None:
    z = [[-INF, -INF], [np.nan, INF]]
    assert np.isnan(ag.cross_entropy(z, [0, 1], "none").data).all()
    assert np.isnan(ag.cross_entropy(z, np.eye(2), "none").data).all()


@pytest.mark.parametrize(("z", "t"), [(np.nan, 1.0), (INF, np.nan), (0.0, np.nan)])
def test_a_nan_stays_one(z: float, t: float) -> None:
    assert np.isnan(ag.binary_cross_entropy_with_logits([z], [t]).item())


def test_a_right_and_certain_prediction_costs_a_plain_zero() -> None:
    for cost in (
        ag.binary_cross_entropy([1.0, 0.0], [1.0, 0.0]),
        ag.cross_entropy([[INF, 0.0]], np.array([[1.0, 0.0]])),
    ):
        assert str(cost.item()) == "0.0"


def test_complex_numbers_are_refused_on_either_side() -> None:
    z = np.ones((2, 2), complex)
    for loss, target in (
        (ag.cross_entropy, [0, 1]),
        (ag.cross_entropy, np.eye(2)),
        (ag.binary_cross_entropy, np.eye(2)),
        (ag.binary_cross_entropy_with_logits, np.eye(2)),
        (ag.mean_squared_error, np.eye(2)),
    ):
        for operands in ((z, target), (np.eye(2), z)):
            with pytest.raises(DTypeError, match=f"{loss.__name__} of complex128"):
                loss(*operands)
