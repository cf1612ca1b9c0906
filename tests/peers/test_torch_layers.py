"""Layers beside PyTorch's, where it is installed: same weights, same outputs, same gradients."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd_lite import Tensor

from ..nn.layers import outputs_of, registered

torch = pytest.importorskip("torch", reason="the extra 'peers' isn't installed")
LAYERS = registered()


def state_for_torch(model: nn.Module) -> dict[str, Any]:
    """Return our state as PyTorch's layers have it: weights of Dense are transposed."""
    dense = {
        f"{name}.weight".removeprefix(".")
        for name, m in model.named_modules()
        if isinstance(m, nn.Dense)
    }
    return {
        name: torch.tensor(values.T if name in dense else values)
        for name, values in model.state_dict().items()
    }


@pytest.mark.parametrize("layer", LAYERS, ids=[layer.name for layer in LAYERS])
@settings(max_examples=25, deadline=None, derandomize=True)
@given(data=st.data())
def test_layers_are_those_of_torch(layer: Any, data: st.DataObject) -> None:
    case = data.draw(layer.cases)
    if case.torch is None or (layer.draws and case.training):
        return
    ours = case.make(dtype=np.float64, rng=np.random.default_rng(0)).train(case.training)
    theirs = case.torch(torch).double().train(case.training)
    theirs.load_state_dict(state_for_torch(ours))

    def tensors(make: Any) -> list[Any]:
        return [make(x) for x in case.inputs]

    mine = tensors(lambda x: Tensor(x, requires_grad=True) if x.dtype.kind == "f" else x)
    others = tensors(lambda x: torch.tensor(x, requires_grad=x.dtype.kind == "f"))
    named = {
        name: torch.tensor(value) if isinstance(value, np.ndarray) else value
        for name, value in case.named.items()
    }
    call = case.torch_call or (lambda module, *inputs, **kwargs: module(*inputs, **kwargs))
    found = outputs_of(ours(*mine, **case.named))
    expected = outputs_of(call(theirs, *others, **named))
    rng = np.random.default_rng(1)
    total: Any = 0.0
    wanted: Any = 0.0
    for y, z in zip(found, expected, strict=True):
        close(y, z)
        if y.dtype.kind == "f":
            weights = np.asarray(rng.uniform(0.5, 1.5, y.shape))
            total, wanted = total + (y * weights).sum(), wanted + (z * torch.tensor(weights)).sum()
    if total.requires_grad:
        total.backward()
        wanted.backward()
    for x, z in zip(mine, others, strict=True):
        if isinstance(x, Tensor) and z.grad is not None:
            close(x.grad, z.grad)
    if ours.parameters():
        grads = {name: p.grad for name, p in theirs.named_parameters()}
        dense = {
            f"{name}.weight".removeprefix(".")
            for name, m in ours.named_modules()
            if isinstance(m, nn.Dense)
        }
        for name, p in ours.named_parameters():
            if grads[name] is not None:
                close(p.grad, grads[name].T if name in dense else grads[name])
    for name, values in state_for_torch(ours).items():  # running statistics
        close(values, theirs.state_dict()[name])


def close(ours: Any, theirs: Any) -> None:
    assert tuple(ours.shape) == tuple(theirs.shape)
    np.testing.assert_allclose(
        np.asarray(ours.data), theirs.numpy(force=True), rtol=1e-9, atol=1e-10
    )
