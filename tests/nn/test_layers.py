"""Dense and the activations."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd_lite import Tensor
from autograd_lite.errors import DTypeError, ShapeError

X = np.linspace(-2.0, 2.0, 12).reshape(4, 3)


def exact(init):
    """Return an initializer that gives these values."""
    return lambda rng, shape, dtype: np.asarray(init, dtype).reshape(shape)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 5, 3)])
def test_dense_is_a_product_and_a_bias(bias, shape):
    layer = nn.Dense(3, 2, bias, bias_init=nn.init.standard_normal, dtype=np.float64, rng=0)
    x = np.random.default_rng(1).standard_normal(shape)
    b = layer.bias.data if bias else 0.0
    assert_allclose(layer(x).data, x @ layer.weight.data + b, rtol=1e-14)


def test_dense_has_the_gradients_of_its_product():
    layer = nn.Dense(3, 2, dtype=np.float64, rng=0)
    x = Tensor(X, requires_grad=True)
    cotangent = np.arange(8.0).reshape(4, 2)
    layer(x).backward(cotangent)
    assert_allclose(layer.weight.grad.data, X.T @ cotangent, rtol=1e-14)
    assert_allclose(layer.bias.grad.data, cotangent.sum(axis=0), rtol=1e-14)
    assert_allclose(x.grad.data, cotangent @ layer.weight.data.T, rtol=1e-14)


def test_dense_without_bias_has_none():
    layer = nn.Dense(3, 2, bias=False, rng=0)
    assert layer.bias is None
    assert [name for name, _ in layer.named_parameters()] == ["weight"]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_dense_has_parameters_and_gradients_of_its_dtype(dtype):
    layer = nn.Dense(3, 2, dtype=dtype, rng=0)
    z = layer(X.astype(dtype))
    z.sum().backward()
    found = {z.dtype, *(t.dtype for p in layer.parameters() for t in (p, p.grad))}
    assert found == {np.dtype(dtype)}


def test_dense_takes_initializers():
    layer = nn.Dense(2, 2, weight_init=exact([[1, 2], [3, 4]]), bias_init=exact([5, 6]))
    assert layer([[1.0, 1.0]]).tolist() == [[9.0, 12.0]]


def test_dense_copies_what_an_initializer_returns():
    values = np.ones((2, 2), np.float32)
    layer = nn.Dense(2, 2, weight_init=lambda rng, shape, dtype: values)
    values[:] = 7.0
    assert_array_equal(layer.weight.data, np.ones((2, 2)))


def test_dense_refuses_an_initializer_of_another_shape():
    with pytest.raises(ShapeError, match=r"returned shape \(3, 2\) where \(2, 3\) is needed"):
        nn.Dense(2, 3, weight_init=lambda rng, shape, dtype: np.ones(shape[::-1]))


def test_dense_is_the_same_for_the_same_seed():
    one, same, other = (nn.Dense(5, 4, rng=seed).weight.data for seed in (0, 0, 1))
    assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_layers_that_share_a_generator_differ():
    rng = np.random.default_rng(0)
    one, other = nn.Dense(3, 3, rng=rng), nn.Dense(3, 3, rng=rng)
    assert not np.array_equal(one.weight.data, other.weight.data)


@pytest.mark.parametrize("sizes", [(0, 1), (1, -1), (1.0, 2), ("3", 2), (None, 2)])
def test_dense_needs_positive_sizes(sizes):
    with pytest.raises(ShapeError, match=r"^Dense\(.*sizes must be positive integers"):
        nn.Dense(*sizes)


def test_dense_takes_numpy_sizes():
    assert nn.Dense(np.int64(3), np.int32(2)).weight.shape == (3, 2)


@pytest.mark.parametrize("dtype", [np.int64, np.complex128, bool])
def test_dense_needs_a_floating_dtype(dtype):
    with pytest.raises(DTypeError, match=r"^Dense of dtype .*real and floating"):
        nn.Dense(2, 2, dtype=dtype)


def test_dense_names_the_shapes_that_do_not_fit():
    with pytest.raises(ShapeError, match=r"^linear of shape \(4, 3\).* and shape \(2, 5\)"):
        nn.Dense(2, 5)(X)


def softmax(x):
    return np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)


ACTIVATIONS = {
    "Sigmoid()": (nn.Sigmoid(), lambda x: 1 / (1 + np.exp(-x))),
    "Tanh()": (nn.Tanh(), np.tanh),
    "ReLU()": (nn.ReLU(), lambda x: np.maximum(x, 0)),
    "Softmax()": (nn.Softmax(), softmax),
    "Softmax(axis=0)": (nn.Softmax(axis=0), lambda x: softmax(x.T).T),
    "LogSoftmax()": (nn.LogSoftmax(), lambda x: np.log(softmax(x))),
    "LogSoftmax(axis=0)": (nn.LogSoftmax(axis=0), lambda x: np.log(softmax(x.T).T)),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_their_functions(name):
    module, function = ACTIVATIONS[name]
    for x in (X, Tensor(X), X.tolist()):
        assert_allclose(module(x).data, function(X), rtol=1e-14)
    assert repr(module) == name
    assert module.parameters() == []


def test_no_dtype_is_no_default():
    with pytest.raises(DTypeError, match=r"^Dense of dtype None: it must be real and floating"):
        nn.Dense(3, 2, dtype=None)
