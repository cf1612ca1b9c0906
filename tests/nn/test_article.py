"""The article's algorithm, coded by hand, against what ``backward()`` finds.

By hand it goes one example at a time, with column vectors and weights of shape (outputs, inputs):

    z^l = w^l a^(l-1) + b^l                            a^l = sigma(z^l)
    delta^L = a^L - t
    delta^l = sigma'(z^l) * (w^(l+1))^T delta^(l+1)
    dC/dw^l = delta^l (a^(l-1))^T                      dC/db^l = delta^l
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd_lite import Tensor, gradients, no_grad
from autograd_lite.errors import GraphError, ShapeError


class Problem(NamedTuple):
    """A network, as the article writes it, and a batch: the rows of x and t are the examples."""

    weights: list
    biases: list
    x: np.ndarray
    t: np.ndarray


class Found(NamedTuple):
    """By layers: the deltas of every example, and the gradients averaged over the batch."""

    deltas: list
    weights: list
    biases: list


@st.composite
def problems(draw):
    sizes = draw(st.lists(st.integers(1, 6), min_size=2, max_size=6))
    batch, one_hot = draw(st.integers(1, 7)), draw(st.booleans())
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    if one_hot:
        t = np.eye(sizes[-1])[rng.integers(0, sizes[-1], batch)]
    else:
        t = rng.random((batch, sizes[-1]))
    return Problem(
        [rng.standard_normal((n, m)) for m, n in pairwise(sizes)],
        [rng.standard_normal((n, 1)) for n in sizes[1:]],
        rng.random((batch, sizes[0])),
        t,
    )


def sigma(z):
    return 1 / (1 + np.exp(-z))


def sigma_prime(z):
    return sigma(z) * (1 - sigma(z))


def backpropagate_one_example(weights, biases, x, t):
    """Return the deltas of the layers and the gradients, by the article's equations."""
    activations, aggregations = [x], []
    for w, b in zip(weights, biases, strict=True):
        aggregations.append(w @ activations[-1] + b)
        activations.append(sigma(aggregations[-1]))
    deltas = [activations[-1] - t]
    for w, z in zip(weights[:0:-1], aggregations[-2::-1], strict=True):
        deltas.insert(0, sigma_prime(z) * (w.T @ deltas[0]))
    weight_gradients = [d @ a.T for d, a in zip(deltas, activations[:-1], strict=True)]
    return deltas, weight_gradients, deltas


def backpropagate_by_hand(problem):
    examples = [
        backpropagate_one_example(problem.weights, problem.biases, x[:, None], t[:, None])
        for x, t in zip(problem.x, problem.t, strict=True)
    ]
    deltas, weights, biases = (
        list(zip(*found, strict=True)) for found in zip(*examples, strict=True)
    )
    return Found(
        [np.hstack(columns).T for columns in deltas],
        [np.mean(gradients, axis=0) for gradients in weights],
        [np.mean(gradients, axis=0) for gradients in biases],
    )


def assert_same(found, expected):
    """Compare what the framework found, weights as (inputs, outputs), with what was by hand."""
    by_hand = [*expected.deltas, *(w.T for w in expected.weights), *expected.biases]
    values = [*found.deltas, *found.weights, *(b[:, None] for b in found.biases)]
    largest = max(abs(array).max() for array in by_hand)
    for value, array in zip(values, by_hand, strict=True):
        assert_allclose(value, array, rtol=1e-10, atol=1e-13 * largest, strict=True)


def given_values(values):
    return lambda rng, shape, dtype: values


def dense_layers(problem):
    return [
        nn.Dense(
            *w.T.shape,
            weight_init=given_values(w.T),
            bias_init=given_values(b[:, 0]),
            dtype=np.float64,
        )
        for w, b in zip(problem.weights, problem.biases, strict=True)
    ]


def network(layers):
    """Return the layers with a sigmoid after each, the last without."""
    modules = [module for layer in layers for module in (layer, nn.Sigmoid())]
    return nn.Sequential(*modules[:-1])


def on_logits(model, problem):
    return nn.losses.binary_cross_entropy_with_logits(model(problem.x), problem.t)


def on_sigmoids(model, problem):
    return nn.losses.binary_cross_entropy(model(problem.x).sigmoid(), problem.t)


def found_by_modules(problem, cost):
    layers = dense_layers(problem)
    model = network(layers)
    loss = cost(model, problem)
    deltas = nn.deltas(model, loss)
    assert list(deltas) == [str(2 * position) for position in range(len(layers))]
    loss.backward()
    return Found(
        [delta.data * len(problem.x) for delta in deltas.values()],
        [layer.weight.grad.data for layer in layers],
        [layer.bias.grad.data for layer in layers],
    )


def found_by_raw_ops(problem):
    weights = [Tensor(w.T, requires_grad=True) for w in problem.weights]
    biases = [Tensor(b[:, 0], requires_grad=True) for b in problem.biases]
    a, zs = Tensor(problem.x), []
    for w, b in zip(weights, biases, strict=True):
        zs.append(a @ w + b)
        a = zs[-1].sigmoid()
    loss = nn.losses.binary_cross_entropy_with_logits(zs[-1], problem.t)
    deltas = gradients(loss, wrt=zs, retain_graph=True)
    loss.backward()
    return Found(
        [delta.data * len(problem.x) for delta in deltas],
        [w.grad.data for w in weights],
        [b.grad.data for b in biases],
    )


@settings(deadline=None, derandomize=True)
@given(problems())
@pytest.mark.parametrize("cost", [on_logits, on_sigmoids])
def test_backward_finds_the_article_s_deltas_and_gradients(cost, problem):
    assert_same(found_by_modules(problem, cost), backpropagate_by_hand(problem))


@settings(deadline=None, derandomize=True)
@given(problems())
def test_gradients_at_the_aggregations_are_the_article_s_deltas(problem):
    assert_same(found_by_raw_ops(problem), backpropagate_by_hand(problem))


def test_a_wrong_equation_would_be_found():
    rng = np.random.default_rng(0)
    shapes = [(3, 2), (2, 3)]
    problem = Problem(
        [rng.standard_normal(shape) for shape in shapes],
        [rng.standard_normal((shape[0], 1)) for shape in shapes],
        rng.random((4, 2)),
        rng.random((4, 2)),
    )
    found = found_by_modules(problem, on_logits)
    right = backpropagate_by_hand(problem)
    assert_same(found, right)
    for changed in (
        right._replace(deltas=[d * (1 + 1e-9) for d in right.deltas]),
        right._replace(weights=[w + 1e-9 for w in right.weights]),
        right._replace(biases=[-b for b in right.biases]),
    ):
        with pytest.raises(AssertionError):
            assert_same(found, changed)


# ---------------------------------------------------------------- deltas of other modules

X = np.linspace(-1.0, 1.0, 6).reshape(3, 2)
T = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])


class Raw(nn.Module):
    """A layer written with raw ops, which keeps its pre-activations."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        self.w = Tensor(rng.standard_normal((2, 2)), requires_grad=True)
        self.b = Tensor(rng.standard_normal(2), requires_grad=True)
        self.zs = ()

    def forward(self, x):
        self.zs = (*self.zs, x @ self.w + self.b)
        return self.zs[-1].tanh()


class Net(nn.Module):
    """Two raw layers, the first called several times."""

    def __init__(self, calls=1):
        self.first, self.second, self.calls = Raw(0), Raw(1), calls

    def forward(self, x):
        for _ in range(self.calls):
            x = self.first(x)
        return self.second(x)


def squared_error(model):
    return nn.losses.mean_squared_error(model(X), T)


@pytest.mark.parametrize("calls", [1, 2, 3])
def test_every_call_of_a_layer_has_a_delta(calls):
    model = Net(calls)
    loss = squared_error(model)
    found = nn.deltas(model, loss)
    again = [f"first#{number}" for number in range(2, calls + 1)]
    assert list(found) == ["first", *again, "second"]
    expected = gradients(loss, [*model.first.zs, *model.second.zs])
    for delta, value in zip(found.values(), expected, strict=True):
        assert_array_equal(delta.data, value.data)


def test_the_deltas_of_calls_add_up_to_the_gradient_of_the_bias():
    model = Net(3)
    loss = squared_error(model)
    found = nn.deltas(model, loss)
    loss.backward()
    calls = [found[name].data.sum(axis=0) for name in ("first", "first#2", "first#3")]
    assert_allclose(model.first.b.grad.data, sum(calls), rtol=1e-13)


def test_deltas_change_no_grad_and_keep_the_graph():
    model = Net()
    loss = squared_error(model)
    first, second = nn.deltas(model, loss), nn.deltas(model, loss)
    assert [p.grad for p in model.parameters()] == [None] * 4
    for name in first:
        assert_array_equal(first[name].data, second[name].data)
    loss.backward(retain_graph=True)
    nn.deltas(model, loss)


def test_a_model_that_is_one_layer_is_named_by_its_class():
    model = nn.Dense(2, 2, rng=0)
    assert list(nn.deltas(model, squared_error(model))) == ["Dense"]


def test_a_layer_without_bias_has_a_delta_at_its_product():
    model = nn.Sequential(nn.Dense(2, 2, bias=False, dtype=np.float64, rng=0), nn.Sigmoid())
    loss = squared_error(model)
    delta = nn.deltas(model, loss)["0"]
    loss.backward()
    assert_allclose(model[0].weight.grad.data, X.T @ delta.data, rtol=1e-13)


def test_layers_that_the_loss_does_not_depend_on_are_left_out():
    model = Net()
    model.unused = Raw(2)
    model.unused(X)
    assert list(nn.deltas(model, squared_error(model))) == ["first", "second"]


def test_frozen_layers_are_left_out():
    model = Net()
    model.second.w.requires_grad = model.second.b.requires_grad = False
    assert list(nn.deltas(model, squared_error(model))) == ["first"]


def released(model):
    loss = squared_error(model)
    loss.backward()
    return loss


def unrecorded(model):
    with no_grad():
        return squared_error(model)


@pytest.mark.parametrize(
    "compute",
    [lambda model: squared_error(Net()), lambda model: Tensor(1.0), released, unrecorded],
    ids=["another model", "a constant", "released", "no_grad"],
)
def test_deltas_need_a_loss_computed_with_the_model(compute):
    model = Net()
    with pytest.raises(GraphError, match="no graph that goes through a layer of this Net"):
        nn.deltas(model, compute(model))


def test_deltas_need_one_value():
    model = Net()
    with pytest.raises(ShapeError, match=r"shape \(3, 2\)"):
        nn.deltas(model, model(X))


@pytest.mark.parametrize("bias", [True, False])
def test_a_penalty_on_the_parameters_is_no_layer(bias):
    model = nn.Sequential(nn.Dense(3, 4, bias), nn.Sigmoid(), nn.Dense(4, 2, bias))
    loss = nn.losses.cross_entropy(model(np.ones((5, 3), np.float32)), [0, 1, 0, 1, 0])
    plain = nn.deltas(model, loss)
    penalized = nn.deltas(model, loss + sum((p**2).sum() for p in model.parameters()))
    assert {name: delta.shape for name, delta in penalized.items()} == {"0": (5, 4), "2": (5, 2)}
    for name, delta in plain.items():
        assert_array_equal(penalized[name].data, delta.data)
