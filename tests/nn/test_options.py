"""Options of the wrong kind are refused by every layer: flags, numbers, words, initial values."""

import inspect

import numpy as np
import pytest

import nn
from autograd_lite.errors import DTypeError, ShapeError

PLAIN = ("bool", "float", "float | None", "str", "Initializer", "Initializer | None")
OPTIONS = [
    (kind, option.name, option.annotation)
    for kind in (getattr(nn, name) for name in nn.layers.__all__)
    for option in inspect.signature(kind.__init__).parameters.values()
    if option.annotation in PLAIN
]


@pytest.mark.parametrize(("kind", "name", "annotation"), OPTIONS)
def test_a_wrong_kind_is_refused_and_named(kind, name, annotation):
    wrong = [[1, 2], np.array([1, 2]), {}]
    wrong += ["relu"] if annotation != "str" else [0.5]
    wrong += [None] if "None" not in annotation else []
    wrong += [0.5, 1] if annotation == "bool" else [True]
    for value in wrong:
        with pytest.raises(DTypeError, match=f"^{kind.__name__}: {name} must be "):
            kind(**{name: value})


def test_all_families_have_options_that_are_checked():
    assert len({kind for kind, _, _ in OPTIONS}) > 60


def test_positional_options_are_checked_too():
    with pytest.raises(DTypeError, match=r"^Dense: bias must be True or False, not 'relu'$"):
        nn.Dense(3, 2, "relu")
    with pytest.raises(DTypeError, match=r"^LSTM: bias must be True or False, not 0.5$"):
        nn.LSTM(3, 4, 2, 0.5)
    with pytest.raises(DTypeError, match=r"^InstanceNorm1d: momentum must be a number, not None$"):
        nn.InstanceNorm1d(3, 1e-5, None)


@pytest.mark.parametrize("rng", ["a", 1.5, -1, True, np.random])
def test_what_draws_is_a_generator_or_a_seed(rng):
    for layer in (lambda: nn.Dense(3, 2, rng=rng), lambda: nn.Dropout(rng=rng)):
        with pytest.raises(DTypeError, match=r"rng must be a numpy.random.Generator, a seed"):
            layer()


def test_sizes_are_no_truth_values():
    with pytest.raises(ShapeError, match="sizes must be positive integers"):
        nn.LSTM(3, 4, True)


def test_numpy_numbers_and_what_follows_other_layers_are_taken():
    assert nn.Dropout(np.float32(0.5)).p == 0.5
    assert nn.Dense(3, 2, np.bool_(False)).bias is None
    assert nn.BatchNorm1d(3, momentum=None).momentum is None
    assert len(list(nn.Parallel(nn.ReLU(), nn.Tanh(), axis=0).children())) == 2


def test_layers_of_users_choose_their_own_options():
    class Mine(nn.Module):
        def __init__(self, bias: bool) -> None:
            self.bias = bias

    class Wide(nn.Dense):
        pass

    assert Mine("learned").bias == "learned"
    with pytest.raises(DTypeError, match=r"^Wide: bias must be"):
        Wide(3, 2, "learned")
