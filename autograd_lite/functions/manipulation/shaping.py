"""Functions that change the shape, the order of axes, the dtype or the memory of a tensor."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, SupportsIndex

import numpy as np
import numpy.typing as npt
from numpy.lib.array_utils import normalize_axis_tuple

from autograd_lite.errors import DomainError, ShapeError
from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.operands import FORWARD_ERRORS, check_device, explain
from autograd_lite.ops.manipulation import shaping
from autograd_lite.ops.mathematics.reductions import Axis
from autograd_lite.tensor import Tensor, TensorLike, apply, compute

__all__ = [
    "astype",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "broadcast_arrays",
    "broadcast_to",
    "copy",
    "expand_dims",
    "matrix_transpose",
    "meshgrid",
    "moveaxis",
    "permute_dims",
    "ravel",
    "reshape",
    "rollaxis",
    "squeeze",
    "swapaxes",
    "transpose",
]

Order = Literal["K", "A", "C", "F"]


def axes_of(
    op: str, x: Tensor, axis: int | Iterable[int], *, repeated: bool = False
) -> tuple[int, ...]:
    """Return the axes as non-negative numbers, or raise an error that names the op."""
    try:
        return normalize_axis_tuple(axis, x.ndim, allow_duplicate=repeated)
    except FORWARD_ERRORS as error:
        raise explain(op, "", (x.data,), {"axis": axis}, error) from error


def _columns_first(x: Tensor, order: str) -> bool:
    if order == "A":
        return bool(x.data.flags.fnc)
    if order not in ("C", "F"):
        raise DomainError(f"reshape: order must be 'C', 'F' or 'A' here, not {order!r}")
    return order == "F"


@implements(np.reshape, gives_arrays=True)
def reshape(
    a: TensorLike,
    shape: int | Sequence[int],
    order: Order = "C",
    *,
    copy: bool | None = None,
) -> Tensor:
    """Return the same values in another shape.

    Parameters
    ----------
    a : Tensor or array_like
    shape : int or tuple of int
        One length may be -1: it follows from the others.
    order : {"C", "F", "A"}
        Read and write the values rows first, columns first, or as they lie in memory.
    copy : bool, optional
        Always copy the values, or never; by default, only where a view isn't possible.

    Raises
    ------
    ShapeError
        If the shape has another number of values, or ``copy=False`` and a view isn't possible.
    DomainError
        If ``order`` is something else.

    Examples
    --------
    >>> reshape([1, 2, 3, 4], (2, -1))
    Tensor([[1, 2],
            [3, 4]])
    >>> reshape([1, 2, 3, 4], (2, 2), order="F")
    Tensor([[1, 3],
            [2, 4]])
    """
    x = as_tensor(a)
    if copy is False:
        compute(np.reshape, x, shape, order, copy=False)  # raises where a view isn't possible
    columns_first = _columns_first(x, order)
    if copy:
        x = _copy(x, "F" if columns_first else "C")
    if not columns_first:
        return apply(shaping.reshape, (x,), {"shape": shape})
    lengths = (shape,) if isinstance(shape, SupportsIndex) else tuple(shape)
    return transpose(apply(shaping.reshape, (transpose(x),), {"shape": lengths[::-1]}))


@implements(np.ravel)
def ravel(a: TensorLike, order: Order = "C") -> Tensor:
    """Return the values along one axis, in an order of :func:`reshape` or that of memory, "K".

    Examples
    --------
    >>> ravel([[1, 2], [3, 4]], order="F")
    Tensor([1, 3, 2, 4])
    """
    x = as_tensor(a)
    if order == "K":  # the order of memory: the largest stride first
        axes = np.argsort(np.negative(np.abs(x.data.strides)), kind="stable")
        x, order = transpose(x, axes.tolist()), "C"
    flat = reshape(x, -1, order)
    return flat if flat.data.flags.c_contiguous else copy(flat)


@implements(np.copy, gives_arrays=True)
def copy(a: TensorLike, order: Order = "K") -> Tensor:
    """Return a copy with memory of its own; gradients pass through.

    Examples
    --------
    >>> x = as_tensor([1.0, 2.0])
    >>> copy(x).data is x.data
    False
    """
    return apply(shaping.copy, (as_tensor(a),), {"order": order})


_copy = copy  # where a parameter has that name


@implements(np.astype, gives_arrays=True)
def astype(
    x: TensorLike, dtype: npt.DTypeLike, /, *, copy: bool = True, device: str | None = None
) -> Tensor:
    """Return the values in another dtype: a constant, unless that is floating or complex.

    Parameters
    ----------
    x : Tensor or array_like
    dtype : dtype
    copy : bool
        False: return ``x`` itself if it has that dtype already.
    device : {"cpu"}, optional

    Raises
    ------
    DTypeError
        If ``x`` is complex and ``dtype`` is real; take the :func:`real` part first.

    Examples
    --------
    >>> astype([1, 2], np.float32)
    Tensor([1., 2.], dtype=float32)
    """
    check_device(device)
    tensor = as_tensor(x)
    return tensor if not copy and tensor.dtype == np.dtype(dtype) else tensor.astype(dtype)


@implements(np.transpose, gives_arrays=True)
def transpose(a: TensorLike, axes: Sequence[int] | None = None) -> Tensor:
    """Return the tensor with its axes permuted; by default, in reverse order.

    Examples
    --------
    >>> transpose(np.zeros((2, 3, 4)), (1, 0, 2)).shape
    (3, 2, 4)
    """
    order = None if axes is None else tuple(axes)
    return apply(shaping.transpose, (as_tensor(a),), {"axes": order})


permute_dims = transpose


@implements(np.matrix_transpose)
def matrix_transpose(x: TensorLike, /) -> Tensor:
    """Return the transposes of a stack of matrices: the last two axes are swapped.

    Examples
    --------
    >>> matrix_transpose(np.zeros((2, 3, 4))).shape
    (2, 4, 3)
    """
    tensor = as_tensor(x)
    if tensor.ndim < 2:
        raise ShapeError(f"matrix_transpose of shape {tensor.shape}: it needs two axes or more")
    return tensor.swapaxes(-1, -2)


@implements(np.swapaxes, gives_arrays=True)
def swapaxes(a: TensorLike, axis1: int, axis2: int) -> Tensor:
    """Return the tensor with two axes swapped.

    Examples
    --------
    >>> swapaxes(np.zeros((2, 3, 4)), 0, -1).shape
    (4, 3, 2)
    """
    return as_tensor(a).swapaxes(axis1, axis2)


@implements(np.moveaxis, gives_arrays=True)
def moveaxis(
    a: TensorLike, source: int | Sequence[int], destination: int | Sequence[int]
) -> Tensor:
    """Return the tensor with some axes moved; the others keep their order.

    Examples
    --------
    >>> moveaxis(np.zeros((2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    x = as_tensor(a)
    come, go = axes_of("moveaxis", x, source), axes_of("moveaxis", x, destination)
    if len(come) != len(go):
        raise ShapeError(f"moveaxis: {len(come)} axes can't go to {len(go)} places")
    order = [axis for axis in range(x.ndim) if axis not in come]
    for place, axis in sorted(zip(go, come, strict=True)):
        order.insert(place, axis)
    return transpose(x, order)


@implements(np.rollaxis, gives_arrays=True)
def rollaxis(a: TensorLike, axis: int, start: int = 0) -> Tensor:
    """Return the tensor with ``axis`` moved in front of ``start``; prefer :func:`moveaxis`.

    Examples
    --------
    >>> rollaxis(np.zeros((2, 3, 4)), 2).shape
    (4, 2, 3)
    """
    x = as_tensor(a)
    (moved,) = axes_of("rollaxis", x, axis)
    place = start + x.ndim if start < 0 else start
    if not 0 <= place <= x.ndim:
        raise ShapeError(f"rollaxis of shape {x.shape}: there is no position {start}")
    return moveaxis(x, moved, place - (moved < place))


@implements(np.expand_dims)
def expand_dims(a: TensorLike, axis: int | Sequence[int]) -> Tensor:
    """Return the tensor with axes of length 1 inserted; positions count in the result.

    Examples
    --------
    >>> expand_dims(np.zeros((2, 3)), (0, -1)).shape
    (1, 2, 3, 1)
    """
    return apply(shaping.expand_dims, (as_tensor(a),), {"axis": axis})


@implements(np.squeeze, gives_arrays=True)
def squeeze(a: TensorLike, axis: Axis = None) -> Tensor:
    """Return the tensor without its axes of length 1, or without only the given ones.

    Examples
    --------
    >>> squeeze(np.zeros((1, 2, 1)), 0).shape
    (2, 1)
    """
    return as_tensor(a).squeeze(axis)


def _atleast(arrays: tuple[TensorLike, ...], index: Any) -> Any:
    """Return the tensors; ``index[n]`` adds the missing axes to one with n axes."""
    tensors = map(as_tensor, arrays)
    found = tuple(x[index[x.ndim]] if x.ndim < len(index) else x for x in tensors)
    return found[0] if len(found) == 1 else found


@implements(np.atleast_1d)
def atleast_1d(*arys: TensorLike) -> Any:
    """Return the tensor with one axis if it has none; several tensors give a tuple.

    Examples
    --------
    >>> atleast_1d(5.0, [1.0, 2.0])
    (Tensor([5.]), Tensor([1., 2.]))
    """
    return _atleast(arys, [None])


@implements(np.atleast_2d)
def atleast_2d(*arys: TensorLike) -> Any:
    """Return the tensor with at least two axes, new ones in front; several give a tuple.

    Examples
    --------
    >>> atleast_2d([1.0, 2.0])
    Tensor([[1., 2.]])
    """
    return _atleast(arys, [(None, None), None])


@implements(np.atleast_3d)
def atleast_3d(*arys: TensorLike) -> Any:
    """Return the tensor as ``(1, n, 1)`` or ``(n, m, 1)`` if it has fewer axes; several: a tuple.

    Examples
    --------
    >>> atleast_3d(np.zeros((2, 3))).shape
    (2, 3, 1)
    """
    return _atleast(arys, [(None, None, None), (None, slice(None), None), (..., None)])


@implements(np.broadcast_to, gives_arrays=True)
def broadcast_to(array: TensorLike, shape: int | Sequence[int]) -> Tensor:
    """Return the tensor repeated to ``shape`` along new axes and axes of length 1.

    Raises
    ------
    ShapeError
        If it doesn't broadcast to ``shape``.

    Examples
    --------
    >>> broadcast_to([1.0, 2.0], (2, 2))
    Tensor([[1., 2.],
            [1., 2.]])
    """
    return apply(shaping.broadcast_to, (as_tensor(array),), {"shape": shape})


@implements(np.broadcast_arrays, gives_arrays=True)
def broadcast_arrays(*args: TensorLike) -> tuple[Tensor, ...]:
    """Return the tensors broadcast against each other.

    Examples
    --------
    >>> [x.shape for x in broadcast_arrays([1.0, 2.0], [[1.0]])]
    [(1, 2), (1, 2)]
    """
    tensors = [as_tensor(x) for x in args]
    shapes = [x.shape for x in tensors]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError as error:
        raise ShapeError(f"broadcast_arrays of shapes {shapes}: they don't broadcast") from error
    return tuple(x if x.shape == shape else broadcast_to(x, shape) for x in tensors)


@implements(np.meshgrid)
def meshgrid(
    *xi: TensorLike, copy: bool = True, sparse: bool = False, indexing: str = "xy"
) -> tuple[Tensor, ...]:
    """Return the coordinates of the points of a grid, one tensor for each axis.

    Parameters
    ----------
    *xi : Tensor or array_like, shape (n,)
        The coordinates along each axis.
    copy : bool
        False: the results are views, whose elements may share memory.
    sparse : bool
        Leave lengths at 1 where broadcasting will stretch them.
    indexing : {"xy", "ij"}
        Whether the first coordinate changes along the second axis, or along the first.

    Raises
    ------
    DomainError
        If ``indexing`` is something else.

    Examples
    --------
    >>> x, y = meshgrid([1.0, 2.0, 3.0], [4.0, 5.0])
    >>> x
    Tensor([[1., 2., 3.],
            [1., 2., 3.]])
    >>> y
    Tensor([[4., 4., 4.],
            [5., 5., 5.]])
    """
    if indexing not in ("xy", "ij"):
        raise DomainError(f"meshgrid: indexing must be 'xy' or 'ij', not {indexing!r}")
    axes = list(range(len(xi)))
    if indexing == "xy":
        axes[:2] = axes[:2][::-1]
    lengths = [(1,) * axis + (-1,) + (1,) * (len(xi) - 1 - axis) for axis in axes]
    grids = tuple(reshape(x, shape) for x, shape in zip(xi, lengths, strict=True))
    if not sparse:
        grids = broadcast_arrays(*grids)
    return tuple(_copy(grid, "C") for grid in grids) if copy else grids
