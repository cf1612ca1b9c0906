"""Sorting, searching and counting."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from autograd_lite.errors import ShapeError
from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.functions.selecting.selecting import along, axis_of, take_along_axis
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.selecting import indexing, sorting
from autograd_lite.tensor import Tensor, TensorLike, apply, compute

__all__ = [
    "argpartition",
    "argsort",
    "bincount",
    "digitize",
    "lexsort",
    "partition",
    "searchsorted",
    "sort",
    "sort_complex",
]

_BACKWARD = slice(None, None, -1)


@implements(np.sort)
def sort(
    a: TensorLike,
    axis: int | None = -1,
    kind: str | None = None,
    *,
    descending: bool = False,
    stable: bool | None = None,
) -> Tensor:
    """Return the values sorted along ``axis``.

    Parameters
    ----------
    a : Tensor or array_like
        Complex numbers are ordered by their real parts, then by their imaginary parts. NaN counts
        as the largest.
    axis : int or None
        None: sort the flattened tensor.
    kind : str, optional
        The algorithm, by NumPy's name.
    descending : bool
        Sort the largest first.
    stable : bool, optional
        Makes no difference to the values; see :func:`argsort`.

    Raises
    ------
    AxisError
        If there is no such axis.

    Notes
    -----
    Each gradient goes back to the position from which its value came. Of equal values, the first
    one gets the gradient of the first place, and so on.

    Examples
    --------
    >>> x = as_tensor([3.0, 1.0, 2.0])
    >>> x.requires_grad = True
    >>> sort(x)[:2].sum().backward()
    >>> x.grad
    Tensor([0., 1., 1.])
    """
    x = as_tensor(a)
    if axis is None:
        x, axis = x.reshape(-1), 0
    axis = axis_of("sort", x, axis)
    x = along(x, axis, _BACKWARD) if descending else x
    y = apply(sorting.sort, (x,), {"axis": axis, "kind": kind, "stable": stable})
    return along(y, axis, _BACKWARD) if descending else y


def argsort(
    x: TensorLike,
    axis: int | None = -1,
    kind: str | None = None,
    *,
    descending: bool = False,
    stable: bool | None = None,
) -> Tensor:
    """Return the indices that sort along ``axis``: a constant.

    Parameters
    ----------
    x, axis, kind, descending
        See :func:`sort`.
    stable : bool, optional
        Keep equal values in their order; this is the default, unless ``kind`` is given.

    Raises
    ------
    AxisError
        If there is no such axis.

    Examples
    --------
    >>> argsort([3.0, 1.0, 2.0])
    Tensor([1, 2, 0])
    """
    tensor = as_tensor(x).detach()
    if axis is None:
        tensor, axis = tensor.reshape(-1), 0
    axis = axis_of("argsort", tensor, axis)
    tensor = along(tensor, axis, _BACKWARD) if descending else tensor
    stable = True if stable is None and kind is None else stable
    order: Tensor = compute(np.argsort, tensor, axis=axis, kind=kind, stable=stable)
    # sorting the reversed values and reversing the result keeps equal values in their order
    return tensor.shape[axis] - 1 - along(order, axis, _BACKWARD) if descending else order


@implements(np.partition)
def partition(
    a: TensorLike,
    kth: int | Sequence[int],
    axis: int | None = -1,
    kind: Literal["introselect"] = "introselect",
) -> Tensor:
    """Return the values along ``axis`` with each ``kth`` one where sorting would put it.

    Smaller values come before it, larger ones after it, both in any order.

    Parameters
    ----------
    a : Tensor or array_like
    kth : int or sequence of int
    axis : int or None
        None: partition the flattened tensor.
    kind : {"introselect"}
        The algorithm.

    Raises
    ------
    ShapeError
        If ``kth`` is out of bounds, or there is no such axis.

    Examples
    --------
    >>> partition([3.0, 1.0, 2.0], 0)[0]
    Tensor(1.)
    """
    x = as_tensor(a)
    if axis is None:
        x, axis = x.reshape(-1), 0
    return take_along_axis(x, argpartition(x, kth, axis, kind), axis)


def argpartition(
    a: TensorLike,
    kth: int | Sequence[int],
    axis: int | None = -1,
    kind: Literal["introselect"] = "introselect",
) -> Tensor:
    """Return the indices of the values in the order of :func:`partition`: a constant.

    See there for the parameters and the errors.

    Examples
    --------
    >>> argpartition([3.0, 1.0, 2.0], 0)[0]
    Tensor(1)
    """
    order: Tensor = compute(np.argpartition, as_tensor(a), kth, axis=axis, kind=kind)
    return order


@implements(np.sort_complex)
def sort_complex(a: TensorLike) -> Tensor:
    """Return the values sorted along the last axis, as complex numbers.

    Examples
    --------
    >>> sort_complex([3.0, 1.0])
    Tensor([1.+0.j, 3.+0.j], dtype=complex128)
    """
    y = sort(a)
    if y.dtype.kind == "c":
        return y
    return y.astype(np.complex64 if y.dtype.char in "bhBH" else np.complex128)  # as NumPy has it


def lexsort(keys: TensorLike | Sequence[TensorLike], axis: int = -1) -> Tensor:
    """Return the indices that sort by several keys: a constant.

    Parameters
    ----------
    keys : Tensor, or sequence of array_like of one shape
        The last key counts first; the keys before it order values that it leaves equal.
    axis : int
        The axis to sort along.

    Raises
    ------
    ShapeError
        If the keys differ in shape, or there is no such axis.

    Examples
    --------
    >>> lexsort([[3.0, 1.0, 2.0], [0.0, 1.0, 0.0]])
    Tensor([2, 0, 1])
    """
    order: Tensor = compute(np.lexsort, keys, axis=axis)
    return order


def searchsorted(
    x1: TensorLike,
    x2: TensorLike,
    side: Literal["left", "right"] = "left",
    sorter: TensorLike | None = None,
) -> Tensor:
    """Return the indices at which the values of ``x2`` belong in ``x1``: a constant.

    Parameters
    ----------
    x1 : Tensor or array_like, shape (n,)
        Sorted, by itself or by ``sorter``.
    x2 : Tensor or array_like
    side : {"left", "right"}
        Whether values belong before or after their equals.
    sorter : array_like of integers, shape (n,), optional
        The indices that sort ``x1``.

    Returns
    -------
    Tensor of int64, with the shape of ``x2``

    Raises
    ------
    ShapeError
        If ``x1`` isn't a vector, or ``sorter`` has another shape.

    Examples
    --------
    >>> searchsorted([1.0, 2.0, 3.0], [0.5, 2.0])
    Tensor([0, 1])
    """
    found: Tensor = compute(np.searchsorted, as_tensor(x1), as_tensor(x2), side, sorter)
    return found


def digitize(x: TensorLike, bins: TensorLike, right: bool = False) -> Tensor:
    """Return the number of the bin that each value is in: a constant.

    Parameters
    ----------
    x : Tensor or array_like
    bins : array_like, shape (n,)
        The edges, increasing or decreasing. Bin 0 lies before the first edge, bin n after the last.
    right : bool
        Whether a value on an edge belongs to the bin before it.

    Raises
    ------
    ShapeError
        If ``bins`` isn't a vector that increases or decreases.

    Examples
    --------
    >>> digitize([0.5, 1.5, 9.0], [0.0, 1.0, 2.0])
    Tensor([1, 2, 3])
    """
    found: Tensor = compute(np.digitize, as_tensor(x), as_tensor(bins), right)
    return found


@implements(np.bincount)
def bincount(x: TensorLike, weights: TensorLike | None = None, minlength: int = 0) -> Tensor:
    """Return how often 0, 1, 2, ... occur in ``x``, or the sums of their weights.

    Parameters
    ----------
    x : array_like of integers, shape (n,)
        The integers must not be negative.
    weights : Tensor or array_like, shape (n,), optional
        Differentiable. The sums have dtype float64.
    minlength : int
        The least length of the result.

    Raises
    ------
    ShapeError
        If ``x`` isn't a vector, has a negative value, or has another shape than the weights.
    DTypeError
        If ``x`` doesn't hold integers.

    Examples
    --------
    >>> bincount([0, 2, 2], [0.5, 1.0, 3.0])
    Tensor([0.5, 0. , 4. ])
    """
    counts: Tensor = compute(np.bincount, as_tensor(x), None, minlength)
    if weights is None or not as_tensor(x).size:  # NumPy counts an empty x, whatever the weights
        return counts
    w, index = as_tensor(weights), as_tensor(x).data
    if w.shape != index.shape:
        raise ShapeError(
            f"bincount: weights of shape {w.shape} don't fit integers of shape {index.shape}; "
            "give one weight for each integer"
        )
    params = {"index": index.astype(np.intp), "shape": counts.shape}
    return apply(indexing.scatter, (w.astype(np.float64),), params)
