"""What is found in a module, what is refused because it would not be, and what is left alone."""

import copy
import pickle
from abc import ABC, abstractmethod
from collections import UserDict, deque
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import nn
from autograd_lite import Tensor, no_grad
from autograd_lite.errors import GraphError, StateDictError, UnsupportedError


def parameter(*values):
    return Tensor(values, requires_grad=True, dtype=np.float64)


def names(module):
    return [name for name, _ in module.named_parameters()]


def holding(**attributes):
    """Return a module whose constructor leaves these attributes."""

    class Model(nn.Module):
        def __init__(self):
            for name, value in attributes.items():
                setattr(self, name, value)

    return Model()


class Pair(NamedTuple):
    one: Any
    other: Any


@dataclass
class Settings:
    scale: Any
    inner: Any = None


@dataclass
class Line(nn.Module):
    slope: Tensor
    offset: Tensor = field(default_factory=lambda: parameter(0.0))
    steps: int = 3

    def forward(self, x):
        return self.slope * x + self.offset


# ---------------------------------------------------------------- containers


def test_containers_of_every_kind_are_walked():
    model = holding(
        settings=Settings(parameter(1), deque([parameter(2), nn.Dense(1, 1)])),
        pair=Pair(parameter(3), {"deep": Settings(parameter(4))}),
        user=UserDict(a=[parameter(5)]),
        text="text",
        many=range(10**12),
        kind=Settings,
    )
    assert names(model) == [
        "settings.scale",
        "settings.inner.0",
        "settings.inner.1.weight",
        "settings.inner.1.bias",
        "pair.0",
        "pair.1.deep.scale",
        "user.a.0",
    ]
    state = {name: array + 1 for name, array in model.state_dict().items()}
    model.load_state_dict(state)
    assert model.settings.inner[0].item() == 3.0
    assert [name for name, _ in model.named_modules()] == ["", "settings.inner.1"]


def test_modules_in_containers_are_reached_by_train_and_eval():
    model = holding(layers=deque([nn.ReLU()]), settings=Settings(nn.Tanh()))
    model.eval()
    assert not model.layers[0].training
    assert not model.settings.scale.training


@pytest.mark.parametrize("kind", [set, frozenset, lambda items: {items[0]: 1}.keys()])
@pytest.mark.parametrize("item", [parameter(1), nn.ReLU(), Tensor(1.0)])
def test_sets_of_tensors_or_modules_are_refused(kind, item):
    held = kind([item])
    with pytest.raises(UnsupportedError, match=r"self\.a\['b'\] is a .* into a list or a dict"):
        holding(a={"b": held})
    model = nn.Module()
    model.late = held
    with pytest.raises(UnsupportedError, match=r"self\.late is a"):
        model.parameters()


def test_arrays_of_modules_are_refused():
    layers = np.empty(2, object)
    layers[0] = nn.Dense(1, 1)
    with pytest.raises(UnsupportedError, match=r"self\.layers is a ndarray of tensors or modules"):
        holding(layers=layers)


def test_other_sets_and_arrays_are_left_alone():
    model = holding(names={"a", "b"}, words=np.array(["a", None], object), w=parameter(1))
    assert names(model) == ["w"]


class Plain:
    def __init__(self, held):
        self.held = held

    def __call__(self, x):
        return x


def test_values_of_a_dict_are_refused():
    with pytest.raises(UnsupportedError, match=r"self\.a is a dict_values of tensors or modules"):
        holding(a={"b": parameter(1)}.values())


@pytest.mark.parametrize("item", [parameter(1), nn.Dense(1, 1)])
@pytest.mark.parametrize(
    "hide",
    [
        Plain,
        lambda item: partial(np.multiply, item),
        lambda item: partial(np.multiply, x2=item),
    ],
)
def test_parameters_of_what_is_no_module_are_refused(hide, item):
    with pytest.raises(UnsupportedError, match=r"self\.a\['b'\] is a .* derive its class from"):
        holding(a={"b": hide(item)})
    with pytest.raises(UnsupportedError, match=r"self\.0 is a .* that holds parameters"):
        nn.Sequential(hide(item))


def test_methods_of_a_module_that_is_not_found_are_refused():
    with pytest.raises(UnsupportedError, match=r"self\.1 is a method that holds"):
        nn.Sequential(nn.Tanh(), nn.Dense(1, 1).forward)
    with pytest.raises(UnsupportedError, match=r"; give the Dense itself, not its forward$"):
        nn.Sequential(nn.Tanh(), nn.Dense(1, 1).forward)


def test_what_is_no_module_may_hold_parameters_that_are_found_elsewhere():
    w, layer = parameter(1), nn.Dense(1, 1)
    optimizer = nn.optim.SGD([w], learning_rate=1)
    model = holding(w=w, a=Plain(w), layer=layer, f=layer.forward, g=partial(layer), o=optimizer)
    assert names(model) == ["w", "layer.weight", "layer.bias"]
    assert names(holding(a=Plain(Tensor(1.0)), b=Plain(np.ones(3)))) == []


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("attributes", "complaint"),
    [
        (
            {"a.b": parameter(1), "a": {"b": parameter(2)}},
            r"the name a\.b: self\.'a\.b' and self\.a\['b'\]",
        ),
        (
            {"h": {"a.b": parameter(1), "a": {"b": Tensor(2.0)}}},
            r"the name h\.a\.b: self\.h\['a\.b'\] and self\.h\['a'\]\['b'\]",
        ),
        (
            {"h": {1: Tensor(1.0), "1": Tensor(2.0)}},
            r"the name h\.1: self\.h\[1\] and self\.h\['1'\]",
        ),
        (
            {"h": {0: nn.Dense(1, 1), "0": nn.Dense(1, 1)}},
            r"the name h\.0\.weight: self\.h\[0\]\.weight and self\.h\['0'\]\.weight",
        ),
    ],
)
def test_two_tensors_of_one_name_are_an_error(attributes, complaint):
    model = holding(**attributes)
    for ask in (model.state_dict, model.parameters, lambda: model.load_state_dict({})):
        with pytest.raises(StateDictError, match=f"two tensors of this Model have {complaint}"):
            ask()


def test_one_tensor_may_have_a_name_twice():
    shared = parameter(1)
    model = holding(h={1: shared, "1": shared}, again=shared)
    assert names(model) == ["h.1"]
    assert list(model.state_dict()) == ["h.1", "again"]


# ---------------------------------------------------------------- results that are no parameters


@pytest.mark.parametrize(
    ("held", "path"),
    [
        (lambda w: w * 0.1, ""),
        (lambda w: [1, {"a": (w.sum(),)}], r"\[1\]\['a'\]\[0\]"),
        (lambda w: Settings(None, deque([w, w.reshape(1, 2)])), r"\.inner\[1\]"),
        (lambda w: Pair(w, w.T[0]), r"\[1\]"),
        (lambda w: w.astype(np.float32), ""),
    ],
)
def test_a_constructor_that_leaves_a_recorded_result_is_refused(held, path):
    with pytest.raises(
        GraphError, match=rf"^Model: self\.w{path} is the recorded result of .* no "
    ):
        holding(w=held(parameter(1, 2)))


def test_what_to_write_is_said_and_works():
    with pytest.raises(GraphError, match=r"Tensor\(0\.1 \* values, requires_grad=True\)"):
        holding(w=Tensor([1.0], requires_grad=True) * 0.1)
    assert names(holding(w=Tensor(0.1 * np.ones(1), requires_grad=True))) == ["w"]


def test_constants_and_results_of_constants_are_state():
    with no_grad():
        made = parameter(1) * 2
    model = holding(made=made, computed=Tensor([1.0]) * 2, cut=(parameter(1) * 2).detach())
    assert list(model.state_dict()) == ["made", "computed", "cut"]


class Recurrent(nn.Module):
    def __init__(self):
        self.weight = parameter(2)
        self.state = Tensor([0.0])

    def forward(self, x):
        self.state = self.state * self.weight + x
        self.seen = [self.state]
        return self.state


def test_what_forward_leaves_is_allowed_and_no_state():
    model = Recurrent()
    for x in (1.0, 2.0):
        model(x)
    whole = nn.Sequential(model)  # its constructor looks at its own attributes only
    assert names(whole) == ["0.weight"]
    assert list(model.state_dict()) == ["weight"]


class Keeping(nn.Module):
    """Leaves in its attributes whatever it comes across."""

    def __init__(self):
        self.weight = parameter(2)
        self.mean = Tensor([0.0])
        self.seen, self.h, self.kept = [], None, {}

    def forward(self, x):
        self.x = x
        self.h = x * self.weight
        self.seen.append(self.h)
        self.kept["last"] = self.seen
        self.made = Tensor([1.0, 2.0])
        self.leaf = Tensor([1.0, 2.0], requires_grad=True)
        self.pair = (self.x, self.leaf)
        self.mean = self.mean * 0.9 + self.h.detach() * 0.1
        return self.h


@pytest.mark.parametrize("mode", [no_grad, nullcontext])
@pytest.mark.parametrize("x", [Tensor([3.0]), Tensor([3.0], requires_grad=True), 3.0])
@pytest.mark.parametrize("call", [Keeping.__call__, Keeping.forward])
def test_what_forward_leaves_is_neither_parameter_nor_state(mode, x, call):
    model = nn.Sequential(Keeping())
    with mode():
        for _ in range(2):
            call(model[0], x)
    assert names(model) == ["0.weight"]
    assert list(model.state_dict()) == ["0.weight", "0.mean"]
    assert [name for name, _ in model.named_buffers()] == ["0.mean"]
    fresh = nn.Sequential(Keeping())
    fresh.load_state_dict(model.state_dict())
    assert_array_equal(fresh[0].mean.data, model[0].mean.data)


@pytest.mark.parametrize(
    "again", [copy.deepcopy, copy.copy, lambda m: pickle.loads(pickle.dumps(m))]
)
def test_copies_keep_what_is_declared(again):
    model = Keeping()
    with no_grad():
        model(3.0)
    other = again(model)
    assert list(other.state_dict()) == ["weight", "mean"]
    other.extra = Tensor([1.0])
    assert list(other.state_dict()) == ["weight", "mean", "extra"]
    assert list(model.state_dict()) == ["weight", "mean"]


def test_what_is_assigned_from_outside_is_declared():
    model = Keeping()
    model(3.0)
    model.scale = parameter(1)
    model.offset = Tensor([1.0])
    model.more = [parameter(2)]
    model.more.append(parameter(3))
    assert names(model) == ["weight", "scale", "more.0", "more.1"]
    assert list(model.state_dict()) == ["weight", "mean", "scale", "offset", "more.0", "more.1"]
    model.offset = None
    assert "offset" not in model.state_dict()


class Lazy(nn.Module):
    def __init__(self):
        self.weight = None

    def forward(self, x):
        if self.weight is None:
            self.register_parameter("weight", Tensor(np.ones(x.shape), requires_grad=True))
            self.register_buffer("mean", np.zeros(x.shape))
            self.register_buffer("seen", 0, persistent=False)
        self.seen = Tensor(self.seen.data + 1)
        return self.weight * (x - self.mean)


def test_forward_can_declare_what_it_makes():
    model = Lazy()
    model(np.ones(3))
    model(np.ones(3))
    assert names(model) == ["weight"]
    assert list(model.state_dict()) == ["weight", "mean"]
    assert [name for name, _ in model.named_buffers()] == ["mean", "seen"]
    assert [b.shape for b in model.buffers()] == [(3,), ()]
    assert model.seen.item() == 2


def test_only_leaves_are_registered():
    model = nn.Module()
    with pytest.raises(GraphError, match=r"the buffer b requires a gradient; give its detach"):
        model.register_buffer("b", parameter(1))
    for wrong in (Tensor([1.0]), parameter(1) * 2):
        with pytest.raises(GraphError, match="the parameter w must be a leaf that requires"):
            model.register_parameter("w", wrong)
    assert list(vars(model)) == ["_declared"]
    model.register_buffer("b", None)
    model.register_parameter("w", None)
    assert (model.b, model.w) == (None, None)
    assert list(model.state_dict()) == []


def test_a_constructor_may_register():
    class Model(nn.Module):
        def __init__(self):
            self.register_buffer("kept", [1.0])
            self.register_buffer("scratch", [2.0], persistent=False)
            self.register_parameter("w", parameter(3))

    model = Model()
    assert list(model.state_dict()) == ["kept", "w"]
    assert [name for name, _ in model.named_buffers()] == ["kept", "scratch"]


def test_frozen_parameters_are_no_buffers():
    model = nn.Dense(2, 3, rng=0)
    model.weight.requires_grad = False
    assert list(model.buffers()) == []
    assert list(model.state_dict()) == ["weight", "bias"]


def test_children_are_those_right_below():
    inner = nn.Sequential(nn.Dense(1, 1), nn.Tanh())
    model = nn.Module()
    model.parts = [inner, {"again": inner}]
    model.head = nn.Dense(1, 1)
    assert [name for name, _ in model.named_children()] == ["parts.0", "head"]
    assert list(model.children()) == [inner, model.head]
    assert list(model.modules()) == [model, inner, inner[0], inner[1], model.head]


def test_apply_reaches_every_module_inner_ones_first():
    model = nn.Sequential(nn.Sequential(nn.Dense(1, 1)), nn.Tanh())
    seen = []
    assert model.apply(seen.append) is model
    assert seen == [model[0][0], model[0], model[1], model]


def test_modes_return_the_module():
    model = nn.Sequential(nn.Tanh())
    assert model.eval() is model
    assert not model[0].training
    assert model.train() is model
    assert model[0].training


def test_what_forward_leaves_is_no_layer_of_deltas():
    class Kept(nn.Dense):
        def forward(self, x):
            self.kept = super().forward(x)
            return self.kept

    model = Kept(2, 3, rng=0)
    loss = nn.losses.cross_entropy(model(np.ones((4, 2), np.float32)), [0, 1, 2, 0])
    assert {name: delta.shape for name, delta in nn.deltas(model, loss).items()} == {"Kept": (4, 3)}


def test_layers_whose_parameters_are_in_containers_have_deltas():
    class Grouped(nn.Module):
        def __init__(self):
            self.own = Settings(parameter(1, 2))

        def forward(self, x):
            return x * self.own.scale

    model = Grouped()
    loss = model(np.ones((4, 2))).sum()
    assert {name: delta.shape for name, delta in nn.deltas(model, loss).items()} == {
        "Grouped": (4, 2)
    }


# ---------------------------------------------------------------- classes


def test_a_module_may_be_a_dataclass():
    model = Line(parameter(2))
    assert names(model) == ["slope", "offset"]
    assert model(3.0).item() == 6.0
    with pytest.raises(GraphError, match=r"^Line: self\.slope is the recorded result of multiply"):
        Line(parameter(2) * 2)


def test_a_module_may_be_a_frozen_dataclass():
    @dataclass(frozen=True)
    class Constant(nn.Module):
        value: Tensor

    model = Constant(parameter(1))
    model.eval()
    assert not model.training
    assert names(model) == ["value"]


def test_modules_mix_with_abstract_and_generic_classes():
    class Abstract(nn.Module, ABC):
        def __init_subclass__(cls, option):
            super().__init_subclass__()
            cls.option = option

        @abstractmethod
        def forward(self, x):
            raise NotImplementedError

    class Typed(Abstract, Generic[TypeVar("T")], option=3):
        def __init__(self):
            self.w = parameter(1)

        def forward(self, x):
            return x * self.w

    with pytest.raises(TypeError, match="abstract"):
        Abstract()
    assert names(Typed[int]()) == ["w"]
    assert Typed.option == 3


@pytest.mark.parametrize(
    "again", [copy.deepcopy, copy.copy, lambda m: pickle.loads(pickle.dumps(m))]
)
def test_modules_are_copied_and_pickled(again):
    assert names(again(Line(parameter(2)))) == ["slope", "offset"]


@pytest.mark.parametrize("held", [parameter(1), [nn.Dense(1, 1)], {"a": Settings(parameter(1))}])
def test_parameters_of_the_class_are_refused(held):
    with pytest.raises(UnsupportedError, match=r"^Model\.w is an attribute of the class.*__init__"):
        type("Model", (nn.Module,), {"w": held})


def test_other_attributes_of_the_class_are_left_alone():
    kind = type("Model", (nn.Module,), {"mean": Tensor(1.0), "act": nn.ReLU(), "names": {"a"}})
    assert names(kind()) == []


def test_slots_are_refused():
    with pytest.raises(UnsupportedError, match="Slotted: what is in __slots__ isn't found"):

        @dataclass(slots=True)
        class Slotted(nn.Module):
            w: Tensor


# ---------------------------------------------------------------- frozen parameters


@pytest.mark.parametrize("settings", [{}, {"momentum": 0.9, "weight_decay": 0.1}])
def test_a_parameter_that_is_frozen_after_a_backward_pass_stays_where_it_is(settings):
    model = nn.Dense(2, 3, rng=0, dtype=np.float64)
    optimizer = nn.optim.SGD(model.parameters(), 0.1, **settings)
    model(np.ones((1, 2))).sum().backward()
    optimizer.step()
    model.weight.requires_grad = False
    before, moving = model.weight.data.copy(), model.bias.data.copy()
    optimizer.step()
    assert np.array_equal(model.weight.data, before)
    assert not np.array_equal(model.bias.data, moving)
    model.weight.requires_grad = True
    optimizer.step()
    assert not np.array_equal(model.weight.data, before)


@pytest.mark.parametrize("whose", ["model", "optimizer"])
def test_zero_grad_forgets_gradients_of_frozen_parameters(whose):
    model = nn.Dense(2, 3, rng=0)
    optimizer = nn.optim.SGD(model.parameters(), 0.1)
    model(np.ones((1, 2), np.float32)).sum().backward()
    model.weight.requires_grad = False
    (model if whose == "model" else optimizer).zero_grad()
    assert model.weight.grad is None
    assert model.bias.grad is None
