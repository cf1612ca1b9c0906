"""Activations at kinks, infinities and other extremes, and what they refuse."""

import warnings
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd_lite import Tensor, checkpoint, gradients, jacobian
from autograd_lite.errors import DomainError, DTypeError, ShapeError
from nn import functional

INF, NAN = np.inf, np.nan
PLAIN = ["celu", "elu", "gelu", "glu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh"]
PLAIN += ["leaky_relu", "logsigmoid", "mish", "relu", "relu6", "rrelu", "selu", "sigmoid", "silu"]
PLAIN += ["softmin", "softplus", "softshrink", "softsign", "tanh", "tanhshrink"]
FUNCTIONS: dict[str, Any] = {name: getattr(functional, name) for name in PLAIN}
FUNCTIONS["gelu, tanh"] = lambda x: functional.gelu(x, "tanh")
FUNCTIONS["threshold"] = lambda x: functional.threshold(x, 1.0, 5.0)
FUNCTIONS["prelu"] = lambda x: functional.prelu(x, np.ones(1, getattr(x, "dtype", float)) / 4)


def slopes(function, x):
    leaf = Tensor(x, requires_grad=True)
    return gradients(function(leaf).sum(), leaf).tolist()


# the derivatives that PyTorch gives there, which tests/peers compares
KINKS = {
    "celu": ([0.0], [1.0]),
    "hardshrink": ([-0.5, 0.5], [0.0, 0.0]),
    "hardsigmoid": ([-3.0, 3.0], [0.0, 0.0]),
    "hardswish": ([-3.0, 3.0], [0.0, 1.0]),
    "hardtanh": ([-1.0, 1.0], [0.0, 0.0]),
    "leaky_relu": ([0.0], [0.01]),
    "prelu": ([0.0], [0.25]),
    "relu": ([0.0], [0.0]),
    "relu6": ([0.0, 6.0], [0.0, 0.0]),
    "rrelu": ([0.0], [11 / 48]),
    "selu": ([0.0], [1.0507009873554804934 * 1.6732632423543772848]),
    "softshrink": ([-0.5, 0.5], [0.0, 0.0]),
    "softsign": ([0.0], [1.0]),
    "threshold": ([1.0], [0.0]),
}


@pytest.mark.parametrize("name", KINKS)
def test_the_derivative_at_a_kink_is_documented(name):
    x, expected = KINKS[name]
    assert_allclose(slopes(FUNCTIONS[name], x), expected, rtol=1e-15)


def test_celu_and_elu_have_the_negative_slope_at_0():
    assert slopes(lambda x: functional.celu(x, 2.0), [0.0]) == [1.0]
    assert slopes(lambda x: functional.elu(x, 2.0), [0.0]) == [2.0]


def test_prelu_of_zeros_gives_its_weight_nothing():
    weight = Tensor([0.25], requires_grad=True)
    functional.prelu([0.0, 3.0, -2.0], weight).sum().backward()
    assert weight.grad.tolist() == [-2.0]


# limits at -inf and inf, and their derivatives
LIMITS = {
    "celu": (-1, INF, 0, 1),
    "elu": (-1, INF, 0, 1),
    "gelu": (0, INF, 0, 1),
    "gelu, tanh": (0, INF, 0, 1),
    "hardshrink": (-INF, INF, 1, 1),
    "hardsigmoid": (0, 1, 0, 0),
    "hardswish": (0, INF, 0, 1),
    "hardtanh": (-1, 1, 0, 0),
    "leaky_relu": (-INF, INF, 0.01, 1),
    "logsigmoid": (-INF, 0, 1, 0),
    "mish": (0, INF, 0, 1),
    "prelu": (-INF, INF, 0.25, 1),
    "relu": (0, INF, 0, 1),
    "relu6": (0, 6, 0, 0),
    "selu": (-1.7580993408473766, INF, 0, 1.0507009873554805),
    "sigmoid": (0, 1, 0, 0),
    "silu": (0, INF, 0, 1),
    "softplus": (0, INF, 0, 1),
    "softshrink": (-INF, INF, 1, 1),
    "softsign": (-1, 1, 0, 0),
    "tanh": (-1, 1, 0, 0),
    "tanhshrink": (-INF, INF, 1, 1),
    "threshold": (5, INF, 0, 1),
}


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_infinite_inputs_have_limits_and_no_warning(name, dtype):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        x = Tensor([-INF, INF], requires_grad=True, dtype=dtype)
        y = FUNCTIONS[name](x)
        slope = gradients(y, x, np.ones(2, dtype))
    low, high, falling, rising = LIMITS[name]
    tolerance = float(np.finfo(dtype).eps) * 2
    assert_allclose(y.data, [low, high], rtol=tolerance)
    assert_allclose(slope.data, [falling, rising], rtol=tolerance)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_extreme_values_are_silent_and_keep_the_dtype(name, dtype):
    top = float(np.finfo(dtype).max) / 2  # selu makes its input larger
    sizes = [0.0, 1e-7, 0.3, 9.0, 89.0, 710.0, 3e4, *(s for s in (1e30, top) if s <= top)]
    values = np.array([sign * size for size in sizes for sign in (1, -1)], dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        x = Tensor(values, requires_grad=True)
        y = FUNCTIONS[name](x)
        slope = gradients(y, x, np.ones_like(y.data))
    assert y.dtype == slope.dtype == dtype
    assert np.isfinite(y.data).all()
    assert np.isfinite(slope.data).all()


@pytest.mark.parametrize("name", LIMITS)
def test_single_precision_is_as_exact_as_it_can_be(name):
    x = np.linspace(-12, 12, 4001)
    x = x.astype(np.float32).astype(np.float64)
    y, exact = FUNCTIONS[name](x.astype(np.float32)).data, FUNCTIONS[name](x).data
    assert_allclose(y, exact, rtol=2e-6, atol=1e-30 if name == "softplus" else 5e-7)


def test_softplus_keeps_its_digits_where_it_is_small():
    x = np.linspace(-80, 3, 500, dtype=np.float32)
    assert_allclose(functional.softplus(x).data, np.log1p(np.exp(x.astype(float))), rtol=1e-6)
    x = -np.linspace(-80, 3, 500, dtype=np.float32)
    assert_allclose(functional.logsigmoid(x).data, -np.log1p(np.exp(-x.astype(float))), rtol=1e-6)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_nan_stays_nan(name):
    y = FUNCTIONS[name]([NAN, NAN]).data
    assert np.isnan(y).all()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_integers_become_float64_and_complex_numbers_are_refused(name):
    assert FUNCTIONS[name]([1, 2]).dtype == (np.int64 if name == "relu" else np.float64)
    core = ("elu", "leaky_relu", "relu", "sigmoid", "silu", "tanh")
    if name not in core:  # some of the core's are defined for complex numbers
        with pytest.raises(DTypeError, match=name.partition(",")[0]):
            FUNCTIONS[name](np.array([1j, 2.0]))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_jacobians_are_those_of_single_passes(name):
    x = np.linspace(-3.5, 3.7, 4)
    found = jacobian(FUNCTIONS[name])(x)
    leaf = Tensor(x, requires_grad=True)
    y = FUNCTIONS[name](leaf)
    rows = [gradients(y, leaf, row, retain_graph=True).data for row in np.eye(y.size)]
    assert_allclose(found, rows, rtol=1e-12)


def test_zero_times_infinity_is_no_gradient():
    x = Tensor([0.0, 4.0], requires_grad=True)
    y = functional.hardtanh(np.sqrt(x) - 1)  # at 0, the slopes are 0 and infinite
    assert gradients(y.sum(), x).tolist() == [0.0, 0.0]


def test_softplus_is_straight_above_its_threshold():
    y = functional.softplus([1.0, 1.5], beta=2.0, threshold=2.5)
    assert_allclose(y.data, [np.log1p(np.exp(2)) / 2, 1.5], rtol=1e-15)
    assert slopes(lambda x: functional.softplus(x, 2.0, 2.5), [1.5]) == [1.0]


def test_rrelu_draws_a_slope_for_each_value():
    x = -np.ones((100, 100))
    y = -functional.rrelu(x, 0.2, 0.4, training=True, rng=0).data
    assert 0.2 <= y.min() < 0.201 and 0.399 < y.max() < 0.4
    assert abs(y.mean() - 0.3) < 0.001
    assert_array_equal(functional.rrelu(x, 0.2, 0.4, training=True, rng=0).data, -y)
    assert_allclose(functional.rrelu(x, 0.2, 0.4).data, -0.3)


def test_rrelu_has_the_slopes_that_it_has_drawn():
    layer, x = nn.RReLU(rng=0), Tensor([-2.0, -1.0, 3.0], requires_grad=True)
    y = layer(x)
    y.sum().backward()
    assert_allclose(x.grad.data, y.data / x.data)
    assert not np.array_equal(layer(x).data, y.data)
    assert np.array_equal(layer.eval()(x).data, layer(x).data)


def test_rrelu_draws_once_in_a_checkpoint():
    x = Tensor([-2.0, -1.0, 3.0], requires_grad=True)
    y = checkpoint(nn.RReLU(rng=0))(x)
    y.sum().backward()
    assert_allclose(x.grad.data, y.data / x.data)


def test_prelu_learns_a_slope_for_each_channel():
    layer = nn.PReLU(2, 0.5, dtype=np.float64)
    layer(-np.arange(12.0).reshape(2, 2, 3)).sum().backward()
    assert layer.weight.grad.tolist() == [-24.0, -42.0]
    assert {name: p.tolist() for name, p in layer.state_dict().items()} == {"weight": [0.5, 0.5]}


@pytest.mark.parametrize(
    ("layer", "shown"),
    [
        (nn.PReLU(), "PReLU(): 1 parameters"),
        (nn.PReLU(3, 0.1), "PReLU(num_parameters=3, init=0.1): 3 parameters"),
        (nn.RReLU(0.1, rng=0), "RReLU(lower=0.1)"),
        (nn.Threshold(1, 2), "Threshold(1, 2)"),
        (nn.GELU("none"), "GELU()"),
        (nn.Softplus(threshold=5), "Softplus(threshold=5)"),
        (nn.GLU(0), "GLU(axis=0)"),
    ],
)
def test_layers_show_what_is_not_default(layer, shown):
    assert repr(layer) == shown


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.Hardtanh(1, -1), "Hardtanh: min_val must be at most max_val: 1, -1"),
        (lambda: functional.hardtanh(0.0, 1, -1), "hardtanh: min_val must be at most"),
        (lambda: nn.Softshrink(-1), "Softshrink: lambd must be finite, at least 0: -1"),
        (lambda: functional.softshrink(0.0, -1), "softshrink: lambd"),
        (lambda: nn.CELU(0), "CELU: alpha must be positive and finite: 0"),
        (lambda: functional.celu(0.0, -1), "celu: alpha"),
        (lambda: nn.Softplus(0), "Softplus: beta must be positive"),
        (lambda: nn.Softplus(1, -1), "Softplus: threshold must be at least 0: -1"),
        (lambda: functional.softplus(0.0, NAN), "softplus: beta"),
        (lambda: nn.GELU("erf"), "GELU: approximate must be 'none' or 'tanh', not 'erf'"),
        (lambda: functional.gelu(0.0, True), "gelu: approximate must be 'none' or 'tanh'"),
        (lambda: nn.RReLU(0.5, 0.2), r"RReLU: lower and upper must be .*: 0\.5, 0\.2"),
        (lambda: functional.rrelu(0.0, NAN, 0.2), "rrelu: lower and upper"),
    ],
)
def test_options_out_of_range_are_refused(make, message):
    with pytest.raises(DomainError, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.PReLU(0), r"PReLU\(0\): sizes must be positive integers"),
        (lambda: nn.PReLU(2)(np.ones((4, 3))), r"prelu: .* 3, one for each .*; in PReLU\(num_par"),
        (lambda: nn.GLU()(np.ones((4, 3))), r"glu: .* axis -1 of even length.*\(4, 3\); in GLU"),
        (lambda: functional.glu(1.0), "glu: x must have an axis -1"),
        (lambda: nn.Softmax2d()(np.ones((4, 3))), r"Softmax2d: .*it has shape \(4, 3\)"),
        (lambda: nn.Softmin(2)(np.ones((4, 3))), "axis"),
    ],
)
def test_shapes_that_do_not_fit_are_named(make, message):
    with pytest.raises(ShapeError, match=message):
        make()


def test_a_prelu_of_another_dtype_is_refused():
    with pytest.raises(DTypeError, match="PReLU of dtype int64"):
        nn.PReLU(dtype=np.int64)
