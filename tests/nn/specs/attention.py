"""Attention, and the projections that it is made of."""

from math import exp, sqrt
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec
from nn.functional import attention_weights, scaled_dot_product_attention
from nn.functional.attention import projected, weights_of

SEEDS = st.integers(0, 2**16)
LENGTHS = st.integers(0, 3)
BATCHES = st.sampled_from(
    [((), (), ()), ((2,), (2,), ()), ((2, 3), (2, 3), (3,)), ((2, 1), (3,), (2, 3)), ((2,), (), ())]
)


def each(batch: tuple[int, ...], x: Any) -> Any:
    """Return ``x`` with these axes in front of its last two."""
    return np.broadcast_to(x, (*batch, *np.shape(x)[-2:]))


def softmax_by_hand(q: Any, k: Any, bias: Any, scale: float) -> Any:
    """Return the weights, one number after the other."""
    batch = np.broadcast_shapes(q.shape[:-2], k.shape[:-2])
    shape = (*batch, q.shape[-2], k.shape[-2])
    q, k, bias = each(batch, q), each(batch, k), np.broadcast_to(bias, shape)
    out = np.zeros(shape, np.result_type(q, k))
    for *b, i in np.ndindex(*shape[:-1]):
        scores = [
            scale * sum(float(x * y) for x, y in zip(q[(*b, i)], k[(*b, j)], strict=True))
            + float(bias[(*b, i, j)])
            for j in range(shape[-1])
        ]
        terms = [exp(score) for score in scores]
        for j, term in enumerate(terms):
            out[(*b, i, j)] = term / sum(terms) if sum(terms) else 0
    return out


def weights_reference(q: Any, k: Any, bias: Any = 0.0, *, scale: float) -> Any:
    return softmax_by_hand(q, k, bias, scale)


@st.composite
def drawn(draw: st.DrawFn, values: bool = False) -> tuple[list[Any], tuple[int, ...], Any]:
    """Queries, keys, perhaps values; the shape of the scores; a generator."""
    rng = np.random.default_rng(draw(SEEDS))
    front = draw(BATCHES)
    n, s, e, v = (draw(LENGTHS) for _ in range(4))
    arrays = [rng.uniform(-2, 2, (*front[0], n, e)), rng.uniform(-2, 2, (*front[1], s, e))]
    if values:
        arrays.append(rng.uniform(-2, 2, (*front[1], s, v)))
    return arrays, (*np.broadcast_shapes(*front[:2]), n, s), rng


@st.composite
def weighed(draw: st.DrawFn) -> Case:
    arrays, shape, rng = draw(drawn())
    masked = draw(st.sampled_from(["no", "whole", "rows"]))
    if masked == "whole":
        arrays.append(rng.uniform(-2, 2, shape))
    elif masked == "rows":
        arrays.append(rng.uniform(-2, 2, (*shape[:-2], 1, shape[-1])[-2:]))
    scale = draw(st.sampled_from([1.0, 0.3]))
    return Case(tuple(arrays), {"scale": scale})


@st.composite
def masked(draw: st.DrawFn) -> Case:
    """Cases of the function, with masks as parameters."""
    arrays, shape, rng = draw(drawn(values=True))
    kind = draw(st.sampled_from(["no", "bool", "float", "one"]))
    mask: Any = None
    if kind == "bool":
        mask = rng.random(shape) < 0.6
    elif kind == "float":
        mask = np.where(rng.random(shape[-2:]) < 0.6, rng.uniform(-1, 1, shape[-2:]), -np.inf)
    elif kind == "one":
        mask = rng.random((1, shape[-1])) < 0.6
    params = {"attn_mask": mask, "is_causal": draw(st.booleans())}
    return Case(tuple(arrays), {**params, "scale": draw(st.sampled_from([None, 0.7]))})


def bias_of(mask: Any, is_causal: bool, n: int, s: int) -> Any:
    bias = np.zeros((n, s))
    if mask is not None:
        bias = bias + (np.where(mask, 0.0, -np.inf) if mask.dtype == bool else mask)
    if is_causal:
        behind = [[0.0 if j <= i else -np.inf for j in range(s)] for i in range(n)]
        bias = bias + np.reshape(behind, (n, s))
    return bias


def reference(
    q: Any, k: Any, v: Any, *, attn_mask: Any, is_causal: bool, scale: float | None
) -> Any:
    scale = scale or (1 / sqrt(q.shape[-1]) if q.shape[-1] else 1.0)
    n, s = q.shape[-2], k.shape[-2]
    w = softmax_by_hand(q, k, bias_of(attn_mask, is_causal, n, s), scale)
    return np.einsum("...ij,...jk->...ik", w, each(w.shape[:-2], v)).astype(w.dtype)


@st.composite
def causal_weights(draw: st.DrawFn) -> Case:
    case = draw(masked())
    return Case(case.inputs[:2], case.params)


def weights_alone(q: Any, k: Any, *, attn_mask: Any, is_causal: bool, scale: float | None) -> Any:
    scale = scale or (1 / sqrt(q.shape[-1]) if q.shape[-1] else 1.0)
    return softmax_by_hand(q, k, bias_of(attn_mask, is_causal, q.shape[-2], k.shape[-2]), scale)


@st.composite
def projections(draw: st.DrawFn) -> Case:
    rng = np.random.default_rng(draw(SEEDS))
    front = draw(st.sampled_from([(4,), (2, 3), (0,), (2, 1, 2)]))
    inputs, size, part = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(0, 2))
    whole, biases = draw(st.booleans()), draw(st.sampled_from([0, 1, 3]))
    arrays = [
        rng.uniform(-2, 2, (*front, inputs)),
        rng.uniform(-2, 2, (3 * size if whole else size, inputs)),
    ]
    if biases:
        arrays.append(rng.uniform(-2, 2, biases * size))
    return Case(tuple(arrays), {"start": part * size, "size": size})


def projection_reference(x: Any, w: Any, b: Any = None, *, start: int, size: int) -> Any:
    w = w if len(w) == size else w[start : start + size]
    z = np.einsum("...i,oi->...o", x, w)
    if b is None:
        return z
    return z + (b if len(b) == size else b[start : start + size])


SPECS = [
    Spec(weights_of, weights_reference, weighed()),
    Spec(attention_weights, weights_alone, causal_weights(), name="attention_weights function"),
    Spec(scaled_dot_product_attention, reference, masked()),
    Spec(projected, projection_reference, projections()),
]
