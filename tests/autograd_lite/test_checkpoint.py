"""checkpoint: the same derivatives, of less memory."""

import tracemalloc

import numpy as np
import pytest

import nn
from autograd_lite import (
    Primitive,
    Tensor,
    checkpoint,
    grad,
    gradients,
    hessian,
    jacobian,
    no_grad,
)
from autograd_lite.errors import GraphError, UnsupportedError

RNG = np.random.default_rng(0)
X = RNG.standard_normal((3, 4))
W = RNG.standard_normal((4, 4)) / 2


def same(f):
    return f


def derivatives(wrapped, order):
    """Return gradients to an order, of nested segments with several outputs and closures."""
    x = Tensor(X, requires_grad=True)
    w = Tensor(W, requires_grad=True)
    outside = w * 2  # closed over, and depends on what is closed over too

    def inner(x, *, name):
        hidden = np.tanh(x @ w)
        return {name: np.tanh(hidden @ w), "sum": [np.sin(hidden).sum(), 3]}

    def outer(x):
        found = wrapped(inner)(x * 1.5, name="y")
        return found["y"] @ outside + w[0] * found["sum"][0] + found["sum"][1]

    value = (wrapped(outer)(np.sin(x) + w.sum()) ** 2).mean()
    found = []
    for _ in range(order - 1):
        found += gradients(value, [x, w, outside][: 3 if not found else 2], create_graph=True)
        value = sum((g**2).sum() for g in found)
    value.backward()
    return [*found, x.grad, w.grad]


@pytest.mark.parametrize("order", [1, 2, 3])
def test_derivatives_are_the_same_to_every_order(order):
    for a, b in zip(derivatives(same, order), derivatives(checkpoint, order), strict=True):
        np.testing.assert_allclose(a.data, b.data, rtol=1e-9)


def test_transforms_go_through():
    def f(x):
        return np.tanh(np.sin(x) @ W).sum(axis=1)

    np.testing.assert_allclose(jacobian(checkpoint(f))(X), jacobian(f)(X))
    np.testing.assert_allclose(
        hessian(lambda x: checkpoint(f)(x).sum())(X), hessian(lambda x: f(x).sum())(X)
    )


def test_outputs_of_several_dtypes():
    def f(x, z):
        return x.astype(np.float32), z * x[0], x.sum() * 2

    x, z = np.array([1.0, 2.0]), np.array([1j, 2 + 1j])

    def loss(f):
        def of(x, z):
            a, b, c = f(x, z)
            assert (a.dtype, b.dtype, c.dtype, c.shape) == ("float32", "complex128", "float64", ())
            return a.sum() ** 2 + (b * np.conjugate(b)).real.sum() + c

        return grad(of, (0, 1))

    for a, b in zip(loss(f)(x, z), loss(checkpoint(f))(x, z), strict=True):
        np.testing.assert_allclose(a, b)


def test_parameters_of_a_module_get_their_gradients():
    model = nn.Sequential(nn.Dense(4, 5, rng=0), nn.Sigmoid(), nn.Dense(5, 2, rng=1))
    model(X).sum().backward()
    expected = [p.grad.data for p in model.parameters()]
    model.zero_grad()
    out = checkpoint(model)(X)
    assert out.op.name == "checkpoint"
    assert set(model.parameters()) == set(out.inputs)
    out.sum().backward()
    for p, g in zip(model.parameters(), expected, strict=True):
        np.testing.assert_allclose(p.grad, g)


def test_only_what_is_wanted():
    x, y = (Tensor(X, requires_grad=True) for _ in range(2))
    out = checkpoint(lambda x, y: x * y)(x, y).sum()
    for _ in range(2):
        for a, b in ((x, y), (y, x)):
            np.testing.assert_array_equal(gradients(out, a, retain_graph=True), b.data)


def chain(wrapped):
    def segment(x):
        for _ in range(20):
            x = np.sin(x) * 1.1
        return x

    y = x = Tensor(np.linspace(-1, 1, 20_000), requires_grad=True)
    tracemalloc.start()
    try:
        for _ in range(10):
            y = wrapped(segment)(y)
        y = y.sum()
        held, _ = tracemalloc.get_traced_memory()
        y.backward()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return held, peak, x.grad.data


def test_a_deep_chain_holds_less():
    held, peak, g = chain(checkpoint)
    usual_held, usual_peak, expected = chain(same)
    np.testing.assert_allclose(g, expected)
    assert held < usual_held / 15
    assert peak < usual_peak / 5


def test_without_recording_it_is_the_function_itself():
    with no_grad():
        assert checkpoint(np.sin)(Tensor(X, requires_grad=True)).op is None
    assert checkpoint(lambda x: x)(X) is X
    assert checkpoint(np.sin)(Tensor(X)).op is None
    x = Tensor(X, requires_grad=True)
    assert checkpoint(lambda x: x)(x) is x


def test_what_is_not_computed_the_same_again_is_refused():
    rng = np.random.default_rng(0)
    x = Tensor(X, requires_grad=True)
    out = checkpoint(lambda x: x * rng.random(x.shape))(x)
    with pytest.raises(GraphError, match=r"didn't compute the same again.*seed"):
        out.sum().backward()
    shapes = [(3, 4), (12,)]
    out = checkpoint(lambda x: x.reshape(shapes.pop(0)) * 2)(x)
    with pytest.raises(GraphError, match="didn't compute the same again"):
        out.sum().backward()

    def seeded(x, seed):
        return x * np.random.default_rng(seed).random(x.shape)

    checkpoint(seeded)(x, 0).sum().backward()
    np.testing.assert_array_equal(x.grad, np.random.default_rng(0).random(X.shape))


def test_replaced_data_is_refused():
    x = Tensor(X, requires_grad=True)
    out = checkpoint(np.sin)(x).sum()
    x.data = X + 1
    with pytest.raises(GraphError, match="data replaced"):
        out.backward()
    y = x * 2
    out = checkpoint(np.sin)(y).sum()
    y[0] = 0.0
    with pytest.raises(GraphError, match="assigned into"):
        out.backward()


def test_a_first_order_op_inside_is_refused_at_second_order():
    once = Primitive("once", np.square, [lambda g, y, x: g * 2 * x], first_order_only=True)
    x = Tensor(X, requires_grad=True)
    np.testing.assert_allclose(gradients(checkpoint(once)(x).sum(), x), 2 * X)
    with pytest.raises(UnsupportedError, match="once has no second derivative"):
        hessian(lambda x: checkpoint(once)(x).sum())(X)


@pytest.mark.parametrize("reduce", [np.sum, np.sin], ids=["scalar", "array"])
def test_a_small_change_is_noticed_whatever_the_shape(reduce):
    x, factor = Tensor([1.0, 2.0], requires_grad=True), [1.0]
    y = checkpoint(lambda x: reduce(x * x * factor[0]))(x).sum()
    factor[0] += 1e-5
    with pytest.raises(GraphError, match="didn't compute the same again"):
        y.backward()
