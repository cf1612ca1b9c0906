"""Reductions that ignore NaN; such quantiles and running sums are in their own families."""

import numpy as np
import numpy.typing as npt

from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.functions.mathematics.reductions import (
    chosen,
    max,
    mean,
    min,
    not_nan,
    prod,
    sum,
)
from autograd_lite.functions.statistics.statistics import std, var
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.mathematics import reductions
from autograd_lite.ops.mathematics.reductions import Axis
from autograd_lite.primitive import Primitive
from autograd_lite.tensor import Tensor, TensorLike, apply

__all__ = [
    "nanmax",
    "nanmean",
    "nanmin",
    "nanprod",
    "nanstd",
    "nansum",
    "nanvar",
]


@implements(np.nansum)
def nansum(
    a: TensorLike,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    dtype: npt.DTypeLike | None = None,
    initial: TensorLike | None = None,
    where: TensorLike = True,
) -> Tensor:
    """Return the sum of the values that aren't NaN; see :func:`sum`.

    Examples
    --------
    >>> nansum([1.0, np.nan, 3.0]).item()
    4.0
    """
    x = as_tensor(a)
    return sum(x, axis, keepdims, dtype=dtype, initial=initial, where=not_nan(x, where))


@implements(np.nanprod)
def nanprod(
    a: TensorLike,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    dtype: npt.DTypeLike | None = None,
    initial: TensorLike | None = None,
    where: TensorLike = True,
) -> Tensor:
    """Return the product of the values that aren't NaN; see :func:`prod`.

    Examples
    --------
    >>> nanprod([2.0, np.nan, 3.0]).item()
    6.0
    """
    x = as_tensor(a)
    return prod(x, axis, keepdims, dtype=dtype, initial=initial, where=not_nan(x, where))


@implements(np.nanmean)
def nanmean(
    a: TensorLike,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    dtype: npt.DTypeLike | None = None,
    where: TensorLike = True,
) -> Tensor:
    """Return the mean of the values that aren't NaN, or NaN if all are; see :func:`mean`.

    Examples
    --------
    >>> nanmean([1.0, np.nan, 3.0]).item()
    2.0
    """
    x = as_tensor(a)
    return mean(x, axis, keepdims, dtype=dtype, where=not_nan(x, where))


@implements(np.nanvar)
def nanvar(
    a: TensorLike,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    dtype: npt.DTypeLike | None = None,
    ddof: float = 0,
    correction: float | None = None,
    where: TensorLike = True,
    mean: TensorLike | None = None,
) -> Tensor:
    """Return the variance of the values that aren't NaN; see :func:`var`.

    Examples
    --------
    >>> nanvar([1.0, np.nan, 3.0]).item()
    1.0
    """
    x = as_tensor(a)
    numbers = not_nan(x, where)
    return var(
        x, axis, keepdims, dtype=dtype, ddof=ddof, correction=correction, where=numbers, mean=mean
    )


@implements(np.nanstd)
def nanstd(
    a: TensorLike,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    dtype: npt.DTypeLike | None = None,
    ddof: float = 0,
    correction: float | None = None,
    where: TensorLike = True,
    mean: TensorLike | None = None,
) -> Tensor:
    """Return the standard deviation of the values that aren't NaN; see :func:`std`.

    Examples
    --------
    >>> nanstd([1.0, np.nan, 3.0]).item()
    1.0
    """
    x = as_tensor(a)
    numbers = not_nan(x, where)
    return std(
        x, axis, keepdims, dtype=dtype, ddof=ddof, correction=correction, where=numbers, mean=mean
    )


@implements(np.nanmax)
def nanmax(
    a: TensorLike,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    initial: TensorLike | None = None,
    where: TensorLike = True,
) -> Tensor:
    """Return the maximum of the values that aren't NaN, or NaN if all are; see :func:`max`.

    Examples
    --------
    >>> nanmax([1.0, np.nan, 3.0]).item()
    3.0
    """
    x = as_tensor(a)
    if not np.isnan(x.array).any():
        return max(x, axis, keepdims, initial=initial, where=where)
    if initial is not None or where is not True:
        return max(x, axis, keepdims, initial=initial, where=not_nan(x, where))
    return _extremum(reductions.max, x, axis, keepdims, -np.inf)


@implements(np.nanmin)
def nanmin(
    a: TensorLike,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    initial: TensorLike | None = None,
    where: TensorLike = True,
) -> Tensor:
    """Return the minimum of the values that aren't NaN, or NaN if all are; see :func:`min`.

    Examples
    --------
    >>> nanmin([1.0, np.nan, 3.0]).item()
    1.0
    """
    x = as_tensor(a)
    if not np.isnan(x.array).any():
        return min(x, axis, keepdims, initial=initial, where=where)
    if initial is not None or where is not True:
        return min(x, axis, keepdims, initial=initial, where=not_nan(x, where))
    return _extremum(reductions.min, x, axis, keepdims, np.inf)


def _extremum(op: Primitive, x: Tensor, axis: Axis, keepdims: bool, worst: float) -> Tensor:
    mask = ~np.isnan(x.array)
    params = {"axis": axis, "keepdims": keepdims, "initial": worst, "where": mask}
    y = apply(op, (x,), params)
    return chosen(y, mask.any(axis, keepdims=keepdims), np.nan)
