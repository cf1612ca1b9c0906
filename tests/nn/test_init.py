"""Initializers: their distributions, shapes, dtypes and seeds."""

from math import sqrt

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from nn import init

FACTORIES = {
    "uniform": init.uniform(-0.3, 0.3),
    "normal": init.normal(0.0, 0.02),
    "truncated_normal": init.truncated_normal(0.5),
    "orthogonal": init.orthogonal(),
    "constant": init.constant(0.25),
}
DRAWN = {
    "standard_normal": init.standard_normal,
    "glorot": init.glorot,
    "glorot_normal": init.glorot_normal,
    "he": init.he,
    "he_uniform": init.he_uniform,
    **{name: FACTORIES[name] for name in ("uniform", "normal", "truncated_normal")},
}
ALL = {"zeros": init.zeros, "ones": init.ones, **FACTORIES, **DRAWN}
SHAPES = [(400, 300), (8, 50, 300), (100_000,)]
FANS = {(400, 300): (400, 300), (8, 50, 300): (400, 2400), (100_000,): (1, 100_000)}


def deviation(name, shape):
    """Return the standard deviation that the paper of an initializer gives."""
    inputs, outputs = FANS[shape]
    return {
        "standard_normal": 1.0,
        "glorot": sqrt(2 / (inputs + outputs)),
        "glorot_normal": sqrt(2 / (inputs + outputs)),
        "he": sqrt(2 / inputs),
        "he_uniform": sqrt(2 / inputs),
        "uniform": 0.6 / sqrt(12),
        "normal": 0.02,
        "truncated_normal": 0.5 * 0.8796,
    }[name]


@pytest.mark.parametrize("shape", SHAPES)
def test_fans_count_windows(shape):
    assert init.fans(shape) == FANS[shape]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", DRAWN)
def test_mean_and_deviation_are_the_published_ones(name, shape):
    values = DRAWN[name](np.random.default_rng(0), shape, np.float64)
    scale = deviation(name, shape)
    assert_allclose(values.std(), scale, rtol=0.02)
    # the mean of n draws deviates by scale / sqrt(n); five times that is once in 2 million
    assert abs(values.mean()) < 5 * scale / sqrt(values.size)


@pytest.mark.parametrize("name", ["standard_normal", "he", "glorot_normal", "normal"])
def test_normal_draws_have_normal_tails(name):
    shape = (400, 300)
    values = DRAWN[name](np.random.default_rng(0), shape, np.float64) / deviation(name, shape)
    shares = [np.mean(abs(values) < bound) for bound in (1, 2, 3)]
    assert_allclose(shares, [0.6827, 0.9545, 0.9973], atol=0.01)


def test_glorot_fills_its_interval_evenly():
    values = init.glorot(np.random.default_rng(0), (400, 200), np.float64)
    bound = sqrt(6 / 600)
    assert abs(values).max() <= bound
    counts, _ = np.histogram(values, bins=10, range=(-bound, bound))
    assert_allclose(counts / values.size, 0.1, atol=0.01)


def test_zeros_draws_nothing():
    rng = np.random.default_rng(0)
    assert_array_equal(init.zeros(rng, (2, 3), np.float64), np.zeros((2, 3)), strict=True)
    assert rng.random() == np.random.default_rng(0).random()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", ALL)
def test_shape_and_dtype_are_those_asked_for(name, dtype):
    values = ALL[name](np.random.default_rng(0), (3, 4), dtype)
    assert (values.shape, values.dtype) == ((3, 4), dtype)


@pytest.mark.parametrize("name", sorted(set(ALL) - set(FACTORIES)))
def test_the_dtype_is_float32_unless_told_otherwise(name):
    assert getattr(init, name)(np.random.default_rng(0), (3, 4)).dtype == np.float32


@pytest.mark.parametrize("name", DRAWN)
def test_a_seed_decides_the_values_whatever_the_dtype(name):
    one, other = (
        DRAWN[name](np.random.default_rng(7), (3, 4), dtype) for dtype in (np.float64, np.float32)
    )
    assert_array_equal(one.astype(np.float32), other)
    assert not np.array_equal(DRAWN[name](np.random.default_rng(8), (3, 4), np.float32), other)


def test_truncated_draws_stay_within_two_deviations():
    values = init.truncated_normal(0.5)(np.random.default_rng(0), (100_000,), np.float64)
    assert 0.99 < abs(values).max() <= 1.0


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (2, 2, 3, 4)])
def test_orthogonal_matrices_are(shape):
    values = init.orthogonal(2.0)(np.random.default_rng(0), shape, np.float64)
    w = values.reshape(-1, shape[-1]) / 2.0
    product = w.T @ w if w.shape[0] >= w.shape[1] else w @ w.T
    assert_allclose(product, np.eye(len(product)), atol=1e-12)


def test_constant_and_ones():
    rng = np.random.default_rng(0)
    assert_array_equal(init.constant(0.25)(rng, (2, 3), np.float64), np.full((2, 3), 0.25))
    assert_array_equal(init.ones(rng, (2, 3), np.float64), np.ones((2, 3)), strict=True)
