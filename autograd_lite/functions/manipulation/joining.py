"""Functions that join tensors."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite.errors import DTypeError, ShapeError
from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.functions.manipulation.shaping import (
    atleast_1d,
    atleast_2d,
    atleast_3d,
    ravel,
    reshape,
)
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.manipulation import joining
from autograd_lite.tensor import Tensor, TensorLike, apply, compute

__all__ = [
    "append",
    "block",
    "column_stack",
    "concat",
    "concatenate",
    "dstack",
    "hstack",
    "insert",
    "stack",
    "vstack",
]

Tensors = Sequence[TensorLike] | Tensor
"""The tensors to join: several, or the parts of one along its first axis."""


def _converted(
    arrays: Tensors, dtype: npt.DTypeLike | None = None, casting: Any = "same_kind"
) -> tuple[Tensor, ...]:
    tensors = tuple(map(as_tensor, arrays))
    if dtype is None:
        return tensors
    for x in tensors:
        if not np.can_cast(x.dtype, dtype, casting):
            raise DTypeError(
                f"joining tensors: {x.dtype} can't become {np.dtype(dtype)} under "
                f"casting={casting!r}; choose another dtype, or casting='unsafe'"
            )
    return tuple(as_tensor(x, dtype) for x in tensors)


@implements(np.concatenate)
def concatenate(
    arrays: Tensors,
    /,
    axis: int | None = 0,
    *,
    dtype: npt.DTypeLike | None = None,
    casting: str = "same_kind",
) -> Tensor:
    """Join tensors along an existing axis.

    Parameters
    ----------
    arrays : sequence of Tensor or array_like
        Their lengths must agree along all axes but ``axis``.
    axis : int or None
        ``None``: flatten them first.
    dtype : dtype, optional
        The dtype to convert them to; by default, the one that they promote to.
    casting : {"no", "equiv", "safe", "same_kind", "unsafe"}
        The conversions to ``dtype`` that are allowed.

    Raises
    ------
    ShapeError
        If the shapes don't fit together, there is no such axis, or nothing is given.
    DTypeError
        If ``casting`` doesn't allow a conversion to ``dtype``.

    Examples
    --------
    >>> concatenate([[1.0, 2.0], [3.0]])
    Tensor([1., 2., 3.])
    """
    return apply(joining.concatenate, _converted(arrays, dtype, casting), {"axis": axis})


concat = concatenate


@implements(np.stack)
def stack(
    arrays: Tensors,
    axis: int = 0,
    *,
    dtype: npt.DTypeLike | None = None,
    casting: str = "same_kind",
) -> Tensor:
    """Join tensors of one shape along a new axis.

    Parameters
    ----------
    arrays, dtype, casting
        See :func:`concatenate`.
    axis : int
        The position of the new axis in the result.

    Raises
    ------
    ShapeError
        If the shapes differ, there is no such position, or nothing is given.
    DTypeError
        If ``casting`` doesn't allow a conversion to ``dtype``.

    Examples
    --------
    >>> stack([[1.0, 2.0], [3.0, 4.0]], axis=1)
    Tensor([[1., 3.],
            [2., 4.]])
    """
    return apply(joining.stack, _converted(arrays, dtype, casting), {"axis": axis})


@implements(np.vstack)
def vstack(
    tup: Tensors, *, dtype: npt.DTypeLike | None = None, casting: str = "same_kind"
) -> Tensor:
    """Join tensors along the first axis; vectors count as rows. See :func:`concatenate`.

    Examples
    --------
    >>> vstack([[1.0, 2.0], [[3.0, 4.0], [5.0, 6.0]]])
    Tensor([[1., 2.],
            [3., 4.],
            [5., 6.]])
    """
    return concatenate([atleast_2d(x) for x in tup], 0, dtype=dtype, casting=casting)


@implements(np.hstack)
def hstack(
    tup: Tensors, *, dtype: npt.DTypeLike | None = None, casting: str = "same_kind"
) -> Tensor:
    """Join tensors along the second axis, but vectors along their only axis.

    See :func:`concatenate` for the parameters.

    Examples
    --------
    >>> hstack([1.0, [2.0, 3.0]])
    Tensor([1., 2., 3.])
    """
    tensors = [atleast_1d(x) for x in tup]
    axis = 0 if tensors and tensors[0].ndim == 1 else 1
    return concatenate(tensors, axis, dtype=dtype, casting=casting)


@implements(np.dstack)
def dstack(tup: Tensors) -> Tensor:
    """Join tensors along the third axis, which :func:`atleast_3d` adds where it is missing.

    Examples
    --------
    >>> dstack([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[[1., 3.],
             [2., 4.]]])
    """
    return concatenate([atleast_3d(x) for x in tup], 2)


@implements(np.column_stack)
def column_stack(tup: Tensors) -> Tensor:
    """Join tensors along the second axis; vectors count as columns.

    Examples
    --------
    >>> column_stack([[1.0, 2.0], [[3.0], [4.0]]])
    Tensor([[1., 3.],
            [2., 4.]])
    """
    tensors = map(as_tensor, tup)
    return concatenate([x.reshape(-1, 1) if x.ndim < 2 else x for x in tensors], 1)


def _depth(arrays: Any) -> int:
    """Return how deeply the lists are nested; raise if some are deeper than others."""
    if not isinstance(arrays, list):
        if isinstance(arrays, tuple):
            raise DTypeError("block takes nested lists, not tuples; convert them to lists")
        return 0
    depths = {_depth(x) for x in arrays}
    if len(depths) != 1:
        raise ShapeError(
            "block: a list is empty; leave it out"
            if not depths
            else f"block: the lists are nested to different depths, {sorted(depths)}"
        )
    return 1 + depths.pop()


def _leaves(arrays: Any) -> list[Tensor]:
    if isinstance(arrays, list):
        return [leaf for x in arrays for leaf in _leaves(x)]
    return [as_tensor(arrays)]


def _assembled(arrays: Any, axis: int, ndim: int) -> Tensor:
    if isinstance(arrays, list):
        return concatenate([_assembled(x, axis + 1, ndim) for x in arrays], axis)
    x = as_tensor(arrays)
    return reshape(x, (1,) * (ndim - x.ndim) + x.shape)


@implements(np.block)
def block(arrays: Any) -> Tensor:
    """Assemble a tensor from nested lists of blocks.

    Parameters
    ----------
    arrays : nested lists of Tensor or array
        The innermost lists are joined along the last axis, the lists around them along the axis
        before it, and so on. All must be nested to the same depth.

    Raises
    ------
    ShapeError
        If the blocks don't fit together, a list is empty, or the depths differ.
    DTypeError
        If tuples take the place of lists.

    Examples
    --------
    >>> block([[np.eye(2), np.ones((2, 1))], [np.zeros((1, 2)), 5.0]])
    Tensor([[1., 0., 1.],
            [0., 1., 1.],
            [0., 0., 5.]])
    """
    depth = _depth(arrays)
    if not depth:
        return as_tensor(np.copy(arrays))
    ndim = max(depth, *(x.ndim for x in _leaves(arrays)))
    return _assembled(arrays, -depth, ndim)


@implements(np.append)
def append(arr: TensorLike, values: TensorLike, axis: int | None = None) -> Tensor:
    """Join two tensors along ``axis``; None flattens them first. See :func:`concatenate`.

    Examples
    --------
    >>> append([[1.0, 2.0]], 3.0)
    Tensor([1., 2., 3.])
    """
    return concatenate([arr, values], axis)


@implements(np.insert)
def insert(arr: TensorLike, obj: Any, values: TensorLike, axis: int | None = None) -> Tensor:
    """Return the tensor with values inserted before the given positions along an axis.

    Parameters
    ----------
    arr : Tensor or array_like
    obj : int, slice, or sequence of int or bool
        The positions, counted in ``arr``.
    values : Tensor or array_like
        Broadcast to the shape of the inserted part, and converted to the dtype of ``arr``.
    axis : int or None
        ``None``: flatten ``arr`` first.

    Raises
    ------
    IndexingError
        If a position is out of bounds.
    ShapeError
        If the values don't broadcast, or there is no such axis.

    Examples
    --------
    >>> insert([1.0, 2.0, 3.0], [1, 1], [8.0, 9.0])
    Tensor([1., 8., 9., 2., 3.])
    """
    x = as_tensor(arr)
    new = as_tensor(values, x.dtype)
    # let NumPy rearrange the positions, to learn where it puts the values
    places = np.arange(x.size).reshape(x.shape)
    new_places = np.arange(x.size, x.size + new.size).reshape(new.shape)
    inserted = compute(np.insert, places, obj, new_places, axis)
    return concatenate([ravel(x), ravel(new)])[inserted]
