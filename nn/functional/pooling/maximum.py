"""Pooling by the maximum."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np

from autograd_lite import Primitive, Tensor, TensorLike, as_tensor, no_grad
from nn.functional.per_axis import PerAxis, per_axis
from nn.functional.pooling.windows import (
    Stretches,
    Windows,
    check_padding,
    joined,
    parts_of,
    placed,
    pooled_input,
    sliding,
    unchanged,
)


def _max_windows(x: Any, windows: Windows) -> Any:
    parts = [x[windows.index(at)] for _, at in windows.places]
    if windows.whole:
        return reduce(np.maximum, parts) if len(parts) > 1 else np.copy(parts[0])
    y = np.full_like(x, -np.inf, shape=windows.shape(x.shape, windows.count))
    for part, (out, _) in zip(parts, windows.places, strict=True):
        view = y[windows.index(out)]
        np.maximum(view, part, out=view)
    return y


def _max_windows_rule(g: Any, y: Any, x: Any, windows: Windows) -> Any:
    first = winner(x, y, windows=windows)
    parts = [
        g[windows.index(out)] * (first[windows.index(out)] == number)
        for number, (out, _) in enumerate(windows.places)
    ]
    return placed(*parts, windows=windows)


# the maximum of each window; the first of equal values takes the cotangent
max_windows = Primitive("max_windows", _max_windows, [_max_windows_rule], singular=True)


def _winner(x: Any, y: Any, windows: Windows) -> Any:
    # Counted for each window: the places before the first one that isn't below the maximum. If
    # there is none before the last, it is the last. A NaN is the maximum: against infinity, only
    # NaN isn't below.
    limit = np.fmin(y, np.inf)
    below = np.ones_like(y, dtype=bool)
    winner: Any = np.zeros_like(y, dtype=np.uint8 if len(windows.places) < 256 else np.int32)
    for out, at in windows.places[:-1]:
        view = below[windows.index(out)]
        np.logical_and(view, x[windows.index(at)] < limit[windows.index(out)], out=view)
        winner += below
    return winner


# the number of the place where each window has its maximum: piecewise constant
winner = Primitive("winner", _winner, [None, None])


def _largest_rule(g: Any, y: Any, x: Any) -> Any:
    return g * (np.argmax(x, axis=-1)[..., None] == np.arange(x.shape[-1]))


# the maximum along the last axis: one window that takes one pass, and not one for each place
largest = Primitive(
    "largest",
    lambda x: np.max(x, axis=-1, keepdims=True),
    [_largest_rule],
    singular=True,
)


# ---- functions


def max_pool1d(
    x: TensorLike,
    kernel_size: PerAxis,
    stride: PerAxis | None = None,
    padding: PerAxis = 0,
    dilation: PerAxis = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the maximum of each window along the last axis; see :func:`max_pool2d`.

    Parameters
    ----------
    x : Tensor or array_like, shape (batch, channels, length) or (channels, length)

    Examples
    --------
    >>> max_pool1d([[1.0, 3.0, 2.0, 0.0]], 2)
    Tensor([[3., 2.]])
    """
    options = kernel_size, stride, padding, dilation, ceil_mode
    return max_pool("max_pool1d", x, 1, options, return_indices)


def max_pool2d(
    x: TensorLike,
    kernel_size: PerAxis,
    stride: PerAxis | None = None,
    padding: PerAxis = 0,
    dilation: PerAxis = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the maximum of each window that slides over the last two axes.

    Parameters
    ----------
    x : Tensor or array_like, shape (batch, channels, height, width) or (channels, height, width)
    kernel_size : int or pair of int
        The height and width of a window.
    stride : int or pair of int, optional
        How far a window is from the next; ``kernel_size`` where it is left out.
    padding : int or pair of int
        How many values of -inf lie around ``x``; at most half of the kernel.
    dilation : int or pair of int
        How far the values of a window are from each other.
    ceil_mode : bool
        Add a window where values are left over at the end.
    return_indices : bool
        Return a tuple: the maxima, and where they lie in each flattened (height, width).

    Returns
    -------
    Tensor, or tuple of two Tensors
        The indices are constants of int64.

    Raises
    ------
    ShapeError, DomainError, DTypeError
        If ``x`` or an option isn't as said above, or no window fits.

    Notes
    -----
    The gradient of a window goes to its maximum. Of equal values the first one takes it, row by
    row, as in PyTorch: a choice among the subgradients. A NaN counts as the maximum.

    Examples
    --------
    >>> import numpy as np
    >>> y, indices = max_pool2d(np.eye(4)[None], 2, return_indices=True)
    >>> y
    Tensor([[[1., 0.],
             [0., 1.]]])
    >>> indices
    Tensor([[[ 0,  2],
             [ 8, 10]]])
    """
    options = kernel_size, stride, padding, dilation, ceil_mode
    return max_pool("max_pool2d", x, 2, options, return_indices)


def max_pool(
    call: str,
    x: TensorLike,
    axes: int,
    options: tuple[PerAxis, PerAxis | None, PerAxis, PerAxis, bool],
    return_indices: bool,
) -> Any:
    """Pool over the last ``axes`` axes; ``call`` begins the messages of errors."""
    tensor = pooled_input(call, x, axes)
    kernel, stride, padding, dilation, ceil_mode = max_options(call, axes, *options)
    lengths = tensor.shape[-axes:]
    each = zip(range(-axes, 0), lengths, kernel, stride, padding, dilation, strict=True)
    stretches = [
        [(0, sliding(call, axis, length, size, step, around, apart, ceil_mode))]
        for axis, length, size, step, around, apart in each
    ]
    return pool_by_maximum(tensor, stretches, return_indices)


def max_options(
    call: str,
    axes: int,
    kernel_size: PerAxis,
    stride: PerAxis | None,
    padding: PerAxis,
    dilation: PerAxis,
    ceil_mode: bool,
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...], bool]:
    """Return the options with one number for each axis; raise if one is wrong."""
    kernel = per_axis(call, "kernel_size", kernel_size, axes)
    steps = kernel if stride is None else per_axis(call, "stride", stride, axes)
    around = per_axis(call, "padding", padding, axes, least=0)
    apart = per_axis(call, "dilation", dilation, axes)
    check_padding(call, kernel, around)
    return kernel, steps, around, apart, bool(ceil_mode)


def pool_by_maximum(x: Tensor, each: Sequence[Stretches], return_indices: bool) -> Any:
    """Return the maxima over several axes, and where they lie, if that is asked for.

    The axes are pooled from the last one on: so the first of equal values is the first row by row.
    """
    indices: Any = 0
    size = 1
    for stretches in reversed(each):
        axis = stretches[0][1].axis
        if unchanged(stretches) and not return_indices:
            continue
        maxima, places = [], []
        for part, start, windows in parts_of(x, stretches):
            maxima.append(max_windows(part, windows=windows))
            if return_indices:
                with no_grad():
                    first = winner(part, maxima[-1], windows=windows)
                begin = np.add(windows.starts, start).reshape(-1, *(1,) * (-axis - 1))
                places.append(np.take(np.array(windows.offsets), first.data) + begin)
        if return_indices:
            along = np.concatenate(places, axis=axis)
            behind = np.take_along_axis(indices, along, axis=axis) if np.ndim(indices) else 0
            indices = along * size + behind
            size *= x.shape[axis]
        x = joined(maxima, axis)
    return (x, as_tensor(indices)) if return_indices else x
