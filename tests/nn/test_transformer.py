"""What registrations of transformers don't show: copies, dropout, padding, cost, errors."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd_lite import Tensor, checkpoint
from autograd_lite.errors import DomainError, DTypeError, ShapeError

X = np.zeros((3, 4), np.float32)


def normal(*shape, dtype=np.float64):
    return np.random.default_rng(0).standard_normal(shape).astype(dtype)


def test_what_is_padded_has_no_influence():
    layer = nn.TransformerEncoderLayer(4, 2, 8, 0.0, batch_first=True, dtype=np.float64, rng=0)
    x = normal(2, 5, 4)
    padding = np.array([[False] * 5, [False, False, False, True, True]])
    y = layer(x, src_key_padding_mask=padding).data
    assert_allclose(y[1, :3], layer(x[1:, :3]).data[0], rtol=1e-12)
    x[1, 3:] = 100.0
    assert_array_equal(layer(x, src_key_padding_mask=padding).data[1, :3], y[1, :3])


def test_copies_of_a_layer_start_equal_and_draw_from_one_generator():
    layer = nn.TransformerEncoderLayer(4, 2, 8, 0.5, rng=0)
    encoder = nn.TransformerEncoder(layer, 2)
    first, second = encoder.layers
    for p, q in zip(first.parameters(), second.parameters(), strict=True):
        assert_array_equal(p.data, q.data)
        assert p is not q
    assert first.dropout.rng is second.self_attn.rng is layer.dropout1.rng
    x = normal(3, 4, dtype=np.float32)
    assert not np.array_equal(first(x).data, second(x).data)


def test_a_checkpointed_layer_drops_the_same_twice():
    def run(wrap):
        layer = nn.TransformerEncoderLayer(4, 2, 8, 0.3, dtype=np.float64, rng=0)
        x = Tensor(normal(3, 2, 4), requires_grad=True)
        wrap(layer)(x).sum().backward()
        return [p.grad.data for p in (*layer.parameters(), x)]

    for plain, checked in zip(run(lambda layer: layer), run(checkpoint), strict=True):
        assert_allclose(plain, checked, rtol=1e-12)


def test_an_activation_may_be_a_layer():
    layer = nn.TransformerEncoderLayer(4, 2, 8, 0.0, nn.Tanh(), rng=0)
    assert "activation=Tanh()" in layer.signature()
    assert layer(normal(3, 4, dtype=np.float32)).shape == (3, 4)


def test_custom_stacks_are_used():
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, rng=0), 1)
    model = nn.Transformer(4, 2, 1, 1, 8, custom_encoder=encoder, rng=0)
    assert model.encoder is encoder


def test_positions_have_sines_and_cosines():
    encoding = nn.functional.sinusoidal_encoding(50, 6, dtype=np.float64).data
    for position in (0, 1, 49):
        for i in range(3):
            angle = position / 10000 ** (2 * i / 6)
            assert_allclose(
                encoding[position, 2 * i : 2 * i + 2], [np.sin(angle), np.cos(angle)], atol=1e-12
            )
    layer = nn.PositionalEncoding(6, max_len=50, dtype=np.float64)
    assert_array_equal(layer(np.zeros((50, 2, 6))).data[:, 1], encoding)
    assert layer.state_dict() == {}


def test_a_small_transformer_learns_to_look_back():
    rng = np.random.default_rng(0)
    embedding, head = nn.Embedding(5, 16, rng=rng), nn.Dense(16, 5, rng=rng)
    positions = nn.PositionalEncoding(16, batch_first=True)
    block = nn.TransformerEncoderLayer(16, 2, 32, 0.0, batch_first=True, norm_first=True, rng=rng)
    model = nn.ModuleList([embedding, positions, block, head])
    optimizer = nn.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    for _ in range(150):  # the symbol before is asked for, which only attention can see
        symbols = rng.integers(0, 5, (16, 6))
        optimizer.zero_grad()
        logits = head(block(positions(embedding(symbols)), is_causal=True))
        loss = nn.losses.cross_entropy(logits[:, 1:], symbols[:, :-1], axis=-1)
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1


def test_the_cost_of_attention_is_counted():
    length, features, units = 5, 4, 8
    layer = nn.TransformerEncoderLayer(features, 2, units, 0.0, rng=0)
    dense = 4 * length * features**2 + 2 * length * features * units
    attention = 2 * length * length * features
    assert nn.summary(layer, (length, features)).multiply_adds == dense + attention
    bilinear = nn.Bilinear(3, 4, 2, rng=0)
    assert nn.summary(bilinear, [(7, 3), (7, 4)]).multiply_adds == 7 * 2 * (3 + 1) * 4


WRONG = {
    "activation": (
        lambda: nn.TransformerEncoderLayer(4, 2, activation="swish"),
        DomainError,
        "there is no activation 'swish'",
    ),
    "layers": (
        lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8), 0),
        ShapeError,
        "num_layers must be a positive integer: 0",
    ),
    "too long": (
        lambda: nn.PositionalEncoding(4, max_len=2)(X),
        ShapeError,
        "x has 3 positions, of shape (3, 4); max_len is 2",
    ),
    "encoded axes": (lambda: nn.PositionalEncoding(5)(X), ShapeError, "x must be (L, N, 5)"),
    "encoding": (lambda: nn.functional.sinusoidal_encoding(-1, 2), ShapeError, "at least 0"),
    "encoding's dtype": (
        lambda: nn.functional.sinusoidal_encoding(1, 2, dtype=int),
        DTypeError,
        "real and floating",
    ),
}


@pytest.mark.parametrize(("call", "kind", "words"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_is_told(call, kind, words):
    with pytest.raises(kind) as caught:
        call()
    assert words in str(caught.value)
