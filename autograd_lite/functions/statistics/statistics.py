"""Variances, weighted means and correlations."""

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite.errors import DomainError, ShapeError, WeightsError
from autograd_lite.functions.general.differentiation import as_floating, as_tensor
from autograd_lite.functions.mathematics.reductions import chosen, divisor, mask_of
from autograd_lite.functions.mathematics.reductions import mean as _mean
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.manipulation import joining
from autograd_lite.ops.mathematics import complex_numbers, elementwise, exponential
from autograd_lite.ops.mathematics.reductions import Axis
from autograd_lite.ops.statistics import statistics
from autograd_lite.primitive import Primitive
from autograd_lite.tensor import Tensor, TensorLike, apply, compute

__all__ = [
    "average",
    "corrcoef",
    "cov",
    "std",
    "var",
]


@implements(np.var)
def var(
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
    """Return the variance along ``axis``: the mean of the squared distances from the mean.

    Parameters
    ----------
    a : Tensor or array_like
        For complex numbers the distances are those in the plane, so the result is real.
    axis : int, tuple of int, or None
        The axes to reduce; ``None`` means all of them.
    keepdims : bool
        Keep the reduced axes, with length 1.
    dtype : dtype, optional
        Compute and return the result in this dtype.
    ddof, correction : number
        Two names for one number: the sum of squares is divided by the count of values minus this.
        1 makes the estimate from a sample unbiased.
    where : array_like of bool
        Reduce only the values where this is true. It broadcasts to the shape of ``a``.
    mean : Tensor or array_like, optional
        The mean, with the reduced axes kept, if it is already known.

    Raises
    ------
    ShapeError
        If both ``ddof`` and ``correction`` are given, or there is no such axis.

    Examples
    --------
    >>> var([[1.0, 3.0], [2.0, 6.0]], axis=1)
    Tensor([1., 4.])
    >>> var([1.0, 3.0], correction=1).item()
    2.0
    """
    return _spread_of(statistics.var, a, axis, keepdims, dtype, ddof, correction, where, mean)


@implements(np.std)
def std(
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
    """Return the standard deviation along ``axis``; see :func:`var` for the parameters.

    It has a kink where all values are equal; the gradient there is 0.

    Examples
    --------
    >>> std([[1.0, 3.0], [2.0, 6.0]], axis=1)
    Tensor([1., 2.])
    """
    return _spread_of(statistics.std, a, axis, keepdims, dtype, ddof, correction, where, mean)


def _spread_of(
    op: Primitive,
    a: TensorLike,
    axis: Axis,
    keepdims: bool,
    dtype: npt.DTypeLike | None,
    ddof: float,
    correction: float | None,
    where: TensorLike,
    center: TensorLike | None,
) -> Tensor:
    if correction is not None and ddof:
        raise ShapeError(f"{op.name} takes ddof= or correction=, which mean the same, not both")
    correction = ddof if correction is None else correction
    if isinstance(correction, (Tensor, np.generic)):
        correction = float(correction)  # a Python number, which doesn't promote
    if dtype is not None and np.dtype(dtype).kind not in "fc":  # NumPy cuts off the fraction
        given = {"axis": axis, "dtype": dtype, "keepdims": keepdims, "where": where}
        known = {} if center is None else {"mean": center}
        function = np.std if op is statistics.std else np.var
        whole: Tensor = compute(function, as_tensor(a), ddof=correction, **given, **known)
        return whole
    x = as_floating(as_tensor(a, dtype))
    if x.dtype == np.float16:  # as in NumPy: squares overflow too soon
        wide = x.astype(np.float32)
        y = _spread_of(op, wide, axis, keepdims, None, correction, None, where, center)
        return y.astype(np.result_type(x.dtype, *([] if center is None else [_dtyped(center)])))
    if where is True and center is None:
        return apply(op, (x,), {"axis": axis, "keepdims": keepdims, "correction": correction})
    if op is not statistics.std:
        return _variance(x, axis, keepdims, correction, where, center)
    if center is None:
        x = _from_lowest(x, axis, where)
    return _variance(x, axis, keepdims, correction, where, center).sqrt()


def _variance(
    x: Tensor,
    axis: Axis,
    keepdims: bool,
    correction: float,
    where: TensorLike,
    center: TensorLike | None,
) -> Tensor:
    """Return the variance of the chosen values about any center."""
    mask = mask_of(where, x)
    x = chosen(x, mask, 0)  # keeps a NaN that isn't chosen out of the derivatives too
    if center is None:
        center = _mean(x, axis, keepdims=True, where=mask)
    d = x - _dtyped(center)
    squares = d.real**2 + d.imag**2 if d.dtype.kind == "c" else d * d
    count = compute(np.sum, mask, axis=axis, keepdims=keepdims)
    return chosen(squares, mask, 0).sum(axis, keepdims=keepdims) / divisor(count - correction, x)


def _dtyped(x: TensorLike) -> Any:
    """Return ``x`` as a tensor; Python numbers stay as they are, since they don't promote."""
    return x if type(x) in (int, float) else as_tensor(x)


def _from_lowest(x: Tensor, axis: Axis, where: TensorLike) -> Tensor:
    """Return the values minus the lowest chosen one, so that the mean of equal values is exact.

    Their standard deviation is then exactly 0, its kink, where rounding errors would give a slope.
    """
    mask = np.broadcast_to(mask_of(where, x), x.shape)
    lowest = np.min(x.array, axis=axis, keepdims=True, initial=np.inf, where=mask)
    return x - np.where(np.isfinite(lowest), lowest, 0)


@implements(np.average)
def average(
    a: TensorLike,
    axis: Axis = None,
    weights: TensorLike | None = None,
    returned: bool = False,
    *,
    keepdims: bool = False,
) -> Any:
    """Return the weighted mean along ``axis``.

    Parameters
    ----------
    a : Tensor or array_like
    axis : int, tuple of int, or None
        The axes to reduce; ``None`` means all of them.
    weights : Tensor or array_like, optional
        Of the shape of ``a``, or of its lengths along ``axis``. They can be differentiated too. By
        default all are 1.
    returned : bool
        Return a tuple: the mean, and the sum of the weights in the same shape.
    keepdims : bool
        Keep the reduced axes, with length 1.

    Raises
    ------
    ShapeError
        If the weights don't fit ``a``.
    WeightsError
        If they sum to 0.

    Examples
    --------
    >>> average([1.0, 2.0, 6.0], weights=[2.0, 1.0, 1.0]).item()
    2.5
    """
    x = as_tensor(a)
    if weights is None:
        y = as_floating(x).mean(axis, keepdims=keepdims)
        if not returned:
            return y
        return y, as_tensor(np.full(y.shape, x.size / y.size if y.size else 0, y.dtype))
    w = _weights_along(as_tensor(weights), x, axis)
    dtype = np.result_type(x.dtype, w.dtype, *([] if x.dtype.kind in "fc" else [np.float64]))
    wide = np.float32 if dtype == np.float16 else dtype  # sums of ones stop at 2048 in float16
    w = w.astype(wide)
    total = w.sum(axis, keepdims=keepdims)
    if not total.array.all():
        raise WeightsError("average: the weights sum to 0, so the mean isn't defined")
    y = ((x * w).sum(axis, keepdims=keepdims) / total).astype(dtype)
    return (y, total.astype(dtype)) if returned else y


def _weights_along(w: Tensor, x: Tensor, axis: Axis) -> Tensor:
    """Return the weights in the shape of ``x``, even if given for the reduced axes only."""
    if w.shape != x.shape:
        axes = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        if w.shape != tuple(x.shape[i] for i in axes) or not axes:
            raise ShapeError(
                f"average of shape {x.shape} along axis {axis}: weights of shape {w.shape} don't "
                "fit; give the same shape, or the lengths along axis"
            )
        axes = tuple(i % x.ndim for i in axes)
        order = tuple(np.argsort(axes).tolist())
        w = w.transpose(order).reshape(tuple(n if i in axes else 1 for i, n in enumerate(x.shape)))
        w = w * np.ones(x.shape, w.dtype)
    return w


@implements(np.cov, gives_arrays=True)
def cov(
    m: TensorLike,
    y: TensorLike | None = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: float | None = None,
    fweights: TensorLike | None = None,
    aweights: TensorLike | None = None,
    *,
    dtype: npt.DTypeLike | None = None,
) -> Tensor:
    """Return the covariances of variables, which are the rows of ``m``.

    Parameters
    ----------
    m : Tensor or array_like, shape (variables, observations), or (observations,)
    y : Tensor or array_like, optional
        More variables.
    rowvar : bool
        False: the variables are the columns.
    bias : bool
        Divide by the number of observations instead of by one less.
    ddof : number, optional
        Divide by the number of observations minus this; overrides ``bias``.
    fweights : array_like of int, shape (observations,), optional
        How often each observation was made.
    aweights : Tensor or array_like, shape (observations,), optional
        How much each observation counts. They can be differentiated too.
    dtype : dtype, optional
        Compute in this dtype, by default in float64 or complex128.

    Returns
    -------
    Tensor, shape (variables, variables), or () for one variable
        NaN where there are too few observations.

    Raises
    ------
    ShapeError
        If there are more than two axes, or the operands don't fit.
    DomainError
        If a weight is negative, or one of ``fweights`` isn't a whole number.

    Examples
    --------
    >>> cov([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])
    Tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    both = [as_tensor(m), *([] if y is None else [as_tensor(y)])]
    dtype = np.result_type(*(v.dtype for v in both), np.float64) if dtype is None else dtype
    rows = tuple(_variables(v, rowvar, dtype) for v in both)
    x = rows[0] if y is None else apply(joining.concatenate, rows, {"axis": 0})
    correction = ddof if ddof is not None else 0 if bias else 1
    weights = [_of_observations(w, x) for w in (fweights, aweights) if w is not None]
    if fweights is not None and (weights[0].array % 1).any():
        raise DomainError("cov: fweights are counts, so they must be whole numbers")
    if not weights:
        d = x - x.mean(axis=1, keepdims=True)
        weighted, freedom = d, as_tensor(x.shape[1] - correction)
    else:
        w = weights[0] if len(weights) == 1 else weights[0] * weights[1]
        total = w.sum()
        d = x - (x * w).sum(axis=1, keepdims=True) / total
        # as in NumPy: aweights don't count observations, so the correction is scaled
        each = 1 if aweights is None else (w * weights[-1]).sum() / total
        weighted, freedom = d * w, total - correction * each
    if not freedom.array > 0:
        freedom = as_tensor(np.nan)
    other = apply(complex_numbers.conjugate, (weighted,), {}) if x.dtype.kind == "c" else weighted
    c = d @ other.T
    c = c / freedom.astype(c.array.real.dtype)
    return c.reshape(()) if c.shape == (1, 1) else c


def _variables(m: TensorLike, rowvar: bool, dtype: npt.DTypeLike | None) -> Tensor:
    """Return the variables as rows."""
    x = as_floating(as_tensor(m, dtype))
    if x.ndim > 2:
        raise ShapeError(f"cov of shape {x.shape}: give a matrix of variables, or one as a vector")
    if x.ndim < 2:
        return x.reshape((1, -1))
    return x if rowvar else x.T


def _of_observations(w: TensorLike, x: Tensor) -> Tensor:
    weights = as_tensor(w)
    if weights.shape != x.shape[1:]:
        raise ShapeError(
            f"cov of {x.shape[1]} observations: weights of shape {weights.shape} don't fit; give "
            "one for each"
        )
    if (weights.array < 0).any():
        raise DomainError("cov: fweights and aweights must not be negative")
    return weights


@implements(np.corrcoef)
def corrcoef(
    x: TensorLike,
    y: TensorLike | None = None,
    rowvar: bool = True,
    *,
    dtype: npt.DTypeLike | None = None,
) -> Tensor:
    """Return the correlation coefficients of variables; see :func:`cov` for the parameters.

    Examples
    --------
    >>> corrcoef([[1.0, 2.0, 3.0], [6.0, 4.0, 2.0]])
    Tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    c = cov(x, y, rowvar, dtype=dtype)
    if not c.ndim:
        return c / c
    variances = c[np.arange(len(c)), np.arange(len(c))].real
    deviations = apply(exponential.sqrt, (variances,), {})
    c = c / deviations.reshape((-1, 1)) / deviations
    if c.dtype.kind == "c":
        return c
    return apply(elementwise.clip, (c, -1, 1), {})  # rounding can exceed these bounds
