"""Tensor by itself: construction, Python's protocols, attributes, indexing."""

import copy
import math
import pickle
import re

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from autograd_lite import Tensor, as_tensor, no_grad
from autograd_lite.errors import (
    DTypeError,
    GraphError,
    IndexingError,
    ShapeError,
    UnsupportedError,
)

from .building import MATRIX, leaf

DTYPES = [np.float16, np.float32, np.float64]


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


def test_a_tensor_of_a_constant_is_a_leaf_of_its_own():
    x = Tensor([1.0, 2.0])
    for constant in (x * 2, (leaf([1.0, 2.0]) * 2).detach()):
        y = Tensor(constant, requires_grad=True)
        (y * y).sum().backward()
        assert_array_equal(y.grad.data, [4.0, 8.0])
        y.data[0] = 7.0
        assert constant.tolist() == [2.0, 4.0]


@pytest.mark.parametrize("make", [lambda x: x, lambda x: x * 2, lambda x: x.sum()])
def test_a_tensor_of_one_that_requires_a_gradient_is_refused(make):
    with pytest.raises(GraphError, match=r"x\.detach\(\).*x\.copy\(\).*as_tensor\(x\)"):
        Tensor(make(leaf([1.0, 2.0])), requires_grad=True)


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


@pytest.mark.parametrize(("values", "name"), [([1, 2], "int64"), ([True], "bool")])
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
def test_values_that_are_not_numbers_are_an_error(make, values):
    with pytest.raises(DTypeError, match="not one of numbers"):
        make(values)


@pytest.mark.parametrize("values", ["abc", ["1.5"], [object], [1j]], ids=repr)
def test_complex_values_are_an_error_if_a_real_dtype_is_asked_for(values):
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
    x = Tensor([2.5])
    assert (float(x), int(x), x.item(), math.exp(x)) == (2.5, 2, 2.5, math.exp(2.5))
    assert (int(leaf([2.5])), leaf([2.5]).item()) == (2, 2.5)
    assert isinstance(Tensor(3).item(), int)
    assert isinstance(Tensor([3.0], dtype=np.float32).item(), float)


def test_a_gradient_is_not_lost_in_a_number():
    x, row = leaf([2.5]), np.zeros(2)
    message = r"lose the gradient; write np\.exp.*assign into a tensor"
    for use in (float, complex, math.exp):
        with pytest.raises(GraphError, match=message):
            use(x)
    with pytest.raises(ValueError, match="setting an array element") as caught:  # in NumPy's words
        row[0] = x
    assert re.search(message, str(caught.value.__cause__))


@pytest.mark.parametrize("convert", [float, int, Tensor.item], ids=["float", "int", "item"])
@pytest.mark.parametrize("values", [MATRIX, np.zeros(0)], ids=["several", "none"])
def test_taking_out_a_number_needs_exactly_one(convert, values):
    with pytest.raises(ShapeError, match=r"item\(\) needs exactly one value; this has shape \("):
        convert(Tensor(values))


def test_integer_tensors_are_indices():
    assert [10, 20, 30][Tensor(1)] == 20
    assert list(range(5))[Tensor(1) : Tensor(3)] == [1, 2]
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


def test_format_is_like_that_of_the_number():
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


def test_deepcopy_keeps_sharing():
    x = leaf([1.0])
    first, second = copy.deepcopy([x, x])
    assert first is second


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_copy_of_a_result_with_its_graph_is_an_error(duplicate):
    with pytest.raises(GraphError, match="result of multiply can't be copied or pickled with its"):
        duplicate(leaf([1.0]) * 2)


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, copy.copy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_leaves_are_copied_as_new_leaves_with_their_gradients(copied):
    x = leaf([1.0, 2.0])
    (x * x).sum().backward()
    twin = copied(x)
    assert twin.requires_grad
    assert_array_equal(twin.grad.data, [2.0, 4.0])
    assert not np.shares_memory(twin.data, x.data)
    assert twin.index > x.index  # a new one: x may come from another process
    assert_array_equal(twin.data, x.data)
    assert not copied(Tensor([1.0])).requires_grad
    assert copied(leaf([1.0])).grad is None


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


def test_data_of_a_result_cannot_be_set():
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


def test_requires_grad_of_a_result_cannot_be_cleared():
    y = leaf([1.0]) * 2
    y.requires_grad = True
    with pytest.raises(GraphError, match=r"result of multiply; use detach\(\)"):
        y.requires_grad = False
    assert y.requires_grad


def test_a_misspelt_attribute_is_an_error():
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
def test_indexing_works_as_in_numpy_and_has_a_gradient(index, as_tensors):
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


def test_assigning_into_the_data_of_a_leaf_is_seen():
    x = leaf([1.0, 2.0])
    with no_grad():
        x.data[0] = 5.0
    assert x.tolist() == [5.0, 2.0]
