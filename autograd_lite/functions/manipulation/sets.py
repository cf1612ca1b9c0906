"""Sets of values. The gradient of each result goes to the first of the equal values."""

from typing import Any, Literal, NamedTuple

import numpy as np

from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.functions.manipulation.joining import concatenate
from autograd_lite.functions.selecting.selecting import along, axis_of
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.tensor import Tensor, TensorLike, compute

__all__ = [
    "intersect1d",
    "isin",
    "setdiff1d",
    "setxor1d",
    "union1d",
    "unique",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
]


@implements(np.unique)
def unique(
    ar: TensorLike,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    *,
    equal_nan: bool = True,
    sorted: bool = True,
) -> Any:
    """Return the distinct values, sorted.

    Parameters
    ----------
    ar : Tensor or array_like
    return_index, return_inverse, return_counts : bool
        Return also, as constants: the index at which each value first occurs; the indices that
        rebuild ``ar`` from the result; how often each value occurs.
    axis : int or None
        Compare slices along this axis; None: compare the values of the flattened tensor.
    equal_nan : bool
        Count NaN as equal to itself.
    sorted : bool
        Ignored: the values are always sorted.

    Returns
    -------
    Tensor, or tuple of it and the constants asked for

    Raises
    ------
    AxisError
        If there is no such axis.

    Notes
    -----
    The gradient of a value goes to the first of the equal values.

    Examples
    --------
    >>> unique([3.0, 1.0, 3.0], return_counts=True)
    (Tensor([1., 3.]), Tensor([1, 2]))
    """
    x = as_tensor(ar)
    _, index, *others = compute(
        np.unique, x, True, return_inverse, return_counts, axis, equal_nan=equal_nan
    )
    x, axis = (x.reshape(-1), 0) if axis is None else (x, axis_of("unique", x, axis))
    values = along(x, axis, index)
    found = (values, *([index] if return_index else []), *others)
    return found if len(found) > 1 else values


class UniqueAll(NamedTuple):
    """The results of :func:`unique_all`."""

    values: Tensor
    indices: Tensor
    inverse_indices: Tensor
    counts: Tensor


class UniqueCounts(NamedTuple):
    """The results of :func:`unique_counts`."""

    values: Tensor
    counts: Tensor


class UniqueInverse(NamedTuple):
    """The results of :func:`unique_inverse`."""

    values: Tensor
    inverse_indices: Tensor


@implements(np.unique_all)
def unique_all(x: TensorLike) -> UniqueAll:
    """Return the distinct values, their first indices, the inverse indices and the counts.

    As in the array API standard, NaN isn't equal to itself here; see :func:`unique`.

    Examples
    --------
    >>> unique_all([3.0, 1.0, 3.0]).inverse_indices
    Tensor([1, 0, 1])
    """
    return UniqueAll(*unique(x, True, True, True, equal_nan=False))


@implements(np.unique_counts)
def unique_counts(x: TensorLike) -> UniqueCounts:
    """Return the distinct values, and how often each occurs; see :func:`unique_all`.

    Examples
    --------
    >>> unique_counts([3.0, 1.0, 3.0]).counts
    Tensor([1, 2])
    """
    return UniqueCounts(*unique(x, return_counts=True, equal_nan=False))


@implements(np.unique_inverse)
def unique_inverse(x: TensorLike) -> UniqueInverse:
    """Return the distinct values, and the indices that rebuild ``x``; see :func:`unique_all`.

    Examples
    --------
    >>> values, inverse = unique_inverse([3.0, 1.0, 3.0])
    >>> values[inverse]
    Tensor([3., 1., 3.])
    """
    return UniqueInverse(*unique(x, return_inverse=True, equal_nan=False))


@implements(np.unique_values)
def unique_values(x: TensorLike) -> Tensor:
    """Return the distinct values; see :func:`unique_all`.

    Examples
    --------
    >>> unique_values([3.0, 1.0, 3.0])
    Tensor([1., 3.])
    """
    values: Tensor = unique(x, equal_nan=False)
    return values


def isin(
    x1: TensorLike,
    x2: TensorLike,
    assume_unique: bool = False,
    invert: bool = False,
    *,
    kind: Literal["sort", "table"] | None = None,
) -> Tensor:
    """Return whether each value of ``x1`` occurs in ``x2``: a constant.

    Parameters
    ----------
    x1, x2 : Tensor or array_like
    assume_unique : bool
        Promise that neither has repeated values, which is faster.
    invert : bool
        Return whether each value does not occur.
    kind : {"sort", "table"}, optional
        The algorithm, by NumPy's name.

    Returns
    -------
    Tensor of bool, with the shape of ``x1``

    Examples
    --------
    >>> isin([1, 2, 3], [3, 1])
    Tensor([ True, False,  True])
    """
    a, b = as_tensor(x1), as_tensor(x2)
    found: Tensor = compute(np.isin, a, b, assume_unique, invert, kind=kind)
    return found


@implements(np.union1d)
def union1d(ar1: TensorLike, ar2: TensorLike) -> Tensor:
    """Return the distinct values of both tensors, sorted.

    Examples
    --------
    >>> union1d([3.0, 1.0], [2.0, 3.0])
    Tensor([1., 2., 3.])
    """
    values: Tensor = unique(concatenate((ar1, ar2), axis=None))
    return values


@implements(np.intersect1d)
def intersect1d(
    ar1: TensorLike, ar2: TensorLike, assume_unique: bool = False, return_indices: bool = False
) -> Any:
    """Return the distinct values that occur in both tensors, sorted; gradients go to ``ar1``.

    Parameters
    ----------
    ar1, ar2 : Tensor or array_like
    assume_unique : bool
        Promise that neither has repeated values, which is faster.
    return_indices : bool
        Return also the first indices of the values in ``ar1`` and in ``ar2``, as constants.

    Returns
    -------
    Tensor, or tuple of it and the two vectors of indices

    Examples
    --------
    >>> intersect1d([3.0, 1.0], [2.0, 3.0])
    Tensor([3.])
    """
    a, b = as_tensor(ar1), as_tensor(ar2)
    common, first, second = compute(np.intersect1d, a, b, assume_unique, True)
    values = a.reshape(-1)[first].astype(common.dtype)
    return (values, first, second) if return_indices else values


@implements(np.setdiff1d)
def setdiff1d(ar1: TensorLike, ar2: TensorLike, assume_unique: bool = False) -> Tensor:
    """Return the distinct values of ``ar1`` that don't occur in ``ar2``, sorted.

    Parameters
    ----------
    ar1, ar2 : Tensor or array_like
    assume_unique : bool
        Promise that neither has repeated values; then the result isn't sorted.

    Examples
    --------
    >>> setdiff1d([3.0, 1.0], [2.0, 3.0])
    Tensor([1.])
    """
    a: Tensor = as_tensor(ar1).reshape(-1) if assume_unique else unique(ar1)
    return a[isin(a, ar2, assume_unique=True, invert=True)]


@implements(np.setxor1d)
def setxor1d(ar1: TensorLike, ar2: TensorLike, assume_unique: bool = False) -> Tensor:
    """Return the distinct values that occur in exactly one of the tensors, sorted.

    Parameters
    ----------
    ar1, ar2 : Tensor or array_like
    assume_unique : bool
        Promise that neither has repeated values, which is faster.

    Examples
    --------
    >>> setxor1d([3.0, 1.0], [2.0, 3.0])
    Tensor([1., 2.])
    """
    a = as_tensor(ar1) if assume_unique else unique(ar1)
    b = as_tensor(ar2) if assume_unique else unique(ar2)
    both = concatenate((a, b), axis=None)
    values, counts = unique(both, return_counts=True)
    once: Tensor = values[counts == 1]
    return once
