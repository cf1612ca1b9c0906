"""Methods of tensors are the functions of their names."""

import math
import operator

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import autograd_lite as ag
from autograd_lite import Tensor, gradients
from autograd_lite.errors import (
    DTypeError,
    GraphError,
    IndexingError,
    ScalarError,
    ShapeError,
    UnsupportedAttributeError,
    UnsupportedError,
)
from autograd_lite.numpy_protocols.unsupported import ATTRIBUTES
from autograd_lite.testing import check_gradients

from .building import MATRIX, leaf
from .programs.comparing import difference

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


# ---------------------------------------------------------------- NumPy's arrays have them too

# by keyword and by position, as NumPy's signatures have it
CALLS = {
    "sum": "x.sum(0), x.sum(0, np.float32), x.sum(dtype=complex, keepdims=True, initial=2.0)",
    "sum where": "x.sum(1, where=x > 1), x.sum(None, None, None, True)",
    "mean": "x.mean(0, np.float32), x.mean(0, dtype=int), x.mean(where=x > 1, keepdims=True)",
    "max": "x.max(0, None, True), x.max(initial=5.0), x.min(1, initial=0.0, where=x > 1)",
    "prod": "x.prod(0, np.float32), x.prod(1, keepdims=True, initial=3.0, where=x > 1)",
    "std": "x.std(0, None, None, 1), x.std(0, np.float32, ddof=1), x.std(where=x > 1)",
    "var": "x.var(0, None, None, 1, True), x.var(1, dtype=int), x.var(mean=x.mean(keepdims=True))",
    "cumsum": "x.cumsum(0, np.float32), x.cumsum(dtype=int), x.cumprod(1, float)",
    "all": "x.all(0, keepdims=True), x.all(where=x > 1), x.any(1, keepdims=True)",
    "argmax": "x.argmax(0, None), x.argmax(keepdims=True), x.argmin(1, None, keepdims=True)",
    "argsort": "x.argsort(0, 'stable', None), x.argsort(stable=True)",
    "argpartition": "x.argpartition(0, -1, 'introselect', None)",
    "clip": "x.clip(2, 4), x.clip(max=3), x.clip(2, 4, None)",
    "take": "x.take([0, 9], 1, None, 'wrap'), x.take([0, 9], mode='clip')",
    "choose": "(x > 2).astype(int).choose([x, -x], mode='wrap')",
    "compress": "x.compress([True, False, True], 1, None)",
    "trace": "x.trace(0, 0, 1, np.float32), x.trace(1, dtype=int), x.trace(dtype=bool)",
    "dot": "x.dot(x.T, None)",
    "round": "(x / 3).round(1, None)",
    "reshape": "x.reshape(3, 2, order='F'), x.reshape((2, 3), copy=True)",
    "transpose": "x.transpose(np.array([1, 0])), x.transpose(None), x[0].transpose(np.int64(0))",
    "astype": "x.astype(np.float32, 'F', 'same_kind', True, False), x.astype(int, copy=False)",
    "item": "x.item(1), x.item(-1), x.item(1, 2), x.item((0, 1))",
    "view": "x.view(), x.view(float), (x > 2).view(np.int8)",
    "flat": "x.flat[2], x.flat[-2:], x.flat[[0, 3]], x.flat.copy(), len(x.flat), list(x.flat)",
    "in": "3.0 in x, 99.0 in x",
    "round of numbers": "round(x.sum()), round(x.sum() / 7, 2)",
    "numbers": "math.floor(x[0, 0]), math.ceil(x[0, 0] / 2), math.trunc(x.sum() / 3)",
    "format": "f'{x.sum()}', f'{x.sum():.2f}', f'{x.mean(dtype=np.float32) / 3}'",
}


@pytest.mark.parametrize("name", CALLS)
def test_methods_take_numpys_arguments(name):
    scope = {"np": np, "math": math}
    ours, theirs = (eval(CALLS[name], scope | {"x": x}) for x in (leaf(MATRIX), MATRIX))
    ours, theirs = (r if isinstance(r, tuple) else (r,) for r in (ours, theirs))
    for found, expected in zip(ours, theirs, strict=True):
        assert difference(found, expected, 1e-6) == ""


CHANGES = {
    "fill": "x.fill(0.5)",
    "flat": "x.flat = [7, 8]",
    "flat of a slice": "x.flat[1:4] = [7, 8]",
    "flat of one": "x.flat[-1] *= 2",
    "partition": "x.partition(0, axis=0)",
    "put": "x.put([0, -1], [7, 8])",
    "sort": "x.sort()",
    "sort along": "x.sort(0, stable=True)",
    "real": "x.real = -x",
    "nan_to_num": "np.nan_to_num(x, copy=False)",
}


@pytest.mark.parametrize("name", CHANGES)
def test_methods_that_write_are_recorded_assignments(name):
    start = leaf(MATRIX)
    x, array = start * -1, MATRIX * -1
    for values in (x, array):
        exec(CHANGES[name], {"x": values, "np": np})
    assert_array_equal(x.data, array)

    def changed(values):
        values = values * -1
        exec(CHANGES[name], {"x": values, "np": np})
        return values * np.arange(6.0).reshape(2, 3)

    check_gradients(changed, MATRIX, order=1)
    with pytest.raises(GraphError, match="leaf that requires a gradient"):
        exec(CHANGES[name], {"x": start, "np": np})
    assert_array_equal(start.data, MATRIX)


def test_parts_of_complex_numbers_can_be_set_where_nothing_is_recorded():
    x, array = Tensor([1 + 2j, 3.0]), np.array([1 + 2j, 3.0])
    for z in (x, array):
        z.real = [np.inf, 7.0]
        z.imag = 5
    assert_array_equal(x.data, array)
    with pytest.raises(UnsupportedError, match=r"write x = values \+ 1j \* x\.imag"):
        (leaf([1.0]) * 1j).real = 5
    with pytest.raises(UnsupportedAttributeError, match=r"number's \.real can't be set"):
        x.sum().real = 5  # NumPy's scalars can't be changed
    with pytest.raises(DTypeError, match="no imaginary parts"):
        leaf([1.0]).imag = 5


def test_every_attribute_of_arrays_works_or_says_what_to_do():
    x = leaf(MATRIX)
    private = {name for name in dir(np.ndarray) if name.startswith("_")}
    for name in {*dir(np.ndarray), *ATTRIBUTES} - private:
        if hasattr(x, name):
            assert name not in ATTRIBUTES
            continue
        with pytest.raises(UnsupportedAttributeError, match=f"no attribute {name}: .*[a-z]"):
            getattr(x, name)
        assert getattr(x, name, 3) == 3


@pytest.mark.parametrize(
    ("name", "advice"),
    [("shape", r"reshape\(\(3, 2\)\)"), ("dtype", "astype")],
)
def test_shape_and_dtype_stay_as_they_are(name, advice):
    x = leaf(MATRIX)
    with pytest.raises(UnsupportedAttributeError, match=advice):
        setattr(x, name, (3, 2))


def test_an_attribute_that_nobody_has_is_pythons_own_error():
    with pytest.raises(AttributeError, match="'Tensor' object has no attribute 'transposed'") as e:
        leaf(MATRIX).transposed  # noqa: B018
    assert not isinstance(e.value, UnsupportedError)
    assert e.value.name == "transposed"


WRONG = {
    "keepdims by position": (lambda x: x.sum(0, True), DTypeError, "keepdims is given by name"),
    "out": (lambda x: x.max(0, np.zeros(3)), UnsupportedError, "'out'"),
    "fields": (lambda x: x.sort(order="a"), UnsupportedError, "'order'"),
    "casting": (lambda x: x.astype(int, casting="safe"), DTypeError, "under casting='safe'"),
    "fill": (lambda x: x.fill([1.0, 2.0]), ShapeError, "fill takes one value"),
    "view of a shape": (lambda x: x.view(-1), UnsupportedError, r"x\.reshape\(shape\)"),
    "view of bytes": (lambda x: x.view(np.int64), UnsupportedError, "no derivative"),
    "view of rows": (lambda x: x.detach().view("c16"), ShapeError, "view of shape"),
    "item": (lambda x: x.item(6), IndexingError, r"item of shape \(2, 3\)"),
    "item of too many": (lambda x: x.item(0, 0, 0), ShapeError, "item of shape"),
    "flat": (lambda x: x.flat[9], IndexingError, r"flat of shape \(2, 3\)"),
    "floor": (math.floor, ScalarError, "exactly one value"),
    "index": (lambda x: [1, 2][x.argmax(0)], ScalarError, r"shape \(3,\) can't stand for a whole"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_arguments_are_named(name):
    call, error, message = WRONG[name]
    with pytest.raises(error, match=message):
        call(leaf(MATRIX))


def test_a_tensor_of_one_integer_with_axes_is_an_array_of_indices():
    t = leaf([3.0, 1.0, 2.0])
    first = np.argsort(t)[:1]
    assert np.eye(3)[first].shape == (1, 3)
    assert np.eye(3)[first[0]].shape == (3,)
    assert t[first].shape == (1,)
    assert np.eye(3)[:, first].shape == (3, 1)
    for use in (operator.index, range, lambda i: [1, 2][i], lambda i: [1, 2, 3][:i]):
        with pytest.raises(TypeError):
            use(first)
    assert [1, 2, 3][: first[0]] == [1]


def test_an_index_that_is_a_result_gives_views_as_numpys_integers_do():
    x, array = leaf(MATRIX) * 1, MATRIX * 1
    for values in (x, array):
        row = values[np.argmax(values[:, 0])]
        row *= 2
    assert_array_equal(x.data, array)


def test_an_end_of_a_slice_is_what_it_was():
    end = Tensor(2)
    x = leaf([1.0, 2.0, 3.0])
    y = x[:end]
    end[...] = 0
    assert_array_equal(gradients(y.sum(), x).data, [1.0, 1.0, 0.0])
