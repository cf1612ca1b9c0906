"""Operands of other libraries: what is taken, what is left to them, and what is refused by name."""

import collections
import operator

import numpy as np
import pytest
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.testing import assert_array_equal

from autograd_lite import (
    Tensor,
    as_tensor,
    asarray,
    concatenate,
    flatten,
    grad,
    jacobian,
    maximum,
    register_array_type,
    tree_map,
    vjp,
)
from autograd_lite.errors import DTypeError, ForeignOperandError, GraphError

from .building import leaf

OPERATORS = (operator.mul, operator.add, operator.pow, operator.matmul, operator.lt, operator.eq)


class Metres(np.ndarray):
    """As quantities do: an array whose ufuncs mean more, and take the ``value`` of others."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        inputs = [getattr(x, "value", x) for x in inputs]
        inputs = [x.view(np.ndarray) if isinstance(x, Metres) else x for x in inputs]
        return super().__array_ufunc__(ufunc, method, *inputs, **kwargs)


class Labelled(NDArrayOperatorsMixin):
    """As data frames and quantities do: it holds an array of any library, and a name."""

    def __init__(self, values):
        self.values = values
        self.dtype = values.dtype

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype=dtype, copy=copy)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        inputs = [x.values if isinstance(x, Labelled) else x for x in inputs]
        return Labelled(getattr(ufunc, method)(*inputs, **kwargs))


class Note(np.ndarray):
    """An array with something written beside it, to which operators mean what they always do."""


def metres(values):
    return np.asarray(values).view(Metres)


def matrix(values):
    with pytest.warns(PendingDeprecationWarning):
        return np.matrix(values)


X = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("other", "named"),
    [
        (lambda: metres(X), "Metres"),
        (lambda: np.ma.array(X, mask=[False, True, False]), "masked"),
        (lambda: matrix(np.diag(X)), "numpy's matrix"),
    ],
    ids=["subclass", "masked", "matrix"],
)
@pytest.mark.parametrize("op", OPERATORS)
def test_arrays_that_mean_more_are_refused_by_name(other, named, op):
    t = leaf(X)
    with pytest.raises(ForeignOperandError, match=f"{named}.* is not an operand"):
        op(t, other())
    with pytest.raises((ForeignOperandError, GraphError, TypeError)):
        op(other(), t)


@pytest.mark.parametrize("function", [np.multiply, np.maximum, np.less, np.where, np.dot])
def test_functions_refuse_them_too(function):
    t = leaf(X)
    rest = (0.0,) if function is np.where else ()
    for args in ((t, metres(X), *rest), (metres(X), t, *rest)):
        with pytest.raises(ForeignOperandError, match="Metres is not an operand"):
            function(*args)


def test_a_gradient_does_not_get_lost_in_a_quantity():
    q = metres(np.ones(3))
    with pytest.raises(ForeignOperandError):
        grad(lambda w: np.sum((q * w - 3) ** 2))(X)


@pytest.mark.parametrize("op", [operator.mul, operator.add, operator.truediv])
def test_a_library_that_knows_how_may_answer(op):
    for swapped in (False, True):
        t = leaf(X)
        args = (Labelled(X), t) if swapped else (t, Labelled(X))
        y = op(*args)
        assert type(y) is Labelled
        assert type(y.values) is Tensor
        y.values.sum().backward()
        assert t.grad is not None


def test_ours_are_no_place_for_theirs():
    with pytest.raises(ForeignOperandError, match="Labelled is not an operand"):
        maximum(leaf(X), Labelled(X))


@pytest.mark.parametrize("convert", [Tensor, as_tensor, lambda x: concatenate([x])])
def test_asked_for_they_are_converted(convert):
    assert type(convert(Labelled(X)).data) is np.ndarray
    assert_array_equal(convert(Labelled(X)).data, X)
    with pytest.raises(DTypeError):
        convert(metres(X))


@pytest.mark.parametrize("kind", [Note, np.memmap])
def test_arrays_to_which_operators_mean_the_same_are_taken(kind, tmp_path):
    if kind is np.memmap:
        a = np.memmap(tmp_path / "numbers", np.float64, "w+", shape=(3,))
        a[:] = X
    else:
        a = X.view(kind)
    for y in (leaf(X) * a, a * leaf(X), np.maximum(a, leaf(X)), leaf(X) > a):
        assert type(y.data) is np.ndarray


class Duck(NDArrayOperatorsMixin):
    """An array of another library, that follows NumPy's protocols."""

    def __init__(self, values):
        self.values = values

    shape = property(lambda self: self.values.shape)
    dtype = property(lambda self: self.values.dtype)
    ndim = property(lambda self: self.values.ndim)
    size = property(lambda self: self.values.size)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if any(isinstance(x, Tensor) for x in inputs):
            return NotImplemented
        inputs = [x.values if isinstance(x, Duck) else x for x in inputs]
        return Duck(getattr(ufunc, method)(*inputs, **kwargs))

    def __array_function__(self, func, types, args, kwargs):
        return NotImplemented


def test_a_registered_type_is_computed_with_as_it_is():
    class Registered(Duck):
        pass

    with pytest.raises(TypeError):
        leaf(X) * Registered(X)
    assert register_array_type(Registered) is Registered
    for swapped in (False, True):
        t = leaf(X)
        y = Registered(X) * t if swapped else t * Registered(X)
        assert type(y) is Tensor
        assert type(y.array) is Duck
    assert type((np.maximum(Registered(X), leaf(X))).array) is Duck


@register_array_type
class OnDevice(Duck):
    """Values that NumPy can't read, as in the memory of a GPU."""

    def __array__(self, dtype=None, copy=None):
        raise TypeError("the values aren't in the memory of the CPU")

    def copy(self):
        return OnDevice(self.values.copy())

    def astype(self, dtype):
        return OnDevice(self.values.astype(dtype))


def test_an_array_of_a_registered_type_stays_what_it_is():
    given = OnDevice(X.copy())
    assert as_tensor(given).array is given
    assert asarray(given).array is given
    for tensor in (Tensor(given), asarray(given, copy=True), Tensor(Tensor(given))):
        assert type(tensor.array) is OnDevice
        assert not np.shares_memory(tensor.array.values, given.values)
    for tensor in (Tensor(given, dtype=np.float32), as_tensor(given, np.float32)):
        assert type(tensor.array) is OnDevice
        assert tensor.dtype == np.float32
    assert leaf(given).requires_grad


def test_the_dtype_of_a_registered_type_is_checked_as_that_of_an_array():
    with pytest.raises(DTypeError, match="can't become float64"):
        Tensor(OnDevice(X + 1j), dtype=np.float64)
    with pytest.raises(DTypeError, match="not one of numbers"):
        as_tensor(OnDevice(np.array(["a"])))


@pytest.mark.parametrize("kind", [list, str, int])
def test_only_what_follows_the_protocols_can_be_registered(kind):
    with pytest.raises(DTypeError, match="has no __array_ufunc__"):
        register_array_type(kind)


@pytest.mark.parametrize(
    "call",
    [
        grad(lambda t: (t["b"] ** 2).sum()),
        jacobian(lambda t: t["b"]),
        lambda tree: vjp(lambda t: t["b"], tree),
        flatten,
        lambda tree: tree_map(lambda x: 2 * x, tree),
    ],
    ids=["grad", "jacobian", "vjp", "flatten", "tree_map"],
)
def test_a_leaf_of_theirs_is_not_left_out_in_silence(call):
    with pytest.raises(ForeignOperandError, match="Labelled is not an operand"):
        call({"a": Labelled(X), "b": X})


@pytest.mark.parametrize("dtype", [np.dtype(np.int64), "Int64", "library.uint8", "category"])
def test_integers_of_theirs_pass_through_as_ours_do(dtype):
    labels = Labelled(np.array([0, 1, 2]))
    labels.dtype = dtype
    tree = {"labels": labels, "b": X}
    assert grad(lambda t: (t["b"] * np.asarray(t["labels"])).sum())(tree)["labels"] is None
    assert flatten(tree)[1](X)["labels"] is labels


@pytest.mark.parametrize("transform", [grad, jacobian, lambda f: lambda x: flatten([x])])
@pytest.mark.parametrize("tree", [False, True])
def test_what_is_differentiated_is_no_matrix(transform, tree):
    """Its product is another one inside of the function, where it is a tensor."""
    m = matrix([[1.0, 2.0], [3.0, 4.0]])
    with pytest.raises(ForeignOperandError, match="numpy's matrix"):
        transform(lambda x: np.sum(x["m"] if tree else x))({"m": m} if tree else m)


@pytest.mark.parametrize("make", [collections.deque, Labelled, list])
def test_an_index_may_change_before_the_backward_pass(make):
    t = leaf(X)
    index = make(np.array([0, 1]))
    y = t[index] ** 2
    (index.values if make is Labelled else index)[0] = 2
    y.sum().backward()
    assert_array_equal(t.grad, [2, 4, 0])


@pytest.mark.parametrize("index", [np.ma.array([0, 1], mask=[False, True]), metres([0, 1])])
def test_an_index_that_means_more_is_refused(index):
    t = Tensor(X)
    with pytest.raises(ForeignOperandError, match=r"masked|Metres"):
        t[index]
    with pytest.raises(ForeignOperandError, match=r"masked|Metres"):
        t[index, None] = 1.0
    assert_array_equal(t, X)


def test_a_range_is_a_sequence_of_numbers():
    t = leaf(X)
    assert_array_equal(t == range(1, 4), [True, True, True])
    assert_array_equal(range(1, 4) != t, [False, False, False])
    assert_array_equal((t * range(3)).numpy(), X * range(3))


@pytest.mark.parametrize("function", [Tensor, as_tensor, lambda x: concatenate([x])])
def test_what_numpy_finds_no_numbers_in_is_named(function):
    class Sparse:
        shape = (1,)

    with pytest.raises(ForeignOperandError, match="Sparse is not an operand"):
        function(Sparse())


class Quantity:
    """As those of pint are: no subclass, and NumPy makes an array of its numbers alone."""

    units = property(lambda self: "m")

    def __array__(self, dtype=None, copy=None):
        return np.array(X, dtype=dtype)


@pytest.mark.parametrize("make", [Quantity, lambda: metres(X), lambda: np.ma.array(X, mask=X > 1)])
@pytest.mark.parametrize(
    "function",
    [
        Tensor,
        lambda q: Tensor([q, q]),
        lambda q: np.sum(leaf(X), initial=q),
        lambda q: np.repeat(leaf(X), q),
        lambda q: leaf(X) * [q],
        lambda q: leaf(X).dot(q),
        lambda q: leaf(X).backward(q),
    ],
)
def test_units_and_masks_are_not_converted_away(make, function):
    with pytest.raises(DTypeError, match="is not an operand"):
        function(make())


class Silent:
    """As arrays of PyTorch and JAX do, it doesn't say how it compares with a tensor."""

    def __array__(self, dtype=None, copy=None):
        return np.array(X, dtype=dtype)


@pytest.mark.parametrize("other", [Silent(), collections.deque(X), memoryview(X)])
@pytest.mark.parametrize("op", [operator.eq, operator.ne])
def test_equal_values_are_not_one_false_for_all(other, op):
    for a, b in ((Tensor(X), other), (other, Tensor(X))):
        with pytest.raises(ForeignOperandError, match="is not an operand"):
            op(a, b)


@pytest.mark.parametrize("other", [None, "text", b"text", object(), {}, 1j])
def test_what_holds_no_numbers_is_unequal(other):
    assert not np.any(Tensor(X) == other)
    assert np.all(Tensor(X) != other)
    assert np.all(other != Tensor(X))


class Column(np.ndarray):
    """As in a table: an array to which operators mean the same, with a unit or without."""

    unit = None


def test_a_column_is_taken_only_without_a_unit():
    column = X.view(Column)
    assert_array_equal((leaf(X) * column).numpy(), X * X)
    column.unit = "m"
    for make in (lambda: leaf(X) * column, lambda: column * leaf(X), lambda: Tensor(column)):
        with pytest.raises(ForeignOperandError, match="Column is not an operand"):
            make()
