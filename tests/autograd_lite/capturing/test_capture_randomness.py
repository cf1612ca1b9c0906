"""Random draws: drawn anew at each call, from the same generator, in eager's order."""

import random

import numpy as np
import pytest
from numpy.random import mtrand

import nn
from autograd_lite import Tensor

from .comparing import batches, both, inputs, leaf, network


def shuffled(rng, x):
    x = x.copy()
    rng.shuffle(x)
    return x


def as_many_as_drawn(rng, x):
    return x * rng.random(int(rng.integers(1, 4)))[:1]


def drawn_if_drawn(rng, x):
    return x + (rng.random() if rng.random() < 0.5 else 7.0)


def drawn_until(rng, x):
    while rng.random() < 0.6:
        x = x * rng.normal()
    return x


def filled(rng, x):
    out = np.empty(4)
    rng.random(out=out)
    return x * out


def spawned(rng, x):
    (child,) = rng.spawn(1)
    return x * child.random(4)


DRAWS = {
    "random": lambda rng, x: x * rng.random(4),
    "mask": lambda rng, x: x * (rng.random(4) < 0.5),
    "normal": lambda rng, x: x + rng.normal(0.0, 0.1, size=4),
    "standard_normal": lambda rng, x: x + rng.standard_normal(4),
    "uniform": lambda rng, x: x * rng.uniform(-1.0, 1.0, 4),
    "integers": lambda rng, x: x[rng.integers(0, 4, 3)],
    "one integer": lambda rng, x: x[rng.integers(0, 4)],
    "choice": lambda rng, x: x[rng.choice(4, 2, replace=False)],
    "permutation": lambda rng, x: x[rng.permutation(4)],
    "shuffle": shuffled,
    "number": lambda rng, x: x * rng.random(),
    "number as scale": lambda rng, x: x + rng.normal(0.0, rng.random(), 4),
    "bound by the data": lambda rng, x: rng.normal(x.detach() if isinstance(x, Tensor) else x),
    "bytes": lambda rng, x: x * len(set(rng.bytes(4))),
    "exponential": lambda rng, x: x * rng.exponential(2.0, 4),
    "float32": lambda rng, x: x * rng.random(4, dtype=np.float32),
    "out": filled,
    "how many": as_many_as_drawn,
    "branch": drawn_if_drawn,
    "loop": drawn_until,
    "spawn": spawned,
    "unused": lambda rng, x: (rng.random(3), x * 2.0)[1],
    "several": lambda rng, x: (x * rng.random(4) + rng.normal(size=4), rng.integers(9)),
    "bit generator": lambda rng, x: x * (rng.bit_generator.random_raw() % 7),
    "state": lambda rng, x: x * rng.random() * (rng.bit_generator.state["state"]["state"] % 7),
}


@pytest.mark.parametrize("kind", ["array", "leaf"])
@pytest.mark.parametrize("where", ["closure", "argument", "attribute"])
@pytest.mark.parametrize("name", DRAWS)
def test_draws_are_drawn_anew(name, where, kind):
    draw = DRAWS[name]

    class Noise(nn.Module):
        def __init__(self, rng):
            self.rng = rng

        def forward(self, x):
            return draw(self.rng, x)

    def make(capture):
        rng = np.random.default_rng(5)
        noise = Noise(rng)
        functions = {
            "closure": capture(lambda x: draw(rng, x)),
            "attribute": capture(noise),
            "argument": capture(lambda x, rng: draw(rng, x)),
        }
        given = {"argument": (rng,)}.get(where, ())
        xs = [x if kind == "array" else Tensor(x, requires_grad=True) for x in inputs(4)]
        return lambda turn: functions[where](xs[turn], *given), (rng, xs)

    both(make)


def test_draws_outside_come_between():
    def make(capture):
        rng = np.random.default_rng(5)
        f = capture(lambda x: x * rng.random(4))
        xs = inputs(4)

        def call(turn):
            rng.normal(size=turn)
            return f(xs[turn]), rng.integers(100)

        return call, rng

    both(make)


def test_two_generators_in_turn():
    def make(capture):
        one, other = np.random.default_rng(5), np.random.default_rng(6)

        @capture
        def f(x):
            y = x * one.random(4) + other.random(4)
            return y * one.random(4)

        xs = inputs(4)

        def call(turn):
            if turn % 2:
                other.random()
            return f(xs[turn])

        return call, (one, other)

    both(make)


def test_the_same_generator_under_two_names():
    def make(capture):
        one = other = np.random.default_rng(5)
        f = capture(lambda x: (x * one.random(4), other.random(4), one.random(4)))
        xs = inputs(4)
        return lambda turn: f(xs[turn]), one

    both(make)


def test_another_generator_is_given():
    def make(capture):
        generators = [np.random.default_rng(seed) for seed in (1, 1, 2)]
        f = capture(lambda x, rng: x * rng.random(4))
        xs = inputs(4)
        return lambda turn: f(xs[turn], generators[turn % 3]), generators

    both(make)


def test_a_generator_is_set_back_to_an_earlier_state():
    def make(capture):
        rng = np.random.default_rng(5)
        f = capture(lambda x: x * rng.random(4))
        start = rng.bit_generator.state
        xs = inputs(4)

        def call(turn):
            if turn in (1, 4):
                rng.bit_generator.state = start
            return f(xs[0])

        return call, rng

    both(make)


def test_a_generator_made_inside_from_a_seed():
    def make(capture):
        f = capture(lambda x, seed: x * np.random.default_rng(seed).random(4))
        xs = inputs(4)
        return lambda turn: f(xs[turn], 0 if turn < 3 else turn), None

    both(make)


def test_a_generator_made_inside_from_a_counter():
    def make(capture):
        count = [0]

        @capture
        def f(x):
            count[0] += 1
            return x * np.random.default_rng(count[0]).random(4)

        xs = inputs(4)
        return lambda turn: f(xs[turn]), count

    both(make)


GLOBAL = {
    "np.random.normal": lambda x: x + mtrand.normal(size=4),
    "np.random.rand": lambda x: x * mtrand.rand(4),
    "np.random.rand of one": lambda x: x * mtrand.rand(),
    "np.random.permutation": lambda x: x[mtrand.permutation(4)],
    "np.random.seed": lambda x: (mtrand.seed(3), x * mtrand.rand(4))[1],
    "random.random": lambda x: x * random.random(),
    "random.gauss": lambda x: x * random.gauss(0.0, 1.0),
    "random.choice": lambda x: x[random.choice([0, 1, 2])],
    "random.shuffle": lambda x: x[random.sample([0, 1, 2, 3], 4)],
    "random.seed": lambda x: (random.seed(3), x * random.random())[1],
}


@pytest.mark.parametrize("name", GLOBAL)
def test_global_generators(name):
    def make(capture):
        f = capture(GLOBAL[name])
        xs = inputs(4)
        return lambda turn: f(xs[turn]), None

    both(make)


@pytest.mark.parametrize("kind", [mtrand.RandomState, random.Random])
def test_generators_of_other_kinds(kind):
    def make(capture):
        rng = kind(5)
        f = capture(
            lambda x: x * (rng.gauss(0.0, 1.0) if kind is random.Random else rng.normal(size=4))
        )
        xs = inputs(4)
        return lambda turn: f(xs[turn]), rng

    both(make)


def test_a_generator_of_ones_own():
    class Halving:
        def __init__(self):
            self.value = 1.0

        def draw(self):
            self.value *= 0.5
            return self.value

    def make(capture):
        rng = Halving()
        f = capture(lambda x: x * rng.draw())
        xs = inputs(4)
        return lambda turn: f(xs[turn]), rng

    both(make)


def test_an_iterator_is_moved_on():
    def make(capture):
        numbers = iter(np.arange(100.0))
        f = capture(lambda x: x * next(numbers))
        xs = inputs(4)
        return lambda turn: (f(xs[turn]), next(numbers)), None

    both(make)


def test_training_with_noise():
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5)
        rng = np.random.default_rng(5)

        @capture
        def step(x, y):
            optimizer.zero_grad()
            noisy = x + rng.normal(0.0, 0.1, x.shape).astype(x.dtype)
            loss = nn.losses.mean_squared_error(model(noisy), y)
            loss.backward()
            for p in model.parameters():
                p.grad.data[...] += rng.normal(0.0, 0.01, p.shape)
            optimizer.step()
            return loss

        data = batches()
        return lambda turn: step(*data[turn]), (model, optimizer, rng)

    both(make)


def test_batches_drawn_inside():
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5)
        rng = np.random.default_rng(5)
        x, y = batches(20)[0]

        @capture
        def step():
            optimizer.zero_grad()
            rows = rng.integers(0, 20, 5)
            loss = nn.losses.mean_squared_error(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            return loss

        return lambda turn: step(), (model, optimizer, rng)

    both(make)


def test_an_exception_between_draws():
    def make(capture):
        rng = np.random.default_rng(5)

        @capture
        def f(x):
            y = x * rng.random(4)
            if x[0] > 100.0:
                raise ValueError("too large")
            return y * rng.random(4)

        xs = inputs(4)
        xs[3][0] = xs[5][0] = 200.0
        return lambda turn: f(xs[turn]), rng

    both(make)


def test_a_monte_carlo_gradient():
    def make(capture):
        w = leaf(3)
        rng = np.random.default_rng(5)

        @capture
        def f():
            w.grad = None
            loss = ((w * rng.normal(size=(10, 3))) ** 2).mean()
            loss.backward()
            return loss, w.grad

        return lambda turn: f(), (w, rng)

    both(make)
