"""Exceptions, warnings and interrupts: the same as eager's, and no update is left half done."""

import contextvars
import random
import signal
import sys
import time
import warnings

import numpy as np
import pytest

import nn
from autograd_lite import Tensor, no_grad

from .comparing import batches, both, capture, inputs, leaf, network, plain, training

BAD = (3, 5, 6)
"""The calls at which something goes wrong."""


# ------------------------------------------------------------------ exceptions of the user


class Stop(Exception):
    pass


def raising_at_the_start(step, model, x, y):
    if x[0, 0] > 100.0:
        raise Stop("too large")
    return step(x, y)


def raising_at_the_end(step, model, x, y):
    loss = step(x, y)
    if x[0, 0] > 100.0:
        raise Stop(f"too large: {x[0, 0]}")
    return loss


def raising_by_a_parameter(step, model, x, y):
    loss = step(x, y)
    if np.abs(model[2].bias.data).max() > 1.3:
        raise Stop("diverged")
    return loss


def raising_without_a_value(step, model, x, y):
    step(x, y)
    return 1 // int(x[0, 0] <= 100.0)


def raising_in_finally(step, model, x, y):
    try:
        return step(x, y)
    finally:
        if x[0, 0] > 100.0:
            raise Stop("at last")


def caught_inside(step, model, x, y):
    try:
        if x[0, 0] > 100.0:
            raise Stop("caught")
        return step(x, y)
    except Stop as error:
        return str(error)


def caught_from_the_library(step, model, x, y):
    try:
        return step(x if x[0, 0] <= 100.0 else x[:, :2], y)
    except ValueError as error:
        return str(error)


def stop_iteration(step, model, x, y):
    if x[0, 0] > 100.0:
        next(iter([]))
    return step(x, y)


def system_exit_caught(step, model, x, y):
    try:
        if x[0, 0] > 100.0:
            raise SystemExit(3)
    except SystemExit as error:
        return error.code
    return step(x, y)


def chained(step, model, x, y):
    try:
        if x[0, 0] > 100.0:
            raise KeyError("inner")
    except KeyError as error:
        raise Stop("outer") from error
    return step(x, y)


@pytest.mark.parametrize(
    "function",
    [
        raising_at_the_start,
        raising_at_the_end,
        raising_by_a_parameter,
        raising_without_a_value,
        raising_in_finally,
        caught_inside,
        caught_from_the_library,
        stop_iteration,
        system_exit_caught,
        chained,
    ],
    ids=lambda function: function.__name__,
)
def test_an_exception_at_a_later_call(function):
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5, momentum=0.9)
        step = training(model, optimizer)
        captured = capture(lambda x, y: function(step, model, x, y))
        data = batches()
        for turn in BAD:
            data[turn][0][0, 0] = 200.0
        return lambda turn: captured(*data[turn]), (model, optimizer)

    both(make)


def test_an_exception_between_two_updates():
    def make(capture):
        v, w = leaf(3), leaf(3)
        one, other = nn.optim.SGD([v], 0.1), nn.optim.SGD([w], 0.1)

        @capture
        def step(x):
            v.grad = w.grad = None
            (v * w * x).sum().backward()
            one.step()
            if x[0] > 100.0:
                raise Stop("between")
            other.step()

        xs = inputs(3)
        for turn in BAD:
            xs[turn][0] = 200.0
        return lambda turn: step(xs[turn]), (v, w)

    both(make)


def test_an_exception_at_the_first_and_second_call():
    def make(capture):
        w = leaf(3)

        @capture
        def step(x):
            w.data -= 0.1 * x
            if x[0] > 100.0:
                raise Stop("at once")
            return w * x

        xs = inputs(3)
        for turn in (0, 1, 4):
            xs[turn][0] = 200.0
        return lambda turn: step(xs[turn]), w

    both(make)


def test_an_exception_of_an_object_that_changed():
    def make(capture):
        config = {"rate": 1.0}
        f = capture(lambda x: x * config["rate"])
        xs = inputs(3)

        def call(turn):
            config.clear()
            if turn not in BAD:
                config["rate"] = 2.0
            return f(xs[turn])

        return call, config

    both(make)


def test_an_attribute_is_gone():
    def make(capture):
        model = network()
        f = capture(lambda x: model(x) * 1.0)
        weight = model[0].weight

        def call(turn):
            if turn in BAD:
                del model[0].weight
            else:
                model[0].weight = weight
            return f(batches()[turn][0])

        return call, model

    both(make)


def test_an_update_of_a_read_only_parameter_raises():
    def make(capture):
        v, w = leaf(3), leaf(3)
        optimizer = nn.optim.SGD([v, w], 0.1)

        @capture
        def step(x):
            optimizer.zero_grad()
            (v * w * x).sum().backward()
            optimizer.step()

        xs = inputs(3)

        def call(turn):
            w.data.flags.writeable = turn not in BAD
            return step(xs[turn])

        return call, (v, w)

    both(make)


# ------------------------------------------------------------------ NumPy's errors and warnings


MAKING = {
    "log of 0": np.log,
    "log of a negative": lambda x: np.log(x - 1.0),
    "division": lambda x: 1.0 / x,
    "0 / 0": lambda x: x / x,
    "overflow": lambda x: np.exp(1000.0 * (x == 0.0)) * x,
    "underflow": lambda x: np.exp(-300.0 * (1.0 + 2.0 * (x == 0.0))) + x,
    "invalid": lambda x: np.sqrt(x - 0.5),
    "power": lambda x: x**-1.0,
    "power of int": lambda x: np.power(2, -(x == 0.0).astype(int)),
    "mean of nothing": lambda x: np.mean(x[x < 0.5]),
    "std of one": lambda x: np.std(x[x > 0.0], ddof=2),
    "nanmean": lambda x: np.nanmean(np.where(x == 0.0, np.nan, x)[:1]),
    "cast": lambda x: np.log(x).astype(np.int64) * 0,
    "singular": lambda x: np.linalg.inv(np.diag(x)),
    "not positive": lambda x: np.linalg.cholesky(np.diag(x)),
    "reduction": lambda x: np.add.reduce(np.log(x)),
    "twice": lambda x: np.log(x) + np.log(x),
}

UNDER = {
    "warn": {},
    "raise": {"all": "raise"},
    "ignore": {"all": "ignore"},
    "divide raises": {"divide": "raise", "invalid": "ignore", "over": "warn"},
}


@pytest.mark.parametrize("kind", ["array", "leaf"])
@pytest.mark.parametrize("under", UNDER)
@pytest.mark.parametrize("name", MAKING)
def test_warnings_and_floating_point_errors(name, under, kind):
    def make(capture):
        f = capture(MAKING[name])
        xs = [np.abs(x) + 1.0 for x in inputs(3)]
        for turn in BAD:
            xs[turn][0] = 0.0
        xs = [Tensor(x, requires_grad=True) for x in xs] if kind == "leaf" else xs

        def call(turn):
            with np.errstate(**UNDER[under]):
                return f(xs[turn])

        return call, xs

    both(make)


def diverging(capture, **settings):
    """Return a step whose loss divides by a value, which may be 0."""
    w, v = leaf(3), leaf(3, seed=2)
    optimizer = nn.optim.SGD([v, w], 0.1, **settings)

    @capture
    def step(x):
        optimizer.zero_grad()
        loss = (w * v / x).sum() + np.log(x).sum()
        loss.backward()
        optimizer.step()
        return loss

    xs = [np.abs(x) + 1.0 for x in inputs(3)]
    for turn in BAD:
        xs[turn][0] = 0.0
    return step, xs, (v, w, optimizer)


@pytest.mark.parametrize("where", ["always", "from the fourth call on", "in turn"])
def test_a_step_raises_under_errstate(where):
    def make(capture):
        step, xs, state = diverging(capture, momentum=0.9)

        def call(turn):
            on = {"always": True, "from the fourth call on": turn >= 3, "in turn": turn % 2}[where]
            with np.errstate(all="raise" if on else "warn"):
                return step(xs[turn])

        return call, state

    both(make)


def test_a_step_whose_warnings_are_errors():
    def make(capture):
        step, xs, state = diverging(capture)

        def call(turn):
            with warnings.catch_warnings():
                if turn >= 3:
                    warnings.simplefilter("error", RuntimeWarning)
                return step(xs[turn])

        return call, state

    both(make)


def test_floating_point_errors_call_a_function():
    def make(capture):
        called = set()  # not how often: a replay that turns out to be for another call is repeated
        step, xs, state = diverging(capture)

        def call(turn):
            with np.errstate(all="call", call=lambda kind, flag: called.add(kind)):
                return step(xs[turn])

        return call, (state, called)

    both(make)


def test_an_overflow_in_the_update_alone():
    def make(capture):
        v, w = leaf(3, dtype=np.float32), leaf(3, dtype=np.float32)
        optimizer = nn.optim.SGD([v, w], 1.0)

        @capture
        def step(x):
            optimizer.zero_grad()
            (v + w * x).sum().backward()
            optimizer.step()

        def call(turn):
            optimizer.learning_rate = 3e38 if turn in BAD else 0.1
            with np.errstate(all="raise" if turn > 3 else "warn"):
                return step(np.full(3, 2.0, np.float32))

        return call, (v, w)

    both(make)


def test_errstate_inside():
    def make(capture):
        kind = "ignore"

        @capture
        def f(x):
            with np.errstate(all=kind):
                y = np.log(x)
            return y + 1.0 / x

        xs = [np.array([0.0, 1.0]) for _ in range(8)]

        def call(turn):
            nonlocal kind
            kind = "raise" if turn in BAD else "ignore"
            return f(xs[turn])

        return call, None

    both(make)


def test_warnings_of_the_user():
    def make(capture):
        @capture
        def f(x):
            if x[0] > 100.0:
                warnings.warn(f"large: {x[0]}", UserWarning, stacklevel=1)
            warnings.warn("at each call", DeprecationWarning, stacklevel=1)
            return x * 2.0

        xs = inputs(3)
        for turn in BAD:
            xs[turn][0] = 200.0
        return lambda turn: f(xs[turn]), None

    both(make)


def test_reading_the_grad_of_a_result_warns():
    def make(capture):
        w = leaf(3)

        @capture
        def f(x):
            y = w * x
            y.sum().backward()
            return y.grad

        xs = inputs(3)
        return lambda turn: f(xs[turn]), w

    both(make)


# ------------------------------------------------------------------ interrupts


def one_parameter():
    w = leaf(20, 5)
    optimizer = nn.optim.SGD([w], 0.1)

    def step(x):
        optimizer.zero_grad()
        loss = (np.tanh(x @ w) ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss

    return step, optimizer, inputs(8, 20, count=1)


def whole_network():
    model = network()
    optimizer = nn.optim.SGD(model.parameters(), 0.5, momentum=0.9)
    return training(model, optimizer), optimizer, batches()[0]


def state_of(optimizer):
    return [array.copy() for array in arrays_of(optimizer)]


def arrays_of(optimizer):
    states = [v for state in optimizer._states for v in state]
    return [p.data for p in optimizer.parameters] + states


def set_to(optimizer, state):
    for own, value in zip(arrays_of(optimizer), state, strict=True):
        own[...] = value


def equal(one, other):
    return all(a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True))


def interrupt(number, frame):
    raise KeyboardInterrupt


def interrupted(function, seconds):
    """Call a function that is interrupted after some time, and return whether it came to that.

    The call has a context of its own: an interrupt that comes while a block of the library is
    entered or left can leave that block open, in eager too.
    """
    context = contextvars.copy_context()
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            context.run(function)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except KeyboardInterrupt:
        return True
    return False


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no such timers here")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    "make",
    [
        one_parameter,
        pytest.param(
            whole_network,
            marks=pytest.mark.skipif(capture is plain, reason="eager updates one by one"),
        ),
    ],
)
def test_interrupts_leave_the_state_before_or_after_the_step(make):
    step, optimizer, args = make()
    twin_step, twin_optimizer, _ = make()
    step = capture(step)
    times = []
    for _ in range(12):
        start = time.perf_counter()
        step(*args)
        times.append(time.perf_counter() - start)
    typical = sorted(times[4:])[4]
    chance = random.Random(0)
    stopped = 0
    previous = signal.signal(signal.SIGALRM, interrupt)
    try:
        for _ in range(300):
            before = state_of(optimizer)
            stopped += interrupted(lambda: step(*args), chance.uniform(2e-6, 1.3 * typical))
            found = state_of(optimizer)
            set_to(twin_optimizer, before)
            twin_step(*args)
            assert equal(found, before) or equal(found, state_of(twin_optimizer))
            if chance.random() < 0.3:
                step(*args)
    finally:
        signal.signal(signal.SIGALRM, previous)
    assert stopped
    set_to(twin_optimizer, state_of(optimizer))
    assert step(*args).item() == twin_step(*args).item()
    assert equal(state_of(optimizer), state_of(twin_optimizer))


def test_an_interrupt_inside_is_raised_and_later_calls_are_right():
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5)
        step = training(model, optimizer)

        @capture
        def interruptible(x, y):
            loss = step(x, y)
            if x[0, 0] > 100.0:
                raise KeyboardInterrupt
            return loss

        data = batches()
        for turn in BAD:
            data[turn][0][0, 0] = 200.0

        def call(turn):
            try:
                return interruptible(*data[turn])
            except KeyboardInterrupt:
                return "interrupted"

        return call, (model, optimizer)

    both(make)


def test_the_mode_is_as_before_after_an_exception():
    def make(capture):
        w = leaf(3)

        @capture
        def f(x):
            with no_grad():
                if x[0] > 100.0:
                    raise Stop("in a block")
                return w * x

        xs = inputs(3)
        for turn in BAD:
            xs[turn][0] = 200.0

        def call(turn):
            try:
                return f(xs[turn])
            except Stop:
                return w * 2.0

        return call, w

    both(make)


def test_a_function_that_raises_is_not_traced_at_each_call():
    observed = []

    @capture
    def f(x):
        observed.append(sys.getprofile() is not None)
        raise ValueError("always")

    for _ in range(20):
        with pytest.raises(ValueError, match="always"):
            f(np.ones(2))
    assert sum(observed) == 1
