"""L-BFGS: what it minimizes, its state, and what it refuses."""

import copy

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd_lite import Tensor
from autograd_lite.errors import DomainError, GraphError, ShapeError, StateDictError
from nn.optim.line_search import Trial, strong_wolfe


def rosenbrock(w):
    return (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2


def closure_of(optimizer, loss):
    def closure():
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return value

    return closure


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_bent_valley_is_followed_to_its_end(dtype):
    w = Tensor([-1.2, 1.0], requires_grad=True, dtype=dtype)
    options = {"tolerance_change": 0.0, "line_search_fn": "strong_wolfe"}
    optimizer = nn.optim.LBFGS([w], max_iter=100, **options)
    closure = closure_of(optimizer, lambda: rosenbrock(w))
    for _ in range(3):
        optimizer.step(closure)
    assert_allclose(w.data, [1.0, 1.0], rtol=1e-6 if dtype is np.float64 else 1e-2)
    assert w.dtype == dtype


def test_a_quadratic_takes_few_steps():
    rng = np.random.default_rng(0)
    a = rng.standard_normal((6, 4))
    b = rng.standard_normal(6)
    w = Tensor(np.zeros((2, 2)), requires_grad=True)
    optimizer = nn.optim.LBFGS([w], max_iter=12, line_search_fn="strong_wolfe")

    def loss():
        return ((a @ w.reshape(4) - b) ** 2).sum()

    optimizer.step(closure_of(optimizer, loss))
    assert_allclose(w.data.ravel(), np.linalg.lstsq(a, b)[0], rtol=1e-5)


@pytest.mark.parametrize("seed", range(20))
def test_the_line_search_fulfils_the_strong_wolfe_conditions(seed):
    rng = np.random.default_rng(seed)
    weights, shift = rng.uniform(0.1, 3.0, 3), rng.uniform(0.5, 20.0)

    def at(x):
        u = x - shift
        loss = weights[0] * u**2 + weights[1] * np.cos(2 * u) + weights[2] * np.sqrt(1 + u**2)
        slope = 2 * weights[0] * u - 2 * weights[1] * np.sin(2 * u)
        slope += weights[2] * u / np.sqrt(1 + u**2)
        return Trial(float(x), float(loss), None, float(slope))

    start = at(0.0)
    if start.slope >= 0:
        return
    first = float(10 ** rng.uniform(-3, 3))
    end, _ = strong_wolfe(at, start, first, size=1.0, most_rounds=50, tolerance=0.0)
    assert end.loss <= start.loss + 1e-4 * end.distance * start.slope
    assert abs(end.slope) <= 0.9 * abs(start.slope)


def test_frozen_parameters_stay_and_those_without_a_grad_do_not_matter():
    w, frozen, unused = (Tensor(np.ones(2), requires_grad=True) for _ in range(3))
    optimizer = nn.optim.LBFGS([w, frozen, unused], line_search_fn="strong_wolfe")
    closure = closure_of(optimizer, lambda: ((w - frozen * 3) ** 2).sum() + (frozen**4).sum())
    optimizer.max_iter = 2
    optimizer.step(closure)
    kept = frozen.data.copy()
    assert not np.array_equal(kept, np.ones(2))
    frozen.requires_grad = False
    optimizer.max_iter = 30
    optimizer.step(closure)
    assert_array_equal(frozen.data, kept)
    assert_array_equal(unused.data, np.ones(2))
    assert_allclose(w.data, 3 * kept, rtol=1e-6)


def test_complex_and_half_parameters_are_trained():
    z = Tensor([1 + 2j], requires_grad=True)
    half = Tensor([1.0, 2.0], requires_grad=True, dtype=np.float16)
    optimizer = nn.optim.LBFGS([z, half], line_search_fn="strong_wolfe")
    target = 3 - 1j

    def loss():
        away = z - target
        return (away * away.conj()).real.sum() + ((half - 0.5) ** 2).sum().astype(np.float64)

    optimizer.step(closure_of(optimizer, loss))
    assert_allclose(z.data, [target], rtol=1e-3)
    assert_allclose(half.data, [0.5, 0.5], rtol=1e-2)


@pytest.mark.parametrize("failing", [1, 2, 4])
def test_what_a_closure_raises_leaves_everything_as_it_was(failing):
    w = Tensor([-1.2, 1.0], requires_grad=True)
    optimizer = nn.optim.LBFGS([w], max_iter=3, max_eval=8, line_search_fn="strong_wolfe")
    plain = closure_of(optimizer, lambda: rosenbrock(w))
    optimizer.step(plain)
    before, state = w.data.copy(), optimizer.state_dict()
    calls = []

    def closure():
        calls.append(None)
        loss = plain()
        if len(calls) == failing:
            w.grad = Tensor(np.ones(3))
        return loss

    with pytest.raises(ShapeError, match=r"^LBFGS: the grad of parameter 0 has shape \(3,\)"):
        optimizer.step(closure)
    assert_array_equal(w.data, before)
    for name, array in optimizer.state_dict().items():
        assert_array_equal(array, state[name])


def test_state_makes_a_round_trip():
    def make():
        w = Tensor([-1.2, 1.0], requires_grad=True)
        optimizer = nn.optim.LBFGS([w], max_iter=4, history_size=3, line_search_fn="strong_wolfe")
        return w, optimizer, closure_of(optimizer, lambda: rosenbrock(w))

    (w, one, closure), (v, other, closure_of_other) = make(), make()
    one.step(closure)
    one.step(closure)
    state = one.state_dict()
    assert state["history.moves"].shape == (3, 2)
    other.load_state_dict(copy.deepcopy(state))
    v.data = w.data
    for _ in range(2):
        one.step(closure)
        other.step(closure_of_other)
        assert_array_equal(w.data, v.data)
    kept = other.state_dict()
    for name, wrong in {
        "history.moves": state["history.moves"][:2],
        "history.changes": -state["history.changes"],
        "counted": state["counted"] - 100,
        "last.move": np.ones(3),
        "groups.0.max_iter": np.array(0),
    }.items():
        with pytest.raises(StateDictError, match="fit LBFGS, and nothing was loaded"):
            other.load_state_dict({**state, name: wrong})
        for key, array in other.state_dict().items():
            assert_array_equal(array, kept[key])


def test_what_is_refused():
    w, v = (Tensor([1.0], requires_grad=True) for _ in range(2))
    with pytest.raises(DomainError, match="one group of parameters only"):
        nn.optim.LBFGS([{"parameters": [w]}, {"parameters": [v]}])
    with pytest.raises(DomainError, match='line_search_fn must be None or "strong_wolfe"'):
        nn.optim.LBFGS([w], line_search_fn="armijo")
    with pytest.raises(DomainError, match="max_iter must be a whole number, at least 1: 0"):
        nn.optim.LBFGS([w], max_iter=0)
    with pytest.raises(GraphError, match=r"step\(closure\)"):
        nn.optim.LBFGS([w]).step()
