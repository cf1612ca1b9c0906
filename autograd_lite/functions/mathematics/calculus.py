"""Differences, derivatives and integrals of sampled functions, and convolution of vectors."""

from typing import Any, Literal

import numpy as np

from autograd_lite.errors import ShapeError, UnsupportedError
from autograd_lite.functions.general.differentiation import as_floating, as_tensor
from autograd_lite.functions.manipulation.joining import concatenate
from autograd_lite.functions.manipulation.shaping import axes_of, broadcast_to
from autograd_lite.functions.mathematics.complex_numbers import conj
from autograd_lite.functions.selecting.selecting import along, axis_of
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.mathematics import calculus
from autograd_lite.tensor import Tensor, TensorLike, apply, compute

__all__ = [
    "convolve",
    "correlate",
    "diff",
    "ediff1d",
    "gradient",
    "trapezoid",
]

_BUT_LAST = slice(None, -1)
_BUT_FIRST = slice(1, None)


@implements(np.diff)
def diff(
    a: TensorLike,
    n: int = 1,
    axis: int = -1,
    prepend: TensorLike | None = None,
    append: TensorLike | None = None,
) -> Tensor:
    """Return the differences of neighbors along ``axis``, ``n`` times over.

    Parameters
    ----------
    a : Tensor or array_like
    n : int
        How many times; 0 returns ``a`` itself.
    axis : int
        Each time it becomes shorter by one.
    prepend, append : Tensor or array_like, optional
        Values to join to ``a`` along ``axis`` first; a number fills a slice of length 1.

    Returns
    -------
    Tensor
        Of the dtype of ``a``; for booleans, whether neighbors differ.

    Raises
    ------
    ShapeError
        If ``n`` is negative, or there is no such axis.

    Examples
    --------
    >>> diff([1.0, 4.0, 9.0, 16.0])
    Tensor([3., 5., 7.])
    >>> diff([1.0, 4.0, 9.0, 16.0], n=2)
    Tensor([2., 2.])
    """
    x = as_tensor(a)
    if n < 0:
        raise ShapeError(f"diff takes an n that isn't negative, not {n}")
    if not n:
        return x
    axis = axis_of("diff", x, axis)
    slice_shape = (*x.shape[:axis], 1, *x.shape[axis + 1 :])
    ends = [
        None if end is None else end if end.ndim else broadcast_to(end, slice_shape)
        for end in (None if end is None else as_tensor(end) for end in (prepend, append))
    ]
    parts = [part for part in (ends[0], x, ends[1]) if part is not None]
    x = concatenate(parts, axis=axis) if len(parts) > 1 else x
    for _ in range(n):
        after, before = along(x, axis, _BUT_FIRST), along(x, axis, _BUT_LAST)
        x = compute(np.not_equal, after, before) if x.dtype == bool else after - before
    return x


@implements(np.ediff1d)
def ediff1d(
    ary: TensorLike, to_end: TensorLike | None = None, to_begin: TensorLike | None = None
) -> Tensor:
    """Return the differences of neighbors in the flattened tensor.

    Parameters
    ----------
    ary : Tensor or array_like
    to_end, to_begin : Tensor or array_like, optional
        Values to put after, or before, the differences.

    Examples
    --------
    >>> ediff1d([1.0, 4.0, 9.0], to_begin=0.0)
    Tensor([0., 3., 5.])
    """
    x = as_tensor(ary).reshape(-1)
    y = x[1:] - x[:-1]
    ends = [None if end is None else as_tensor(end, y.dtype) for end in (to_begin, to_end)]
    parts = [part for part in (ends[0], y, ends[1]) if part is not None]
    return concatenate(parts, axis=None) if len(parts) > 1 else y


@implements(np.gradient)
def gradient(
    f: TensorLike,
    *varargs: TensorLike,
    axis: int | tuple[int, ...] | None = None,
    edge_order: int = 1,
) -> Any:
    """Return the slopes of sampled values along each axis, by differences of second order.

    This is NumPy's ``gradient``; to differentiate a function, use :func:`gradients` or
    :func:`grad`.

    Parameters
    ----------
    f : Tensor or array_like
        The samples.
    *varargs : Tensor or array_like
        How far apart they are, 1 by default: one number for all axes, or for each axis a number or
        a vector of coordinates. They can be differentiated too.
    axis : int, tuple of int, or None
        The axes; ``None`` means all of them.
    edge_order : {1, 2}
        The order of the differences at the edges.

    Returns
    -------
    Tensor, or a tuple with one for each axis if there are several
        Of the shape of ``f``, floating.

    Raises
    ------
    ShapeError
        If an axis is too short, or the spacings don't fit the axes.
    UnsupportedError
        If ``edge_order`` is something else.

    Examples
    --------
    >>> gradient([1.0, 4.0, 9.0, 16.0], edge_order=2)
    Tensor([2., 4., 6., 8.])
    """
    x = as_floating(f)
    axes = tuple(range(x.ndim)) if axis is None else axes_of("gradient", x, axis)
    spacings = [as_tensor(h) for h in varargs] if varargs else [as_tensor(1.0)]
    if len(spacings) == 1 and not spacings[0].ndim:
        spacings *= len(axes)
    if len(spacings) != len(axes):
        raise ShapeError(f"gradient along {len(axes)} axes was given {len(spacings)} spacings")
    if edge_order not in (1, 2):
        raise UnsupportedError(f"gradient takes edge_order=1 or 2, not {edge_order}")
    found = [_slopes(x, i, h, edge_order) for i, h in zip(axes, spacings, strict=True)]
    return found[0] if len(found) == 1 else tuple(found)


def _slopes(x: Tensor, axis: int, spacing: Tensor, edge_order: int) -> Tensor:
    length = x.shape[axis]
    if length <= edge_order:
        raise ShapeError(
            f"gradient along axis {axis} of shape {x.shape}: edge_order={edge_order} needs at "
            f"least {edge_order + 1} values"
        )
    steps = before = after = spacing
    if spacing.ndim:
        if spacing.shape != (length,):
            raise ShapeError(
                f"gradient along axis {axis} of shape {x.shape}: the coordinates have shape "
                f"{spacing.shape}; they need ({length},)"
            )
        steps = diff(as_floating(spacing)).reshape((-1, *(1,) * (x.ndim - axis - 1)))
        before, after = steps[:-1], steps[1:]
    secants = diff(x, axis=axis) / steps
    # the slope of the parabola through three points is linear; halfway between two of them it is
    # the slope of their secant
    left, right = along(secants, axis, _BUT_LAST), along(secants, axis, _BUT_FIRST)
    inner = (after * left + before * right) / (before + after)
    first, last = along(secants, axis, slice(0, 1)), along(secants, axis, slice(-1, None))
    if edge_order == 2:
        first = 2 * first - along(inner, axis, slice(0, 1))
        last = 2 * last - along(inner, axis, slice(-1, None))
    y = concatenate([first, inner, last], axis=axis)
    return y.astype(x.dtype) if y.dtype.kind == x.dtype.kind else y


@implements(np.trapezoid)
def trapezoid(
    y: TensorLike, x: TensorLike | None = None, dx: TensorLike = 1.0, axis: int = -1
) -> Tensor:
    """Return the integral along ``axis`` by the trapezoidal rule.

    Parameters
    ----------
    y : Tensor or array_like
        The values of the function.
    x : Tensor or array_like, optional
        Their coordinates: a vector, or a shape that broadcasts against ``y``. They can be
        differentiated too.
    dx : Tensor or array_like
        How far apart they are if ``x`` is left out.
    axis : int

    Returns
    -------
    Tensor
        Without ``axis``.

    Raises
    ------
    ShapeError
        If there is no such axis, or ``x`` doesn't fit ``y``.

    Examples
    --------
    >>> trapezoid([1.0, 2.0, 3.0], [0.0, 1.0, 3.0])
    Tensor(6.5)
    """
    values = as_tensor(y)
    axis = axis_of("trapezoid", values, axis)
    steps: Any = dx
    if x is not None:
        places = as_tensor(x)
        if places.ndim == 1:
            steps = diff(places).reshape((-1, *(1,) * (values.ndim - axis - 1)))
        else:
            steps = diff(places, axis=axis - values.ndim)
    sums = along(values, axis, _BUT_FIRST) + along(values, axis, _BUT_LAST)
    total: Tensor = (steps * sums / 2.0).sum(axis)
    return total


@implements(np.convolve)
def convolve(
    a: TensorLike, v: TensorLike, mode: Literal["full", "same", "valid"] = "full"
) -> Tensor:
    """Return the convolution of two vectors.

    Parameters
    ----------
    a, v : Tensor or array_like, vectors
    mode : {"full", "same", "valid"}
        Return the values for every overlap of the two, only as many in the middle as the longer
        one has, or only those for a complete overlap.

    Returns
    -------
    Tensor, a vector

    Raises
    ------
    ShapeError
        If an operand is empty, or isn't a vector.
    UnsupportedError
        If there is no such mode.

    Examples
    --------
    >>> convolve([1.0, 2.0, 3.0], [1.0, -1.0])
    Tensor([ 1.,  1.,  1., -3.])
    """
    if mode not in ("full", "same", "valid"):
        raise UnsupportedError(f"convolve takes mode='full', 'same' or 'valid', not {mode!r}")
    longer, shorter = _vector(a), _vector(v)
    if longer.size < shorter.size:
        longer, shorter = shorter, longer
    if mode == "valid":
        return apply(calculus.convolve, (longer, shorter), {"mode": "valid"})
    y = apply(calculus.convolve, (longer, shorter), {"mode": "full"})
    if mode == "full":
        return y
    start = (shorter.size - 1) // 2
    return y[start : start + longer.size]


@implements(np.correlate)
def correlate(
    a: TensorLike, v: TensorLike, mode: Literal["full", "same", "valid"] = "valid"
) -> Tensor:
    """Return the correlation of two vectors: the sums of ``a[k + n] * conj(v[n])``.

    Parameters
    ----------
    a, v, mode
        See :func:`convolve`.

    Examples
    --------
    >>> correlate([1.0, 2.0, 3.0], [0.0, 1.0], "valid")
    Tensor([2., 3.])
    """
    x, w = _vector(a), _vector(v)
    w = conj(w) if w.dtype.kind == "c" else w
    if x.size < w.size:
        return convolve(w, x[::-1], mode)[::-1]
    return convolve(x, w[::-1], mode)


def _vector(x: TensorLike) -> Tensor:
    tensor = as_tensor(x)
    return tensor if tensor.ndim else tensor.reshape(1)
