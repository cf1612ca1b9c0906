"""What shares memory with what, and what is freed."""

import gc
import weakref
from itertools import combinations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import autograd_lite as ag
import nn
from autograd_lite import Primitive, Tensor, gradients, no_grad
from autograd_lite.errors import GraphError

from .building import leaf, leaves

# ---------------------------------------------------------------- memory

SHARING = {
    "add": lambda a, b: a + b,
    "add itself": lambda a, b: a + a + b + b,
    "subtract": lambda a, b: a - b,
    "positive": lambda a, b: +a + +b,
    "transposed twice": lambda a, b: (a.T + b.T).T,
    "reshape": lambda a, b: (a.reshape(6) + b.reshape(6)).reshape(2, 3),
    "swapaxes": lambda a, b: a.swapaxes(0, 1).swapaxes(0, 1) + b,
    "squeeze and expand": lambda a, b: ag.squeeze(ag.expand_dims(a, 0), 0) + b,
    "slice": lambda a, b: a[:] + b[...],
    "concatenate": lambda a, b: ag.concatenate([a, b])[:2] + b,
    "stack": lambda a, b: ag.stack([a, b])[0] + b,
    "broadcast": lambda a, b: ag.broadcast_to(a, (2, 3)) + b,
    "where": lambda a, b: ag.where([True, False, True], a, b),
    "spread sum": lambda a, b: a.sum() + b.sum() + np.zeros((2, 3)),
    "astype": lambda a, b: a.astype(np.float64) + b,
    "first alone": lambda a, b: a,
}


def assert_apart(arrays):
    for (i, one), (j, other) in combinations(enumerate(arrays), 2):
        assert not np.shares_memory(one, other), (i, j)


@pytest.mark.parametrize("function", SHARING.values(), ids=SHARING)
def test_grads_share_no_memory(function):
    a, b = leaves((2, 3), (2, 3))
    y = function(a, b)
    cotangent = np.arange(6.0).reshape(2, 3)
    y.backward(cotangent)
    grads = [x.grad.data for x in (a, b) if x.grad is not None]
    assert_apart([*grads, cotangent])
    for grad in grads:
        assert_apart([grad, a.data])
        assert_apart([grad, b.data])
        grad[...] = -1.0  # it can be written, and its cotangent stays
    assert_array_equal(cotangent, np.arange(6.0).reshape(2, 3))


def test_constant_grads_of_a_recorded_pass_share_no_memory():
    a, b = leaves((2, 3), (2, 3))
    cotangent = np.arange(6.0).reshape(2, 3)
    (a + b).backward(cotangent, create_graph=True)
    assert a.grad is not b.grad
    assert_apart([a.grad.data, b.grad.data, cotangent])


def test_gradients_at_intermediates_share_no_memory():
    a, b = leaves((2, 3), (2, 3))
    h = a + b
    y = +h
    cotangent = np.ones((2, 3))
    assert_apart([cotangent, *(g.data for g in gradients(y, [y, h, a, b], cotangent))])


@pytest.mark.parametrize("kind", [np.array, Tensor], ids=["array", "tensor"])
@pytest.mark.parametrize("create_graph", [False, True])
def test_the_cotangent_is_not_changed(kind, create_graph):
    x = leaf([1.0, 2.0])
    cotangent = kind([3.0, 5.0])
    h = x + x
    (h * h + h).backward(cotangent, create_graph=create_graph)
    assert_array_equal(getattr(cotangent, "array", cotangent), [3.0, 5.0])
    assert_array_equal(x.grad.data, (8 * x.data + 2) * [3.0, 5.0])
    x.zero_grad()  # breaks the cycle of x, its recorded grad, and that one's graph


def test_grads_do_not_alias_the_values_of_a_sum_that_goes_on():
    a, b = leaves((2,), (2,))
    h = a + b
    y = (h * 2 + h * 3) + a  # a gets what b gets, and more
    y.sum().backward()
    assert_array_equal(a.grad.data, [6.0, 6.0])
    assert_array_equal(b.grad.data, [5.0, 5.0])


# ---------------------------------------------------------------- freeing


def cyclic_garbage(build):
    """Run a function with the garbage collector off; return what of ours only it would free."""
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        build()
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        return [x for x in gc.garbage if type(x).__module__.startswith(("autograd_lite", "nn"))]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        if was_enabled:
            gc.enable()


def chain(x, length):
    """Return ``x + 1 + 1 ...`` and a weak reference to an early intermediate."""
    y = x + 1.0
    early = weakref.ref(y)
    for _ in range(length - 1):
        y = y + 1.0
    return y, early


@pytest.mark.parametrize("differentiated", [True, False])
def test_a_chain_of_a_million_ops_works_and_frees(differentiated):
    length = 1_000_000
    x = leaf(0.0)

    def build():
        y, early = chain(x, length)
        assert y.item() == length
        assert early() is not None
        if differentiated:
            y.backward()
            assert x.grad.item() == 1.0
        del y
        assert early() is None

    assert cyclic_garbage(build) == []


def test_a_long_chain_is_differentiated_twice():
    x = leaf(2.0)
    y = x * x
    for _ in range(20_000):
        y = y + 0.0
    slope = gradients(y, x, create_graph=True)
    assert gradients(slope, x).item() == 2.0


def network():
    return nn.Sequential(nn.Dense(3, 4, rng=0), nn.Tanh(), nn.Dense(4, 2, rng=1))


def train_step():
    model = network()
    optimizer = nn.optim.SGD(model.parameters(), learning_rate=0.1, momentum=0.9)
    nn.losses.cross_entropy(model(np.ones((5, 3))), [0, 1, 0, 1, 0]).backward()
    optimizer.step()
    model.zero_grad()


def every_op():
    a, b = leaves((2, 3), (2, 3))
    parts = [function(a, b).sum() for function in SHARING.values()]
    parts += [(a @ b.T).max(), a.min(), a.mean(), ag.softmax(a)[0, 0], ag.logsumexp(b)]
    parts += [(a / b).sqrt().log().sum(), np.sin(a).sum(), ag.clip(a, b, 3.0).sum()]
    ag.stack(parts).sum().backward()


def fail_in_backward():
    wrong = Primitive("wrong", lambda x: x, [lambda g, y, x: g[:1]])
    with pytest.raises(GraphError):
        wrong(leaf([1.0, 2.0])).backward([1.0, 1.0])


def recorded_backward():
    x = leaf(2.0)
    (x**3).backward(create_graph=True)
    x.zero_grad()  # x.grad's graph leads to x: that cycle is the user's to break


def higher_order():
    x = leaf([1.5, 2.5])
    y = x**4
    for _ in range(3):
        y = gradients(y.sum(), x, create_graph=True)


GRAPHS = {
    "recorded, not differentiated": lambda: np.sin((leaf(2.0) * 3).exp()),
    "every op": every_op,
    "training step": train_step,
    "retained": lambda: (leaf(2.0) * 3).backward(retain_graph=True),
    "gradients": lambda: gradients((x := leaf(2.0)) * x, x),
    "create_graph": higher_order,
    "backward with create_graph": recorded_backward,
    "deltas": lambda: nn.deltas(
        model := network(), nn.losses.mean_squared_error(model(np.ones((1, 3))), [[0.0, 1.0]])
    ),
    "constants": lambda: Tensor([1.0]) * [2.0],
    "no_grad": no_grad()(lambda: leaf(2.0) * 3),
    "error in backward": fail_in_backward,
}


@pytest.mark.parametrize("build", GRAPHS.values(), ids=GRAPHS)
def test_graphs_are_freed_without_the_garbage_collector(build):
    assert cyclic_garbage(build) == []


def test_a_cycle_would_be_found():
    def build():
        x = leaf(1.0)
        x.grad = x

    assert [type(x) for x in cyclic_garbage(build)] == [Tensor]
