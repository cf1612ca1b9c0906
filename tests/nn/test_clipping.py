"""Clipping of gradients: what comes out, what is left alone, what is refused."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd_lite import Tensor, capture
from autograd_lite.errors import DomainError, DTypeError
from nn.optim import clip_grad_norm, clip_grad_value

SHAPES = ((3,), (2, 2), (), (0, 2))


def with_gradients(dtype=np.float64, seed=0, scale=1.0):
    rng = np.random.default_rng(seed)
    tensors = [Tensor(np.zeros(s), requires_grad=True, dtype=dtype) for s in SHAPES]
    for p in tensors:
        p.grad = Tensor(rng.standard_normal(p.shape) * scale, dtype=dtype)
    return tensors


def flat(tensors):
    return np.concatenate([p.grad.data.ravel() for p in tensors])


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**16),
    max_norm=st.floats(0.0, 10.0),
    order=st.sampled_from([0.5, 1, 2, 3.5, np.inf]),
)
def test_gradients_are_scaled_together(seed, max_norm, order):
    tensors = with_gradients(seed=seed)
    before = flat(tensors).tolist()
    total = clip_grad_norm(tensors, max_norm, order)
    if order == np.inf:
        expected = max(abs(x) for x in before)
    else:
        expected = sum(abs(x) ** order for x in before) ** (1 / order)
    assert total.item() == pytest.approx(expected)
    factor = min(1.0, max_norm / (expected + 1e-6))
    assert_allclose(flat(tensors), [factor * x for x in before], rtol=1e-12)


@pytest.mark.parametrize(
    ("dtype", "scale", "kind"),
    [
        (np.float16, 1e4, np.float32),
        (np.float32, 1e30, np.float32),
        (np.float32, 1e-30, np.float32),
        (np.float64, 1e200, np.float64),
        (np.float64, 1e-200, np.float64),
        (np.complex64, 1e30, np.float32),
    ],
)
def test_squares_neither_overflow_nor_underflow(dtype, scale, kind):
    tensors = with_gradients(dtype, scale=scale)
    before = flat(tensors).astype(np.clongdouble)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        total = clip_grad_norm(tensors, 1.0)
    assert total.dtype == kind
    assert total.shape == ()
    assert float(total.item()) == pytest.approx(
        float(np.sqrt(np.sum(np.abs(before) ** 2))), rel=1e-3
    )
    assert all(p.grad.dtype == dtype for p in tensors)
    assert np.linalg.norm(flat(tensors).astype(np.complex128)) <= 1.001


def test_small_gradients_stay_and_so_do_the_arrays_of_the_old_ones():
    tensors = with_gradients()
    kept = [(p.grad.data, p.grad.data.copy()) for p in tensors]
    clip_grad_norm(tensors, 1e-3)
    clip_grad_value(tensors, 1e-4)
    for array, values in kept:
        assert_array_equal(array, values)
    tensors = with_gradients()
    before = flat(tensors)
    clip_grad_norm(tensors, 1e6)
    assert_array_equal(flat(tensors), before)


def test_gradients_of_zero_and_no_gradients():
    p = Tensor([1.0, 2.0], requires_grad=True)
    assert clip_grad_norm([p], 1.0).item() == 0.0
    clip_grad_value(p, 1.0)
    assert p.grad is None
    p.grad = Tensor([0.0, 0.0])
    assert clip_grad_norm(p, 1.0).item() == 0.0
    assert_array_equal(p.grad.data, [0.0, 0.0])


def test_values_are_clipped():
    tensors = with_gradients(np.float32)
    before = flat(tensors)
    clip_grad_value(tensors, 0.5)
    assert_array_equal(flat(tensors), np.clip(before, -0.5, 0.5))
    assert all(p.grad.dtype == np.float32 for p in tensors)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_norms_that_are_not_finite(bad):
    tensors = with_gradients()
    tensors[0].grad = Tensor([1.0, bad, 2.0])
    before = flat(tensors)
    with pytest.raises(DomainError, match=f"the norm of the gradients is {bad}"):
        clip_grad_norm(tensors, 1.0, error_if_nonfinite=True)
    assert_array_equal(flat(tensors), before)
    with np.errstate(invalid="ignore"):
        total = clip_grad_norm(tensors, 1.0).item()
    assert_array_equal(total, bad)


def test_what_is_refused():
    p = Tensor([1j], requires_grad=True)
    p.grad = Tensor([1j])
    with pytest.raises(DTypeError, match="complex numbers have no order"):
        clip_grad_value([p], 1.0)
    with pytest.raises(DomainError, match="clip_value must be at least 0"):
        clip_grad_value([p], np.nan)
    with pytest.raises(DomainError, match="max_norm must be at least 0"):
        clip_grad_norm([p], -1.0)
    with pytest.raises(DomainError, match="norm_type must be above 0"):
        clip_grad_norm([p], 1.0, 0.0)
    with pytest.raises(DTypeError, match=r"needs Tensors, such as model.parameters\(\)"):
        clip_grad_norm([np.ones(3)], 1.0)


@pytest.mark.parametrize("order", [1.0, 2.0, np.inf])
def test_a_captured_step_clips_as_an_eager_one(order):
    def make():
        model = nn.Sequential(nn.Dense(4, 3, rng=0), nn.Tanh(), nn.Dense(3, 2, rng=1))
        optimizer = nn.optim.Adam(model.parameters(), 0.05)

        def step(x):
            optimizer.zero_grad()
            (model(x) ** 2).sum().backward()
            total = clip_grad_norm(model.parameters(), 0.5, order)
            clip_grad_value(model.parameters(), 0.2)
            optimizer.step()
            return total

        return model, step

    (eager, plain), (replayed, step) = make(), make()
    captured = capture(step, on_miss="error")
    rng = np.random.default_rng(0)
    for turn in range(12):
        x = rng.standard_normal((5, 4)).astype(np.float32) * (0.01 if turn % 2 else 3.0)
        assert plain(x).item() == captured(x).item()
        for p, q in zip(eager.parameters(), replayed.parameters(), strict=True):
            assert_array_equal(p.data, q.data)
            assert_array_equal(p.grad.data, q.grad.data)
    assert len(captured.programs) == 1
