"""What a group does where there is one process: nothing, with the same checks."""

import copy
import importlib
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd_lite import Tensor, capture
from autograd_lite.errors import (
    DomainError,
    DTypeError,
    MissingExtraError,
    ShapeError,
    UnsupportedError,
)


@pytest.fixture
def group():
    return nn.parallel.Group(parallel=False)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(rows=st.integers(0, 12), size=st.integers(1, 5))
def test_shares_are_parts_of_nearly_equal_length(rows, size):
    group = nn.parallel.Group(parallel=False)
    group.size = size
    shares = []
    for group.rank in range(size):
        x, y = group.share(np.arange(rows), np.arange(rows)[:, None] * [1, 2])
        assert np.array_equal(x, y[:, 0])
        shares.append(x)
    assert np.concatenate(shares).tolist() == list(range(rows))
    lengths = [len(share) for share in shares]
    assert max(lengths) - min(lengths) <= 1
    assert sorted(lengths, reverse=True) == lengths


def test_shares_are_views_and_take_what_has_rows(group):
    images = np.zeros((4, 2))
    assert np.shares_memory(group.share(images), images)
    assert group.share([1, 2, 3]).tolist() == [1, 2, 3]
    x, words = group.share(Tensor([1.0, 2.0]), np.array(["a", None], object))
    assert isinstance(x, Tensor) and words.tolist() == ["a", None]


@pytest.mark.parametrize("arrays", [(), (np.zeros(2), np.zeros(3)), (np.float64(1),)])
def test_shares_of_what_has_no_common_length(group, arrays):
    with pytest.raises(ShapeError, match="share needs arrays of one length"):
        group.share(*arrays)
    with pytest.raises(DTypeError, match="share of a masked array would lose its mask"):
        group.share(np.ma.ones(3))


def test_gradients_and_numbers_stay_as_they_are(group):
    model = nn.Sequential(nn.Dense(3, 2, rng=0), nn.BatchNorm1d(2))
    before = model.state_dict()
    group.broadcast(model)
    model(np.ones((4, 3), np.float32)).sum().backward()
    grads = [p.grad for p in model.parameters()]
    group.average_gradients(model, examples=4)
    assert all(p.grad is g for p, g in zip(model.parameters(), grads, strict=True))
    assert all(np.array_equal(model.state_dict()[n], before[n]) for n in ("0.weight", "1.bias"))
    assert group.sum(Tensor([1, 2])).tolist() == [1, 2]
    mean = group.mean(np.float32(0.5), examples=3)
    assert mean == 0.5 and mean.dtype == np.float32
    assert group.any(True) is True


@pytest.mark.parametrize("examples", [-1, np.nan, np.inf])
def test_examples_that_are_no_number_of_examples(group, examples):
    with pytest.raises(DomainError, match="average_gradients: examples must be a number from 0 on"):
        group.average_gradients([], examples)
    with pytest.raises(DomainError, match="mean: examples must be a number from 0 on"):
        group.mean(1.0, examples)


def test_no_examples_have_no_mean(group):
    for call in (group.average_gradients, group.mean):
        with pytest.raises(DomainError, match="no process has an example"):
            call(Tensor([1.0]) if call == group.mean else [], 0)


def test_gradients_that_do_not_fit(group):
    p = Tensor([1.0, 2.0], requires_grad=True)
    p.grad = Tensor([1.0])
    with pytest.raises(ShapeError, match=r"parameter 0 has shape \(1,\), needs \(2,\)"):
        group.average_gradients([p], 1)
    p.grad = Tensor(np.float32([1.0, 2.0]))
    with pytest.raises(DTypeError, match="parameter 0 has dtype float32, needs float64"):
        group.average_gradients([p], 1)


def test_what_is_captured_is_refused(group):
    model = nn.Dense(3, 1, rng=0)

    @capture
    def step(x):
        model(x).sum().backward()
        group.average_gradients(model, len(x))

    with pytest.raises(UnsupportedError, match="outside of captured functions"):
        step(np.ones((2, 3), np.float32))

    @capture
    def total(x):
        return group.sum(2 * x)

    with pytest.raises(UnsupportedError, match="outside of captured functions"):
        total(np.ones(2))


def test_a_group_is_not_copied(group):
    assert copy.deepcopy({"group": group})["group"] is group
    with pytest.raises(UnsupportedError, match="save the model's state_dict"):
        pickle.dumps(group)
    assert repr(group) == "Group(rank 0 of 1)"


def test_without_mpi4py_the_extra_is_named(monkeypatch):
    processes = importlib.import_module("nn.parallel.processes")

    def missing(name):
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(processes.importlib, "import_module", missing)
    with pytest.raises(MissingExtraError, match=r"autograd-lite\[parallel\]"):
        processes.processes.__wrapped__()
