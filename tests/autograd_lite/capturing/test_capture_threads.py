"""Functions that run in turns: generators, coroutines, tasks, threads."""

import asyncio
import functools
import threading

import numpy as np
import pytest

import nn
from autograd_lite import no_grad

from .comparing import batches, both, inputs, leaf, network, training

# ------------------------------------------------------------------ generators and coroutines


def test_a_generator_function():
    def make(capture):
        log = []

        @capture
        def powers(x, n):
            y = x
            try:
                for _ in range(n):
                    y = y * x
                    yield y
            finally:
                log.append("closed")

        xs = inputs(3)

        def call(turn):
            if turn == 4:
                return next(powers(xs[turn], 3))
            pairs = zip(powers(xs[turn], 2), powers(xs[turn] + 1.0, 2 + turn % 2), strict=False)
            return list(pairs)

        return call, log

    both(make)


def test_a_generator_that_is_sent_values():
    def make(capture):
        @capture
        def averages(x):
            total = x
            for count in range(1, 10):
                given = yield total / count
                total = total + given

        xs = inputs(3)

        def call(turn):
            generator = averages(xs[turn])
            return [next(generator)] + [generator.send(xs[i]) for i in range(3)]

        return call, None

    both(make)


def test_a_generator_is_an_argument():
    def make(capture):
        f = capture(lambda rows: sum(row * 2.0 for row in rows))
        xs = inputs(3)
        return lambda turn: f(x + 1.0 for x in xs[: 1 + turn]), None

    both(make)


def test_coroutines():
    def make(capture):
        w = leaf(3)
        log = []

        @capture
        async def f(x, name):
            y = w.data * x
            log.append((name, 1))
            await asyncio.sleep(0)
            log.append((name, 2))
            return y + w.data

        @capture
        def step(x):
            w.data -= 0.1 * x

        async def main(x):
            one, other = await asyncio.gather(f(x, "one"), f(x + 1.0, "other"))
            step(x)
            return one, other

        xs = inputs(3)
        return lambda turn: asyncio.run(main(xs[turn])), (w, log)

    both(make)


def test_captured_steps_in_two_tasks():
    def make(capture):
        models = [network(), network()]
        optimizers = [nn.optim.SGD(model.parameters(), 0.5) for model in models]

        @capture
        def step(model, optimizer, x, y):
            return training(model, optimizer)(x, y)

        data = batches()

        async def train(i, turn):
            losses = []
            for _ in range(2):
                losses.append(step(models[i], optimizers[i], *data[(turn + i) % 8]))
                await asyncio.sleep(0)
            return losses

        async def main(turn):
            return await asyncio.gather(train(0, turn), train(1, turn))

        return lambda turn: asyncio.run(main(turn)), (models, optimizers)

    both(make)


# ------------------------------------------------------------------ threads


def at_once(functions):
    """Run functions at once, each in a thread of its own, and return their results."""
    barrier = threading.Barrier(len(functions))
    results = [None] * len(functions)

    def run(position):
        barrier.wait()
        results[position] = functions[position]()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.parametrize("warm", [0, 3])
def test_threads_train_models_of_their_own_with_one_captured_step(warm):
    def make(capture):
        models = [network() for _ in range(3)]
        optimizers = [nn.optim.SGD(m.parameters(), 0.5, momentum=0.9) for m in models]

        @capture
        def step(model, optimizer, x, y):
            return training(model, optimizer)(x, y)

        data = batches(count=60)
        for turn in range(warm):
            step(models[0], optimizers[0], *data[turn])

        def train(i):
            return [step(models[i], optimizers[i], *data[i + turn]) for turn in range(20)]

        def call(turn):
            return at_once([functools.partial(train, i) for i in range(3)])

        return call, (models, optimizers)

    both(make, calls=3)


@pytest.mark.parametrize("warm", [0, 3])
def test_threads_train_with_captured_steps_of_their_own(warm):
    def make(capture):
        models = [network() for _ in range(2)]
        optimizers = [nn.optim.SGD(m.parameters(), 0.5) for m in models]
        steps = [capture(training(m, o)) for m, o in zip(models, optimizers, strict=True)]
        data = batches(count=60)
        for turn in range(warm):
            steps[0](*data[turn])

        def train(i):
            return [steps[i](*data[i + turn]) for turn in range(30)]

        return lambda turn: at_once([lambda: train(0), lambda: train(1)]), (models, optimizers)

    both(make, calls=3)


@pytest.mark.parametrize("warm", [0, 3])
def test_threads_predict_with_one_model_at_once(warm):
    def make(capture):
        model = network()
        rng = np.random.default_rng(0)
        xs = rng.normal(size=(80, 50, 4)).astype(np.float32)
        predict = capture(lambda x: model(x).data)
        for turn in range(warm):
            predict(xs[turn])

        def part(i):
            return [predict(x) for x in xs[i::3]]

        return lambda turn: at_once([functools.partial(part, i) for i in range(3)]), model

    both(make, calls=2)


def test_threads_differ_in_no_grad():
    def make(capture):
        w = leaf(3)
        f = capture(lambda x: w * x)
        xs = inputs(3, count=20)

        def without():
            with no_grad():
                return [f(x) for x in xs]

        return lambda turn: at_once([without, lambda: [f(x) for x in xs]]), w

    both(make, calls=3)


def test_a_thread_is_started_inside():
    def make(capture):
        @capture
        def f(x):
            one, other = at_once([lambda: x * 2.0, lambda: x + 1.0])
            return one * other

        xs = inputs(3)
        return lambda turn: f(xs[turn]), None

    both(make)
