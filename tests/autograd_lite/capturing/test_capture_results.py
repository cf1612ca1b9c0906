"""Results belong to the caller: later calls don't change them, and they can be differentiated."""

import collections
import dataclasses
from typing import Any, NamedTuple

import numpy as np
import pytest

import nn
from autograd_lite import Tensor, as_tensor, gradients

from .comparing import batches, both, inputs, leaf, network, training


class Pair(NamedTuple):
    first: Any
    second: Any


@dataclasses.dataclass
class Outcome:
    loss: Any
    text: str


def same_twice(x):
    y = x * 2.0
    return y, y


def two_views(x):
    y = x * 2.0
    return y, y.T, y[0], y[:, 1:]


def view_of_what_is_dropped(x):
    return (x * 2.0)[1:, ::2]


def overlapping(x):
    y = x * 2.0
    return y[:2], y[1:]


def changed_after_a_view(x):
    y = x * 2.0
    top = y[0]
    y[1] = 7.0
    return y, top


def intermediate_too(x):
    y = x * 2.0
    z = y + 1.0
    return z * z, y


def equal_computed_twice(x):
    return x * 2.0, x * 2.0


def fresh_list(x):
    rows = []
    for i in range(len(x)):
        rows.append(x[i] * i)
    return rows


RESULTS = {
    "array": lambda x: x * 2.0,
    "scalar": lambda x: x.sum(),
    "without axes": lambda x: np.sum(x) * np.ones(()),
    "transposed": lambda x: (x * 2.0).T,
    "row": lambda x: (x * 2.0)[0],
    "reversed": lambda x: (x * 2.0)[::-1],
    "strided": view_of_what_is_dropped,
    "reshaped": lambda x: (x * 2.0).reshape(-1),
    "broadcast": lambda x: np.broadcast_to(x.sum(0) * 2.0, x.shape),
    "the same twice": same_twice,
    "equal, computed twice": equal_computed_twice,
    "views": two_views,
    "overlapping": overlapping,
    "assigned": changed_after_a_view,
    "intermediate": intermediate_too,
    "tuple": lambda x: (x * 2.0, x + 1.0),
    "list": lambda x: [x * 2.0, [x + 1.0, None]],
    "dict": lambda x: {"a": x * 2.0, "b": {"c": x.sum(), 3: "text"}},
    "namedtuple": lambda x: Pair(x * 2.0, x + 1.0),
    "dataclass": lambda x: Outcome(x.sum(), "fine"),
    "deque": lambda x: collections.deque([x * 2.0, x.sum()], maxlen=3),
    "ordered dict": lambda x: collections.OrderedDict(b=x * 2.0, a=x.sum()),
    "filled list": fresh_list,
    "generator expression": lambda x: tuple(row * 2.0 for row in x),
    "None": lambda x: (None, x * 2.0),
    "number": lambda x: (3, x * 2.0),
    "constant array": lambda x: np.ones(3),
    "constant tensor": lambda x: Tensor([1.0, 2.0]),
    "constant parameter": lambda x: Tensor([1.0, 2.0], requires_grad=True),
    "shape": lambda x: (x.shape, x.dtype, x.ndim, x * 2.0),
    "the argument": lambda x: x,
    "the argument in a list": lambda x: [x, x],
    "view of the argument": lambda x: x[1:],
    "transposed argument": lambda x: x.T,
    "argument and more": lambda x: (x, x * 2.0, x[0]),
    "reshaped argument": lambda x: x.reshape(-1),
    "copy": lambda x: x.copy(),
    "values": lambda x: as_tensor(x).data,
    "bool": lambda x: x > 0.0,
    "int": lambda x: np.argmax(x, axis=0),
    "float32": lambda x: x.astype(np.float32),
    "complex": lambda x: np.fft.fft(x) * 2.0,
    "Fortran": lambda x: np.asfortranarray(x) if type(x) is np.ndarray else x.copy("F"),
    "empty": lambda x: x[:0] * 2.0,
    "zero": lambda x: x * 0.0,
    "read-only": lambda x: np.broadcast_to(x[0], (3, 4)),
    "set": lambda x: [{1, 2, 3}, x.sum()],
    "slice": lambda x: {"rows": slice(0, 2), "x": x * 2.0},
    "string": lambda x: ["text", x.sum()],
}


@pytest.mark.parametrize("kind", ["array", "tensor", "leaf"])
@pytest.mark.parametrize("name", RESULTS)
def test_results_are_kept_while_later_calls_run(name, kind):
    def make(capture):
        f = capture(RESULTS[name])
        xs = [x if kind == "array" else Tensor(x, kind == "leaf") for x in inputs(3, 4)]
        return lambda turn: f(xs[turn]), xs

    both(make)


@pytest.mark.parametrize("name", RESULTS)
def test_the_caller_may_write_into_results(name):
    def make(capture):
        f = capture(RESULTS[name])
        xs = inputs(3, 4)

        def call(turn):
            result = f(xs[turn])
            for part in result.values() if isinstance(result, dict) else [result]:
                for y in part if isinstance(part, (tuple, list)) else [part]:
                    if isinstance(y, np.ndarray) and y.flags.writeable:
                        y[...] = 1
                    if isinstance(y, list):
                        y.append("more")
            return result, f(inputs(3, 4)[turn])

        return call, xs

    both(make)


@pytest.mark.parametrize("name", ["list", "dict", "deque", "filled list", "ordered dict"])
def test_containers_are_new_at_each_call(name):
    def make(capture):
        f = capture(RESULTS[name])
        xs = inputs(3, 4)

        def call(turn):
            result = f(xs[turn])
            result.clear()
            return result

        return call, xs

    both(make)


def test_a_result_that_is_a_parameter_is_that_parameter():
    def make(capture):
        w = leaf(3)
        f = capture(lambda x: (w, w.data, w.T, [w * x]))

        def call(turn):
            result = f(np.ones(3) * turn)
            w.data -= 0.1
            return result[0] is w, result

        return call, w

    both(make)


def test_a_result_that_is_a_gradient():
    def make(capture):
        w = leaf(3)

        @capture
        def f(x):
            w.grad = None
            (w * w * x).sum().backward()
            return w.grad, w.grad.data

        xs = inputs(3)
        return lambda turn: f(xs[turn]), w

    both(make)


def test_the_losses_of_all_steps():
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5)
        step = capture(training(model, optimizer))
        losses = []
        data = batches()

        def call(turn):
            losses.append(step(*data[turn]))
            return [loss.item() for loss in losses]

        return call, (model, losses)

    both(make)


def test_outputs_and_losses_of_all_steps():
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5)

        @capture
        def step(x, y):
            optimizer.zero_grad()
            out = model(x)
            loss = nn.losses.mean_squared_error(out, y)
            loss.backward()
            optimizer.step()
            return {"out": out, "values": out.data, "row": out.data[0], "loss": loss}

        data = batches()
        return lambda turn: step(*data[turn]), model

    both(make)


# ------------------------------------------------------------------ differentiated by the caller


def test_a_loss_is_differentiated_by_the_caller():
    def make(capture):
        model = network()
        f = capture(lambda x, y: nn.losses.mean_squared_error(model(x), y))
        data = batches()

        def call(turn):
            model.zero_grad()
            loss = f(*data[turn])
            loss.backward()
            return loss

        return call, model

    both(make)


def test_results_are_differentiated_late():
    def make(capture):
        w = leaf(3)
        f = capture(lambda x: (w * x).sum())
        xs = inputs(3)
        losses = []

        def call(turn):
            losses.append(f(xs[turn]) * turn)
            if turn == 5:
                sum(losses).backward()
            return losses[-1]

        return call, w

    both(make)


def test_two_results_are_differentiated():
    def make(capture):
        w = leaf(3)

        @capture
        def f(x):
            y = np.exp(w * x)
            return y.sum(), (y * y).sum()

        xs = inputs(3)

        def call(turn):
            one, other = f(xs[turn])
            one.backward(retain_graph=True)
            (one * other).backward()
            return one, other

        return call, w

    both(make)


def test_a_result_is_differentiated_twice():
    def make(capture):
        w = leaf(3)
        f = capture(lambda x: (np.exp(w * x)).sum())
        xs = inputs(3)

        def call(turn):
            (g,) = gradients(f(xs[turn]), [w], create_graph=True)
            (h,) = gradients((g * g).sum(), [w])
            return g, h

        return call, w

    both(make)


def test_arguments_that_require_a_gradient():
    def make(capture):
        f = capture(lambda x: (np.sin(x) * x).sum())

        def call(turn):
            x = leaf(3, seed=turn)
            y = f(x)
            y.backward()
            return x, y

        return call, None

    both(make)


def test_an_argument_requires_a_gradient_from_some_call_on():
    def make(capture):
        f = capture(lambda x: (np.sin(x) * x).sum())
        xs = inputs(3)

        def call(turn):
            x = Tensor(xs[turn], requires_grad=turn in (3, 4, 5))
            y = f(x)
            if turn in (3, 4, 5):
                y.backward()
            return x, y

        return call, None

    both(make)


def test_an_argument_is_the_result_of_an_op_that_is_differentiated():
    def make(capture):
        w = leaf(3)
        f = capture(lambda h: np.tanh(h) * 2.0)
        xs = inputs(3)

        def call(turn):
            w.grad = None
            y = f(w * xs[turn])
            y.sum().backward()
            return y

        return call, w

    both(make)


def test_a_recurrence_through_captured_calls_is_differentiated():
    def make(capture):
        w = leaf(3)
        f = capture(lambda h: np.tanh(w * h))

        def call(turn):
            h = Tensor(np.ones(3))
            for _ in range(turn + 1):
                h = f(h)
            h.sum().backward()
            return h

        return call, w

    both(make)


def test_a_released_graph_stays_released():
    def make(capture):
        w = leaf(3)

        @capture
        def f(x):
            loss = (w * w * x).sum()
            loss.backward()
            return loss

        xs = inputs(3)

        def call(turn):
            loss = f(xs[turn])
            loss.backward()

        return call, w

    both(make)


def test_a_retained_graph_stays_retained():
    def make(capture):
        w = leaf(3)

        @capture
        def f(x):
            loss = (w * w * x).sum()
            loss.backward(retain_graph=True)
            return loss

        xs = inputs(3)

        def call(turn):
            f(xs[turn]).backward()

        return call, w

    both(make)


def test_an_update_between_result_and_backward_is_noticed():
    def make(capture):
        w = leaf(3)
        f = capture(lambda x: (w * w * x).sum())
        xs = inputs(3)

        def call(turn):
            loss = f(xs[turn])
            if turn in (1, 3, 5):
                w.data -= 0.1
            loss.backward()

        return call, w

    both(make)


def test_a_gradient_of_a_result_is_retained():
    def make(capture):
        w = leaf(3)

        @capture
        def f(x):
            y = w * x
            y.retain_grad()
            (y * y).sum().backward()
            return y.grad

        xs = inputs(3)
        return lambda turn: f(xs[turn]), w

    both(make)


def test_deltas_of_a_captured_forward():
    def make(capture):
        model = network()
        f = capture(lambda x, y: nn.losses.mean_squared_error(model(x), y))
        data = batches()
        return lambda turn: nn.deltas(model, f(*data[turn])), model

    both(make)
