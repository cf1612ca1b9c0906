"""Programs for which a captured function once differed from the plain one."""

import collections
import dataclasses
import functools
import gc
import itertools
import math
import operator
import random
import types
import weakref
from typing import Any

import numpy as np
import pytest

from autograd_lite import Tensor, capture
from autograd_lite.capturing.tracing.traced import Traced
from autograd_lite.errors import CaptureWarning

from .comparing import both, inputs

# ------------------------------------------------------------------ which array is which


def test_an_array_given_twice_isnt_two_arrays():
    def make(capture):
        x, y = inputs(3, count=2)
        f = capture(lambda a, b: a * b)
        return (lambda turn: f(x, x if turn < 4 else y)), (x, y)

    both(make)


def test_an_array_given_twice_that_is_written_isnt_two_arrays():
    def make(capture):
        x, y = inputs(3, count=2)

        @capture
        def f(a, b):
            a += 1
            return a + b

        return (lambda turn: f(x, x if turn % 3 == 2 else y)), (x, y)

    both(make)


def test_an_array_in_the_closure_that_is_given_too_isnt_another_one():
    def make(capture):
        x, y = inputs(3, count=2)
        f = capture(lambda a: a * x)
        return (lambda turn: f(x if turn < 4 else y)), (x, y)

    both(make)


def test_an_array_that_was_in_the_closure_and_is_still_given():
    def make(capture):
        x, y = inputs(3, count=2)
        box = [x]
        f = capture(lambda a: a * box[0])

        def call(turn):
            if turn == 4:
                box[0] = y
            return f(x)

        return call, box

    both(make)


# ------------------------------------------------------------------ containers


def test_another_element_of_a_set_is_seen():
    def make(capture):
        factors = {1.0, 2.0}

        @capture
        def f(x):
            for factor in factors:
                x = x * factor + 1
            return x

        def call(turn):
            if turn == 4:
                factors.discard(1.0)
                factors.add(3.0)
            return f(np.ones(3) * turn)

        return call, factors

    both(make)


def test_another_order_of_a_dict_is_seen():
    def make(capture):
        factors = {"a": 2.0, "b": 3.0}

        @capture
        def f(x):
            for factor in factors.values():
                x = x * factor + factor
            return x

        def call(turn):
            if turn == 4:
                factors["a"] = factors.pop("a")
            return f(np.ones(3) * turn)

        return call, factors

    both(make)


def test_a_dict_that_the_function_reorders():
    def make(capture):
        arrays = collections.OrderedDict(a=np.ones(3), b=np.zeros(3))

        @capture
        def f(x):
            arrays.move_to_end(next(iter(arrays)))
            return x + next(iter(arrays.values()))

        return (lambda turn: f(np.ones(3) * turn)), arrays

    both(make)


def test_a_default_dict_gets_real_arrays():
    def make(capture):
        sums = collections.defaultdict(lambda: np.zeros(3))

        @capture
        def f(x, key):
            sums[key] = sums[key] + x
            return sums[key] * 2

        return (lambda turn: f(np.ones(3) * turn, "abc"[turn % 3])), sums

    both(make)


# ------------------------------------------------------------------ iterators


def ones():
    for i in itertools.count():
        yield np.full(3, float(i // 3))


@pytest.mark.parametrize(
    "iterator",
    [
        lambda: iter([1.0] * 3 + [2.0] * 9),
        lambda: itertools.cycle([np.ones(3), np.ones(3), np.zeros(3)]),
        ones,
        lambda: map(float, [1, 1, 1, 2, 2, 2, 3, 3, 3]),
        lambda: zip([1.0] * 3 + [2.0] * 9, [3.0] * 10, strict=False),
        lambda: enumerate([1.0] * 3 + [2.0] * 9),
        lambda: reversed([1.0] * 9),
    ],
)
@pytest.mark.parametrize("given", [True, False])
def test_iterators_go_on(iterator, given):
    def make(capture):
        items = iterator()

        @capture
        def of_closure(x):
            item = next(items)
            return x * item[0] if isinstance(item, tuple) else x * item

        @capture
        def of_argument(x, items):
            item = next(items)
            return x * item[0] if isinstance(item, tuple) else x * item

        x = np.ones(3)
        return (lambda turn: of_argument(x, items) if given else of_closure(x)), None

    both(make)


def test_an_iterator_written_in_python_goes_on():
    class Counting:
        def __init__(self):
            self.i = 0

        def __iter__(self):
            return self

        def __next__(self):
            self.i += 1
            return float(self.i // 3)

    def make(capture):
        items = Counting()
        f = capture(lambda x: x * next(items))
        return (lambda turn: f(np.ones(3))), items

    both(make)


# ------------------------------------------------------------------ what NumPy writes into


def leading(x):
    np.sum(x[1:], 0, None, x[0])
    x[1:].mean(0, None, x[2])
    np.clip(x, -1, 1, x)
    return x * 1


def field(x):
    x.setfield(3.0, np.float64)
    return x + 0


def swapped(x):
    x.byteswap(True)
    return x + 0


def resized(x):
    y = x.copy()
    y.resize((2, 2), refcheck=False)
    return y


def frozen(x):
    y = x * 2
    y.flags.writeable = False
    return y, y[1:]


def frozen_by_name(x):
    y = x * 2
    y.flags["WRITEABLE"] = False
    return y


def frozen_by_method(x):
    y = x * 2
    y.setflags(write=False)
    return y


def frozen_argument(x):
    x.flags.writeable = False
    return x * 2


def of_a_loss(x):
    loss = (Tensor(x) ** 2).sum()
    return loss.data, float(loss.data), loss.data * 2


def rounded(x):
    return round(x.sum(), 2), round(x[0, 0] * 0), round(x[0, 0] * 0, 1)


def unused_parts(x):
    np.split(x, 2)
    return x * 2, np.einsum("ij,kj->ik", x, x, optimize=np.einsum_path("ij,kj->ik", x, x)[0])


def tensor_assigned(x):
    x[:] = Tensor(x) * 0.5
    return x + 1


@pytest.mark.parametrize(
    "function",
    [
        leading,
        field,
        swapped,
        resized,
        frozen,
        frozen_by_name,
        frozen_by_method,
        frozen_argument,
        of_a_loss,
        rounded,
        unused_parts,
        tensor_assigned,
    ],
)
def test_of_arrays(function):
    def make(capture):
        xs = inputs(4, 6)
        f = capture(function)
        return (lambda turn: f(xs[turn])), xs

    both(make)


@pytest.mark.parametrize("function", [rounded, tensor_assigned, unused_parts])
def test_is_captured(function):
    step = capture(function, on_miss="error")
    for _ in range(4):
        step(np.zeros((4, 6)))
    assert step.program is not None
    assert step.program.replay is not None


# ------------------------------------------------------------------ what is left behind


def traced_arrays():
    gc.collect()
    return [x for x in gc.get_objects() if type(x) is Traced]


def closure(x):
    y = x * 2
    return lambda: y


def bound(x):
    return (x * 2).sum


def partial_function(x):
    return functools.partial(np.add, x * 2, x)


def error(x):
    return ValueError(x * 2, [x])


@pytest.mark.parametrize("function", [closure, bound, partial_function, error])
def test_new_functions_and_errors_hold_real_arrays(function):
    def make(capture):
        xs = inputs(3)
        f = capture(function)

        def call(turn):
            new = f(xs[turn])
            if isinstance(new, Exception):
                return new.args
            return new(xs[0]) if isinstance(new, functools.partial) else new()

        return call, xs

    both(make)
    step = capture(function)
    others = {id(x): x for x in traced_arrays()}  # such as those that tracebacks of tests hold
    kept = [step(np.ones(3)) for _ in range(3)]
    assert not [x for x in traced_arrays() if id(x) not in others]
    assert kept


def test_an_error_that_is_raised_holds_real_arrays():
    def make(capture):
        xs = inputs(3)

        @capture
        def f(x):
            try:
                raise KeyError(x)
            except KeyError as error:
                raise ValueError(x * 2) from error

        def call(turn):
            try:
                f(xs[turn])
            except ValueError as error:
                return error.args, error.__cause__.args

        return call, xs

    both(make)


# ------------------------------------------------------------------ random generators


@dataclasses.dataclass
class Noise:
    rng: Any
    scale: float = 1.0


def test_a_generator_in_a_dataclass():
    def make(capture):
        noise = Noise(np.random.default_rng(0))
        xs = inputs(3)
        f = capture(lambda noise, x: x + noise.rng.normal(size=3) * noise.scale)
        return (lambda turn: f(noise, xs[turn])), noise

    both(make)


def test_a_generator_whose_state_is_set():
    def make(capture):
        rng = np.random.default_rng(0)
        state = rng.bit_generator.state

        @capture
        def f(x):
            rng.bit_generator.state = state
            return x + rng.normal(size=3)

        return (lambda turn: f(np.ones(3))), rng

    both(make)


# ------------------------------------------------------------------ where arrays can stand


def of_a_default():
    array = np.ones(3)

    def f(x, array=array):
        return x * array

    return f, array, lambda: None


def of_a_partial_function():
    array = np.ones(3)
    inner = functools.partial(lambda x, *, factor: x * factor, factor=array)
    return (lambda x: inner(x) + 1), array, lambda: None


def of_a_class():
    class Shared:
        array = np.ones(3)

    def replace():
        Shared.array = np.zeros(3)

    return (lambda x: x * Shared.array), Shared.array, replace


def of_a_read_only_mapping():
    array = np.ones(3)
    arrays = {"a": array}
    shown = types.MappingProxyType(arrays)
    return (lambda x: x * shown["a"]), array, lambda: arrays.update(a=np.zeros(3))


def of_a_chain_of_mappings():
    array = np.ones(3)
    arrays = {"a": array}
    chain = collections.ChainMap({}, arrays)
    return (lambda x: x * chain["a"]), array, lambda: arrays.update(a=np.zeros(3))


def of_a_weak_reference():
    holder = types.SimpleNamespace(array=np.ones(3))

    class Holder:
        array = holder.array

    kept = Holder()
    reference = weakref.ref(kept)

    def replace():
        kept.array = np.zeros(3)

    return (lambda x: x * reference().array), Holder.array, replace


@pytest.mark.parametrize(
    "place",
    [
        of_a_default,
        of_a_partial_function,
        of_a_class,
        of_a_read_only_mapping,
        of_a_chain_of_mappings,
        of_a_weak_reference,
    ],
)
def test_an_array_is_written_between_calls_and_replaced(place):
    def make(capture):
        function, array, replace = place()
        f = capture(function)

        def call(turn):
            if turn == 4:
                array[0] = 7
            if turn == 6:
                replace()
            return f(np.ones(3) * turn)

        return call, array

    both(make)


def test_an_array_of_a_class_that_is_replaced_is_a_real_one():
    def make(capture):
        class Shared:
            array = np.ones(3)

        @capture
        def f(x):
            Shared.array = Shared.array + x
            return Shared.array * 2

        return (lambda turn: (f(np.ones(3) * turn), Shared.array)), None

    both(make)


@pytest.mark.parametrize("kind", [random.Random, np.random.PCG64])
def test_other_generators_go_on(kind):
    def make(capture):
        source = kind(0)
        draws = {
            random.Random: lambda: source.random() + 1,
            np.random.PCG64: lambda: np.random.Generator(source).random(),
        }
        draw = draws[kind]

        @capture
        def f(x):
            draw()
            return x * 2

        def call(turn):
            x = f(np.ones(3))
            return x, repr(source.getstate() if kind is random.Random else source.state)

        return call, None

    both(make)


# ------------------------------------------------------------------ functions in C


def test_a_method_of_a_list_that_is_given():
    def make(capture):
        seen = []

        @capture
        def f(x, callback):
            callback(x * 2)
            return x + 1

        return (lambda turn: f(np.ones(3) * turn, seen.append)), seen

    both(make)


def test_a_method_of_a_list_in_the_closure():
    def make(capture):
        seen = []
        append = seen.append

        @capture
        def f(x):
            append(x * 2)
            return x + 1

        return (lambda turn: f(np.ones(3) * turn)), seen

    both(make)


def test_a_method_of_a_generator_in_the_closure():
    def make(capture):
        rng = np.random.default_rng(0)
        draw = rng.normal
        f = capture(lambda x: x + draw(size=3))

        def call(turn):
            nonlocal draw
            if turn == 5:
                draw = rng.uniform
            return f(np.ones(3) * turn)

        return call, rng

    both(make)


def test_another_function_and_another_module():
    def make(capture):
        function, module = math.sqrt, np
        f = capture(lambda x: (x * function(2.0), getattr(module, "pi", 3) * x))

        def call(turn):
            nonlocal function, module
            if turn == 4:
                function = math.exp
            if turn == 6:
                module = types.SimpleNamespace
            return f(np.ones(3) * turn)

        return call, None

    both(make)


# ------------------------------------------------------------------ types


def by_type(x):
    kinds = (
        type(x) is np.ndarray,
        type(x.sum()) is np.float64,
        type(x).__name__,
        type(x.shape) is tuple,
    )
    new = type("New", (), {"k": 2.0})
    return kinds, x * new.k if isinstance(type(x), type) and issubclass(new, object) else x


class Meta(type):
    pass


def with_metaclass(x):
    class Inner(metaclass=Meta):
        k = 3.0

    class Other(type):
        pass

    return x * Inner.k if type(Inner) is Meta and type(Other("A", (), {})) is Other else x


@pytest.mark.parametrize("function", [by_type, with_metaclass])
def test_types_are_those_of_the_real_arrays(function):
    def make(capture):
        xs = inputs(3)
        f = capture(function)
        return (lambda turn: f(xs[turn])), xs

    both(make)
    assert "type" not in globals()


class Doubled:
    def __init__(self):
        self.array = np.ones(3)
        self.cached = self.cached_for = None

    @property
    def double(self):
        if self.cached is None or self.cached_for is not self.array:
            self.cached = self.array * 2
            self.cached_for = self.array
        return self.cached


def test_a_cache_that_compares_arrays_by_identity():
    def make(capture):
        doubled = Doubled()
        f = capture(lambda x: x + doubled.double)

        def call(turn):
            if turn == 4:
                doubled.array = doubled.array + 1
            return f(np.ones(3) * turn)

        return call, doubled

    both(make)


class Answering:
    """Speaks NumPy's protocol, and has no operators."""

    def __init__(self, array):
        self.array = array

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        inputs = [x.array if isinstance(x, Answering) else x for x in inputs]
        return Answering(getattr(ufunc, method)(*inputs, **kwargs))


def test_operators_with_a_type_that_answers_for_ufuncs():
    def make(capture):
        other = Answering(np.ones(3))
        f = capture(lambda x: [y.array for y in (x * other, other + x, x**other, np.exp(other))])
        return (lambda turn: f(np.ones(3) * turn)), other

    both(make)


class Printing:
    """Speaks NumPy's protocol, and prints what it is part of."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        print(ufunc.__name__)
        return 1.0


@pytest.mark.parametrize("operate", [operator.add, operator.pow, operator.iadd, operator.ipow])
def test_what_an_operator_of_another_type_does_is_heard(operate, capsys):
    other = Printing()
    f = capture(lambda x: operate(2 * x, other))
    with pytest.warns(CaptureWarning, match=r"it calls print\(\)"):
        assert f(np.ones(3)) == 1.0
    for _ in range(3):
        assert f(np.ones(3)) == 1.0
    assert len(capsys.readouterr().out.split()) == 4


def test_arguments_are_let_go():
    step = capture(lambda x, more: x * more["y"][0])
    x = np.ones(3)
    y = np.ones(3)
    references = [weakref.ref(x), weakref.ref(y)]
    for _ in range(4):
        step(x, {"y": [y]})
    del x, y
    gc.collect()
    assert [reference() for reference in references] == [None, None]
