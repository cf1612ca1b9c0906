"""Histograms of one or several variables: counts of the values in bins, or sums of weights."""

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np

from autograd_lite.errors import ShapeError
from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.selecting import indexing
from autograd_lite.tensor import Tensor, TensorLike, apply, compute

__all__ = [
    "histogram",
    "histogram2d",
    "histogramdd",
]


@implements(np.histogram)
def histogram(
    a: TensorLike,
    bins: Any = 10,
    range: tuple[float, float] | None = None,
    density: bool | None = None,
    weights: TensorLike | None = None,
) -> tuple[Tensor, Tensor]:
    """Return how many values are in each bin, and the edges of the bins.

    Parameters
    ----------
    a : Tensor or array_like
        Flattened first. The counts and the edges have no gradient with respect to it.
    bins : int, str, or array_like
        The number of bins between the least and the largest value, NumPy's name of a rule, or the
        edges.
    range : tuple of float, optional
        The first edge and the last one.
    density : bool, optional
        Divide by the widths and by the sum, so that the integral is 1.
    weights : Tensor or array_like of the shape of ``a``, optional
        Sum these instead of counting; they can be differentiated.

    Returns
    -------
    counts : Tensor, shape (bins,)
    edges : Tensor, shape (bins + 1,)

    Raises
    ------
    ShapeError
        If the weights don't fit the values, or there are no such bins.

    Examples
    --------
    >>> histogram([0.2, 0.7, 1.5], [0.0, 1.0, 2.0])
    (Tensor([2, 1]), Tensor([0., 1., 2.]))
    """
    x = as_tensor(a).detach()
    w = None if weights is None else as_tensor(weights)
    if w is None or not w.requires_grad:
        counts, edges = compute(
            np.histogram, x, bins, range=range, density=density or False, weights=w
        )
        return counts, edges
    edges = compute(np.histogram_bin_edges, x, bins, range=range)
    return _sums("histogram", w, [x.data], [edges], density), edges


@implements(np.histogramdd)
def histogramdd(
    sample: TensorLike | Sequence[TensorLike],
    bins: Any = 10,
    range: Sequence[tuple[float, float] | None] | None = None,
    density: bool | None = None,
    weights: TensorLike | None = None,
) -> tuple[Tensor, Sequence[Tensor]]:
    """Return how many points are in each bin, and the edges of the bins along each axis.

    Parameters
    ----------
    sample : Tensor or array_like, shape (points, axes), or sequence of one vector for each axis
    bins : int, or sequence of int or array_like
        The number of bins along every axis; or for each axis their number, or the edges.
    range : sequence of tuple of float, optional
        For each axis the first edge and the last one, or None for the least and the largest value.
    density, weights
        See :func:`histogram`.

    Returns
    -------
    counts : Tensor, one axis for each of the points' axes
    edges : sequence of Tensor

    Raises
    ------
    ShapeError
        If the bins don't fit the axes, or the weights the points.

    Examples
    --------
    >>> counts, edges = histogramdd([[0.0, 0.0, 1.0], [0.0, 1.0, 1.0]], bins=2)
    >>> counts
    Tensor([[1., 1.],
            [0., 1.]])
    """
    points = compute(np.asarray, sample).data
    if points.ndim != 2 or not hasattr(sample, "shape"):
        points = np.atleast_2d(points).T
    w = None if weights is None else as_tensor(weights)
    if w is None or not w.requires_grad:
        counts, edges = compute(
            np.histogramdd, points, bins, range=range, density=density, weights=w
        )
        return counts, edges
    _, edges = compute(np.histogramdd, points, bins, range=range)
    return _sums("histogramdd", w.astype(np.float64), points.T, edges, density), edges


@implements(np.histogram2d)
def histogram2d(
    x: TensorLike,
    y: TensorLike,
    bins: Any = 10,
    range: Sequence[tuple[float, float] | None] | None = None,
    density: bool | None = None,
    weights: TensorLike | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return how many points of a plane are in each bin, and the edges of the bins.

    Parameters
    ----------
    x, y : Tensor or array_like, shape (points,)
    bins : int, array_like, or pair of these
        The number of bins along both axes, or their edges; or a pair of these, one for each axis.
    range, density, weights
        See :func:`histogramdd`.

    Returns
    -------
    counts : Tensor, shape (bins of x, bins of y)
    x_edges, y_edges : Tensor

    Raises
    ------
    ShapeError
        If ``x`` and ``y`` aren't vectors of one length.

    Examples
    --------
    >>> histogram2d([0.0, 0.0, 1.0], [0.0, 1.0, 1.0], 2)[0]
    Tensor([[1., 1.],
            [0., 1.]])
    """
    columns = [as_tensor(x).detach(), as_tensor(y).detach()]
    if columns[0].shape != columns[1].shape or columns[0].ndim != 1:
        raise ShapeError(
            f"histogram2d of shapes {columns[0].shape} and {columns[1].shape}: give two vectors "
            "of one length"
        )
    try:
        alike = len(bins) not in (1, 2)  # NumPy's way to tell edges for both from a pair
    except TypeError:
        alike = False
    bins = [bins, bins] if alike else bins
    counts, (first, second) = histogramdd(columns, bins, range, density, weights)
    return counts, first, second


def _sums(
    name: str, w: Tensor, columns: Sequence[Any], edges: Sequence[Tensor], density: bool | None
) -> Tensor:
    """Return the sums of the weights in the bins, whose edges are given for each column."""
    if any(x.shape != w.shape for x in columns):
        raise ShapeError(
            f"{name}: weights of shape {w.shape} for values of shape {columns[0].shape}; give one "
            "for each value"
        )
    places = []
    inside: Any = True
    for x, borders in zip(columns, [edge.data for edge in edges], strict=True):
        place = np.searchsorted(borders, x, side="right") - 1
        place = np.where(x == borders[-1], len(borders) - 2, place)  # the last bin is closed
        inside = inside & (place >= 0) & (place < len(borders) - 1)
        places.append(place)
    params = {
        "index": tuple(place[inside] for place in places),
        "shape": tuple(len(edge) - 1 for edge in edges),
    }
    sums = apply(indexing.scatter, (w[inside],), params)
    if not density:
        return sums
    return sums / reduce(np.multiply.outer, [np.diff(edge.data) for edge in edges]) / sums.sum()
