"""What NumPy's functions do in their corners: dtypes, memory, errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Tensor, as_tensor
from autograd_lite.errors import AxisError, DTypeError, GraphError, ShapeError, WeightsError

from .building import MATRIX, leaf
from .programs.comparing import difference
from .test_ops import SPECS

DETAILS = {
    "the mean as integers": "np.mean(x, dtype=int), np.mean(x, 0, dtype=bool)",
    "the variance as integers": "np.var(x, 0, dtype=int), np.std(x, dtype=int, ddof=1)",
    "the trace as truth": "np.trace(x, dtype=bool), np.trace(x > 1, dtype=bool)",
    "weights of nothing": "np.bincount(x[:0, 0].astype(int), weights=x[:0, 0])",
    "small integers as complex": "np.sort_complex(x[0].astype('i2')), np.sort_complex(x[0] > 1)",
    "no axes to pad": "np.pad(x.sum().astype(int), 0), np.pad(x.sum(), 0)",
    "an empty line": "np.apply_along_axis(np.cumsum, 0, x[0, :0])",
    "two names of bounds": "np.clip(x, a_min=2, a_max=4), np.clip(x, 2, 4), np.clip(x, max=3)",
    "in memory": "x.T.astype('f4', 'A').ravel('K'), np.take(x, [0, 2], 1).ravel('K')",
    "what remains in memory": "np.delete(x, 0, 1).ravel('K'), np.delete(x, [0], 1).ravel('K')",
    "grids in memory": "[grid.ravel('K') for grid in np.meshgrid(x[0], x[1])]",
}


@pytest.mark.parametrize("name", DETAILS)
def test_details_are_those_of_numpy(name):
    ours, theirs = (eval(DETAILS[name], {"np": np, "x": x}) for x in (leaf(MATRIX), MATRIX))
    assert difference(ours, theirs, 1e-6) == ""


ERRORS = {
    "tensordot": (lambda x: np.tensordot(x[0, 0], x[0, 0], 1), AxisError, "can't sum over 1"),
    "interp": (lambda x: np.interp(x * 1j, [0, 1], [0, 1]), DTypeError, "x must be real"),
    "average": (lambda x: np.average(x, weights=0 * MATRIX), WeightsError, "sum to 0"),
    "read-only": (
        lambda x: np.broadcast_to(x * 1, (2, 2, 3)).fill(0.0),
        ShapeError,
        r"shape \(2, 2, 3\) is read-only.*x = x\.copy\(\)",
    ),
    "array": (lambda x: np.array([x[0], x[1]]), GraphError, r"autograd_lite\.asarray"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_of_numpys_types(name):
    call, error, message = ERRORS[name]
    with pytest.raises(error, match=message):
        call(leaf(MATRIX))
    assert issubclass(WeightsError, ZeroDivisionError)


def test_methods_of_arrays_take_masks_that_are_tensors():
    mask = Tensor([True, False])
    found = [np.array([0.0, 3.0]).any(where=mask), np.array([0.0, 3.0]).all(where=~mask)]
    assert [x.item() for x in found] == [False, True]
    assert np.array([2.0, 3.0]).sum(where=mask).item() == 2


def test_what_the_error_of_np_array_names_works():
    x = leaf(MATRIX)
    for join in (ag.asarray, ag.stack):
        joined = join([x[0], x[1] * 2])
        assert joined.requires_grad
        assert joined.tolist() == [[3.0, 1.0, 2.0], [0.0, 10.0, 8.0]] or joined.shape == (2, 3)


def test_clip_knows_numpys_other_names():
    assert ag.clip(leaf(MATRIX), a_min=2.0, a_max=4.0).tolist() == MATRIX.clip(2, 4).tolist()


@pytest.mark.parametrize(
    "copy", [lambda x: x.copy(), lambda x: x.view(), lambda x: x.astype(np.float64, "F")]
)
def test_a_copy_of_a_number_is_a_number(copy):
    for x in (leaf(MATRIX), MATRIX):
        total = x.sum()
        copied = same = copy(total)
        copied -= 1
        assert same == total
        assert copied == total - 1


def test_broadcasting_leaves_its_operands_what_they_are():
    x, y = leaf(2.0), leaf(3.0)
    np.broadcast_arrays(x, y)
    with ag.no_grad():
        same = y
        y -= 1
    assert same is y


# ------------------------------------------------------------------ memory


def shares(result, inputs):
    """Return which of the inputs the parts of a result share memory with."""
    parts = result if isinstance(result, tuple | list) else (result,)
    arrays = [part.data if isinstance(part, Tensor) else np.asarray(part) for part in parts]
    return [[np.shares_memory(array, x) for x in inputs] for array in arrays]


def is_numpys(function):
    return isinstance(function, np.ufunc) or (function.__module__ or "").startswith("numpy")


OLD = np.lib.NumpyVersion(np.__version__) < "2.3.0"  # where take copies what one number picks


@pytest.mark.parametrize(
    "spec",
    [spec for spec in SPECS if is_numpys(spec.op) and not (OLD and spec.op is np.take)],
    ids=lambda spec: spec.name,
)
@settings(max_examples=15, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_results_share_memory_where_numpys_do(spec, data):
    case = data.draw(spec.cases)
    inputs = [np.array(x) for x in case.inputs]
    ours = spec.op(*map(as_tensor, inputs), **case.params)
    theirs = spec.op(*inputs, **case.params)
    assert shares(ours, inputs) == shares(theirs, inputs)


IDENTITIES = """
    x.conj() | x.astype(float, copy=False) | x.view() | x.real | x.T.T | x.reshape(x.shape) | x[...]
    x.ravel() | x.flatten() | x.squeeze() | x.copy() | x.round(9) | x.clip(-99, 99) | +x | x[True]
    np.tile(x, 1) | np.tile(x, ()) | np.resize(x, x.shape) | np.pad(x, 0) | np.repeat(x, 1)
    np.nan_to_num(x) | np.real_if_close(x) | np.conj(x) | np.imag(x)
    np.nan_to_num(np.atleast_1d(x), copy=False) | np.fft.fftshift(x, ())
    np.roll(x, 0) | np.flip(x, ()) | np.atleast_1d(x) | np.atleast_2d(x) | np.atleast_3d(x)
    np.broadcast_to(x, x.shape) | np.broadcast_arrays(x)[0] | np.expand_dims(x, 0) | np.squeeze(x)
    np.concatenate([np.atleast_1d(x)]) | np.stack([x]) | np.hstack([x]) | np.append(x, []) | x ** 1
    np.block(x) | np.delete(x, []) | np.where(True, x, x) | np.einsum('...', x) | np.take(x, [0])
    np.sum(x, axis=()) | np.max(x, axis=()) | np.meshgrid(x, copy=False)[0] | np.ix_(x.ravel())[0]
    np.astype(x, float, copy=False) | np.astype(x, float) | np.diagonal(np.atleast_2d(x))
    np.linalg.matrix_power(x.reshape(-1, 1)[:1], 1) | np.rot90(np.atleast_2d(x), 4)
"""


@pytest.mark.parametrize("x", [np.array(2.0), np.array([2.0]), MATRIX, MATRIX.T, MATRIX[:1]])
@pytest.mark.parametrize(
    "call", [call.strip() for line in IDENTITIES.strip().splitlines() for call in line.split("|")]
)
def test_what_could_return_what_it_is_given_does_so_where_numpy_does(call, x):
    try:
        theirs = eval(call, {"np": np, "x": x})
    except (ValueError, IndexError):
        return
    ours = eval(call, {"np": np, "x": as_tensor(x)})
    assert shares(ours, [x]) == shares(theirs, [x])
