"""MultiheadAttention."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

import nn

from . import Layer, LayerCase

HEADS, FEATURES, BATCH, QUERIES, KEYS = 2, 4, 2, 3, 5


@st.composite
def attention(draw: st.DrawFn) -> LayerCase:
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    options: dict[str, Any] = {
        "bias": draw(st.booleans()),
        "add_bias_kv": draw(st.booleans()),
        "add_zero_attn": draw(st.booleans()),
        "kdim": draw(st.sampled_from([None, 3])),
        "vdim": draw(st.sampled_from([None, 4, 5])),
        "batch_first": draw(st.booleans()),
    }
    if draw(st.booleans()):
        options["kdim"] = options["vdim"] = None  # half of the cases have one weight
    batched = draw(st.booleans())

    def sequence(length: int, features: int | None) -> Any:
        batch = (BATCH,) if batched else ()
        front = (*batch, length) if options["batch_first"] else (length, *batch)
        return rng.uniform(-2, 2, (*front, features or FEATURES))

    inputs = (
        sequence(QUERIES, None),
        sequence(KEYS, options["kdim"]),
        sequence(KEYS, options["vdim"]),
    )
    named: dict[str, Any] = {
        "need_weights": draw(st.booleans()),
        "average_attn_weights": draw(st.booleans()),
    }
    numbers = draw(st.booleans())

    def mask(*shape: int) -> Any:
        out = rng.random(shape) < 0.4
        out[..., 0] = False  # a row without keys is NaN in PyTorch
        return np.where(out, -np.inf, rng.uniform(-1, 1, shape)) if numbers else out

    if draw(st.booleans()):
        each = (BATCH * HEADS if batched else HEADS,) if draw(st.booleans()) else ()
        named["attn_mask"] = mask(*each, QUERIES, KEYS)
    if draw(st.booleans()):
        named["key_padding_mask"] = mask(*((BATCH,) if batched else ()), KEYS)
    return LayerCase(
        lambda dtype, rng: nn.MultiheadAttention(FEATURES, HEADS, **options, dtype=dtype, rng=rng),
        inputs,
        lambda torch: torch.nn.MultiheadAttention(FEATURES, HEADS, **options),
        named=named,
    )


def dropping(x: Any) -> LayerCase:
    return LayerCase(
        lambda dtype, rng: nn.MultiheadAttention(FEATURES, HEADS, 0.4, dtype=dtype, rng=rng),
        (x, x, x),
    )


LAYERS = [
    Layer("MultiheadAttention", attention()),
    Layer(
        "MultiheadAttention with dropout",
        st.builds(dropping, st.just(np.linspace(-1, 1, 24).reshape(3, 2, 4))),
        draws=True,
    ),
]
