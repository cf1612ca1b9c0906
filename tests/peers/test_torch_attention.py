"""The attention function beside PyTorch's: masks, shared heads, rows without keys."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import Tensor
from nn.functional import scaled_dot_product_attention

torch = pytest.importorskip("torch", reason="the extra 'peers' isn't installed")


@st.composite
def attended(draw: st.DrawFn) -> tuple[list[Any], dict[str, Any]]:
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    heads, shared, n, s, e, v = (draw(st.integers(1, 4)) for _ in range(6))
    arrays = [
        rng.uniform(-2, 2, shape)
        for shape in ((2, heads * shared, n, e), (2, heads, s, e), (2, heads, s, v))
    ]
    options: dict[str, Any] = {
        "is_causal": draw(st.booleans()),
        "scale": draw(st.sampled_from([None, 0.5])),
        "enable_gqa": shared > 1,
    }
    whole = (2, heads * shared, n, s)
    shape = draw(st.sampled_from([whole, whole[2:], (2, 1, 1, s)]))
    kind = draw(st.sampled_from(["no", "bool", "float"])) if not options["is_causal"] else "no"
    if kind == "bool":  # a row may be without keys
        options["attn_mask"] = rng.random(shape) < 0.6
    elif kind == "float":
        arrays.append(rng.uniform(-2, 2, shape))
    return arrays, options


@settings(max_examples=100, deadline=None, derandomize=True)
@given(attended())
def test_attention_is_that_of_torch(case: Any) -> None:
    arrays, options = case
    mask = options.pop("attn_mask", None)
    ours = [Tensor(x, requires_grad=True) for x in arrays]
    theirs = [torch.tensor(x, requires_grad=True) for x in arrays]
    given_mask = None if mask is None else torch.tensor(mask)
    found = scaled_dot_product_attention(*ours[:3], ours[3] if len(ours) > 3 else mask, **options)
    expected = torch.nn.functional.scaled_dot_product_attention(
        *theirs[:3], theirs[3] if len(theirs) > 3 else given_mask, **options
    )
    weights = np.random.default_rng(0).uniform(0.5, 1.5, found.shape)
    found.backward(weights)
    expected.backward(torch.tensor(weights))
    close(found, expected)
    for x, z in zip(ours, theirs, strict=True):
        close(x.grad, z.grad)


def close(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(ours.data, theirs.numpy(force=True), rtol=1e-9, atol=1e-12)
