"""Trees: containers keep their structure, and their leaves are found."""

from collections import ChainMap, OrderedDict, UserDict, UserList, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pytest

import nn
from autograd_lite import (
    Tensor,
    flatten,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    tree_map,
    value_and_grad,
    vjp,
)
from autograd_lite.errors import DTypeError, GraphError, ShapeError


class Point(NamedTuple):
    x: Any
    y: Any


@dataclass(frozen=True)
class Frozen:
    weight: Any
    name: str = "frozen"


@dataclass(frozen=True, slots=True)
class Slotted:
    weight: Any
    inner: Any = None


@dataclass
class Counting:
    weight: Any
    doubled: Any = field(init=False)

    def __post_init__(self):
        self.doubled = 2 * self.weight


class Sum(list):
    pass


def test_every_container_keeps_its_type_order_and_other_values():
    tree = {
        "z": [1.0, (2.0, None, "word")],
        "a": Point(3.0, np.float32(4.0)),
        "ordered": OrderedDict(b=np.ones(2), a=1),
        "default": defaultdict(list, k=[5.0]),
        "frozen": Frozen(6.0),
        "slotted": Slotted(7.0, Frozen(8.0)),
        "sum": Sum([9.0]),
        "labels": np.arange(3),
        "flag": True,
    }
    doubled = tree_map(lambda x: 2 * x, tree)
    assert list(doubled) == list(tree)
    assert doubled["z"] == [2.0, (4.0, None, "word")]
    assert doubled["a"] == Point(6.0, 8.0)
    assert type(doubled["ordered"]) is OrderedDict
    assert list(doubled["ordered"]) == ["b", "a"]
    np.testing.assert_array_equal(doubled["ordered"]["b"], [2, 2])
    assert doubled["ordered"]["a"] == 1
    assert doubled["default"].default_factory is list
    assert doubled["default"] == {"k": [10.0]}
    assert doubled["frozen"] == Frozen(12.0)
    assert doubled["slotted"] == Slotted(14.0, Frozen(16.0))
    assert type(doubled["sum"]) is Sum
    assert doubled["sum"] == [18.0]
    assert doubled["labels"] is tree["labels"]
    assert doubled["flag"] is True
    assert tree["z"] == [1.0, (2.0, None, "word")]  # as it was


def test_no_init_of_a_dataclass_runs():
    point = Counting(1.0)
    gradient = grad(lambda p: p.weight**2 + 3 * p.doubled)(point)
    assert type(gradient) is Counting
    assert (gradient.weight.item(), gradient.doubled.item()) == (2.0, 3.0)


def test_gradients_have_the_structure_and_none_for_other_values():
    tree = {"w": [1.0, 2], "name": "n", "p": Point(np.ones(2), None), "f": Frozen(3.0)}
    gradient = grad(lambda t: t["w"][0] * t["w"][1] + t["p"].x.sum() * t["f"].weight)(tree)
    assert gradient["w"][1] is None
    assert gradient["w"][0].item() == 2.0
    assert gradient["name"] is None
    assert gradient["p"].y is None
    assert gradient["p"].x.tolist() == [3.0, 3.0]
    assert gradient["f"] == Frozen(gradient["f"].weight, None)
    assert gradient["f"].weight.item() == 2.0


def test_several_trees_are_mapped_together():
    params = {"w": np.ones(2), "b": [0.0], "name": "n"}
    gradient = grad(lambda p: (3 * p["w"]).sum() + p["b"][0])(params)
    stepped = tree_map(lambda p, g: p - g, params, gradient)
    assert stepped["w"].tolist() == [-2.0, -2.0]
    assert stepped["b"][0].item() == -1.0
    assert stepped["name"] == "n"


@pytest.mark.parametrize(
    ("other", "complaint"),
    [
        ([1.0], "the tree is a list where a dict"),
        ({"a": [1.0]}, 'the tree has "a", where the same structure has "layer"'),
        ({"layer": (1.0, 2.0)}, r'\["layer"\] is a tuple where a list'),
        ({"layer": [1.0]}, r'\["layer"\] has length 1, where the same structure has length 2'),
        ({"layer": [1.0, {}]}, r'\["layer"\]\[1\] is a dict where a Frozen'),
    ],
)
def test_another_structure_is_named_with_its_path(other, complaint):
    with pytest.raises(ShapeError, match=complaint):
        tree_map(lambda a, b: a, {"layer": [1.0, Frozen(1.0)]}, other)


class Net(nn.Module):
    def __init__(self):
        rng = np.random.default_rng(0)
        self.first = Tensor(rng.standard_normal((3, 2)), requires_grad=True)
        self.layers = [Layer(self, self.first), Layer(self, Tensor(np.ones(2), True))]
        self.offsets = {"a": (Tensor(0.5, requires_grad=True), 7)}
        self.seen = Tensor(np.zeros(2))
        self.rate = 0.5
        self.name = "net"

    def forward(self, x):
        x = x @ self.first * self.rate
        for layer in self.layers:
            x = layer(x)
        return x + self.offsets["a"][0]


class Layer(nn.Module):
    def __init__(self, parent, weight):
        self.parent = parent  # a cycle
        self.weight = weight  # in the first layer it is tied to the weight of the net

    def forward(self, x):
        return np.tanh(x * self.weight.sum())


def loss(net, x):
    return (net(x) ** 2).sum()


def test_the_gradient_of_a_module_is_a_module():
    net = Net()
    before = net.state_dict()
    x = np.ones((4, 3))
    value, gradient = value_and_grad(loss)(net, x)
    expected = loss(net, x)
    expected.backward()
    assert value.item() == expected.item()
    assert type(gradient) is Net
    assert gradient.layers[0].weight is gradient.first  # tied, and the whole gradient
    assert gradient.layers[0].parent is gradient
    assert gradient.name == "net"
    assert gradient.rate == 0.5
    assert gradient.seen is net.seen
    found = dict(gradient.named_tensors())
    for name, p in net.named_parameters():
        np.testing.assert_allclose(found[name], p.grad)

        assert not found[name].requires_grad
    assert {k: v.tolist() for k, v in net.state_dict().items()} == {
        k: v.tolist() for k, v in before.items()
    }


def test_differentiating_a_module_leaves_its_grads_alone():
    net = Net()
    grad(loss)(net, np.ones((4, 3)))
    assert all(p.grad is None for p in net.parameters())
    assert net.layers[0].parent is net


def test_gradients_of_a_module_can_be_handed_to_an_optimizer():
    model = nn.Sequential(nn.Dense(3, 4, rng=0), nn.Sigmoid(), nn.Dense(4, 1, rng=1))
    optimizer = nn.optim.SGD(model.parameters(), learning_rate=0.01)
    x = np.random.default_rng(0).standard_normal((8, 3))
    values = []
    for _ in range(5):
        value, gradient = value_and_grad(loss)(model, x)
        tree_map(lambda p, g: setattr(p, "grad", g), model, gradient)
        optimizer.step()
        values.append(value.item())
    assert values == sorted(values, reverse=True)


def test_a_module_among_other_containers_and_one_without_parameters():
    net = Net()
    gradient = grad(lambda t: loss(t["net"], t["x"]))({"net": net, "x": np.ones((1, 3))})
    assert gradient["x"].shape == (1, 3)
    assert gradient["net"].first.shape == (3, 2)
    with pytest.raises(DTypeError, match="a Sigmoid without parameters"):
        grad(lambda m: m(1.0))(nn.Sigmoid())


def test_a_gradient_is_mapped_together_with_its_model():
    net = Net()
    gradient = grad(loss)(net, np.ones((1, 3)))
    with pytest.raises(GraphError, match=r"of a Net without parameters.*give the model first"):
        tree_map(lambda g: g.clip(-1, 1), gradient)
    clipped = tree_map(lambda p, g: g.clip(-1, 1), net, gradient)
    np.testing.assert_array_equal(clipped.first, gradient.first.clip(-1, 1))


def test_steps_of_a_module_are_differentiated():
    def after_a_step(net, x):
        stepped = tree_map(lambda p, g: p - 0.1 * g, net, grad(loss)(net, x))
        return loss(stepped, x)

    net, x, h = Net(), np.ones((4, 3)), 1e-6
    found = grad(after_a_step)(net, x).layers[1].weight
    expected = []
    for i in range(2):
        values = []
        for sign in (1, -1):
            moved = Net()
            moved.layers[1].weight.data += sign * h * np.eye(2)[i]
            values.append(after_a_step(moved, x).item())
        expected.append((values[0] - values[1]) / (2 * h))
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_second_derivatives_of_a_module_can_be_shown():
    model = nn.Sequential(nn.Dense(2, 3, rng=0))
    h = hessian(lambda m: (m(np.ones((1, 2))) ** 2).sum())(model)
    assert h[0].weight[0].bias.shape == (2, 3, 3)
    assert "Dense(2, 3)" in repr(h)


class Affine(nn.Module):
    def __init__(self):
        self.w = Tensor([2.0, 3.0], requires_grad=True)
        self.b = Tensor(1.0, requires_grad=True)
        self.rate = Tensor(3.0)


def test_where_a_parameters_gradient_is_constant_its_second_derivatives_are_zero():
    def f(m):
        return (m.w * m.rate).sum() + m.b**2

    model, tangent = Affine(), Affine()
    for rows in (hessian(f)(model), jacobian(grad(f))(model)):
        assert rows.w.w.tolist() == [[0, 0], [0, 0]]
        assert rows.w.b.tolist() == rows.b.w.tolist() == [0, 0]
        assert rows.b.b.item() == 2
    tangent = tree_map(lambda p: Tensor(p.data), model)
    gradient, along = jvp(grad(f), (model,), (tangent,))
    assert (gradient.w.tolist(), gradient.b.item()) == ([3, 3], 2)
    assert (along.w.tolist(), along.b.item()) == ([0, 0], 2)
    (product,) = hvp(f, (model,), (tangent,))
    assert (product.w.tolist(), product.b.item()) == ([0, 0], 2)
    gradient, pullback = vjp(grad(f), model)
    (found,) = pullback(gradient)
    assert (found.w.tolist(), found.b.item()) == ([0, 0], 4)


def test_a_function_may_return_the_module_it_was_given():
    model = Affine()
    cotangent = tree_map(lambda p: Tensor(10 * p.data), model)
    _, pullback = vjp(lambda m: (m, m.b), model)
    (found,) = pullback((cotangent, 1.0))
    assert (found.w.tolist(), found.b.item()) == ([20, 30], 11)
    _, tangents = jvp(lambda m: m, (model,), (cotangent,))
    assert (tangents.w.tolist(), tangents.b.item()) == ([20, 30], 10)
    assert jacobian(lambda m: m)(model).w.w.tolist() == [[1, 0], [0, 1]]


# ---------------------------------------------------------------------- one vector


def assert_same(a, b):
    """Raise an error unless two trees have the same types, dtypes and values."""
    assert type(a) is type(b)
    if isinstance(a, dict):
        assert list(a) == list(b)
    if isinstance(a, (dict, list, tuple)):
        for x, y in zip(*(t.values() if isinstance(t, dict) else t for t in (a, b)), strict=True):
            assert_same(x, y)
    elif isinstance(a, (Frozen, Slotted)):
        assert_same(a.weight, b.weight)
    elif isinstance(a, (np.ndarray, Tensor)):
        assert (a.dtype, a.shape, a.tolist()) == (b.dtype, b.shape, b.tolist())
        assert getattr(a, "requires_grad", None) == getattr(b, "requires_grad", None)
    else:
        assert a == b


def test_a_vector_holds_all_numbers_and_unflatten_restores_them():
    tree = {
        "w": np.arange(6, dtype=np.float32).reshape(2, 3).T,
        "b": 0.1,
        "parts": [np.float32(2.5), (np.array(4.0), None, 7, "word"), np.arange(3)],
        "point": Point(Frozen(np.ones((1, 1))), Slotted(3.0)),
        "empty": np.zeros((0, 2)),
        "half": np.ones(1, np.float16),
    }
    vector, unflatten = flatten(tree)
    assert type(vector) is np.ndarray
    assert vector.dtype == np.float64
    assert vector.tolist() == [0, 3, 1, 4, 2, 5, 0.1, 2.5, 4, 1, 3, 1]
    back = unflatten(vector)
    assert_same(back, tree)
    assert back["parts"][2] is tree["parts"][2]
    assert unflatten(2 * vector)["b"] == 0.2
    assert_same(unflatten(vector.tolist()), tree)
    # each array has memory of its own
    vector[:] = 0.0
    assert back["w"][0, 1] == 3
    assert tree["w"][0, 1] == 3
    tree["more"] = 1.0
    assert "more" not in unflatten(vector)


@pytest.mark.parametrize(
    ("tree", "dtype"),
    [
        (np.ones(2, np.float32), np.float32),
        ([np.ones(2, np.float16), np.ones(1, np.float32)], np.float32),
        ([np.ones(2, np.complex64), 1j], np.complex128),
        ((np.ones(2, np.complex64),), np.complex64),
        (2.0, np.float64),
    ],
)
def test_the_vector_has_the_dtype_to_which_the_leaves_promote(tree, dtype):
    vector, unflatten = flatten(tree)
    assert vector.dtype == dtype
    assert_same(unflatten(vector), tree)
    assert_same(unflatten(vector.astype(np.result_type(dtype, np.float64))), tree)


def test_tensors_become_a_tensor_and_come_back_as_tensors():
    tree = {"a": Tensor([1.0, 2.0]), "b": Tensor(3.0, requires_grad=True), "c": np.ones(1)}
    vector, unflatten = flatten(tree)
    assert type(vector) is Tensor
    assert vector.requires_grad
    assert_same(unflatten(vector.numpy()), tree)
    constants = unflatten(vector.detach())
    assert [type(x) for x in constants.values()] == [Tensor] * 3
    assert constants["b"].requires_grad
    assert constants["b"].op is None
    assert not constants["a"].requires_grad
    recorded = unflatten(vector)
    assert all(x.op is not None for x in recorded.values())
    vector, _ = flatten({"a": Tensor([1.0, 2.0]), "c": np.ones(1)})
    assert type(vector) is Tensor
    assert not vector.requires_grad


def test_derivatives_go_through_both_ways():
    tree = {"a": np.array([1.0, 2.0]), "b": [3.0, 4]}

    def f(t):
        return (t["a"] ** 2).sum() * t["b"][0] * t["b"][1]

    vector, unflatten = flatten(tree)
    g = grad(lambda v: f(unflatten(v)))(vector)
    np.testing.assert_array_equal(g, flatten(grad(f)(tree))[0])
    h = hessian(lambda v: f(unflatten(v)))(vector)
    np.testing.assert_array_equal(h, [[24, 0, 8], [0, 24, 16], [8, 16, 0]])
    by_leaves = jacobian(lambda t: flatten(t)[0])(tree)
    np.testing.assert_array_equal(by_leaves["a"], np.eye(3)[:, :2])
    np.testing.assert_array_equal(by_leaves["b"][0], [0, 0, 1])
    single = grad(lambda v: (flatten(unflatten(v))[0] ** 2).sum())(vector.astype(np.float32))
    np.testing.assert_array_equal(single, 2 * vector)
    assert single.dtype == np.float32


def test_a_modules_vector_and_back():
    net = Net()
    vector, unflatten = flatten(net)
    assert vector.shape == (6 + 2 + 1,)  # tied parameters count once
    x = np.ones((4, 3))
    value, g = value_and_grad(lambda v: loss(unflatten(v), x))(vector.numpy())
    expected = loss(net, x)
    expected.backward()
    assert value == expected.item()
    parameters = net.parameters()
    np.testing.assert_allclose(g, np.concatenate([p.grad.data.ravel() for p in parameters]))
    again = unflatten(vector.numpy() + 1)
    assert type(again) is Net
    assert again.layers[0].weight is again.first
    assert again.layers[0].parent is again
    assert again.seen is net.seen
    for new, old in zip(again.parameters(), parameters, strict=True):
        assert new.op is None
        assert new.requires_grad
        np.testing.assert_array_equal(new.data, old.data + 1)
    net.zero_grad()
    (flatten(net)[0] ** 2).sum().backward()  # a penalty
    for p in parameters:
        np.testing.assert_array_equal(p.grad, 2 * p.data)
    parameters[0].requires_grad = False  # unflatten keeps the structure of before
    assert len(unflatten(vector.numpy()).parameters()) == 3
    with no_grad():
        vector, unflatten = flatten(Net())
        assert not vector.requires_grad
        assert all(p.requires_grad for p in unflatten(vector).parameters())


@pytest.mark.parametrize(
    ("call", "error", "complaint"),
    [
        (lambda back: back(np.ones(4)), ShapeError, r"shape \(4,\); .* of shape \(3,\)"),
        (lambda back: back(np.ones((3, 1))), ShapeError, r"unflatten of shape \(3, 1\)"),
        (lambda back: back(Tensor(1.0)), ShapeError, r"unflatten of shape \(\)"),
        (lambda back: back(1j * np.ones(3)), DTypeError, "complex128 where .* real numbers"),
        (lambda back: back("abc"), DTypeError, "not one of numbers"),
        (
            lambda back: flatten({"a": 1, "b": "c"}),
            DTypeError,
            "flatten of a dict in which nothing",
        ),
        (lambda back: flatten([]), DTypeError, "flatten of a list in which nothing"),
        (lambda back: flatten(grad(loss)(Net(), np.ones((1, 3)))), DTypeError, "by the vector"),
        (lambda back: flatten({"a": 1.0, "b": [1j]}), DTypeError, r'at \["b"\]\[0\].* at \["a"\]'),
    ],
)
def test_wrong_trees_and_vectors_are_refused(call, error, complaint):
    with pytest.raises(error, match=complaint):
        call(flatten({"a": np.ones(2), "b": 1.0})[1])


def test_a_number_is_a_leaf_and_an_integer_is_not():
    assert tree_map(lambda x: -x, 2.0) == -2.0
    assert tree_map(lambda x: -x, 2) == 2
    assert tree_map(lambda x: -x, 1j) == -1j
    assert tree_map(lambda x: -x, Frozen) is Frozen  # a class, not a container


def test_inside_of_another_transform_a_modules_gradient_is_differentiated():
    w = 0.7

    class Line(nn.Module):
        def __init__(self):
            self.w = Tensor(w, requires_grad=True)

    def after_a_step(line):
        g = grad(lambda m: m.w**3)(line)
        return (line.w - 0.1 * g.w) ** 2

    line = Line()
    found = grad(after_a_step)(line).w
    assert not found.requires_grad
    np.testing.assert_allclose(found, 2 * (w - 0.3 * w**2) * (1 - 0.6 * w))


class Frozendict(Mapping):
    """An immutable mapping."""

    def __init__(self, items):
        self._items = dict(items)

    def __getitem__(self, key):
        return self._items[key]

    def __iter__(self):
        return iter(self._items)

    def __len__(self):
        return len(self._items)


CONTAINERS = {
    "deque": deque([3.0, 4.0], maxlen=5),
    "UserList": UserList([3.0, 4.0]),
    "UserDict": UserDict(a=3.0, b=4.0),
    "ChainMap": ChainMap({"a": 3.0}, {"b": 4.0}),
    "a view of a dict": MappingProxyType({"a": 3.0, "b": 4.0}),
    "a mapping of one's own": Frozendict({"a": 3.0, "b": 4.0}),
}


def values_of(container):
    keys = sorted(container) if isinstance(container, Mapping) else range(len(container))
    return [container[key] for key in keys]


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
def test_other_mappings_and_sequences_are_containers(container):
    found = grad(lambda x: values_of(x)[0] * values_of(x)[1])(container)
    assert type(found) is type(container)
    assert [float(g) for g in values_of(found)] == [4.0, 3.0]
    assert values_of(container) == [3.0, 4.0]
    assert getattr(found, "maxlen", None) == getattr(container, "maxlen", None)


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
def test_other_mappings_and_sequences_are_containers_in_modules(container):
    model = nn.Module()
    model.held = tree_map(lambda x: Tensor(x, requires_grad=True), container)
    assert len(model.parameters()) == 2
    found = grad(lambda model: values_of(model.held)[0] * values_of(model.held)[1])(model)
    assert [g.item() for g in values_of(found.held)] == [4.0, 3.0]


def test_dataclasses_are_containers_in_modules():
    model = nn.Module()
    model.held = Slotted(Tensor(2.0, requires_grad=True), [Frozen(Tensor(3.0, requires_grad=True))])
    found = grad(lambda model: model.held.weight * model.held.inner[0].weight)(model)
    assert (found.held.weight.item(), found.held.inner[0].weight.item()) == (3.0, 2.0)


@pytest.mark.parametrize("text", ["text", b"text", range(10**12), memoryview(b"text")])
def test_text_and_ranges_are_not_containers(text):
    assert tree_map(lambda x: 2 * x, [text, 1.0]) == [text, 2.0]
