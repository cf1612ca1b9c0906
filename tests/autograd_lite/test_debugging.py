"""trace_nans: the first op that makes NaN or infinity, with the user's line and layer."""

import inspect
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import autograd_lite as ag
import nn
from autograd_lite import Tensor, gradients, no_grad, trace_nans
from autograd_lite.errors import AutogradLiteError, NonFiniteError

from .building import leaf


def here(text):
    """Return how trace_nans reports the only line of this file with ``text``."""
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    (number,) = [n for n, line in enumerate(lines, 1) if line.strip() == text]
    return f"{__file__}:{number}: {text}"


def traced(function, **settings):
    """Return the error message of trace_nans for a function that makes NaN."""
    with pytest.raises(NonFiniteError) as caught, trace_nans(**settings):
        function()
    return str(caught.value)


ZERO = leaf([1.0, 0.0])
BIG = Tensor([1.0, 100.0], requires_grad=True, dtype=np.float32)

FORWARD = {
    "log": (lambda: np.log(ZERO), "log turned finite values into infinity: 1 of 2"),
    "0 / 0": (lambda: ZERO / ZERO, "divide turned finite values into NaN: 1 of 2"),
    "1 / 0": (lambda: 1 / ZERO, "divide turned finite values into infinity: 1 of 2"),
    "sqrt": (lambda: np.sqrt(ZERO - 1), "sqrt turned finite values into NaN: 1 of 2"),
    "exp": (lambda: np.exp(BIG), "exp turned finite values into infinity: 1 of 2"),
    "power": (lambda: (ZERO - 1) ** 0.5, "power turned finite values into NaN"),
    "sum": (lambda: np.sum(BIG * 3.39e36), "sum turned finite values into infinity"),
    "inf - inf": (lambda: Tensor([np.inf]) - np.inf, "subtract turned infinity into NaN: 1 of 1"),
    "inf * 0": (lambda: ZERO * np.array([1.0, np.inf]), "multiply turned infinity into NaN: 1 of"),
    "softmax of a row of -inf": (lambda: ag.softmax(ZERO - np.inf), "softmax turned infinity into"),
    "a branch not taken": (lambda: np.where([True, False], np.log(ZERO), 0.0), "log turned finite"),
    "constants": (lambda: np.log(Tensor(0.0)), "log turned finite values into infinity: 1 of 1"),
    "complex": (lambda: 1 / (ZERO * 1j), "divide turned finite values into NaN: 1 of 2"),
}


@pytest.mark.parametrize("name", FORWARD)
def test_the_op_that_made_it_is_named(name):
    compute, message = FORWARD[name]
    assert traced(compute).startswith(message)
    with no_grad():
        assert traced(compute).startswith(message)


BACKWARD = {
    "sqrt at 0": (
        lambda: ZERO.sqrt().sum().backward(),
        "the backward of sqrt, for input 0, turned finite values into infinity: 1 of 2",
    ),
    "a power": (
        lambda: (ZERO**0.5).sum().backward(),
        "the backward of power, for input 0, turned finite values into infinity: 1 of 2",
    ),
    "a product": (
        lambda: gradients(ZERO * np.array([1e300, 1.0]), ZERO, [1e300, 1.0]),
        "the backward of multiply, for input 0, turned finite values into infinity: 1 of 2",
    ),
    "a NaN cotangent": (
        lambda: gradients(ZERO * 2.0, ZERO, [np.nan, 1.0]),
        "backward with a cotangent that is not finite: NaN: 1 of 2",
    ),
    "an infinite cotangent": (
        lambda: ag.vjp(lambda x: x * 2, ZERO.data)[1](np.array([np.inf, 1.0])),
        "backward with a cotangent that is not finite: infinity: 1 of 2",
    ),
}


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("name", BACKWARD)
def test_the_rule_that_made_it_is_named(name, create_graph, monkeypatch):
    compute, message = BACKWARD[name]
    if create_graph:
        backward = Tensor.backward
        monkeypatch.setattr(Tensor, "backward", lambda x: backward(x, create_graph=True))
    assert traced(compute).startswith(message)
    assert ZERO.grad is None


def test_forward_reports_the_line_and_the_inputs():
    p = leaf([[0.25, 0.0, 4.0]])
    q = Tensor([[np.inf], [2.0]], dtype=np.float32)

    def compute():
        return q - np.log(p)

    text = traced(compute).splitlines()
    assert text == [
        "log turned finite values into infinity: 1 of 3",
        f"  at {here('return q - np.log(p)')}",
        "  input 0: shape (1, 3), float64, from 0 to 4",
        "  output: shape (1, 3), float64, from -1.38629 to 1.38629, and 1 infinite",
    ]


def test_backward_reports_both_lines_and_all_values():
    x = leaf([4.0, 0.0])

    def compute():
        root = np.sqrt(x)
        root.sum().backward()

    assert traced(compute).splitlines() == [
        "the backward of sqrt, for input 0, turned finite values into infinity: 1 of 2",
        f"  recorded at {here('root = np.sqrt(x)')}",
        f"  backward called at {here('root.sum().backward()')}",
        "  input 0: shape (2,), float64, from 0 to 4",
        "  output: shape (2,), float64, from 0 to 2",
        "  its cotangent: shape (2,), float64, from 1 to 1",
        "  the cotangent of input 0: shape (2,), float64, from 0.25 to 0.25, and 1 infinite",
    ]


def test_ops_recorded_before_the_block_are_reported_as_such():
    y = leaf([0.0]).sqrt()
    assert "recorded before trace_nans() was entered" in traced(y.backward)


def test_numbers_and_complex_inputs_are_described():
    text = traced(lambda: (leaf([3.0]) + 4j) / 0)
    assert "input 0: shape (1,), complex128, magnitudes from 5 to 5" in text
    assert "input 1: 0" in text
    text = traced(lambda: np.log(Tensor(np.array([2, 0]))))
    assert "input 0: shape (2,), int64, from 0 to 2" in text


# ---------------------------------------------------------------- layers


class Entropy(nn.Module):
    def forward(self, x):
        p = ag.relu(x)
        return p * np.log(p)


class Net(nn.Module):
    def __init__(self):
        self.layers = [nn.Dense(3, 4, rng=0), Entropy()]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def test_the_layer_and_the_line_in_it_are_named():
    text = traced(lambda: Net()(np.ones((2, 3), np.float32)))
    assert text.startswith("log turned finite values into infinity")
    assert f"at {here('return p * np.log(p)')}" in text
    assert "in layer layers.1 (Entropy)" in text


def test_in_a_layer_of_ours_the_users_line_is_the_call_of_the_model():
    model = nn.Sequential(nn.Dense(3, 2, rng=0), nn.Sigmoid(), nn.Dense(2, 1, rng=0))
    model[2].weight.data = np.full((2, 1), 3e38)
    model[2].bias.data = [3e38]
    x = np.ones((2, 3), np.float32)

    def compute():
        prediction = model(x)
        return prediction

    text = traced(compute)
    assert text.startswith("linear turned finite values into infinity: 2 of 2")
    assert f"at {here('prediction = model(x)')}" in text
    assert "in layer 2 (Dense)" in text
    assert "input 1: shape (2, 1), float32, from 3e+38 to 3e+38" in text


def test_the_layer_is_named_in_the_backward_pass_too():
    class Root(nn.Module):
        def forward(self, x):
            return x.sqrt()

    model = nn.Sequential(nn.Dense(3, 2, weight_init=nn.init.zeros), Root())
    text = traced(lambda: model(np.ones((1, 3))).sum().backward())
    assert text.startswith("the backward of sqrt")
    assert "in layer 1 (Root)" in text
    assert model[0].weight.grad is None


def test_a_module_by_itself_is_named_by_its_type():
    assert "in layer Entropy" in traced(lambda: Entropy()(leaf([0.0])))


def test_a_function_of_a_module_is_not_a_layer():
    def penalty(model):
        return sum(np.log(0 * p).sum() for p in model.parameters())

    assert "in layer" not in traced(lambda: penalty(nn.Dense(2, 1)))


def test_the_layer_that_nan_entered_first_is_named():
    model = nn.Sequential(nn.Dense(1, 1, rng=0), nn.Dense(1, 1, rng=0))
    model[1].bias.data = [np.nan]

    def compute():
        loss = model(np.ones((1, 1), np.float32)).sum()
        loss.backward()

    line = here("loss = model(np.ones((1, 1), np.float32)).sum()")
    assert traced(compute).splitlines()[-1] == (
        f"  NaN came in as input 2 of linear, at {line}, in layer 1 (Dense)"
    )


# ---------------------------------------------------------------- values that came in


def test_a_mask_of_infinities_is_let_pass():
    scores = leaf([[1.0, 2.0, 3.0]])
    with trace_nans():
        p = ag.softmax(scores + np.array([0.0, 0.0, -np.inf]))
        (p * p).sum().backward()
    assert np.isfinite(scores.grad.data).all()


def test_gaps_of_nan_that_are_masked_are_let_pass():
    data = np.array([1.0, np.nan, 3.0])
    x = leaf([1.0, 2.0, 4.0])
    with trace_nans():
        np.where(np.isnan(data), 0.0, (x - data) ** 2).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [0.0, 0.0, 2.0])


def test_an_infinite_derivative_that_nothing_depends_on_is_let_pass():
    x = leaf([4.0, 0.0])
    with trace_nans():
        np.where(x > 0, x.sqrt(), 0.0).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [0.25, 0.0])


def test_ops_can_be_allowed_to_make_them():
    x = leaf([1.0, 0.0])
    with trace_nans(allow={"log"}):
        np.where(x > 0, np.log(x), 0.0).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [1.0, 0.0])

    def compute():
        entropy = np.log(x).sum()
        entropy.backward()

    assert traced(compute, allow=["log"]).splitlines()[-1] == (
        f"  log, which is allowed to, made infinity at {here('entropy = np.log(x).sum()')}"
    )
    assert traced(lambda: np.log(x).sum() / 0.0, allow=["sqrt"]).startswith("log turned")


def test_backward_from_a_loss_that_is_nan_names_the_data():
    data = np.array([1.0, np.nan])
    x = leaf([1.0, 2.0])

    def compute():
        residual = x + data
        residual.mean().backward()

    assert traced(compute).splitlines() == [
        "backward from a result of mean that is not finite: NaN: 1 of 1",
        f"  recorded at {here('residual.mean().backward()')}",
        f"  backward called at {here('residual.mean().backward()')}",
        f"  NaN came in as input 1 of add, at {here('residual = x + data')}",
    ]
    assert x.grad is None


@pytest.mark.parametrize("transform", [ag.grad, ag.value_and_grad, ag.jacobian, ag.hessian])
def test_transforms_of_a_loss_that_is_nan_name_the_data(transform):
    def loss(x):
        return (x * x + np.nan).sum()

    text = traced(lambda: transform(loss)(np.ones(2)))
    assert text.startswith("backward from a result of sum that is not finite: NaN: 1 of 1")
    assert f"NaN came in as input 1 of add, at {here('return (x * x + np.nan).sum()')}" in text


def test_gradients_that_overflow_as_they_are_added_up_are_found_in_transforms():
    def loss(x):
        return (x * 1e308 + x * 1e308).sum()

    text = traced(lambda: ag.grad(loss)(np.array([1e-10])))
    assert text.startswith("finite cotangents add up to infinity: 1 of 1")


def test_backward_from_a_loss_that_was_nan_before():
    y = leaf([np.nan]) * 1.0
    assert "it was not finite before trace_nans() was entered" in traced(y.backward)


def test_the_start_of_each_pass_is_checked():
    x = leaf([1.0])
    with trace_nans():
        y = x * np.array([np.inf])
        z = x * 2.0
        gradients(z * 2.0, x, retain_graph=True)
        gradients(z, x)
        for _ in range(2):
            with pytest.raises(NonFiniteError, match=r"^backward from a result of multiply"):
                gradients(y, x, retain_graph=True)


def test_infinities_can_be_let_pass():
    x = leaf([0.0, 1.0])
    with trace_nans(infinities=False):
        y = np.log(x)
        y.sum().backward()
    assert np.isinf(x.grad.data[0])
    text = traced(lambda: np.log(x) * x, infinities=False)
    assert text.startswith("multiply turned finite values into NaN")
    assert "and 1 infinite" in text


def test_assigning_beside_nan_is_let_pass():
    x = Tensor([np.nan, np.nan])
    with trace_nans():
        x[0] = leaf(2.0) * 3.0
        x[0].backward()


# ---------------------------------------------------------------- the block


def test_a_healthy_step_is_let_pass_and_the_same():
    def step():
        model = nn.Sequential(nn.Dense(3, 4, rng=0), nn.Sigmoid(), nn.Dense(4, 2, rng=1))
        loss = nn.losses.cross_entropy(model(np.ones((5, 3), np.float32)), [0, 1, 0, 1, 1])
        loss.backward()
        return [p.grad.data for p in model.parameters()]

    with trace_nans():
        inside = step()
    np.testing.assert_equal(inside, step())


def test_the_block_is_left_as_it_was_entered():
    x = leaf([0.0])
    for _ in range(2):
        traced(lambda: np.log(x))
    with np.errstate(divide="ignore"):
        assert np.isinf(np.log(x).data[0])
    with trace_nans(), no_grad():
        assert not (x * 2).requires_grad
        with trace_nans(infinities=False):
            np.log(x)
        with pytest.raises(NonFiniteError):
            np.log(x)


def test_it_decorates_functions():
    @trace_nans()
    def compute(x):
        return np.log(x)

    for _ in range(2):
        with pytest.raises(NonFiniteError):
            compute(leaf([0.0]))


def test_other_threads_are_not_checked():
    def compute():
        with np.errstate(divide="ignore"):
            return np.log(leaf([0.0]))

    with trace_nans(), ThreadPoolExecutor(1) as pool:
        assert np.isinf(pool.submit(compute).result().data[0])


def test_dropped_results_are_freed():
    x = leaf([1.0])
    with trace_nans():
        for _ in range(10):
            y = x * 2.0 + 1.0
            y.backward()
        watch = ag.modes.current_mode().watch
        assert len(watch.origins) <= 2
        del y
        assert not watch.origins


def test_rules_may_make_nan_in_intermediate_results():
    # the branch that is not chosen is NaN with create_graph, as without
    op = ag.Primitive(
        "cautious", lambda x: x * 2, [lambda g, y, x: np.where(x == 0, 2 * g, 2 * g * (x / x))]
    )
    x = leaf([0.0, 1.0])
    with trace_nans():
        slope = gradients(op(x).sum(), x, create_graph=True)
    np.testing.assert_array_equal(slope.data, [2.0, 2.0])


def test_the_second_order_names_the_line_of_the_first():
    x = leaf([0.0, 1.0])

    def compute():
        slope = gradients((x**1.5).sum(), x, create_graph=True)
        slope.sum().backward()

    text = traced(compute)
    assert text.startswith("the backward of power")
    assert here("slope = gradients((x**1.5).sum(), x, create_graph=True)") in text


def test_the_error_is_a_floating_point_error_too():
    assert issubclass(NonFiniteError, AutogradLiteError)
    assert issubclass(NonFiniteError, FloatingPointError)
    assert re.match("Name the first op", inspect.getdoc(trace_nans))


# ---------------------------------------------------------------- cost


def test_reads_are_added_up_in_place_in_the_block_too():
    added = []

    def add(total, g, index):
        added.append(index)
        total[index] += g

    read = ag.Primitive(
        "read",
        lambda x, index: x[index],
        [lambda g, y, x, index: g * (np.arange(x.size) == index)],
        add_to=add,
    )
    x = leaf([1.0, 2.0, 3.0])
    with trace_nans():
        sum(read(x, index=i) ** 2 for i in range(3)).backward()
    assert_array_equal(x.grad.data, [2.0, 4.0, 6.0])
    assert len(added) == 2
