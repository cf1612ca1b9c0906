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
    once,
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


# ---------------------------------------------------------------- once


class Noisy:
    """Draws a mask, and counts how often."""

    def __init__(self):
        self.rng, self.count = np.random.default_rng(0), 0

    def __call__(self, x):
        return np.sin(x) * once(self.draw)

    def draw(self):
        self.count += 1
        return self.rng.random(4) < 0.5


def nested(f, levels):
    for _ in range(levels):
        f = checkpoint(f)
    return f


@pytest.mark.parametrize("levels", [0, 1, 2, 3])
def test_what_is_drawn_once_stays_the_same_and_goes_on_afterwards(levels):
    noisy, plain = Noisy(), Noisy()
    f = nested(lambda x: noisy(noisy(x)), levels)
    for _ in range(3):
        x, z = Tensor(X, requires_grad=True), Tensor(X, requires_grad=True)
        y, expected = (f(x) ** 2).sum(), (plain(plain(z)) ** 2).sum()
        y.backward()
        expected.backward()
        assert y.item() == expected.item()
        np.testing.assert_array_equal(x.grad.data, z.grad.data)
    assert noisy.count == plain.count == 6
    assert noisy.rng.random() == plain.rng.random()


def test_once_is_once_in_an_inner_segment_and_around_it():
    noisy, plain = Noisy(), Noisy()
    outer = checkpoint(lambda x: noisy(checkpoint(noisy)(noisy(x))))
    x, z = Tensor(X, requires_grad=True), Tensor(X, requires_grad=True)
    found = gradients((outer(x) ** 2).sum(), [x], create_graph=True)[0]
    expected = gradients((plain(plain(plain(z))) ** 2).sum(), [z], create_graph=True)[0]
    np.testing.assert_array_equal(found.data, expected.data)
    found.sum().backward()
    expected.sum().backward()
    np.testing.assert_allclose(x.grad.data, z.grad.data, rtol=1e-12)
    assert noisy.count == 3


def test_every_pass_through_a_segment_gets_the_same():
    noisy = Noisy()
    x = Tensor(X, requires_grad=True)
    y = checkpoint(noisy)(x).sum()
    y.backward(retain_graph=True)
    first = x.grad.data.copy()
    x.zero_grad()
    y.backward()
    np.testing.assert_array_equal(x.grad.data, first)
    assert noisy.count == 1


def test_once_outside_of_checkpoints_just_calls():
    noisy = Noisy()
    with no_grad():
        checkpoint(noisy)(X)
    noisy(X)
    assert noisy.count == 2


def test_coming_to_once_more_often_than_in_the_first_run_is_an_error():
    visits = []

    def f(x):
        visits.append(x)
        for _ in visits:
            once(lambda: None)
        return x * 2

    x = Tensor(1.0, requires_grad=True)
    with pytest.raises(GraphError, match=r"came to once\(\) more often"):
        checkpoint(f)(x).backward()
