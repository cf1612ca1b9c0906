"""nn.summary: what it counts, how it prints, and that it leaves the model alone."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import nn
from autograd_lite import Tensor, einsum, no_grad, reshape
from autograd_lite.errors import DTypeError, ShapeError


def article():
    return nn.Sequential(nn.Dense(784, 200), nn.Sigmoid(), nn.Dense(200, 10), nn.Sigmoid())


def test_the_article_s_network_is_counted():
    found = nn.summary(article(), (10, 784))
    assert [(row.name, row.layer, row.shapes) for row in found.rows] == [
        ("", "Sequential", ((10, 10),)),
        ("0", "Dense(784, 200)", ((10, 200),)),
        ("1", "Sigmoid()", ((10, 200),)),
        ("2", "Dense(200, 10)", ((10, 10),)),
        ("3", "Sigmoid()", ((10, 10),)),
    ]
    assert [row.parameters for row in found.rows] == [159_010, 157_000, 0, 2_010, 0]
    products = [10 * 784 * 200, 0, 10 * 200 * 10, 0]
    assert [row.multiply_adds for row in found.rows] == [sum(products), *products]
    results = [4 * 10 * 200, 4 * 10 * 200, 4 * 10 * 10, 4 * 10 * 10]
    assert [row.memory for row in found.rows] == [sum(results), *results]
    assert (found.parameters, found.frozen) == (159_010, 0)
    assert found.parameter_memory == 4 * 159_010
    assert (found.multiply_adds, found.memory) == (sum(products), sum(results))


class Stateful(nn.Module):
    """Changes itself and draws when it is called, and is called with several arguments."""

    def __init__(self):
        self.weight = Tensor(np.ones((3, 2)), requires_grad=True)
        self.frozen = Tensor(np.ones(5), requires_grad=True)
        self.frozen.requires_grad = False
        self.count = Tensor(0)
        self.rng = np.random.default_rng(0)
        self.unused = nn.Dense(7, 7)

    def forward(self, x, scale, *, mask=None):
        self.count.data = self.count.data + 1
        self.rng.random()
        self.kept = x
        assert not self.training
        z = einsum("nk,kj->nj", x * scale, self.weight)
        return {"z": z, "rows": [reshape(z, (-1,)), None if mask is None else z * mask]}


def test_the_model_is_left_as_it_was():
    model = Stateful()
    forward = model.forward
    before = model.state_dict()
    nn.summary(model, [(4, 3), ()])
    assert model.training
    assert list(vars(model)) == list(vars(Stateful()))
    assert model.forward == forward
    assert model.rng.random() == np.random.default_rng(0).random()
    for name, values in model.state_dict().items():
        assert_array_equal(values, before[name])
    assert all(p.grad is None for p in model.parameters())


def test_several_inputs_outputs_and_layers_that_are_not_called():
    found = nn.summary(Stateful(), inputs=[np.ones((4, 3)), 2.0], named={"mask": np.ones(2)})
    whole, unused = found.rows
    assert whole.shapes == ((4, 2), (8,), (4, 2))
    assert whole.multiply_adds == 4 * 3 * 2
    assert whole.memory == 8 * (12 + 8 + 8)  # x * scale, the product, its product; no view
    assert (unused.name, unused.calls, unused.shapes, unused.memory) == ("unused", 0, (), 0)
    assert (found.parameters, found.frozen) == (6 + 56, 5 + 1)
    assert "unused: Dense(7, 7)" in str(found)


def test_a_layer_that_is_called_twice_is_one_row():
    layer = nn.Dense(3, 3)
    found = nn.summary(nn.Sequential(layer, nn.Tanh(), layer), (2, 3))
    assert [row.calls for row in found.rows] == [1, 2, 1]
    assert [row.multiply_adds for row in found.rows] == [36, 36, 0]
    assert found.parameters == 12
    assert "(2, 3) x2" in str(found)


def test_it_works_without_recording_and_with_other_dtypes():
    with no_grad():
        found = nn.summary(article(), (1, 784), dtype=np.float64)
    assert found.multiply_adds == 158_800
    assert nn.summary(nn.Dense(2, 2, dtype=np.float64), (1, 2)).memory == 16
    assert nn.summary(nn.Tanh(), (3,)).memory == 12


def test_jupyter_gets_a_table_in_which_names_are_escaped():
    class Odd(nn.Module):
        def signature(self):
            return "Odd('<b>')"

        def forward(self, x):
            return x

    page = nn.summary(nn.Sequential(Odd()), (1,))._repr_html_()
    assert page.startswith("<table>")
    assert "Odd(&#x27;&lt;b&gt;&#x27;)" in page
    assert page.count("<tr>") == 3


@pytest.mark.parametrize(
    ("arguments", "error", "complaint"),
    [
        ({}, ShapeError, "give the shape of the input, or inputs"),
        ({"input_shape": (1, 784), "inputs": [1.0]}, ShapeError, "and not both"),
        ({"input_shape": 784}, ShapeError, r"int is no shape.*inputs=\[x\]"),
        ({"input_shape": np.ones((2, 3), int)}, ShapeError, "ndarray is no shape"),
        ({"input_shape": [np.ones((2, 3))]}, ShapeError, "ndarray is no shape"),
        ({"input_shape": (-1, 784)}, ShapeError, r"\(-1, 784\) is no shape"),
        ({"input_shape": [(1, 784)], "dtype": [np.float32] * 2}, DTypeError, "2 dtypes for 1 inp"),
        ({"input_shape": (1, 783)}, ShapeError, "in layer 0 of Sequential|x must have 784"),
    ],
)
def test_what_does_not_fit_is_said(arguments, error, complaint):
    with pytest.raises(error, match=complaint):
        nn.summary(article(), **arguments)
