"""Functions that select values by indices or conditions."""

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
"""How to treat an index out of bounds: raise an error, wrap around, or clip it to the end."""


def axis_of(name: str, x: Tensor, axis: int) -> int:
    """Return ``axis`` as a non-negative number."""
    try:
        return normalize_axis_index(axis, x.ndim)
    except ValueError as error:
        raise AxisError(f"{name} of shape {x.shape}: {error}") from error


def along(x: Tensor, axis: int, index: Any) -> Tensor:
    """Return ``x`` indexed along one axis, which must not be negative."""
    return x[(slice(None),) * axis + (index,)]


def rows_first(x: Tensor) -> Tensor:
    """Return ``x`` in C order, as NumPy's functions give it; indexing may leave another order."""
    return x if x.data.flags.c_contiguous else apply(shaping.copy, (x,), {"order": "C"})


def bounded(name: str, indices: TensorLike, length: int, mode: Mode) -> Any:
    """Return ``indices`` as an array of integers, with those out of bounds treated by ``mode``."""
    index = as_tensor(indices).data
    if not index.size:
        return index.astype(np.intp)
    if index.dtype.kind not in "biu":
        raise DTypeError(f"{name}: the indices must be integers, not {index.dtype}")
    index = index.astype(np.intp, copy=False)
    if not length:
        raise IndexingError(f"{name}: index {index.flat[0]} of nothing is out of bounds")
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
        Their axes take the place of ``axis`` in the result. If an index repeats, its gradients
        add up.
    axis : int or None
        None: the indices count in the flattened tensor.
    mode : {"raise", "wrap", "clip"}
        How to treat an index out of bounds: raise an error, wrap around, or take the first or
        last value. Negative indices count from the end, except with ``"clip"``.

    Raises
    ------
    IndexingError
        If an index is out of bounds.
    AxisError
        If there is no such axis.
    DTypeError
        If the indices aren't integers.

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
    """Return the values at ``indices`` along ``axis``, where each line has its own indices.

    Parameters
    ----------
    arr : Tensor or array_like
    indices : array_like of integers
        With as many axes as ``arr``; they broadcast against it along all axes but ``axis``.
        :func:`argsort`, and ``argmax`` with ``keepdims=True``, return such indices.
    axis : int or None
        None: the indices count in the flattened tensor.

    Raises
    ------
    ShapeError
        If the indices have another number of axes, or there is no such axis.
    DTypeError
        If the indices aren't integers.
    IndexingError
        If an index is out of bounds, or the indices don't broadcast.

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
    """Return the index of ``x`` that reads each line along ``axis`` with its line of ``index``."""
    axis = axis_of(name, x, axis)
    if index.ndim != x.ndim:
        raise ShapeError(
            f"{name}: indices of shape {index.shape} need the axes of the tensor, {x.ndim}; its "
            f"shape is {x.shape}"
        )
    if index.dtype.kind not in "iu":
        raise DTypeError(f"{name}: the indices must be integers, not {index.dtype}")
    parts = list(np.ogrid[tuple(map(slice, x.shape))])
    parts[axis] = index
    return tuple(parts)


@implements(np.choose)
def choose(
    a: TensorLike, choices: TensorLike | Sequence[TensorLike], mode: Mode = "raise"
) -> Tensor:
    """Return, for each index in ``a``, the value of that choice at the same position.

    Parameters
    ----------
    a : array_like of integers
        The indices of the choices; they broadcast against the choices.
    choices : Tensor, or sequence of Tensor or array_like
        They broadcast against each other. The choices in one tensor lie along its first axis.
    mode : {"raise", "wrap", "clip"}
        See :func:`take`; here negative indices are out of bounds.

    Raises
    ------
    ShapeError
        If the shapes don't broadcast, or an index is out of bounds.

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
    """Return the slices along ``axis`` for which ``condition`` is true.

    Parameters
    ----------
    condition : array_like of bool, shape (n,)
        One truth value for each of the first n slices.
    a : Tensor or array_like
    axis : int or None
        None: select values of the flattened tensor.

    Raises
    ------
    ShapeError
        If ``condition`` isn't a vector, or there is no such axis.
    IndexingError
        If ``condition`` is true beyond the last slice.

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
    """Return the values for which ``condition`` is true, both flattened.

    Raises
    ------
    IndexingError
        If ``condition`` is true beyond the last value.

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
    """Return, at each position, the value that belongs to the first true condition.

    Parameters
    ----------
    condlist : sequence of array_like of bool
    choicelist : sequence of Tensor or array_like
        One for each condition. Conditions, choices and default broadcast against each other.
    default : Tensor or array_like
        The value where no condition is true.

    Raises
    ------
    ShapeError
        If there are no conditions, not as many choices, or shapes that don't broadcast.
    DTypeError
        If a condition isn't of dtype bool.

    Examples
    --------
    >>> x = as_tensor([-2.0, 0.5, 3.0])
    >>> select([x < 0, x > 1], [-x, x * x], 1.0)
    Tensor([2., 1., 9.])
    """
    conditions = [as_tensor(condition).data for condition in condlist]
    count = len(conditions)
    if not count or count != len(choicelist):
        raise ShapeError(
            f"select needs at least one condition, and as many choices as conditions; it was given "
            f"{count} conditions and {len(choicelist)} choices"
        )
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

    Parameters
    ----------
    condition : array_like of bool
        It gets no gradient. Given alone, ``where`` returns :func:`nonzero` of it.
    x, y : Tensor or array_like
        The three broadcast against each other. A gradient goes only to the chosen value.

    Raises
    ------
    ShapeError
        If the shapes don't broadcast.
    UnsupportedError
        If only one of ``x`` and ``y`` is given.

    Examples
    --------
    >>> where([True, False], [1.0, 2.0], 0.0)
    Tensor([1., 0.])

    An infinite derivative of a value that isn't chosen does no harm:

    >>> x = as_tensor([0.0, 4.0])
    >>> x.requires_grad = True
    >>> where(x > 0, x**0.5, 0.0).sum().backward()
    >>> x.grad
    Tensor([0.  , 0.25])
    """
    if x is None and y is None:
        return nonzero(condition)
    if x is None or y is None:
        raise UnsupportedError(
            "where takes a condition alone, or a condition and both choices, x and y"
        )
    return apply(selecting.where, (condition, x, y), {})


def nonzero(x: TensorLike) -> tuple[Tensor, ...]:
    """Return the indices of the values that aren't 0, one vector for each axis: constants.

    Examples
    --------
    >>> nonzero([[0.0, 3.0], [4.0, 0.0]])
    (Tensor([0, 1]), Tensor([1, 0]))
    """
    found: tuple[Tensor, ...] = compute(np.nonzero, as_tensor(x))
    return found


def argwhere(a: TensorLike) -> Tensor:
    """Return the indices of the values that aren't 0, one row for each value: a constant.

    Examples
    --------
    >>> argwhere([[0.0, 3.0], [4.0, 0.0]])
    Tensor([[0, 1],
            [1, 0]])
    """
    found: Tensor = compute(np.argwhere, as_tensor(a))
    return found


def flatnonzero(a: TensorLike) -> Tensor:
    """Return the indices, in the flattened tensor, of the values that aren't 0: a constant.

    Examples
    --------
    >>> flatnonzero([[0.0, 3.0], [4.0, 0.0]])
    Tensor([1, 2])
    """
    found: Tensor = compute(np.flatnonzero, as_tensor(a))
    return found
