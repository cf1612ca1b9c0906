"""Operators and NumPy's functions on tensors."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd_lite as ag
from autograd_lite import Tensor, as_tensor
from autograd_lite.errors import (
    DTypeError,
    GraphError,
    UnsupportedError,
)
from autograd_lite.ops.mathematics.arithmetic import power

from .building import MATRIX, leaf

DTYPES = [np.float16, np.float32, np.float64]


# ---------------------------------------------------------------- operators

OPERATORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
}
OPERANDS = {
    "tensor": Tensor([1.5, 2.0, 2.5]),
    "array": np.array([1.5, 2.0, 2.5]),
    "column": np.array([[1.5], [2.0]]),
    "list": [1.5, 2.0, 2.5],
    "tuple": (1.5, 2.0, 2.5),
    "float": 2.5,
    "int": 3,
    "bool": True,
    "np.float64": np.float64(2.5),
    "np.float32": np.float32(2.5),
    "np.int64": np.int64(3),
    "0-d array": np.array(2.5),
}


def plain(operand):
    """Return an operand as NumPy's operators take it."""
    return operand.data if isinstance(operand, Tensor) else np.asarray(operand)


@pytest.mark.parametrize("other", OPERANDS.values(), ids=OPERANDS)
@pytest.mark.parametrize("operator", OPERATORS.values(), ids=OPERATORS)
def test_operators_take_other_operands_on_either_side(operator, other):
    x = leaf(MATRIX)
    for result, expected in [
        (operator(x, other), operator(MATRIX, plain(other))),
        (operator(other, x), operator(plain(other), MATRIX)),
    ]:
        assert type(result) is Tensor
        assert result.requires_grad
        assert_allclose(result.data, expected, rtol=1e-14)
        x.zero_grad()
        result.sum().backward()
        assert x.grad.shape == x.shape


@pytest.mark.parametrize(
    "other", [np.ones((3, 2)), np.ones((3, 2)).tolist(), Tensor(np.ones((3, 2)))], ids=type
)
def test_matmul_takes_other_operands_on_either_side(other):
    x = leaf(MATRIX)
    for result, expected in [
        (x @ other, MATRIX @ np.ones((3, 2))),
        (other @ x, np.ones((3, 2)) @ MATRIX),
    ]:
        assert type(result) is Tensor
        assert_allclose(result.data, expected, rtol=1e-14)
        x.zero_grad()
        result.sum().backward()
        assert x.grad.shape == x.shape


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=OPERATORS)
@pytest.mark.parametrize("scalar", [3, 0.1, True], ids=type)
@pytest.mark.parametrize("dtype", DTYPES)
def test_python_scalars_never_promote(operator, scalar, dtype):
    x = leaf([1.0, 2.0], dtype)
    result = operator(x, scalar) + operator(scalar, x)
    assert result.dtype == dtype
    result.sum().backward()
    assert x.grad.dtype == dtype


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=OPERATORS)
@pytest.mark.parametrize("scalar", [np.float64(2.0), np.float32(2.0), np.float16(2.0)], ids=type)
@pytest.mark.parametrize("dtype", DTYPES)
def test_numpy_scalars_promote_as_in_numpy(operator, scalar, dtype):
    x = leaf([1.0, 2.0], dtype)
    assert operator(x, scalar).dtype == operator(x.data, scalar).dtype
    assert operator(scalar, x).dtype == operator(scalar, x.data).dtype


def test_unary_operators():
    x = leaf([-1.0, 2.0])
    for result, expected, slope in [
        (-x, [1.0, -2.0], [-1.0, -1.0]),
        (+x, [-1.0, 2.0], [1.0, 1.0]),
        (abs(x), [1.0, 2.0], [-1.0, 1.0]),
    ]:
        assert_array_equal(result.data, expected)
        assert_array_equal(ag.gradients(result.sum(), x).data, slope)
    assert_array_equal((~Tensor([True, False])).data, [False, True])


COMPARISONS = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


@pytest.mark.parametrize("compare", COMPARISONS.values(), ids=COMPARISONS)
@pytest.mark.parametrize("other", [2.0, [1.0, 2.0, 3.0], np.ones(3), Tensor(2.0)], ids=type)
def test_comparisons_give_constants(compare, other):
    values = np.array([1.0, 2.0, 3.0])
    x = leaf(values)
    for result, expected in [
        (compare(x, other), compare(values, plain(other))),
        (compare(other, x), compare(plain(other), values)),
    ]:
        assert type(result) is Tensor
        assert not result.requires_grad
        assert result.dtype == np.bool_
        assert_array_equal(result.data, expected)


def test_masks_combine_as_in_numpy():
    a, b = Tensor([True, True, False]), Tensor([True, False, False])
    assert_array_equal((a & b).data, [True, False, False])
    assert_array_equal((a | b).data, [True, True, False])
    assert_array_equal((a ^ b).data, [False, True, False])


@pytest.mark.parametrize("other", [None, "text", object()], ids=type)
def test_nothing_else_is_equal_to_a_tensor(other):
    x = Tensor([1.0, 2.0])
    assert (x == other) is False
    assert (x != other) is True
    assert (other == x) is False


@pytest.mark.parametrize("operator", [*OPERATORS.values(), COMPARISONS["<"]])
@pytest.mark.parametrize("other", [None, "text", object(), {}], ids=type)
def test_operators_leave_strangers_to_python(operator, other):
    x = leaf([1.0])
    with pytest.raises(TypeError):
        operator(x, other)
    with pytest.raises(TypeError):
        operator(other, x)


def test_the_other_operand_may_know_how():
    class Knows:
        def __radd__(self, other):
            return "radd"

        def __rmatmul__(self, other):
            return "rmatmul"

        def __gt__(self, other):
            return "gt"

    x = leaf([1.0])
    assert (x + Knows(), x @ Knows(), x < Knows()) == ("radd", "rmatmul", "gt")


# ---------------------------------------------------------------- NumPy's functions

ROW = np.array([[1.0, 2.0, 0.5]])
NUMPY_FUNCTIONS = {
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "square": np.square,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "abs": np.abs,
    "negative": np.negative,
    "positive": np.positive,
    "add": lambda x: np.add(ROW, x),
    "subtract": lambda x: np.subtract(x, ROW),
    "multiply": lambda x: np.multiply(x, 3),
    "divide": lambda x: np.divide(1, x),
    "power": lambda x: np.power(x, 3.0),
    "matmul": lambda x: np.matmul(x, ROW.T),
    "maximum": lambda x: np.maximum(x, ROW * 1.1),
    "minimum": lambda x: np.minimum(ROW * 1.1, x),
    "sum": np.sum,
    "sum along an axis": lambda x: np.sum(x, axis=0, keepdims=True),
    "sum along the second": lambda x: np.sum(x, 1),
    "mean": lambda x: np.mean(x, axis=-1),
    "max": lambda x: np.max(x, axis=0),
    "min": np.min,
    "add.reduce": np.add.reduce,
    "maximum.reduce": lambda x: np.maximum.reduce(x, axis=1, keepdims=True),
    "minimum.reduce": lambda x: np.minimum.reduce(x, axis=None),
    "reshape": lambda x: np.reshape(x, (3, 2)),
    "reshape by keyword": lambda x: np.reshape(x, shape=-1),
    "transpose": np.transpose,
    "transpose by axes": lambda x: np.transpose(x, axes=(1, 0)),
    "swapaxes": lambda x: np.swapaxes(x, 0, 1),
    "expand_dims": lambda x: np.expand_dims(x, (0, -1)),
    "squeeze": lambda x: np.squeeze(x[:1], axis=0),
    "broadcast_to": lambda x: np.broadcast_to(x, (4, 2, 3)),
    "concatenate": lambda x: np.concatenate([ROW, x, x]),
    "concatenate along an axis": lambda x: np.concatenate((x, np.ones((2, 1))), axis=-1),
    "stack": lambda x: np.stack([x, np.ones((2, 3))], axis=1),
    "where": lambda x: np.where(MATRIX > 1, x, ROW),
    "where by a tensor": lambda x: np.where(x > 1.2, 0.0, x),
    "clip": lambda x: np.clip(x, 0.8, 2.2),
    "clip from below": lambda x: np.clip(x, a_min=0.8, a_max=None),
    "methods": lambda x: x.reshape(3, 2).T.sum(0).mean(),
}


@pytest.mark.parametrize("function", NUMPY_FUNCTIONS.values(), ids=NUMPY_FUNCTIONS)
def test_numpy_functions_give_tensors_with_gradients(function):
    x = leaf(MATRIX)
    y = function(x)
    assert type(y) is Tensor
    assert_allclose(y.data, function(as_tensor(MATRIX)).data, rtol=1e-14)
    weights = np.linspace(1.0, 2.0, y.size).reshape(y.shape)
    y.backward(weights)

    def value(values):
        return np.sum(function(values) * weights)

    step = 1e-6 * np.eye(MATRIX.size).reshape(-1, *MATRIX.shape)
    slope = [(value(MATRIX + h) - value(MATRIX - h)) / 2e-6 for h in step]
    assert_allclose(x.grad.data.ravel(), slope, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("function", NUMPY_FUNCTIONS.values(), ids=NUMPY_FUNCTIONS)
def test_numpy_functions_give_the_values_of_numpy(function):
    assert_allclose(function(leaf(MATRIX)).data, function(MATRIX), rtol=1e-14)


CONSTANT_FUNCTIONS = {
    "floor": np.floor,
    "rint": np.rint,
    "isnan": np.isnan,
    "isfinite": np.isfinite,
    "greater": lambda x: np.greater(x, ROW),
    "logical_not": np.logical_not,
    "argmax": lambda x: np.argmax(x, axis=1),
    "argmin": lambda x: np.argmin(x, axis=0, keepdims=True),
    "zeros_like": np.zeros_like,
    "ones_like": lambda x: np.ones_like(x, dtype=np.float32),
}


@pytest.mark.parametrize("function", CONSTANT_FUNCTIONS.values(), ids=CONSTANT_FUNCTIONS)
def test_functions_without_slope_give_constants(function):
    result, expected = function(leaf(MATRIX)), function(MATRIX)
    assert type(result) is Tensor
    assert not result.requires_grad
    assert result.dtype == expected.dtype
    assert_array_equal(result.data, expected)


def test_shape_functions_give_python_values():
    x = leaf(MATRIX)
    assert (np.shape(x), np.ndim(x), np.size(x)) == ((2, 3), 2, 6)


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda x: np.add(x, 1, where=MATRIX > 1), r"np\.add with where="),
        (lambda x: np.add(x, 1, dtype=np.float32), r"np\.add with dtype="),
    ],
)
def test_other_numpy_functions_are_an_error_that_names_them(function, name):
    with pytest.raises(UnsupportedError, match=rf"^{name} has no rule here.*no gradient is needed"):
        function(leaf(MATRIX))


@pytest.mark.parametrize(
    ("function", "complaint"),
    [
        (lambda x: np.sum(x, out=np.ones(())), r"np\.sum does not take 'out'"),
        (lambda x: np.sum(x, 0, None, np.ones(3)), r"np\.sum does not take 'out'"),
        (lambda x: np.clip(x, 0, 1, out=np.ones((2, 3))), r"np\.clip does not take 'out'"),
    ],
)
def test_other_keywords_are_an_error_that_names_them(function, complaint):
    with pytest.raises(UnsupportedError, match=complaint):
        function(leaf(MATRIX))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.sum(x, 0, np.float32),
        lambda x: np.sum(x, 0, None, None, True),
        lambda x: np.max(x, 0, None, True),
        lambda x: np.mean(x, 0, None, None, True),
        lambda x: np.std(x, 0, None, None, 1),
        lambda x: np.clip(x, 0, 1, None),
        lambda x: np.reshape(x, (3, 2), "F"),
        lambda x: np.concatenate([x, x], 0, None),
        lambda x: np.dot(x, x[0], None),
        lambda x: np.inner(x, x),
        lambda x: np.where(x > 0, x, 0.0),
    ],
)
def test_arguments_by_position_mean_what_they_mean_in_numpy(function):
    result = function(leaf(MATRIX))
    expected = function(MATRIX)
    assert result.dtype == expected.dtype
    assert_allclose(result.data, expected, rtol=1e-7)
    assert result.requires_grad


def test_writing_into_an_array_is_an_error():
    x, array = leaf(MATRIX), MATRIX.copy()
    with pytest.raises(UnsupportedError, match=r"np\.add can't write into an array"):
        array += x
    with pytest.raises(UnsupportedError, match=r"np\.exp can't write into an array"):
        np.exp(x, out=array)
    with pytest.raises(UnsupportedError, match=r"np\.multiply can't write"):
        np.multiply(array, array, out=x)
    assert_array_equal(array, MATRIX)


@pytest.mark.parametrize("convert", [np.array, np.asarray, lambda x: np.ones((2, 3)).__iadd__([x])])
def test_a_recorded_tensor_is_not_silently_an_array(convert):
    with pytest.raises(GraphError, match=r"would lose the gradient.*tensor\.numpy\(\)"):
        convert(leaf(MATRIX))


def test_arrays_are_clipped_by_tensors():
    low = leaf([1.0, 3.0])
    clipped = np.array([0.0, 5.0]).clip(low, 4.0)
    assert_array_equal(clipped.data, [1.0, 4.0])
    clipped.sum().backward()
    assert_array_equal(low.grad.data, [1.0, 0.0])


def test_a_constant_is_an_array_for_numpy():
    x = Tensor(MATRIX)
    assert np.asarray(x) is x.data
    assert np.array(x) is not x.data
    assert np.asarray(x, dtype=np.float32).dtype == np.float32
    assert_array_equal(np.array([x, x]), np.stack([MATRIX, MATRIX]))
    with pytest.raises(ValueError, match="copy"):
        np.array(x, dtype=np.float32, copy=False)


def test_masks_combine_with_python_booleans_on_either_side():
    mask = Tensor([1.0, -1.0]) > 0
    assert (True & mask).tolist() == (mask & True).tolist() == [True, False]
    assert (False | mask).tolist() == [True, False]
    assert (True ^ mask).tolist() == [False, True]


def test_what_does_not_fit_the_dtype_is_a_dtype_error():
    with pytest.raises(DTypeError, match="out of bounds"):
        Tensor(np.array([1], np.uint8)) + 300


def test_an_index_may_be_changed_after_use():
    x = leaf([1.0, 2.0, 3.0])
    index = np.array([0, 1])
    y = x[index]
    index += 1
    y.sum().backward()
    assert_array_equal(x.grad.data, [1, 1, 0])


def test_setting_data_copies_it_and_loses_nothing():
    x = leaf([1.0, 2.0])
    values = np.zeros(2)
    x.data = values
    values += 1
    assert_array_equal(x.data, [0, 0])
    with pytest.raises(DTypeError, match="float64 can't replace data of dtype int64"):
        Tensor([1, 2]).data = [1.5, 2.5]


def test_real_numbers_can_replace_complex_ones():
    z = leaf([1j, 2j], np.complex128)
    z.data = np.zeros(2)
    assert z.dtype == np.complex128
    assert_array_equal(z.data, [0, 0])


def test_losses_of_integers_are_computed_in_float64():
    assert ag.mean_squared_error(np.uint8([0]), np.uint8([20])).item() == 400
    assert ag.cross_entropy([[0, 0]], [1]).dtype == np.float64


# ---------------------------------------------------------------- powers of negative numbers

WHOLE = {
    "int": lambda b: b,
    "float": float,
    "NumPy integer": np.int64,
    "NumPy float": np.float64,
    "array without axes": np.array,
    "array": lambda b: np.full(12, b, np.float64),
    "array of integers": lambda b: np.full((2, 1), b),
}
BASES = [-np.inf, -3.5, -2.0, -1.0, -0.25, -0.0, 0.0, 0.5, 1.5, np.inf, np.nan, -1e200]


class Watched(np.ndarray):
    """An array that NumPy's slow power of negative numbers is not to be asked for."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        plain = [np.asarray(x) for x in inputs]
        slow = ufunc is np.power and np.any(plain[0] < 0)
        assert not slow or plain[1].tolist() in (-1, 0, 1, 2)  # of numbers, not of arrays
        result = getattr(ufunc, method)(*plain, **kwargs)
        return result.view(Watched) if isinstance(result, np.ndarray) and result.ndim else result


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("exponent", [-65, -5, -2, -1, 0, 1, 2, 3, 7, 64, 65])
def test_whole_powers_are_numpys_without_its_slow_way(kind, exponent):
    if kind in ("int", "float") and abs(exponent) > 64:
        pytest.skip("more factors than NumPy's way takes")
    x, b = np.array(BASES), WHOLE[kind](exponent)
    with np.errstate(all="ignore"):
        expected = x**b
        y = power.forward(x.view(Watched), b)
        power.rules[0](np.ones_like(y), y, x.view(Watched), b)
    assert y.dtype == expected.dtype
    assert_allclose(np.asarray(y), expected, rtol=1e-13)
    signs = ~np.isnan(expected)
    assert_array_equal(np.signbit(y)[signs], np.signbit(expected)[signs])


def test_some_whole_exponents_are_numpys_powers():
    x, b = np.array([-2.0, -2.0, 2.0, -1.0]), np.array([3.0, 0.5, 0.5, -1.0])
    with np.errstate(invalid="ignore"):
        assert_array_equal((Tensor(x) ** b).data, x**b)
