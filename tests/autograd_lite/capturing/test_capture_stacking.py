"""``fast=True`` makes one call of several that do the same: the results stay as they are."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd_lite import Tensor, capture
from nn.functional import sigmoid

LANES = 4
ROWS, COLUMNS = 3, 5

UNARY = {
    "tanh": np.tanh,
    "negative": np.negative,
    "minus": lambda x: 1.0 - x,
    "square": lambda x: x * x,
    "half": lambda x: 0.5 * x,
    "copy": lambda x: x.copy(),
    "turned": lambda x: x[::-1],
    "where": lambda x: np.where(x > 0, x, 0.1 * x),
}
BINARY = {
    "add": lambda x, y: x + y,
    "multiply": lambda x, y: x * np.tanh(y),
    "subtract": lambda x, y: x - y,
}


def in_place(xs, ys, w):
    made = [a + 1.0 for a in xs]
    for a, b in zip(made, ys, strict=True):
        np.add(a, b, out=a)
    return made


def sum_of_products(xs, ys, w):
    total = np.tanh(xs[0]).T @ ys[0]
    for a, b in zip(xs[1:], ys[1:], strict=True):
        total += np.tanh(a).T @ b
    return [a @ total for a in xs]


def sum_of_rows(xs, ys, w):
    total = ys[0].sum(axis=0)
    for b in ys[1:]:
        total += b.sum(axis=0)
    return [a * total for a in xs]


def assigned(xs, ys, w):
    made = []
    for a, b in zip(xs, ys, strict=True):
        z = np.zeros_like(a)
        z[:, :2] = np.tanh(a[:, :2])
        z[:, 2:] += b[:, 2:] * 0.5
        made.append(z)
    return made


def recurrent_products(xs, ys, w):
    made, state = [], np.zeros_like(xs[0])
    for a in xs:
        state = np.tanh(a + state @ w)
        made.append(state)
    return made


OTHERS = {
    "in place": in_place,
    "sum of products": sum_of_products,
    "sum of rows": sum_of_rows,
    "assigned": assigned,
    "recurrent": recurrent_products,
    "product": lambda xs, ys, w: [np.tanh(a) @ w for a in xs],
    "asked": lambda xs, ys, w: [
        a * 2.0 if math.isfinite(np.vdot(a, a)) else a for a in map(np.tanh, xs)
    ],
}


unary = st.tuples(st.sampled_from(["each", "first", "chain"]), st.sampled_from([*UNARY]))
binary = st.tuples(st.sampled_from(["pairs", "shifted", "chained"]), st.sampled_from([*BINARY]))
others = st.tuples(st.just("other"), st.sampled_from([*OTHERS]))
row = st.integers(0, 5)
instructions = st.lists(
    st.tuples(st.one_of(unary, binary, others), row, row), min_size=4, max_size=12
)


def lanes_of(instruction, rows, w):
    """Return the arrays that an instruction makes of those at hand, one for each lane."""
    (how, name), i, j = instruction
    xs, ys = rows[i % len(rows)], rows[j % len(rows)]
    made = []
    if how == "each":
        made = [UNARY[name](a) for a in xs]
    elif how == "first":
        made = [UNARY[name](xs[0]), *xs[1:]]
    elif how == "pairs":
        made = [BINARY[name](a, b) for a, b in zip(xs, ys, strict=True)]
    elif how == "shifted":
        made = [BINARY[name](a, b) for a, b in zip(xs, ys[1:] + ys[:1], strict=True)]
    elif how == "other":
        made = OTHERS[name](xs, ys, w)
    else:
        state = np.zeros_like(xs[0])
        for a in xs:
            chain = how == "chain"
            state = UNARY[name](a + state) if chain else BINARY[name](np.tanh(a), np.tanh(state))
            made.append(state)
    return made


@settings(max_examples=150, deadline=None, derandomize=True)
@given(program=instructions, wanted=st.lists(st.integers(0, 15), min_size=1, max_size=3))
def test_any_program_gives_what_it_gives_eagerly(program, wanted):
    def function(x, w):
        rows = [[x[t] for t in range(LANES)], [x[LANES - 1 - t] * 1.5 for t in range(LANES)]]
        for instruction in program:
            rows.append(lanes_of(instruction, rows, w))
        picked = [rows[-1 - i % len(rows)][i % LANES] for i in wanted]
        return [rows[-1][-1] + 0.0, *(a.copy() for a in picked), rows[-1][0] * rows[-2][0]]

    captured = capture(function, fast=True, on_miss="error")
    rng = np.random.default_rng(0)
    kept = []
    for _ in range(6):
        x = rng.uniform(-1, 1, (LANES, ROWS, COLUMNS))
        w = rng.uniform(-1, 1, (COLUMNS, COLUMNS))
        right, found = function(x, w), captured(x, w)
        kept.append((found, right))
        for ours, theirs in (pair for results in kept for pair in zip(*results, strict=True)):
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)
    assert captured.program.replay is not None


TIMES, BATCH, INPUTS, UNITS = 6, 4, 3, 5


def recurrent(dtype=np.float64, **options):
    """Return the training step of an LSTM, and its parameters."""
    rng = np.random.default_rng(0)
    shapes = (INPUTS, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,), (UNITS, 1)
    parameters = [Tensor(rng.normal(size=s).astype(dtype), requires_grad=True) for s in shapes]
    wx, wh, b, readout = parameters
    optimizer = nn.optim.SGD(parameters, learning_rate=0.05)

    def step(x, t):
        optimizer.zero_grad()
        h = c = np.zeros((BATCH, UNITS), dtype)
        for xt in x:
            i, f, g, o = np.split(xt @ wx + h @ wh + b, 4, axis=1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        loss = nn.losses.mean_squared_error(h @ readout, t)
        loss.backward()
        optimizer.step()
        return loss

    return (capture(step, **options) if options else step), parameters


def sequences(dtype=np.float64, seed=1):
    rng = np.random.default_rng(seed)
    x, t = rng.normal(size=(TIMES, BATCH, INPUTS)), rng.normal(size=(BATCH, 1))
    return x.astype(dtype), t.astype(dtype)


def replayed(captured):
    return captured.program.replay._names.lines["run"]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("keep_grads", [True, False])
def test_an_lstm_trains_as_it_does_eagerly(dtype, keep_grads):
    eager, right = recurrent(dtype)
    captured, ours = recurrent(dtype, fast=True, keep_grads=keep_grads, on_miss="error")
    for turn in range(12):
        x, t = sequences(dtype, turn)
        losses = eager(x, t), captured(x, t)
        bound = 1e4 * np.finfo(dtype).eps
        np.testing.assert_allclose(losses[1].data, losses[0].data, rtol=bound)
        for a, b in zip(ours, right, strict=True):
            np.testing.assert_allclose(a.data, b.data, rtol=bound, atol=bound)
            if keep_grads:
                np.testing.assert_allclose(a.grad.data, b.grad.data, rtol=bound, atol=bound)


def test_an_lstm_has_half_the_calls():
    x, t = sequences()
    counts = []
    for options in ({"fast": False}, {"fast": True}):
        captured, _ = recurrent(on_miss="error", **options)
        for _ in range(4):
            captured(x, t)
        counts.append(len(replayed(captured)))
    assert counts[1] < 0.6 * counts[0]


@pytest.mark.parametrize("bad", [np.inf, np.nan])
@pytest.mark.parametrize("time", [0, TIMES - 1])
def test_a_value_that_is_not_finite_gives_what_it_gives_eagerly(bad, time):
    eager, right = recurrent()
    captured, ours = recurrent(fast=True, on_miss="ignore")
    for turn in range(5):
        x, t = sequences(seed=turn)
        if turn == 4:
            x[time, 0, 0] = bad
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            losses = eager(x, t), captured(x, t)
        np.testing.assert_allclose(losses[1].data, losses[0].data)
        for a, b in zip(ours, right, strict=True):
            np.testing.assert_allclose(a.data, b.data, rtol=1e-9, atol=1e-9)


def test_the_exact_mode_merges_nothing():
    x, t = sequences()
    eager, right = recurrent()
    captured, ours = recurrent(fast=False)
    for _ in range(5):
        assert captured(x, t).item() == eager(x, t).item()
    assert all(np.array_equal(a.data, b.data) for a, b in zip(ours, right, strict=True))


def test_the_printed_program_is_the_exact_one():
    x, t = sequences()
    texts = []
    for fast in (False, True):
        captured, _ = recurrent(fast=fast, keep_grads=True)
        for _ in range(4):
            captured(x, t)
        texts.append(str(captured.program))
    assert texts[0] == texts[1]


def test_a_product_made_in_another_way_is_printed_as_it_is():
    model = nn.Sequential(nn.Dense(784, 200, rng=0), nn.Sigmoid(), nn.Dense(200, 10, rng=1))
    captured = capture(lambda x: model(x).detach(), fast=True)
    x = np.random.default_rng(0).random((10, 784), np.float32)
    for _ in range(4):
        captured(x)
    assert "x @ layers_0_weight" in str(captured.program)


@pytest.mark.parametrize("count", [2, 3, 20])
def test_tanh_of_many_layers(count):
    rng = np.random.default_rng(0)
    weights = [Tensor(rng.normal(size=(6, 6)) / 3, requires_grad=True) for _ in range(count)]

    def gradients(x):
        for w in weights:
            w.zero_grad()
        a = x
        for w in weights:
            a = np.tanh(a @ w)
        (a * a).sum().backward()
        return [w.grad.data.copy() for w in weights]

    captured = capture(gradients, fast=True, on_miss="error")
    for _ in range(6):
        x = rng.normal(size=(4, 6))
        ours = captured(x)
        for a, b in zip(ours, gradients(x), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_random_numbers_are_drawn_between_what_is_merged():
    def noisy(x, rng):
        parts = []
        for t in range(4):
            noise = rng.normal(size=x[t].shape)
            parts.append(np.tanh(x[t] * 2.0 + noise))
        return [1.0 - a * a for a in parts]

    captured = capture(noisy, fast=True, on_miss="error")
    ours, theirs = np.random.default_rng(3), np.random.default_rng(3)
    for turn in range(6):
        x = np.random.default_rng(turn).normal(size=(4, 2, 3))
        for a, b in zip(captured(x, ours), noisy(x, theirs), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12)
    assert ours.bit_generator.state == theirs.bit_generator.state
