"""Functions that choose values by indices or conditions."""

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias, overload

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_lite.errors import (
    AxisError,
    DTypeError,
    IndexingError,
    ShapeError,
    UnsupportedError,
)
from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.manipulation import shaping
from autograd_lite.ops.selecting import selecting
from autograd_lite.tensor import Tensor, TensorLike, apply, compute

__all__ = [
    "argwhere",
    "choose",
    "compress",
    "extract",
    "flatnonzero",
    "nonzero",
    "select",
    "take",
    "take_along_axis",
    "where",
]

Mode: TypeAlias = Literal["raise", "wrap", "clip"]
"""What an index out of bounds does: raise, count from the other end again, or mean the end."""


def axis_of(name: str, x: Tensor, axis: int) -> int:
    """Return ``axis`` counted from the first one."""
    try:
        return normalize_axis_index(axis, x.ndim)
    except ValueError as error:
        raise AxisError(f"{name} of shape {x.shape}: {error}") from error


def along(x: Tensor, axis: int, index: Any) -> Tensor:
    """Return ``x`` indexed on one axis, counted from the first one."""
    return x[(slice(None),) * axis + (index,)]


def rows_first(x: Tensor) -> Tensor:
    """Return ``x`` laid out as NumPy's functions do, where an index leaves it in another order."""
    return x if x.data.flags.c_contiguous else apply(shaping.copy, (x,), {"order": "C"})


def bounded(name: str, indices: TensorLike, length: int, mode: Mode) -> Any:
    """Return an array of indices in the way that ``mode`` reads those out of bounds."""
    index = as_tensor(indices).data
    if not index.size:
        return index.astype(np.intp)
    if index.dtype.kind not in "biu":
        raise DTypeError(f"{name} with indices of dtype {index.dtype}: they must be integers")
    index = index.astype(np.intp, copy=False)
    if not length:
        raise IndexingError(f"{name} of index {index.flat[0]} of nothing")
    if mode == "raise":
        wrong = (index < -length) | (index >= length)
        if wrong.any():
            raise IndexingError(
                f"{name}: index {index[wrong][0]} is out of bounds for length {length}"
            )
        return index
    return index % length if mode == "wrap" else index.clip(0, length - 1)


@implements(np.take)
def take(
    a: TensorLike, indices: TensorLike, axis: int | None = None, mode: Mode = "raise"
) -> Tensor:
    """Return the values at ``indices`` along ``axis``.

    Parameters
    ----------
    a : Tensor or array_like
    indices : array_like of integers
        Their axes take the place of ``axis`` in the result. An index may repeat; its gradients
        add up.
    axis : int or None
        None: indices of the flattened tensor.
    mode : {"raise", "wrap", "clip"}
        What an index out of bounds does: raise, wrap around, or mean the first or the last.
        Negative indices count from the end, except for ``"clip"``.

    Raises
    ------
    IndexingError
        If an index is out of bounds.

    Examples
    --------
    >>> take([[1.0, 2.0], [3.0, 4.0]], [0, 0, 1], axis=1)
    Tensor([[1., 1., 2.],
            [3., 3., 4.]])
    """
    x = as_tensor(a)
    if axis is None or not x.ndim:
        x, axis = x.reshape(-1), 0
    axis = axis_of("take", x, axis)
    return rows_first(along(x, axis, bounded("take", indices, x.shape[axis], mode)))


@implements(np.take_along_axis)
def take_along_axis(arr: TensorLike, indices: TensorLike, axis: int | None = -1) -> Tensor:
    """Return the values at ``indices`` along ``axis``, with indices of its own for each line.

    Parameters
    ----------
    arr : Tensor or array_like
    indices : array_like of integers
        Of as many axes as ``arr``; they broadcast against it on all axes but ``axis``. What
        :func:`argsort` returns, or ``argmax`` with ``keepdims=True``.
    axis : int or None
        None: indices of the flattened tensor.

    Examples
    --------
    >>> take_along_axis([[1.0, 5.0], [3.0, 2.0]], [[1], [0]], axis=1)
    Tensor([[5.],
            [3.]])
    """
    x, index = as_tensor(arr), as_tensor(indices).data
    if axis is None:
        x, axis = x.reshape(-1), 0
    return x[grid("take_along_axis", x, index, axis)]


def grid(name: str, x: Tensor, index: Any, axis: int) -> tuple[Any, ...]:
    """Return what indexes ``x`` with the lines of ``index`` along ``axis``."""
    axis = axis_of(name, x, axis)
    if index.ndim != x.ndim:
        raise ShapeError(f"{name}: indices of shape {index.shape} need the axes of {x.shape}")
    if index.dtype.kind not in "iu":
        raise DTypeError(f"{name}: indices of dtype {index.dtype} must be integers")
    parts = list(np.ogrid[tuple(map(slice, x.shape))])
    parts[axis] = index
    return tuple(parts)


@implements(np.choose)
def choose(
    a: TensorLike, choices: TensorLike | Sequence[TensorLike], mode: Mode = "raise"
) -> Tensor:
    """Return for each index in ``a`` the value of that choice at the same place.

    Parameters
    ----------
    a : array_like of integers
        Which choice to take; it broadcasts against the choices.
    choices : sequence of array_like
        They broadcast; those of a tensor lie along its first axis.
    mode : {"raise", "wrap", "clip"}
        See :func:`take`; negative indices are out of bounds here.

    Raises
    ------
    ShapeError
        If they don't broadcast, or an index is out of bounds.

    Examples
    --------
    >>> choose([0, 1, 1], [[1.0, 2.0, 3.0], 10.0])
    Tensor([ 1., 10., 10.])
    """
    given: Any = choices
    parts = tuple(given if isinstance(given, (list, tuple)) else as_tensor(given))
    index: Any = as_tensor(a).detach()
    if mode != "raise":
        index = bounded("choose", index, len(parts), mode)
    return apply(selecting.choose, (index, *parts), {})


@implements(np.compress)
def compress(condition: TensorLike, a: TensorLike, axis: int | None = None) -> Tensor:
    """Return the slices along ``axis`` for which ``condition``, a vector, is true.

    Examples
    --------
    >>> compress([False, True], [[1.0, 2.0], [3.0, 4.0]], axis=0)
    Tensor([[3., 4.]])
    """
    chosen = as_tensor(condition).data
    if chosen.ndim != 1:
        raise ShapeError(f"compress: the condition has shape {chosen.shape}; it must be a vector")
    return take(a, np.flatnonzero(chosen), axis)


@implements(np.extract)
def extract(condition: TensorLike, arr: TensorLike) -> Tensor:
    """Return the values of the flattened tensor for which the flattened condition is true.

    Examples
    --------
    >>> extract([[True, False], [False, True]], [[1.0, 2.0], [3.0, 4.0]])
    Tensor([1., 4.])
    """
    return take(arr, np.flatnonzero(as_tensor(condition).data))


@implements(np.select, gives_arrays=True)
def select(
    condlist: Sequence[TensorLike], choicelist: Sequence[TensorLike], default: TensorLike = 0
) -> Tensor:
    """Return at each place the choice of the first condition that is true there.

    Parameters
    ----------
    condlist : sequence of array_like of bool
    choicelist : sequence of array_like
        As many. All broadcast against each other.
    default : array_like
        The value where no condition is true.

    Examples
    --------
    >>> x = as_tensor([-2.0, 0.5, 3.0])
    >>> select([x < 0, x > 1], [-x, x * x], 1.0)
    Tensor([2., 1., 9.])
    """
    conditions = [as_tensor(condition).data for condition in condlist]
    count = len(conditions)
    if not count or count != len(choicelist):
        raise ShapeError(f"select needs a choice for each of its {count} conditions, at least one")
    if any(condition.dtype != bool for condition in conditions):
        raise DTypeError("select: the conditions must be of dtype bool")
    index: Any = np.array(count)
    for position in reversed(range(count)):
        index = np.where(conditions[position], position, index)
    return apply(selecting.choose, (index, *choicelist, default), {})


@overload
def where(condition: TensorLike) -> tuple[Tensor, ...]: ...
@overload
def where(condition: TensorLike, x: TensorLike, y: TensorLike) -> Tensor: ...


@implements(np.where, gives_arrays=True)
def where(condition: TensorLike, x: Any = None, y: Any = None) -> Tensor | tuple[Tensor, ...]:
    """Return ``x`` where ``condition`` is true and ``y`` elsewhere.

    The gradient goes to the value that was chosen, whatever the other one is, and none goes to
    ``condition``. With the condition alone, the indices of what is true: :func:`nonzero`.

    Examples
    --------
    >>> where([True, False], [1.0, 2.0], 0.0)
    Tensor([1., 0.])

    Infinite derivatives of what is not chosen do no harm:

    >>> x = as_tensor([0.0, 4.0])
    >>> x.requires_grad = True
    >>> where(x > 0, x**0.5, 0.0).sum().backward()
    >>> x.grad
    Tensor([0.  , 0.25])
    """
    if x is None and y is None:
        return nonzero(condition)
    if x is None or y is None:
        raise UnsupportedError("where takes a condition, or a condition and both choices")
    return apply(selecting.where, (condition, x, y), {})


def nonzero(x: TensorLike) -> tuple[Tensor, ...]:
    """Return the indices of the values that aren't 0, a vector for each axis: constants.

    Examples
    --------
    >>> nonzero([[0.0, 3.0], [4.0, 0.0]])
    (Tensor([0, 1]), Tensor([1, 0]))
    """
    found: tuple[Tensor, ...] = compute(np.nonzero, as_tensor(x))
    return found


def argwhere(a: TensorLike) -> Tensor:
    """Return the indices of the values that aren't 0, a row for each: a constant.

    Examples
    --------
    >>> argwhere([[0.0, 3.0], [4.0, 0.0]])
    Tensor([[0, 1],
            [1, 0]])
    """
    found: Tensor = compute(np.argwhere, as_tensor(a))
    return found


def flatnonzero(a: TensorLike) -> Tensor:
    """Return the indices of the values that aren't 0, in the flattened tensor: a constant.

    Examples
    --------
    >>> flatnonzero([[0.0, 3.0], [4.0, 0.0]])
    Tensor([1, 2])
    """
    found: Tensor = compute(np.flatnonzero, as_tensor(a))
    return found
