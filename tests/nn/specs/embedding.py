"""Embeddings, bags of them, and bilinear products."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec
from nn.functional import bilinear, embedding, embedding_bag
from nn.functional.bilinear import product
from nn.functional.embedding import gathered, picked

SEEDS = st.integers(0, 2**16)
SHAPES = st.sampled_from([(), (0,), (4,), (2, 3), (1, 2, 2)])


@st.composite
def tables(draw: st.DrawFn) -> tuple[Any, Any]:
    """A table, and indices of its rows, some of them repeated."""
    rng = np.random.default_rng(draw(SEEDS))
    rows = draw(st.integers(1, 4))
    index = np.asarray(rng.integers(0, rows, draw(SHAPES)))
    return rng.uniform(-2, 2, (rows, draw(st.integers(1, 3)))), index


@st.composite
def picking(draw: st.DrawFn) -> Case:
    table, index = draw(tables())
    return Case((table, index))


@st.composite
def gathering(draw: st.DrawFn) -> Case:
    table, index = draw(tables())
    g = np.random.default_rng(draw(SEEDS)).uniform(-2, 2, (*index.shape, table.shape[1]))
    row = draw(st.none() | st.integers(0, len(table) - 1))
    params = {"length": len(table), "row": row, "by_count": draw(st.booleans())}
    return Case((np.asarray(g), index), params)


def gather_by_hand(g: Any, index: Any, length: int, row: int | None, by_count: bool) -> Any:
    out = np.zeros((length, g.shape[-1]), g.dtype)
    for place in np.ndindex(*index.shape):
        here = int(index[place])
        if here != row:
            times = int(np.sum(index == here)) if by_count else 1
            out[here] += g[place] / times
    return out


def rows_by_hand(weight: Any, index: Any) -> Any:
    out = np.zeros((*index.shape, weight.shape[1]), weight.dtype)
    for place in np.ndindex(*index.shape):
        out[place] = weight[int(index[place])]
    return out


@st.composite
def bags(draw: st.DrawFn) -> Case:
    rng = np.random.default_rng(draw(SEEDS))
    rows, columns = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    table = rng.uniform(-2, 2, (rows, columns))
    params: dict[str, Any] = {
        "mode": draw(st.sampled_from(["sum", "mean", "max"])),
        "padding_idx": draw(st.none() | st.integers(-rows, rows - 1)),
    }
    if draw(st.booleans()):
        index = rng.integers(0, rows, (draw(st.integers(0, 3)), draw(st.integers(0, 3))))
    else:
        index = rng.integers(0, rows, draw(st.integers(0, 6)))
        starts = np.sort(rng.integers(0, len(index) + 1, draw(st.integers(0, 3))))
        params["offsets"] = np.concatenate([[0], starts])
        params["include_last_offset"] = draw(st.booleans())
        if params["include_last_offset"]:
            params["offsets"] = np.concatenate([params["offsets"], [len(index)]])
    inputs = (table, index)
    if params["mode"] == "sum" and draw(st.booleans()):
        inputs = (*inputs, rng.uniform(-2, 2, index.shape))
    return Case(inputs, params)


def bagged(table: Any, index: Any, factors: Any = None, **params: Any) -> Any:
    return embedding_bag(index, table, per_sample_weights=factors, **params)


def bags_by_hand(
    table: Any,
    index: Any,
    factors: Any = None,
    *,
    mode: str,
    padding_idx: int | None,
    offsets: Any = None,
    include_last_offset: bool = False,
) -> Any:
    padding = None if padding_idx is None else padding_idx % len(table)
    if offsets is None:
        parts = [(list(bag), i) for i, bag in enumerate(index)]
        weights = factors if factors is not None else np.ones(index.shape)
        pairs = [list(zip(bag, weights[i], strict=True)) for bag, i in parts]
    else:
        ends = [*offsets[1:], *([] if include_last_offset else [len(index)])]
        weights = factors if factors is not None else np.ones(index.shape)
        pairs = [
            list(zip(index[a:b], weights[a:b], strict=True))
            for a, b in zip(offsets, ends, strict=False)
        ]
    out = np.zeros((len(pairs), table.shape[1]), table.dtype)
    for i, bag in enumerate(pairs):
        rows = [w * table[j] for j, w in bag if j != padding]
        if rows:
            out[i] = {"sum": np.sum, "mean": np.mean, "max": np.max}[mode](rows, axis=0)
    return out


@st.composite
def pairs(draw: st.DrawFn, bias: bool = False) -> Case:
    rng = np.random.default_rng(draw(SEEDS))
    front = draw(SHAPES)
    outputs, first, second = (draw(st.integers(1, 3)) for _ in range(3))
    shapes = [(*front, first), (*front, second), (outputs, first, second)]
    if bias and draw(st.booleans()):
        shapes.append((outputs,))
    return Case(tuple(rng.uniform(-2, 2, shape) for shape in shapes))


def bilinear_by_hand(a: Any, b: Any, w: Any, bias: Any = None) -> Any:
    out = np.zeros((*a.shape[:-1], len(w)), a.dtype)
    for place in np.ndindex(*out.shape):
        *front, o = place
        here = tuple(front)
        out[place] = a[here] @ w[o] @ b[here] + (0 if bias is None else bias[o])
    return out


SPECS = [
    Spec(picked, rows_by_hand, picking()),
    Spec(gathered, gather_by_hand, gathering()),
    Spec(lambda w, i: embedding(i, w), rows_by_hand, picking(), name="embedding function"),
    Spec(bagged, bags_by_hand, bags(), name="embedding_bag"),
    Spec(product, bilinear_by_hand, pairs()),
    Spec(bilinear, bilinear_by_hand, pairs(bias=True), name="bilinear function"),
]
