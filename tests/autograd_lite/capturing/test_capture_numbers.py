"""Settings and arguments that are other floats at each call: they become inputs of the program."""

import math

import numpy as np
import pytest

import nn
from autograd_lite import Tensor, capture

from .comparing import CALLS, batches, both, inputs, leaf, network, training

RATES = [0.5, 0.25, 0.125, 0.1, 0.0, 0.3, 0.2, 0.7]


def programs_made(step):
    return len(step.programs)


@pytest.mark.parametrize("settings", [{}, {"momentum": 0.9}, {"weight_decay": 0.01}])
def test_a_schedule(settings):
    steps = []

    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5, **settings)
        step = capture(training(model, optimizer))
        steps.append(step)
        data = batches()

        def call(turn):
            optimizer.learning_rate = RATES[turn]
            return step(*data[turn])

        return call, (model, optimizer)

    both(make)
    assert len(steps[1].programs) == 1


@pytest.mark.parametrize("fast", [False, True])
def test_a_long_schedule_is_captured_once(fast):
    model = network()
    optimizer = nn.optim.SGD(model.parameters(), 0.5)
    step = capture(training(model, optimizer), fast=fast, on_miss="error")
    (x, y), *_ = batches()
    for turn in range(60):
        optimizer.learning_rate = 0.5 * 0.9**turn
        step(x, y)
    assert len(step.programs) == 1


def test_a_float_changes_after_calls_that_are_made_once():
    w = leaf(4)
    settings = {"rate": 0.5}

    @capture(on_miss="error")
    def step(x):
        w.grad = None
        ((w[::2] * x).sum() + (w[::2] * w[::2]).sum()).backward()
        view, same = w.data[::2], w.data[::2]  # one call, in the program
        np.subtract(view, settings["rate"] * w.grad.data[::2], out=view)
        return same.sum() + np.ones_like(x).sum()

    for turn in range(12):
        settings["rate"] = 0.5 if turn < 5 else 0.5 / turn
        step(np.arange(2.0))
    assert programs_made(step) == 1


def test_a_float_is_an_argument():
    def make(capture):
        w = leaf(3)

        @capture
        def f(x, rate, *, scale):
            w.grad = None
            (w * x * scale).sum().backward()
            w.data -= rate * w.grad.data
            return x * (1 - rate) / scale

        xs = inputs(3)
        return lambda turn: f(xs[turn], RATES[turn], scale=1.0 + RATES[-turn]), w

    both(make)


COMPUTED = {
    "sum": lambda x, a: x * (a + 1.0),
    "difference": lambda x, a: x * (1 - a) - (a - 2),
    "quotient": lambda x, a: x / (1 + a) + 3 / (2.0 + a),
    "power": lambda x, a: x * a**2 + 0.9**a,
    "negative": lambda x, a: x * -a + abs(-a),
    "floor": lambda x, a: x * (a // 0.2) + a % 0.2,
    "ufunc": lambda x, a: x * np.sqrt(a) + np.exp(a),
    "exponent": lambda x, a: np.abs(x) ** a,
    "exponent of a tensor": lambda x, a: (np.abs(Tensor(x)) ** (a + 1.0)).data,
    "branch": lambda x, a: x * 2.0 if a > 0.2 else x - 1.0,
    "chained": lambda x, a: x * 2.0 if 0.1 < a < 0.4 else x - 1.0,
    "truth": lambda x, a: x * 2.0 if a else x - 1.0,
    "int": lambda x, a: x * int(10 * a),
    "round": lambda x, a: x * round(a, 1),
    "rounded without digits": lambda x, a: x * round(a),
    "math": lambda x, a: x * math.sqrt(a),
    "math in a branch": lambda x, a: x * 2.0 if math.floor(10 * a) > 2 else x - 1.0,
    "finite": lambda x, a: x * a if math.isfinite(a) else x,
    "text": lambda x, a: x * float(f"{a:.1f}"),
    "float": lambda x, a: x * float(a),
    "returned": lambda x, a: (x, a, a * 2.0, [a]),
    "key": lambda x, a: x * {0.5: 1.0, 0.25: 2.0}.get(a, 3.0),
    "maximum": lambda x, a: np.maximum(x, a) + max(a, 0.2),
    "full": lambda x, a: x + np.full(4, a) + np.full_like(x, a),
    "array": lambda x, a: x + np.array([a, 2 * a, 1.0, 0.0]),
    "assigned": lambda x, a: [y := x.copy(), y.__setitem__(0, a)][0],
    "type": lambda x, a: x * a if type(a) is float else x,
    "isinstance": lambda x, a: x * a if isinstance(a, float) else x,
    "clip": lambda x, a: np.clip(x, -a, a),
    "where": lambda x, a: np.where(x > a, x, a),
    "integers": lambda x, a: (x > 0.0).astype(int) * a,
    "float32": lambda x, a: x.astype(np.float32) * a + np.float32(2.0) * a,
    "sorted": lambda x, a: x * sorted([a, 0.2, 0.3])[1],
    "repeated": lambda x, a: x * sum([a] * 3),
}


@pytest.mark.parametrize("how", ["argument", "closure", "attribute", "item"])
@pytest.mark.parametrize("name", COMPUTED)
def test_what_is_computed_with_a_number(name, how):
    def make(capture):
        function = COMPUTED[name]
        holder = type("Settings", (), {})()
        holder.a = 0.0
        table = {"a": 0.0}
        a = 0.0
        f = {
            "argument": capture(function),
            "closure": capture(lambda x: function(x, a)),
            "attribute": capture(lambda x: function(x, holder.a)),
            "item": capture(lambda x: function(x, table["a"])),
        }[how]
        xs = inputs(4)

        def call(turn):
            nonlocal a
            a = holder.a = table["a"] = RATES[turn]
            return f(xs[turn], RATES[turn]) if how == "argument" else f(xs[turn])

        return call, None

    both(make)


def test_a_number_that_the_function_changes_itself():
    def make(capture):
        state = type("State", (), {})()
        state.rate, state.count = 1.0, 0.0

        @capture
        def f(x):
            state.rate *= 0.9
            state.count += 1.0
            return x * state.rate / (1.0 - 0.5**state.count)

        xs = inputs(3)
        return lambda turn: f(xs[turn]), state

    both(make)


def test_two_settings_of_the_same_value_are_told_apart():
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5, momentum=0.5)
        step = capture(training(model, optimizer))
        data = batches()

        def call(turn):
            optimizer.learning_rate = RATES[turn]
            optimizer.momentum = RATES[turn] if turn < 4 else 0.5
            return step(*data[turn])

        return call, (model, optimizer)

    both(make)


def test_an_int_and_a_float_in_turn():
    def make(capture):
        f = capture(lambda x, a: x * a)
        xs = inputs(3, dtype=np.float32)
        numbers = [0.5, 0.25, 2, 3, 0.1, True, np.float32(0.1), np.float64(0.1)]
        return lambda turn: f(xs[turn], numbers[turn]), None

    both(make)


def test_all_calls_are_compared():
    assert len(RATES) == CALLS
