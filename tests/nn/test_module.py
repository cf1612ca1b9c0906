"""Module: what reflection finds, saving and loading, repr."""

import io

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import nn
from autograd_lite import Tensor
from autograd_lite.errors import DomainError, StateDictError


def parameter(*values):
    return Tensor(values, requires_grad=True, dtype=np.float32)


def names(module):
    return [name for name, _ in module.named_parameters()]


class Leafy(nn.Module):
    """Two parameters, a constant, and what is neither."""

    def __init__(self):
        self.second_in_the_alphabet = parameter(1.0, 2.0)
        self.constant = Tensor([3.0])
        self.first_in_the_alphabet = parameter(4.0)
        self.number, self.text, self.nothing = 5.0, "six", None

    def forward(self, x):
        return x * self.first_in_the_alphabet


class Nested(nn.Module):
    """Modules in attributes, lists, tuples and dicts, in each other."""

    def __init__(self):
        self.layers = [Leafy(), (parameter(5.0), {"deep": Leafy()})]
        self.heads = {"z": parameter(6.0), "a": parameter(7.0), 3: parameter(8.0)}
        self.last = Leafy()


def test_parameters_are_in_definition_order():
    assert names(Leafy()) == ["second_in_the_alphabet", "first_in_the_alphabet"]


def test_parameters_are_found_in_lists_tuples_and_dicts():
    own = ["second_in_the_alphabet", "first_in_the_alphabet"]
    assert names(Nested()) == [
        *(f"layers.0.{name}" for name in own),
        "layers.1.0",
        *(f"layers.1.1.deep.{name}" for name in own),
        "heads.z",
        "heads.a",
        "heads.3",
        *(f"last.{name}" for name in own),
    ]


def test_parameters_are_those_of_named_parameters():
    model = Nested()
    pairs = zip(model.parameters(), model.named_parameters(), strict=True)
    assert all(a is b for a, (_, b) in pairs)
    assert len(model.parameters()) == 10


def test_modules_are_in_definition_order():
    assert [name for name, _ in Nested().named_modules()] == [
        "",
        "layers.0",
        "layers.1.1.deep",
        "last",
    ]


def test_attributes_assigned_later_are_found():
    model = Leafy()
    model.extra = nn.Dense(2, 3, rng=0)
    assert names(model)[2:] == ["extra.weight", "extra.bias"]


def test_a_shared_parameter_is_one_parameter_under_its_first_name():
    model = Leafy()
    model.again = model.second_in_the_alphabet
    assert names(model) == ["second_in_the_alphabet", "first_in_the_alphabet"]
    assert list(model.state_dict())[-1] == "again"


def test_a_shared_module_is_saved_under_both_names_and_trained_once():
    layer = nn.Dense(2, 2, rng=0)
    model = nn.Sequential(layer, nn.Tanh(), layer)
    assert names(model) == ["0.weight", "0.bias"]
    assert list(model.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    model.load_state_dict(model.state_dict())
    assert model[2].weight is model[0].weight


def family():
    parent = nn.Module()
    parent.child = Leafy()
    parent.child.parent = parent
    parent.child.loop = [parent.child]
    parent.own = parameter(1.0)
    return parent


def test_a_module_that_holds_its_parent_is_found_once():
    parent = family()
    assert names(parent) == [
        "child.second_in_the_alphabet",
        "child.first_in_the_alphabet",
        "own",
    ]
    assert [name for name, _ in parent.named_modules()] == ["", "child"]
    parent.eval()
    assert not parent.child.training


def test_a_module_that_holds_its_parent_has_a_short_repr():
    assert repr(family()) == "Module: 4 parameters\n  child: Leafy: 4 parameters"


def test_a_list_that_holds_itself_is_walked_once():
    model = nn.Module()
    model.items = [parameter(1.0)]
    model.items.append(model.items)
    assert names(model) == ["items.0"]


def test_frozen_parameters_are_saved_but_not_trained():
    model = nn.Dense(2, 3, rng=0)
    model.weight.requires_grad = False
    assert names(model) == ["bias"]
    assert list(model.state_dict()) == ["weight", "bias"]


def test_results_are_no_state():
    model = Leafy()
    model.last_output = model(2.0)
    assert "last_output" not in model.state_dict()
    assert len(model.parameters()) == 2


def test_zero_grad_forgets_every_grad():
    model = nn.Dense(2, 3, rng=0)
    model(np.ones((1, 2), np.float32)).sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())


def test_train_and_eval_reach_every_module():
    model = Nested()
    modules = [module for _, module in model.named_modules()]
    assert [m.training for m in modules] == [True] * 4
    model.eval()
    assert [m.training for m in modules] == [False] * 4
    model.last.train()
    assert [m.training for m in modules] == [False] * 3 + [True]
    model.train()
    assert [m.training for m in modules] == [True] * 4


def test_training_is_each_module_s_own():
    one, other = Leafy(), Leafy()
    one.eval()
    assert other.training


def test_a_module_without_forward_says_so():
    class Empty(nn.Module):
        pass

    with pytest.raises(NotImplementedError, match=r"^Empty needs a method forward\(self"):
        Empty()(1.0)


def test_calling_passes_all_arguments_to_forward():
    class Scaled(nn.Module):
        def forward(self, x, *, by):
            return x * by

    assert Scaled()(3.0, by=2.0) == 6.0


# ---------------------------------------------------------------- state


def assert_same_state(one, other):
    assert list(one) == list(other)
    for name in one:
        assert one[name].dtype == other[name].dtype
        assert_array_equal(one[name], other[name], strict=True)


def test_a_state_can_be_saved_and_loaded_by_numpy_without_pickle():
    model, other = (nn.Sequential(nn.Dense(3, 2, rng=seed), nn.ReLU()) for seed in (0, 1))
    buffer = io.BytesIO()
    np.savez(buffer, **model.state_dict())
    buffer.seek(0)
    with np.load(buffer, allow_pickle=False) as saved:
        other.load_state_dict(dict(saved))
    assert_same_state(other.state_dict(), model.state_dict())


def test_a_state_is_a_copy():
    model = Leafy()
    state = model.state_dict()
    state["constant"][0] = 9.0
    assert model.constant.item() == 3.0
    model.load_state_dict(state)
    state["constant"][0] = 10.0
    assert model.constant.item() == 9.0


def test_loading_keeps_tensors_grads_and_dtypes():
    model = Leafy()
    tensor, grad = model.first_in_the_alphabet, Tensor([1.0])
    tensor.grad = grad
    state = {name: array.astype(np.float64) + 1 for name, array in model.state_dict().items()}
    model.load_state_dict(state)
    assert model.first_in_the_alphabet is tensor
    assert tensor.grad is grad
    assert tensor.dtype == np.float32
    assert_array_equal(tensor.data, [5.0])


def test_numbers_and_lists_can_be_loaded():
    model = Leafy()
    model.load_state_dict(
        {"second_in_the_alphabet": [7, 8], "constant": (9,), "first_in_the_alphabet": [True]}
    )
    assert_array_equal(model.second_in_the_alphabet.data, [7.0, 8.0])
    assert_array_equal(model.constant.data, [9.0])
    assert_array_equal(model.first_in_the_alphabet.data, [1.0])


def test_all_that_is_wrong_with_a_state_is_listed_and_nothing_is_loaded():
    model = Nested()
    model.steps = Tensor([1, 2])
    before = model.state_dict()
    state = {name: array + 1 for name, array in before.items()}
    del state["heads.z"]
    state["stranger"] = np.zeros(1)
    state["heads.a"] = np.zeros((2, 2))
    state["heads.3"] = ["text"]
    state["layers.1.0"] = np.array([1j])
    state["steps"] = [0.5, 1.5]
    state["layers.0.constant"] = [[1.0], [2.0, 3.0]]
    with pytest.raises(StateDictError) as caught:
        model.load_state_dict(state)
    message = str(caught.value)
    assert message.startswith("this state doesn't fit Nested, and nothing was loaded: ")
    for problem in (
        "missing: heads.z",
        "unexpected: stranger",
        "misshapen: heads.a has (2, 2), needs (1,)",
        "not loadable: heads.3 has dtype <U4",
        "not loadable: layers.1.0 has dtype complex128",
        "not loadable: steps has dtype float64",
        "not loadable: layers.0.constant is ragged",
    ):
        assert problem in message
    assert_same_state(model.state_dict(), before)


def test_a_state_that_means_more_than_its_numbers_is_not_loaded():
    model = nn.Dense(2, 1)
    before = model.state_dict()
    masked = np.ma.array(np.ones((2, 1)), mask=[[True], [False]])
    with pytest.raises(StateDictError, match="not loadable: weight: a masked array"):
        model.load_state_dict({"weight": masked, "bias": [0.0]})
    assert_same_state(model.state_dict(), before)


# ---------------------------------------------------------------- repr


def test_repr_shows_the_tree_and_the_sizes():
    model = nn.Sequential(
        nn.Dense(784, 200), nn.Sequential(nn.Sigmoid(), nn.Dense(200, 10, bias=False))
    )
    assert repr(model) == (
        "Sequential: 159,000 parameters\n"
        "  0: Dense(784, 200): 157,000 parameters\n"
        "  1: Sequential: 2,000 parameters\n"
        "    1.0: Sigmoid()\n"
        "    1.1: Dense(200, 10, bias=False): 2,000 parameters"
    )


def test_values_that_the_dtype_cannot_hold_are_refused():
    class Counter(nn.Module):
        def __init__(self):
            self.count = Tensor(np.array([1], np.int8))
            self.scale = Tensor([1.0], requires_grad=True, dtype=np.float32)

    counter = Counter()
    with pytest.raises(StateDictError, match=r"count has values beyond int8.*scale .* float32"):
        counter.load_state_dict({"count": [300], "scale": [1e300]})
    counter.load_state_dict({"count": [7], "scale": Tensor([np.inf], requires_grad=True)})
    assert (counter.count.item(), counter.scale.item()) == (7, np.inf)


@pytest.mark.parametrize("name", ["a.b", "forward", "training", "", 3])
def test_a_declared_tensor_needs_a_name_of_its_own(name):
    model = nn.Module()
    with pytest.raises(DomainError, match="can't be the name of a tensor"):
        model.register_buffer(name, [1.0])
    with pytest.raises(DomainError, match="can't be the name of a tensor"):
        model.register_parameter(name, Tensor([1.0], requires_grad=True))
    assert model.state_dict() == {}


@pytest.mark.parametrize("state", [None, "weight and bias, in a file", [1.0]])
def test_a_state_is_a_mapping(state):
    optimizer = nn.optim.SGD(nn.Dense(2, 2).parameters())
    schedule = nn.optim.ExponentialLR(optimizer, 0.5)
    for owner in (nn.Dense(2, 2), optimizer, nn.optim.EMA(nn.Dense(2, 2)), schedule):
        with pytest.raises(StateDictError, match=r"needs a state as state_dict\(\) ret|it is"):
            owner.load_state_dict(state)


def test_values_of_a_shared_tensor_must_agree():
    one = nn.Dense(2, 2)
    model = nn.ModuleList([one, nn.Dense(2, 2)])
    model[1].weight = one.weight
    state = model.state_dict()
    model.load_state_dict(state)
    state["1.weight"] = state["1.weight"] + 1
    with pytest.raises(StateDictError, match=r"ambiguous: 0.weight and 1.weight are one tensor"):
        model.load_state_dict(state)
    assert_array_equal(one.weight.data, state["0.weight"])


def test_a_mode_is_true_or_false():
    with pytest.raises(TypeError, match=r"Dense.train: True or False, not 'no'"):
        nn.Dense(2, 2).train("no")
