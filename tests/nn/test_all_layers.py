"""Every layer keeps what layers promise: one registration, one suite for all."""

import copy
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

import nn
from autograd_lite import Tensor, capture, gradients
from autograd_lite.errors import GraphError

from .layers import Layer, LayerCase, outputs_of, registered

LAYERS = registered()
each_layer = pytest.mark.parametrize("layer", LAYERS, ids=[layer.name for layer in LAYERS])
few = settings(max_examples=4, deadline=None, derandomize=True)


def model_of(case: LayerCase, dtype: Any = np.float64, seed: int = 0) -> nn.Module:
    return case.make(dtype=dtype, rng=np.random.default_rng(seed)).train(case.training)


def cast(x: Any, dtype: Any) -> Any:
    return x.astype(dtype) if getattr(x, "dtype", np.dtype(int)).kind == "f" else x


def called(model: nn.Module, case: LayerCase, inputs: Any, dtype: Any = np.float64) -> list[Any]:
    named = {name: cast(value, dtype) for name, value in case.named.items()}
    return outputs_of(model(*inputs, **named))


def leaves_of(case: LayerCase, dtype: Any = np.float64) -> list[Any]:
    return [
        Tensor(cast(x, dtype), requires_grad=True) if x.dtype.kind == "f" else x
        for x in case.inputs
    ]


def total_of(outputs: list[Any], seed: int = 1) -> Any:
    """Return a sum of all floating outputs with drawn weights, whose gradient tells them apart."""
    rng = np.random.default_rng(seed)
    total: Any = 0.0
    for y in outputs:
        if y.dtype.kind == "f":
            total = total + (y * np.asarray(rng.uniform(0.5, 1.5, y.shape)).astype(y.dtype)).sum()
    return total


@each_layer
@few
@given(data=st.data())
def test_derivatives_are_those_of_differences(layer: Layer, data: st.DataObject) -> None:
    case = data.draw(layer.cases)
    if layer.order == 0 or (layer.draws and case.training):
        return
    model = model_of(case)
    before = {name: b.data.copy() for name, b in model.named_buffers()}
    inputs = leaves_of(case)
    wrt = [*model.parameters(), *(x for x in inputs if isinstance(x, Tensor))]
    rng = np.random.default_rng(2)
    directions = [np.asarray(rng.standard_normal(x.shape)) for x in wrt]

    def value() -> Any:
        for name, b in model.named_buffers():
            b.data = before[name]
        return total_of(called(model, case, inputs))

    def slope(create_graph: bool = False) -> Any:
        return gradients(value(), wrt, create_graph=create_graph, allow_unused=True)

    def along(grads: Any, weights: Any) -> Any:
        return sum((g * w).sum() for g, w in zip(grads, weights, strict=True))

    def difference(f: Any, step: float = 1e-6) -> Any:
        starts = [x.data.copy() for x in wrt]
        results = []
        for sign in (1, -1):
            for x, start, v in zip(wrt, starts, directions, strict=True):
                x.data = start + sign * step * v
            results.append(f())
        for x, start in zip(wrt, starts, strict=True):
            x.data = start
        return (results[0] - results[1]) / (2 * step)

    if not wrt:
        return
    found = along(slope(), directions).item()
    expected = difference(lambda: value().item())
    scale = sum(float(np.abs(g.data).sum()) for g in slope()) + 1.0
    assert abs(found - expected) < 1e-6 * scale
    if layer.order < 2:
        return
    weights = [np.asarray(rng.standard_normal(x.shape)) for x in wrt]
    twice = along(slope(create_graph=True), weights)
    seconds = (
        gradients(twice, wrt, allow_unused=True)
        if isinstance(twice, Tensor) and twice.requires_grad
        else [np.zeros(x.shape) for x in wrt]
    )
    found = float(np.asarray(along([Tensor(getattr(s, "data", s)) for s in seconds], directions)))
    expected = difference(lambda: float(np.asarray(along(slope(), weights).data)))
    scale = sum(float(np.abs(getattr(s, "data", s)).sum()) for s in seconds) + scale
    assert abs(found - expected) < 1e-5 * scale


@each_layer
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@few
@given(data=st.data())
def test_dtypes_are_kept_and_nothing_warns(layer: Layer, dtype: Any, data: st.DataObject) -> None:
    case = data.draw(layer.cases)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = model_of(case, dtype)
        inputs = leaves_of(case, dtype)
        given_ = [x.data.copy() if isinstance(x, Tensor) else x.copy() for x in inputs]
        outputs = called(model, case, inputs, dtype)
        assert {y.dtype for y in outputs if y.dtype.kind == "f"} == {np.dtype(dtype)}
        total = total_of(outputs)
        if total.requires_grad:
            total.backward()
    tensors = [*model.parameters(), *(x for x in inputs if isinstance(x, Tensor))]
    assert {x.grad.dtype for x in tensors if x.grad is not None} <= {np.dtype(dtype)}
    for x, before in zip(inputs, given_, strict=True):
        assert_array_equal(x.data if isinstance(x, Tensor) else x, before)


@each_layer
@few
@given(data=st.data())
def test_a_captured_step_is_eager_s(layer: Layer, data: st.DataObject) -> None:
    case = data.draw(layer.cases)
    eager, captured = model_of(case, np.float32), model_of(case, np.float32)

    def step_of(model: nn.Module) -> Any:
        parameters = model.parameters()
        optimizer = nn.optim.SGD(parameters, 0.01) if parameters else None

        def step(*inputs: Any) -> Any:
            outputs = called(model, case, inputs, np.float32)
            if optimizer is not None:
                optimizer.zero_grad()
                total_of(outputs).backward()
                optimizer.step()
            return [y.detach() for y in outputs]

        return step

    ours, theirs = capture(step_of(captured), on_miss="error"), step_of(eager)
    rng = np.random.default_rng(3)
    for _ in range(3):
        scales = [rng.uniform(0.9, 1.1) for _ in case.inputs]
        inputs = [
            cast(x * s if x.dtype.kind == "f" else x, np.float32)
            for x, s in zip(case.inputs, scales, strict=True)
        ]
        for y, expected in zip(ours(*inputs), theirs(*inputs), strict=True):
            assert_array_equal(y.data, expected.data)
        state = captured.state_dict()
        for name, expected in eager.state_dict().items():
            assert_array_equal(state[name], expected, err_msg=name)


@each_layer
@few
@given(data=st.data())
def test_state_makes_a_round_trip_and_seeds_decide(layer: Layer, data: st.DataObject) -> None:
    case = data.draw(layer.cases)
    model, same, other = (model_of(case, seed=seed) for seed in (0, 0, 1))
    for name, values in model.state_dict().items():
        assert_array_equal(values, same.state_dict()[name], err_msg=name)
    names = list(model.state_dict())
    called(model, case, leaves_of(case))  # what a forward leaves is no state
    assert list(model.state_dict()) == names
    other.load_state_dict(model.state_dict())
    outputs, expected = (
        called(m.eval(), case, leaves_of(case)) for m in (other, copy.deepcopy(model))
    )
    for y, wanted in zip(outputs, expected, strict=True):
        assert_array_equal(y.data, wanted.data)


@each_layer
@few
@given(data=st.data())
def test_layers_have_deltas_and_names(layer: Layer, data: st.DataObject) -> None:
    case = data.draw(layer.cases)
    model = model_of(case)
    assert repr(model).startswith(type(model).__name__)
    total = total_of(called(model, case, leaves_of(case)))
    if not model.parameters():
        with pytest.raises(GraphError, match="no graph that goes through a layer"):
            nn.deltas(model, total)
        return
    found = nn.deltas(model, total)
    with_parameters = {
        name or type(m).__name__
        for name, m in model.named_modules()
        if m.parameters() and not any(c.parameters() for c in m.children())
    }
    assert {name.partition("#")[0].partition(".z")[0] for name in found} >= with_parameters
    assert all(np.isfinite(delta.data).all() for delta in found.values())


def test_a_registration_of_a_wrong_layer_fails() -> None:
    class Wrong(nn.Module):
        def forward(self, x: Any) -> Any:
            return x * x.detach()

    wrong = LayerCase(lambda dtype, rng: Wrong(), (np.array([1.0, 2.0]),))
    layer = Layer("Wrong", st.just(wrong))
    check = test_derivatives_are_those_of_differences.hypothesis.inner_test
    with pytest.raises(AssertionError):
        check(layer, _Drawn(wrong))


class _Drawn:
    """What hypothesis would draw."""

    def __init__(self, case: LayerCase) -> None:
        self.case = case

    def draw(self, _: Any) -> LayerCase:
        return self.case
