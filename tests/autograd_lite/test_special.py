"""Special functions: SciPy's names for them, and what happens without SciPy."""

import sys
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor, gradients
from autograd_lite.errors import DomainError, MissingExtraError


@pytest.mark.parametrize("name", sorted(set(ag.special.__all__) - {"logsumexp", "polygamma"}))
def test_ufuncs_of_scipy_are_ours_on_tensors(name):
    theirs = getattr(pytest.importorskip("scipy.special"), name)
    x = Tensor([0.25, 0.75], requires_grad=True)
    others = (np.array([0.5, 0.125]),) * (getattr(theirs, "nin", 1) - 1)
    y = theirs(x, *others)
    np.testing.assert_allclose(y.data, theirs(x.data, *others), rtol=1e-12)
    slope = (theirs(x.data + 1e-6, *others) - theirs(x.data - 1e-6, *others)) / 2e-6
    np.testing.assert_allclose(gradients(y.sum(), x).data, slope, rtol=1e-7)


def test_polygamma_has_scipys_order_of_arguments() -> None:
    x = Tensor([0.25, 0.75], requires_grad=True)
    y = ag.special.polygamma(1, x)
    theirs = pytest.importorskip("scipy.special").polygamma
    np.testing.assert_allclose(y.data, theirs(1, x.data), rtol=1e-12)
    np.testing.assert_allclose(gradients(y.sum(), x).data, theirs(2, x.data), rtol=1e-12)


@pytest.mark.parametrize("order", [1.5, -1, np.array([0, 1])])
def test_polygamma_has_one_whole_order(order: Any) -> None:
    with pytest.raises(DomainError, match="polygamma: the order must be one whole number"):
        ag.special.polygamma(order, Tensor([1.0, 2.0]))


def test_logsumexp_has_scipys_order_of_arguments() -> None:
    theirs = pytest.importorskip("scipy.special").logsumexp
    a, b = np.array([[0.0, 1.0], [2.0, 3.0]]), np.array([[1.0, 2.0], [-1.0, 3.0]])
    ours = ag.special.logsumexp(Tensor(a), 1, b, True, True)
    for found, expected in zip(ours, theirs(a, 1, b, True, True), strict=True):
        np.testing.assert_allclose(found.data, expected, rtol=1e-14)


X = np.array([0.0, 0.0, 2.0, 0.0, 3.0, -1.0, np.nan, 0.0, 1e300])
Y = np.array([0.0, -0.5, 0.0, 2.0, 3.0, 2.0, 1.0, np.nan, 1e-300])


@pytest.mark.parametrize("name", ["xlogy", "xlog1py", "rel_entr", "betaln"])
def test_values_at_the_ends_of_the_domain_are_scipys(name: str) -> None:
    special = pytest.importorskip("scipy.special")
    with np.errstate(all="ignore"):
        theirs = getattr(special, name)(X, Y)
    if name == "rel_entr":  # before 1.15 SciPy's overflows on the way
        theirs[-1] = X[-1] * (np.log(X[-1]) - np.log(Y[-1]))
    np.testing.assert_allclose(getattr(ag.special, name)(X, Y).data, theirs, rtol=1e-14)


@pytest.mark.parametrize("name", ["entr", "erfcx", "log_ndtr", "ndtr"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_values_far_out_are_scipys(name: str, dtype: Any) -> None:
    special = pytest.importorskip("scipy.special")
    x = np.array([-np.inf, -1e6, -30, -5, -1, -0.7, 0, 1, 5, 30, 1e6, np.inf, np.nan], dtype)
    with np.errstate(all="ignore"):
        theirs = getattr(special, name)(x)
    ours = getattr(ag.special, name)(x)
    assert ours.dtype == dtype
    np.testing.assert_allclose(ours.data, theirs, 1e-12 if dtype == np.float64 else 1e-6)


def test_slopes_at_the_ends_of_the_domain() -> None:
    x = leaf([-1e4, -40.0, 0.0, 40.0])
    slope = gradients(ag.special.log_ndtr(x).sum(), x)
    expected = [10000.0001, 40.02496886, np.sqrt(2 / np.pi), 0.0]
    np.testing.assert_allclose(slope.data, expected, rtol=1e-8)
    x, y = leaf([0.0, 0.0, 2.0]), leaf([0.0, 3.0, 4.0])
    of_x, of_y = gradients(ag.special.xlogy(x, y).sum(), (x, y))
    np.testing.assert_array_equal(of_x.data, [-np.inf, np.log(3), np.log(4)])
    np.testing.assert_array_equal(of_y.data, [0, 0, 0.5])
    x = leaf(0.0)
    assert gradients(ag.special.entr(x), x).item() == np.inf


def leaf(values: Any) -> Tensor:
    return Tensor(values, requires_grad=True)


def test_without_scipy_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    with pytest.raises(MissingExtraError, match=r"autograd-lite\[scipy\]"):
        ag.lgamma([1.0])
