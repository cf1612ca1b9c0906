"""Choosing, sorting and writing values: edges, ties, NaN, errors."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor, gradients
from autograd_lite.errors import (
    DTypeError,
    GraphError,
    IndexingError,
    ShapeError,
    UnsupportedError,
)
from autograd_lite.testing import check_gradients

NAN, INF = np.nan, np.inf


@pytest.fixture(autouse=True)
def _warnings_are_errors() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def leaf(x: Any) -> Tensor:
    return Tensor(x, requires_grad=True, dtype=np.float64)


def slope(function: Callable[[Tensor], Tensor], x: Any) -> Any:
    """Return the gradient of a sum of the values with the weights 1, 2, 3 ..."""
    tensor = leaf(x)
    y = function(tensor)
    weights = np.arange(1.0, y.size + 1).reshape(y.shape)
    return gradients((y * weights).sum(), tensor).tolist()


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        # an index that repeats adds up
        (lambda x: np.take(x, [0, 0, -1]), [1, 2, 3], [3, 0, 3]),
        (lambda x: np.take(x, [-4, 3], mode="clip"), [1, 2, 3], [1, 0, 2]),
        (lambda x: np.take(x, [-4, 3], mode="wrap"), [1, 2, 3], [2, 0, 1]),
        (lambda x: np.take(x, []), [1, 2], [0, 0]),
        (lambda x: np.take(x, [0, 0]), 5, 3),
        # ties: the first of them goes with the first place
        (np.sort, [2, 1, 2, 1], [3, 1, 4, 2]),
        (lambda x: ag.sort(x, descending=True), [2, 3, 1], [2, 1, 3]),
        # NaN is last
        (lambda x: np.sort(x)[:2], [NAN, 2, 1], [0, 2, 1]),
        (lambda x: ag.sort(x, descending=True)[1:], [NAN, 2, 1], [0, 1, 2]),
        (np.unique, [3, 1, 3, NAN, NAN], [2, 1, 0, 3, 0]),
        (lambda x: np.where(x > 1)[0] * x[1:], [1, 2, 3], [0, 1, 4]),
        (lambda x: np.select([x > 2, x > 1], [x * x, 3 * x], -x), [1, 2, 3], [-1, 6, 18]),
        (lambda x: np.select([x > 2], [INF], x), [1, 3], [1, 0]),
        (lambda x: np.piecewise(x, x < 2, [lambda x: 5 * x]), [1, 2, 3], [5, 0, 0]),
        (lambda x: np.piecewise(x, x < 2, [np.square, np.sqrt]), [1, 4], [2, 0.5]),
        (lambda x: np.piecewise(x, [x < 2, x < 3], [lambda x: x, 7.0]), [1, 4], [0, 0]),
        (lambda x: np.intersect1d(x, [1.0, 3.0]), [3, 2, 3], [1, 0, 0]),
        (lambda x: np.setdiff1d(x, [1.0], assume_unique=True), [3, 1, 2], [1, 0, 2]),
    ],
)
def test_where_the_gradient_goes(function, x, expected):
    assert slope(function, x) == expected


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("axis", [0, 1, None])
def test_argsort_sorts_stably(descending, axis):
    x = np.array([[3.0, 1.0, 3.0], [1.0, 3.0, 1.0]])
    order = ag.argsort(x, axis=axis, descending=descending, stable=True).data
    expected = np.argsort(-x if descending else x, axis=axis, stable=True)
    np.testing.assert_array_equal(order, expected)
    taken = ag.take_along_axis(x, order, axis)
    np.testing.assert_array_equal(taken.data, ag.sort(x, axis=axis, descending=descending).data)


def test_partition_puts_each_where_sorting_would():
    x = np.random.default_rng(0).permutation(50).astype(float)
    for kth in (0, 7, -1, [3, 30]):
        y = np.partition(leaf(x), kth).data
        np.testing.assert_array_equal(y[kth], np.sort(x)[kth])
        np.testing.assert_array_equal(np.sort(y), np.sort(x))


def test_functions_without_a_derivative_give_constants():
    x = leaf([3.0, 0.0, 1.0, 3.0])
    found = [
        np.argsort(x), np.argpartition(x, 1), np.nonzero(x)[0], np.flatnonzero(x),
        np.argwhere(x), np.isin(x, [3.0]), np.searchsorted([0.0, 2.0], x), np.digitize(x, [1.0]),
        np.lexsort((x, x)), *np.histogram(x, 3), x.argsort(), x.nonzero()[0], x.argpartition(1),
        np.where(x)[0], ag.lexsort([x, x]), ag.digitize(x, [1.0]), x.searchsorted(2.0),
        ag.argwhere(x), ag.flatnonzero(x), ag.bincount([1, 2]), ag.where(x)[0],
    ]  # fmt: skip
    assert all(isinstance(y, Tensor) and not y.requires_grad for y in found)
    assert found[6].tolist() == [2, 0, 1, 2]
    assert found[0].tolist() == np.argsort(x.data).tolist()


def test_methods_are_the_functions():
    x = leaf([[3.0, 1.0], [2.0, 5.0]])
    assert x.take([0, 3]).tolist() == [3, 5]
    assert x.take([0], axis=1, mode="clip").tolist() == [[3], [2]]
    assert x.compress([True, False], axis=1).tolist() == [[3], [2]]
    assert Tensor([0, 1]).choose([x[0], 9.0]).tolist() == [3, 9]
    y = x * 1
    y.put([0, -1], 7.0)
    assert y.tolist() == [[7, 1], [2, 7]]


def test_lists_and_python_numbers():
    assert ag.choose([0, 1], [[1.0, 2.0], 10.0], mode="wrap").tolist() == [1, 10]
    x = Tensor([1.0, 2.0], requires_grad=True, dtype=np.float32)
    assert np.choose([0, 1], [x, 0.5]).dtype == np.float32
    assert np.select([x > 1], [x], 0.5).dtype == np.float32
    assert ag.choose([1, 0], x).tolist() == [2, 1]


@pytest.mark.parametrize(
    "index", [np.array([0, 255, 0], np.uint8), np.array([[299, -1], [0, -300]])]
)
@pytest.mark.parametrize("shape", [(300,), (300, 2), (300, 0)])
def test_rows_that_are_read_several_times_add_up(index, shape):
    x = leaf(np.ones(shape))
    expected = np.zeros(shape)
    for _ in range(2):
        np.add.at(expected, index, 1)
    np.testing.assert_array_equal(gradients((x[index] + x[index]).sum(), x).data, expected)
    both = gradients((x[index] + x[index,]).sum(), x).data  # the second is added in place
    np.testing.assert_array_equal(both, expected)


def test_histogram_of_weights():
    a, w = np.array([0.1, 0.5, 0.9, 1.0, 7.0]), np.arange(1.0, 6)
    for bins, limits in ((4, (0, 1)), ([0.0, 0.5, 1.0], None), (3, None), (3, (0.5, 0.5))):
        for density in (False, True):
            ours, edges = np.histogram(a, bins, limits, density=density, weights=leaf(w))
            theirs = np.histogram(a, bins, limits, density=density, weights=w)
            np.testing.assert_allclose(ours.data, theirs[0])
            np.testing.assert_array_equal(edges.data, theirs[1])
            assert ours.requires_grad
    check_gradients(lambda w: np.histogram(a, 3, density=True, weights=w)[0], w)


@pytest.mark.parametrize("bins", [3, [2, 4], [-1.0, 0.0, 1.0], [np.array([-1.0, 2.0]), 3]])
@pytest.mark.parametrize("given_range", [None, [(-1, 1), (0, 2)]])
@pytest.mark.parametrize("density", [False, True])
def test_histograms_of_points(bins, given_range, density):
    x, y, w = np.random.default_rng(0).standard_normal((3, 20))
    theirs = np.histogram2d(x, y, bins, given_range, density, w)
    for weights in (Tensor(w), leaf(w)):  # those of constants are NumPy's own
        ours = np.histogram2d(leaf(x), y, bins, given_range, density, weights)
        assert ours[0].requires_grad == weights.requires_grad
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a.data, b, rtol=1e-12, atol=1e-12)
    counts, edges = np.histogramdd([leaf(x), y, x], (2, 3, 4))
    assert counts.shape == (2, 3, 4)
    assert not counts.requires_grad
    np.testing.assert_array_equal(edges[2].data, np.histogramdd([x, y, x], (2, 3, 4))[1][2])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: np.histogram2d(x, x[:2]), ShapeError, "histogram2d .*one length"),
        (lambda x: np.histogram2d([1.0], [1.0], weights=x), ShapeError, "histogramdd: weights"),
        (lambda x: np.take(x, 3), IndexingError, "take: index 3 is out of bounds for length 3"),
        (lambda x: np.take(x, -4), IndexingError, "out of bounds"),
        (lambda x: np.take(x, [0.5]), DTypeError, "must be integers"),
        (lambda x: np.take(x[:0], 0, mode="wrap"), IndexingError, "of nothing"),
        (lambda x: np.take(x, 0, axis=1), ShapeError, r"take of shape \(3,\): axis 1"),
        (lambda x: np.take_along_axis(x, np.array([[0]]), 0), ShapeError, "need the axes"),
        (lambda x: np.take_along_axis(x, np.array([0.0]), 0), DTypeError, "must be integers"),
        (lambda x: np.choose([2], [x, x]), ShapeError, "choose of .*each index"),
        (lambda x: np.compress([[True]], x), ShapeError, "must be a vector"),
        (lambda x: np.select([], [x]), ShapeError, "at least one"),
        (lambda x: np.select([x], [x]), DTypeError, "dtype bool"),
        (lambda x: np.sort(x, axis=1), ShapeError, "sort of shape"),
        (lambda x: np.sort(x, order="name"), UnsupportedError, "does not take 'order'"),
        (lambda x: np.partition(x, 9), ShapeError, "argpartition of .*kth"),
        (lambda x: np.where(x > 1, x), UnsupportedError, "both choices"),
        (lambda x: np.piecewise(x, [x > 1], [1, 2, 3]), ShapeError, "1 conditions and 3 functions"),
        (lambda x: np.apply_along_axis(np.sum, 0, x[:0, None][:, :0]), ShapeError, "no lines"),
        (lambda x: np.bincount([0, 1], x), ShapeError, "bincount: weights of shape"),
        (lambda x: np.bincount([-1, 1, 2], x), ShapeError, "bincount of"),
        (lambda x: np.histogram([1.0], weights=x), ShapeError, "histogram: weights"),
        (lambda x: np.put(np.zeros(3), [0], x), UnsupportedError, "put writes into a tensor"),
        (lambda x: np.put(x * 1, [5], 0.0), IndexingError, "put: index 5"),
        (lambda x: np.put(x, [0], 0.0), GraphError, "leaf that requires a gradient"),
        (lambda x: np.place(x * 1, x > 0, []), ShapeError, "no values for 3 places"),
        (lambda x: np.place(x * 1, [True], 1.0), ShapeError, "place: a mask of shape"),
        (lambda x: np.copyto(x * 1, 1j), DTypeError, "can't become float64"),
        (lambda x: np.fill_diagonal(x * 1, 0.0), ShapeError, "needs two axes"),
    ],
)
def test_what_is_wrong_is_told(call, error, message):
    with pytest.raises(error, match=message):
        call(leaf([1.0, 2.0, 3.0]))


def write(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., Any]:
    """Return what writes the second argument into a copy of the first, and gives the copy."""

    def written(x: Any, v: Any) -> Any:
        out = x * 1
        function(out, *(v if a is Ellipsis else a for a in args), **kwargs)
        return out * out

    return written


MASK = np.array([[True, False, True], [False, True, True]])
V = ...

WRITES = [
    (write(np.put, [0, -1, 4], V), (2,)),
    (write(np.put, [0, 9], V, mode="wrap"), (3,)),
    (write(np.put, [-3, 9], V, "clip"), ()),
    (write(np.put, [], V), (2,)),
    (write(np.put_along_axis, np.array([[2], [0]]), V, 1), (2, 1)),
    (write(np.put_along_axis, np.array([1, -1]), V, None), (2,)),
    (write(np.place, MASK, V), (3,)),
    (write(np.place, MASK, V), (6,)),
    (write(np.putmask, MASK, V), (2, 3)),
    (write(np.putmask, MASK, V), (4,)),
    (write(np.copyto, V), (3,)),
    (write(np.copyto, V, where=MASK), (2, 1)),
    (write(np.copyto, V, where=[True, False, True]), ()),
    (write(np.fill_diagonal, V), ()),
    (write(np.fill_diagonal, V), (2,)),
]


@pytest.mark.parametrize(("function", "shape"), WRITES)
def test_writing_is_numpy_s_and_recorded(function, shape):
    rng = np.random.default_rng(0)
    x, v = rng.normal(size=(2, 3)), rng.normal(size=shape)
    np.testing.assert_allclose(function(leaf(x), leaf(v)).data, function(x, v))
    check_gradients(function, x, v)


@pytest.mark.parametrize("shape", [(5, 2), (2, 5), (3, 3, 3), (7, 3)])
@pytest.mark.parametrize("wrap", [False, True])
def test_fill_diagonal_of_every_shape(shape, wrap):
    if len(shape) == 3 and wrap:
        wrap = False
    function = write(np.fill_diagonal, V, wrap)
    x, v = np.random.default_rng(0).normal(size=shape), np.array([2.0, 3.0])
    np.testing.assert_allclose(function(leaf(x), leaf(v)).data, function(x, v))
