"""Arguments: aliases, layouts, dtypes, containers, plain values, by position and by name."""

import collections
import dataclasses
from typing import Any, NamedTuple

import numpy as np
import pytest

import nn
from autograd_lite import Tensor

from .comparing import CALLS, batches, both, inputs, leaf, network, training


class Batch(NamedTuple):
    x: Any
    y: Any


@dataclasses.dataclass
class Example:
    x: Any
    weight: float


# ------------------------------------------------------------------ aliases


def updated(w, x, y):
    w.grad = None
    loss = (w * x + y * y).sum()
    loss.backward()
    w.data -= 0.1 * w.grad.data
    return loss, w * x, x + y


def aliases_of_turn(w, x, turn):
    """Return two arguments that are views of a parameter, of each other, or apart."""
    ways = [
        (x[:3], x[3:6]),
        (w.data, x[:3]),
        (w.data, w.data),
        (w.data[::-1], x[:3]),
        (x[:3], x[:3]),
        (x[:3], x[1:4]),
        (x[:3], x[2::-1]),
        (x[:3], w.data),
    ]
    return ways[turn]


@pytest.mark.parametrize("order", [range(8), [0, 0, 0, 1, 2, 3, 4, 5], [0, 0, 0, 5, 6, 7, 4, 1]])
def test_arguments_alias_a_parameter_or_each_other(order):
    def make(capture):
        w = leaf(3)
        x = np.arange(1.0, 9.0)
        f = capture(lambda a, b: updated(w, a, b))
        return lambda turn: f(*aliases_of_turn(w, x, list(order)[turn])), (w, x)

    both(make)


@pytest.mark.parametrize("order", [range(8), [0, 0, 0, 1, 4, 5, 6, 1], [0, 0, 0, 5, 6, 4, 0, 1]])
def test_arguments_that_are_written_into_alias_each_other(order):
    def make(capture):
        w = leaf(3)
        x = np.arange(1.0, 9.0)

        @capture
        def f(a, b):
            a += 1.0
            b *= 2.0
            a[0] = b[1]
            return a + b

        return lambda turn: f(*aliases_of_turn(w, x, list(order)[turn])), (w, x)

    both(make)


def test_a_parameter_is_an_argument():
    def make(capture):
        v, w = leaf(3), leaf(3, seed=2)

        @capture
        def f(p, x):
            v.grad = w.grad = None
            (v * p * x).sum().backward()
            v.data -= 0.1
            return p * x

        xs = inputs(3)
        return lambda turn: f(v if turn in (3, 4, 6) else w, xs[turn]), (v, w)

    both(make)


def test_a_result_is_fed_back():
    def make(capture):
        w = leaf(4, 4)
        step = capture(lambda h: np.tanh(h @ w.data))
        state = [np.ones(4)]

        def call(turn):
            state[0] = step(state[0])
            return state[0]

        return call, state

    both(make, calls=20)


@pytest.mark.parametrize("part", [lambda h: h.T, lambda h: h[::-1], lambda h: h[:], lambda h: h])
def test_a_view_of_a_result_is_fed_back(part):
    def make(capture):
        step = capture(lambda h: (h * 0.9 + h.T, h))
        state = [np.arange(9.0).reshape(3, 3)]

        def call(turn):
            state[0] = part(step(state[0])[0])
            return state[0]

        return call, state

    both(make, calls=12)


def test_two_earlier_results_are_fed_back():
    def make(capture):
        step = capture(lambda a, b: (a + b, a - 0.5 * b))
        state = [np.ones(3), np.ones(3) * 0.5]

        def call(turn):
            one, other = step(*state)
            state[:] = (other, one) if turn % 3 else (one, one)
            return one

        return call, state

    both(make, calls=12)


def test_an_argument_is_changed_by_the_caller_between_calls():
    def make(capture):
        f = capture(lambda x: (x, x * 2.0, x[1:]))
        x = np.arange(4.0)

        def call(turn):
            x[turn % 4] += 1.0
            return f(x)

        return call, x

    both(make)


def test_an_argument_is_changed_by_the_function():
    def make(capture):
        @capture
        def normalize(x):
            x -= x.mean()
            x /= x.std() + 0.1
            return x

        xs = inputs(6)
        return lambda turn: normalize(xs[turn]), xs

    both(make)


def test_a_slice_of_an_argument_is_changed_by_the_function():
    def make(capture):
        @capture
        def f(x):
            x[1:] += x[:-1]
            x[0] = 7.0
            np.multiply(x, 2.0, out=x)

        xs = inputs(6)
        return lambda turn: f(xs[turn]), xs

    both(make)


def test_a_tensor_argument_is_assigned_into():
    def make(capture):
        @capture
        def f(x):
            x[0] = 7.0
            x += 1.0
            return x.sum()

        xs = [Tensor(x) for x in inputs(6)]
        return lambda turn: f(xs[turn]), xs

    both(make)


# ------------------------------------------------------------------ shapes, dtypes, layouts


def changed_from_the_third(ordinary, other):
    """Return one array for each call: replays, another kind with replays of its own, and back."""
    return [other(x) if 3 <= turn < 7 else ordinary(x) for turn, x in enumerate(inputs(6, 4))]


LAYOUTS = {
    "C": np.ascontiguousarray,
    "F": np.asfortranarray,
    "transposed": lambda x: x.copy().reshape(4, 6).T,
    "strided": lambda x: np.repeat(x, 2, axis=0)[::2],
    "strided columns": lambda x: np.repeat(x, 3, axis=1)[:, ::3],
    "reversed": lambda x: x[::-1].copy()[::-1],
    "reversed columns": lambda x: x[:, ::-1].copy()[:, ::-1],
    "part": lambda x: np.pad(x, 2)[2:-2, 2:-2],
    "read-only": lambda x: np.broadcast_to(x, x.shape),
    "broadcast": lambda x: np.broadcast_to(x[0], x.shape),
    "broadcast columns": lambda x: np.broadcast_to(x[:, :1], x.shape),
    "misaligned": lambda x: (
        np.frombuffer(b"0" + x.tobytes(), np.uint8)[1:].view(x.dtype).reshape(x.shape)
    ),
    "byte order": lambda x: x.astype(">f8"),
    "rows": lambda x: x[:3],
    "one row": lambda x: x[:1],
    "no rows": lambda x: x[:0],
    "vector": lambda x: x[0],
    "three axes": lambda x: x.reshape(2, 3, 4),
    "float32": lambda x: x.astype(np.float32),
    "float16": lambda x: x.astype(np.float16),
    "int": lambda x: (x * 10).astype(np.int64),
    "int8": lambda x: (x * 10).astype(np.int8),
    "bool": lambda x: x > 0.0,
    "complex": lambda x: x + 1j * x[::-1],
    "list": lambda x: x.tolist(),
    "tensor": Tensor,
    "leaf": lambda x: Tensor(x, requires_grad=True),
    "tuple": tuple,
}


def products(x, w):
    y = np.asarray(x) @ w if isinstance(x, (list, tuple)) else x @ w
    return y, np.exp(y * 0.1).sum(-1), np.sum(y, 0)


@pytest.mark.parametrize("name", LAYOUTS)
def test_another_layout_dtype_or_kind(name):
    def make(capture):
        w = np.random.default_rng(3).normal(size=(4, 5))
        xs = changed_from_the_third(np.ascontiguousarray, LAYOUTS[name])
        f = capture(lambda x: products(x, w))
        return lambda turn: f(xs[turn]), xs

    both(make)


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_dtype_or_kind_from_the_first_call_on(name):
    def make(capture):
        w = np.random.default_rng(3).normal(size=(4, 5))
        xs = [LAYOUTS[name](x) for x in inputs(6, 4)]
        f = capture(lambda x: products(x, w))
        return lambda turn: f(xs[turn]), xs

    both(make)


@pytest.mark.parametrize("name", sorted(set(LAYOUTS) - {"list", "tuple", "vector", "three axes"}))
def test_a_network_is_trained_on_another_layout_dtype_or_kind(name):
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5, momentum=0.9)
        step = capture(training(model, optimizer))
        xs = changed_from_the_third(np.float32, LAYOUTS[name])
        targets = np.eye(3, dtype=np.float32)[np.arange(6) % 3]
        return lambda turn: step(xs[turn], targets[: len(xs[turn])]), (model, optimizer)

    both(make)


def test_signatures_take_turns():
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5)
        step = capture(training(model, optimizer))
        data = [
            (x[:n], y[:n]) for (x, y), n in zip(batches(count=24), [6, 6, 3, 1] * 6, strict=True)
        ]
        return lambda turn: step(*data[turn]), (model, optimizer)

    both(make, calls=24)


def test_more_signatures_than_programs_are_kept():
    def make(capture):
        w = leaf(4)
        f = capture(lambda x: (w.data * x).sum(0))
        xs = inputs(12, 4)
        return lambda turn: f(xs[turn % 8][: 1 + turn * 5 % 12]), w

    both(make, calls=60, max_programs=3)


def test_arrays_without_axes_and_numpy_scalars_are_told_apart():
    def make(capture):
        def f(x):
            y = x
            y += 1.0
            return x, y

        f = capture(f)
        xs = [np.float64(1.0), np.array(1.0), Tensor(1.0), Tensor(1.0) * 1.0] * 4
        return lambda turn: f(xs[turn]), xs

    both(make, calls=16)


# ------------------------------------------------------------------ plain values


NUMBERS = {
    "float": [0.5, 0.5, 0.5, 2.0, 2.0, 2.0, 0.5, -0.0],
    "int": [2, 2, 2, 3, 3, 3, 2, 0],
    "bool": [True, True, True, False, False, True, False, True],
    "float32": [np.float32(v) for v in (0.1, 0.1, 0.1, 0.7, 0.7, 0.7, 0.1, 0.2)],
    "float64": [np.float64(v) for v in (0.1, 0.1, 0.1, 0.7, 0.7, 0.7, 0.1, 0.2)],
    "types": [1, 1, 1, 1.0, True, np.float32(1.0), np.int64(1), np.float64(1.0)],
    "each another": [0.1 * turn for turn in range(CALLS)],
    "zeros": [0.0, 0.0, 0.0, -0.0, -0.0, 0.0, 0.0, -0.0],
    "nan": [float("nan")] * CALLS,
    "inf": [1.0, 1.0, 1.0, float("inf"), float("-inf"), float("inf"), 1.0, 1.0],
    "complex": [1j, 1j, 1j, 2j, 2j, 2j, 1j, 1.0],
    "without axes": [np.array(v) for v in (0.1, 0.1, 0.1, 0.7, 0.7, 0.7, 0.1, 0.2)],
    "tensor": [Tensor(v) for v in (0.1, 0.1, 0.1, 0.7, 0.7, 0.7, 0.1, 0.2)],
    "large": [10**9, 10**9, 10**9, 10**18, 10**18, 10**9, 10**18, 10**18],
}


@pytest.mark.parametrize("kind", ["array", "float32", "leaf"])
@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_is_another_at_a_later_call(name, kind):
    def make(capture):
        xs = inputs(4, dtype=np.float32 if kind == "float32" else np.float64)
        xs = [Tensor(x, requires_grad=True) for x in xs] if kind == "leaf" else xs
        f = capture(lambda x, number: (x * number, number, x + 0 * number))
        return lambda turn: f(xs[turn], NUMBERS[name][turn]), xs

    both(make)


PLAIN = {
    "string": (["sum", "sum", "sum", "mean", "mean", "sum"], lambda x, v: getattr(np, v)(x)),
    "axis": ([0, 0, 0, 1, 1, 0], lambda x, v: x.sum(v)),
    "axes": ([(0,), (0,), (0,), (0, 1), (0, 1), (0,)], lambda x, v: x.sum(v)),
    "none": ([None, None, None, 1, 1, None], lambda x, v: x.sum(v)),
    "shape": ([(4, 3), (4, 3), (4, 3), (2, 6), (2, 6), (4, 3)], lambda x, v: x.reshape(v)),
    "dtype": (
        [np.float32, np.float32, np.float32, "f8", "f8", np.float32],
        lambda x, v: x.astype(v),
    ),
    "slice": ([slice(1), slice(1), slice(1), slice(2), slice(2), slice(1)], lambda x, v: x[v]),
    "index": ([0, 0, 0, 2, 2, 0], lambda x, v: x[v] * 2.0),
    "indices": ([[0, 1], [0, 1], [0, 1], [2, 2], [2, 2], [0, 1]], lambda x, v: x[v]),
    "array of indices": (
        [np.array(v) for v in ([0, 1], [0, 1], [1, 0], [2, 2], [2, 2], [0, 1])],
        lambda x, v: x[v] * 2.0,
    ),
    "mask": ([np.arange(3) > n for n in (1, 1, 1, 0, 0, 1)], lambda x, v: x[v]),
    "function": ([np.sin, np.sin, np.sin, np.cos, np.cos, np.sin], lambda x, v: v(x)),
    "ellipsis": ([..., ..., ..., None, None, ...], lambda x, v: x[v]),
    "subscripts": (
        ["ij->ji", "ij->ji", "ij->ji", "ij->j", "ij->j", "ij->ji"],
        lambda x, v: np.einsum(v, x),
    ),
    "order": (["C", "C", "C", "F", "F", "C"], lambda x, v: x.ravel(v)),
    "set": ([{1}, {1}, {1}, {1, 2}, {1, 2}, {1}], lambda x, v: x * len(v)),
    "nested": (
        [{"a": [1, (n,)]} for n in (2.0, 2.0, 2.0, 3.0, 3.0, 2.0)],
        lambda x, v: x * v["a"][1][0],
    ),
    "length": (
        [[1.0], [1.0], [1.0], [1.0, 2.0], [1.0, 2.0], [1.0]],
        lambda x, v: [x * n for n in v],
    ),
    "keys": (
        [{"a": 1}, {"a": 1}, {"a": 1}, {"b": 1}, {"b": 1}, {"a": 1}],
        lambda x, v: (x * 2, [*v]),
    ),
    "order of keys": (
        [{"a": 1, "b": 2}] * 3 + [{"b": 2, "a": 1}] * 2 + [{"a": 1, "b": 2}],
        lambda x, v: x * next(iter(v.values())),
    ),
    "object": (
        [Example(None, w) for w in (1.0, 1.0, 1.0, 2.0, 2.0, 1.0)],
        lambda x, v: x * v.weight,
    ),
}


@pytest.mark.parametrize("kind", ["array", "leaf"])
@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_value_is_another_at_a_later_call(name, kind):
    values, function = PLAIN[name]

    def make(capture):
        xs = inputs(3, 4)
        xs = [Tensor(x, requires_grad=True) for x in xs] if kind == "leaf" else xs
        f = capture(function)
        return lambda turn: f(xs[turn], values[turn]), xs

    both(make, calls=6)


# ------------------------------------------------------------------ containers and names


CONTAINERS = {
    "list": lambda x, y: [x, [y]],
    "tuple": lambda x, y: (x, (y,)),
    "dict": lambda x, y: {"x": x, "inner": {"y": y}},
    "namedtuple": Batch,
    "dataclass": Example,
    "deque": lambda x, y: collections.deque([x, y]),
    "ordered dict": lambda x, y: collections.OrderedDict(b=x, a=y),
    "list that is shared": lambda x, y: [x, x, y],
}


def arrays_in(tree):
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, Example):
        tree = [tree.x, tree.weight]
    if isinstance(tree, (list, tuple, collections.deque)):
        return [x for part in tree for x in arrays_in(part)]
    return [tree]


@pytest.mark.parametrize("kind", ["array", "tensor", "leaf"])
@pytest.mark.parametrize("name", CONTAINERS)
def test_arguments_in_containers(name, kind):
    def make(capture):
        @capture
        def f(tree):
            first, *rest = arrays_in(tree)
            return {"sum": first + sum(rest), "tree": tree}

        pairs = [
            (x, y) if kind == "array" else (Tensor(x, kind == "leaf"), Tensor(y))
            for x, y in zip(inputs(3), inputs(3, seed=1), strict=True)
        ]
        return lambda turn: f(CONTAINERS[name](*pairs[turn])), pairs

    both(make)


def test_another_container_at_a_later_call():
    def make(capture):
        f = capture(lambda tree: [x * 2.0 for x in arrays_in(tree)])
        pairs = list(zip(inputs(3), inputs(3, seed=1), strict=True))
        kinds = list(CONTAINERS.values())
        return lambda turn: f(kinds[0 if turn < 3 else turn](*pairs[turn])), pairs

    both(make)


def test_a_container_is_changed_by_the_function():
    def make(capture):
        @capture
        def f(tree):
            tree["h"] = tree["h"] * 0.5 + 1.0
            tree["count"] += 1
            return tree["h"]

        tree = {"h": np.ones(3), "count": 0}
        return lambda turn: f(tree), tree

    both(make)


WAYS = [
    lambda f, x, y: f(x, y),
    lambda f, x, y: f(x, y=y),
    lambda f, x, y: f(x=x, y=y),
    lambda f, x, y: f(y=y, x=x),
    lambda f, x, y: f(y, x),
    lambda f, x, y: f(x=y, y=x),
    lambda f, x, y: f(x),
    lambda f, x, y: f(*[x, y], scale=3.0),
    lambda f, x, y: f(x, scale=3.0),
    lambda f, x, y: f(x, scale=2.0),
]


@pytest.mark.parametrize("way", range(len(WAYS)))
def test_arguments_by_position_by_name_and_left_out(way):
    def make(capture):
        @capture
        def f(x, y=2.0, *, scale=1.0):
            return x * scale - y

        pairs = list(zip(inputs(3), inputs(3, seed=1), strict=True))

        def call(turn):
            return WAYS[0 if turn < 3 or turn == 6 else way](f, *pairs[turn])

        return call, pairs

    both(make)


def test_any_number_of_arguments():
    def make(capture):
        @capture
        def f(*args, **kwargs):
            total = sum(args) - 2.0 * sum(kwargs.values())
            return total, len(args), list(kwargs)

        xs = inputs(3)
        ways = [
            f,
            f,
            f,
            lambda x: f(x, x, x),
            lambda x: f(x, a=x),
            lambda x: f(x, b=x),
            lambda x: f(x, b=x, a=1.0),
            lambda x: f(x, a=1.0, b=x),
        ]
        return lambda turn: ways[turn](xs[turn]), xs

    both(make)


@pytest.mark.parametrize("wrong", [lambda f, x: f(), lambda f, x: f(x, x), lambda f, x: f(x, z=1)])
def test_wrong_arguments_raise_as_in_eager(wrong):
    def make(capture):
        def f(x):
            return x * 2.0

        f = capture(f)
        xs = inputs(3)
        return lambda turn: wrong(f, xs[turn]) if turn in (0, 3, 5) else f(xs[turn]), xs

    both(make)


def test_shapes_that_do_not_fit_raise_as_in_eager():
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5, momentum=0.9)
        step = capture(training(model, optimizer))
        data = batches()

        def call(turn):
            x, y = data[turn]
            return (
                step(x[:, :3], y) if turn == 3 else step(x, y[:, :2]) if turn == 5 else step(x, y)
            )

        return call, (model, optimizer)

    both(make)
