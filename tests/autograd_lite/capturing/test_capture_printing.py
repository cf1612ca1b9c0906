"""A program's source gives eager's bits, and can be read."""

import dataclasses
from collections import namedtuple

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import autograd_lite
import nn
from autograd_lite import Tensor

from .written import (
    compared,
    images,
    labelled,
    network,
    numbers,
    parameters_of,
    trained,
)

# ---------------------------------------------------------------------- functions of arrays

Pair = namedtuple("Pair", "low high")
MASK = np.array([True, False, True, True])
INDEX = np.array([0, 2, 2])
TABLE = np.random.default_rng(5).standard_normal((30, 7))
SKEW = np.asfortranarray(np.random.default_rng(6).standard_normal((4, 3)))


@dataclasses.dataclass
class Out:
    value: object
    twice: object


def cubes(x):
    return (x**3).sum()


def assigned(x):
    y = x * 2
    y[0] = 1.0
    y[1, 1:] += x[0, 1:]
    return y + y[::-1]


def quiet(x):
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.log(x * 0)
    return y + 1


FUNCTIONS = {
    "elementwise": lambda x: np.exp(-x) * np.sin(x) + x**2 - 3 / (1 + x * x),
    "powers": lambda x: np.abs(x) ** 0.5 + x**3 + np.power(np.abs(x), 1.5) + 2.0**x,
    "brackets": lambda x: (x - (x - 1)) - ((x + 1) / (x * 2)) / -x - -x * (x - 1),
    "comparing": lambda x: ((x > 0) & (x < 1)) | ~(x <= -1) ^ (x == 0),
    "sums": lambda x: (x.sum(), x.mean(0), x.max(1), np.var(x, axis=1), np.prod(x, axis=(0, 1))),
    "norms": lambda x: np.sqrt((x * x).sum(axis=-1, keepdims=True)),
    "cumulative": lambda x: np.cumsum(x, axis=1) + np.sort(x, axis=0),
    "einsum": lambda x: np.einsum("ij,kj->ik", x, x),
    "where": lambda x: np.where(x > 0, x, 0.1 * x),
    "mask": lambda x: x[:, MASK[: x.shape[1]]] if x.shape[1] == 4 else x[MASK[:3]],
    "indices": lambda x: x[INDEX] + x[INDEX, 1:2] + x[0, ..., None, 0],
    "slices": lambda x: x[::-1, 1:] - x[1:2, :-1],
    "table": lambda x: x @ np.ones((4, 30)) @ TABLE,
    "fortran": lambda x: x @ SKEW,
    "shapes": lambda x: np.concatenate([x.T.reshape(3, 4), np.stack([x[0], x[1], x[2]])]).ravel(),
    "softmax": lambda x: np.exp(x - x.max(1, keepdims=True)) / np.exp(x).sum(1, keepdims=True),
    "solve": lambda x: np.linalg.solve(x.T @ x + np.eye(4), x.T),
    "svd": lambda x: np.linalg.svd(x, full_matrices=False),
    "divmod": lambda x: divmod(x, 0.3),
    "integers": lambda x: (np.floor(x * 10).astype(np.int64) // 3) % 5 << 2,
    "small": lambda x: np.float32(0.1) * x.astype(np.float32) + 1e-7,
    "complex": lambda x: ((x + 1j * x) * np.exp(1j * x)).conj().real + np.abs(x * (2 - 1j)),
    "fourier": lambda x: np.fft.ifft(np.fft.fft(x) * 2),
    "special values": lambda x: np.maximum(x, -np.inf) + np.where(np.isnan(x / x), np.nan, -0.0),
    "containers": lambda x: {"a": [x + 1, (x * 2, None)], "b": Pair(x.min(), x.max()), "c": "text"},
    "record": lambda x: Out(x.sum(), [x + x]),
    "scalars": lambda x: (x.sum() + 1) * x[0, 0] / x.max() ** 2 - x.min() // 1,
    "constant": lambda x: (np.arange(4.0), x + np.arange(4)),
    "same twice": lambda x: [x, x, x.T],
    "assignment": assigned,
    "outer": lambda x: np.multiply.outer(x[0], x[1]) + np.add.reduce(x, axis=0),
    "clip": lambda x: np.clip(x, -0.5, 0.5) + np.round(x, 1) + np.sign(x),
    "triangle": lambda x: np.tril(x) @ x.T,
    "argmax": lambda x: x[np.arange(3), x.argmax(1)],
    "quiet": quiet,
    "branch": lambda x: x * 2 if (x * x).sum() > 0 else x * 3,
    "transformed": autograd_lite.grad(lambda x: np.tanh(x).sum()),
    "product of a hessian": autograd_lite.grad(lambda x: (x * autograd_lite.grad(cubes)(x)).sum()),
    "value and gradient": autograd_lite.value_and_grad(cubes),
    "hessian": autograd_lite.hessian(cubes),
    "tensor": lambda x: (Tensor(x) * 2).sum(),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_source_gives_the_bits_of_a_function_of_arrays(name, dtype):
    def f(x):
        return FUNCTIONS[name](x)

    compared(f, numbers(3, 4, dtype=dtype))


def test_large_intermediate_results_keep_their_memory_order():
    # NumPy may compute in the memory of a large operand without a name, in that one's order;
    # what had a name in the function must not lose it in the source
    def f(x, y):
        a = x.T * 2.0
        b = x.T - 1.0
        c = np.exp(x.T / -3)
        d = x.T + y.T
        a, b, c, d = a + y, (y + 1.0) * b, c * y, d - x
        return a.sum(0), b.sum(1), a @ b, d.sum(axis=0), c.mean(1), c

    def arguments(i):
        rng = np.random.default_rng(i)
        return rng.standard_normal((300, 300)), rng.standard_normal((300, 300))

    compared(f, arguments)


# ---------------------------------------------------------------------- steps that train


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("batch", [1, 10])
def test_the_step_of_the_articles_network(dtype, batch):
    model = network(dtype=dtype)
    optimizer = nn.optim.SGD(model.parameters(), learning_rate=3.0)
    step = trained(model, optimizer, nn.losses.binary_cross_entropy_with_logits)
    program = compared(step, images(batch, dtype), parameters_of(model))
    page = str(program)
    assert len(page.splitlines()) < 60
    for line in (
        "z0 = x @ layers_0_weight + layers_0_bias",
        "a0 = 1 / (1 + np.exp(",
        "loss = ",
        "# forward",
        "# backward",
        "delta1 = ",
        "delta0 = (delta1 @ layers_2_weight.T) * (a0 * (1 - a0))",
        f"layers_0_weight_grad = x.T {'*' if batch == 1 else '@'} delta0",
        "layers_0_bias_grad = delta0.sum(axis=0)",
        "# update",
        "layers_2_weight -= learning_rate * layers_2_weight_grad",
    ):
        assert page.count(line) == 1, f"{line}\n{page}"


@pytest.mark.parametrize(
    ("optimizer", "settings"),
    [
        (nn.optim.SGD, {"momentum": 0.9}),
        (nn.optim.SGD, {"momentum": 0.9, "nesterov": True, "weight_decay": 1e-4}),
    ],
)
def test_a_step_with_labels_and_momentum(optimizer, settings):
    model = network(nn.ReLU())
    optimizer = optimizer(model.parameters(), learning_rate=0.1, **settings)
    step = trained(model, optimizer, nn.losses.cross_entropy)
    compared(step, labelled, parameters_of(model))


def test_adam_by_hand():
    w = Tensor(np.ones((20, 4), np.float32), requires_grad=True)
    m, v, power = np.zeros_like(w.data), np.zeros_like(w.data), np.ones(2)
    rates = np.array([0.9, 0.999])

    def step(x, t):
        w.zero_grad()
        loss = ((np.tanh(x @ w) - t) ** 2).mean()
        loss.backward()
        g = w.grad.data
        power[...] *= rates
        m[...] = 0.9 * m + np.float32(0.1) * g
        v[...] = 0.999 * v + (1 - 0.999) * g * g
        w.data -= 0.01 * (m / (1 - power[0])) / (np.sqrt(v / (1 - power[1])) + 1e-8)
        return loss

    compared(step, images(), {"w": w})


def test_dropout_draws_from_the_given_generator():
    rng = np.random.default_rng(3)
    w = Tensor(np.ones((20, 4), np.float32), requires_grad=True)

    def step(x, t):
        w.zero_grad()
        kept = rng.random(x.shape) < 0.8
        loss = (((x * kept) @ w - t) ** 2).sum()
        loss.backward()
        w.data -= 0.001 * w.grad.data
        return {"loss": loss, "kept": kept}

    compared(step, images(), {"w": w})


def test_gradients_that_add_up_over_two_backward_passes():
    w = Tensor(np.ones((20, 4), np.float32), requires_grad=True)

    def step(x, t):
        w.zero_grad()
        (w * w).sum().backward()
        loss = ((x @ w - t) ** 2).sum()
        loss.backward()
        return loss

    compared(step, images(), {"w": w})


def test_new_data_are_given_back():
    w = Tensor(np.ones((20, 4), np.float32), requires_grad=True)

    def step(x, t):
        w.zero_grad()
        loss = ((x @ w - t) ** 2).sum()
        loss.backward()
        w.data = w.data - 0.01 * w.grad.data
        return loss

    compared(step, images(), {"w": w})


def test_a_state_that_is_replaced_is_given_back():
    class Recurrent:
        def __init__(self):
            rng = np.random.default_rng(0)
            self.w = Tensor(rng.standard_normal((4, 4)), requires_grad=True)
            self.h = np.zeros((3, 4))

        def __call__(self, x):
            self.h = np.tanh(x + self.h @ self.w.data)
            return self.h * 2

    model = Recurrent()

    def advance(x):
        return model(x)

    compared(advance, numbers(3, 4))


def test_complex_weights_with_einsum_where_and_assignment():
    w = Tensor(np.ones((4, 4)) * (1 - 0.5j), requires_grad=True)

    def step(x):
        w.zero_grad()
        y = np.einsum("ij,jk->ik", x, w)
        y = np.where(x > 0, y, 0.1 * y)
        y[0] = 2.0
        loss = (y * np.conj(y)).real.sum()
        loss.backward()
        w.data -= 0.01 * w.grad.data
        return loss

    compared(step, numbers(3, 4), {"w": w})


def test_a_gradient_of_gradients():
    w = Tensor(np.linspace(0.5, 1, 4), requires_grad=True)

    def step(x):
        w.zero_grad()
        y = np.sin(x @ w).sum()
        (y + (autograd_lite.grad(lambda v: np.sin(x @ v).sum())(w) ** 2).sum()).backward()
        w.data -= 0.1 * w.grad.data
        return y

    compared(step, numbers(3, 4), {"w": w})


def test_special_functions_are_scipys():
    special = pytest.importorskip("scipy.special")

    def f(x):
        return special.erf(x) + special.expit(x)

    assert "\nimport scipy.special\n" in compared(f, numbers(3, 4)).source()


# ---------------------------------------------------------------------- any program

UNARY = (np.exp, np.tanh, np.negative, np.abs, np.sin, np.square, lambda x: 1 / (2 + x * x))
BINARY = (np.add, np.subtract, np.multiply, np.maximum, np.arctan2, lambda a, b: a - 2 * (b - a))
SHAPING = (
    lambda x: x.T.reshape(3, 4),
    lambda x: x[::-1],
    lambda x: x @ x.T @ x / 100,
    lambda x: np.broadcast_to(x.sum(0), (3, 4)),
    lambda x: x.max(1, keepdims=True) - x,
    lambda x: np.where(x > 0, x, 0.5),
    lambda x: x[[2, 0, 1]],
)
TABLES = {"unary": UNARY, "binary": BINARY, "shaping": SHAPING}


@st.composite
def programs(draw):
    """Draw a function of an array: a list of ops on earlier results, some of them in place."""
    ops = []
    for known in range(1, draw(st.integers(2, 8)) + 1):
        index = st.integers(0, known - 1)
        kind = draw(st.sampled_from([*TABLES, "in place", "assignment"]))
        table = TABLES.get(kind, BINARY[:3])
        ops.append((kind, table[draw(st.integers(0, len(table) - 1))], draw(index), draw(index)))
    kept = draw(st.lists(st.integers(1, len(ops)), min_size=1, max_size=3))

    def program(x):
        values = [x]
        for kind, op, i, j in ops:
            a, b = values[i], values[j]
            if kind in ("unary", "shaping"):
                a = op(a)
            elif kind == "binary":
                a = op(a, b)
            elif kind == "in place":
                a = a + 0.0
                part = a[1:]
                a *= 0.5
                part += b[1:]
            else:
                a = a * 2.0
                a[1] = op(a[0], b[2])
            values.append(a)
        return [values[k] for k in kept]

    return program


@settings(max_examples=60, deadline=None)
@given(programs(), st.sampled_from([np.float32, np.float64]))
def test_the_source_of_any_program_gives_its_bits(program, dtype):
    with np.errstate(all="ignore"):
        compared(program, numbers(3, 4, dtype=dtype))
