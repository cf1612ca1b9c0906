"""Running sums, products and extremes along an axis."""

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite.errors import ShapeError
from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.functions.mathematics.reductions import without_nan
from autograd_lite.numpy_protocols.dispatch import implements, implements_method
from autograd_lite.ops.manipulation import joining
from autograd_lite.ops.mathematics import cumulative
from autograd_lite.primitive import Primitive
from autograd_lite.tensor import Tensor, TensorLike, apply, compute

__all__ = [
    "cummax",
    "cummin",
    "cumprod",
    "cumsum",
    "cumulative_prod",
    "cumulative_sum",
    "nancumprod",
    "nancumsum",
]


def _running(op: Primitive, x: Tensor, axis: int | None, dtype: npt.DTypeLike | None) -> Tensor:
    x = as_tensor(x, dtype)
    if axis is None or not x.ndim:
        x, axis = x.reshape(-1), axis or 0
    y = apply(op, (x,), {"axis": axis})
    return y if dtype is None else as_tensor(y, dtype)


@implements(np.cumsum)
def cumsum(a: TensorLike, axis: int | None = None, dtype: npt.DTypeLike | None = None) -> Tensor:
    """Return the running sums along ``axis``.

    Parameters
    ----------
    a : Tensor or array_like
    axis : int, optional
        By default the values are flattened first.
    dtype : dtype, optional
        Compute and return the sums in this dtype. By default small integers become the default
        integer, and other dtypes are kept.

    Returns
    -------
    Tensor
        Of the shape of ``a``, or a vector.

    Raises
    ------
    AxisError
        If there is no such axis.

    Examples
    --------
    >>> cumsum([1.0, 2.0, 3.0])
    Tensor([1., 3., 6.])
    """
    return _running(cumulative.cumsum, as_tensor(a), axis, dtype)


@implements(np.cumprod)
def cumprod(a: TensorLike, axis: int | None = None, dtype: npt.DTypeLike | None = None) -> Tensor:
    """Return the running products along ``axis``; see :func:`cumsum` for the parameters.

    The derivatives divide by nothing, so they are right for values of 0 too.

    Examples
    --------
    >>> cumprod([1.0, 2.0, 3.0])
    Tensor([1., 2., 6.])
    """
    return _running(cumulative.cumprod, as_tensor(a), axis, dtype)


@implements(np.cumulative_sum)
def cumulative_sum(
    x: TensorLike,
    /,
    *,
    axis: int | None = None,
    dtype: npt.DTypeLike | None = None,
    include_initial: bool = False,
) -> Tensor:
    """Return the running sums along ``axis``.

    Parameters
    ----------
    x : Tensor or array_like
    axis : int, optional
        May be left out for a vector.
    dtype : dtype, optional
        As for :func:`cumsum`.
    include_initial : bool
        Begin with 0, the sum of no values, so that the result is longer by one.

    Raises
    ------
    ShapeError
        If ``axis`` is left out and ``x`` isn't a vector, or there is no such axis.

    Examples
    --------
    >>> cumulative_sum([1.0, 2.0, 3.0], include_initial=True)
    Tensor([0., 1., 3., 6.])
    """
    y, axis = _along_one(cumulative.cumsum, x, axis, dtype)
    return _begun(np.zeros, y, axis) if include_initial else y


@implements(np.cumulative_prod)
def cumulative_prod(
    x: TensorLike,
    /,
    *,
    axis: int | None = None,
    dtype: npt.DTypeLike | None = None,
    include_initial: bool = False,
) -> Tensor:
    """Return the running products along ``axis``; see :func:`cumulative_sum`.

    Examples
    --------
    >>> cumulative_prod([1.0, 2.0, 3.0], include_initial=True)
    Tensor([1., 1., 2., 6.])
    """
    y, axis = _along_one(cumulative.cumprod, x, axis, dtype)
    return _begun(np.ones, y, axis) if include_initial else y


def _along_one(
    op: Primitive, x: TensorLike, axis: int | None, dtype: npt.DTypeLike | None
) -> tuple[Tensor, int]:
    x = as_tensor(x)
    if not x.ndim or (axis is None and x.ndim != 1):
        name = op.name.replace("cum", "cumulative_")
        raise ShapeError(f"{name} of shape {x.shape} needs an axis to run along; give axis=")
    axis = 0 if axis is None else axis
    return _running(op, x, axis, dtype), axis


def _begun(fill: Any, y: Tensor, axis: int) -> Tensor:
    shape = list(y.shape)
    shape[axis] = 1
    return apply(joining.concatenate, (fill(shape, y.dtype), y), {"axis": axis})


@implements(np.nancumsum)
def nancumsum(a: TensorLike, axis: int | None = None, dtype: npt.DTypeLike | None = None) -> Tensor:
    """Return the running sums along ``axis``, with NaN counted as 0; see :func:`cumsum`.

    Examples
    --------
    >>> nancumsum([1.0, np.nan, 3.0])
    Tensor([1., 1., 4.])
    """
    return _running(cumulative.cumsum, without_nan(a, 0), axis, dtype)


@implements(np.nancumprod)
def nancumprod(
    a: TensorLike, axis: int | None = None, dtype: npt.DTypeLike | None = None
) -> Tensor:
    """Return the running products along ``axis``, with NaN counted as 1; see :func:`cumprod`.

    Examples
    --------
    >>> nancumprod([2.0, np.nan, 3.0])
    Tensor([2., 2., 6.])
    """
    return _running(cumulative.cumprod, without_nan(a, 1), axis, dtype)


@implements_method(np.maximum, "accumulate")
def cummax(a: TensorLike, axis: int = 0) -> Tensor:
    """Return the largest value so far along ``axis``; NaN from the first NaN on.

    The gradient goes to that value. If several are equal, it goes to the last of them.

    Raises
    ------
    AxisError
        If there is no such axis.
    DTypeError
        If ``a`` has no axes.

    Examples
    --------
    >>> cummax([1.0, 3.0, 2.0, 5.0])
    Tensor([1., 3., 3., 5.])
    """
    return _record_so_far(np.maximum, as_tensor(a), axis)


@implements_method(np.minimum, "accumulate")
def cummin(a: TensorLike, axis: int = 0) -> Tensor:
    """Return the smallest value so far along ``axis``; see :func:`cummax`.

    Examples
    --------
    >>> cummin([4.0, 3.0, 5.0, 1.0])
    Tensor([4., 3., 3., 1.])
    """
    return _record_so_far(np.minimum, as_tensor(a), axis)


def _record_so_far(ufunc: np.ufunc, x: Tensor, axis: int) -> Tensor:
    best = compute(ufunc.accumulate, x, axis=axis).array
    is_best = (x.array == best) | np.isnan(x.array)
    axis %= x.ndim
    index = np.indices(x.shape, sparse=True)
    place = np.maximum.accumulate(np.where(is_best, index[axis], 0), axis=axis)
    return x[(*index[:axis], place, *index[axis + 1 :])]
