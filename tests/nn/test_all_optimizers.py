"""Every optimizer keeps what optimizers promise: one registration, one suite for all."""

import copy
import pickle
import warnings
from inspect import signature

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import autograd_lite
import nn
from autograd_lite import Tensor
from autograd_lite.errors import DomainError, DTypeError, GraphError, ShapeError, StateDictError

from .optimizers import OPTIMIZERS

SHAPES = ((3,), (2, 2), ())
each = pytest.mark.parametrize("registered", OPTIMIZERS, ids=[r.name for r in OPTIMIZERS])
each_state = pytest.mark.parametrize(
    ("registered", "options"),
    [(r, options) for r in OPTIMIZERS for options in r.states],
    ids=[f"{r.name}-{'-'.join(options)}" for r in OPTIMIZERS for options in r.states],
)


def parameters(dtype=np.float64, seed=0, shapes=SHAPES):
    rng = np.random.default_rng(seed)
    return [Tensor(rng.standard_normal(s), requires_grad=True, dtype=dtype) for s in shapes]


def set_gradients(tensors, rng):
    for p in tensors:
        p.grad = Tensor(rng.standard_normal(p.shape), dtype=p.dtype)


def arrays_of(optimizer):
    found = optimizer.state_dict()
    for i, p in enumerate(optimizer.parameters):
        found[f"data.{i}"] = p.data.copy()
    return found


def assert_same(first, second):
    assert first.keys() == second.keys()
    for name, array in first.items():
        assert_array_equal(array, second[name], err_msg=name)


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


# ------------------------------------------------------------------ what is refused


@each_state
@pytest.mark.parametrize(
    ("grad", "error", "complaint"),
    [
        (Tensor(np.ones(4)), ShapeError, r"grad of parameter 1 has shape \(4,\), needs \(2, 2\)"),
        (Tensor(np.ones((2, 2), np.float32)), DTypeError, "parameter 1 must be a Tensor of dtype"),
        (np.ones((2, 2)), DTypeError, "must be a Tensor of dtype float64"),
    ],
)
def test_a_grad_that_does_not_fit_stops_the_whole_step(registered, options, grad, error, complaint):
    tensors = parameters()
    optimizer = registered.make(tensors, 0.1, **options)
    set_gradients(tensors, np.random.default_rng(0))
    optimizer.step()
    before = arrays_of(optimizer)
    tensors[1].grad = grad
    with pytest.raises(error, match=f"^{registered.name}: .*{complaint}"):
        optimizer.step()
    assert_same(arrays_of(optimizer), before)


@each_state
def test_frozen_parameters_and_those_without_a_grad_are_left_alone(registered, options):
    tensors = parameters()
    optimizer = registered.make(tensors, 0.1, **options)
    set_gradients(tensors, np.random.default_rng(0))
    optimizer.step()
    before = arrays_of(optimizer)
    tensors[0].requires_grad = False
    tensors[1].grad = None
    optimizer.step()
    after = arrays_of(optimizer)
    for name in before:
        if name.startswith(("data.0", "data.1", "parameters.0", "parameters.1")):
            assert_array_equal(before[name], after[name], err_msg=name)
    assert not np.array_equal(before["data.2"], after["data.2"])


@each
def test_settings_out_of_range_are_refused(registered):
    optimizer = registered.make(parameters(), 0.1)
    for name, value in optimizer._settings().items():
        if name not in signature(registered.make).parameters:  # fixed, for AdamW
            continue
        wrong = {bool: [2, "yes"], float: [-1.0, np.nan, "much"], list: [(0.5,), (0.5, 1.0), 0.5]}
        for bad in wrong[type(value)]:
            with pytest.raises(DomainError, match=f"^{registered.name}: {name} must be"):
                registered.make(parameters(), **{name: bad})
            with pytest.raises(DomainError, match=f"^{registered.name}: {name} must be"):
                registered.make([{"parameters": parameters(), name: bad}])


@each
def test_wrong_parameters_are_refused(registered):
    p, q, _ = parameters()
    with pytest.raises(DomainError, match=f"^{registered.name} needs at least one parameter"):
        registered.make([])
    with pytest.raises(DomainError, match="twice"):
        registered.make([p, q, p])
    with pytest.raises(GraphError, match="parameter 1 is not a leaf Tensor"):
        registered.make([p, q * 2])
    with pytest.raises(DomainError, match="has no setting 'lr'; it has learning_rate"):
        registered.make([{"parameters": [p], "lr": 0.1}])


# ------------------------------------------------------------------ groups


@each_state
def test_groups_are_trained_as_by_optimizers_of_their_own(registered, options):
    tensors, others = parameters(), parameters()
    optimizer = registered.make(
        [
            {"parameters": tensors[:1], "learning_rate": 0.5},
            {"parameters": tensors[1:], "weight_decay": 0.2},
        ],
        0.1,
        **options,
    )
    first = registered.make(others[:1], 0.5, **options)
    second = registered.make(others[1:], 0.1, **{**options, "weight_decay": 0.2})
    rng = np.random.default_rng(0)
    for _ in range(5):
        set_gradients(tensors, rng)
        for p, q in zip(tensors, others, strict=True):
            q.grad = p.grad
        for each_one in (optimizer, first, second):
            each_one.step()
    for p, q in zip(tensors, others, strict=True):
        assert_array_equal(p.data, q.data)


@each
def test_a_group_is_added_later(registered):
    tensors = parameters()
    optimizer = registered.make(tensors[:2], 0.1)
    set_gradients(tensors, np.random.default_rng(0))
    optimizer.step()
    before = tensors[2].data.copy()
    with pytest.raises(DomainError, match="twice"):
        optimizer.add_group({"parameters": [tensors[2], tensors[0]]})
    with pytest.raises(DomainError, match="a group needs 'parameters'"):
        optimizer.add_group({"learning_rate": 0.1})
    assert len(optimizer.parameters) == 2 and len(optimizer.groups) == 1
    optimizer.add_group({"parameters": tensors[2], "learning_rate": 0.2})
    optimizer.step()
    assert not np.array_equal(tensors[2].data, before)
    assert [len(group["parameters"]) for group in optimizer.groups] == [2, 1]
    assert "in 2 groups" in repr(optimizer)


# ------------------------------------------------------------------ saving


@each_state
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.complex128])
def test_state_makes_a_round_trip(registered, options, dtype):
    def make(seed):
        tensors = parameters(dtype, seed)
        groups = [{"parameters": tensors[:2], "learning_rate": 0.3}, {"parameters": tensors[2:]}]
        return registered.make(groups, 0.1 + seed, **options)

    one, other = make(0), make(1)
    rng = np.random.default_rng(0)
    for _ in range(3):
        set_gradients(one.parameters, rng)
        one.step()
    state = one.state_dict()
    kept = {name: array.copy() for name, array in state.items()}
    other.load_state_dict(state)
    for p, q in zip(one.parameters, other.parameters, strict=True):
        q.data = p.data.copy()
    for _ in range(3):
        set_gradients(one.parameters, rng)
        for p, q in zip(one.parameters, other.parameters, strict=True):
            q.grad = p.grad
        one.step()
        other.step()
        assert_same(arrays_of(one), arrays_of(other))
    assert_same(state, kept)  # copies
    assert other.learning_rate == 0.1


@each_state
def test_state_that_does_not_fit_is_refused_as_a_whole(registered, options):
    optimizer = registered.make(parameters(), 0.1, **options)
    set_gradients(optimizer.parameters, np.random.default_rng(0))
    optimizer.step()
    before = arrays_of(optimizer)
    state = optimizer.state_dict()
    for name, array in state.items():
        wrong = [np.ones((7, 7)), np.full(array.shape, "x"), np.array(object())]
        if name.endswith("learning_rate"):
            wrong += [np.array(np.nan), np.array(-1.0)]
        if name == "steps":
            wrong += [array - 5, array + 0.5, array * np.nan]
        if name.endswith(".parameters"):
            wrong += [array[::-1]]
        if name.endswith(("square", "total", "largest", "change", "momentum_product")):
            wrong += [array - 100.0]
        for values in wrong:
            with pytest.raises(StateDictError, match=f"fit {registered.name}.*nothing was loaded"):
                optimizer.load_state_dict({**state, name: values})
            assert_same(arrays_of(optimizer), before)
        less = {key: value for key, value in state.items() if key != name}
        with pytest.raises(StateDictError, match=f"missing: {name}"):
            optimizer.load_state_dict(less)
    with pytest.raises(StateDictError, match="unexpected: more"):
        optimizer.load_state_dict({**state, "more": np.ones(1)})
    assert_same(arrays_of(optimizer), before)


@each_state
def test_state_goes_through_files(registered, options, tmp_path):
    optimizer = registered.make(parameters(), 0.1, **options)
    set_gradients(optimizer.parameters, np.random.default_rng(0))
    optimizer.step()
    state = optimizer.state_dict()
    np.savez(tmp_path / "state.npz", **state)
    other = registered.make(parameters(), 0.2, **options)
    with np.load(tmp_path / "state.npz") as found:
        other.load_state_dict(found)
    assert_same(other.state_dict(), state)
    numpy_files = pytest.importorskip("safetensors.numpy")
    numpy_files.save_file(state, tmp_path / "state.safetensors")
    other = registered.make(parameters(), 0.2, **options)
    other.load_state_dict(numpy_files.load_file(tmp_path / "state.safetensors"))
    assert_same(other.state_dict(), state)


@each_state
def test_optimizers_are_copied_and_pickled_with_their_parameters(registered, options):
    optimizer = registered.make(parameters(), 0.1, **options)
    rng = np.random.default_rng(0)
    set_gradients(optimizer.parameters, rng)
    optimizer.step()
    for other in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
        assert_same(arrays_of(other), arrays_of(optimizer))
        other.step()
        assert not np.array_equal(other.parameters[0].data, optimizer.parameters[0].data)


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


@pytest.mark.parametrize(
    ("make", "name"),
    [(nn.optim.Adam, "amsgrad"), (nn.optim.AdamW, "amsgrad"), (nn.optim.RMSprop, "centered")],
)
def test_a_setting_that_needs_more_state_is_not_set_later(make, name):
    optimizer = make(parameters(), 0.1)
    set_gradients(optimizer.parameters, np.random.default_rng(0))
    before = arrays_of(optimizer)
    setattr(optimizer, name, True)
    with pytest.raises(DomainError, match="make a new optimizer"):
        optimizer.step()
    setattr(optimizer, name, False)
    assert_same(arrays_of(optimizer), before)


def test_parameters_are_not_taken_out_in_silence():
    optimizer = nn.optim.Adam(parameters())
    del optimizer.parameters[0]
    with pytest.raises(DomainError, match="set its requires_grad to False"):
        optimizer.step()


def test_all_optimizers_are_registered():
    kinds = {
        x
        for x in vars(nn.optim).values()
        if isinstance(x, type) and issubclass(x, nn.optim.Optimizer) and "_kinds" in dir(x)
    }
    assert kinds == {r.make for r in OPTIMIZERS} | {nn.optim.LBFGS}
