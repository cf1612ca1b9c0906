"""Reductions where they are special: zeros, ties, NaN, nothing to reduce, constant values."""

import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor, gradients
from autograd_lite.errors import DomainError, DTypeError, ShapeError, UnsupportedError
from autograd_lite.testing import check_gradients

NAN = np.nan


def slopes(function: Any, x: Any, cotangent: Any = None) -> Any:
    leaf = Tensor(x, requires_grad=True)
    return gradients(function(leaf), leaf, cotangent).data


def curvature(function: Any, x: Any) -> Any:
    """Return the gradient of the sum of the gradient's squares."""
    leaf = Tensor(x, requires_grad=True)
    g = gradients(function(leaf), leaf, create_graph=True)
    return gradients((g * g).sum(), leaf).data if g.requires_grad else np.zeros_like(leaf.data)


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


# ---------------------------------------------------------------------- products


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ([2.0, 3.0, 4.0], [12, 8, 6]),
        ([2.0, 0.0, 4.0], [0, 8, 0]),
        ([0.0, 3.0, 0.0], [0, 0, 0]),
        ([2.0], [1]),
        ([], []),
    ],
)
def test_prod_has_exact_gradients_at_zeros(x, expected):
    np.testing.assert_array_equal(slopes(np.prod, x), expected)


@pytest.mark.parametrize("zeros", [0, 1, 2, 3])
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 1), ()])
@pytest.mark.parametrize("function", [np.prod, np.nanprod])
def test_prod_is_right_to_third_order_at_zeros(function, axis, zeros):
    x = np.random.default_rng(0).uniform(0.5, 2, (2, 3))
    x.flat[:zeros] = 0
    check_gradients(lambda x: function(x, axis=axis), x, order=3)
    check_gradients(lambda x: function(x, axis=axis), x * (1 + 0.5j), order=2)


@pytest.mark.parametrize("zeros", [[], [0], [2], [0, 3], [1, 2, 3]])
def test_cumprod_is_right_to_third_order_at_zeros(zeros):
    x = np.random.default_rng(0).uniform(0.5, 2, 5)
    x[zeros] = 0
    check_gradients(np.cumprod, x, order=3)


def test_long_running_products_neither_recurse_nor_lose_precision():
    x = np.random.default_rng(0).uniform(0.9, 1.1, 5000)
    y = np.cumprod(x)
    expected = np.cumsum(y[::-1])[::-1] / x
    np.testing.assert_allclose(slopes(np.cumprod, x, np.ones(5000)), expected, rtol=1e-9)


# ---------------------------------------------------------------------- spread


@pytest.mark.parametrize("function", [np.std, np.nanstd, lambda x: np.std(x, where=[True] * 3)])
@pytest.mark.parametrize("x", [[2.0, 2.0, 2.0], [0.0, 0.0, 0.0]])
def test_std_of_equal_values_is_flat_to_second_order(function, x):
    np.testing.assert_array_equal(slopes(function, x), 0)
    np.testing.assert_array_equal(curvature(function, x), 0)


def test_std_of_complex_numbers_is_that_of_their_distances():
    z = np.array([1 + 1j, 3 - 1j, 2 + 5j])
    y = np.std(Tensor(z))
    assert y.dtype == np.float64
    np.testing.assert_allclose(y.data, np.std(z))


def test_variance_takes_its_correction_by_two_names():
    x = Tensor([1.0, 2.0, 6.0])
    np.testing.assert_allclose(ag.var(x, ddof=1).data, 7)
    np.testing.assert_allclose(ag.var(x, correction=1).data, 7)
    with pytest.raises(ShapeError, match="ddof= or correction="):
        ag.var(x, ddof=1, correction=1)


def test_variance_of_too_few_is_as_numpys_without_its_warning():
    assert np.isnan(np.var(Tensor([1.0]), ddof=1).item())
    assert np.isinf(np.var(Tensor([1.0, 2.0]), ddof=2).item())
    assert np.isnan(np.var(Tensor([]))).item()
    assert np.isnan(np.nanvar(Tensor([1.0, NAN]), ddof=1)).item()


def test_variance_of_float16_does_not_overflow():
    x = np.array([300, -300], np.float16)
    y = ag.std(x)
    assert y.dtype == np.float16
    assert y.item() == 300


def test_a_nan_that_is_not_chosen_stays_out_of_the_derivatives():
    x = [1.0, NAN, 3.0]
    for function in (np.nanvar, np.nanstd, np.nanmean, np.nansum, np.nanprod, np.nanmax):
        assert np.isfinite(slopes(function, x)).all()
        assert np.isfinite(curvature(function, x)).all()
    mask = [True, False, True]
    assert np.isfinite(curvature(lambda x: np.var(x, where=mask), x)).all()


# ---------------------------------------------------------------------- extremes


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (np.max, [0, 0.5, 0, 0.5]),
        (np.min, [0.5, 0, 0.5, 0]),
        (np.ptp, [-0.5, 0.5, -0.5, 0.5]),
        (np.nanmax, [0, 0.5, 0, 0.5]),
        (lambda x: np.max(x, initial=7.0), [0, 0, 0, 0]),
        (lambda x: np.max(x, initial=0.0, where=[True, True, False, False]), [0, 1, 0, 0]),
        (lambda x: np.max(x, initial=0.0), [0, 0.5, 0, 0.5]),
    ],
)
def test_tied_extremes_share_their_gradient(function, expected):
    x = [1.0, 3.0, 1.0, 3.0]
    np.testing.assert_array_equal(slopes(function, x), expected)
    np.testing.assert_array_equal(curvature(function, x), 0)


def test_running_extremes_take_the_last_of_equal_values():
    np.testing.assert_array_equal(slopes(ag.cummax, [2.0, 2.0, 1.0], [1, 1, 1]), [1, 2, 0])
    np.testing.assert_array_equal(slopes(ag.cummin, [2.0, 2.0, 3.0], [1, 1, 1]), [1, 2, 0])
    np.testing.assert_array_equal(ag.cummax([1.0, NAN, 3.0]).data, [1, NAN, NAN])


def test_an_extremum_of_chosen_values_needs_an_initial_one():
    with pytest.raises(ShapeError, match="needs initial="):
        np.max(Tensor([1.0]), where=[True])
    with pytest.raises(ShapeError, match=r"where of shape \(3,\) doesn't broadcast to \(2,\)"):
        np.sum(Tensor([1.0, 2.0]), where=[True] * 3)


def test_constants_can_be_reduced_among_the_chosen():
    x = np.array([1, 5, 3], np.int8)
    y = ag.max(x, initial=2, where=[True, False, True])
    assert y.dtype == np.int8
    assert y.item() == 3
    assert ag.max(x, initial=9).item() == 9


# ---------------------------------------------------------------------- nothing, and only NaN


def test_reductions_of_nothing():
    empty = Tensor(np.zeros((2, 0)), requires_grad=True)
    np.testing.assert_array_equal(np.sum(empty, axis=1).data, [0, 0])
    np.testing.assert_array_equal(np.prod(empty, axis=1).data, [1, 1])
    np.testing.assert_array_equal(np.mean(empty, axis=1).data, [NAN, NAN])
    np.testing.assert_array_equal(np.median(empty, axis=1).data, [NAN, NAN])
    assert np.quantile(empty, [0.1, 0.2, 0.3], axis=1).shape == (3, 2)
    assert np.mean(empty, axis=0).shape == (0,)
    assert np.mean(Tensor(np.zeros(0, np.float32))).dtype == np.float32
    for function in (np.max, np.min, np.nanmax, np.nanmin):
        with pytest.raises(ShapeError):
            function(empty, axis=1)


@pytest.mark.parametrize(
    "function",
    [
        np.nanmean,
        np.nanvar,
        np.nanstd,
        np.nanmax,
        np.nanmin,
        np.nanmedian,
        lambda x, axis: np.nanquantile(x, 0.3, axis),
    ],
)
def test_of_only_nan_it_is_nan(function):
    x = Tensor([[1.0, 1.0], [NAN, NAN]], requires_grad=True)
    y = function(x, axis=1)
    assert np.isfinite(y.data[0])
    assert np.isnan(y.data[1])
    assert np.isfinite(gradients(y[0], x).data[0]).all()


def test_sums_of_only_nan_are_those_of_nothing():
    assert np.nansum(Tensor([NAN])).item() == 0
    assert np.nanprod(Tensor([NAN])).item() == 1


# ---------------------------------------------------------------------- quantiles


def test_median_gives_its_gradient_to_the_middle():
    np.testing.assert_array_equal(slopes(np.median, [3.0, 1.0, 2.0]), [0, 0, 1])
    np.testing.assert_array_equal(slopes(np.median, [3.0, 1.0, 2.0, 9.0]), [0.5, 0, 0.5, 0])
    assert slopes(np.median, [1.0, 1.0, 1.0, 1.0]).sum() == 1


def test_quantiles_mix_neighbours():
    g = slopes(lambda x: np.quantile(x, 0.3), [30.0, 10.0, 20.0])
    np.testing.assert_allclose(g, [0, 0.4, 0.6])


def test_quantiles_of_infinities_and_nan():
    x = Tensor([-np.inf, 1.0, np.inf, np.inf])
    found = np.quantile(x, [0, 1 / 3, 2 / 3, 1]).data
    np.testing.assert_array_equal(found, [-np.inf, 1, np.inf, np.inf])
    assert np.isnan(np.quantile(Tensor([1.0, NAN]), 0)).item()


@pytest.mark.parametrize(
    ("axis", "shape"), [(None, (3, 4)), (0, (3,)), (1, (3, 4)), ((0, 1), (3, 4))]
)
def test_quantiles_of_weighted_values(axis, shape):
    x = np.random.default_rng(0).standard_normal((3, 4))
    weights = np.arange(np.prod(shape)).reshape(shape) + 1.0

    def weighted(x):
        return np.quantile(x, [0.2, 0.7], axis, weights=weights, method="inverted_cdf")

    np.testing.assert_array_equal(weighted(Tensor(x)).data, weighted(x))
    check_gradients(weighted, x)


def test_weighted_quantiles_find_nan():
    x, method = Tensor(np.array([3, NAN, 1], np.float32), requires_grad=True), "inverted_cdf"
    assert np.isnan(np.percentile(x, 50, weights=[1, 1, 3], method=method).item())
    found = np.nanpercentile(x, 50, weights=[1, 1, 3], method=method)
    assert (found.item(), found.dtype) == (1, np.float32)
    np.testing.assert_array_equal(gradients(found, x).data, [0, 0, 1])


def test_quantiles_say_what_is_wrong():
    x = Tensor([1.0, 2.0])
    with pytest.raises(DomainError, match=r"range \[0, 1\]"):
        np.quantile(x, 1.5)
    with pytest.raises(DomainError, match="best"):
        np.quantile(x, 0.5, method="best")
    with pytest.raises(DTypeError, match="no order"):
        np.quantile(Tensor([1j]), 0.5)
    with pytest.raises(DomainError, match="weights need method='inverted_cdf'"):
        np.quantile(x, 0.5, weights=[1, 2])
    with pytest.raises(ShapeError, match="non-negative"):
        np.quantile(x, 0.5, weights=[1, -2], method="inverted_cdf")
    with pytest.raises(ShapeError, match="quantile"):
        np.quantile(x, 0.5, axis=1)


# ---------------------------------------------------------------------- averages, correlations


def test_average_of_weights_along_several_axes():
    x, w = np.arange(24.0).reshape(2, 3, 4), np.random.default_rng(0).uniform(1, 2, (4, 2))
    found, total = np.average(Tensor(x), axis=(2, 0), weights=w, returned=True)
    np.testing.assert_allclose(found.data, np.average(x, axis=(2, 0), weights=w))
    np.testing.assert_allclose(total.data, np.full(3, w.sum()))
    found, total = np.average(Tensor(x), axis=1, returned=True)
    np.testing.assert_array_equal(total.data, np.full((2, 4), 3))


def test_average_refuses_weights_that_do_not_fit():
    with pytest.raises(ShapeError, match="weights"):
        np.average(Tensor(np.ones((2, 3))), weights=[1, 2])
    with pytest.raises(DomainError, match="sum to 0"):
        np.average(Tensor([1.0, 2.0]), weights=[1, -1])


def test_covariances_with_and_without_weights():
    x = np.random.default_rng(0).standard_normal((2, 5))
    f, a = np.array([1, 0, 2, 1, 1]), np.array([0.1, 1, 0.5, 0.2, 2])
    for settings in ({}, {"fweights": f}, {"aweights": a}, {"fweights": f, "aweights": a}):
        for ddof in (None, 0, 2):
            expected = np.cov(x, ddof=ddof, **settings)
            found = np.cov(Tensor(x), ddof=ddof, **settings)
            np.testing.assert_allclose(found.data, expected, rtol=1e-12)
    assert np.isnan(np.cov(Tensor([1.0]))).item()
    assert np.corrcoef(Tensor([1.0, 2.0, 4.0])).item() == 1


def test_covariance_refuses_what_is_no_weight():
    x = Tensor(np.ones((2, 3)))
    with pytest.raises(DomainError, match="whole"):
        np.cov(x, fweights=[0.5, 1, 1])
    with pytest.raises(DomainError, match="negative"):
        np.cov(x, aweights=[-1, 1, 1])
    with pytest.raises(ShapeError, match="3 observations"):
        np.cov(x, aweights=[1, 1])
    with pytest.raises(ShapeError, match="matrix"):
        np.cov(Tensor(np.ones((2, 2, 2))))


# ---------------------------------------------------------------------- dtypes, signatures


@pytest.mark.parametrize("name", ["sum", "prod", "cumsum", "cumprod", "mean"])
@pytest.mark.parametrize("given", [np.int8, np.bool, np.float32, np.complex64])
@pytest.mark.parametrize("wanted", [None, np.float64, np.float32, np.complex64, np.int16])
def test_dtypes_are_numpys(name, given, wanted):
    if np.dtype(given).kind == "c" and wanted not in (None, np.complex64):
        return
    x = np.array([1, 0, 1], given)
    expected = getattr(np, name)(x, dtype=wanted)
    found = getattr(ag, name)(x, dtype=wanted)
    if name != "mean" or wanted is not np.int16:
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found.data, expected)


def test_single_precision_stays():
    x = Tensor(np.ones((2, 3), np.float32), requires_grad=True)
    for function in (np.sum, np.prod, np.mean, np.var, np.std, np.median, np.nanmean, np.ptp):
        assert function(x).dtype == np.float32
    assert np.sum(x, initial=np.float64(1)).dtype == np.float32
    assert np.cov(x, dtype=np.float32).dtype == np.float32
    assert ag.cumulative_sum(x, axis=1, include_initial=True).dtype == np.float32


def test_constant_functions_give_tensors():
    x = Tensor([[1.0, 0.0], [3.0, 2.0]], requires_grad=True)
    for name in ("all", "any", "argmax", "argmin", "count_nonzero", "nanargmax", "nanargmin"):
        for axis in (None, 0, -1):
            found = getattr(ag, name)(x, axis=axis)
            expected = getattr(np, name)(x.data, axis=axis)
            assert type(found) is Tensor
            assert not found.requires_grad
            np.testing.assert_array_equal(found.data, expected)
            np.testing.assert_array_equal(getattr(np, name)(x, axis=axis), expected)
    with pytest.raises(ShapeError, match="nanargmax"):
        ag.nanargmax([NAN])


def test_cumulative_functions_need_an_axis_to_run_along():
    with pytest.raises(ShapeError, match="needs an axis"):
        ag.cumulative_sum(np.ones((2, 2)))
    with pytest.raises(ShapeError, match="needs an axis"):
        ag.cumulative_prod(1.0)


def test_methods_are_the_functions():
    x = Tensor([[1.0, 2.0], [3.0, 5.0]], requires_grad=True)
    for name in ("cumprod", "cumsum", "median", "prod", "std", "var", "logsumexp", "all", "any"):
        np.testing.assert_array_equal(
            getattr(x, name)(axis=0).data, getattr(ag, name)(x, axis=0).data
        )
    for name in ("argmax", "argmin", "softmax", "log_softmax"):
        np.testing.assert_array_equal(getattr(x, name)(axis=0).data, getattr(ag, name)(x, 0).data)
    assert x.var(ddof=1).item() == np.var(x.data, ddof=1)


# ---------------------------------------------------------------------- methods of ufuncs


def test_methods_of_ufuncs_are_along_the_first_axis():
    x = Tensor([[1.0, 2.0], [3.0, 5.0]], requires_grad=True)
    for method in (np.add.reduce, np.multiply.reduce, np.maximum.reduce, np.logaddexp.reduce):
        found = method(x)
        assert found.requires_grad
        np.testing.assert_allclose(found.data, method(x.data))
        np.testing.assert_allclose(
            method(x, 1, None, None, True).data, method(x.data, axis=1)[:, None]
        )
    np.testing.assert_array_equal(np.logical_and.reduce(x), [True, True])
    np.testing.assert_array_equal(np.logical_or.reduce(x, axis=None), True)
    np.testing.assert_array_equal(np.add.accumulate(x).data, np.add.accumulate(x.data))


def test_outer_takes_numbers_and_arrays_on_either_side():
    x = Tensor(np.ones((2, 3), np.float32), requires_grad=True)
    assert np.multiply.outer(x, np.ones(4)).shape == (2, 3, 4)
    assert np.multiply.outer([1, 2], x).shape == (2, 2, 3)
    assert np.subtract.outer(2.0, x).dtype == np.float32
    assert np.subtract.outer(x, 2.0).shape == (2, 3)
    np.testing.assert_array_equal(np.less.outer(x[0], x[1]), np.full((3, 3), False))


def test_what_methods_cannot_do_is_refused():
    x = Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(UnsupportedError, match=r"np\.add\.at changes its operand"):
        np.add.at(x, [0], 1.0)
    with pytest.raises(UnsupportedError, match=r"np\.subtract\.reduce"):
        np.subtract.reduce(x)
    with pytest.raises(UnsupportedError, match="initial"):
        np.logaddexp.reduce(x, initial=1.0)


@pytest.mark.parametrize(
    "x",
    [
        [1e200, 1e200, 0.0, 0.0],
        [1e200, 1e200, 0.0],
        [1e-200, 1e-200, 1e200, 1e200],
        [1e200, -1e200, 1e200, 1e-200, 1e-200, 1e-200],
        [5e-324, 1e300, 1e20],
        [1e308, 1e-308, 1e308, 1e-308, 3.0],
        [0.0, 1e-300, 1e-300],
        [np.float32(1e30), np.float32(1e30), 0.0, 0.0],
    ],
)
def test_products_of_others_overflow_only_as_a_whole(x):
    def exact(i):
        product = Fraction(1)
        for value in [*x[:i], *x[i + 1 :]]:
            product *= Fraction(float(value))
        try:
            return float(product)
        except OverflowError:
            return np.inf if product > 0 else -np.inf

    expected = [exact(i) for i in range(len(x))]
    dtype = np.float32 if isinstance(x[0], np.float32) else np.float64
    with np.errstate(all="ignore"):
        found = slopes(np.prod, np.array(x, dtype))
        np.testing.assert_allclose(found, expected, rtol=1e-13)
        found = slopes(lambda x: np.sum(np.prod(x, axis=0)), np.array([x, np.ones_like(x)]).T)
        np.testing.assert_allclose(found[:, 0], expected, rtol=1e-13)
        found = slopes(np.nanprod, np.array([*x, np.nan]))
        np.testing.assert_allclose(found[:-1], expected, rtol=1e-13)


def test_second_derivatives_of_products_beyond_their_range():
    x = np.array([1e-200, 1e-200, 1e200, 2e200])
    found = np.asarray(ag.grad(lambda x: ag.grad(np.prod)(x)[0])(x))
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(found, [0, np.inf, 2, 1])


def test_cumprod_has_no_nan_of_what_overflowed_before_a_0():
    with np.errstate(all="ignore"):
        found = slopes(lambda x: np.sum(np.cumprod(x)), np.array([1e200, 1e200, 0.0, 0.0]))
    np.testing.assert_array_equal(found, [1e200, 1e200, np.inf, 0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e-3, 7e10])
def test_the_deviation_of_equal_values_is_flat_though_their_mean_rounds(value, dtype):
    for n in (3, 7, 11):
        x = np.full(n, value, dtype)
        for f in (
            np.std,
            lambda x: np.std(x, ddof=1),
            lambda x: np.std(x, where=np.arange(len(x)) < len(x) - 1),
            lambda x: np.sum(np.std(np.stack([x, x]), axis=1)),
        ):
            assert not slopes(f, x).any()
        with_nan = np.array([*x, np.nan], dtype)
        assert not slopes(np.nanstd, with_nan).any()
    found = slopes(lambda x: np.sum(np.std(x, axis=1)), np.array([[0.1, 0.1, 0.1], [1, 2, 4]]))
    assert not found[0].any()
    assert found[1].all()
