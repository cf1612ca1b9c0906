"""Functions of all kinds: methods, recursion, captures in captures, threads, generators, async."""

import contextlib
import functools
import operator

import numpy as np
import pytest

import nn
from autograd_lite import Tensor, no_grad

from .comparing import batches, both, inputs, leaf, network, training

# ------------------------------------------------------------------ methods and callable objects


def test_bound_methods_of_two_objects():
    def make(capture):
        class Scale:
            def __init__(self, rate):
                self.rate = rate

            @capture
            def apply(self, x):
                return x * self.rate

        scales = [Scale(2.0), Scale(3.0)]
        xs = inputs(3)

        def call(turn):
            if turn == 5:
                scales[0].rate = 7.0
            return [scale.apply(xs[turn]) for scale in scales]

        return call, scales

    both(make)


def test_captured_bound_methods_of_two_objects():
    def make(capture):
        models = [network(), network()]
        for model in models[1].parameters():
            model.data *= 2.0
        captured = [capture(model.forward) for model in models]
        data = batches()
        return lambda turn: [f(data[turn][0]) for f in captured], models

    both(make)


def test_a_method_is_called_through_the_class():
    def make(capture):
        class Scale:
            rate = 2.0

            @capture
            def apply(self, x):
                return x * self.rate

        class Larger(Scale):
            rate = 3.0

            def apply(self, x):
                return super().apply(x) + 1.0

        things = [Scale(), Larger()]
        xs = inputs(3)

        def call(turn):
            return things[turn % 2].apply(xs[turn]), Scale.apply(things[1], xs[turn])

        return call, None

    both(make, calls=12)


def test_an_object_is_new_at_each_call():
    def make(capture):
        class Scale:
            def __init__(self, rate):
                self.rate = rate

            @capture
            def apply(self, x):
                return x * self.rate

        xs = inputs(3)
        return lambda turn: Scale(float(turn)).apply(xs[turn]), None

    both(make, calls=8)


def test_a_trainer_with_a_captured_step():
    def make(capture):
        class Trainer:
            def __init__(self, rate):
                self.model = network()
                self.optimizer = nn.optim.SGD(self.model.parameters(), rate)
                self.losses = []

            @capture
            def step(self, x, y):
                self.optimizer.zero_grad()
                loss = nn.losses.mean_squared_error(self.model(x), y)
                loss.backward()
                self.optimizer.step()
                self.losses.append(loss.item())
                return loss

        trainers = [Trainer(0.5), Trainer(0.1)]
        data = batches()

        def call(turn):
            first = trainers[0].step(*data[turn])
            return first, trainers[1].step(*data[turn]) if turn > 2 else None

        return call, trainers

    both(make)


def test_static_and_class_methods():
    def make(capture):
        class Maths:
            rate = 2.0

            @staticmethod
            @capture
            def double(x):
                return x * 2.0

            @classmethod
            @capture
            def scaled(cls, x):
                return x * cls.rate

        class Others(Maths):
            rate = 3.0

        xs = inputs(3)

        def call(turn):
            if turn == 4:
                Maths.rate = 5.0
            x = xs[turn]
            return Maths.double(x), Maths.scaled(x), Others.scaled(x), Maths().double(x)

        return call, None

    both(make)


class Affine:
    def __init__(self, rate):
        self.rate = rate

    def __call__(self, x):
        return x * self.rate + 1.0


def test_callable_objects():
    def make(capture):
        affine = Affine(2.0)
        f = capture(affine)
        xs = inputs(3)

        def call(turn):
            affine.rate = 5.0 if turn in (3, 4, 5) else 2.0
            return f(xs[turn])

        return call, affine

    both(make)


def test_a_module_is_captured():
    def make(capture):
        model = network()
        f = capture(model)
        data = batches()

        def call(turn):
            model[0].weight.data -= 0.01
            y = f(data[turn][0])
            model.zero_grad()
            y.sum().backward()
            return y

        return call, model

    both(make)


class Counted(nn.Module):
    def __init__(self):
        self.inner = nn.Dense(4, 3, rng=0)
        self.count = 0

    def forward(self, x):
        self.count += 1
        return self.inner(x) * self.count


def test_a_module_with_a_captured_forward_in_another():
    def make(capture):
        class Inner(nn.Module):
            def __init__(self, seed):
                self.dense = nn.Dense(4, 4, rng=seed)

            @capture
            def forward(self, x):
                return np.tanh(self.dense(x))

        model = nn.Sequential(Inner(0), Inner(1), Counted())
        optimizer = nn.optim.SGD(model.parameters(), 0.5)
        step = training(model, optimizer)
        data = batches()
        return lambda turn: step(*data[turn]), (model, optimizer)

    both(make)


def test_a_partial():
    def make(capture):
        def f(x, rate, *, offset=0.0):
            return x * rate + offset

        fs = [
            capture(functools.partial(f, rate=2.0)),
            capture(functools.partial(f, rate=3.0, offset=1.0)),
            functools.partial(capture(f), rate=4.0),
        ]
        xs = inputs(3)
        return lambda turn: [g(xs[turn]) for g in fs] + [fs[0](xs[turn], rate=float(turn))], None

    both(make)


@pytest.mark.parametrize(
    "function", [np.exp, np.add.reduce, operator.neg, functools.partial(np.sum, axis=0)]
)
def test_functions_that_python_did_not_compile(function):
    def make(capture):
        f = capture(function)
        xs = [np.abs(x) for x in inputs(3)]
        return lambda turn: f(xs[turn] if turn % 2 else Tensor(xs[turn])), xs

    both(make, calls=8)


def test_lambdas_on_one_line():
    def make(capture):
        fs = [capture(lambda x: x * 2.0), capture(lambda x: x * 3.0), capture(lambda x: x * 2.0)]
        xs = inputs(3)
        return lambda turn: [f(xs[turn]) for f in fs], None

    both(make)


def test_closures_of_one_function():
    def make(capture):
        def scale(rate):
            @capture
            def f(x):
                return x * rate

            return f

        fs = [scale(2.0), scale(3.0)]
        xs = inputs(3)
        return lambda turn: [f(xs[turn]) for f in fs], None

    both(make)


def test_captured_anew_at_each_call():
    def make(capture):
        xs = inputs(3)

        def call(turn):
            f = capture(lambda x: x * turn)
            return [f(x) for x in xs]

        return call, None

    both(make)


def test_decorated_functions():
    def make(capture):
        calls = []

        def counted(function):
            @functools.wraps(function)
            def wrapper(*args):
                calls.append(function.__name__)
                return function(*args) * 2.0

            return wrapper

        @counted
        @capture
        def outside(x):
            return x + 1.0

        @capture
        @counted
        def inside(x):
            return x + 1.0

        xs = inputs(3)
        return lambda turn: (outside(xs[turn]), inside(xs[turn])), calls

    both(make)


def test_names_and_signatures_stay():
    def make(capture):
        @capture
        def step(x: float, y: int = 2) -> float:
            """Return a sum."""
            return x + y

        def call(turn):
            return step.__name__, step.__doc__, step.__qualname__, step.__module__, step(1.0)

        return call, None

    both(make)


def test_with_and_without_options_as_a_decorator():
    def make(capture):
        f = capture(lambda x: x * 2.0)
        g = capture()(lambda x: x * 3.0)
        h = capture(on_miss="ignore")(lambda x: x * 4.0)
        xs = inputs(3)
        return lambda turn: (f(xs[turn]), g(xs[turn]), h(xs[turn])), None

    both(make)


# ------------------------------------------------------------------ recursion and nesting


def test_recursion_by_a_number():
    def make(capture):
        @capture
        def power(x, n):
            return x if n == 0 else power(x, n - 1) * x

        xs = inputs(3)
        return lambda turn: power(xs[turn], [2, 2, 2, 3, 1, 0, 5, 2][turn]), None

    both(make)


def test_recursion_by_a_value():
    def make(capture):
        @capture
        def halved(x):
            return x if np.abs(x).max() < 0.3 else halved(x * 0.5)

        xs = inputs(3)
        return lambda turn: halved(xs[turn] * (1.0 + turn)), None

    both(make)


def test_recursion_over_a_tree():
    def make(capture):
        @capture
        def total(tree):
            if isinstance(tree, np.ndarray):
                return tree.sum()
            return sum(total(child) for child in tree)

        x = inputs(3)
        trees = [[x[0]], [x[1]], [x[2]], [x[3], [x[4]]], [[x[5]], x[6]], [x[7]], [[[x[0]]]], [x[1]]]
        return lambda turn: total(trees[turn]), None

    both(make)


def test_two_functions_that_call_each_other():
    def make(capture):
        @capture
        def even(x, n):
            return x if n == 0 else odd(x * 2.0, n - 1)

        @capture
        def odd(x, n):
            return x if n == 0 else even(x + 1.0, n - 1)

        xs = inputs(3)
        return lambda turn: (even(xs[turn], 3), odd(xs[turn], turn)), None

    both(make)


@pytest.mark.parametrize("ahead", [0, 1, 2, 5])
def test_a_capture_inside_a_capture(ahead):
    def make(capture):
        w = leaf(3)
        rate = 2.0
        log = []

        @capture
        def inner(x):
            log.append(rate)
            return w * x * rate

        @capture
        def outer(x):
            w.grad = None
            loss = (inner(x) ** 2).sum() + inner(x).sum()
            loss.backward()
            w.data -= 0.01 * w.grad.data
            return loss

        xs = inputs(3)
        for turn in range(ahead):
            inner(xs[turn])

        def call(turn):
            nonlocal rate
            rate = 3.0 if turn in (3, 4, 5) else 2.0
            return outer(xs[turn]), inner(xs[turn])

        return call, (w, log)

    both(make)


def test_a_captured_step_inside_a_captured_epoch():
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5)
        step = capture(training(model, optimizer))
        data = batches()

        @capture
        def epoch(xs, ys):
            return [step(x, y) for x, y in zip(xs, ys, strict=True)]

        def call(turn):
            xs, ys = zip(*data[: 2 if turn < 3 else 3], strict=True)
            return epoch(xs, ys)

        return call, (model, optimizer)

    both(make)


def test_a_capture_of_a_capture():
    def make(capture):
        rate = 2.0
        f = capture(capture(lambda x: x * rate))
        xs = inputs(3)

        def call(turn):
            nonlocal rate
            rate = 3.0 if turn in (3, 4, 5) else 2.0
            return f(xs[turn])

        return call, None

    both(make)


def test_a_captured_function_is_called_by_its_callback():
    def make(capture):
        seen = []

        @capture
        def f(x, callback):
            y = x * 2.0
            callback(y)
            return y + 1.0

        xs = inputs(3)

        def call(turn):
            return f(xs[turn], lambda y: seen.append(f(y, seen.append)))

        return call, seen

    both(make)


# ------------------------------------------------------------------ blocks


def test_no_grad_inside_and_outside():
    def make(capture):
        w = leaf(3)

        @capture
        def inside(x):
            with no_grad():
                y = w * x
            return y, w + x

        outside = capture(no_grad(lambda x: w * x))
        around = no_grad(capture(lambda x: w * x))
        xs = inputs(3)

        def call(turn):
            block = no_grad() if turn in (3, 4, 6) else contextlib.nullcontext()
            with block:
                return inside(xs[turn]), outside(xs[turn]), around(xs[turn])

        return call, w

    both(make)


def test_a_context_manager_of_ones_own():
    def make(capture):
        entered = []
        rate = [1.0]

        @contextlib.contextmanager
        def scaled(by):
            before, rate[0] = rate[0], rate[0] * by
            entered.append(by)
            try:
                yield
            finally:
                rate[0] = before

        @capture
        def f(x):
            with scaled(2.0):
                y = x * rate[0]
            return y + rate[0]

        xs = inputs(3)

        def call(turn):
            with scaled(3.0) if turn in (3, 4, 6) else contextlib.nullcontext():
                return f(xs[turn])

        return call, (entered, rate)

    both(make)
