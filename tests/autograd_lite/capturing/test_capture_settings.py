"""Settings: one that changes between two calls is seen at the next."""

import dataclasses
import types
from functools import partial

import numpy as np
import pytest

from autograd_lite import Tensor, capture, is_recording, no_grad

from .comparing import both, inputs, leaf

CASES = {}


def case(*values):
    """Register a world ``make(capture) -> (function, change)`` whose setting has two values."""

    def register(make):
        CASES[make.__name__] = make, values
        return make

    return register


@pytest.mark.parametrize("kind", ["array", "leaf"])
@pytest.mark.parametrize("name", CASES)
def test_a_changed_setting_is_seen_at_the_next_call(name, kind):
    make_case, (first, second) = CASES[name]

    def make(capture):
        f, change = make_case(capture)
        xs = inputs(4)
        xs = xs if kind == "array" else [Tensor(x, requires_grad=True) for x in xs]

        def call(turn):
            change(second if 3 <= turn < 7 else first)
            return f(xs[turn])

        return call, xs

    both(make, calls=8)


def assigned(thing, name):
    return partial(setattr, thing, name)


@case(0.5, 2.0)
def closure_float(capture):
    rate = 0.0

    @capture
    def f(x):
        return x * rate

    def change(value):
        nonlocal rate
        rate = value

    return f, change


@case(2, 3)
def closure_int_as_power(capture):
    power = 0
    f = capture(lambda x: x**power)

    def change(value):
        nonlocal power
        power = value

    return f, change


@case(True, False)
def closure_flag(capture):
    flag = None
    f = capture(lambda x: x * 2.0 if flag else x - 1.0)

    def change(value):
        nonlocal flag
        flag = value

    return f, change


@case(1, True)
def closure_of_equal_value_and_other_type(capture):
    value = None
    f = capture(lambda x: (x * 1.0, value))

    def change(new):
        nonlocal value
        value = new

    return f, change


@case(0.0, -0.0)
def closure_zero_of_other_sign(capture):
    zero = None
    f = capture(lambda x: x * zero)

    def change(new):
        nonlocal zero
        zero = new

    return f, change


@case(None, 2.0)
def closure_none(capture):
    scale = None
    f = capture(lambda x: x - 1.0 if scale is None else x * scale)

    def change(new):
        nonlocal scale
        scale = new

    return f, change


@case("sin", "cos")
def computed_name(capture):
    name = None
    f = capture(lambda x: getattr(np, name)(x) * 1.0)

    def change(new):
        nonlocal name
        name = new

    return f, change


@case(np.array([1.0, 2.0, 3.0, 4.0]), np.array([4.0, 3.0, 2.0, 1.0]))
def closure_array(capture):
    weights = None
    f = capture(lambda x: x * weights)

    def change(new):
        nonlocal weights
        weights = new

    return f, change


@case(1.0, 5.0)
def closure_array_in_place(capture):
    weights = np.ones(4)
    f = capture(lambda x: x * weights)
    return f, weights.fill


@case(1.0, 5.0)
def closure_array_sliced_in_place(capture):
    weights = np.ones((4, 2))
    f = capture(lambda x: x * weights[:, 1])
    return f, weights.fill


@case(1.0, 5.0)
def closure_list(capture):
    rates = [0.0, 1.0]
    f = capture(lambda x: x * rates[0])
    return f, partial(rates.__setitem__, 0)


@case(1, 3)
def closure_list_length(capture):
    rates = []
    f = capture(lambda x: [x * rate for rate in rates])

    def change(length):
        rates[:] = range(length)

    return f, change


@case(1.0, 5.0)
def closure_dict(capture):
    config = {"rate": 0.0, "other": 1.0}
    f = capture(lambda x: x * config["rate"])
    return f, partial(config.__setitem__, "rate")


@case(1.0, 5.0)
def closure_nested_containers(capture):
    config = {"layers": [{"rate": 0.0}]}
    f = capture(lambda x: x * config["layers"][0]["rate"])
    return f, partial(config["layers"][0].__setitem__, "rate")


@case("a", "b")
def new_key_in_a_dict(capture):
    config = {}
    f = capture(lambda x: x * len(config) + (1.0 if "b" in config else 0.0))

    def change(key):
        config.clear()
        config[key] = 1
        if key == "b":
            config["c"] = 1

    return f, change


@case((1.0, 2.0), (1.0, 3.0))
def closure_tuple(capture):
    pair = ()
    f = capture(lambda x: x * pair[0] + pair[1])

    def change(new):
        nonlocal pair
        pair = new

    return f, change


@case(1.0, 5.0)
def attribute(capture):
    config = types.SimpleNamespace(rate=0.0)
    f = capture(lambda x: x * config.rate)
    return f, assigned(config, "rate")


@case(1.0, 5.0)
def nested_attribute(capture):
    config = types.SimpleNamespace(inner=types.SimpleNamespace(rates=[0.0]))
    f = capture(lambda x: x * config.inner.rates[0])
    return f, partial(config.inner.rates.__setitem__, 0)


@case(1.0, 5.0)
def replaced_inner_object(capture):
    config = types.SimpleNamespace(inner=None)
    f = capture(lambda x: x * config.inner.rate)

    def change(rate):
        config.inner = types.SimpleNamespace(rate=rate)

    return f, change


@case(1.0, 5.0)
def attribute_with_slots(capture):
    class Config:
        __slots__ = ("rate",)

    config = Config()
    f = capture(lambda x: x * config.rate)
    return f, assigned(config, "rate")


@case(1.0, 5.0)
def dataclass_field(capture):
    @dataclasses.dataclass
    class Config:
        rate: float = 0.0

    config = Config()
    f = capture(lambda x: x * config.rate)
    return f, assigned(config, "rate")


@case(1.0, 5.0)
def class_attribute(capture):
    class Config:
        rate = 0.0

    config = Config()
    f = capture(lambda x: x * config.rate)
    return f, assigned(Config, "rate")


@case(1.0, 5.0)
def instance_attribute_over_a_class_attribute(capture):
    class Config:
        rate = 1.0

    config = Config()
    f = capture(lambda x: x * config.rate)

    def change(rate):
        vars(config).clear()
        if rate != 1.0:
            config.rate = rate

    return f, change


@case(1.0, 5.0)
def attribute_of_a_base_class(capture):
    class Base:
        rate = 0.0

    class Config(Base):
        pass

    f = capture(lambda x: x * Config().rate)
    return f, assigned(Base, "rate")


@case(1.0, 5.0)
def property_of_an_attribute(capture):
    class Config:
        inner = 0.0

        @property
        def rate(self):
            return self.inner * 2.0

    config = Config()
    f = capture(lambda x: x * config.rate)
    return f, assigned(config, "inner")


@case(1.0, 5.0)
def dynamic_attribute(capture):
    class Config:
        def __init__(self):
            self.values = {}

        def __getattr__(self, name):
            return self.values[name]

    config = Config()
    f = capture(lambda x: x * config.rate)
    return f, partial(config.values.__setitem__, "rate")


@case("fast", "slow")
def attribute_of_a_computed_name(capture):
    config = types.SimpleNamespace(name="", rate_fast=2.0, rate_slow=0.5)
    f = capture(lambda x: x * getattr(config, "rate_" + config.name))
    return f, assigned(config, "name")


@case(1.0, 5.0)
def value_behind_a_computed_name(capture):
    config = types.SimpleNamespace(kind="slow", rate_slow=0.0)
    f = capture(lambda x: x * getattr(config, "rate_" + config.kind))
    return f, assigned(config, "rate_slow")


@case(1.0, 5.0)
def value_in_vars(capture):
    config = types.SimpleNamespace(rate=0.0)
    f = capture(lambda x: x * vars(config)["rate"])
    return f, assigned(config, "rate")


class Listing:
    """Has attributes that it finds by listing them all, or those of another object."""

    def __init__(self):
        self.others = types.SimpleNamespace(rate=1.0)
        self.first = self.second = 1.0

    def own(self, x):
        for name, value in vars(self).items():
            if name.startswith("s"):
                x = x * value
        return x

    def foreign(self, x):
        return x * sum(vars(self.others).values())

    def replaced(self, x):
        self = self.others  # noqa: PLW0642
        return x * sum(vars(self).values())


@case(1.0, 5.0)
def value_that_an_object_lists_of_itself(capture):
    listing = Listing()
    return capture(listing.own), assigned(listing, "second")


@case(1.0, 5.0)
def value_that_an_object_lists_of_another_one(capture):
    listing = Listing()
    return capture(listing.foreign), assigned(listing.others, "rate")


@case(1.0, 5.0)
def value_that_an_object_lists_of_another_one_under_its_own_name(capture):
    listing = Listing()
    return capture(listing.replaced), assigned(listing.others, "rate")


@case(1.0, 5.0)
def value_that_a_function_lists_of_its_argument(capture):
    config = types.SimpleNamespace(rate=0.0)

    def product(holder, x):
        return x * sum(vars(holder).values())

    return capture(lambda x: product(config, x)), assigned(config, "rate")


def test_an_object_that_lists_itself_reads_no_other_object():
    listing = Listing()
    captured = capture(listing.own)
    for turn in range(6):
        listing.others.rate = float(turn)
        captured(np.ones(3))
    assert len(captured.programs) == 1


@case((1.0,), (5.0,))
def default_argument(capture):
    def f(x, rate=0.0):
        return x * rate

    return capture(f), assigned(f, "__defaults__")


@case({"rate": 1.0}, {"rate": 5.0})
def default_of_a_keyword(capture):
    def f(x, *, rate=0.0):
        return x * rate

    return capture(f), assigned(f, "__kwdefaults__")


@case((1.0,), (5.0,))
def default_argument_of_an_inner_function(capture):
    def inner(x, rate=0.0):
        return x * rate

    return capture(lambda x: inner(x) + 1.0), assigned(inner, "__defaults__")


@case(1.0, 5.0)
def attribute_of_the_function(capture):
    def f(x):
        return x * f.rate

    return capture(f), assigned(f, "rate")


RATE = [0.0]
SCALE = 0.0


@case(1.0, 5.0)
def global_number(capture):
    f = capture(lambda x: x * SCALE)
    return f, partial(globals().__setitem__, "SCALE")


def scaled(x):
    return x * SCALE


@case(1.0, 5.0)
def global_number_of_an_inner_function(capture):
    f = capture(lambda x: scaled(x) + 1.0)
    return f, partial(globals().__setitem__, "SCALE")


@case(1.0, 5.0)
def global_list(capture):
    f = capture(lambda x: x * RATE[0])
    return f, partial(RATE.__setitem__, 0)


@case(1.0, 5.0)
def number_of_another_module(capture):
    module = types.ModuleType("settings")
    module.rate = 0.0
    f = capture(lambda x: x * module.rate)
    return f, assigned(module, "rate")


@case(lambda x: x * 2.0, lambda x: x - 1.0)
def global_function(capture):
    namespace = {"chosen": None}
    exec("def f(x):\n    return chosen(x)", namespace)
    return capture(namespace["f"]), partial(namespace.__setitem__, "chosen")


@case(2.0, 3.0)
def builtin_shadowed_by_a_global(capture):
    namespace = {}
    exec("def f(x):\n    return x * max(1.0, 2.0)", namespace)

    def change(value):
        namespace.pop("max", None)
        if value != 2.0:
            namespace["max"] = lambda *values: value

    return capture(namespace["f"]), change


@case(np.tanh, np.sin)
def closure_function(capture):
    activation = None
    f = capture(lambda x: activation(x) * 1.0)

    def change(new):
        nonlocal activation
        activation = new

    return f, change


@case(np.tanh, np.sin)
def function_in_an_attribute(capture):
    layer = types.SimpleNamespace(activation=None)
    f = capture(lambda x: layer.activation(x) * 1.0)
    return f, assigned(layer, "activation")


@case(lambda self, x: x * 2.0, lambda self, x: x - 1.0)
def method_replaced_on_the_class(capture):
    class Layer:
        def forward(self, x):
            return x

    layer = Layer()
    f = capture(lambda x: layer.forward(x) * 1.0)
    return f, assigned(Layer, "forward")


@case(1.0, 2.0)
def class_of_an_object(capture):
    class One:
        rate = 1.0

    class Two:
        rate = 2.0

    config = One()
    f = capture(lambda x: x * config.rate)

    def change(rate):
        config.__class__ = One if rate == 1.0 else Two

    return f, change


@case((lambda x: x * 2.0).__code__, (lambda x: x - 1.0).__code__)
def code_of_a_function(capture):
    def inner(x):
        return x

    return capture(lambda x: inner(x) * 1.0), assigned(inner, "__code__")


@case(1.0, 5.0)
def argument_of_a_partial_in_a_closure(capture):
    inner = None
    f = capture(lambda x: inner(x) * 1.0)

    def change(rate):
        nonlocal inner
        inner = partial(lambda rate, x: x * rate, rate)

    return f, change


@case(1.0, 5.0)
def closure_of_an_inner_function(capture):
    rate = 0.0

    def scale(x):
        return x * rate

    def change(new):
        nonlocal rate
        rate = new

    return capture(lambda x: scale(x) + 1.0), change


@case(1.0, 5.0)
def closure_of_a_lambda_in_a_list(capture):
    rate = 0.0
    layers = [lambda x: x * rate, np.tanh]

    @capture
    def f(x):
        for layer in layers:
            x = layer(x)
        return x

    def change(new):
        nonlocal rate
        rate = new

    return f, change


@case(np.float32(0.3), np.float64(0.3))
def type_of_a_number(capture):
    rate = None
    f = capture(lambda x: x.astype(np.float32) * rate)

    def change(new):
        nonlocal rate
        rate = new

    return f, change


@case("raise", "ignore")
def errstate(capture):
    f = capture(lambda x: np.log(x * 0.0))
    state = {}

    def change(kind):
        state["kind"] = kind

    def call(x):
        with np.errstate(all=state["kind"]):
            return f(x)

    return call, change


@case(True, False)
def recording(capture):
    w = leaf(4)
    f = capture(lambda x: w * x)
    state = {}

    def call(x):
        if state["recording"]:
            return f(x)
        with no_grad():
            return f(x)

    return call, partial(state.__setitem__, "recording")


@case(True, False)
def mode_that_is_asked_for(capture):
    f = capture(lambda x: x * 2.0 if is_recording() else x * 3.0)
    state = {}

    def call(x):
        if state["recording"]:
            return f(x)
        with no_grad():
            return f(x)

    return call, partial(state.__setitem__, "recording")


@case(True, False)
def requires_grad_of_a_parameter(capture):
    w = leaf(4)
    f = capture(lambda x: w * x)
    return f, assigned(w, "requires_grad")


@case(True, False)
def requires_grad_that_is_asked_for(capture):
    w = leaf(4)
    f = capture(lambda x: x * 2.0 if w.requires_grad else x * 3.0)
    return f, assigned(w, "requires_grad")


@case(1.0, 5.0)
def environment(capture):
    text = types.SimpleNamespace(value="")
    f = capture(lambda x: x * float(text.value))
    return f, lambda rate: setattr(text, "value", str(rate))


def test_a_script_s_variable_is_no_attribute_of_the_same_name():
    script = """
class Layer:
    def __init__(self):
        self.x = 2.0

    def loss(self, values):
        return values * self.x

layer = Layer()
step = capture(lambda values: layer.loss(values), on_miss="error")
for x in np.ones((6, 3)):
    loss = step(x)
layer.x = 3.0
loss = step(x)
"""
    space = {"capture": capture, "np": np}
    exec(script, space)
    assert len(space["step"].programs) == 1
    np.testing.assert_array_equal(space["loss"], [3.0, 3.0, 3.0])
