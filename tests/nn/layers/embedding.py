"""Embedding, EmbeddingBag, Bilinear, Identity."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

import nn

from . import Layer, LayerCase, arrays_of

ROWS, COLUMNS = 5, 3


@st.composite
def embeddings(draw: st.DrawFn, plain: bool) -> LayerCase:
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    options: dict[str, Any] = {}
    if not plain:
        options["padding_idx"] = draw(st.sampled_from([None, 0, -2]))
        options["scale_grad_by_freq"] = draw(st.booleans())
    index = np.asarray(rng.integers(0, ROWS, draw(st.sampled_from([(), (4,), (2, 3)]))))
    return LayerCase(
        lambda dtype, rng: nn.Embedding(ROWS, COLUMNS, **options, dtype=dtype, rng=rng),
        (index,),
        lambda torch: torch.nn.Embedding(ROWS, COLUMNS, **options),
    )


def shortened(norm: float, kind: float, index: Any) -> LayerCase:
    return LayerCase(
        lambda dtype, rng: nn.Embedding(ROWS, COLUMNS, None, norm, kind, dtype=dtype, rng=rng),
        (index,),
        lambda torch: torch.nn.Embedding(ROWS, COLUMNS, None, norm, kind),
    )


@st.composite
def bags(draw: st.DrawFn, plain: bool) -> LayerCase:
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    options: dict[str, Any] = {"mode": draw(st.sampled_from(["sum", "mean", "max"]))}
    named: dict[str, Any] = {}
    if draw(st.booleans()):
        index = rng.integers(0, ROWS, (2, 3))
    else:
        index = rng.integers(0, ROWS, 6)
        named["offsets"] = np.array([0, *np.sort(rng.integers(0, 7, 2))])
        if draw(st.booleans()):
            options["include_last_offset"] = True
            named["offsets"] = np.concatenate([named["offsets"], [6]])
    if options["mode"] == "sum" and draw(st.booleans()):
        named["per_sample_weights"] = rng.uniform(0.5, 1.5, index.shape)
    if not plain:
        options["padding_idx"] = draw(st.sampled_from([None, 0, -2]))
        options["scale_grad_by_freq"] = options["mode"] != "max" and draw(st.booleans())
    # PyTorch's bags divide by how often another index is there (2.13): no comparison then, and no
    # such gradient of maxima
    by_count = options.get("scale_grad_by_freq", False)
    return LayerCase(
        lambda dtype, rng: nn.EmbeddingBag(ROWS, COLUMNS, **options, dtype=dtype, rng=rng),
        (index,),
        None if by_count else lambda torch: torch.nn.EmbeddingBag(ROWS, COLUMNS, **options),
        named=named,
    )


def bilinear(bias: bool, inputs: Any) -> LayerCase:
    return LayerCase(
        lambda dtype, rng: nn.Bilinear(3, 4, 2, bias, dtype=dtype, rng=rng),
        inputs,
        lambda torch: torch.nn.Bilinear(3, 4, 2, bias),
    )


def both(*front: int) -> Any:
    return st.tuples(arrays_of((*front, 3)), arrays_of((*front, 4)))


INDEX = st.just(np.array([[0, 3, 3], [1, 4, 0]]))

LAYERS = [
    Layer("Embedding", embeddings(plain=True)),
    Layer("Embedding with options", embeddings(plain=False), order=0),
    Layer(
        "Embedding with max_norm",
        st.builds(shortened, st.sampled_from([0.5, 1.5]), st.sampled_from([1.0, 2.0, 3.0]), INDEX),
        order=0,
    ),
    Layer("EmbeddingBag", bags(plain=True)),
    Layer("EmbeddingBag with options", bags(plain=False), order=0),
    Layer("Bilinear", st.builds(bilinear, st.booleans(), both() | both(2) | both(2, 3))),
    Layer(
        "Identity",
        st.builds(
            lambda x: LayerCase(
                lambda dtype, rng: nn.Identity(), (x,), lambda torch: torch.nn.Identity()
            ),
            arrays_of((2, 3)),
        ),
    ),
]
