"""Medians and other quantiles, also of the values that aren't NaN."""

from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd_lite.errors import DomainError, DTypeError, UnsupportedError
from autograd_lite.functions.general.differentiation import as_floating, as_tensor
from autograd_lite.functions.mathematics.reductions import rows
from autograd_lite.functions.selecting.selecting import where
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.mathematics.reductions import Axis
from autograd_lite.tensor import Tensor, TensorLike, compute

__all__ = [
    "median",
    "nanmedian",
    "nanpercentile",
    "nanquantile",
    "percentile",
    "quantile",
]

Method: TypeAlias = Literal[
    "inverted_cdf",
    "averaged_inverted_cdf",
    "closest_observation",
    "interpolated_inverted_cdf",
    "hazen",
    "weibull",
    "linear",
    "median_unbiased",
    "normal_unbiased",
    "lower",
    "higher",
    "midpoint",
    "nearest",
]


@implements(np.quantile)
def quantile(
    a: TensorLike,
    q: npt.ArrayLike,
    axis: Axis = None,
    *,
    method: Method = "linear",
    keepdims: bool = False,
    weights: TensorLike | None = None,
) -> Tensor:
    """Return quantiles along ``axis``: a fraction ``q`` of the values lies below each.

    Parameters
    ----------
    a : Tensor or array_like of real numbers
    q : array_like
        One or several numbers from 0 to 1, which are constants. As elsewhere, an array of float64
        makes the result float64, and a Python number doesn't.
    axis : int, tuple of int, or None
        The axes to reduce; ``None`` means all of them.
    method : str
        How to choose or mix the two values nearest to the quantile; one of NumPy's methods.
    keepdims : bool
        Keep the reduced axes, with length 1.
    weights : Tensor or array_like, optional
        How often each value counts, for the method ``"inverted_cdf"``: of the shape of ``a``, or
        one for each value along ``axis``. The result jumps with them, so they get no gradient.

    Returns
    -------
    Tensor
        With the axes of ``q``, then the remaining axes of ``a``. NaN where a value is NaN.

    Raises
    ------
    DomainError
        If ``q`` isn't between 0 and 1, there is no such method, or it takes no weights.
    DTypeError
        If ``a`` is complex.
    UnsupportedError
        If ``q`` requires a gradient.

    Notes
    -----
    The gradient goes to the values that are mixed, in the same proportion. Which of several equal
    values get it depends on how they happen to be sorted. Hyndman and Fan, "Sample quantiles in
    statistical packages" (1996), compare most of the methods.

    Examples
    --------
    >>> quantile([1.0, 2.0, 3.0, 10.0], [0.5, 1.0])
    Tensor([ 2.5, 10. ])
    """
    return _quantile(_real(a, "quantile"), q, axis, keepdims, method, weights=weights)


@implements(np.percentile)
def percentile(
    a: TensorLike,
    q: npt.ArrayLike,
    axis: Axis = None,
    *,
    method: Method = "linear",
    keepdims: bool = False,
    weights: TensorLike | None = None,
) -> Tensor:
    """Return :func:`quantile` for ``q`` from 0 to 100.

    Examples
    --------
    >>> percentile([1.0, 2.0, 3.0, 10.0], 50).item()
    2.5
    """
    x = _real(a, "percentile")
    return _quantile(x, _hundredths(q), axis, keepdims, method, weights=weights)


@implements(np.median)
def median(a: TensorLike, axis: Axis = None, *, keepdims: bool = False) -> Tensor:
    """Return the median along ``axis``; of an even number of values, the mean of the middle two.

    The gradient goes to these values. Which of several equal values get it depends on how they
    happen to be sorted. See :func:`quantile` for the parameters.

    Examples
    --------
    >>> median([[1.0, 5.0, 3.0], [9.0, 7.0, 8.0]], axis=1)
    Tensor([3., 8.])
    """
    return _quantile(as_floating(a), 0.5, axis, keepdims)


@implements(np.nanquantile)
def nanquantile(
    a: TensorLike,
    q: npt.ArrayLike,
    axis: Axis = None,
    *,
    method: Method = "linear",
    keepdims: bool = False,
    weights: TensorLike | None = None,
) -> Tensor:
    """Return :func:`quantile` of the values that aren't NaN, or NaN if all are.

    Examples
    --------
    >>> nanquantile([1.0, np.nan, 3.0], 0.5).item()
    2.0
    """
    x = _real(a, "nanquantile")
    return _quantile(x, q, axis, keepdims, method, skip_nan=True, weights=weights)


@implements(np.nanpercentile)
def nanpercentile(
    a: TensorLike,
    q: npt.ArrayLike,
    axis: Axis = None,
    *,
    method: Method = "linear",
    keepdims: bool = False,
    weights: TensorLike | None = None,
) -> Tensor:
    """Return :func:`percentile` of the values that aren't NaN, or NaN if all are.

    Examples
    --------
    >>> nanpercentile([1.0, np.nan, 3.0], 50).item()
    2.0
    """
    x = _real(a, "nanpercentile")
    return _quantile(x, _hundredths(q), axis, keepdims, method, skip_nan=True, weights=weights)


@implements(np.nanmedian)
def nanmedian(a: TensorLike, axis: Axis = None, *, keepdims: bool = False) -> Tensor:
    """Return :func:`median` of the values that aren't NaN, or NaN if all are.

    Examples
    --------
    >>> nanmedian([1.0, np.nan, 3.0]).item()
    2.0
    """
    return _quantile(as_floating(a), 0.5, axis, keepdims, skip_nan=True)


def _real(a: TensorLike, name: str) -> Tensor:
    x = as_floating(a)
    if x.dtype.kind == "c":
        raise DTypeError(f"{name} of {x.dtype}: complex numbers have no order; take a real part")
    return x


def _constant(q: TensorLike) -> Any:
    """Return ``q`` as an array; Python numbers stay as they are, since they don't promote."""
    if type(q) in (int, float):
        return q
    part = as_tensor(q)
    if part.requires_grad:
        raise UnsupportedError(
            "quantile and percentile have no derivative by q here; give q.detach(), or write "
            "interp(q * (len(x) - 1), arange(len(x)), sort(x))"
        )
    return part.array


def _hundredths(q: npt.ArrayLike) -> Any:
    return _constant(q) / 100


def _of_numpy(values: Any, q: Any, method: Method) -> Any:
    try:
        return np.quantile(values, q, method=method)
    except ValueError as error:
        raise DomainError(f"quantile: {error}") from error


def _quantile(
    x: Tensor,
    q: npt.ArrayLike,
    axis: Axis,
    keepdims: bool,
    method: Method = "linear",
    skip_nan: bool = False,
    weights: TensorLike | None = None,
) -> Tensor:
    if weights is not None:
        return _weighted(x, q, axis, keepdims, method, skip_nan, weights)
    table, kept = rows(x, axis, "quantile")
    length = table.shape[-1]
    part = _constant(q)
    shape = np.shape(part) + (kept if keepdims else table.shape[:-1])
    dtype = x.array.real.dtype
    if type(part) not in (int, float) and part.dtype != dtype:
        dtype = _of_numpy(np.zeros(1, dtype), part, method).dtype
    if not table.size:
        nothing: Tensor = table.reshape(-1).mean() * np.ones(shape, dtype)  # NaN
        return nothing
    values = table.array.reshape(-1, length)
    below, share = _places(values, part, method, skip_nan)
    above = np.minimum(below + 1, length - 1)
    # where nothing is mixed, add two halves of one value: a share of 0 would make NaN of inf
    above = np.where(share == 0, below, above)
    share = np.where(share == 0, 0.5, share).astype(dtype)
    ranks = np.unique([below, above])
    order = np.argpartition(values, ranks, axis=-1)
    row = np.arange(len(values))
    flat = table.reshape(-1)
    lower, upper = (flat[order[row, place] + length * row] for place in (below, above))
    mixed: Tensor = (lower * (1 - share) + upper * share).reshape(shape)
    return mixed


def _weighted(
    x: Tensor,
    q: npt.ArrayLike,
    axis: Axis,
    keepdims: bool,
    method: Method,
    skip_nan: bool,
    weights: TensorLike,
) -> Tensor:
    if method != "inverted_cdf":
        raise DomainError(f"quantile: weights need method='inverted_cdf', not {method!r}")
    # such a quantile is one of the values: the quantile of their ranks tells which
    flat = x.reshape(-1)
    order = np.argsort(flat.array)
    ranks = np.where(np.isnan(x.array), np.nan, np.argsort(order).reshape(x.shape))
    found: Tensor = compute(
        np.nanquantile if skip_nan else np.quantile,
        ranks,
        _constant(q),
        axis=axis,
        method=method,
        keepdims=keepdims,
        weights=as_tensor(weights),
    )
    missing = np.isnan(found.array)
    places = np.where(missing, 0, found.array).astype(np.intp)
    return where(missing, np.nan, flat[order[places]])


def _places(values: Any, q: Any, method: Method, skip_nan: bool) -> tuple[Any, Any]:
    """Return the rank of the value below each quantile of each row, and the share of the next.

    Quantiles are linear in the sorted values, so the quantiles of 0, 1, 2, ... give both.
    """
    missing = np.isnan(values).sum(axis=-1)
    counts = values.shape[-1] - missing
    # the other rows give NaN, which is sorted last
    usable = counts > 0 if skip_nan else missing == 0
    # in double precision, as narrower ones can't count the values
    places = np.full((*np.shape(q), len(values)), values.shape[-1] - 1, np.float64)
    for count in np.unique(counts[usable]):
        place = _of_numpy(np.arange(count, dtype=np.float64), q, method)
        places[..., usable & (counts == count)] = np.expand_dims(place, -1)
    below = np.floor(places).astype(np.intp)
    return below, places - below
