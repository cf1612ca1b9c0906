"""Differences, integrals, interpolation, polynomials: knots, degenerate cases, errors."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor, gradients
from autograd_lite.errors import DomainError, ShapeError, UnsupportedError
from autograd_lite.testing import check_gradients

NAN, INF = np.nan, np.inf


@pytest.fixture(autouse=True)
def _warnings_are_errors() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def leaf(x: Any) -> Tensor:
    return Tensor(x, requires_grad=True, dtype=np.float64)


XP, FP = [0.0, 1.0, 3.0], [0.0, 10.0, 4.0]


def test_interp_at_and_beyond_the_knots():
    x = leaf([-INF, -1.0, 0.0, 1.0, 3.0, 4.0, INF, NAN])
    y = np.interp(x, XP, FP)
    np.testing.assert_array_equal(y.data, np.interp(x.data, XP, FP))
    (g,) = gradients(y[:-1].sum(), [x])
    # the slope behind an inner knot, before the last one; none beyond
    assert g.tolist() == [0, 0, 10, -3, -3, 0, 0, 0]


def test_interp_spreads_the_gradient_over_two_knots():
    xp, fp = leaf(XP), leaf(FP)
    g = gradients(np.interp([0.25, 2.0, 9.0], xp, fp).sum(), [xp, fp])
    assert g[0].tolist() == [-0.75 * 10, -0.25 * 10 + 0.5 * 3, 0.5 * 3]
    assert g[1].tolist() == [0.75, 0.25 + 0.5, 0.5 + 1]


@pytest.mark.parametrize(
    ("xp", "fp"),
    [([1.0], [5.0]), ([0.0, 1.0, 1.0, 2.0], [0.0, 1.0, 5.0, 6.0]), ([0.0, 1.0, 1.0], [0, 1, 5])],
)
def test_interp_with_one_knot_or_a_jump(xp, fp):
    x = leaf([0.5, 1.0, 1.5])
    y = np.interp(x, xp, fp, left=-1, right=9.0)
    np.testing.assert_array_equal(y.data, np.interp(x.data, xp, fp, left=-1, right=9.0))
    assert np.isfinite(gradients(y.sum(), x).data).all()


def test_interp_of_singles_is_double_as_numpy_s():
    x = Tensor([0.5], requires_grad=True, dtype=np.float32)
    y = np.interp(x, XP, FP)
    assert y.dtype == np.float64
    assert gradients(y.sum(), x).dtype == np.float32


def test_a_derivative_of_integers_is_floating():
    np.testing.assert_array_equal(ag.gradient([1, 4, 9]).data, np.gradient([1, 4, 9]))
    np.testing.assert_array_equal(ag.trapezoid([1, 2, 4]).data, np.trapezoid([1, 2, 4]))
    assert ag.diff([True, False, False]).tolist() == [True, False]
    assert ag.diff(np.array([5, 3], np.uint8)).data.dtype == np.uint8
    assert ag.ediff1d([1, 4], to_begin=0).data.dtype == np.int64


def test_gradient_keeps_single_precision_whatever_the_spacing():
    x = Tensor(np.arange(4.0), requires_grad=True, dtype=np.float32)
    assert np.gradient(x, np.arange(4.0)).dtype == np.float32
    assert np.gradient(x, np.float64(0.1)).dtype == np.float32


def test_gradient_of_no_axes_is_nothing():
    assert ag.gradient(3.0) == ()


def test_polynomials_of_lists_of_tensors():
    a = leaf(2.0)
    assert ag.polyval((a, 1.0), 3.0).item() == 7
    assert gradients(ag.polyval([a, a * a, 1.0], 3.0), a).item() == 9 + 2 * 2 * 3
    assert ag.poly([a, 1.0]).tolist() == [1, -3, 2]
    assert ag.poly([]).item() == 1


def test_a_polynomial_with_conjugate_roots_is_real():
    zeros = Tensor([1 + 2j, 1 - 2j], requires_grad=True)
    p = np.poly(zeros)
    assert p.dtype == np.float64
    assert p.tolist() == [1, -2, 5]


def test_characteristic_polynomial():
    a = np.array([[2.0, 1.0], [0.5, 3.0]])
    p = np.poly(leaf(a))
    np.testing.assert_allclose(p.data, [1, -5, 5.5])
    check_gradients(np.poly, a)


def test_roots_of_a_quadratic():
    p = leaf([1.0, -3.0, 2.0])
    r = np.roots(p)
    larger = r[int(np.argmax(r.data))]
    # r = 2: -(r**2, r, 1) / (2 r - 3)
    np.testing.assert_allclose(gradients(larger, p).data, [-4, -2, -1])
    assert ag.roots([0.0, 0.0]).shape == (0,)
    assert ag.roots([5.0]).shape == (0,)


def test_leading_zeros_of_factors_are_left_out():
    p = leaf([0.0, 1.0, 2.0])
    assert np.polymul(p, [0.0, 3.0]).tolist() == [3, 6]
    assert np.polymul(p, [0.0]).tolist() == np.polymul([1.0, 2.0], [0.0]).tolist()


def test_division_by_a_number_leaves_nothing():
    quotient, rest = np.polydiv(leaf([1.0, 2.0]), [4.0])
    assert quotient.tolist() == [0.25, 0.5]
    assert rest.tolist() == [0]


def test_polyfit_finds_a_polynomial_again():
    x = np.linspace(-1, 1, 7)
    y = leaf(2 * x**2 - x + 3)
    p, residuals, rank, singular, _ = np.polyfit(x, y, 2, full=True)
    np.testing.assert_allclose(p.data, [2, -1, 3])
    np.testing.assert_allclose(residuals.data, 0, atol=1e-12)
    assert int(rank) == 3
    assert singular.shape == (3,)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: np.diff(x, -1), ShapeError, "isn't negative"),
        (lambda x: np.diff(x, axis=1), ShapeError, r"diff of shape \(3,\)"),
        (lambda x: np.gradient(x, axis=1), ShapeError, r"gradient of shape \(3,\)"),
        (lambda x: np.gradient(x, 1.0, 2.0), ShapeError, "1 axes was given 2 spacings"),
        (lambda x: np.gradient(x, [1.0, 2.0]), ShapeError, r"need \(3,\)"),
        (lambda x: np.gradient(x[:1]), ShapeError, "at least 2 values"),
        (lambda x: np.gradient(x[:2], edge_order=2), ShapeError, "at least 3 values"),
        (lambda x: np.gradient(x, edge_order=3), UnsupportedError, "edge_order=1 or 2"),
        (lambda x: np.convolve(x, x[:0]), ShapeError, "convolve of .*not empty"),
        (lambda x: np.convolve(x, x[:, None]), ShapeError, "must be vectors"),
        (lambda x: np.convolve(x, x, "some"), UnsupportedError, "'full', 'same' or 'valid'"),
        (lambda x: np.interp(x, x, x[:2]), ShapeError, "one length"),
        (lambda x: np.interp(x, x, x, period=0), DomainError, "must not be 0"),
        (lambda x: np.polyder(x, -1), DomainError, "isn't negative"),
        (lambda x: np.polyint(x, -1), DomainError, "isn't negative"),
        (lambda x: np.polyint(x, 3, [1.0, 2.0]), ShapeError, "given 2 constants"),
        (lambda x: np.poly(x[:, None]), ShapeError, "a vector or a square matrix"),
        (lambda x: np.roots(x[:, None]), ShapeError, "the coefficients are a vector"),
        (lambda x: np.polyfit(x, x[:2], 1), ShapeError, "don't fit together"),
        (lambda x: np.polyfit(x, x, -1), DomainError, "isn't negative"),
        (lambda x: np.polyfit(x, x, 1, w=x[:2]), ShapeError, "weights of shape"),
        (lambda x: np.polyfit(x, x, 2, cov=True), DomainError, "more points"),
    ],
)
def test_what_is_wrong_is_told(call, error, message):
    with pytest.raises(error, match=message):
        call(leaf([1.0, 2.0, 4.0]))
