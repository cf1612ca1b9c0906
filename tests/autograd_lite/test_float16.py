"""float16 counts to 2048 and ends at 65504: what rules, means and losses add up must not."""

import warnings
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor, gradients, jacobian
from autograd_lite.ops.algebra.products import linear

HALF = np.float16
MANY = 5000


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def ones(*shape: int) -> Any:
    return np.ones(shape, HALF)


FIRST = np.zeros(MANY, np.intp)


@pytest.mark.parametrize(
    ("function", "shape"),
    [
        (lambda b: ones(MANY, 3) + b, (3,)),
        (lambda b: ones(MANY, 3) * b, (1, 3)),
        (lambda b: linear(ones(MANY, 2), ones(2, 3), b), (3,)),
        (lambda w: ones(MANY, 1, 2) @ w, (1, 2, 3)),
        (lambda w: ones(MANY, 1, 1) @ w, (1, 1, 3)),
        (lambda a: a @ ones(MANY, 3, 1), (3,)),
        (lambda w: np.einsum("ij,j->ij", ones(MANY, 3), w), (3,)),
        (lambda w: np.einsum("ij,jk->ijk", ones(MANY, 2), w), (2, 3)),
        (lambda x: np.broadcast_to(x, (MANY, 3)), (3,)),
        (lambda x: np.where(np.ones((MANY, 3), bool), x, 0), (3,)),
        (lambda x: np.tile(x, (MANY, 1)), (3,)),
        (lambda x: np.repeat(x, MANY, axis=0), (1, 3)),
        (lambda x: x[FIRST], (1, 3)),
        (lambda x: x[:, FIRST], (3, 1)),
        (lambda x: np.take(x, FIRST), (1,)),
        (lambda x: np.take_along_axis(x, FIRST[:, None], axis=0), (1, 1)),
    ],
)
def test_a_gradient_counts_beyond_2048(function: Any, shape: Any) -> None:
    x = Tensor(ones(*shape), requires_grad=True)
    y = function(x)
    (g,) = gradients(y, [x], ones(*y.shape))
    assert y.dtype == g.dtype == HALF
    np.testing.assert_array_equal(g.data, MANY)
    assert jacobian(lambda x: function(x).mean())(ones(*shape)).dtype == HALF


def test_rows_that_are_read_twice_are_added_up_in_float32() -> None:
    x = Tensor(ones(1), requires_grad=True)
    assert gradients((x[FIRST] + x[FIRST]).sum(), x).tolist() == [2 * MANY]


def test_padding_and_windows_give_back_all() -> None:
    x = Tensor(ones(1), requires_grad=True)
    y = np.pad(x, MANY, "edge")
    assert gradients(y, x, ones(*y.shape)).tolist() == [2 * MANY]
    x = Tensor(ones(2 * MANY), requires_grad=True)
    y = np.lib.stride_tricks.sliding_window_view(x, MANY)
    assert gradients(y, x, ones(*y.shape)).data[MANY] == MANY


def test_running_sums_and_products_pass_all_back() -> None:
    x = Tensor(ones(MANY), requires_grad=True)
    np.testing.assert_allclose(
        gradients(np.cumsum(x), x, ones(MANY)).data, np.arange(MANY, 0, -1), rtol=1e-3
    )
    np.testing.assert_allclose(
        gradients(np.cumprod(x), x, ones(MANY)).data, np.arange(MANY, 0, -1), rtol=1e-3
    )


def test_ends_of_a_range_get_the_whole() -> None:
    ends = Tensor(ones(2), requires_grad=True), Tensor(ones(2), requires_grad=True)
    y = np.linspace(*ends, 2 * MANY)
    for g in gradients(y, ends, ones(*y.shape)):
        np.testing.assert_allclose(g.data, MANY, rtol=1e-3)


COUNT = 100_000  # is infinite in float16; one over it is not 0


@pytest.mark.parametrize(
    "mean",
    [
        np.mean,
        np.nanmean,
        np.average,
        np.max,  # all are tied
        lambda x: np.mean(x, where=np.ones(x.shape, bool)),
        lambda x: np.average(x, weights=ones(*x.shape)),
        lambda x: np.mean(x[:, None], axis=0)[0],
        ag.logsumexp,
        lambda x: ag.logsumexp(x[:, None], axis=0)[0],
        lambda x: ag.logsumexp(x, b=ones(*x.shape)),
    ],
)
def test_a_mean_of_many_has_a_gradient(mean: Any) -> None:
    x = Tensor(ones(COUNT), requires_grad=True)
    y = mean(x)
    assert y.dtype == HALF
    assert y.item() in (1.0, HALF(1 + np.log(COUNT)))
    np.testing.assert_array_equal(gradients(y, x).data, HALF(1 / COUNT))


def test_a_mean_of_many_has_a_second_derivative() -> None:
    x = Tensor(ones(COUNT), requires_grad=True)
    slope = gradients((x * x).mean(), x, create_graph=True)
    np.testing.assert_array_equal(gradients(slope.sum(), x).data, HALF(2 / COUNT))


def test_a_norm_of_many() -> None:
    x = Tensor(ones(MANY, 1), requires_grad=True)
    y = np.linalg.norm(x, axis=0)
    np.testing.assert_array_equal(y.data, HALF(MANY**0.5))
    np.testing.assert_allclose(gradients(y, x).data, MANY**-0.5, rtol=1e-3)
    assert np.linalg.norm(Tensor(300 * ones(4))).item() == 600


def test_softmax_of_many() -> None:
    x = Tensor(ones(COUNT, 1), requires_grad=True)
    np.testing.assert_array_equal(ag.softmax(x, axis=0).data, HALF(1 / COUNT))
    y = ag.log_softmax(x, axis=0)
    np.testing.assert_array_equal(y.data, HALF(-np.log(COUNT)))
    np.testing.assert_allclose(gradients(y[0, 0], x).data[:2, 0], [1, -1 / COUNT], rtol=2e-2)


EXAMPLES = 70_000


@pytest.mark.parametrize("reduction", ["mean", "batch_mean"])
@pytest.mark.parametrize(
    ("loss", "value", "slope"),
    [
        (lambda x, r: ag.mean_squared_error(x, np.zeros_like(x.data), r), 1, 2),
        (
            lambda x, r: ag.binary_cross_entropy_with_logits(x, np.zeros_like(x.data), r),
            np.log1p(np.e),
            1 / (1 + np.exp(-1)),
        ),
        (lambda x, r: ag.binary_cross_entropy(x / 2, ones(EXAMPLES, 1), r), np.log(2), -1),
        (lambda x, r: ag.cross_entropy(x, np.zeros(EXAMPLES, int), r), 0, 0),
        (lambda x, r: ag.cross_entropy(x, ones(EXAMPLES, 1), r), 0, 0),
    ],
)
def test_losses_of_many_examples(loss: Any, value: float, slope: float, reduction: Any) -> None:
    x = Tensor(ones(EXAMPLES, 1), requires_grad=True)
    y = loss(x, reduction)
    assert y.dtype == HALF
    np.testing.assert_allclose(y.item(), value, rtol=1e-3)
    g = gradients(y, x)
    assert g.dtype == HALF
    np.testing.assert_allclose(g.data, slope / EXAMPLES, rtol=1e-2)


def test_a_large_error_among_small_ones() -> None:
    errors = np.array([300, 0, 0, 0], HALF)
    assert ag.mean_squared_error(errors, np.zeros(4, HALF)).item() == HALF(22500)


def test_what_is_wider_than_float16_stays_so() -> None:
    assert ag.mean_squared_error(ones(2), np.zeros(2, np.float32)).dtype == np.float32
    assert np.var(Tensor(ones(2)), mean=np.float32([1])).dtype == np.float32


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("use", [lambda x: x * 1.0, lambda x: x[...]], ids=["op", "slice"])
def test_cotangents_of_many_uses_are_added_up_in_float32(use: Any, create_graph: bool) -> None:
    x = Tensor(np.ones(2), requires_grad=True, dtype=np.float16)
    total = Tensor(np.zeros(2))
    for _ in range(3000):
        total = total + use(x)
    (g,) = gradients(total.sum(), [x], create_graph=create_graph)
    assert g.dtype == np.float16
    assert g.tolist() == [3000.0, 3000.0]
