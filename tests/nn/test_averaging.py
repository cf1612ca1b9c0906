"""Averages of weights: their values, how they get into a model, their state."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd_lite import Tensor, capture, no_grad
from autograd_lite.errors import DomainError, GraphError, StateDictError
from nn.optim import EMA, SWA, update_batchnorm

MAKERS = pytest.mark.parametrize("make", [lambda m: EMA(m, 0.7), SWA], ids=["EMA", "SWA"])


class Scaled(nn.Module):
    def __init__(self, dtype):
        self.weight = Tensor(np.ones((2, 3)), requires_grad=True, dtype=dtype)
        self.scale = Tensor(2.0, requires_grad=True, dtype=dtype)
        self.frozen = Tensor([1.0], dtype=dtype)


def weights(model):
    return [p.data.copy() for p in model.parameters()]


@MAKERS
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.complex128])
def test_averages_follow_their_definition(make, dtype):
    model = Scaled(dtype)
    averages = make(model)
    rng = np.random.default_rng(0)
    history = []
    for _ in range(8):
        for p in model.parameters():
            p.data = rng.standard_normal(p.shape).astype(dtype)
        history.append(weights(model))
        averages.update()
    expected = history[0]
    for count, row in enumerate(history[1:], 1):
        w = 0.3 if isinstance(averages, EMA) else 1 / (count + 1)
        expected = [(1 - w) * a + w * x for a, x in zip(expected, row, strict=True)]
    tolerance = {np.float16: 1e-2, np.float32: 1e-5}.get(dtype, 1e-12)
    with averages.averaged():
        assert averages.swapped
        for p, values in zip(model.parameters(), expected, strict=True):
            assert_allclose(p.data, values, rtol=tolerance, atol=tolerance)
            assert p.dtype == dtype
    for p, values in zip(model.parameters(), history[-1], strict=True):
        assert_array_equal(p.data, values)


@MAKERS
def test_the_first_update_takes_the_weights_exactly(make):
    model = Scaled(np.float32)
    averages = make(model)
    model.weight.data = np.random.default_rng(0).standard_normal((2, 3))
    averages.update()
    before = weights(model)
    averages.swap()
    for p, values in zip(model.parameters(), before, strict=True):
        assert_array_equal(p.data, values)


@MAKERS
def test_the_model_gets_its_weights_back_after_an_error(make):
    model = Scaled(np.float32)
    averages = make(model)
    averages.update()
    model.weight.data = np.full((2, 3), 5.0)
    array = model.weight.data

    def evaluate():
        with averages.averaged():
            assert_array_equal(model.weight.data, np.ones((2, 3)))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        evaluate()
    assert_array_equal(model.weight.data, np.full((2, 3), 5.0))
    assert model.weight.data is array


@MAKERS
def test_while_the_model_has_the_averages(make):
    model = Scaled(np.float32)
    averages = make(model)
    averages.update()
    state = averages.state_dict()
    with averages.averaged():
        with pytest.raises(GraphError, match=r"update\(\): the model has the averages now"):
            averages.update()
        with pytest.raises(GraphError, match="the model has the averages already"):
            averages.averaged().__enter__()
        for name, array in averages.state_dict().items():
            assert_array_equal(array, state[name])


@MAKERS
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.complex64])
def test_state_makes_a_round_trip(make, dtype):
    rng = np.random.default_rng(0)
    one, other = Scaled(dtype), Scaled(dtype)
    first, second = make(one), make(other)
    for turn in range(6):
        one.weight.data = other.weight.data = rng.standard_normal((2, 3)).astype(dtype)
        first.update()
        if turn == 3:
            second.load_state_dict(first.state_dict())
        elif turn > 3:
            second.update()
    for name, array in first.state_dict().items():
        assert_array_equal(array, second.state_dict()[name])


@MAKERS
def test_state_that_does_not_fit_is_refused(make):
    averages = make(Scaled(np.float32))
    state = averages.state_dict()
    wrongs = {
        "count": [np.array([-1.0]), np.array([0.5]), np.array([np.nan]), np.ones(2)],
        "averages.0": [np.ones(3), np.full((2, 3), 1e300), np.full((2, 3), "x")],
    }
    for name, values in wrongs.items():
        for wrong in values:
            with pytest.raises(StateDictError, match="nothing was loaded"):
                averages.load_state_dict({**state, name: wrong})
    with pytest.raises(StateDictError, match=r"missing: averages\.1"):
        averages.load_state_dict({name: state[name] for name in ("count", "averages.0")})
    for name, array in averages.state_dict().items():
        assert_array_equal(array, state[name])


@MAKERS
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_captured_updates_give_the_bits_of_eager_ones(make, dtype):
    def trained():
        model = nn.Sequential(nn.Dense(3, 2, rng=0, dtype=dtype), nn.Tanh())
        optimizer = nn.optim.SGD(model.parameters(), 0.1)
        averages = make(model)

        def step(x):
            optimizer.zero_grad()
            (model(x) ** 2).sum().backward()
            optimizer.step()
            averages.update()

        return averages, step

    (eager, plain), (replayed, step) = trained(), trained()
    captured = capture(step, on_miss="error")
    rng = np.random.default_rng(0)
    for _ in range(20):
        x = rng.standard_normal((4, 3)).astype(dtype)
        plain(x)
        captured(x)
        for name, array in eager.state_dict().items():
            assert_array_equal(array, replayed.state_dict()[name])
    assert len(captured.programs) == 1


def test_what_is_refused():
    with pytest.raises(DomainError, match="EMA: decay must be at least 0 and below 1"):
        EMA(Scaled(np.float32), 1.0)
    with pytest.raises(DomainError, match="SWA: the model has no parameters"):
        SWA(nn.Tanh())


# ------------------------------------------------------------------ batch normalization


@pytest.mark.parametrize("pairs", [False, True])
def test_running_statistics_become_the_average_of_the_batches(pairs):
    normalization = nn.BatchNorm1d(2, dtype=np.float64)
    model = nn.Sequential(nn.Dense(3, 2, rng=0, dtype=np.float64), normalization)
    rng = np.random.default_rng(0)
    model(rng.standard_normal((4, 3)))  # statistics of other weights
    model.eval()
    model[0].train()
    batches = [rng.standard_normal((8, 3)) + i for i in range(4)]
    update_batchnorm(model, [(x, np.zeros(8)) for x in batches] if pairs else batches)
    with no_grad():
        hidden = [model[0](x).data for x in batches]
    assert_allclose(normalization.running_mean.data, np.mean([h.mean(0) for h in hidden], 0))
    assert_allclose(normalization.running_var.data, np.mean([h.var(0, ddof=1) for h in hidden], 0))
    assert normalization.num_batches_tracked.item() == 4
    assert normalization.momentum == 0.1
    assert [m.training for _, m in model.named_modules()] == [False, True, False]


def test_momentum_and_mode_are_put_back_after_an_error():
    normalization = nn.BatchNorm1d(2)
    model = nn.Sequential(nn.Dense(3, 2, rng=0), normalization)
    model(np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32))
    model.eval()
    before = model.state_dict()
    with pytest.raises(ValueError, match="x must have 3 values"):
        update_batchnorm(model, [np.ones((2, n), np.float32) for n in (3, 5)])
    with pytest.raises(DomainError, match="update_batchnorm was given no batches"):
        update_batchnorm(model, [])
    for name, array in model.state_dict().items():
        assert_array_equal(array, before[name])
    assert normalization.momentum == 0.1
    assert not any(m.training for _, m in model.named_modules())


def test_without_running_statistics_no_batch_is_taken():
    def batches():
        raise AssertionError
        yield

    update_batchnorm(nn.Dense(3, 2, rng=0), batches())
