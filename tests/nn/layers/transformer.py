"""Layers of transformers, their stacks, and positions."""

import warnings
from typing import Any

import numpy as np
from hypothesis import strategies as st

import nn

from . import Layer, LayerCase

FEATURES, HEADS, UNITS, BATCH, LENGTH, MEMORY = 4, 2, 6, 2, 3, 5


@st.composite
def options(draw: st.DrawFn, dropout: float = 0.0) -> dict[str, Any]:
    return {
        "dim_feedforward": UNITS,
        "dropout": dropout,
        "activation": draw(st.sampled_from(["relu", "gelu"])),
        "layer_norm_eps": draw(st.sampled_from([1e-5, 0.1])),
        "batch_first": draw(st.booleans()),
        "norm_first": draw(st.booleans()),
        "bias": draw(st.booleans()),
    }


@st.composite
def sequences(draw: st.DrawFn, batch_first: bool, *lengths: int) -> tuple[tuple[int, ...], Any]:
    """The axes of the batch, and a sequence of each length."""
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    batch = (BATCH,) if draw(st.booleans()) else ()
    return batch, tuple(
        rng.uniform(-2, 2, (*((*batch, n) if batch_first else (n, *batch)), FEATURES))
        for n in lengths
    )


@st.composite
def masks(draw: st.DrawFn, batch: tuple[int, ...], **shapes: tuple[int, int]) -> dict[str, Any]:
    """Masks by name: for each, (queries, keys), or keys alone for those of padding."""
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    found = {}
    for name, (queries, keys) in shapes.items():
        if draw(st.booleans()):
            shape = (*batch, keys) if "padding" in name else (queries, keys)
            found[name] = rng.random(shape) < 0.4
            found[name][..., 0] = False
    return found


@st.composite
def encoder_layers(draw: st.DrawFn, dropout: float = 0.0) -> LayerCase:
    chosen = draw(options(dropout))
    batch, inputs = draw(sequences(chosen["batch_first"], LENGTH))
    shape = (LENGTH, LENGTH)
    return LayerCase(
        lambda dtype, rng: nn.TransformerEncoderLayer(
            FEATURES, HEADS, **chosen, dtype=dtype, rng=rng
        ),
        inputs,
        lambda torch: torch.nn.TransformerEncoderLayer(FEATURES, HEADS, **chosen),
        named=draw(masks(batch, src_mask=shape, src_key_padding_mask=shape)),
    )


@st.composite
def decoder_layers(draw: st.DrawFn, dropout: float = 0.0) -> LayerCase:
    chosen = draw(options(dropout))
    batch, inputs = draw(sequences(chosen["batch_first"], LENGTH, MEMORY))
    own, other = (LENGTH, LENGTH), (LENGTH, MEMORY)
    return LayerCase(
        lambda dtype, rng: nn.TransformerDecoderLayer(
            FEATURES, HEADS, **chosen, dtype=dtype, rng=rng
        ),
        inputs,
        lambda torch: torch.nn.TransformerDecoderLayer(FEATURES, HEADS, **chosen),
        named=draw(
            masks(
                batch,
                tgt_mask=own,
                memory_mask=other,
                tgt_key_padding_mask=own,
                memory_key_padding_mask=other,
            )
        ),
    )


@st.composite
def encoders(draw: st.DrawFn) -> LayerCase:
    chosen = draw(options())
    batch, inputs = draw(sequences(chosen["batch_first"], LENGTH))
    normed, shape = draw(st.booleans()), (LENGTH, LENGTH)
    return LayerCase(
        lambda dtype, rng: nn.TransformerEncoder(
            nn.TransformerEncoderLayer(FEATURES, HEADS, **chosen, dtype=dtype, rng=rng),
            2,
            nn.LayerNorm(FEATURES, dtype=dtype) if normed else None,
        ),
        inputs,
        lambda torch: torch.nn.TransformerEncoder(
            torch.nn.TransformerEncoderLayer(FEATURES, HEADS, **chosen),
            2,
            torch.nn.LayerNorm(FEATURES) if normed else None,
            enable_nested_tensor=False,
        ),
        named=draw(masks(batch, mask=shape, src_key_padding_mask=shape)),
    )


def causal(model: Any, src: Any, tgt: Any) -> Any:
    """Call PyTorch's, which wants the mask besides the hint."""
    batch_first = model.batch_first and tgt.ndim == 3
    length = tgt.shape[1 if batch_first else 0]
    mask = model.generate_square_subsequent_mask(length, dtype=tgt.dtype)
    return model(src, tgt, tgt_mask=mask, tgt_is_causal=True)


def called_causal(model: Any, src: Any, tgt: Any, **named: Any) -> Any:
    return causal(model, src, tgt)


@st.composite
def transformers(draw: st.DrawFn) -> LayerCase:
    chosen = draw(options())
    _, inputs = draw(sequences(chosen["batch_first"], MEMORY, LENGTH))

    def quiet(torch: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it won't use nested tensors, it says
            return torch.nn.Transformer(FEATURES, HEADS, 1, 2, **chosen)

    return LayerCase(
        lambda dtype, rng: nn.Transformer(FEATURES, HEADS, 1, 2, **chosen, dtype=dtype, rng=rng),
        inputs,
        quiet,
        named={"tgt_is_causal": True},
        torch_call=called_causal,
    )


@st.composite
def positions(draw: st.DrawFn) -> LayerCase:
    batch_first = draw(st.booleans())
    _, inputs = draw(sequences(batch_first, LENGTH))
    return LayerCase(
        lambda dtype, rng: nn.PositionalEncoding(FEATURES, 0, 7, batch_first, dtype=dtype), inputs
    )


LAYERS = [
    Layer("TransformerEncoderLayer", encoder_layers()),
    Layer("TransformerDecoderLayer", decoder_layers()),
    Layer("TransformerEncoderLayer with dropout", encoder_layers(0.3), draws=True),
    Layer("TransformerDecoderLayer with dropout", decoder_layers(0.3), draws=True),
    Layer("TransformerEncoder", encoders()),
    Layer("Transformer", transformers()),
    Layer("PositionalEncoding", positions()),
]
