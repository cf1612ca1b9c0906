"""Constant tensors may take part in writing into NumPy's own arrays."""

import operator

import numpy as np
import pytest

from autograd_lite import Tensor
from autograd_lite.errors import UnsupportedError

C = np.array([1.0, 3.0])
M = np.array([[1.0, 2.0], [3.0, 4.0]])
INDEX = np.array([1, 0])
MASK = np.array([True, False])

WRITES = {
    "-=": lambda a, c, **t: operator.isub(a, c),
    "+=": lambda a, c, **t: operator.iadd(a, c),
    "*=": lambda a, c, **t: operator.imul(a, c),
    "**=": lambda a, c, **t: operator.ipow(a, c),
    "//=": lambda a, c, **t: operator.ifloordiv(a, c),
    "add": lambda a, c, **t: np.add(a, c, out=a),
    "add by position": lambda a, c, **t: np.add(a, c, a),
    "add where": lambda a, c, mask, **t: np.add(a, c, out=a, where=mask),
    "exp": lambda a, c, **t: np.exp(c, out=a),
    "floor": lambda a, c, **t: np.floor(c, out=a),
    "matmul": lambda a, c, m, **t: np.matmul(m, c, out=a),
    "sum": lambda a, m, **t: np.sum(m, axis=0, out=a),
    "sum by position": lambda a, m, **t: np.sum(m, 0, None, a),
    "mean": lambda a, m, **t: np.mean(m, axis=1, out=a),
    "cumsum": lambda a, c, **t: np.cumsum(c, out=a),
    "clip": lambda a, c, **t: np.clip(a, 0.5, c, out=a),
    "clip by position": lambda a, c, **t: np.clip(c, 0.5, 2.0, a),
    "clip, a method": lambda a, c, **t: a.clip(0.5, c, out=a),
    "concatenate": lambda a, c, **t: np.concatenate([c[:1], a[1:]], out=a),
    "einsum": lambda a, c, m, **t: np.einsum("ij,j->i", m, c, out=a),
    "dot": lambda a, c, m, **t: np.dot(m, c, out=a),
    "take": lambda a, c, index, **t: np.take(c, index, out=a),
    "round": lambda a, c, **t: np.round(c, 0, out=a),
    "round by position": lambda a, c, **t: np.round(c, 0, a),
    "reduce": lambda a, m, **t: np.add.reduce(m, out=a),
    "accumulate": lambda a, c, **t: np.multiply.accumulate(c, out=a),
    "divmod": lambda a, c, **t: np.divmod(c, 2.0, out=(a, None)),
    "add.at": lambda a, c, **t: np.add.at(a, [0, 0], c),
    "add.at, index": lambda a, index, **t: np.add.at(a, index, 1.0),
    "[mask] =": lambda a, c, mask, **t: operator.setitem(a, mask, c[:1]),
    "[0] =": lambda a, c, **t: operator.setitem(a, 0, c[1]),
    "copyto": lambda a, c, **t: np.copyto(a, c),
    "copyto by name": lambda a, c, mask, **t: np.copyto(dst=a, src=c, where=mask),
    "put": lambda a, c, index, **t: np.put(a, index, c),
    "put, a method": lambda a, c, index, **t: a.put(index, c),
    "place": lambda a, c, mask, **t: np.place(a, mask, c),
    "putmask": lambda a, c, mask, **t: np.putmask(a, mask, c),
    "put_along_axis": lambda a, c, index, **t: np.put_along_axis(a, index, c, 0),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_constants_are_written_as_numpy_writes_values(write):
    names = {"c": C, "m": M, "index": INDEX, "mask": MASK}
    expected = np.array([10.0, 20.0])
    theirs = write(expected, **names)
    array = np.array([10.0, 20.0])
    ours = write(array, **{name: Tensor(values) for name, values in names.items()})
    np.testing.assert_array_equal(array, expected)
    assert type(ours) is type(theirs)
    assert (ours is array) == (theirs is expected)


def test_fill_diagonal_of_an_array():
    array = np.zeros((2, 2))
    np.fill_diagonal(array, Tensor(C))
    np.testing.assert_array_equal(array, np.diag(C))


@pytest.mark.parametrize(
    "write",
    [
        operator.isub,
        lambda a, w: np.add(1.0, w, out=a),
        lambda a, w: np.cumsum(w, out=a),
        lambda a, w: np.concatenate([a[:1], w[:1]], out=a),
        lambda a, w: np.add.at(a, [0, 0], w),
        np.copyto,
        lambda a, w: np.put(a, [0, 1], w),
        lambda a, w: np.place(a, MASK, w),
        lambda a, w: np.putmask(a, MASK, w),
        lambda a, w: np.put_along_axis(a, INDEX, w, 0),
    ],
)
def test_what_requires_a_gradient_is_refused_and_nothing_is_written(write):
    array = np.array([10.0, 20.0])
    with pytest.raises(UnsupportedError):
        write(array, Tensor(C, requires_grad=True))
    assert array.tolist() == [10.0, 20.0]


@pytest.mark.parametrize(
    "write",
    [
        lambda t: np.add(1.0, C, out=t),
        lambda t: np.add(t, t, out=t),
        lambda t: np.floor(C, out=t),
        lambda t: np.round(C, 0, out=t),
        lambda t: np.round(C, 0, t),
        lambda t: np.around(t, 0, t),
        lambda t: np.fix(C, t),
        lambda t: np.argmax(M, axis=0, out=t),
        lambda t: np.sum(M, axis=0, out=t),
        lambda t: np.clip(C, 0, 1, t),
        lambda t: np.add.reduce(M, out=t),
    ],
)
@pytest.mark.parametrize("tracked", [False, True])
def test_out_of_a_tensor_is_refused_and_nothing_is_written(write, tracked):
    tensor = Tensor([1.5, 2.5], requires_grad=tracked) * 1
    with pytest.raises(UnsupportedError, match=r"into a tensor by out=|does not take 'out'"):
        write(tensor)
    assert tensor.tolist() == [1.5, 2.5]


def test_numpys_own_errors_are_numpys():
    with pytest.raises(TypeError, match="Cannot cast ufunc 'subtract'"):
        operator.isub(np.array([1, 2]), Tensor(C))
    with pytest.raises(ValueError, match="could not be broadcast"):
        np.add(np.zeros(3), Tensor(C), out=np.zeros(3))
