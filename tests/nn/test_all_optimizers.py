"""Every optimizer keeps what optimizers promise: one registration, one suite for all."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import autograd_lite
import nn
from autograd_lite import Tensor

from .optimizers import OPTIMIZERS
from .optimizers.trying import (
    arrays_of,
    assert_same,
    each,
    each_state,
    parameters,
    set_gradients,
)

# ------------------------------------------------------------------ the equations


@each
@settings(max_examples=40, deadline=None, derandomize=True)
@given(data=st.data())
def test_steps_follow_the_equations(registered, data):
    options = data.draw(registered.options)
    rates = data.draw(st.lists(st.floats(0.001, 0.5), min_size=1, max_size=12))
    seed = data.draw(st.integers(0, 2**16))
    tensors = parameters(seed=seed)
    starts = [p.data.ravel().tolist() for p in tensors]
    rng = np.random.default_rng(seed + 1)
    gradients = [[rng.standard_normal(p.shape) for p in tensors] for _ in rates]
    optimizer = registered.make(tensors, rates[0], **options)
    for row, rate in zip(gradients, rates, strict=True):
        for p, g in zip(tensors, row, strict=True):
            p.grad = Tensor(g)
        optimizer.learning_rate = rate
        optimizer.step()
    for i, p in enumerate(tensors):
        series = np.array([np.ravel(row[i]) for row in gradients]).T.tolist()
        for own, start, gs in zip(p.data.ravel(), starts[i], series, strict=True):
            expected = registered.follow(start, gs, rates, options)
            assert own == pytest.approx(expected, rel=1e-7, abs=1e-9)


@each_state
def test_a_parameter_counts_its_own_steps(registered, options):
    first, second = parameters(shapes=((3,), (3,)))
    optimizer = registered.make([first, second], 0.1, **options)
    rng = np.random.default_rng(0)
    start = second.data.copy()
    gradients = rng.standard_normal((6, 3))
    for turn, g in enumerate(gradients):
        first.grad = Tensor(g)
        second.grad = Tensor(g) if turn % 2 else None
        optimizer.step()
    alone = Tensor(start, requires_grad=True)
    other = registered.make([alone], 0.1, **options)
    for g in gradients[1::2]:
        alone.grad = Tensor(g)
        other.step()
    assert_allclose(second.data, alone.data, rtol=1e-13)


@each
def test_a_quadratic_is_minimized(registered):
    x = Tensor([2.0, -3.0], requires_grad=True)
    options = {"rho": 0.5, "eps": 0.01} if registered.name == "Adadelta" else {}
    optimizer = registered.make([x], 0.1, **options)
    for turn in range(600):
        optimizer.learning_rate = 1.0 if registered.name == "Adagrad" else 0.3 / (1 + turn / 50)
        optimizer.zero_grad()
        ((x - [1.0, 2.0]) ** 2).sum().backward()
        optimizer.step()
    assert_allclose(x.data, [1.0, 2.0], atol=0.05)


@each
def test_maximizing_is_minimizing_the_negative(registered):
    tensors, others = parameters(), parameters()
    optimizer = registered.make(tensors, 0.1, maximize=True)
    other = registered.make(others, 0.1)
    rng = np.random.default_rng(0)
    for _ in range(4):
        set_gradients(tensors, rng)
        for p, q in zip(tensors, others, strict=True):
            q.grad = Tensor(-p.grad.data)
        optimizer.step()
        other.step()
    for p, q in zip(tensors, others, strict=True):
        assert_array_equal(p.data, q.data)


# ------------------------------------------------------------------ captured


def training(registered, options, dtype=np.float32):
    model = nn.Sequential(
        nn.Dense(5, 4, rng=1, dtype=dtype), nn.Tanh(), nn.Dense(4, 2, rng=2, dtype=dtype)
    )
    scale = Tensor(1.5, requires_grad=True, dtype=dtype)
    optimizer = registered.make([*model.parameters(), scale], 0.01, **options)

    def step(x, t):
        optimizer.zero_grad()
        loss = nn.losses.mean_squared_error(model(x) * scale, t)
        loss.backward()
        optimizer.step()
        return loss

    return optimizer, step


@each_state
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_captured_steps_give_the_bits_of_eager_ones(registered, options, dtype):
    (eager, plain), (replayed, step) = (training(registered, options, dtype) for _ in range(2))
    captured = autograd_lite.capture(step, on_miss="error")
    rng = np.random.default_rng(0)
    for turn in range(40):
        x, t = rng.random((3, 5)).astype(dtype), rng.random((3, 2)).astype(dtype)
        for optimizer in (eager, replayed):
            optimizer.learning_rate = 0.01 if turn < 20 else 0.01 / turn
        assert plain(x, t).item() == captured(x, t).item()
        assert_same(arrays_of(eager), arrays_of(replayed))
    if dtype is not np.float16:  # which is rounded by calls that can be interrupted
        assert all(p.replay.computation.atomic for p in captured.programs)
    assert len(captured.programs) == 1


@each
def test_captured_steps_see_betas_that_change(registered):
    if not hasattr(parameters_of(registered), "betas"):
        return
    (eager, plain), (replayed, step) = (training(registered, {}) for _ in range(2))
    captured = autograd_lite.capture(step, on_miss="error")
    rng = np.random.default_rng(0)
    for turn in range(12):
        x, t = rng.random((3, 5), np.float32), rng.random((3, 2), np.float32)
        eager.betas[0] = replayed.betas[0] = 0.9 - 0.01 * turn
        plain(x, t)
        captured(x, t)
        assert_same(arrays_of(eager), arrays_of(replayed))
    assert len(captured.programs) == 1


def parameters_of(registered):
    return registered.make(parameters(), 0.1)


@each
def test_captured_steps_go_on_from_a_state_that_is_loaded(registered):
    optimizer, step = training(registered, registered.states[-1])
    captured = autograd_lite.capture(step, on_miss="error")
    rng = np.random.default_rng(0)
    x, t = rng.random((3, 5), np.float32), rng.random((3, 2), np.float32)
    for _ in range(4):
        captured(x, t)
    state, data = optimizer.state_dict(), [p.data.copy() for p in optimizer.parameters]
    for _ in range(3):
        captured(x, t)
    expected = arrays_of(optimizer)
    optimizer.load_state_dict(state)
    for p, values in zip(optimizer.parameters, data, strict=True):
        p.data = values
    for _ in range(3):
        captured(x, t)
    assert_same(arrays_of(optimizer), expected)


@each
def test_groups_are_captured_with_their_own_settings(registered):
    def make():
        model = nn.Dense(3, 2, rng=0)
        optimizer = registered.make(
            [
                {"parameters": [model.weight], "learning_rate": 0.02},
                {"parameters": [model.bias]},
            ],
            0.1,
        )

        def step(x):
            optimizer.zero_grad()
            loss = (model(x) ** 2).sum()
            loss.backward()
            optimizer.step()
            return loss

        return optimizer, step

    (eager, plain), (replayed, step) = make(), make()
    captured = autograd_lite.capture(step, on_miss="error")
    rng = np.random.default_rng(0)
    for turn in range(10):
        x = rng.random((3, 3), np.float32)
        for optimizer in (eager, replayed):
            optimizer.groups[0]["learning_rate"] = 0.02 / (turn + 1)
            optimizer.learning_rate = 0.1 / (turn + 1)
        assert plain(x).item() == captured(x).item()
        assert_same(arrays_of(eager), arrays_of(replayed))


# ------------------------------------------------------------------ dtypes and memory


@each_state
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.complex64, np.complex128])
def test_a_step_keeps_dtype_memory_and_gradients(registered, options, dtype):
    tensors = parameters(dtype)
    arrays = [p.data for p in tensors]
    optimizer = registered.make(tensors, 0.1, **options)
    set_gradients(tensors, np.random.default_rng(1))
    gradients = [p.grad.data.copy() for p in tensors]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optimizer.step()
        optimizer.step()
    for p, array, g in zip(tensors, arrays, gradients, strict=True):
        assert p.data is array
        assert p.dtype == dtype
        assert_array_equal(p.grad.data, g)
        assert np.all(np.isfinite(p.data))


@each_state
def test_float32_steps_are_those_of_float64_to_rounding(registered, options):
    results = []
    for dtype in (np.float32, np.float64):
        tensors = parameters(dtype)
        optimizer = registered.make(tensors, 0.01, **options)
        rng = np.random.default_rng(0)
        for _ in range(20):
            set_gradients(tensors, rng)
            optimizer.step()
        results.append(tensors)
    for single, double in zip(*results, strict=True):
        assert_allclose(single.data, double.data, rtol=1e-4, atol=1e-4)


@each_state
def test_complex_numbers_are_pairs_of_real_ones(registered, options):
    z = Tensor([1 + 2j, -1j], requires_grad=True)
    pair = Tensor([[1.0, 2.0], [0.0, -1.0]], requires_grad=True)
    first, second = registered.make([z], 0.1, **options), registered.make([pair], 0.1, **options)
    rng = np.random.default_rng(0)
    for _ in range(5):
        g = rng.standard_normal((2, 2))
        z.grad, pair.grad = Tensor(g[:, 0] + 1j * g[:, 1]), Tensor(g)
        first.step()
        second.step()
    assert_array_equal(z.data.real, pair.data[:, 0])
    assert_array_equal(z.data.imag, pair.data[:, 1])


@each_state
def test_memory_order_makes_no_difference(registered, options):
    values = np.random.default_rng(0).standard_normal((3, 4))
    plain = Tensor(values, requires_grad=True)
    turned = autograd_lite.as_tensor(values.T.copy().T)
    turned.requires_grad = True
    results = []
    for p in (plain, turned):
        optimizer = registered.make([p], 0.1, **options)
        rng = np.random.default_rng(1)
        for _ in range(3):
            p.grad = Tensor(rng.standard_normal((3, 4)))
            optimizer.step()
        results.append(p.data)
    assert_array_equal(*results)


@each_state
def test_extreme_gradients_give_finite_parameters_without_warnings(registered, options):
    p = Tensor(np.ones(4), requires_grad=True, dtype=np.float32)
    optimizer = registered.make([p], 1e-3, **options)
    for _ in range(3):
        p.grad = Tensor([0.0, 1e-30, 1e15, -1e15], dtype=np.float32)
        optimizer.step()
    assert np.all(np.isfinite(p.data))


# ------------------------------------------------------------------ other promises


@each
def test_a_closure_is_called_first(registered):
    (p,) = parameters(shapes=((3,),))
    optimizer = registered.make([p], 0.1)

    def closure():
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    before = p.data.copy()
    with autograd_lite.no_grad():
        loss = optimizer.step(closure)
    assert loss.item() == pytest.approx((before**2).sum())
    assert not np.array_equal(p.data, before)


def test_all_optimizers_are_registered():
    kinds = {
        x
        for x in vars(nn.optim).values()
        if isinstance(x, type) and issubclass(x, nn.optim.Optimizer) and "_kinds" in dir(x)
    }
    assert kinds == {r.make for r in OPTIMIZERS} | {nn.optim.LBFGS}
