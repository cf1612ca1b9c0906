"""logsumexp, softmax and its logarithm: accuracy, infinite and complex values, weights."""

import warnings
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor, gradients
from autograd_lite.errors import AxisError, ShapeError
from autograd_lite.testing import check_gradients

INF, NAN = np.inf, np.nan


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def slopes(function: Any, *inputs: Any) -> Any:
    leaves = [Tensor(x, requires_grad=True) for x in inputs]
    return [g.tolist() for g in gradients(function(*leaves).sum(), leaves)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1e6, 1e8, 1e30])
def test_large_equal_values_share(dtype: Any, size: float) -> None:
    x = np.array([size, size], dtype)
    np.testing.assert_allclose(ag.log_softmax(x).data, -np.log(2), rtol=1e-6)
    assert slopes(ag.logsumexp, x) == [[0.5, 0.5]]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_largest_numbers_there_are_do_not_warn(dtype: Any) -> None:
    x = np.array([1, -1], dtype) * np.finfo(dtype).max
    assert ag.softmax(x).tolist() == [1, 0]
    assert ag.log_softmax(x).tolist() == [0, -INF]
    assert ag.logsumexp(x).item() == x[0]
    assert ag.cross_entropy(x[None], [0]).item() == 0
    assert slopes(ag.logsumexp, x) == [[1, 0]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("gap", [20, 40, 80])
def test_the_logarithm_of_nearly_1_keeps_its_digits(dtype: Any, gap: int) -> None:
    x = np.array([gap, 0], dtype)
    rtol = 10 * np.finfo(dtype).eps
    rest = np.log1p(np.exp(-gap))
    np.testing.assert_allclose(ag.log_softmax(x).data, [-rest, -gap - rest], rtol=rtol)
    np.testing.assert_allclose(ag.logsumexp(x - dtype(gap)).data, rest, rtol=rtol)


def test_an_infinite_value_takes_all() -> None:
    x = [[INF, 1000.0], [-INF, INF], [-INF, 3.0]]
    np.testing.assert_array_equal(ag.softmax(x).data, [[1, 0], [0, 1], [0, 1]])
    np.testing.assert_array_equal(ag.log_softmax(x).data, [[0, -INF], [-INF, 0], [-INF, 0]])
    np.testing.assert_array_equal(ag.logsumexp(x, axis=1).data, [INF, INF, 3])
    for row, share in zip(x, [[1, 0], [0, 1], [0, 1]], strict=True):
        assert slopes(ag.logsumexp, row) == [share]


def test_a_row_of_minus_infinity_is_flat_to_second_order() -> None:
    x = Tensor([-INF, -INF], requires_grad=True)
    slope = gradients(ag.logsumexp(x), x, create_graph=True)
    assert slope.tolist() == [0, 0]
    assert gradients(slope.sum(), x).tolist() == [0, 0]


def test_values_whose_sum_overflows() -> None:
    assert ag.logsumexp([1.5e308, 1.5e308]).item() == 1.5e308


def test_a_nan_is_not_taken_for_an_infinity() -> None:
    for function in (ag.softmax, ag.log_softmax, ag.logsumexp):
        assert np.isnan(function([NAN, INF, 0.0]).data).all()


# ---------------------------------------------------------------------- complex numbers


def test_logsumexp_of_complex_numbers_is_the_principal_value() -> None:
    z = np.array([[0.3 + 5j, -1 + 40j, 2 - 9j], [700 + 3j, 700 + 4j, 0]])
    found = ag.logsumexp(z, axis=1)
    largest = z.real.max(axis=1)
    sums = np.sum(np.exp(z - largest[:, None]), axis=1)
    np.testing.assert_allclose(found.data, np.log(sums) + largest, rtol=1e-14)
    assert (np.abs(found.data.imag) <= np.pi).all()
    np.testing.assert_allclose(np.log(ag.softmax(z[0]).data), ag.log_softmax(z[0]).data, rtol=1e-12)
    check_gradients(lambda z: ag.logsumexp(z, axis=1), z[:1], order=2)
    check_gradients(ag.log_softmax, z[:1], order=2)


def test_logsumexp_of_numbers_on_the_cut() -> None:
    assert ag.logsumexp([3j * np.pi, 3j * np.pi]).item() == pytest.approx(np.log(2) + 1j * np.pi)


# ---------------------------------------------------------------------- weights


def test_weights_may_be_negative_and_have_gradients() -> None:
    x, b = np.random.default_rng(0).standard_normal((2, 3)), np.array([2.0, -0.3, 0.0])
    expected = np.log(np.sum(b * np.exp(x), axis=1))
    np.testing.assert_allclose(ag.logsumexp(x, 1, b=b).data, expected)
    np.testing.assert_allclose(ag.logsumexp(x, 1, True, b=b).data, expected[:, None])
    check_gradients(lambda x, b: ag.logsumexp(x, axis=1, b=b), x, b, order=3)
    check_gradients(lambda x, b: ag.logsumexp(x, b=b, return_sign=True)[0], x, -b, order=2)
    check_gradients(lambda x, b: ag.logsumexp(x, b=b), x + 1j, b, order=2)


def test_a_sum_has_a_sign() -> None:
    for b, sign in ([1, -1], -1.0), ([-1, 1], 1.0), ([0, 0], 0.0):
        y, found = ag.logsumexp([1000.0, 1001.0], b=b, return_sign=True)
        assert found.item() == sign
        size = 1000 + np.log(np.e - 1) if sign else -INF
        np.testing.assert_allclose(y.item(), size)
        assert not found.requires_grad
    assert np.isnan(ag.logsumexp([0.0, 1.0], b=[1, -1]).item())
    y, phase = ag.logsumexp([2.0 + 3j], return_sign=True)
    np.testing.assert_allclose([y.item(), phase.item()], [2, np.exp(3j)])


def test_a_weight_of_0_takes_out_what_it_weighs() -> None:
    b = [0.0, 1.0]
    for out in (INF, NAN, 1e300, -INF):
        assert ag.logsumexp([out, 2.0], b=b).item() == 2
        assert slopes(lambda x: ag.logsumexp(x, b=b), [out, 2.0]) == [[0, 1]]


def test_numbers_as_weights_do_not_promote() -> None:
    x = np.float32([1, 2])
    assert ag.logsumexp(x, b=2).dtype == np.float32
    assert ag.logsumexp(x, b=np.array([1.0, 2.0])).dtype == np.float64


def test_weights_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"logsumexp of shape \(3,\) .* and shape \(2,\)"):
        ag.logsumexp(np.ones(3), b=np.ones(2))
    with pytest.raises(AxisError, match=r"logsumexp of shape \(3,\)"):
        ag.logsumexp(np.ones(3), axis=1, b=np.ones(3))
