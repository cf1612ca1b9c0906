"""Layers that are made of other layers."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import nn
from autograd_lite import Tensor
from autograd_lite.errors import DomainError, ShapeError

X = np.linspace(-2.0, 2.0, 12).reshape(4, 3)


def test_sequential_applies_one_layer_after_the_other():
    model = nn.Sequential(lambda x: np.add(x, [1.0, 2.0]), nn.ReLU(), lambda x: x * 10)
    assert model(Tensor([-3.0, 1.0])).tolist() == [0.0, 30.0]


def test_sequential_of_nothing_changes_nothing():
    x = Tensor([1.0])
    assert nn.Sequential()(x) is x


def test_sequential_is_a_sequence():
    layers = nn.Dense(3, 2), np.tanh, nn.Sigmoid()
    model = nn.Sequential(*layers)
    assert len(model) == 3
    assert tuple(model) == layers
    assert (model[0], model[-1]) == (layers[0], layers[2])
    with pytest.raises(IndexError):
        model[3]


def test_sequential_is_not_changed_by_its_mode():
    model = nn.Sequential(nn.Tanh(), nn.Tanh())
    expected = model(X).data
    model.eval()
    assert len(model) == 2
    assert_array_equal(model(X).data, expected)


def test_what_else_is_assigned_to_sequential_is_no_layer():
    model = nn.Sequential(nn.Tanh())
    model.loss = nn.losses.cross_entropy
    assert_array_equal(model(X).data, np.tanh(X))
    assert len(model) == 1


@pytest.mark.parametrize("layer", [[nn.Tanh()], None, 3])
def test_sequential_needs_what_can_be_called(layer):
    with pytest.raises(TypeError, match=r"^Sequential: layer 1 is a .*can't be called"):
        nn.Sequential(nn.Tanh(), layer)


def test_a_slice_is_a_model_of_the_same_layers():
    layers = nn.Dense(3, 2, rng=0), nn.Tanh(), nn.Dense(2, 2, rng=1)
    model = nn.Sequential(*layers)
    for part, expected in ((model[:2], layers[:2]), (model[::-2], layers[::-2]), (model[5:], ())):
        assert type(part) is nn.Sequential
        assert tuple(part) == expected
    assert [name for name, _ in model[1:].named_parameters()] == ["1.weight", "1.bias"]
    assert_array_equal(model[2:](model[:2](X)).data, model(X).data)


def test_a_slice_of_a_subclass_is_a_plain_sequential():
    class Two(nn.Sequential):
        def __init__(self, size):
            super().__init__(nn.Dense(size, size), nn.Tanh())

    assert type(Two(3)[:1]) is nn.Sequential


@pytest.mark.parametrize("make", [nn.Sequential, nn.Parallel, None])
def test_layers_are_added_replaced_and_removed(make):
    a, b, c, d = (nn.Tanh() for _ in range(4))
    model = nn.ModuleList([a]) if make is None else make(a)
    assert model.append(c).insert(0, b).extend([d]) is model
    assert list(model) == [b, a, c, d]
    model[-1] = a
    del model[0]
    assert list(model) == [a, c, a]
    del model[1:]
    assert list(model) == [a]
    with pytest.raises(IndexError):
        model[3] = a
    assert [name for name, _ in model.named_children()] == ["0"]


def test_what_cannot_stand_in_a_container_leaves_it_as_it_was():
    model = nn.ModuleList([nn.Tanh()])
    with pytest.raises(TypeError, match="ModuleList: item 1 is a ufunc, not a module"):
        model.append(np.tanh)
    with pytest.raises(TypeError, match=r"^Sequential: layer 1 is a list"):
        nn.Sequential(nn.Tanh()).append([nn.Tanh()])
    assert len(model) == 1


def test_containers_nest():
    class Model(nn.Module):
        def __init__(self):
            self.blocks = nn.ModuleList(
                nn.ModuleDict({"a": nn.Dense(2, 2), "b": nn.ModuleList([nn.Dense(2, 2)])})
                for _ in range(2)
            )

        def forward(self, x):
            for block in self.blocks:
                x = block["b"][0](block["a"](x))
            return x

    model = Model()
    weights = [name for name, _ in model.named_parameters() if name.endswith("weight")]
    assert weights == [f"blocks.{i}.{k}.weight" for i in (0, 1) for k in ("a", "b.0")]
    model(np.ones((1, 2), np.float32)).sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    assert [name for name, _ in model.named_children()] == ["blocks"]


@pytest.mark.parametrize("container", [nn.ModuleList(), nn.ModuleDict()])
def test_lists_and_dicts_of_modules_are_not_called(container):
    with pytest.raises(NotImplementedError, match="can't be called"):
        container(1.0)


def test_a_module_dict_is_a_dict():
    a, b = nn.Tanh(), nn.ReLU()
    modules = nn.ModuleDict({"a": a})
    modules["b"] = b
    assert modules.keys() == list(modules) == ["a", "b"]
    assert (modules.values(), modules.items()) == ([a, b], [("a", a), ("b", b)])
    assert "a" in modules
    assert "training" not in modules
    assert modules.pop("a") is a
    assert len(modules) == 1
    del modules["b"]
    assert not len(modules)
    with pytest.raises(KeyError, match="has no module 'a'"):
        modules["a"]


@pytest.mark.parametrize("key", ["", "a.b", 3, "forward", "keys", "training"])
def test_keys_that_cannot_be_names_are_refused(key):
    modules = nn.ModuleDict()
    with pytest.raises(DomainError, match="can't be a key"):
        modules[key] = nn.Tanh()
    assert not len(modules)


def test_a_module_dict_takes_modules_only():
    with pytest.raises(TypeError, match="'a' is a ufunc, not a module"):
        nn.ModuleDict({"a": np.tanh})


def test_residual_adds_its_input():
    inner = nn.Dense(3, 3, rng=0, dtype=np.float64)
    assert_array_equal(nn.Residual(inner, nn.Tanh())(X).data, X + np.tanh(inner(X).data))
    narrow, short = (nn.Dense(3, 2, rng=seed, dtype=np.float64) for seed in (0, 1))
    block = nn.Residual(narrow, shortcut=short)
    assert_array_equal(block(X).data, short(X).data + narrow(X).data)
    assert [name for name, _ in block.named_parameters()] == [
        "0.weight",
        "0.bias",
        "shortcut.weight",
        "shortcut.bias",
    ]


def test_residual_does_not_broadcast():
    with pytest.raises(ShapeError, match=r"shape \(4, 1\), which can't be added to \(4, 3\)"):
        nn.Residual(nn.Dense(3, 1))(X.astype(np.float32))


def test_residual_needs_layers_that_can_be_called():
    with pytest.raises(TypeError, match="shortcut is a int, no layer"):
        nn.Residual(nn.Tanh(), shortcut=3)


def test_parallel_joins_outputs():
    double, add = (lambda x: x * 2), (lambda x: x + 1)
    x = Tensor(X)
    joined = nn.Parallel(double, add)(x)
    assert_array_equal(joined.data, np.concatenate([X * 2, X + 1], axis=1))
    assert_array_equal(nn.Parallel(double, add, axis=0)(x).data, np.concatenate([X * 2, X + 1]))
    outputs = nn.Parallel(double, add, axis=None)(x)
    assert [y.shape for y in outputs] == [(4, 3), (4, 3)]
    assert repr(nn.Parallel(np.tanh, axis=None)) == "Parallel(axis=None)"
    with pytest.raises(DomainError, match="at least one layer"):
        nn.Parallel()


def test_a_class_is_no_layer():
    for make in (nn.Sequential, nn.Residual, nn.Parallel):
        with pytest.raises(TypeError, match=r"layer 1 is the class ReLU; give a layer, such as Re"):
            make(nn.Dense(3, 3), nn.ReLU)


def test_lists_of_layers_change_as_lists_do():
    one, two, three = (nn.Dense(2, 2, rng=seed) for seed in range(3))
    layers = nn.ModuleList([one, two])
    layers += [three]
    assert layers.pop(0) is one
    assert list(layers) == [two, three]
    assert [name for name, _ in layers.named_parameters()][::2] == ["0.weight", "1.weight"]
    assert layers.pop() is three
    with pytest.raises(IndexError):
        layers.pop(7)
    assert list(layers) == [two]


def test_an_update_with_one_wrong_entry_changes_nothing():
    one = nn.Dense(2, 2)
    layers = nn.ModuleDict({"one": one})
    for wrong in ({"one": nn.ReLU(), "two": 3}, {"one": nn.ReLU(), "a.b": nn.ReLU()}):
        with pytest.raises((TypeError, DomainError)):
            layers.update(wrong)
        assert layers.items() == [("one", one)]
