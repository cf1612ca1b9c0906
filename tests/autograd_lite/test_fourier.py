"""Fourier transforms: what NumPy leaves open, errors, and the public namespace."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd_lite as ag
from autograd_lite import Tensor, fft, gradients
from autograd_lite.errors import DomainError, DTypeError, ShapeError
from autograd_lite.testing import check_gradients

from .building import leaf


def test_the_namespace_is_numpys():
    assert fft.__all__ == sorted(np.fft.__all__)
    for name in fft.__all__:
        assert callable(getattr(ag.fft, name))


def test_single_precision_stays_single():
    x = leaf([1.0, 2.0, 3.0], np.float32)
    y = fft.fft(x)
    assert y.dtype == np.complex64
    assert fft.irfft(y).dtype == np.float32
    (y * np.conj(y)).real.sum().backward()
    assert x.grad.dtype == np.float32
    assert_allclose(x.grad.data, 6 * x.data, rtol=1e-6)  # Parseval


@pytest.mark.parametrize(("n", "ignored"), [(4, [True, False, True]), (5, [True, False, False])])
def test_imaginary_parts_that_irfft_ignores_have_no_gradient(n, ignored):
    x = Tensor([1 + 1j, 2 + 1j, 3 + 1j], requires_grad=True)
    g = gradients(fft.irfft(x, n), x, np.arange(1.0, n + 1))
    assert_array_equal(g.data.imag == 0, ignored)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_no_frequencies_are_taken_for_zeros(n):
    x = Tensor(np.zeros((2, 0), complex), requires_grad=True)
    y = fft.irfft(x, n)
    assert_array_equal(y.data, np.zeros((2, n)))
    y.sum().backward()
    assert x.grad.shape == (2, 0)


def test_s_alone_is_for_the_last_axes():
    x = leaf(np.arange(24.0).reshape(2, 3, 4))
    assert_allclose(fft.fftn(x, s=(2, 5)).data, np.fft.fftn(x.data, (2, 5), (1, 2)))
    assert_allclose(fft.irfftn(x, s=(2, -1)).data, np.fft.irfftn(x.data, (2, -1), (1, 2)))


def test_axes_may_repeat_and_may_be_none_at_all():
    x = leaf(np.arange(6.0).reshape(2, 3))
    assert_allclose(
        fft.fftn(x, (4, 2), (1, 1)).data, np.fft.fftn(x.data, (4, 2), (1, 1)), atol=1e-12
    )
    check_gradients(lambda x: fft.fftn(x, (4, 2), (1, 1)), x.data)
    assert_allclose(fft.rfftn(x, axes=(1, 1)).data, np.fft.rfftn(x.data, axes=(1, 1)), atol=1e-12)
    assert fft.fftn(x, axes=()) is x
    with pytest.raises(ShapeError, match=r"rfftn of shape .* needs at least one axis"):
        fft.rfftn(x, axes=())


def test_no_axes_are_shifted_by_nothing():
    x = leaf(2.0)
    fft.ifftshift(fft.fftshift(x)).backward()
    assert x.grad.item() == 1.0


def test_frequencies_are_numpys():
    for n in range(1, 8):
        assert_array_equal(fft.fftfreq(n, 0.3).data, np.fft.fftfreq(n, 0.3))
        assert_array_equal(fft.rfftfreq(n, 0.3).data, np.fft.rfftfreq(n, 0.3))
    assert fft.fftfreq(4, dtype=np.float32, device="cpu").dtype == np.float32
    check_gradients(lambda d: fft.fftfreq(5, d) + fft.rfftfreq(8, d), np.array(0.7))
    with pytest.raises(ShapeError, match="at least one"):
        fft.rfftfreq(0)
    with pytest.raises(DomainError, match="there is only 'cpu'"):
        fft.fftfreq(3, device="tpu")


def test_hfft_and_ihfft_are_inverses_in_every_norm():
    x = np.random.default_rng(0).standard_normal(6)
    for norm in (None, "backward", "ortho", "forward"):
        assert_allclose(fft.hfft(fft.ihfft(x, norm=norm), 6, norm=norm).data, x)


def test_a_plan_of_numpys_keywords_passes():
    x = leaf(np.arange(6.0).reshape(2, 3))
    assert_array_equal(np.fft.fft(x, n=4, axis=0, norm="ortho", out=None).shape, (4, 3))
    assert_array_equal(np.fft.rfft2(a=x, s=None).shape, (2, 2))


ERRORS = {
    "norm": (lambda x: fft.fft(x, norm="unitary"), DomainError, r"^fft has no norm 'unitary'"),
    "norm of hfft": (lambda x: fft.hfft(x, norm="unitary"), DomainError, "no norm 'unitary'"),
    "axis": (lambda x: fft.ifft(x, axis=2), ShapeError, r"^ifft of shape \(2, 3\).*axis 2 is out"),
    "n": (lambda x: fft.rfft(x, 0), ShapeError, r"^rfft of shape \(2, 3\).*n=0.*Invalid number"),
    "no axes": (lambda x: fft.fft(x[0, 0]), ShapeError, r"^fft of shape \(\).*out of bounds"),
    "complex": (lambda x: fft.rfft(x + 1j), DTypeError, "^rfft takes real numbers, not.*use fft$"),
    "complex n": (lambda x: fft.rfftn(x + 1j), DTypeError, "^rfftn takes real.*use fftn$"),
    "s": (lambda x: fft.fftn(x, (2,), (0, 1)), ShapeError, r"^fftn: s=\(2,\) and axes=\(0, 1\)"),
    "axes": (lambda x: fft.fft2(x, axes=(0, 2)), ShapeError, r"axis=2.*out of bounds"),
    "axes with s": (lambda x: fft.fftn(x, (-1,), (2,)), ShapeError, r"axis 2 is out of bounds"),
    "shift": (lambda x: fft.fftshift(x, 2), ShapeError, "axis 2 is out of bounds"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_bad_arguments_are_named(name):
    call, error, message = ERRORS[name]
    with pytest.raises(error, match=message):
        call(leaf(np.ones((2, 3))))
