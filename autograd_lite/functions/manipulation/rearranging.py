"""Functions that rearrange or repeat values."""

from collections.abc import Sequence
from math import prod
from typing import Any, SupportsIndex

import numpy as np

from autograd_lite.errors import DTypeError, ShapeError
from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.functions.manipulation.shaping import (
    axes_of,
    broadcast_to,
    copy,
    ravel,
    reshape,
    swapaxes,
)
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.manipulation import rearranging
from autograd_lite.ops.mathematics.reductions import Axis
from autograd_lite.tensor import Tensor, TensorLike, apply

__all__ = [
    "flip",
    "fliplr",
    "flipud",
    "repeat",
    "resize",
    "roll",
    "rot90",
    "tile",
]


@implements(np.flip)
def flip(m: TensorLike, axis: Axis = None) -> Tensor:
    """Return the tensor with its values in reverse order along some axes.

    Parameters
    ----------
    m : Tensor or array_like
    axis : int, tuple of int, or None
        ``None``: all axes.

    Raises
    ------
    AxisError
        If there is no such axis.

    Examples
    --------
    >>> flip([[1.0, 2.0], [3.0, 4.0]], axis=1)
    Tensor([[2., 1.],
            [4., 3.]])
    """
    return apply(rearranging.flip, (as_tensor(m),), {"axis": axis})


def _flip_one(name: str, m: TensorLike, axis: int) -> Tensor:
    x = as_tensor(m)
    if x.ndim <= axis:
        raise ShapeError(f"{name} of shape {x.shape}: it needs {axis + 1} axes or more")
    return flip(x, axis)


@implements(np.fliplr)
def fliplr(m: TensorLike) -> Tensor:
    """Return the tensor with its columns in reverse order.

    Raises
    ------
    ShapeError
        If there are fewer than two axes.

    Examples
    --------
    >>> fliplr([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[2., 1.],
            [4., 3.]])
    """
    return _flip_one("fliplr", m, 1)


@implements(np.flipud)
def flipud(m: TensorLike) -> Tensor:
    """Return the tensor with its rows in reverse order.

    Raises
    ------
    ShapeError
        If there are no axes.

    Examples
    --------
    >>> flipud([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[3., 4.],
            [1., 2.]])
    """
    return _flip_one("flipud", m, 0)


@implements(np.rot90)
def rot90(m: TensorLike, k: int = 1, axes: Sequence[int] = (0, 1)) -> Tensor:
    """Return the tensor rotated by 90 degrees ``k`` times, from the first axis to the second.

    Parameters
    ----------
    m : Tensor or array_like, with two axes or more
    k : int
        Negative: rotate the other way.
    axes : pair of int
        The plane of the rotation.

    Raises
    ------
    ShapeError
        If ``axes`` aren't two different axes of the tensor.

    Examples
    --------
    >>> rot90([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[2., 4.],
            [1., 3.]])
    """
    x = as_tensor(m)
    if len(axes) != 2:
        raise ShapeError(f"rot90 needs the two axes of a plane, not {axes}")
    first, second = axes_of("rot90", x, axes)
    quarter = k % 4
    if quarter == 0:
        return x[...]
    if quarter == 1:
        return swapaxes(flip(x, second), first, second)
    return flip(x, (first, second)) if quarter == 2 else flip(swapaxes(x, first, second), second)


def _integers(numbers: Any) -> int | tuple[int, ...]:
    """Return integers as Python's own, which the caller can't change later."""
    array = np.asarray(numbers)
    return tuple(array.ravel().tolist()) if array.ndim else int(array)


@implements(np.roll, gives_arrays=True)
def roll(
    a: TensorLike, shift: int | Sequence[int], axis: int | Sequence[int] | None = None
) -> Tensor:
    """Return the tensor with its values shifted along some axes; the last reenter at the front.

    Parameters
    ----------
    a : Tensor or array_like
    shift : int or tuple of int
        The distance, for all axes or for each.
    axis : int, tuple of int, or None
        ``None``: shift along the flattened tensor, and restore the shape.

    Raises
    ------
    ShapeError
        If there is no such axis, or the numbers of axes and distances don't fit.

    Examples
    --------
    >>> roll([1.0, 2.0, 3.0], 1)
    Tensor([3., 1., 2.])
    """
    along = None if axis is None else _integers(axis)
    return apply(rearranging.roll, (as_tensor(a),), {"shift": _integers(shift), "axis": along})


@implements(np.repeat)
def repeat(a: TensorLike, repeats: int | Sequence[int], axis: int | None = None) -> Tensor:
    """Return the tensor with each value repeated along an axis.

    Parameters
    ----------
    a : Tensor or array_like
    repeats : int or sequence of int
        The number of repeats, for all values or for each.
    axis : int or None
        ``None``: flatten the tensor first.

    Raises
    ------
    ShapeError
        If there isn't one number for each value along the axis, or a number is negative.
    DTypeError
        If the numbers aren't integers.

    Examples
    --------
    >>> repeat([1.0, 2.0], [3, 1])
    Tensor([1., 1., 1., 2.])
    """
    x = ravel(a) if axis is None else as_tensor(a)
    counts = as_tensor(repeats).data.reshape(-1)
    if counts.dtype.kind not in "iub" and counts.size:
        raise DTypeError(f"repeat: repeats must be integers, not {counts.dtype}")
    (along,) = axes_of("repeat", x, 0 if axis is None else axis)
    return apply(rearranging.repeat, (x,), {"repeats": counts.astype(np.intp), "axis": along})


@implements(np.tile, gives_arrays=True)
def tile(x: TensorLike, reps: int | Sequence[int]) -> Tensor:
    """Return the tensor repeated as a whole along its axes.

    Parameters
    ----------
    x : Tensor or array_like
    reps : int or sequence of int
        The number of copies along each axis. If there are fewer numbers than axes, they are for
        the last axes; if there are more, the tensor gets new axes in front.

    Examples
    --------
    >>> tile([1.0, 2.0], (2, 2))
    Tensor([[1., 2., 1., 2.],
            [1., 2., 1., 2.]])
    """
    x = as_tensor(x)
    counts = tuple(int(n) for n in np.ravel(reps))
    counts = (1,) * (x.ndim - len(counts)) + counts
    shape = (1,) * (len(counts) - x.ndim) + x.shape
    if prod(counts) == 1:
        return copy(reshape(x, shape))
    alternating = [n for length in shape for n in (1, length)]
    stretched = [n for pair in zip(counts, shape, strict=True) for n in pair]
    whole = tuple(n * length for n, length in zip(counts, shape, strict=True))
    return reshape(copy(broadcast_to(reshape(x, alternating), stretched), "C"), whole)


@implements(np.resize, gives_arrays=True)
def resize(a: TensorLike, new_shape: int | Sequence[int]) -> Tensor:
    """Return the values in a shape of any size, cut off or repeated from the first as needed.

    Parameters
    ----------
    a : Tensor or array_like
        An empty one becomes zeros.
    new_shape : int or tuple of int

    Raises
    ------
    ShapeError
        If a length is negative.

    Examples
    --------
    >>> resize([1.0, 2.0, 3.0], (2, 2))
    Tensor([[1., 2.],
            [3., 1.]])
    """
    x = ravel(a)
    shape = (new_shape,) if isinstance(new_shape, SupportsIndex) else tuple(new_shape)
    if min(shape, default=0) < 0:
        raise ShapeError(f"resize to shape {shape}: lengths can't be negative")
    size = prod(shape)
    if x.size == 0:
        return as_tensor(np.zeros(shape, x.dtype))
    return reshape(tile(x, -(-size // x.size))[:size], shape)
