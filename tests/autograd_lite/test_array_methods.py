"""Methods of tensors are the functions of their names."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import autograd_lite as ag
from autograd_lite import gradients

from .building import MATRIX, leaf

METHODS = {
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "square": np.square,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "sigmoid": ag.sigmoid,
    "relu": ag.relu,
    "sign": np.sign,
    "abs": np.abs,
    "sum": np.sum,
    "mean": np.mean,
    "max": np.max,
    "min": np.min,
    "prod": np.prod,
    "std": np.std,
    "var": np.var,
    "median": np.median,
    "cumsum": np.cumsum,
    "cumprod": np.cumprod,
    "norm": np.linalg.norm,
    "logsumexp": ag.logsumexp,
    "softmax": ag.softmax,
    "log_softmax": ag.log_softmax,
    "conj": np.conj,
    "copy": np.copy,
    "clone": np.copy,
    "flatten": np.ravel,
    "ravel": np.ravel,
    "flip": np.flip,
    "transpose": np.transpose,
    "permute": np.transpose,
    "diagonal": np.diagonal,
    "trace": np.trace,
    "squeeze": np.squeeze,
}


@pytest.mark.parametrize("name", METHODS)
def test_methods_are_the_functions_of_their_names(name):
    x = leaf(MATRIX)
    y, expected = getattr(x, name)(), METHODS[name](x)
    assert_array_equal(y.data, expected.data)
    weights = np.linspace(1.0, 2.0, y.size).reshape(y.shape)
    got = gradients((y * weights).sum(), x)
    assert_array_equal(got.data, gradients((expected * weights).sum(), x).data)


def test_methods_with_arguments():
    x = leaf(MATRIX)
    assert_array_equal(x.matmul(MATRIX.T).data, (x @ MATRIX.T).data)
    assert x.permute(1, 0).shape == x.permute((1, 0)).shape == MATRIX.T.shape
    assert_array_equal(x.flip(0).data, MATRIX[::-1])
    assert_array_equal(x.clip(min=1.5).data, MATRIX.clip(1.5))
    assert_array_equal(x.take([0, 0], axis=1).data, MATRIX[:, [0, 0]])
