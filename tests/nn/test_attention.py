"""What registrations of attention don't show: masks, causality, dropout, errors, extremes."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd_lite import Tensor, capture, gradients, jacobian, jvp
from autograd_lite.errors import DomainError, DTypeError, ShapeError
from autograd_lite.testing import check_gradients
from nn.functional import attention_weights, scaled_dot_product_attention

RNG = np.random.default_rng(0)
few = settings(max_examples=15, deadline=None, derandomize=True)


def normal(*shape, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


# ---------------------------------------------------------------- masks


def test_a_row_without_keys_is_zero_and_has_no_gradient():
    q, k, v = (Tensor(normal(2, 3, 4, seed=i), requires_grad=True) for i in range(3))
    mask = np.ones((3, 3), bool)
    mask[1] = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = scaled_dot_product_attention(q, k, v, mask)
        y.sum().backward()
    assert_array_equal(y.data[:, 1], 0)
    assert_array_equal(q.grad.data[:, 1], 0)
    assert all(np.isfinite(x.grad.data).all() for x in (q, k, v))
    second = gradients(
        gradients(scaled_dot_product_attention(q, k, v, mask).sum(), q, create_graph=True).sum(), q
    )
    assert np.isfinite(second.data).all()


def test_the_layer_gives_a_row_without_keys_the_bias_of_its_projection():
    layer = nn.MultiheadAttention(4, 2, batch_first=True, bias_init=nn.init.ones, rng=0)
    x = normal(1, 3, 4, dtype=np.float32)
    y, weights = layer(x, x, x, attn_mask=np.array([[False] * 3, [True] * 3, [False] * 3]))
    assert_array_equal(y.data[0, 1], layer.out_proj.bias.data)
    assert_array_equal(weights.data[0, 1], 0)


@pytest.mark.parametrize("numbers", [False, True])
def test_true_takes_part_in_the_function_and_is_ignored_in_the_layer(numbers):
    seen = np.array([[True, False, False], [True, True, False], [True, False, True]])
    x = normal(3, 4)
    layer = nn.MultiheadAttention(4, 1, dtype=np.float64, rng=0)
    _, weights = layer(x, x, x, attn_mask=np.where(seen, 0.0, -np.inf) if numbers else ~seen)
    assert_array_equal(weights.data > 0, seen)
    weights = attention_weights(x, x, np.where(seen, 0.0, -np.inf) if numbers else seen)
    assert_array_equal(weights.data > 0, seen)


def test_a_mask_of_numbers_is_differentiated():
    q, k, v = (normal(2, 3, 4, seed=i) for i in range(3))
    for shape in [(3, 3), (2, 3, 3), (1, 3), (2, 1, 3)]:
        check_gradients(
            lambda mask: scaled_dot_product_attention(q, k, v, mask), normal(*shape, seed=4)
        )


def test_a_mask_of_another_floating_dtype_promotes_nothing():
    x = normal(3, 4, dtype=np.float32)
    assert attention_weights(x, x, np.zeros((3, 3))).dtype == np.float32
    layer = nn.MultiheadAttention(4, 2, rng=0)
    y, weights = layer(x, x, x, np.zeros(3), attn_mask=np.zeros((3, 3)))
    assert {y.dtype, weights.dtype} == {np.dtype(np.float32)}


@few
@given(st.integers(0, 2**16), st.integers(1, 5), st.booleans())
def test_a_causal_query_does_not_look_ahead(seed, length, layered):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((length, 4))
    layer = nn.TransformerEncoderLayer(4, 2, 8, 0.0, dtype=np.float64, rng=seed)

    def f(x):
        if layered:
            return layer(x, is_causal=True).data
        return scaled_dot_product_attention(x, x, x, is_causal=True).data

    place = rng.integers(0, length)
    other = x.copy()
    other[place:] = rng.standard_normal(other[place:].shape)
    assert_array_equal(f(x)[:place], f(other)[:place])
    changed = x.copy()
    changed[place] += 1
    assert (f(x)[place:] != f(changed)[place:]).any(axis=-1).all()


def test_causality_is_that_of_the_mask_of_pytorch():
    x = normal(5, 2, 4)
    layer = nn.MultiheadAttention(4, 2, add_zero_attn=True, dtype=np.float64, rng=0)
    mask = nn.Transformer.generate_square_subsequent_mask(5, dtype=np.float64)
    wanted, weights = layer(x, x, x, attn_mask=mask)
    found, same = layer(x, x, x, is_causal=True)
    assert_array_equal(found.data, wanted.data)
    assert_array_equal(same.data, weights.data)
    assert (weights.data[..., -1] > 0).all()  # the added key is seen by everyone


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_scores_are_harmless(dtype):
    q = np.array([[1e4, 0.0], [-1e4, 0.0], [0.0, 0.0]], dtype)
    k = np.array([[1e4, 0.0], [0.0, 0.0]], dtype)
    lowest = np.finfo(dtype).min
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        w = attention_weights(Tensor(q, requires_grad=True), k, scale=1.0)
        w.sum().backward()
        assert_array_equal(w.data, [[1, 0], [0, 1], [0.5, 0.5]])
        w = attention_weights(q, k, np.full((3, 2), lowest, dtype), scale=1e-8)
        assert_allclose(w.data.sum(axis=-1), 1, rtol=1e-6)
        layer = nn.MultiheadAttention(2, 1, dtype=dtype, rng=0)
        low = np.array([lowest, 0], dtype)
        _, w = layer(k, k, k, low, attn_mask=np.array([low, low]))
        assert_array_equal(w.data, [[0, 1], [0, 1]])


def test_nan_is_not_hidden():
    x = normal(3, 4)
    x[1] = np.nan
    assert np.isnan(attention_weights(normal(2, 4), x).data).all()


def test_float16_is_computed_in_float32():
    q = np.full((2, 64), 40.0, np.float16)  # 102,400 is beyond its range
    y = scaled_dot_product_attention(Tensor(q, requires_grad=True), q, np.ones((2, 3), np.float16))
    assert y.dtype == np.float16
    assert_array_equal(y.data, 1)
    k = np.zeros((5000, 2), np.float16)
    weights = attention_weights(k[:1], k)
    assert_allclose(weights.data, 1 / 5000, rtol=1e-3)


def test_integers_become_floating():
    assert attention_weights([[1, 2]], [[3, 4]]).tolist() == [[1.0]]


def test_jacobians_and_forward_mode_pass_through():
    q, k, v = (normal(3, 2, seed=i) for i in range(3))

    def f(q):
        return scaled_dot_product_attention(q, k, v)

    whole = np.asarray(jacobian(f)(q))
    direction = normal(3, 2, seed=5)
    _, moved = jvp(f, (q,), (direction,))
    assert_allclose(np.einsum("abij,ij->ab", whole, direction), np.asarray(moved), rtol=1e-12)


@few
@given(st.integers(0, 2**16), st.sampled_from([1, 2, 3]), st.booleans())
def test_heads_share_keys(seed, times, masked):
    rng = np.random.default_rng(seed)
    q, k, v = (rng.standard_normal((2, n, 4, 3)) for n in (2 * times, 2, 2))
    mask = rng.random((2, 2 * times, 4, 4)) < 0.7 if masked else None
    found = scaled_dot_product_attention(q, k, v, mask, enable_gqa=True)
    for head in range(2 * times):
        part = None if mask is None else mask[:, head]
        one = scaled_dot_product_attention(
            q[:, head], k[:, head // times], v[:, head // times], part
        )
        assert_allclose(found.data[:, head], one.data, rtol=1e-12)


# ---------------------------------------------------------------- dropout and modes


def test_dropped_weights_come_from_the_generator():
    q, k = normal(1, 4), normal(1000, 4, seed=1)
    v = np.ones((1000, 1))
    runs = [scaled_dot_product_attention(q, k, v, dropout_p=0.5, rng=0).item() for _ in range(2)]
    assert runs[0] == runs[1] != 1
    rng = np.random.default_rng(0)
    runs = [
        scaled_dot_product_attention(q, k, v, dropout_p=0.5, rng=rng).item() for _ in range(200)
    ]
    assert abs(np.mean(runs) - 1) < 0.02
    assert scaled_dot_product_attention(q, k, v, dropout_p=1.0, rng=0).item() == 0


def test_the_layer_drops_in_training_alone_and_returns_what_it_used():
    layer = nn.MultiheadAttention(4, 2, 0.5, dtype=np.float64, rng=0)
    x = normal(6, 4)
    _, weights = layer(x, x, x, average_attn_weights=False)
    assert (weights.data == 0).any()
    layer.eval()
    y, weights = layer(x, x, x)
    assert_allclose(weights.data.sum(axis=-1), 1)
    assert_array_equal(layer(x, x, x, need_weights=False)[0].data, y.data)


def test_a_captured_layer_takes_the_same_and_other_arguments():
    layer = nn.MultiheadAttention(4, 2, dtype=np.float32, rng=0)

    def detached(*args):
        return [y.detach() for y in layer(*args)]

    captured = capture(detached, on_miss="error")
    x, y, z = (normal(3, 4, dtype=np.float32, seed=i) for i in range(3))
    masks = [np.array([False, False, i > 2]) for i in range(5)]
    for mask in masks:
        for args in [(x, x, x), (x, y, z), (x, y, y)]:
            for found, wanted in zip(captured(*args, mask), layer(*args, mask), strict=True):
                assert_array_equal(found.data, wanted.data)


# ---------------------------------------------------------------- parts


def test_deltas_are_those_of_queries_keys_and_values():
    for options in ({}, {"bias": False}, {"kdim": 3}, {"add_bias_kv": True}):
        layer = nn.MultiheadAttention(4, 2, **options, dtype=np.float64, rng=0)
        keys = normal(5, 1, layer.kdim, seed=1)
        y, _ = layer(normal(3, 1, 4), keys, normal(5, 1, 4, seed=2))
        deltas = nn.deltas(layer, (y * normal(3, 1, 4, seed=3)).sum())
        own = {name: d for name, d in deltas.items() if name.startswith("Multi")}
        assert [d.shape for d in own.values()] == [(3, 1, 4), (5, 1, 4), (5, 1, 4)]
        assert deltas["out_proj"].shape == (3, 1, 4)


def test_a_delta_is_the_gradient_at_the_bias_of_a_row():
    layer = nn.MultiheadAttention(4, 2, dtype=np.float64, rng=0)
    x = normal(3, 4)
    loss = (layer(x, x, x)[0] ** 2).sum()
    deltas = nn.deltas(layer, loss)
    loss.backward()
    parts = [deltas[name].data for name in deltas if name.startswith("Multi")]
    assert_allclose(np.concatenate([p.sum(axis=0) for p in parts]), layer.in_proj_bias.grad.data)


def test_initial_values_are_those_of_pytorch():
    layer = nn.MultiheadAttention(64, 4, add_bias_kv=True, rng=0)
    assert abs(np.abs(layer.in_proj_weight.data).max() - np.sqrt(6 / 256)) < 1e-3
    assert abs(np.abs(layer.out_proj.weight.data).max() - 1 / 8) < 1e-3
    assert abs(layer.bias_k.data.std() - 1 / 8) < 0.04
    assert not layer.in_proj_bias.data.any() and not layer.out_proj.bias.data.any()
    apart = nn.MultiheadAttention(64, 4, kdim=32, rng=0)
    assert apart.k_proj_weight.shape == (64, 32)
    assert abs(np.abs(apart.k_proj_weight.data).max() - np.sqrt(6 / 96)) < 1e-3
    encoder = nn.TransformerEncoderLayer(64, 4, 256, rng=0)
    assert abs(np.abs(encoder.linear2.bias.data).max() - 1 / 16) < 2e-3
    model = nn.Transformer(16, 2, 2, 2, 64, rng=0)
    weights = [layer.linear1.weight.data for layer in model.encoder.layers]
    assert not np.array_equal(*weights)
    assert abs(np.abs(weights[0]).max() - np.sqrt(6 / 80)) < 5e-3


def test_signatures_show_what_is_not_default():
    shown = repr(nn.MultiheadAttention(4, 2, 0.1, kdim=3, add_bias_kv=True, bias=False))
    assert shown.startswith(
        "MultiheadAttention(4, 2, dropout=0.1, bias=False, add_bias_kv=True, kdim=3): "
    )
    layer = nn.TransformerEncoderLayer(4, 2, 8, 0.0, "gelu", norm_first=True)
    assert layer.signature() == (
        "TransformerEncoderLayer(4, 2, dim_feedforward=8, dropout=0.0, activation=gelu, "
        "norm_first=True)"
    )
    assert nn.PositionalEncoding(4, max_len=9).signature() == "PositionalEncoding(4, max_len=9)"


# ---------------------------------------------------------------- errors

X = np.zeros((3, 4), np.float32)

WRONG = {
    "features": (lambda: attention_weights(X, X[:, :3]), ShapeError, "(3, 4) and (3, 3)"),
    "axes": (lambda: attention_weights(X[0], X), ShapeError, "must be (..., L, E)"),
    "batches": (
        lambda: attention_weights(np.zeros((2, 3, 4)), np.zeros((5, 3, 4))),
        ShapeError,
        "must broadcast against those of key",
    ),
    "mask": (
        lambda: attention_weights(X, X, np.ones((2, 3), bool)),
        ShapeError,
        "a mask of shape (2, 3) doesn't broadcast to the scores, (3, 3)",
    ),
    "larger mask": (
        lambda: attention_weights(X, X, np.ones((2, 3, 3), bool)),
        ShapeError,
        "doesn't broadcast to the scores",
    ),
    "mask of integers": (
        lambda: attention_weights(X, X, np.ones((3, 3), int)),
        DTypeError,
        "a mask of int64 could mean either",
    ),
    "complex": (lambda: attention_weights(X * 1j, X), DTypeError, "for real numbers"),
    "values": (
        lambda: scaled_dot_product_attention(X, X, X[:2]),
        ShapeError,
        "shapes (3, 4) and (2, 4)",
    ),
    "dropout_p": (
        lambda: scaled_dot_product_attention(X, X, X, dropout_p=1.5),
        DomainError,
        "dropout_p must be between 0 and 1: 1.5",
    ),
    "shared heads": (
        lambda: scaled_dot_product_attention(
            np.zeros((3, 2, 4)), np.zeros((2, 2, 4)), np.zeros((2, 2, 4)), enable_gqa=True
        ),
        ShapeError,
        "must be a multiple",
    ),
    "heads": (
        lambda: nn.MultiheadAttention(4, 3),
        ShapeError,
        "MultiheadAttention(4, 3): num_heads must divide embed_dim",
    ),
    "sizes": (lambda: nn.MultiheadAttention(4, 0), ShapeError, "must be positive integers"),
    "dropout": (
        lambda: nn.MultiheadAttention(4, 2, -0.1),
        DomainError,
        "dropout must be between 0 and 1",
    ),
    "dtype": (lambda: nn.MultiheadAttention(4, 2, dtype=int), DTypeError, "real and floating"),
    "layer's axes": (
        lambda: nn.MultiheadAttention(4, 2)(X[0], X, X),
        ShapeError,
        "must all be (L, N, features)",
    ),
    "layer's features": (
        lambda: nn.MultiheadAttention(4, 2, kdim=5)(X, X, X),
        ShapeError,
        "key must have 5 values along its last axis; it has shape (3, 4); in MultiheadAttention(4",
    ),
    "layer's lengths": (
        lambda: nn.MultiheadAttention(4, 2)(X, X, X[:2]),
        ShapeError,
        "key and value must be equally long",
    ),
    "layer's batches": (
        lambda: nn.MultiheadAttention(4, 2)(X[:, None], *[np.zeros((3, 2, 4))] * 2),
        ShapeError,
        "all three of one batch",
    ),
    "layer's mask": (
        lambda: nn.MultiheadAttention(4, 2)(X, X, X, attn_mask=np.zeros((2, 3), bool)),
        ShapeError,
        "attn_mask must be (3, 3), one row for each query, or (2, 3, 3)",
    ),
    "layer's padding": (
        lambda: nn.MultiheadAttention(4, 2)(X, X, X, np.zeros((1, 3), bool)),
        ShapeError,
        "key_padding_mask must be (3,)",
    ),
    "layer's mask of integers": (
        lambda: nn.MultiheadAttention(4, 2)(X, X, X, np.zeros(3, int)),
        DTypeError,
        "key_padding_mask: a mask of int64",
    ),
}


@pytest.mark.parametrize(("call", "kind", "words"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_is_told(call, kind, words):
    with pytest.raises(kind) as caught:
        call()
    assert words in str(caught.value)
