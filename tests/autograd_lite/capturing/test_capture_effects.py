"""What a function changes in Python itself: repeated at each call, or left to eager."""

import dataclasses
import itertools
import logging
import types

import numpy as np
import pytest

import nn
from autograd_lite import Tensor

from .comparing import batches, both, inputs, leaf, network, training

EFFECTS = {}


def effect(make):
    """Register a world ``make(capture) -> (function, state)``."""
    EFFECTS[make.__name__] = make
    return make


@pytest.mark.parametrize("kind", ["array", "leaf"])
@pytest.mark.parametrize("name", EFFECTS)
def test_effects_happen_at_each_call(name, kind):
    def make(capture):
        f, state = EFFECTS[name](capture)
        xs = [x if kind == "array" else Tensor(x, requires_grad=True) for x in inputs(4)]
        return lambda turn: f(xs[turn]), (state, xs)

    both(make)


@effect
def append(capture):
    losses = []

    @capture
    def f(x):
        y = (x * x).sum()
        losses.append(y)
        return y

    return f, losses


@effect
def append_a_number(capture):
    losses = []
    return capture(lambda x: losses.append(x.sum().item())), losses


@effect
def append_a_constant(capture):
    log = []

    @capture
    def f(x):
        log.append("called")
        return x * 2.0

    return f, log


@effect
def append_without_a_result(capture):
    log = []

    @capture
    def f(x):
        log.append(x)

    return f, log


@effect
def nonlocal_counter(capture):
    count = 0
    state = {}

    @capture
    def f(x):
        nonlocal count
        count += 1
        state["count"] = count
        return x * 2.0

    return f, state


@effect
def counter_that_is_used(capture):
    count = 0

    @capture
    def f(x):
        nonlocal count
        count += 1
        return x * count

    return f, None


@effect
def counter_that_decides(capture):
    state = types.SimpleNamespace(count=0)

    @capture
    def f(x):
        state.count += 1
        return x * 2.0 if state.count % 3 else x - 1.0

    return f, state


@effect
def counter_in_a_list(capture):
    count = [0]

    @capture
    def f(x):
        count[0] += 1
        return x * 2.0

    return f, count


@effect
def counter_in_a_dict(capture):
    counts = {"calls": 0}

    @capture
    def f(x):
        counts["calls"] += 1
        counts[f"call {counts['calls']}"] = x.sum()
        return x * 2.0

    return f, counts


@effect
def counter_that_is_an_array(capture):
    count = np.zeros(2)

    @capture
    def f(x):
        count[0] += 1
        return x * 2.0

    return f, count


@effect
def itertools_count(capture):
    numbers = itertools.count()
    return capture(lambda x: (x * 2.0, next(numbers))), None


@effect
def global_statement(capture):
    namespace = {"count": 0}
    exec("def f(x):\n    global count\n    count += 1\n    return x * count", namespace)
    state = types.SimpleNamespace()

    f = capture(namespace["f"])

    def call(x):
        y = f(x)
        state.count = namespace["count"]
        return y

    return call, state


@effect
def attribute_is_set(capture):
    state = types.SimpleNamespace(h=None)

    @capture
    def f(x):
        state.h = x * 2.0
        return state.h.sum()

    return f, state


@effect
def attribute_is_carried_on(capture):
    state = types.SimpleNamespace(h=np.zeros(4))

    @capture
    def f(x):
        state.h = np.tanh(state.h * 0.5 + x)
        return state.h

    return f, state


@effect
def attribute_is_carried_on_by_a_tensor(capture):
    state = types.SimpleNamespace(h=Tensor(np.zeros(4)))

    @capture
    def f(x):
        h = np.tanh(state.h * 0.5 + x)
        state.h = h.detach()
        return h

    return f, state


@effect
def running_mean(capture):
    state = types.SimpleNamespace(mean=0.0, count=0)

    @capture
    def f(x):
        state.count += 1
        state.mean += (x.mean().item() - state.mean) / state.count
        return x - state.mean

    return f, state


@effect
def running_mean_in_place(capture):
    mean = np.zeros(4)

    @capture
    def f(x):
        values = np.asarray(x.data) if isinstance(x, Tensor) else x
        mean[...] = 0.9 * mean + 0.1 * values
        return x - mean

    return f, mean


@effect
def attribute_of_a_module(capture):
    class Layer(nn.Module):
        def __init__(self):
            self.weight = leaf(4)

        def forward(self, x):
            self.last = self.weight * x
            return self.last.sum()

    layer = Layer()
    return capture(lambda x: layer(x) * 1.0), layer


@effect
def attribute_is_deleted(capture):
    state = types.SimpleNamespace()

    @capture
    def f(x):
        if hasattr(state, "h"):
            del state.h
        else:
            state.h = x * 2.0
        return x.sum()

    return f, state


@effect
def attribute_is_set_and_deleted(capture):
    state = types.SimpleNamespace()

    @capture
    def f(x):
        state.h = x * 2.0
        y = state.h.sum()
        del state.h
        return y

    return f, state


@effect
def dict_entry(capture):
    cache = {}

    @capture
    def f(x):
        cache["last"] = x * 2.0
        return cache["last"]

    return f, cache


@effect
def dict_entry_is_popped(capture):
    cache = {"a": 1, "b": 2, "c": 3, "d": 4}

    @capture
    def f(x):
        if cache:
            cache.popitem()
        return x * len(cache)

    return f, cache


@effect
def memoized(capture):
    cache = {}

    @capture
    def f(x):
        if "first" not in cache:
            cache["first"] = np.array(x.data if isinstance(x, Tensor) else x) * 1.0
        return x - cache["first"]

    return f, cache


@effect
def queue_of_the_last_three(capture):
    queue = []

    @capture
    def f(x):
        queue.append(x.sum())
        if len(queue) > 3:
            queue.pop(0)
        return sum(queue) / len(queue)

    return f, queue


@effect
def list_is_emptied(capture):
    log = [1, 2, 3]

    @capture
    def f(x):
        log.clear()
        log.extend([x.sum(), len(log)])
        return x * 2.0

    return f, log


@effect
def set_is_added_to(capture):
    seen = set()

    @capture
    def f(x):
        seen.add(len(seen))
        return x * 2.0

    return f, seen


@effect
def printed(capture):
    @capture
    def f(x):
        print("sum", x.sum().item())
        print("called")
        return x * 2.0

    return f, None


@effect
def printed_without_values(capture):
    @capture
    def f(x):
        print("called", x.shape)
        return x * 2.0

    return f, None


@effect
def logged(capture):
    records = []
    handler = logging.Handler()
    handler.emit = lambda record: records.append(record.getMessage())
    logger = logging.Logger("captured")
    logger.addHandler(handler)

    @capture
    def f(x):
        logger.warning("shape %s", x.shape)
        return x * 2.0

    return f, records


@effect
def callback(capture):
    heard = []

    def report(value):
        heard.append(value)

    @capture
    def f(x):
        y = x * 2.0
        report(y)
        return y.sum()

    return f, heard


@effect
def method_with_a_counter(capture):
    class Counter:
        def __init__(self):
            self.count = 0

        def __call__(self, x):
            self.count += 1
            return x * 2.0

    counter = Counter()
    return capture(lambda x: counter(x) + 1.0), counter


@effect
def property_with_an_effect(capture):
    class Clock:
        def __init__(self):
            self.ticks = 0

        @property
        def now(self):
            self.ticks += 1
            return self.ticks

    clock = Clock()
    return capture(lambda x: x * clock.now), clock


@effect
def intermediate_is_kept(capture):
    kept = []

    @capture
    def f(x):
        y = np.exp(x * 0.5)
        kept.append(y)
        z = y * y
        kept.append(z[1:])
        return (z + y).sum()

    return f, kept


@effect
def intermediate_is_kept_and_written_into_later(capture):
    kept = []

    @capture
    def f(x):
        y = x * 1.0
        if kept:
            kept[-1][...] = 7.0
        kept.append(y)
        return y * 2.0

    return f, kept


@effect
def closure_that_is_returned(capture):
    made = []

    @capture
    def f(x):
        y = x * 2.0
        made.append(lambda: y + 1.0)
        return [g() for g in made]

    return f, None


@effect
def array_is_filled_row_by_row(capture):
    table = np.zeros((10, 4))
    row = [0]

    @capture
    def f(x):
        table[row[0]] = np.asarray(x.data if isinstance(x, Tensor) else x)
        row[0] += 1
        return table.sum(0)

    return f, table


@effect
def out_argument(capture):
    buffer = np.zeros(4)

    @capture
    def f(x):
        np.multiply(np.asarray(x.data if isinstance(x, Tensor) else x), 2.0, out=buffer)
        return buffer

    return f, buffer


@effect
def array_resized_by_assignment(capture):
    state = types.SimpleNamespace(history=np.zeros(0))

    @capture
    def f(x):
        state.history = np.append(state.history, x.sum().item())
        return state.history.mean()

    return f, state


@effect
def dataclass_is_replaced(capture):
    @dataclasses.dataclass(frozen=True)
    class Step:
        number: int
        value: object

    state = types.SimpleNamespace(step=Step(0, None))

    @capture
    def f(x):
        state.step = dataclasses.replace(state.step, number=state.step.number + 1, value=x.sum())
        return x * state.step.number

    return f, state


@effect
def default_that_is_changed(capture):
    log = []

    def inner(x, log=log):
        log.append(x.sum())
        return x * len(log)

    return capture(inner), log


@effect
def attribute_of_the_function(capture):
    def f(x):
        f.count = getattr(f, "count", 0) + 1
        return x * f.count

    return capture(f), None


@effect
def augmented_tensor_in_a_list(capture):
    total = [Tensor(np.zeros(4))]

    @capture
    def f(x):
        total[0] = total[0] + x
        return total[0].sum()

    return f, total


@effect
def settings_of_numpy(capture):
    @capture
    def f(x):
        np.set_printoptions(precision=3)
        text = repr(x)
        np.set_printoptions(precision=8)
        return text

    return f, None


def test_losses_learning_rate_and_counter_of_a_step():
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5, momentum=0.9)
        step = training(model, optimizer)
        log = types.SimpleNamespace(losses=[], steps=0, best=np.inf)

        @capture
        def logged(x, y):
            loss = step(x, y)
            log.steps += 1
            log.losses.append(loss.item())
            log.best = min(log.best, loss.item())
            if log.steps % 3 == 0:
                optimizer.learning_rate *= 0.5
            return loss

        data = batches()
        return lambda turn: logged(*data[turn]), (model, optimizer, log)

    both(make)


def test_an_average_of_the_weights_is_kept():
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5)
        step = training(model, optimizer)
        averages = [p.data.copy() for p in model.parameters()]

        @capture
        def averaging(x, y):
            loss = step(x, y)
            for average, p in zip(averages, model.parameters(), strict=True):
                np.multiply(average, 0.9, out=average)
                average[...] += 0.1 * p.data
            return loss

        data = batches()
        return lambda turn: averaging(*data[turn]), (model, averages)

    both(make)


def test_an_average_of_the_weights_is_replaced():
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5)
        step = training(model, optimizer)
        averages = [p.data.copy() for p in model.parameters()]

        @capture
        def averaging(x, y):
            loss = step(x, y)
            averages[:] = [
                0.9 * average + 0.1 * p.data
                for average, p in zip(averages, model.parameters(), strict=True)
            ]
            return loss

        data = batches()
        return lambda turn: averaging(*data[turn]), (model, averages)

    both(make)


class Adam:
    """An optimizer of the user's own, with a counter and arrays that are replaced."""

    def __init__(self, parameters, rate):
        self.parameters = parameters
        self.rate = rate
        self.steps = 0
        self.first = [np.zeros_like(p.data) for p in parameters]
        self.second = {i: np.zeros_like(p.data) for i, p in enumerate(parameters)}

    def step(self):
        self.steps += 1
        for i, p in enumerate(self.parameters):
            g = p.grad.data
            self.first[i] = 0.9 * self.first[i] + 0.1 * g
            self.second[i] *= 0.99
            self.second[i] += 0.01 * g * g
            mean = self.first[i] / (1 - 0.9**self.steps)
            spread = np.sqrt(self.second[i] / (1 - 0.99**self.steps))
            p.data -= self.rate * mean / (spread + 1e-8)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_optimizer_of_ones_own(dtype):
    def make(capture):
        model = network(dtype)
        optimizer = Adam(model.parameters(), 0.1)

        @capture
        def step(x, y):
            model.zero_grad()
            loss = nn.losses.mean_squared_error(model(x), y)
            loss.backward()
            optimizer.step()
            return loss

        data = batches(dtype=dtype)
        return lambda turn: step(*data[turn]), (model, optimizer)

    both(make)
