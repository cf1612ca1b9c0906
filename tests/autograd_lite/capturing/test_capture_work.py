"""Ordinary work: what users compute, on data of all kinds, in the library's layers and losses."""

import numpy as np
import pytest

import nn
from autograd_lite import Tensor
from autograd_lite import special as functions

from .comparing import batches, both, inputs, leaf, training

# ------------------------------------------------------------------ what users compute


def lstm(w, x):
    h = c = np.zeros((2, 3))
    for t in range(4):
        gates = np.concatenate([x[:, t], h], axis=1) @ w
        i, f, o, g = np.split(gates, 4, axis=1)
        c = functions.expit(f) * c + functions.expit(i) * np.tanh(g)
        h = functions.expit(o) * np.tanh(c)
    return h


def attention(w, x):
    q, k, v = (np.einsum("btd,de->bte", x, w[:5, 4 * i : 4 * i + 4]) for i in range(3))
    scores = q @ np.swapaxes(k, -1, -2) / 2.0
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return (weights / weights.sum(axis=-1, keepdims=True)) @ v


def convolution(w, x):
    windows = np.lib.stride_tricks.sliding_window_view(x, (2, 2), axis=(1, 2))
    return np.tensordot(windows, w[:2, :2], axes=2)


def layer_norm(w, x):
    y = x * w[0, :5] + w[1, :5]
    mean = y.mean(axis=-1, keepdims=True)
    return (y - mean) / np.sqrt(((y - mean) ** 2).mean(axis=-1, keepdims=True) + 1e-5)


def solved(w, x):
    a = w[:5, :5] @ w[:5, :5].T + np.eye(5) * 3.0
    return np.linalg.solve(a, x[0, 0]), np.linalg.cholesky(a), np.linalg.slogdet(a)[1]


def sorted_and_gathered(w, x):
    y = (x * w[0, :5]).reshape(-1)
    return np.sort(y)[::2], y[np.argsort(x.reshape(-1))[:5]], np.cumsum(y), np.median(y)


def chosen(w, x):
    y = x * w[0, :5]
    return np.where(y > 0.0, np.sqrt(np.abs(y)), y), np.maximum(y, 0.1), np.clip(y, -0.5, 0.5)


def joined(w, x):
    y = w[:2, :5]
    return (
        np.concatenate([y, x[0]]),
        np.stack([y, y * 2.0]),
        np.pad(y, 1),
        np.tile(y, 2),
        np.roll(y, 1),
    )


def fourier(w, x):
    spectrum = np.fft.rfft(x @ w[:5])
    return np.abs(spectrum), np.fft.irfft(spectrum * spectrum)


def scalar_loop(w, x):
    a, b = w[0, 0], w[0, 1]
    for t in range(30):
        a, b = a + 0.01 * b, b - 0.01 * a * (x[0, 0, t % 5] if t % 3 else 1.0)
    return a * b


def reductions(w, x):
    y = x @ w[:5]
    return (
        y.max(axis=0),
        y.prod(axis=-1),
        np.linalg.norm(y),
        y.std(),
        y.var(axis=1),
        np.ptp(y, axis=0),
    )


def logistic(w, x):
    z = x.reshape(-1, 5) @ w[:5, 0]
    return nn.losses.binary_cross_entropy_with_logits(z, (x.reshape(-1, 5)[:, 0] > 0.0) * 1.0)


COMPUTED = [
    lstm,
    attention,
    convolution,
    layer_norm,
    solved,
    sorted_and_gathered,
    chosen,
    joined,
    fourier,
    scalar_loop,
    reductions,
    logistic,
]


def total_of(results):
    results = results if isinstance(results, tuple) else (results,)
    return sum((np.abs(r) * (i + 1.0)).sum() for i, r in enumerate(results))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("function", COMPUTED, ids=lambda function: function.__name__)
def test_a_step_of_ordinary_work(function, dtype):
    def make(capture):
        w = leaf(8, 12, dtype=dtype)
        optimizer = nn.optim.SGD([w], 0.01, momentum=0.5)

        @capture
        def step(x):
            optimizer.zero_grad()
            results = function(w, x)
            total_of(results).backward()
            optimizer.step()
            return results

        predict = capture(lambda x: function(w.data, x))
        xs = inputs(2, 4, 5, dtype=dtype)
        return lambda turn: (step(xs[turn]), predict(xs[turn])), (w, optimizer)

    both(make)


# ------------------------------------------------------------------ data of all kinds


KINDS = {
    "empty": lambda x: x[:0],
    "no columns": lambda x: x[:, :0],
    "without axes": lambda x: x[0, 0] * np.ones(()),
    "scalar": lambda x: x[0, 0],
    "one": lambda x: x[:1, :1],
    "int": lambda x: (x * 10).astype(np.int64),
    "uint8": lambda x: np.abs(x * 10).astype(np.uint8),
    "bool": lambda x: x > 0.0,
    "complex": lambda x: x + 1j * x[::-1],
    "complex64": lambda x: (x + 1j).astype(np.complex64),
    "float16": lambda x: x.astype(np.float16),
    "longdouble": lambda x: x.astype(np.longdouble),
    "large": lambda x: np.resize(x, (100, 40)),
}

ON_ALL_KINDS = {
    "arithmetic": lambda x: (x + x, x * 2, x * x + x),
    "division": lambda x: x / 3.0,
    "sum": lambda x: (np.sum(x), np.sum(x, axis=-1) if np.ndim(x) else x),
    "mean": lambda x: np.mean(x) if np.size(x) else np.sum(x),
    "exp": lambda x: np.exp(x * 1),
    "comparison": lambda x: (x == x[..., ::-1] if np.ndim(x) else x == 1, x != 0),
    "astype": lambda x: (x * 1).astype(np.complex128),
    "reshape": lambda x: (np.reshape(x, -1), np.ravel(x), np.transpose(x)),
    "assigned": lambda x: np.where(x == 0, x, x + x),
    "absolute": lambda x: np.abs(x) + 1,
}


@pytest.mark.parametrize("wrapped", [np.asarray, Tensor])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ON_ALL_KINDS)
def test_data_of_all_kinds(name, kind, wrapped):
    def make(capture):
        f = capture(ON_ALL_KINDS[name])
        xs = [wrapped(KINDS[kind](x)) for x in inputs(3, 4)]
        return lambda turn: f(xs[turn]), xs

    both(make, calls=5)


@pytest.mark.parametrize("dtype", [np.complex128, np.complex64, np.float16, np.float32, np.float64])
def test_gradients_of_all_dtypes(dtype):
    def make(capture):
        w = Tensor(np.arange(1.0, 4.0), requires_grad=True, dtype=dtype)

        @capture
        def step(x):
            w.grad = None
            y = w * x + w
            np.real((y * np.conj(y)).sum()).backward()
            w.data -= (0.1 * w.grad.data).astype(dtype)
            return y, w.grad

        xs = inputs(3, dtype=dtype)
        return lambda turn: step(xs[turn]), w

    both(make)


def test_a_parameter_without_axes():
    def make(capture):
        w, b = Tensor(0.5, requires_grad=True), Tensor(0.1, requires_grad=True)
        optimizer = nn.optim.SGD([w, b], 0.1, momentum=0.9)

        @capture
        def step(x, y):
            optimizer.zero_grad()
            loss = ((w * x + b - y) ** 2).mean()
            loss.backward()
            optimizer.step()
            return loss

        xs = inputs(5)
        return lambda turn: step(xs[turn], 2.0 * xs[turn]), (w, b, optimizer)

    both(make)


def twice_the_same():
    layer = nn.Dense(4, 4, rng=0)
    return nn.Sequential(layer, nn.Tanh(), layer, nn.Dense(4, 3, rng=1))


LAYERS = {
    "relu": lambda: nn.Sequential(nn.Dense(4, 5, rng=0), nn.ReLU(), nn.Dense(5, 3, rng=1)),
    "tanh": lambda: nn.Sequential(nn.Dense(4, 5, rng=0), nn.Tanh(), nn.Dense(5, 3, rng=1)),
    "softmax": lambda: nn.Sequential(nn.Dense(4, 3, rng=0), nn.Softmax()),
    "log_softmax": lambda: nn.Sequential(nn.Dense(4, 3, rng=0), nn.LogSoftmax()),
    "without bias": lambda: nn.Sequential(nn.Dense(4, 3, bias=False, rng=0)),
    "twice the same": twice_the_same,
    "functions": lambda: nn.Sequential(nn.Dense(4, 3, rng=0), np.sin, nn.functional.gelu),
    "deep": lambda: nn.Sequential(
        *(layer for i in range(6) for layer in (nn.Dense(4, 4, rng=i), nn.Sigmoid())),
        nn.Dense(4, 3),
    ),
}

LOSSES = {
    "mean_squared_error": nn.losses.mean_squared_error,
    "with_logits": nn.losses.binary_cross_entropy_with_logits,
    "cross_entropy": lambda z, y: nn.losses.cross_entropy(z, y.argmax(1)),
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("layers", LAYERS)
def test_layers_and_losses(layers, loss):
    def make(capture):
        model = LAYERS[layers]()
        for i, p in enumerate(model.parameters()):
            p.data = np.random.default_rng(i).normal(size=p.shape)
        optimizer = nn.optim.SGD(model.parameters(), 0.2)

        @capture
        def step(x, y):
            optimizer.zero_grad()
            value = LOSSES[loss](model(x), y)
            value.backward()
            optimizer.step()
            return value

        data = batches()
        return lambda turn: step(*data[turn]), (model, optimizer)

    both(make)


@pytest.mark.parametrize("batch", [1, 10, 32])
def test_the_network_of_the_article(batch):
    def make(capture):
        model = nn.Sequential(nn.Dense(784, 200, rng=0), nn.Sigmoid(), nn.Dense(200, 10, rng=1))
        optimizer = nn.optim.SGD(model.parameters(), 3.0)
        step = capture(training(model, optimizer))
        rng = np.random.default_rng(0)
        x = rng.random((8, batch, 784), dtype=np.float32)
        y = np.eye(10, dtype=np.float32)[rng.integers(0, 10, (8, batch))]
        norms = []

        def call(turn):
            loss = step(x[turn], y[turn])
            for p in model.parameters():
                norms.append(hash(p.data.tobytes()))
                norms.append(hash(p.grad.data.tobytes()))
            return loss

        return call, norms

    both(make)
