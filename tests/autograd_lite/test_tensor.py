"""Tensor by itself: construction, operators, NumPy's protocols, Python's protocols."""

import copy
import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd_lite as ag
from autograd_lite import Tensor, as_tensor, no_grad
from autograd_lite.errors import (
    DTypeError,
    GraphError,
    IndexingError,
    ShapeError,
    UnsupportedError,
)

DTYPES = [np.float16, np.float32, np.float64]
MATRIX = np.array([[0.5, 1.5, 2.5], [1.0, 3.0, 2.0]])


def leaf(values, dtype=None):
    return Tensor(values, requires_grad=True, dtype=dtype)


# ---------------------------------------------------------------- construction


def test_a_tensor_copies_its_array():
    array = np.array([1.0, 2.0])
    x = Tensor(array)
    array[0] = 7.0
    assert_array_equal(x.data, [1.0, 2.0])


def test_as_tensor_shares_its_array():
    array = np.array([1.0, 2.0])
    x = as_tensor(array)
    assert x.data is array
    assert not x.requires_grad


def test_as_tensor_of_a_tensor_is_itself():
    x = leaf([1.0])
    assert as_tensor(x) is x
    assert as_tensor(x, np.float64) is x


def test_as_tensor_converts_a_tensor_with_its_gradient():
    x = leaf([1.0, 2.0], np.float32)
    y = as_tensor(x, np.float64)
    assert y.dtype == np.float64
    y.sum().backward()
    assert x.grad.dtype == np.float32


def test_a_tensor_of_a_tensor_is_a_leaf_of_its_own():
    x = leaf([1.0, 2.0])
    y = Tensor(x * 2, requires_grad=True)
    (y * y).sum().backward()
    assert x.grad is None
    assert_array_equal(y.grad.data, [4.0, 8.0])


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (1.0, np.float64),
        ([1.0, 2.0], np.float64),
        (np.float32(1.0), np.float32),
        (np.ones(2, np.float16), np.float16),
        ([1, 2], np.int64),
        (np.ones(2, np.uint8), np.uint8),
        ([True, False], np.bool_),
        ([1j], np.complex128),
    ],
)
def test_the_dtype_is_that_of_the_values(values, dtype):
    x = Tensor(values)
    assert x.dtype == dtype
    assert not x.requires_grad
    assert x.grad is None


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_dtype_can_be_chosen(dtype):
    assert leaf([1, 2], dtype).dtype == dtype
    assert as_tensor([1, 2], dtype).dtype == dtype


@pytest.mark.parametrize(
    ("values", "name"), [([1, 2], "int64"), ([True], "bool"), ([1j], "complex128")]
)
def test_only_floating_tensors_can_require_a_gradient(values, name):
    with pytest.raises(DTypeError, match=rf"dtype {name} can't require a gradient.*floating"):
        Tensor(values, requires_grad=True)
    constant = Tensor(values)
    with pytest.raises(DTypeError, match=name):
        constant.requires_grad = True
    assert not constant.requires_grad


@pytest.mark.parametrize("make", [Tensor, as_tensor])
def test_ragged_sequences_are_an_error(make):
    with pytest.raises(ShapeError, match="rectangular"):
        make([[1.0], [1.0, 2.0]])


@pytest.mark.parametrize("make", [Tensor, as_tensor])
@pytest.mark.parametrize(
    "values",
    [["a"], "abc", [object()], None, np.array(["2020-01-01"], "M8[D]"), np.zeros(1, [("a", "f8")])],
    ids=["list of text", "text", "objects", "None", "dates", "records"],
)
def test_what_is_not_numbers_is_an_error(make, values):
    with pytest.raises(DTypeError, match="not one of numbers"):
        make(values)


@pytest.mark.parametrize("values", ["abc", ["1.5"], [object], [1j]], ids=repr)
def test_what_is_not_real_is_an_error_where_a_real_dtype_is_asked_for(values):
    with pytest.raises(DTypeError):
        Tensor(values, dtype=np.float64)


def test_a_list_of_recorded_tensors_is_an_error_that_names_stack():
    with pytest.raises(GraphError, match=r"autograd_lite\.stack"):
        Tensor([leaf(1.0), leaf(2.0)])


def test_properties_are_those_of_the_array():
    x = Tensor(MATRIX)
    assert (x.shape, x.ndim, x.size, x.dtype) == ((2, 3), 2, 6, np.float64)
    assert x.numpy() is x.data
    assert x.tolist() == MATRIX.tolist()
    assert_array_equal(x.T.data, MATRIX.T)
    assert_array_equal(Tensor(np.ones((4, 2, 3))).mT.data, np.ones((4, 3, 2)))


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
    "sign": np.sign,
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
        (np.linalg.norm, r"np\.linalg\.norm"),
        (np.arctan, r"np\.arctan"),
        (np.sort, r"np\.sort"),
        (np.cumsum, r"np\.cumsum"),
        (lambda x: np.dot(x, x), r"np\.dot"),
        (lambda x: np.einsum("ij->ji", x), r"np\.einsum"),
        (np.add.accumulate, r"np\.add\.accumulate"),
        (lambda x: np.multiply.outer(x, x), r"np\.multiply\.outer"),
        (np.multiply.reduce, r"np\.multiply\.reduce"),
        (lambda x: np.add(x, 1, where=MATRIX > 1), r"np\.add with where="),
        (lambda x: np.add(x, 1, dtype=np.float32), r"np\.add with dtype="),
    ],
)
def test_other_numpy_functions_are_an_error_that_names_them(function, name):
    with pytest.raises(UnsupportedError, match=rf"^{name} has no derivative here.*Primitive"):
        function(leaf(MATRIX))


@pytest.mark.parametrize(
    ("function", "complaint"),
    [
        (lambda x: np.sum(x, where=MATRIX > 1), r"np\.sum does not take 'where'"),
        (lambda x: np.mean(x, dtype=np.float32), r"np\.mean does not take 'dtype'"),
        (lambda x: np.reshape(x, (3, 2), order="F"), r"np\.reshape does not take 'order'"),
        (lambda x: np.add.reduce(x, initial=1.0), r"np\.sum does not take 'initial'"),
        (lambda x: np.clip(x, 0, 1, out=np.ones((2, 3))), r"np\.clip does not take 'out'"),
    ],
)
def test_other_keywords_are_an_error_that_names_them(function, complaint):
    with pytest.raises(UnsupportedError, match=complaint):
        function(leaf(MATRIX))


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda x: np.sum(x, 0, np.float32), "sum"),
        (lambda x: np.sum(x, 0, None), "sum"),
        (lambda x: np.max(x, 0, None, True), "max"),
        (lambda x: np.argmax(x, 0, None), "argmax"),
        (lambda x: np.mean(x, 0, None, None, True), "mean"),
        (lambda x: np.clip(x, 0, 1, None), "clip"),
        (lambda x: np.reshape(x, (3, 2), "F"), "reshape"),
        (lambda x: np.zeros_like(x, np.float32, "C"), "zeros_like"),
        (lambda x: np.concatenate([x, x], 0, None), "concatenate"),
        (lambda x: np.where(x > 1), "where"),
        (lambda x: np.where(x > 1, x), "where"),
    ],
)
def test_positional_arguments_that_mean_something_else_in_numpy_are_an_error(function, name):
    with pytest.raises(UnsupportedError, match=rf"^np\.{name} takes .* for tensors"):
        function(leaf(MATRIX))


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


def test_a_constant_is_an_array_for_numpy():
    x = Tensor(MATRIX)
    assert np.asarray(x) is x.data
    assert np.array(x) is not x.data
    assert np.asarray(x, dtype=np.float32).dtype == np.float32
    assert_array_equal(np.array([x, x]), np.stack([MATRIX, MATRIX]))
    with pytest.raises(ValueError, match="copy"):
        np.array(x, dtype=np.float32, copy=False)


# ---------------------------------------------------------------- Python's protocols


def test_len_is_the_first_axis():
    assert len(Tensor(MATRIX)) == 2
    with pytest.raises(UnsupportedError, match="no length"):
        len(Tensor(1.0))
    assert not np.iterable(Tensor(1.0))


def test_bool_needs_one_value():
    assert Tensor(1.0)
    assert not Tensor([[0.0]])
    for values in (MATRIX, []):
        with pytest.raises(ShapeError, match=r"neither true nor false.*any\(\)"):
            bool(Tensor(values))


def test_numbers_can_be_taken_out():
    x = leaf([2.5])
    assert (float(x), int(x), x.item(), math.exp(x)) == (2.5, 2, 2.5, math.exp(2.5))
    assert isinstance(Tensor(3).item(), int)
    assert isinstance(Tensor([3.0], dtype=np.float32).item(), float)


@pytest.mark.parametrize("convert", [float, int, Tensor.item], ids=["float", "int", "item"])
@pytest.mark.parametrize("values", [MATRIX, np.zeros(0)], ids=["several", "none"])
def test_taking_out_a_number_needs_exactly_one(convert, values):
    with pytest.raises(ShapeError, match=r"item\(\) needs exactly one value; this has shape \("):
        convert(Tensor(values))


def test_integer_tensors_are_indices():
    assert [10, 20, 30][Tensor(1)] == 20
    assert range(5)[Tensor([3])] == 3
    with pytest.raises(DTypeError, match="dtype float64 can't be used as an index"):
        [10, 20][Tensor(1.0)]
    with pytest.raises(ShapeError, match=r"shape \(2,\)"):
        [10, 20][Tensor([0, 1])]


def test_iteration_gives_rows_with_gradients():
    x = leaf(MATRIX)
    first, second = x
    (first * 2 + second * 3).sum().backward()
    assert_array_equal(x.grad.data, [[2.0] * 3, [3.0] * 3])
    with pytest.raises(UnsupportedError, match="no axes"):
        iter(Tensor(1.0))


def test_format_is_that_of_the_number():
    assert f"{leaf(2.0):.3f}" == "2.000"
    assert f"{Tensor([[7]]):03d}" == "007"
    assert f"{Tensor([1.0, 2.0])}" == "Tensor([1., 2.])"
    with pytest.raises(ShapeError, match="exactly one"):
        format(Tensor([1.0, 2.0]), ".2f")


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Tensor([1.0, 2.0]), "Tensor([1., 2.])"),
        (lambda: Tensor(3), "Tensor(3)"),
        (lambda: Tensor([True]), "Tensor([ True])"),
        (lambda: Tensor([1.0], dtype=np.float32), "Tensor([1.], dtype=float32)"),
        (lambda: Tensor(np.zeros((0, 2))), "Tensor([], dtype=float64, shape=(0, 2))"),
        (lambda: leaf([1.0]), "Tensor([1.], requires_grad=True)"),
        (lambda: leaf([1.0]) * 2, "Tensor([2.], op=multiply)"),
        (lambda: Tensor([[1.0], [2.0]]), "Tensor([[1.],\n        [2.]])"),
    ],
)
def test_repr(make, text):
    assert repr(make()) == text


def test_deepcopy_makes_an_independent_leaf():
    x = leaf([1.0, 2.0])
    twin = copy.deepcopy({"x": x})["x"]
    assert twin is not x
    assert twin.requires_grad
    assert not np.shares_memory(twin.data, x.data)
    assert not copy.deepcopy(Tensor([1.0])).requires_grad


def test_deepcopy_keeps_what_is_shared_shared():
    x = leaf([1.0])
    first, second = copy.deepcopy([x, x])
    assert first is second


def test_deepcopy_of_a_result_is_an_error():
    with pytest.raises(GraphError, match=r"result of multiply can't be copied.*detach\(\)"):
        copy.deepcopy(leaf([1.0]) * 2)


def test_tensors_hash_by_identity():
    x, y = Tensor([1.0]), Tensor([1.0])
    names = {x: "x", y: "y"}
    assert (names[x], names[y], len({x, y, x})) == ("x", "y", 2)


# ---------------------------------------------------------------- attributes


def test_data_of_a_leaf_can_be_set():
    x = leaf([1.0, 2.0], np.float32)
    x.data = np.array([3.0, 4.0])
    assert x.dtype == np.float32
    assert_array_equal(x.data, [3.0, 4.0])


@pytest.mark.parametrize(
    ("values", "error"),
    [([1.0], ShapeError), ([[1.0, 2.0]], ShapeError), (3.0, ShapeError), (["a", "b"], DTypeError)],
)
def test_data_that_does_not_fit_is_refused(values, error):
    x = leaf([1.0, 2.0])
    with pytest.raises(error):
        x.data = values
    assert_array_equal(x.data, [1.0, 2.0])


def test_data_of_a_result_can_not_be_set():
    y = leaf([1.0, 2.0]) * 2
    with pytest.raises(GraphError, match="result of multiply can't be set"):
        y.data = [1.0, 2.0]
    assert_array_equal(y.data, [2.0, 4.0])


def test_requires_grad_can_be_set_on_leaves():
    x = Tensor([1.0, 2.0])
    x.requires_grad = True
    assert (x * 2).requires_grad
    x.requires_grad = False
    assert not (x * 2).requires_grad


def test_requires_grad_of_a_result_can_not_be_taken_away():
    y = leaf([1.0]) * 2
    y.requires_grad = True
    with pytest.raises(GraphError, match=r"result of multiply; use detach\(\)"):
        y.requires_grad = False
    assert y.requires_grad


def test_attributes_can_not_be_misspelt():
    with pytest.raises(AttributeError):
        Tensor(1.0).require_grad = True


def test_astype_keeps_the_gradient_only_in_floating_dtypes():
    x = leaf([1.5, 2.5])
    half = x.astype(np.float16)
    assert half.requires_grad
    half.sum().backward()
    assert x.grad.dtype == np.float64
    whole = x.astype(np.int64)
    assert not whole.requires_grad
    assert whole.tolist() == [1, 2]


# ---------------------------------------------------------------- indexing

INDICES = {
    "integer": 1,
    "negative": -1,
    "slice": np.s_[:, 1:],
    "step": np.s_[::-1, ::2],
    "ellipsis": np.s_[..., 0],
    "new axis": np.s_[:, None],
    "pair": (0, 2),
    "list": [1, 0, 1],
    "empty list": [],
    "list in a tuple": np.s_[:, [0, 0, 2]],
    "array": np.array([[1, 1], [0, 1]]),
    "mask": MATRIX > 1.2,
    "row mask": np.array([True, False]),
    "nothing": (),
}


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
@pytest.mark.parametrize("as_tensors", [False, True])
def test_indexing_is_that_of_numpy_and_has_a_gradient(index, as_tensors):
    x = leaf(MATRIX)
    y = x[Tensor(index) if as_tensors and isinstance(index, np.ndarray) else index]
    assert_array_equal(y.data, MATRIX[index])
    y.backward(np.full(y.shape, 2.0))
    expected = np.zeros_like(MATRIX)
    np.add.at(expected, index, 2.0)
    assert_array_equal(x.grad.data, expected)


@pytest.mark.parametrize(
    "index",
    [2, -3, (0, 3), (0, 0, 0), [0, 5], "a", 0.5, np.array([0.5]), ["a"]],
    ids=repr,
)
def test_a_wrong_index_is_an_error_that_names_the_shape(index):
    with pytest.raises(IndexingError, match=r"^getitem of shape \(2, 3\) \(float64\), index="):
        leaf(MATRIX)[index]


def test_a_ragged_index_is_an_error():
    with pytest.raises(IndexingError, match="rectangular"):
        leaf(MATRIX)[[[0], [0, 1]]]


def test_assigning_into_a_tensor_is_an_error():
    for x in (leaf(MATRIX), Tensor(MATRIX), leaf(MATRIX) * 1):
        with pytest.raises(UnsupportedError, match=r"can't be recorded.*where"):
            x[0] = 1.0
        assert_array_equal(x.data, MATRIX)


def test_assigning_into_the_data_of_a_leaf_is_seen():
    x = leaf([1.0, 2.0])
    with no_grad():
        x.data[0] = 5.0
    assert x.tolist() == [5.0, 2.0]
