"""Sums, products, means and extremes along axes."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.array_utils import normalize_axis_tuple

from autograd_lite.errors import ShapeError
from autograd_lite.functions.general.differentiation import as_floating, as_tensor
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.operands import explain
from autograd_lite.ops.mathematics import elementwise, reductions
from autograd_lite.ops.mathematics.reductions import Axis
from autograd_lite.ops.selecting import selecting
from autograd_lite.primitive import Primitive
from autograd_lite.tensor import Tensor, TensorLike, apply, compute

__all__ = [
    "amax",
    "amin",
    "max",
    "mean",
    "min",
    "prod",
    "ptp",
    "sum",
]


def mask_of(where: TensorLike, x: Tensor) -> npt.NDArray[np.bool]:
    """Return the mask ``where``, broadcast to the shape of ``x``."""
    mask = as_tensor(where).array.astype(bool)
    try:
        return np.broadcast_to(mask, x.shape)
    except ValueError as error:
        raise ShapeError(
            f"where of shape {mask.shape} doesn't broadcast to {x.shape}, the shape of the values "
            "it chooses from"
        ) from error


def chosen(
    x: TensorLike, where: TensorLike, fill: Any, dtype: npt.DTypeLike | None = None
) -> Tensor:
    """Return ``x``, converted to ``dtype`` if given, with ``fill`` where ``where`` is false."""
    x = as_tensor(x, dtype)
    if where is True:
        return x
    return chosen_among(mask_of(where, x), x, fill)


def chosen_among(mask: npt.NDArray[np.bool], x: Tensor, fill: Any) -> Tensor:
    """Return ``x`` with ``fill`` where the mask is false; the two broadcast."""
    return apply(selecting.where, (mask, x, fill), {})


def not_nan(x: Tensor, where: TensorLike = True) -> Any:
    """Return the mask of the chosen values that aren't NaN; ``where`` itself for integers."""
    if x.dtype.kind not in "fc":
        return where
    mask = ~np.isnan(x.array)
    return mask if where is True else mask & mask_of(where, x)


def without_nan(x: TensorLike, fill: Any) -> Tensor:
    """Return ``x`` with NaN replaced by ``fill``."""
    x = as_tensor(x)
    return chosen(x, not_nan(x), fill)


def rows(x: Tensor, axis: Axis, name: str) -> tuple[Tensor, tuple[int, ...]]:
    """Merge the reduced axes into one, the last; also return the shape that keepdims leaves."""
    try:
        reduced = normalize_axis_tuple(range(x.ndim) if axis is None else axis, x.ndim)
    except (TypeError, ValueError) as error:
        raise explain(name, "", [x.array], {"axis": axis}, error) from error
    rest = [i for i in range(x.ndim) if i not in reduced]
    order = (*rest, *reduced)
    moved = x if list(order) == sorted(order) else x.transpose(order)
    joined = moved.reshape((*moved.shape[: len(rest)], math.prod(moved.shape[len(rest) :])))
    return joined, tuple(1 if i in reduced else n for i, n in enumerate(x.shape))


def _in_dtype(y: Tensor, dtype: npt.DTypeLike | None) -> Tensor:
    """Convert a result to the dtype asked for: NumPy widens small integers by itself."""
    return y if dtype is None else as_tensor(y, dtype)


@implements(np.sum)
def sum(
    a: TensorLike,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    dtype: npt.DTypeLike | None = None,
    initial: TensorLike | None = None,
    where: TensorLike = True,
) -> Tensor:
    """Return the sum along ``axis``.

    Parameters
    ----------
    a : Tensor or array_like
    axis : int, tuple of int, or None
        The axes to reduce; ``None`` means all of them.
    keepdims : bool
        Keep the reduced axes, with length 1.
    dtype : dtype, optional
        Compute and return the result in this dtype. By default small integers become the default
        integer, and other dtypes are kept.
    initial : Tensor or number, optional
        The value to start with; it can be differentiated too.
    where : array_like of bool
        Reduce only the values where this is true. It broadcasts to the shape of ``a``.

    Raises
    ------
    ShapeError
        If there is no such axis, or ``where`` doesn't broadcast.

    Examples
    --------
    >>> sum([[1.0, 2.0], [3.0, 4.0]], axis=0)
    Tensor([4., 6.])
    >>> sum([1.0, 2.0, 3.0], initial=10.0, where=[True, False, True]).item()
    14.0
    """
    y = _in_dtype(chosen(a, where, 0, dtype).sum(axis, keepdims=keepdims), dtype)
    return y if initial is None else y + as_tensor(initial, y.dtype)


@implements(np.prod)
def prod(
    a: TensorLike,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    dtype: npt.DTypeLike | None = None,
    initial: TensorLike | None = None,
    where: TensorLike = True,
) -> Tensor:
    """Return the product along ``axis``; see :func:`sum` for the parameters.

    The derivatives divide by nothing, so they are right for values of 0 too.

    Examples
    --------
    >>> prod([[1.0, 2.0], [3.0, 4.0]], axis=0)
    Tensor([3., 8.])
    >>> x = as_tensor([2.0, 0.0, 5.0])
    >>> x.requires_grad = True
    >>> prod(x).backward()
    >>> x.grad
    Tensor([ 0., 10.,  0.])
    """
    x = chosen(a, where, 1, dtype)
    if isinstance(axis, int) and x.ndim:
        y = apply(reductions.prod, (x,), {"axis": axis, "keepdims": keepdims})
    else:
        joined, kept = rows(x, axis, "prod")
        y = apply(reductions.prod, (joined,), {"axis": -1, "keepdims": False})
        y = y.reshape(kept) if keepdims else y
    y = _in_dtype(y, dtype)
    return y if initial is None else y * as_tensor(initial, y.dtype)


@implements(np.mean)
def mean(
    a: TensorLike,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    dtype: npt.DTypeLike | None = None,
    where: TensorLike = True,
) -> Tensor:
    """Return the mean along ``axis``, NaN of no values; see :func:`sum` for the parameters.

    Examples
    --------
    >>> mean([[1.0, 2.0], [3.0, 4.0]], axis=1)
    Tensor([1.5, 3.5])
    """
    x = as_tensor(a, dtype)
    if dtype is not None and x.dtype.kind not in "fc":  # NumPy cuts off the fraction
        given = {"axis": axis, "dtype": dtype, "keepdims": keepdims, "where": where}
        whole: Tensor = compute(np.mean, x, **given)
        return whole
    if where is True:
        return x.mean(axis, keepdims=keepdims)
    if x.dtype == np.float16:  # in which sums of ones stop at 2048
        return mean(x, axis, keepdims, dtype=np.float32, where=where).astype(np.float16)
    count = compute(np.sum, mask_of(where, x), axis=axis, keepdims=keepdims)
    return chosen(as_floating(x), where, 0).sum(axis, keepdims=keepdims) / divisor(count, x)


def divisor(count: Any, x: Tensor) -> Tensor:
    """Return a count as a divisor in the precision of ``x``: NaN where it isn't positive."""
    values = as_tensor(count).array
    dtype = as_floating(x).array.real.dtype
    return as_tensor(np.where(values > 0, values, np.nan), dtype)


@implements(np.max, np.amax)
def max(
    a: TensorLike,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    initial: TensorLike | None = None,
    where: TensorLike = True,
) -> Tensor:
    """Return the maximum along ``axis``; see :func:`sum` for the parameters.

    Several values that are the maximum share the gradient equally. ``initial`` is the least that
    the maximum can be; ``where`` needs it.

    Raises
    ------
    ShapeError
        If there is no value to choose from, or ``initial`` is missing.

    Examples
    --------
    >>> x = as_tensor([3.0, 1.0, 3.0])
    >>> x.requires_grad = True
    >>> max(x).backward()
    >>> x.grad
    Tensor([0.5, 0. , 0.5])
    """
    x = as_tensor(a)
    if initial is None and where is True:
        return x.max(axis, keepdims=keepdims)
    among = {"axis": axis, "keepdims": keepdims}
    return _among(reductions.max, elementwise.maximum, -np.inf, x, initial, where, among)


@implements(np.min, np.amin)
def min(
    a: TensorLike,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    initial: TensorLike | None = None,
    where: TensorLike = True,
) -> Tensor:
    """Return the minimum along ``axis``; see :func:`sum` for the parameters.

    Several values that are the minimum share the gradient equally. ``initial`` is the most that
    the minimum can be; ``where`` needs it. See :func:`max` for the errors.

    Examples
    --------
    >>> min([[1.0, 2.0], [3.0, 0.0]], axis=1)
    Tensor([1., 0.])
    """
    x = as_tensor(a)
    if initial is None and where is True:
        return x.min(axis, keepdims=keepdims)
    among = {"axis": axis, "keepdims": keepdims}
    return _among(reductions.min, elementwise.minimum, np.inf, x, initial, where, among)


def _among(
    op: Primitive,
    of_two: Primitive,
    worst: float,
    x: Tensor,
    initial: TensorLike | None,
    where: TensorLike,
    params: dict[str, Any],
) -> Tensor:
    """Return the extremum of the chosen values and ``initial``."""
    if initial is None:
        raise ShapeError(
            f"{op.name} with where= needs initial= too, the result where no value is chosen"
        )
    first = as_tensor(initial, x.dtype)
    params["where"] = mask_of(where, x)
    if x.dtype.kind not in "fc":
        return apply(op, (x,), {**params, "initial": first.array})
    return apply(of_two, (apply(op, (x,), {**params, "initial": worst}), first), {})


amax = max
amin = min


@implements(np.ptp)
def ptp(a: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Return the range along ``axis``, from "peak to peak": the maximum minus the minimum.

    Examples
    --------
    >>> ptp([[1.0, 5.0], [3.0, 2.0]], axis=1)
    Tensor([4., 1.])
    """
    x = as_tensor(a)
    return x.max(axis, keepdims=keepdims) - x.min(axis, keepdims=keepdims)
