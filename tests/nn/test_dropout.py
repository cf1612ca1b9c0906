"""Dropout: probabilities, generators, capture, checkpoints, errors."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd_lite import Tensor, capture, checkpoint
from autograd_lite.errors import DomainError, DTypeError, ShapeError

F = nn.functional
LAYERS = {
    "Dropout": (40, 3, 2, 2),
    "Dropout1d": (40, 3, 4),
    "Dropout2d": (40, 3, 2, 2),
    "AlphaDropout": (40, 3, 2, 2),
    "FeatureAlphaDropout": (40, 3, 2, 2),
}
each_layer = pytest.mark.parametrize(("name", "shape"), LAYERS.items())


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.9])
def test_values_are_dropped_with_their_probability_and_scaled(p):
    x = np.full(200_000, 2.0, np.float32)
    y = F.dropout(x, p, rng=0)
    assert y.dtype == np.float32
    kept = y.data != 0
    assert_array_equal(y.data[kept], np.float32(2 * np.float32(1 / (1 - p))))
    deviation = np.sqrt(p * (1 - p) / x.size)
    assert abs(kept.mean() - (1 - p)) <= 4 * deviation


def test_gradients_go_where_values_went():
    x = Tensor(np.ones((4, 5)), requires_grad=True)
    y = F.dropout(x, 0.4, rng=0)
    y.sum().backward()
    assert_array_equal(x.grad.data, y.data)


@each_layer
def test_all_are_dropped_or_none(name, shape):
    x = np.random.default_rng(0).standard_normal(shape)
    nothing, everything = getattr(nn, name)(0.0, rng=0), getattr(nn, name)(1.0, rng=0)
    assert_array_equal(nothing(x).data, x)
    assert_array_equal(everything(x).data, np.zeros(shape))


@each_layer
def test_eval_is_the_identity_and_draws_nothing(name, shape):
    layer = getattr(nn, name)(0.5, rng=0).eval()
    x = Tensor(np.ones(shape))
    before = layer.rng.bit_generator.state
    assert layer(x) is x
    assert layer.rng.bit_generator.state == before


@each_layer
def test_a_seed_decides_and_each_call_draws_anew(name, shape):
    x = np.ones(shape)
    one, same, other = (getattr(nn, name)(0.5, rng=seed) for seed in (0, 0, 1))
    first = one(x).data
    assert_array_equal(first, same(x).data)
    assert not np.array_equal(first, other(x).data)
    assert not np.array_equal(first, one(x).data)


@pytest.mark.parametrize("name", ["Dropout1d", "Dropout2d", "FeatureAlphaDropout"])
def test_channels_are_dropped_as_a_whole(name):
    y = getattr(nn, name)(0.5, rng=0)(np.ones(LAYERS[name])).data
    y = y.reshape(40, 3, -1)
    assert_array_equal(y, np.broadcast_to(y[..., :1], y.shape))
    assert len(np.unique(y)) == 2


def test_a_sequence_needs_no_batch_axis():
    assert_array_equal(
        F.dropout1d(np.ones((3, 4)), rng=1), F.dropout1d(np.ones((1, 3, 4)), rng=1)[0]
    )


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
@pytest.mark.parametrize("function", [F.alpha_dropout, F.feature_alpha_dropout])
def test_alpha_dropout_keeps_mean_and_variance(function, p):
    x = np.random.default_rng(0).standard_normal((400_000, 1)).astype(np.float32)
    y = function(x, p, training=True, rng=1)
    assert y.dtype == np.float32
    assert abs(y.data.mean(dtype=float)) < 0.01
    assert abs(y.data.var(dtype=float) - 1) < 0.02
    a = 1 / np.sqrt((1.7580993408473766**2 * p + 1) * (1 - p))  # as PyTorch has it
    low = a * 1.7580993408473766 * (p - 1)
    dropped = np.isclose(y.data, low, rtol=1e-5)
    assert abs(dropped.mean() - p) < 0.005
    kept = x[~dropped] * a + a * 1.7580993408473766 * p
    assert_allclose(y.data[~dropped], kept, rtol=1e-5, atol=1e-5)


def model(seed):
    """One generator draws initial values and all masks."""
    rng = np.random.default_rng(seed)
    return nn.Sequential(
        nn.Dense(6, 20, rng=rng),
        nn.Dropout(0.3, rng=rng),
        nn.Dense(20, 8, rng=rng),
        nn.AlphaDropout(0.2, rng=rng),
    )


def step_of(model):
    optimizer = nn.optim.SGD(model.parameters(), 0.1)

    def step(x):
        optimizer.zero_grad()
        loss = (model(x) ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss

    return step


def test_one_seed_gives_one_run_captured_too():
    ours, theirs = model(7), model(7)
    eager, captured = step_of(ours), capture(step_of(theirs), on_miss="error")
    rng = np.random.default_rng(0)
    for _ in range(6):
        x = rng.random((5, 6), np.float32)
        assert eager(x).item() == captured(x).item()
    for name, values in ours.state_dict().items():
        assert_array_equal(values, theirs.state_dict()[name])
    assert len(captured.programs) == 1


def test_the_probability_may_change_between_captured_steps():
    ours, theirs = model(7), model(7)
    eager, captured = step_of(ours), capture(step_of(theirs), on_miss="error")
    x = np.random.default_rng(0).random((5, 6), np.float32)
    for p in (0.3, 0.3, 0.3, 0.5, 0.5, 0.6, 0.7, 0.0, 0.2):
        ours[1].p = theirs[1].p = p
        assert eager(x).item() == captured(x).item()


@each_layer
def test_a_checkpoint_has_the_same_mask_again(name, shape):
    x = np.random.default_rng(0).standard_normal(shape)
    found = []
    for wrapped in (lambda f: f, checkpoint):
        layer = getattr(nn, name)(0.5, rng=0)
        leaf = Tensor(x, requires_grad=True)
        (wrapped(lambda x, layer=layer: np.tanh(layer(x * 2)))(leaf) ** 2).sum().backward()
        found.append((leaf.grad.data, layer.rng.bit_generator.state))
    assert_allclose(found[0][0], found[1][0])
    assert found[0][1] == found[1][1]


@each_layer
def test_wrong_probabilities_are_refused(name, shape):
    for p in (-0.1, 1.5, float("nan")):
        with pytest.raises(DomainError, match=rf"{name}: p must be between 0 and 1: {p}"):
            getattr(nn, name)(p)
    layer = getattr(nn, name)()
    layer.p = 2.0
    with pytest.raises(DomainError, match=r"dropout.*: p must be between 0 and 1: 2.0; in"):
        layer(np.ones(shape))


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (nn.Dropout1d(), (3,), r"\(N, C, L\) or \(C, L\).*in Dropout1d\(p=0.5\)"),
        (
            nn.Dropout2d(0.2),
            (2, 3, 4),
            r"x\[None\], and \(N, C, L\) to dropout1d.*p=0.2",
        ),
        (nn.FeatureAlphaDropout(), (3,), r"\(N, C, ...\)"),
    ],
)
def test_wrong_shapes_name_the_layer(layer, shape, message):
    with pytest.raises(ShapeError, match=message):
        layer(np.ones(shape))


def test_complex_numbers_are_refused_and_integers_become_floating():
    with pytest.raises(DTypeError, match="dropout of dtype complex128"):
        F.dropout(np.ones(3) * 1j)
    assert F.dropout([1, 2, 3], 0.5, rng=0).dtype == np.float64
