"""What surrounds a captured call: hooks, modes, copies, references, objects that change inside."""

import copy
import cProfile
import gc
import inspect
import pickle
import sys
import types
import weakref

import numpy as np
import pytest

import nn
from autograd_lite import Tensor, is_recording, no_grad

from .comparing import batches, both, capture, inputs, leaf, network, training


def test_hooks_and_modes_are_as_before():
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5)
        step = capture(training(model, optimizer))
        data = batches()
        events = []

        def hook(frame, event, argument):
            events.append(event)

        def call(turn):
            before = sys.getprofile()
            sys.setprofile(hook if turn % 2 else None)
            try:
                step(*data[turn])
                still = sys.getprofile() is (hook if turn % 2 else None)
            finally:
                sys.setprofile(before)
            return still, bool(events), np.geterr(), is_recording(), sys.getrecursionlimit()

        return call, model

    both(make)


def test_a_profiler_runs():
    def make(capture):
        w = leaf(3)
        f = capture(lambda x: (w * x).sum())
        xs = inputs(3)

        def call(turn):
            profiler = cProfile.Profile()
            return profiler.runcall(f, xs[turn])

        return call, w

    both(make)


def test_a_trace_function_is_called_on():
    def make(capture):
        w = leaf(3)
        f = capture(lambda x: (w * x).sum())
        xs = inputs(3)

        def trace(frame, event, argument):
            return trace

        def call(turn):
            before = sys.gettrace()
            sys.settrace(trace)
            try:
                y = f(xs[turn])
                still = sys.gettrace() is trace
            finally:
                sys.settrace(before)
            return y, still

        return call, w

    both(make)


def test_an_object_that_is_an_argument_changes():
    def make(capture):
        config = types.SimpleNamespace(rate=0.5, inner={"power": 2})
        f = capture(lambda x, config: (x * config.rate) ** config.inner["power"])
        xs = inputs(3)

        def call(turn):
            config.rate = 0.7 if turn in (3, 4, 5) else 0.5
            config.inner["power"] = 3 if turn in (4, 5) else 2
            return f(xs[turn], config)

        return call, config

    both(make)


def test_an_object_that_is_an_argument_is_changed():
    def make(capture):
        state = types.SimpleNamespace(h=np.zeros(3), calls=0, seen=[])

        @capture
        def f(x, state):
            state.h = 0.5 * state.h + x
            state.calls += 1
            state.seen.append(x.sum())
            return state.h * state.calls

        xs = inputs(3)
        return lambda turn: f(xs[turn], state), state

    both(make)


def test_a_list_that_is_an_argument_is_appended_to():
    def make(capture):
        log = []

        @capture
        def f(x, log):
            log.append(x * 2.0)
            return len(log)

        xs = inputs(3)
        return lambda turn: f(xs[turn], log if turn != 4 else []), log

    both(make)


def test_a_model_that_is_an_argument():
    def make(capture):
        models = [network(), network()]
        optimizers = [nn.optim.SGD(model.parameters(), 0.5) for model in models]
        step = capture(lambda model, optimizer, x, y: training(model, optimizer)(x, y))
        data = batches(count=12)

        def call(turn):
            i = int(turn in (3, 4, 7))
            optimizers[0].learning_rate = 0.1 if turn > 7 else 0.5
            return step(models[i], optimizers[i], *data[turn])

        return call, (models, optimizers)

    both(make, calls=12)


def test_backward_inside_reaches_an_argument():
    def make(capture):
        @capture
        def f(x):
            loss = (np.sin(x) * x).sum()
            loss.backward()
            return loss

        xs = [leaf(3, seed=turn) for turn in range(8)]

        def call(turn):
            return f(xs[turn]), f(xs[0])

        return call, xs

    both(make)


def test_backward_inside_reaches_what_an_argument_was_computed_from():
    def make(capture):
        w = leaf(3)

        @capture
        def f(x):
            (x * x).sum().backward()

        xs = inputs(3)
        return lambda turn: f(w * xs[turn]), w

    both(make)


@pytest.mark.parametrize("always", [True, False])
def test_an_update_between_forward_and_backward_raises_as_in_eager(always):
    def make(capture):
        w = leaf(3)

        @capture
        def f(x, update):
            loss = (w * w * x).sum()
            if update:
                w.data -= 0.1
            loss.backward()
            return loss

        xs = inputs(3)
        return lambda turn: f(xs[turn], always or turn in (3, 5)), w

    both(make)


def test_something_is_appended_before_an_exception():
    def make(capture):
        log = []

        @capture
        def f(x):
            log.append(x.sum())
            if x[0] > 100.0:
                raise ValueError(f"call {len(log)}")
            log.append("fine")
            return x * 2.0

        xs = inputs(3)
        xs[3][0] = xs[5][0] = 200.0
        return lambda turn: f(xs[turn]), log

    both(make)


def test_a_model_is_set_to_eval_inside():
    class Noise(nn.Module):
        def __init__(self):
            self.rng = np.random.default_rng(0)

        def forward(self, x):
            return x + self.rng.normal(size=x.shape) if self.training else x

    def make(capture):
        model = nn.Sequential(nn.Dense(4, 3, rng=0), Noise())
        optimizer = nn.optim.SGD(model.parameters(), 0.5)
        step = training(model, optimizer)

        @capture
        def validated(x, y):
            loss = step(x, y)
            model.eval()
            with no_grad():
                out = model(x)
            model.train()
            return loss, out

        data = batches()

        def call(turn):
            return validated(*data[turn]), [m.training for _, m in model.named_modules()]

        return call, (model, optimizer)

    both(make)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_a_captured_function_in_an_object_that_is_copied(duplicate):
    def make(capture):
        rate = [2.0]
        holder = types.SimpleNamespace(f=capture(lambda x: x * rate[0]))
        xs = inputs(3)

        def call(turn):
            rate[0] = 3.0 if turn in (3, 4) else 2.0
            return holder.f(xs[turn]), duplicate(holder).f(xs[turn])

        return call, None

    both(make)


@capture
def doubled(x, by=2.0):
    return x * by


def test_a_captured_function_of_a_module_is_pickled():
    again = pickle.loads(pickle.dumps(doubled))
    for x in inputs(3):
        assert again(x).tolist() == (x * 2.0).tolist()


def test_the_signature_stays():
    assert str(inspect.signature(doubled)) == "(x, by=2.0)"


def test_arguments_and_results_are_not_kept_alive():
    f = capture(lambda x: (np.exp(x), x.T))
    for x in inputs(50, 50):
        y, view = f(x)
        held = [weakref.ref(x), weakref.ref(y)]
        del x, y, view
    f(np.ones((50, 50)))
    gc.collect()
    assert [reference() for reference in held] == [None, None]


def test_a_model_is_freed_with_its_step():
    model = network()
    optimizer = nn.optim.SGD(model.parameters(), 0.5)
    step = capture(training(model, optimizer))
    for x, y in batches():
        step(x, y)
    held = weakref.ref(model)
    del model, optimizer, step
    gc.collect()
    assert held() is None


def test_graphs_of_earlier_calls_are_freed():
    w = leaf(3)
    f = capture(lambda x: np.exp(w * x))
    for x in inputs(3):
        y = f(x)
        held = weakref.ref(y)
        del y
    f(np.ones(3))
    gc.collect()
    assert held() is None


def test_results_of_a_subclass_of_array_are_as_in_eager():
    class Marked(np.ndarray):
        pass

    def make(capture):
        f = capture(lambda x: np.exp(x) * 2.0)
        xs = [x if turn in (0, 1, 2, 5) else x.view(Marked) for turn, x in enumerate(inputs(3))]
        return lambda turn: f(xs[turn]), xs

    both(make)


def test_masked_arrays_are_as_in_eager():
    def make(capture):
        f = capture(lambda x: (x * 2.0).mean())
        xs = inputs(3)

        def call(turn):
            return f(np.ma.masked_array(xs[turn], [turn % 2, 0, 1]) if turn > 2 else xs[turn])

        return call, xs

    both(make)


def test_objects_that_act_as_arrays_are_as_in_eager():
    class Column:
        def __init__(self, values):
            self.values = values

        def __array__(self, dtype=None, copy=None):
            return np.asarray(self.values, dtype)

    def make(capture):
        w = leaf(3)
        f = capture(lambda x: (w.data + np.asarray(x), np.exp(np.asarray(x))))
        xs = inputs(3)
        return lambda turn: f(Column(xs[turn])), xs

    both(make)


def test_a_tensor_is_given_other_memory():
    def make(capture):
        f = capture(lambda x: (np.exp(x), x[0]))
        x = Tensor(np.zeros(3))
        xs = inputs(3)

        def call(turn):
            x.data = xs[turn] if turn % 2 else xs[turn][::-1]
            return f(x)

        return call, x

    both(make)
