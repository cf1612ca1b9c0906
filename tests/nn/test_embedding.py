"""What registrations of embeddings and bilinear products don't show."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd_lite import Tensor, capture, gradients
from autograd_lite.errors import DomainError, DTypeError, GraphError, ShapeError
from nn.functional import bilinear, embedding, embedding_bag

TABLE = np.arange(12.0).reshape(4, 3)


def test_the_padding_starts_as_zeros_and_is_not_trained():
    layer = nn.Embedding(4, 3, padding_idx=-1, rng=0)
    assert layer.padding_idx == 3
    assert_array_equal(layer.weight.data[3], 0)
    layer([0, 3, 3]).sum().backward()
    assert_array_equal(layer.weight.grad.data, [[1] * 3, [0] * 3, [0] * 3, [0] * 3])


def test_a_row_picked_often_is_trained_more_unless_it_is_divided():
    for by_count, expected in ((False, 3.0), (True, 1.0)):
        layer = nn.Embedding(4, 3, scale_grad_by_freq=by_count, rng=0)
        layer([[0, 2], [2, 2]]).sum().backward()
        assert_array_equal(layer.weight.grad.data[2], expected)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(0, 2**16), st.sampled_from([np.uint8, np.int8, np.int32, np.uint64]))
def test_indices_of_any_integer_type_reach_the_whole_table(seed, dtype):
    rng = np.random.default_rng(seed)
    weight = Tensor(rng.standard_normal((100, 40)), requires_grad=True)
    index = rng.integers(0, 100, 50).astype(dtype)
    y = embedding(index, weight)
    g = rng.standard_normal(y.shape)
    y.backward(g)
    assert_array_equal(y.data, weight.data[index])
    expected = np.zeros((100, 40))
    for i, row in zip(index, g, strict=True):
        expected[i] += row
    assert_allclose(weight.grad.data, expected, rtol=1e-12, atol=1e-12)


def test_gradients_of_float16_are_added_up_in_float32():
    weight = Tensor(np.zeros((1, 1), np.float16), requires_grad=True)
    embedding(np.zeros(5000, int), weight).sum().backward()
    assert weight.grad.dtype == np.float16
    assert weight.grad.item() == 5000


def test_long_rows_are_shortened_in_place_where_they_are_picked():
    layer = nn.Embedding.from_pretrained(TABLE, freeze=False, max_norm=5.0)
    y = layer([0, 2, 2])
    assert_allclose(np.linalg.norm(y.data[1:], axis=-1), 5.0, rtol=1e-6)
    assert_array_equal(layer.weight.data[[0, 1, 3]], TABLE[[0, 1, 3]])
    assert_array_equal(layer.weight.data[2], y.data[1])
    y.sum().backward()
    assert_array_equal(layer.weight.grad.data[2], 2)


def test_pretrained_rows_are_copied_and_frozen():
    table = TABLE.copy()
    layer = nn.Embedding.from_pretrained(table, padding_idx=1)
    table[:] = 0
    assert layer.parameters() == []
    assert_array_equal(layer([1, 2]).data, TABLE[[1, 2]])
    assert list(layer.state_dict()) == ["weight"]
    assert layer.weight.dtype == np.float64
    assert nn.Embedding.from_pretrained(TABLE, freeze=False).parameters() != []


def test_the_delta_is_the_gradient_at_the_rows():
    layer = nn.Embedding(4, 3, rng=0)
    g = np.arange(6.0, dtype=np.float32).reshape(2, 3)
    deltas = nn.deltas(layer, (layer([1, 1]) * g).sum())
    assert_array_equal(deltas["Embedding"].data, g)
    bag = nn.EmbeddingBag(4, 3, mode="sum", rng=0)
    deltas = nn.deltas(bag, (bag([[1, 2], [0, 0]]) * g).sum())
    assert_array_equal(deltas["EmbeddingBag"].data, g[[0, 0, 1, 1]])


@pytest.mark.parametrize("frozen", [False, True])
def test_a_captured_step_takes_other_indices_and_refuses_wrong_ones(frozen):
    def make():
        model = nn.Sequential(nn.Embedding(6, 4, rng=0), nn.Dense(4, 2, rng=1))
        model[0].weight.requires_grad = not frozen
        optimizer = nn.optim.SGD(model.parameters(), 0.1)

        def step(index):
            optimizer.zero_grad()
            loss = (model(index) ** 2).mean()
            loss.backward()
            optimizer.step()
            return loss.detach()

        return model, step

    (ours, step), (theirs, eager) = make(), make()
    captured = capture(step, on_miss="error")
    rng = np.random.default_rng(0)
    for _ in range(6):
        index = rng.integers(0, 6, (2, 5))
        assert captured(index).item() == eager(index).item()
    before = ours.state_dict()
    with pytest.raises(DomainError, match="indices must lie between 0 and 5"):
        captured(np.full((2, 5), 6))
    for name, values in before.items():
        assert_array_equal(ours.state_dict()[name], values)
        assert_array_equal(theirs.state_dict()[name], values)


def test_a_captured_bag_takes_other_offsets():
    bag = nn.EmbeddingBag(6, 4, mode="max", rng=0)
    captured = capture(lambda index, offsets: bag(index, offsets).detach(), on_miss="error")
    rng = np.random.default_rng(0)
    for _ in range(6):
        index = rng.integers(0, 6, 7)
        offsets = np.array([0, *np.sort(rng.integers(0, 8, 2))])
        assert_array_equal(captured(index, offsets).data, bag(index, offsets).data)


def test_equal_maxima_of_a_bag_train_the_first():
    weight = Tensor(np.ones((3, 2)), requires_grad=True)
    embedding_bag([[2, 0, 2]], weight, mode="max").sum().backward()
    assert_array_equal(weight.grad.data, [[0, 0], [0, 0], [1, 1]])


def test_bags_of_nothing_are_zeros():
    for mode in ("sum", "mean", "max"):
        y = embedding_bag([1], TABLE, [0, 0, 1], mode=mode)
        assert_array_equal(y.data, [[0] * 3, TABLE[1], [0] * 3])
        assert_array_equal(embedding_bag([], TABLE, [0], mode=mode).data, np.zeros((1, 3)))
        assert_array_equal(embedding_bag([[1]], TABLE, mode=mode, padding_idx=1).data, [[0] * 3])


def test_bilinear_is_linear_in_each():
    rng = np.random.default_rng(0)
    a, b, w = (
        Tensor(rng.standard_normal(s), requires_grad=True) for s in ((5, 3), (5, 4), (2, 3, 4))
    )
    y = bilinear(a, b, w)
    assert_allclose(y.data, np.einsum("ni,oij,nj->no", a.data, w.data, b.data))
    g = rng.standard_normal((5, 2))
    for x, part in zip((a, b, w), gradients(y, [a, b, w], g), strict=True):
        # a product that is linear in x is what x times its gradient gives
        assert_allclose((x.data * part.data).sum(), (y.data * g).sum())


def test_the_delta_of_bilinear_is_the_gradient_at_its_output():
    for bias in (True, False):
        layer = nn.Bilinear(3, 4, 2, bias, rng=0)
        assert abs(np.abs(layer.weight.data).max() - 1 / np.sqrt(3)) < 0.1
        g = np.arange(10.0, dtype=np.float32).reshape(5, 2)
        loss = (layer(np.ones((5, 3), np.float32), np.ones((5, 4), np.float32)) * g).sum()
        assert_array_equal(nn.deltas(layer, loss)["Bilinear"].data, g)


def test_signatures_show_what_is_not_default():
    assert nn.Embedding(4, 3).signature() == "Embedding(4, 3)"
    layer = nn.Embedding(4, 3, 1, 2.0, 1.0, True)
    assert layer.signature() == (
        "Embedding(4, 3, padding_idx=1, max_norm=2.0, norm_type=1.0, scale_grad_by_freq=True)"
    )
    bag = nn.EmbeddingBag(4, 3, mode="sum", padding_idx=-1)
    assert bag.signature() == "EmbeddingBag(4, 3, mode='sum', padding_idx=3)"
    assert nn.Bilinear(3, 4, 2, bias=False).signature() == "Bilinear(3, 4, 2, bias=False)"
    assert nn.Identity(3).signature() == "Identity()"


WRONG = {
    "beyond": (
        lambda: nn.Embedding(4, 3)([0, 4]),
        DomainError,
        "indices must lie between 0 and 3; these go from 0 to 4; in Embedding(4, 3)",
    ),
    "negative": (lambda: nn.Embedding(4, 3)(-1), DomainError, "these go from -1 to -1"),
    "floating": (lambda: nn.Embedding(4, 3)([1.0]), DTypeError, "they are float64"),
    "truth values": (lambda: nn.Embedding(4, 3)([True]), DTypeError, "they are bool"),
    "padding": (lambda: nn.Embedding(4, 3, 4), DomainError, "Embedding(4, 3): padding_idx must be"),
    "no padding": (lambda: nn.Embedding(4, 3, "1"), DomainError, "it is '1'"),
    "sizes": (lambda: nn.Embedding(0, 3), ShapeError, "Embedding(0, 3): sizes must be positive"),
    "dtype": (lambda: nn.Embedding(4, 3, dtype=int), DTypeError, "Embedding of dtype int64"),
    "table": (lambda: embedding([0], np.zeros(3)), ShapeError, "(num_embeddings, embedding_dim)"),
    "pretrained": (lambda: nn.Embedding.from_pretrained([1.0]), ShapeError, "they have shape (1,)"),
    "integers": (
        lambda: nn.Embedding.from_pretrained([[1]]),
        DTypeError,
        "int64 must be real and floating",
    ),
    "max_norm": (
        lambda: embedding([0], TABLE, max_norm=-1.0),
        DomainError,
        "must be positive: -1.0",
    ),
    "result": (
        lambda: embedding([0], Tensor(TABLE, requires_grad=True) * 2, max_norm=1.0),
        GraphError,
        "it must be a leaf",
    ),
    "mode": (lambda: nn.EmbeddingBag(4, 3, mode="min"), DomainError, "there is no mode 'min'"),
    "function's mode": (
        lambda: embedding_bag([[0]], TABLE, mode="min"),
        DomainError,
        "there is no mode 'min'",
    ),
    "bag's axes": (lambda: embedding_bag([0], TABLE), ShapeError, "or (n,) with offsets"),
    "two axes and offsets": (
        lambda: embedding_bag([[0]], TABLE, [0]),
        ShapeError,
        "they have shapes (1,) and (1, 1)",
    ),
    "falling offsets": (
        lambda: embedding_bag([0, 1], TABLE, [0, 2, 1]),
        DomainError,
        "must begin with 0 and not fall, up to the 2 indices; they are [0, 2, 1]",
    ),
    "first offset": (lambda: embedding_bag([0], TABLE, [1]), DomainError, "must begin with 0"),
    "floating offsets": (lambda: embedding_bag([0], TABLE, [0.0]), DTypeError, "must be integers"),
    "no offsets": (
        lambda: embedding_bag([0], TABLE, np.zeros(0, int)),
        DomainError,
        "offsets are empty",
    ),
    "no last offset": (
        lambda: embedding_bag([0], TABLE, np.zeros(0, int), include_last_offset=True),
        ShapeError,
        "there is at least one offset",
    ),
    "factors": (
        lambda: embedding_bag([[0]], TABLE, per_sample_weights=[[1.0]]),
        DomainError,
        "are for mode='sum'",
    ),
    "shape of factors": (
        lambda: embedding_bag([[0]], TABLE, mode="sum", per_sample_weights=[1.0]),
        ShapeError,
        "per_sample_weights must be (1, 1)",
    ),
    "bilinear": (
        lambda: bilinear(TABLE, TABLE, TABLE),
        ShapeError,
        "need a weight (out, in1, in2)",
    ),
    "bilinear's batch": (
        lambda: nn.Bilinear(3, 3, 2)(TABLE, TABLE[:2]),
        ShapeError,
        "shapes are (4, 3) and (2, 3); in Bilinear(3, 3, 2)",
    ),
    "bilinear's bias": (
        lambda: bilinear(TABLE, TABLE, np.zeros((2, 3, 3)), np.zeros(3)),
        ShapeError,
        "the bias must be (2,)",
    ),
}


@pytest.mark.parametrize(("call", "kind", "words"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_is_told(call, kind, words):
    with pytest.raises(kind) as caught:
        call()
    assert words in str(caught.value)
