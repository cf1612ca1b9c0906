"""Values that Python asks for: a captured function asks again at each call."""

import math
import operator

import numpy as np
import pytest

import nn
from autograd_lite import Tensor

from .comparing import CALLS, batches, both, leaf, network, training


def constant(x):
    return x.detach() if isinstance(x, Tensor) else x


def branch_on_bool(x):
    if (x.sum() > 0.0) and (x[0] > -100.0):
        return x * 2.0
    return x - 1.0


def branch_in_an_expression(x):
    return x * 2.0 if x.sum() > 0.0 else -x


def while_loop(x):
    y = x * 1.0
    while (y * y).sum() > 1.0:
        y = y * 0.5
    return y


def validated(x):
    if not x.sum() > 0.0:
        raise ValueError(f"a sum of {float(x.sum()):.6f}")
    return x * 2.0


def filled_by_loop(x):
    rows = []
    for value in x:
        if value > 0.0:
            rows.append(value * 2.0)
    return rows


def looked_up(x):
    return x * {True: 2.0, False: 3.0}[bool(x.sum() > 0.0)]


def loop_until(x):
    for turn in range(10):
        if (x * turn).sum() > 3.0:
            break
    return x * turn


def bracketed(x):
    low, high = 0.0, 10.0
    for _ in range(6):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if (x * x).sum() > middle else (low, middle)
    return x * low


ASKED = {
    "if": branch_on_bool,
    "if else": branch_in_an_expression,
    "while": while_loop,
    "raise": validated,
    "if in a loop over values": filled_by_loop,
    "key of a dict": looked_up,
    "break": loop_until,
    "bisection": bracketed,
    "bool": lambda x: x * (2.0 if bool(x.sum() > 0.0) else 3.0),
    "not": lambda x: x + (not (x.sum() > 0.0)),
    "float": lambda x: x * float(constant(x).sum()),
    "float of what may require a gradient": lambda x: x * float(x.sum()),
    "float returned": lambda x: float(constant(x).sum()),
    "int": lambda x: x * int(x.sum() * 10.0),
    "item": lambda x: x * x[1].item(),
    "item of many": lambda x: x * x.item(2),
    "tolist": lambda x: sum(x.tolist()),
    "index": lambda x: x[int(abs(x.sum()) * 10.0) % 3],
    "argmax as index": lambda x: x[np.argmax(x)],
    "argmax as int": lambda x: [x, x * 2.0, x * 3.0][int(np.argmax(x)) % 3],
    "operator.index": lambda x: ["a", "b", "c", "d"][operator.index(np.argmax(x).item())],
    "range": lambda x: [x * i for i in range(int(abs(x.sum()) * 3.0) % 4)],
    "math": lambda x: x * math.exp(constant(x).sum()),
    "text": lambda x: f"{float(constant(x).sum()):.4f} {x}",
    "repr": repr,
    "round": lambda x: round(float(constant(x).sum()), 2),
    "max": lambda x: max(constant(x)[0], constant(x)[1], key=float) * x,
    "sorted": lambda x: sorted(constant(x), key=float)[0] * x,
    "any": lambda x: x * 2.0 if np.any(x > 1.0) else x * 3.0,
    "all": lambda x: x * 2.0 if (x > -1.0).all() else x * 3.0,
    "allclose": lambda x: x * 2.0 if np.allclose(x, x[::-1], atol=0.5) else x * 3.0,
    "array_equal": lambda x: np.array_equal(x > 0.5, x > 0.25),
    "isfinite": lambda x: x if np.isfinite(np.log(np.abs(x) - 0.05)).all() else x * 0.0,
    "mask": lambda x: x[x > 0.0],
    "mask and sum": lambda x: x[x > 0.0].sum(),
    "nonzero": lambda x: np.nonzero(x > 0.0)[0],
    "shape of a selection": lambda x: x * len(x[x > 0.0]),
    "unique": lambda x: np.unique(np.round(x)),
    "count": lambda x: x / (np.count_nonzero(x > 0.0) + 1),
    "in": lambda x: x * (2.0 if True in (x > 1.0).tolist() else 3.0),
    "slice": lambda x: x[: 1 + int(x.sum() > 0.0)],
    "repeats": lambda x: np.repeat(x, (1 + (x > 0.0) * 1)),
    "zeros of a length": lambda x: np.zeros(2 + int(x.sum() > 0.0)),
    "bincount": lambda x: np.bincount(np.abs(x * 3.0).astype(int)),
    "asarray": lambda x: np.asarray(constant(x)) * 2.0,
    "array of lists": lambda x: np.array([float(v) for v in constant(x)]),
    "in a constant": lambda x: x * np.array([float(constant(x)[0]), 1.0, 2.0, 3.0]),
    "new Tensor": lambda x: Tensor([float(constant(x)[0]), 1.0], requires_grad=True) * x[:2],
    "power": lambda x: np.abs(x) ** float(x[0] > 0.0),
    "axis": lambda x: np.stack([x, x + 1.0]).sum(int(x.sum() > 0.0)),
    "dtype": lambda x: x.astype(np.float32 if x.sum() > 0.0 else np.float64),
    "reshape": lambda x: x.reshape((2, 2) if x.sum() > 0.0 else (4, 1)),
    "exec of a formula": lambda x: eval("x * (2.0 if x.sum() > 0.0 else 3.0)", {"x": x}),
}


def given(kind, value):
    if kind == "array":
        return value
    return Tensor(value, requires_grad=kind == "leaf")


def positive_first():
    """Return inputs that take the same turns in the first three calls, and others afterwards."""
    signs = [1, 1, 1, -1, -1, 1, -1, 1]
    spread = [1.0, 1.1, 1.2, 0.4, 0.4, 3.0, 2.0, 0.1]
    base = np.array([0.3, 0.9, 0.6, 0.2])
    return [
        sign * size * np.roll(base, turn // 3) + 0.01 * turn
        for turn, (sign, size) in enumerate(zip(signs, spread, strict=True))
    ]


@pytest.mark.parametrize("kind", ["array", "tensor", "leaf"])
@pytest.mark.parametrize("name", ASKED)
def test_a_value_is_asked_for_at_each_call(name, kind):
    def make(capture):
        f = capture(ASKED[name])
        xs = [given(kind, x) for x in positive_first()]
        return lambda turn: f(xs[turn]), xs

    both(make)


def test_labels_out_of_range_raise_as_in_eager_and_change_nothing():
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.1, momentum=0.9)

        @capture
        def step(x, labels):
            optimizer.zero_grad()
            loss = nn.losses.cross_entropy(model(x), labels)
            loss.backward()
            optimizer.step()
            return loss

        xs = [x for x, _ in batches()]
        labels = [np.arange(6) % 3 for _ in xs]
        labels[3][2] = 3
        labels[5][0] = -1
        return lambda turn: step(xs[turn], labels[turn]), (model, optimizer)

    both(make)


def test_labels_are_read_at_each_call():
    def make(capture):
        model = network(np.float64)
        f = capture(lambda x, labels: nn.losses.cross_entropy(model(x), labels))
        xs = [x for x, _ in batches(dtype=np.float64)]
        labels = np.random.default_rng(0).integers(0, 3, (CALLS, 6))
        return lambda turn: f(xs[0], labels[turn]), model

    both(make)


def test_a_step_that_stops_early_stops_early():
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 5.0)

        @capture
        def step(x, y):
            optimizer.zero_grad()
            loss = nn.losses.mean_squared_error(model(x), y)
            if loss < 0.05:
                return "good enough"
            loss.backward()
            optimizer.step()
            return loss

        x, y = batches()[0]
        return lambda turn: step(x, y), (model, optimizer)

    both(make, calls=30)


def test_a_gradient_is_clipped_where_its_norm_is_large():
    def make(capture):
        w = leaf(4)
        optimizer = nn.optim.SGD([w], 0.1)

        @capture
        def step(x):
            optimizer.zero_grad()
            loss = ((w * x) ** 2).sum()
            loss.backward()
            norm = float(np.linalg.norm(w.grad.data))
            if norm > 3.0:
                w.grad = Tensor(w.grad.data * (3.0 / norm))
            optimizer.step()
            return norm

        xs = positive_first()
        return lambda turn: step(xs[turn]), (w, optimizer)

    both(make)


def test_a_value_of_a_parameter_is_asked_for():
    def make(capture):
        w = leaf(3)

        @capture
        def f(x):
            if w.data[0] > 0.5:
                return x * w
            return x - w

        def call(turn):
            w.data[0] = 1.0 if turn < 3 or turn == 6 else 0.0
            return f(np.ones(3))

        return call, w

    both(make)


def test_gradients_that_are_nan_skip_the_update():
    def make(capture):
        w = leaf(3)
        optimizer = nn.optim.SGD([w], 0.1)

        @capture
        def step(x):
            optimizer.zero_grad()
            (w * x).sum().backward()
            if np.isfinite(w.grad.data).all():
                optimizer.step()

        def call(turn):
            return step(np.array([1.0, np.nan if turn in (3, 5) else 2.0, 3.0]))

        return call, (w, optimizer)

    both(make)


def test_zero_times_infinity_is_looked_for_at_each_call():
    def make(capture):
        w = leaf(3)

        @capture
        def f(x):
            w.grad = None
            y = np.sqrt(w * x) * (x != 0.0)
            y.sum().backward()
            return w.grad

        def call(turn):
            w.data = np.array([1.0, 4.0, 9.0])
            return f(np.array([1.0, 0.0 if turn in (3, 5) else 2.0, 3.0]))

        return call, w

    both(make)


def test_ties_are_looked_for_at_each_call():
    def make(capture):
        w = leaf(3)

        @capture
        def f(x):
            w.grad = None
            (np.maximum(w, x).sum() + np.max(w * x)).backward()
            return w.grad

        def call(turn):
            w.data = np.array([1.0, 2.0, 3.0])
            return f(np.array([1.0 if turn in (3, 5) else 0.0, 1.5, 1.0]))

        return call, w

    both(make)


def test_a_trained_network_and_its_accuracy():
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 3.0)
        step = capture(training(model, optimizer))
        accuracy = capture(lambda x, y: (model(x).data.argmax(1) == y.argmax(1)).mean())
        data = batches()

        def call(turn):
            loss = step(*data[turn])
            return loss, float(loss.item()), accuracy(*data[0])

        return call, (model, optimizer)

    both(make)


def test_large_results_without_a_name_have_the_memory_order_that_numpy_gives_them():
    def make(capture):
        f = capture(lambda x, y: (((x.T * 2.0) + y).sum(0), (y + (x.T - 1.0)).sum(0)))
        rng = np.random.default_rng(0)
        xs, ys = rng.standard_normal((2, CALLS, 200, 200))
        return lambda turn: f(xs[turn], ys[turn]), None

    both(make)
