"""``fast=True``: the same up to the rounding of sums in another order, and what it leaves out."""

import importlib
import sys
from itertools import pairwise

import numpy as np
import pytest

import nn
from autograd_lite import Tensor, capture, no_grad
from autograd_lite.capturing.optimization import products
from autograd_lite.capturing.replay import threads
from autograd_lite.errors import GraphError

EPSILONS = 64
"""How many roundings of the largest value two steps may be apart, for each step made."""


def network(sizes, dtype, *, bias=True):
    layers = []
    for seed, (inputs, outputs) in enumerate(pairwise(sizes)):
        layers += [nn.Dense(inputs, outputs, bias, dtype=dtype, rng=seed), nn.Sigmoid()]
    return nn.Sequential(*layers[:-1])


def training(model, loss_of, **settings):
    optimizer = nn.optim.SGD(model.parameters(), 0.02, **settings)

    def step(x, t):
        optimizer.zero_grad()
        loss = loss_of(model(x), t)
        loss.backward()
        optimizer.step()
        return loss

    return step


def batches(count, size, inputs, outputs, dtype):
    rng = np.random.default_rng(5)
    for _ in range(count):
        yield (
            rng.normal(size=(size, inputs)).astype(dtype),
            np.eye(outputs, dtype=dtype)[rng.integers(0, outputs, size)],
        )


def assert_near(ours, right, steps):
    bound = EPSILONS * steps * np.finfo(right.dtype).eps
    np.testing.assert_allclose(ours, right, rtol=bound, atol=bound * np.abs(right).max())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1, 2, 4, 5, 10, 33])
@pytest.mark.parametrize("settings", [{}, {"momentum": 0.9}, {"weight_decay": 0.01}])
@pytest.mark.parametrize("bias", [True, False])
def test_training_is_the_same_up_to_rounding(dtype, size, settings, bias):
    sizes = (150, 140, 7)
    models = [network(sizes, dtype, bias=bias) for _ in range(2)]
    eager, fast = (training(m, nn.losses.mean_squared_error, **settings) for m in models)
    fast = capture(fast, fast=True, on_miss="error")
    steps = 8
    for x, t in batches(steps, size, 150, 7, dtype):
        assert_near(fast(x, t).data, eager(x, t).data, steps)
    for ours, right in zip(*(m.parameters() for m in models), strict=True):
        assert_near(ours.data, right.data, steps)


def trained(**options):
    model = network((20, 12, 3), np.float32)
    step = capture(training(model, nn.losses.cross_entropy), **options)
    for x, _ in batches(4, 6, 20, 3, np.float32):
        step(x, np.array([0, 1, 2, 0, 1, 2]))
    return model, step


@pytest.mark.parametrize(
    "ask",
    [
        lambda p: p.grad,
        lambda p: nn.optim.SGD([p], 0.1).step(),
        lambda p: (p * 2.0).sum().backward(),
    ],
)
def test_a_gradient_that_was_not_formed_says_so(ask):
    pytest.importorskip("scipy")
    model, _ = trained(fast=True)
    with pytest.raises(GraphError, match="keep_grads=True"):
        ask(model[0].weight)


def test_after_zero_grad_all_is_as_before():
    model, step = trained(fast=True)
    model.zero_grad()
    weight = model[0].weight
    assert weight.grad is None
    (weight * 2.0).sum().backward()
    np.testing.assert_array_equal(weight.grad.data, np.full(weight.shape, 2.0))
    step(*next(batches(1, 6, 20, 3, np.float32))[:1], np.array([0, 1, 2, 0, 1, 2]))


def test_keep_grads_forms_all_gradients():
    model, _ = trained(fast=True, keep_grads=True)
    other, _ = trained()
    for ours, right in zip(model.parameters(), other.parameters(), strict=True):
        assert_near(ours.grad.data, right.grad.data, 4)


def test_a_gradient_that_is_returned_is_formed():
    w = Tensor(np.ones((3, 2)), requires_grad=True)

    @capture(fast=True)
    def step(x):
        w.grad = None
        (x @ w).sum().backward()
        w.data -= 0.1 * w.grad.data
        return w.grad

    for _ in range(4):
        np.testing.assert_array_equal(step(np.ones((4, 3))).data, np.full((3, 2), 4.0))


def test_a_weight_that_is_read_after_its_update_is_the_new_one():
    w = Tensor(np.zeros((3, 2)), requires_grad=True)

    @capture(fast=True)
    def step(x):
        w.grad = None
        (x @ w).sum().backward()
        w.data -= w.grad.data
        with no_grad():
            return x @ w

    found = [step(np.ones((1, 3))).data[0, 0] for _ in range(4)]
    assert found == [-3.0, -6.0, -9.0, -12.0]


def test_tied_weights():
    def make():
        w = Tensor(np.random.default_rng(0).normal(size=(5, 5)), requires_grad=True)

        def step(x):
            w.grad = None
            loss = (np.tanh(x @ w) @ w).sum()
            loss.backward()
            w.data -= 0.01 * w.grad.data
            return loss

        return w, step

    (ours, fast), (right, eager) = make(), make()
    fast = capture(fast, fast=True)
    for x, _ in batches(6, 4, 5, 2, np.float64):
        assert_near(fast(x).data, eager(x).data, 6)
    assert_near(ours.data, right.data, 6)


def test_without_scipy(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.linalg.blas", None)
    model, step = trained(fast=True)
    assert all("gemm" not in line for line in step.program.replay._names.lines["run"])
    assert np.isfinite(model[0].weight.data).all()


# ------------------------------------------------------------------ products, threads


@pytest.mark.parametrize("way", [products.InBlocks, products.InColumns, products.Padded])
@pytest.mark.parametrize("rows", [1, 3, 4, 5, 8, 11])
def test_products_in_other_ways(way, rows):
    rng = np.random.default_rng(rows)
    a, b = rng.normal(size=(rows, 6)), rng.normal(size=(6, 130))
    out = np.full((rows, 130), np.nan)
    product = way(rows, 6, 130, a.dtype)
    for _ in range(2):
        product(a, b, out)
        np.testing.assert_allclose(out, a @ b, rtol=1e-12, atol=1e-12)


def test_products_for_which_there_is_no_other_way():
    assert products.faster(1, 784, 200, np.dtype(np.float32)) is None
    assert products.faster(10, 3, 2, np.dtype(np.float32)) is None
    assert products.faster(10, 784, 200, np.dtype(np.complex64)) is None


class Library:
    def __init__(self, threads):
        self.threads = threads

    def get_num_threads(self):
        return self.threads

    def set_num_threads(self, threads):
        self.threads = threads


def test_threads_are_limited_and_restored():
    libraries = [Library(2), Library(1)]
    pools = threads.Pools(libraries)
    before = pools.limit()
    assert [library.threads for library in libraries] == [1, 1]
    pools.restore(before)
    assert [library.threads for library in libraries] == [2, 1]


def test_without_threadpoolctl_two_libraries_share_no_threads(monkeypatch):
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert threads.pools() is None
    assert not threads.may_use_two(None)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert threads.may_use_two(None)


def test_a_replay_runs_with_one_thread_and_leaves_as_many_as_before():
    controller = pytest.importorskip("threadpoolctl").ThreadpoolController
    importlib.import_module("scipy.linalg.blas")
    with controller().limit(limits=2, user_api="blas"):
        counts = [x.num_threads for x in controller().lib_controllers if x.user_api == "blas"]
        _, step = trained(fast=True)
        step(*next(batches(1, 6, 20, 3, np.float32))[:1], np.array([0, 1, 2, 0, 1, 2]))
        after = [x.num_threads for x in controller().lib_controllers if x.user_api == "blas"]
    assert after == counts
