"""Functions that give values another place: views, layouts, keywords, errors."""

from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.testing import assert_array_equal

import autograd_lite as ag
from autograd_lite import Tensor
from autograd_lite.errors import (
    AutogradLiteError,
    AxisError,
    DomainError,
    DTypeError,
    ShapeError,
    UnsupportedError,
)


def leaf(shape: Any, dtype: Any = float) -> Tensor:
    return Tensor(np.arange(1, 1 + np.prod(shape)).reshape(shape), dtype=dtype, requires_grad=True)


def gradient_of_sum(y: Tensor, x: Tensor, weights: Any = 1.0) -> Any:
    return ag.gradients((y * weights).sum(), x).numpy()


# ---------------------------------------------------------------------- views

VIEWS: dict[str, Any] = {
    "reshape": lambda x: np.reshape(x, (3, 4)),
    "reshape F": lambda x: np.reshape(x.T, 12, order="F"),
    "ravel": np.ravel,
    "transpose": np.transpose,
    "matrix_transpose": np.matrix_transpose,
    "swapaxes": lambda x: np.swapaxes(x, 0, 1),
    "moveaxis": lambda x: np.moveaxis(x, 0, 1),
    "rollaxis": lambda x: np.rollaxis(x, 1),
    "expand_dims": lambda x: np.expand_dims(x, 1),
    "squeeze": lambda x: np.squeeze(x[:1]),
    "broadcast_to": lambda x: np.broadcast_to(x, (2, 4, 3)),
    "broadcast_arrays": lambda x: np.broadcast_arrays(x, np.ones((2, 1, 1)))[0],
    "atleast_3d": np.atleast_3d,
    "split": lambda x: np.split(x, 2)[1],
    "array_split": lambda x: np.array_split(x, 3)[1],
    "hsplit": lambda x: np.hsplit(x, 3)[1],
    "unstack": lambda x: np.unstack(x)[1],
    "flip": np.flip,
    "rot90": np.rot90,
    "rot90 by 0": lambda x: np.rot90(x, 4),
    "diagonal": np.diagonal,
    "diag": np.diag,
    "trim_zeros": np.trim_zeros,
    "sliding_window_view": lambda x: sliding_window_view(x, (2, 2)),
    "meshgrid": lambda x: np.meshgrid(x[0], x[1], copy=False)[1],
}


@pytest.mark.parametrize("name", VIEWS)
def test_what_is_a_view_in_numpy_is_a_view_here(name: str) -> None:
    x = leaf((4, 3))
    found, expected = VIEWS[name](x), VIEWS[name](x.data)
    assert np.shares_memory(expected, x.data)
    assert np.shares_memory(found.data, x.data)
    assert found.data.strides == expected.strides
    np.testing.assert_array_equal(found.data, expected)


COPIES: dict[str, Any] = {
    "copy": np.copy,
    "Tensor.copy": lambda x: x.copy(),
    "clone": lambda x: x.clone() if isinstance(x, Tensor) else x.copy(),
    "flatten": lambda x: x.flatten(),
    "reshape": lambda x: np.reshape(x, 12, copy=True),
    "reshape F": lambda x: np.reshape(x, 12, order="F", copy=True),
    "tile": lambda x: np.tile(x, 1),
    "repeat": lambda x: np.repeat(x, 1, axis=0),
    "roll": lambda x: np.roll(x, 0),
    "concatenate": lambda x: np.concatenate([x]),
    "block": np.block,
    "resize": lambda x: np.resize(x, 12),
    "pad": lambda x: np.pad(x, 0),
    "meshgrid": lambda x: np.meshgrid(x[0])[0],
}


@pytest.mark.parametrize("name", COPIES)
def test_what_is_a_copy_in_numpy_is_a_copy_here(name: str) -> None:
    x = leaf((4, 3))
    found = COPIES[name](x)
    assert not np.shares_memory(found.data, x.data)
    np.testing.assert_array_equal(found.data, COPIES[name](x.data))


# ---------------------------------------------------------------------- layouts and keywords

LAYOUTS: dict[str, Any] = {
    "rows first": lambda x: x,
    "columns first": lambda x: x.transpose(2, 1, 0),
    "other": lambda x: x.transpose(1, 0, 2),
    "reversed": lambda x: x[::-1, :, ::-1],
}


@pytest.mark.parametrize("order", ["C", "F", "A", "K"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_orders_of_memory(order: Any, layout: str) -> None:
    x = leaf((2, 3, 4))
    expected = LAYOUTS[layout](x.data).ravel(order)
    weights = np.arange(24.0)
    for name in ("np.ravel", "flatten", "ravel"):
        held = LAYOUTS[layout](x)
        y = np.ravel(held, order) if name == "np.ravel" else getattr(held, name)(order)
        np.testing.assert_array_equal(y.data, expected)
        np.testing.assert_array_equal(
            gradient_of_sum(y, x, weights).ravel()[expected.astype(int) - 1], weights
        )
    held = LAYOUTS[layout](x)
    if order != "K":
        shaped = np.reshape(held, (4, 6), order=order)
        np.testing.assert_array_equal(
            shaped.data, LAYOUTS[layout](x.data).reshape(4, 6, order=order)
        )
    assert np.copy(held, order).data.strides == np.copy(held.data, order).strides


def test_reshape_refuses_to_copy() -> None:
    assert np.reshape(leaf((2, 3)), 6, copy=False).shape == (6,)
    with pytest.raises(ShapeError):
        np.reshape(leaf((2, 3)).T, 6, copy=False)


def test_concatenate_converts() -> None:
    x = leaf(2, np.float32)
    y = np.concatenate([x, np.ones(2, np.float32)], dtype=np.float64)
    assert y.dtype == np.float64
    assert gradient_of_sum(y, x).dtype == np.float32
    assert np.stack([x, x], dtype=np.float16, casting="same_kind").dtype == np.float16
    assert np.vstack([x, x], dtype=np.float64).dtype == np.float64
    assert np.hstack([x, x], dtype=np.float64).dtype == np.float64
    for wrong in ({"dtype": np.float16, "casting": "safe"}, {"dtype": np.int64}):
        with pytest.raises(DTypeError, match="can't become"):
            np.concatenate([x, x], **wrong)


def test_real_and_complex_are_joined() -> None:
    x, z = leaf(2), Tensor([1j, 2.0], requires_grad=True)
    y = np.concatenate([x, z])
    gx, gz = ag.gradients(y, [x, z], np.array([1 + 1j, 2, 3j, 4]))
    np.testing.assert_array_equal(gx.data, [1, 2])
    np.testing.assert_array_equal(gz.data, [3j, 4])


def test_astype() -> None:
    x = leaf(2)
    assert np.astype(x, np.float64, copy=False) is x
    assert np.astype(x, np.float64) is not x
    assert ag.astype(x, np.float32, device="cpu").requires_grad
    assert not np.astype(x, np.int64).requires_grad
    with pytest.raises(DomainError, match="gpu"):
        ag.astype(x, np.float32, device="gpu")
    with pytest.raises(DTypeError):
        np.astype(x * 1j, np.float64)


def test_atleast_gives_one_or_several() -> None:
    x = leaf(())
    for atleast, ndim in ((np.atleast_1d, 1), (np.atleast_2d, 2), (np.atleast_3d, 3)):
        assert atleast(x).shape == (1,) * ndim
        assert [y.ndim for y in atleast(x, [1.0])] == [ndim, ndim]


def test_truth_values_stay_truth_values() -> None:
    x = Tensor([[True, True], [False, True]])
    for function in (np.tril, np.triu, lambda x: np.linalg.matrix_power(x, 2)):
        assert function(x).dtype == bool
        np.testing.assert_array_equal(function(x).data, function(x.data))


def test_integers_stay_integers() -> None:
    x = Tensor([[1, 2, 3]])
    for y in (np.tile(x, 2), np.tril(x), np.kron(x, x), np.vander(x[0]), np.pad(x, 1, mode="mean")):
        assert y.dtype == np.int64
        assert not y.requires_grad
    np.testing.assert_array_equal(
        np.pad(x, 2, mode="linear_ramp").data, np.pad(x.data, 2, mode="linear_ramp")
    )


def test_blocks_of_every_depth() -> None:
    x = leaf((2, 2))
    y = np.block([[[x]], [[2 * x]]])
    np.testing.assert_array_equal(y.data, np.block([[[x.data]], [[2 * x.data]]]))
    np.testing.assert_array_equal(gradient_of_sum(y, x), np.full((2, 2), 3))
    np.testing.assert_array_equal(np.block([x[0], 5.0]).data, [1, 2, 5])


def test_pad_takes_numpys_forms_of_width() -> None:
    x = leaf((2, 3))
    for width in (1, (1, 2), [1], [[1, 2]], [(1, 0), (0, 2)], np.array([[1], [2]])):
        np.testing.assert_array_equal(np.pad(x, width).data, np.pad(x.data, width))
    np.testing.assert_array_equal(
        ag.pad(x, {-1: (1, 2), 0: 1}).data, np.pad(x.data, [(1, 1), (1, 2)])
    )
    assert ag.pad(x, 1, mode="empty").shape == (4, 5)


def test_pad_with_infinity_keeps_the_gradient_finite() -> None:
    x = leaf(3)
    windows = sliding_window_view(np.pad(x, 1, constant_values=-np.inf), 3)
    np.testing.assert_array_equal(gradient_of_sum(windows.max(axis=-1), x), [0, 1, 2])
    spoilt = Tensor([np.inf, 1.0, np.nan], requires_grad=True)
    for mode in ("edge", "reflect", "wrap", "symmetric"):
        assert np.isfinite(gradient_of_sum(np.pad(spoilt, 1, mode=mode), spoilt)).all()


@pytest.mark.parametrize("mode", ["reflect", "symmetric"])
@pytest.mark.parametrize("length", [1, 2, 3])
def test_long_odd_reflections(mode: Any, length: int) -> None:
    x = leaf((length, 2)) ** 2
    for width in ([(9, 4), (0, 3)], [(0, 7), (5, 5)]):
        np.testing.assert_allclose(
            np.pad(x, width, mode=mode, reflect_type="odd").data,
            np.pad(x.data, width, mode=mode, reflect_type="odd"),
        )


@pytest.mark.parametrize(("mode", "expected"), [("maximum", [2, 2, 1]), ("minimum", [1, 1, 3])])
def test_extremes_share_what_pads_with_them(mode: Any, expected: Any) -> None:
    x = Tensor([2.0, 2.0, 1.0], requires_grad=True)
    np.testing.assert_array_equal(gradient_of_sum(np.pad(x, 1, mode=mode), x), expected)


def test_vander_at_zero() -> None:
    x = Tensor([0.0, -1.0], requires_grad=True)
    (g,) = ag.gradients(np.vander(x, 4), [x], np.ones((2, 4)), create_graph=True)
    np.testing.assert_array_equal(g.data, [1, 2])
    np.testing.assert_array_equal(gradient_of_sum(g, x), [2, -4])


def test_windows_over_one_axis_twice() -> None:
    x = leaf(5)
    y = sliding_window_view(x, (2, 3), (0, 0))
    np.testing.assert_array_equal(y.data, sliding_window_view(x.data, (2, 3), (0, 0)))
    np.testing.assert_array_equal(gradient_of_sum(y, x), [1, 3, 4, 3, 1])


def test_nothing_to_repeat_or_resize() -> None:
    empty = leaf((0, 3))
    assert np.repeat(empty, 2, axis=0).shape == (0, 3)
    assert np.repeat(empty, [], axis=0).shape == (0, 3)
    np.testing.assert_array_equal(np.resize(empty, 2).data, [0, 0])
    assert np.trim_zeros(Tensor([0.0, 0.0])).shape == (0,)


def test_methods() -> None:
    x = leaf((2, 2))
    np.testing.assert_array_equal(x.repeat(2, axis=0).data, x.data.repeat(2, axis=0))
    np.testing.assert_array_equal(x.diagonal(1).data, [2])
    assert x.unsqueeze(-1).shape == (2, 2, 1)
    assert x.clone().requires_grad
    assert x.copy(order="F").data.flags.f_contiguous


# ---------------------------------------------------------------------- errors

WRONG: dict[str, Any] = {
    "reshape": lambda x: np.reshape(x, (5, 5)),
    "reshape order": lambda x: np.reshape(x, 6, order="X"),
    "transpose": lambda x: np.transpose(x, (0, 0)),
    "matrix_transpose": lambda x: np.matrix_transpose(x[0]),
    "moveaxis count": lambda x: np.moveaxis(x, [0, 1], [0]),
    "moveaxis": lambda x: np.moveaxis(x, 0, 2),
    "rollaxis": lambda x: np.rollaxis(x, 0, 4),
    "expand_dims": lambda x: np.expand_dims(x, 4),
    "squeeze": lambda x: np.squeeze(x, 0),
    "broadcast_to": lambda x: np.broadcast_to(x, (3, 3)),
    "broadcast_arrays": lambda x: np.broadcast_arrays(x, np.ones(4)),
    "meshgrid": lambda x: np.meshgrid(x, indexing="ab"),
    "concatenate": lambda x: np.concatenate([x, x.T]),
    "concatenate axis": lambda x: np.concatenate([x, x], axis=2),
    "stack": lambda x: np.stack([x, x.T]),
    "concatenate in hstack": lambda x: np.hstack([x, x.T]),
    "block empty": lambda x: np.block([[x], []]),
    "block unequal": lambda x: np.block([x, [x]]),
    "concatenate in append": lambda x: np.append(x, 1.0, axis=0),
    "insert": lambda x: np.insert(x, 7, 0.0, axis=0),
    "insert shape": lambda x: np.insert(x, [0, 1], np.ones((3, 3)), axis=0),
    "delete": lambda x: np.delete(x, 5, axis=0),
    "delete axis": lambda x: np.delete(x, 0, axis=5),
    "split": lambda x: np.split(x, 4),
    "split 0": lambda x: np.array_split(x, 0),
    "hsplit": lambda x: np.hsplit(x[0, 0], 1),
    "vsplit": lambda x: np.vsplit(x[0], 1),
    "dsplit": lambda x: np.dsplit(x, 1),
    "unstack": lambda x: np.unstack(x[0, 0]),
    "trim_zeros": lambda x: np.trim_zeros(x, "x"),
    "sliding_window_view": lambda x: sliding_window_view(x, (3, 4)),
    "sliding_window_view axes": lambda x: sliding_window_view(x, 2),
    "sliding_window_view axis": lambda x: sliding_window_view(x, 2, axis=2),
    "flip": lambda x: np.flip(x, 2),
    "fliplr": lambda x: np.fliplr(x[0]),
    "flipud": lambda x: np.flipud(x[0, 0]),
    "rot90": lambda x: np.rot90(x[0]),
    "rot90 axes": lambda x: np.rot90(x, axes=(0, 0)),
    "rot90 count": lambda x: np.rot90(x, axes=(0,)),
    "roll": lambda x: np.roll(x, 1, axis=2),
    "repeat": lambda x: np.repeat(x, [1, 2, 3], axis=0),
    "repeat negative": lambda x: np.repeat(x, -1),
    "repeat axis": lambda x: np.repeat(x, 1, axis=2),
    "resize": lambda x: np.resize(x, (-1, 2)),
    "diag": lambda x: np.diag(x[None]),
    "diagonal": lambda x: np.diagonal(x[0]),
    "vander": np.vander,
    "pad width": lambda x: np.pad(x, (1, 2, 3)),
    "pad negative": lambda x: np.pad(x, -1),
    "pad real": lambda x: np.pad(x, 1.5),
    "pad mode": lambda x: np.pad(x, 1, mode="best"),
    "pad keyword": lambda x: np.pad(x, 1, mode="edge", constant_values=1),
    "pad empty": lambda x: np.pad(x[:0], 1, mode="edge"),
    "pad stat_length": lambda x: np.pad(x, 1, mode="maximum", stat_length=0),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_numpy_refuses_is_refused_by_name(name: str) -> None:
    x = leaf((2, 3))
    with pytest.raises(AutogradLiteError, match=name.partition(" ")[0]) as ours:
        WRONG[name](x)
    with pytest.raises((ValueError, TypeError, IndexError)) as theirs:
        WRONG[name](x.data)
    bad_axis = theirs.type is np.exceptions.AxisError  # a ValueError and an IndexError
    assert isinstance(ours.value, ValueError if bad_axis else theirs.type)


STRICTER: dict[str, Any] = {
    "block": lambda x: ag.block([(x, x)]),
    "split": lambda x: np.split(x, 2, axis=3),
    "split into 0": lambda x: np.split(x, 0),
    "pad": lambda x: np.pad(x, 1, mode="reflect", reflect_type="strange"),
    "repeat": lambda x: np.repeat(x, 1.5),
    "tril": lambda x: np.tril(x[0, 0]),
    "triu": lambda x: np.triu(x[0, 0]),
}


@pytest.mark.parametrize("name", STRICTER)
def test_what_numpy_lets_pass_or_fails_at_by_accident_is_refused_by_name(name: str) -> None:
    with pytest.raises(AutogradLiteError, match=name):
        STRICTER[name](leaf((2, 3)))


@pytest.mark.parametrize(
    "function",
    [
        np.sort,
        np.diff,
        np.gradient,
        np.trapezoid,
        lambda x, axis: np.take(x, 0, axis),
        lambda x, axis: np.fft.fftshift(x, (0, axis)),
        lambda x, axis: np.apply_along_axis(np.sum, axis, x),
    ],
)
def test_a_missing_axis_is_an_index_error_too(function: Any) -> None:
    with pytest.raises(AxisError, match=r"of shape \(2, 3\).*axis 5 is out of bounds"):
        function(leaf((2, 3)), axis=5)


def test_pad_by_a_function_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="function as mode"):
        np.pad(leaf(2), 1, mode=lambda vector, width, axis, kwargs: None)


@pytest.mark.parametrize("order", ["C", "F", "A", "K"])
@pytest.mark.parametrize("index", [np.s_[::-1], np.s_[::2], np.s_[:, ::-1], np.s_[::-1, ::-1]])
def test_raveled_values_lie_side_by_side_as_in_numpy(index, order):
    array = np.arange(6.0).reshape(3, 2)[index]
    flat = np.ravel(ag.as_tensor(array), order)
    assert flat.data.flags.c_contiguous
    assert np.shares_memory(flat.data, array) == np.shares_memory(np.ravel(array, order), array)
    assert_array_equal(flat.data, np.ravel(array, order))
