"""Pooling beside PyTorch's, where it is installed, on images whose values tie."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import Tensor, gradients
from nn import functional

from ..nn.specs.pooling import sliding_options

torch = pytest.importorskip("torch", reason="the extra 'peers' isn't installed")
thorough = settings(max_examples=150, deadline=None, derandomize=True)


@st.composite
def images(draw: Any, axes: int) -> Any:
    shape = [draw(st.integers(1, 2)) for _ in range(draw(st.integers(1, 2)))]
    shape += [draw(st.integers(1, 8)) for _ in range(axes)]
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    x = rng.integers(-1, 2, shape).astype(float)
    if draw(st.booleans()):
        x[rng.random(x.shape) < 0.3] = -np.inf
    return x


def compare(name: str, x: Any, options: dict[str, Any]) -> None:
    leaf, theirs = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    y, indices = getattr(functional, name)(leaf, **options, return_indices=True)
    z, wanted = getattr(torch.nn.functional, name)(theirs, **options, return_indices=True)
    np.testing.assert_array_equal(y.data, z.detach().numpy())
    np.testing.assert_array_equal(indices.data, wanted.numpy())
    g = np.random.default_rng(0).integers(1, 9, y.shape).astype(float)
    slope = gradients(y, leaf, g).data
    np.testing.assert_array_equal(slope, torch.autograd.grad(z, theirs, torch.tensor(g))[0].numpy())


@pytest.mark.parametrize("axes", [1, 2])
@thorough
@given(data=st.data())
def test_max_pooling_of_ties_agrees(axes: int, data: st.DataObject) -> None:
    x = data.draw(images(axes))
    options = data.draw(sliding_options(x.shape[-axes:], dilation=True))
    compare(f"max_pool{axes}d", x, options)


@pytest.mark.parametrize("axes", [1, 2])
@thorough
@given(data=st.data())
def test_adaptive_max_pooling_of_ties_agrees(axes: int, data: st.DataObject) -> None:
    x = data.draw(images(axes))
    size = tuple(data.draw(st.integers(1, 9)) for _ in range(axes))
    compare(f"adaptive_max_pool{axes}d", x, {"output_size": size if axes == 2 else size[0]})


@thorough
@given(data=st.data())
def test_unpooling_agrees(data: st.DataObject) -> None:
    x = np.where(np.isinf(image := data.draw(images(2))), -2.0, image)
    options = data.draw(sliding_options(x.shape[-2:]))
    del options["ceil_mode"]
    theirs = torch.tensor(x)
    z, indices = torch.nn.functional.max_pool2d(theirs, **options, return_indices=True)
    size = x.shape[-2:]
    try:
        wanted = torch.nn.functional.max_unpool2d(z, indices, **options, output_size=size)
    except (RuntimeError, ValueError):
        return
    found = functional.max_unpool2d(z.numpy(), indices.numpy(), **options, output_size=size)
    np.testing.assert_array_equal(found.data, wanted.numpy())
