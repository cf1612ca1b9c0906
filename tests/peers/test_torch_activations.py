"""Activations beside PyTorch's, where it is installed, at and around their kinks."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import Tensor, gradients
from nn import functional

torch = pytest.importorskip("torch", reason="the extra 'peers' isn't installed")

NUMBERS = st.sampled_from([0.25, 0.5, 1.0, 2.0, 3.0])
OPTIONS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "celu": st.fixed_dictionaries({"alpha": NUMBERS}),
    "elu": st.fixed_dictionaries({"alpha": NUMBERS}),
    "gelu": st.fixed_dictionaries({"approximate": st.sampled_from(["none", "tanh"])}),
    "hardshrink": st.fixed_dictionaries({"lambd": NUMBERS}),
    "hardsigmoid": st.just({}),
    "hardswish": st.just({}),
    "hardtanh": st.fixed_dictionaries({"min_val": NUMBERS.map(lambda x: -x), "max_val": NUMBERS}),
    "leaky_relu": st.fixed_dictionaries({"negative_slope": NUMBERS}),
    "logsigmoid": st.just({}),
    "mish": st.just({}),
    "relu": st.just({}),
    "relu6": st.just({}),
    "rrelu": st.just({}),
    "selu": st.just({}),
    "silu": st.just({}),
    "softplus": st.fixed_dictionaries({"beta": NUMBERS, "threshold": NUMBERS}),
    "softshrink": st.fixed_dictionaries({"lambd": NUMBERS}),
    "softsign": st.just({}),
    "tanhshrink": st.just({}),
    "threshold": st.fixed_dictionaries({"threshold": NUMBERS, "value": NUMBERS}),
}
# quarters, among them every kink that the options can make, and numbers between and beyond
POINTS = np.concatenate([np.arange(-7, 7, 0.25), np.linspace(-30, 30, 41)])


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@settings(max_examples=30, deadline=None, derandomize=True)
@given(data=st.data())
def test_values_and_gradients_agree(name: str, dtype: Any, data: st.DataObject) -> None:
    options = data.draw(OPTIONS[name])
    points = POINTS.astype(dtype)
    x, theirs = Tensor(points, requires_grad=True), torch.tensor(points, requires_grad=True)
    y, z = (
        getattr(functional, name)(x, **options),
        getattr(torch.nn.functional, name)(theirs, **options),
    )
    # PyTorch has 1/6 in single precision, and in single precision it cancels in some tails
    rough = dtype is np.float32 or name == "hardsigmoid"
    rtol, atol = (1e-6, 2e-6) if rough else (1e-12, 1e-14)
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol, atol)
    g = np.linspace(0.5, 1.5, len(points)).astype(dtype)
    slope = gradients(y, x, g).data
    (wanted,) = torch.autograd.grad(z, theirs, torch.tensor(g))
    np.testing.assert_allclose(slope, wanted.numpy(), rtol, atol)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    shape=st.sampled_from([(3,), (4, 3), (2, 3, 4), (2, 3, 2, 2)]),
    each=st.booleans(),
    seed=st.integers(0, 99),
)
def test_prelu_agrees_at_zeros(shape: tuple[int, ...], each: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = shape[1] if each and len(shape) > 1 else 1
    arrays = rng.integers(-2, 3, shape).astype(float), rng.integers(-2, 3, count) / 4
    ours = [Tensor(a, requires_grad=True) for a in arrays]
    theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
    y, z = functional.prelu(*ours), torch.nn.functional.prelu(*theirs)
    np.testing.assert_array_equal(y.data, z.detach().numpy())
    g = rng.integers(1, 5, shape).astype(float)
    wanted = torch.autograd.grad(z, theirs, torch.tensor(g))
    for slope, expected in zip(gradients(y, ours, g), wanted, strict=True):
        np.testing.assert_array_equal(slope.data, expected.numpy())
