"""SGD: its update equations, its settings, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd_lite import Tensor, as_tensor, capture
from autograd_lite.errors import DomainError, DTypeError, GraphError, ShapeError

SHAPES = ((3,), (2, 2), ())


def parameters(dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    return [Tensor(rng.standard_normal(s), requires_grad=True, dtype=dtype) for s in SHAPES]


def by_hand(p, gradients, rates, *, momentum, nesterov, weight_decay):
    """Follow the equations for one parameter; return its values."""
    v = np.zeros_like(p)
    for gradient, rate in zip(gradients, rates, strict=True):
        g = gradient + weight_decay * p
        v = momentum * v + g
        p = p - rate * (g + momentum * v if nesterov else v)
    return p


RATES = st.floats(0.0, 2.0)


@settings(deadline=None, derandomize=True)
@given(
    rates=st.lists(RATES, min_size=1, max_size=6),
    momentum=st.one_of(st.just(0.0), st.floats(0.01, 0.99)),
    nesterov=st.booleans(),
    weight_decay=st.one_of(st.just(0.0), st.floats(0.001, 0.5)),
    seed=st.integers(0, 2**16),
)
def test_steps_follow_the_equations(rates, momentum, nesterov, weight_decay, seed):
    nesterov = nesterov and momentum > 0
    tensors = parameters(seed=seed)
    gradients = np.random.default_rng(seed + 1).standard_normal((len(rates), 8))
    split = [np.split(row, (3, 7)) for row in gradients]
    expected = [
        by_hand(
            p.data.copy(),
            [row[i].reshape(p.shape) for row in split],
            rates,
            momentum=momentum,
            nesterov=nesterov,
            weight_decay=weight_decay,
        )
        for i, p in enumerate(tensors)
    ]
    optimizer = nn.optim.SGD(tensors, rates[0], momentum, 0.0, weight_decay, nesterov)
    for row, rate in zip(split, rates, strict=True):
        for p, g in zip(tensors, row, strict=True):
            p.grad = Tensor(g.reshape(p.shape))
        optimizer.learning_rate = rate
        optimizer.step()
    for p, values in zip(tensors, expected, strict=True):
        assert_allclose(p.data, values, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("more", [{}, {"momentum": 0.9, "weight_decay": 0.1, "nesterov": True}])
def test_a_step_keeps_dtype_and_memory(dtype, more):
    tensors = parameters(dtype)
    arrays = [p.data for p in tensors]
    for p in tensors:
        p.grad = Tensor(np.ones(p.shape, dtype))
    nn.optim.SGD(tensors, 0.1, **more).step()
    for p, array in zip(tensors, arrays, strict=True):
        assert p.data is array
        assert p.dtype == dtype


@pytest.mark.parametrize("more", [{}, {"momentum": 0.9, "weight_decay": 0.1, "nesterov": True}])
def test_a_step_does_not_change_the_grads(more):
    (p,) = parameters()[:1]
    p.grad = Tensor([1.0, 2.0, 3.0])
    optimizer = nn.optim.SGD([p], 0.1, **more)
    for _ in range(3):
        optimizer.step()
    assert_array_equal(p.grad.data, [1.0, 2.0, 3.0])


def test_a_parameter_without_a_grad_is_left_alone():
    moved, resting = parameters()[:2]
    optimizer = nn.optim.SGD([moved, resting], 0.1, momentum=0.5, weight_decay=0.1)
    before = resting.data.copy()
    moved.grad = Tensor(np.ones(3))
    optimizer.step()
    assert_array_equal(resting.data, before)
    resting.grad = Tensor(np.zeros((2, 2)))
    optimizer.step()
    assert_allclose(resting.data, before * (1 - 0.1 * 0.1), rtol=1e-14)


def test_a_step_without_any_grad_does_nothing():
    tensors = parameters()
    before = [p.data.copy() for p in tensors]
    nn.optim.SGD(tensors, 0.1).step()
    for p, values in zip(tensors, before, strict=True):
        assert_array_equal(p.data, values)


def test_replaced_data_is_what_the_next_step_updates():
    (p,) = parameters()[:1]
    optimizer = nn.optim.SGD([p], 1.0)
    p.data = np.array([10.0, 20.0, 30.0])
    p.grad = Tensor(np.ones(3))
    optimizer.step()
    assert_array_equal(p.data, [9.0, 19.0, 29.0])


def test_zero_grad_forgets_the_grads():
    tensors = parameters()
    for p in tensors:
        p.grad = Tensor(np.ones(p.shape))
    nn.optim.SGD(tensors, 0.1).zero_grad()
    assert [p.grad for p in tensors] == [None] * 3


@pytest.mark.parametrize("more", [{}, {"momentum": 0.9}])
@pytest.mark.parametrize(
    ("grad", "error", "complaint"),
    [
        (Tensor(np.ones(4)), ShapeError, r"grad of parameter 1 has shape \(4,\), needs \(2, 2\)"),
        (Tensor(1.0), ShapeError, r"has shape \(\), needs \(2, 2\)"),
        (Tensor(np.ones((2, 2), np.float32)), DTypeError, "parameter 1 must be a Tensor of dtype"),
        (np.ones((2, 2)), DTypeError, "must be a Tensor of dtype float64"),
        (1.0, DTypeError, "must be a Tensor of dtype float64"),
    ],
)
def test_a_grad_that_does_not_fit_stops_the_whole_step(more, grad, error, complaint):
    tensors = parameters()
    before = [p.data.copy() for p in tensors]
    optimizer = nn.optim.SGD(tensors, 0.1, **more)
    for p in tensors:
        p.grad = Tensor(np.ones(p.shape))
    tensors[1].grad = grad
    with pytest.raises(error, match=complaint):
        optimizer.step()
    for p, values in zip(tensors, before, strict=True):
        assert_array_equal(p.data, values)
    tensors[1].grad = Tensor(np.ones((2, 2)))
    optimizer.step()  # as if the failed one had never been: no velocity was changed
    for p, values in zip(tensors, before, strict=True):
        assert_allclose(p.data, values - 0.1, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"learning_rate": -0.1}, "learning_rate must be finite"),
        ({"learning_rate": np.nan}, "learning_rate must be finite"),
        ({"learning_rate": np.inf}, "learning_rate must be finite"),
        ({"learning_rate": 1.0, "momentum": 1.0}, "momentum must be at least 0 and below 1"),
        ({"learning_rate": 1.0, "momentum": -0.1}, "momentum must be at least 0"),
        ({"learning_rate": 1.0, "momentum": np.nan}, "momentum must be at least 0"),
        ({"learning_rate": 1.0, "nesterov": True}, "nesterov=True needs momentum"),
        ({"learning_rate": 1.0, "weight_decay": -1.0}, "weight_decay must be finite"),
        ({"learning_rate": 1.0, "weight_decay": np.inf}, "weight_decay must be finite"),
    ],
)
def test_settings_out_of_range_are_refused(arguments, complaint):
    with pytest.raises(DomainError, match=rf"^SGD: {complaint}"):
        nn.optim.SGD(parameters(), **arguments)


def test_no_parameters_are_refused():
    with pytest.raises(DomainError, match="at least one parameter"):
        nn.optim.SGD([], 0.1)


def test_a_parameter_given_twice_is_refused():
    p, q, _ = parameters()
    with pytest.raises(DomainError, match="twice"):
        nn.optim.SGD([p, q, p], 0.1)


@pytest.mark.parametrize(
    "make", [lambda p: Tensor([1.0]), lambda p: p * 2, lambda p: p.data, lambda p: "weight"]
)
def test_only_leaves_that_require_a_gradient_are_taken(make):
    p = parameters()[0]
    with pytest.raises(GraphError, match=r"^SGD: parameter 1 is not a leaf Tensor.*give model\."):
        nn.optim.SGD([p, make(p)], 0.1)


def test_parameters_may_come_from_a_generator():
    tensors = parameters()
    found = nn.optim.SGD((p for p in tensors), 0.1).parameters
    assert [id(p) for p in found] == [id(p) for p in tensors]


@pytest.mark.parametrize("more", [{}, {"momentum": 0.8}, {"momentum": 0.8, "nesterov": True}])
def test_a_quadratic_is_minimized(more):
    x = Tensor([5.0, -3.0], requires_grad=True)
    optimizer = nn.optim.SGD([x], 0.1, **more)
    for _ in range(200):
        optimizer.zero_grad()
        ((x - [1.0, 2.0]) ** 2).sum().backward()
        optimizer.step()
    assert_allclose(x.data, [1.0, 2.0], atol=1e-6)


def test_a_read_only_parameter_is_refused():
    first, second = Tensor([1.0], requires_grad=True), as_tensor(np.broadcast_to(1.0, 2))
    second.requires_grad = True
    with pytest.raises(GraphError, match="parameter 1 is read-only"):
        nn.optim.SGD([first, second], learning_rate=1.0)


def test_momentum_can_be_set_later():
    w = Tensor([1.0], requires_grad=True)
    optimizer = nn.optim.SGD([w], learning_rate=0.1)
    optimizer.momentum = 0.5
    for expected in (0.9, 0.75):
        optimizer.zero_grad()
        w.sum().backward()
        optimizer.step()
        assert w.item() == pytest.approx(expected)


def test_settings_are_checked_when_they_change():
    (p,) = nn.Dense(2, 1, bias=False, rng=0).parameters()
    optimizer = nn.optim.Adam([p], 0.1)
    for name, value in (("learning_rate", "fast"), ("learning_rate", -1.0), ("betas", 0.9)):
        with pytest.raises(DomainError, match=f"^Adam: {name} must be"):
            setattr(optimizer, name, value)
    assert (optimizer.learning_rate, optimizer.betas) == (0.1, [0.9, 0.999])


@pytest.mark.parametrize("optimizer", [nn.optim.SGD, nn.optim.LBFGS])
def test_a_setting_that_a_group_does_not_have_changes_nothing_but_raises(optimizer):
    model = nn.Dense(2, 1, rng=0)
    made = optimizer(model.parameters())
    made.groups[0]["lr"] = 0.5  # PyTorch's name of it

    def closure():
        made.zero_grad()
        loss = (model(np.ones((1, 2), np.float32)) ** 2).sum()
        loss.backward()
        return loss

    before = model.state_dict()
    with pytest.raises(DomainError, match="has no setting 'lr'; it has learning_rate"):
        made.step(closure)
    assert_array_equal(model.weight.data, before["weight"])


def test_a_model_is_not_taken_for_its_parameters():
    with pytest.raises(GraphError, match=r"^SGD needs parameters, as from model.parameters\(\), n"):
        nn.optim.SGD(nn.Dense(2, 1))


def test_a_search_needs_the_loss():
    with pytest.raises(GraphError, match="the closure returned None; let it return the loss"):
        nn.optim.LBFGS(nn.Dense(2, 1).parameters()).step(lambda: None)


@pytest.mark.parametrize("value", ["1", None, [1.0], np.nan, -1.0])
def test_clipping_needs_a_number(value):
    parameters = nn.Dense(2, 1).parameters()
    with pytest.raises(DomainError, match="max_norm must be at least 0"):
        nn.optim.clip_grad_norm(parameters, value)
    with pytest.raises(DomainError, match="clip_value must be at least 0"):
        nn.optim.clip_grad_value(parameters, value)


def test_a_captured_step_that_changes_its_own_rate_is_one_program():
    model = nn.Dense(2, 1, rng=0)
    optimizer = nn.optim.SGD(model.parameters(), 0.1)

    def step(x):
        optimizer.zero_grad()
        (model(x) ** 2).sum().backward()
        optimizer.step()
        optimizer.learning_rate *= 0.5

    captured = capture(step, on_miss="error")
    for _ in range(6):
        captured(np.ones((1, 2), np.float32))
    assert optimizer.learning_rate == 0.1 * 0.5**6
    assert len(captured.programs) == 1
