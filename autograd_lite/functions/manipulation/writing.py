"""Functions that write into a tensor; each is recorded as an assignment ``x[index] = values``."""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, TypeVar

import numpy as np

from autograd_lite.errors import DTypeError, ShapeError, UnsupportedError
from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.functions.manipulation.shaping import broadcast_to
from autograd_lite.functions.selecting.selecting import Mode, bounded, grid
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.numpy_protocols.into_arrays import can_write, write_into
from autograd_lite.tensor import Tensor, TensorLike

__all__ = [
    "copyto",
    "fill_diagonal",
    "place",
    "put",
    "put_along_axis",
    "putmask",
]


_Function = TypeVar("_Function", bound=Callable[..., Any])


def _writes(numpy_function: Callable[..., Any]) -> Callable[[_Function], _Function]:
    """Register the decorated function for a NumPy function that writes into its first argument.

    If that argument is an array and all others are constants, NumPy's own function is called.
    """

    def register(function: _Function) -> _Function:
        @implements(numpy_function)
        @wraps(function)
        def write(*args: Any, **kwargs: Any) -> Any:
            target = args[0] if args else kwargs.get(next(iter(signature(function).parameters)))
            if can_write(target, args, kwargs):
                return write_into([target], numpy_function, args, kwargs)
            return function(*args, **kwargs)

        return function

    return register


def _target(name: str, x: Any) -> Tensor:
    if not isinstance(x, Tensor):
        raise UnsupportedError(
            f"{name} writes into a tensor here, not into {type(x).__name__}; convert it with "
            "as_tensor(array), or write tensor.numpy() if no gradient is needed"
        )
    return x


def _write(name: str, x: Tensor, positions: Any, values: Tensor, turn: Any) -> None:
    """Write ``values`` at positions of the flattened tensor.

    ``turn`` has the index of the value for each position; it wraps around at the end of the values.
    """
    if not len(positions):
        return
    if not values.size:
        raise ShapeError(f"{name} was given no values for {len(positions)} places; give at least 1")
    values = values.reshape(-1)
    if not x.ndim:
        x[()] = values[turn[-1] % values.size]
        return
    index = np.unravel_index(positions, x.shape)
    x[index] = values[0] if values.size == 1 else values[turn % values.size]


@_writes(np.put)
def put(a: Tensor, ind: TensorLike, v: TensorLike, mode: Mode = "raise") -> None:
    """Write ``v`` at indices of the flattened tensor, in place.

    Parameters
    ----------
    a : Tensor
    ind : array_like of integers
    v : Tensor or array_like
        Repeated if there are more indices than values.
    mode : {"raise", "wrap", "clip"}
        See :func:`take`.

    Raises
    ------
    IndexingError
        If an index is out of bounds.
    UnsupportedError
        If ``a`` isn't a tensor. (All functions of this module raise it.)

    Examples
    --------
    >>> x = as_tensor([1.0, 2.0, 3.0])
    >>> put(x, [0, 2], [10.0, 30.0])
    >>> x
    Tensor([10.,  2., 30.])
    """
    x, values = _target("put", a), as_tensor(v)
    positions = bounded("put", ind, x.size, mode).reshape(-1)
    if values.size:
        _write("put", x, positions % max(x.size, 1), values, np.arange(positions.size))


@_writes(np.put_along_axis)
def put_along_axis(arr: Tensor, indices: TensorLike, values: TensorLike, axis: int | None) -> None:
    """Write ``values`` where :func:`take_along_axis` would read, in place.

    See there for the indices, the axis and the errors; ``values`` broadcast to the indices.

    Examples
    --------
    >>> x = as_tensor([[1.0, 5.0], [3.0, 2.0]])
    >>> put_along_axis(x, [[1], [0]], 0.0, axis=1)
    >>> x
    Tensor([[1., 0.],
            [0., 2.]])
    """
    x, index = _target("put_along_axis", arr), as_tensor(indices).data
    if axis is None:
        positions = bounded("put_along_axis", index, x.size, "raise") % max(x.size, 1)
        new = broadcast_to(values, index.shape)
        _write("put_along_axis", x, positions, new, np.arange(positions.size))
    else:
        x[grid("put_along_axis", x, index, axis)] = values


@_writes(np.place)
def place(arr: Tensor, mask: TensorLike, vals: TensorLike) -> None:
    """Write ``vals`` one after another where ``mask`` is true, in place.

    Parameters
    ----------
    arr : Tensor
    mask : array_like of bool
        With as many values as ``arr``.
    vals : Tensor or array_like
        Repeated if there are too few; the excess is ignored if there are too many.

    Raises
    ------
    ShapeError
        If the mask has another size than ``arr``, or there are no values to write.

    Examples
    --------
    >>> x = as_tensor([1.0, 2.0, 3.0])
    >>> place(x, x > 1, [10.0, 20.0])
    >>> x
    Tensor([ 1., 10., 20.])
    """
    x = _target("place", arr)
    positions = _true_in("place", x, mask)
    _write("place", x, positions, as_tensor(vals), np.arange(positions.size))


@_writes(np.putmask)
def putmask(a: Tensor, mask: TensorLike, values: TensorLike) -> None:
    """Write ``values`` where ``mask`` is true, each at its own position, in place.

    Parameters
    ----------
    a : Tensor
    mask : array_like of bool
        With as many values as ``a``.
    values : Tensor or array_like
        Repeated to the size of ``a``.

    Raises
    ------
    ShapeError
        If the mask has another size than ``a``.

    Examples
    --------
    >>> x = as_tensor([1.0, 2.0, 3.0])
    >>> putmask(x, x > 1, [10.0, 20.0, 30.0])
    >>> x
    Tensor([ 1., 20., 30.])
    """
    x, new = _target("putmask", a), as_tensor(values)
    positions = _true_in("putmask", x, mask)
    if new.size:
        _write("putmask", x, positions, new, positions)


def _true_in(name: str, x: Tensor, mask: TensorLike) -> Any:
    """Return the positions in the flattened tensor where the mask is true."""
    chosen = as_tensor(mask).data
    if chosen.size != x.size:
        raise ShapeError(
            f"{name}: a mask of shape {chosen.shape} for a tensor of shape {x.shape}; the sizes "
            "must agree"
        )
    return np.flatnonzero(chosen)


@_writes(np.copyto)
def copyto(
    dst: Tensor, src: TensorLike, casting: Any = "same_kind", where: TensorLike = True
) -> None:
    """Write ``src`` into ``dst``, in place.

    Parameters
    ----------
    dst : Tensor
    src : Tensor or array_like
        Broadcasts to the shape of ``dst``.
    casting : {"no", "equiv", "safe", "same_kind", "unsafe"}
        The conversions to the dtype of ``dst`` that are allowed.
    where : array_like of bool
        Where to write. Broadcasts to the shape of ``dst``.

    Raises
    ------
    ShapeError
        If a shape doesn't broadcast to that of ``dst``.
    DTypeError
        If ``casting`` doesn't allow the conversion.

    Examples
    --------
    >>> x = as_tensor([1.0, 2.0, 3.0])
    >>> copyto(x, 0.0, where=x > 1)
    >>> x
    Tensor([1., 0., 0.])
    """
    x, new = _target("copyto", dst), as_tensor(src)
    number = not isinstance(src, Tensor) and isinstance(src, (bool, int, float, complex))
    if not np.can_cast(np.result_type(src, x.dtype) if number else new.dtype, x.dtype, casting):
        raise DTypeError(f"copyto: {new.dtype} can't become {x.dtype} under casting={casting!r}")
    mask = as_tensor(where).data
    if mask.all():
        x[...] = new
    else:
        mask = np.broadcast_to(mask, x.shape)
        x[mask] = broadcast_to(new, x.shape)[mask]


@_writes(np.fill_diagonal)
def fill_diagonal(a: Tensor, val: TensorLike, wrap: bool = False) -> None:
    """Write ``val`` on the main diagonal, in place.

    Parameters
    ----------
    a : Tensor
        With two axes, or with more axes of equal length.
    val : Tensor or array_like
        Repeated along the diagonal.
    wrap : bool
        In a matrix of n columns and more than n + 1 rows, start again after each n + 1 rows.

    Raises
    ------
    ShapeError
        If there are fewer than two axes, or more of unequal length.

    Examples
    --------
    >>> x = as_tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> fill_diagonal(x, 0.0)
    >>> x
    Tensor([[0., 2.],
            [3., 0.]])
    """
    x = _target("fill_diagonal", a)
    if x.ndim < 2 or (x.ndim > 2 and len(set(x.shape)) > 1):
        raise ShapeError(
            f"fill_diagonal of shape {x.shape}: it needs two axes, or more of equal length"
        )
    columns = x.shape[-1]
    step = 1 + sum(columns**i for i in range(1, x.ndim))
    end = columns * columns if x.ndim == 2 and not wrap else x.size
    positions = np.arange(x.size)[:end:step]
    _write("fill_diagonal", x, positions, as_tensor(val), np.arange(positions.size))
