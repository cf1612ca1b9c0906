"""Groups, settings and state of every optimizer, and what it refuses."""

import copy
import pickle
from inspect import signature

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import nn
from autograd_lite import Tensor
from autograd_lite.errors import DomainError, DTypeError, GraphError, ShapeError, StateDictError

from .optimizers.trying import (
    arrays_of,
    assert_same,
    each,
    each_state,
    parameters,
    set_gradients,
)

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
            wrong += [np.array(np.nan), np.array(np.inf)]
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


# ------------------------------------------------------------------ changed later


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
