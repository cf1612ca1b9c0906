"""An error in a model tells the layer, and the way to it."""

import pickle

import numpy as np
import pytest

import nn
from autograd_lite import Tensor, as_tensor, trace_nans
from autograd_lite.errors import (
    DomainError,
    DTypeError,
    MissingExtraError,
    NonFiniteError,
    ShapeError,
)

X = np.ones((10, 3), np.float32)


def raised(function, *args, kind=ShapeError):
    with pytest.raises(kind) as caught:
        function(*args)
    assert type(caught.value) is kind
    return caught.value


def notes(error):
    return getattr(error, "__notes__", [])


class Wrapped(nn.Module):
    def __init__(self, *layers):
        self.encoder = list(layers)

    def forward(self, x):
        for layer in self.encoder:
            x = layer(x)
        return x


class Raising(nn.Module):
    def __init__(self, error):
        self.error = error

    def forward(self, x):
        raise self.error


@pytest.mark.parametrize(
    ("layer", "op"), [(nn.Dense(784, 200), "linear"), (nn.Dense(784, 200, bias=False), "matmul")]
)
def test_dense_says_what_it_expects_and_what_it_got(layer, op):
    error = raised(layer, X)
    assert str(error).startswith(f"{op} of shape (10, 3) (float32) and shape (784, 200) (float32)")
    assert str(error).endswith(
        ": x must have 784 values along its last axis; it has shape (10, 3); "
        f"in {layer.signature()}"
    )
    assert notes(error) == []
    assert isinstance(error.__cause__, ValueError)


@pytest.mark.parametrize("x", [3.0, Tensor(3.0), np.ones(0), [[1.0, 2.0]]])
def test_dense_says_so_of_every_kind_of_x(x):
    message = str(raised(nn.Dense(3, 2), x))
    assert f"x must have 3 values along its last axis; it has shape {np.shape(x)}" in message


def test_what_else_is_wrong_with_x_is_left_as_it_is():
    message = str(raised(nn.Dense(3, 2), [[1.0], [2.0, 3.0]]))
    assert "rectangular" in message
    assert message.endswith("; in Dense(3, 2)")


def test_a_layer_whose_weights_were_replaced_is_not_said_to_expect_others():
    layer = nn.Dense(3, 2)
    layer.weight = Tensor(np.ones((4, 2)))
    message = str(raised(layer, X))
    assert "x must be (..., inputs), the weights (inputs, outputs)" in message
    assert message.endswith("; in Dense(3, 2)")


def test_the_way_to_the_layer_is_told_level_by_level():
    inner = nn.Sequential(nn.ReLU(), nn.Dense(5, 2))
    model = Wrapped(nn.Dense(3, 4), nn.Sequential(nn.Tanh(), inner))
    error = raised(model, X)
    assert str(error).endswith("; in Dense(5, 2)")
    assert notes(error) == [
        "in layer 1 of Sequential",
        "in layer 1 of Sequential",
        "in layer encoder.1 of Wrapped",
    ]


def test_a_function_among_the_layers_is_named_by_its_position():
    error = raised(nn.Sequential(nn.ReLU(), lambda x: x.reshape(4, 4)), Tensor(X))
    assert str(error).endswith("; in layer 1 of Sequential")
    assert notes(error) == []


def test_of_a_layer_that_is_there_twice_the_place_is_the_one_that_failed():
    layer = nn.Dense(3, 4)
    assert notes(raised(nn.Sequential(layer, nn.ReLU(), layer), X)) == ["in layer 2 of Sequential"]


def test_an_op_in_a_module_of_the_user_is_named_after_that():
    class Model(nn.Module):
        def __init__(self):
            self.layer = nn.Dense(3, 4)

        def forward(self, x):
            return self.layer(x) + np.ones(3)

    assert str(raised(Model(), X)).endswith("; in Model")


def test_a_module_that_no_attribute_holds_has_no_name():
    class Model(nn.Module):
        def forward(self, x):
            return nn.Dense(4, 2)(x)

    error = raised(Model(), X)
    assert str(error).endswith("; in Dense(4, 2)")
    assert notes(error) == ["in Model"]


def test_a_sequential_with_a_forward_of_its_own_is_named_once():
    class Doubled(nn.Sequential):
        def forward(self, x):
            return self[0](x + x)

    class Plain(nn.Sequential):
        def forward(self, x):
            return super().forward(x)

    assert notes(raised(Doubled(nn.Dense(4, 2)), X)) == ["in layer 0 of Doubled"]
    assert notes(raised(Plain(nn.Dense(4, 2)), X)) == ["in layer 0 of Plain"]


def test_a_module_that_calls_itself_is_named_once():
    class Recursive(nn.Module):
        def forward(self, x, depth=3):
            return self(x, depth - 1) if depth else x @ np.ones((4, 2))

    error = raised(Recursive(), Tensor(X))
    assert str(error).count("in Recursive") == 1
    assert notes(error) == []


def test_an_error_that_is_caught_in_one_model_and_raised_in_another_tells_both():
    error = raised(nn.Dense(4, 2), X)
    assert raised(Raising(error), X) is error
    assert str(error).endswith("; in Dense(4, 2)")
    assert notes(error) == ["in Raising"]


def test_an_error_raised_again_by_the_same_module_is_not_named_again():
    module = Raising(ShapeError("a"))
    for _ in range(3):
        error = raised(module, X)
    assert str(error) == "a; in Raising"
    assert notes(error) == []


def test_errors_that_make_their_own_text_keep_it():
    error = raised(
        nn.Sequential(Raising(MissingExtraError("pooch", "data"))), X, kind=MissingExtraError
    )
    assert str(error) == str(MissingExtraError("pooch", "data"))
    assert notes(error) == ["in Raising", "in layer 0 of Sequential"]


def test_an_error_without_a_message_gets_a_note():
    assert notes(raised(Raising(DomainError()), X, kind=DomainError)) == ["in Raising"]


def test_errors_of_others_are_not_touched():
    error = raised(Raising(KeyError("a")), X, kind=KeyError)
    assert error.args == ("a",)
    assert notes(error) == []


def test_the_place_is_pickled():
    error = raised(nn.Sequential(nn.Dense(4, 2)), X)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), notes(again)) == (str(error), ["in layer 0 of Sequential"])


def test_trace_nans_names_the_layer_itself():
    model = nn.Sequential(nn.ReLU(), Wrapped(np.log))
    with trace_nans():
        error = raised(model, np.zeros(2), kind=NonFiniteError)
    assert str(error).count("in layer") == 1
    assert "in layer 1 (Wrapped)" in str(error)
    assert notes(error) == []


@pytest.mark.parametrize(
    ("loss", "target", "kind", "expected"),
    [
        ("cross_entropy", [0, 3], DomainError, "labels must lie between 0 and 2 for 3 classes"),
        ("cross_entropy", [0.0, 1.0], DTypeError, "class indices must be integers"),
        ("cross_entropy", [0, 1, 2], ShapeError, r"need class indices of shape \(2,\)"),
        ("cross_entropy", [[0], [1]], ShapeError, r"the target has shape \(2, 1\)"),
        ("mean_squared_error", [0, 1], ShapeError, r"\(2, 3\) and the target \(2,\)"),
        ("binary_cross_entropy", [0, 1], ShapeError, "give them the same shape"),
        ("binary_cross_entropy_with_logits", [0, 1], ShapeError, "give them the same shape"),
    ],
)
def test_losses_say_what_a_target_must_be(loss, target, kind, expected):
    with pytest.raises(kind, match=f"^{loss}: .*{expected}"):
        getattr(nn.losses, loss)(np.full((2, 3), 0.5), target)


class LeavesASet(nn.Module):
    def __init__(self):
        self.seen = None
        self.layer = nn.Dense(3, 2)

    def forward(self, x):
        self.seen = {as_tensor(x)}
        return self.layer(x)


def test_a_set_that_forward_left_does_not_hide_the_error():
    error = raised(LeavesASet(), np.ones((2, 4)))
    assert type(error) is ShapeError
    assert notes(error) == ["in LeavesASet"]


def test_a_set_that_forward_left_does_not_hide_where_nan_came_from():
    model = LeavesASet()
    model.layer.weight.data = np.full((3, 2), np.inf)
    with np.errstate(invalid="ignore"), trace_nans():
        assert "Dense" in str(raised(model, np.zeros((2, 3)), kind=NonFiniteError))
