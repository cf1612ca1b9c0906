"""Pooling by the mean, and by other norms."""

from __future__ import annotations

from functools import reduce
from math import isfinite, prod
from typing import Any

import numpy as np

from autograd_lite import Primitive, Tensor, TensorLike
from autograd_lite.errors import DomainError
from nn.functional.per_axis import PerAxis, per_axis
from nn.functional.pooling.windows import (
    Windows,
    check_padding,
    placed,
    pooled_input,
    sliding,
)


def _sum_windows(x: Any, windows: Windows) -> Any:
    parts = [x[windows.index(at)] for _, at in windows.places]
    if windows.whole:
        return reduce(np.add, parts) if len(parts) > 1 else np.copy(parts[0])
    y = np.zeros_like(x, shape=windows.shape(x.shape, windows.count))
    for part, (out, _) in zip(parts, windows.places, strict=True):
        view = y[windows.index(out)]
        np.add(view, part, out=view)
    return y


def _sum_windows_rule(g: Any, y: Any, x: Any, windows: Windows) -> Any:
    return placed(*(g[windows.index(out)] for out, _ in windows.places), windows=windows)


# the sum of each window
sum_windows = Primitive("sum_windows", _sum_windows, [_sum_windows_rule])


def avg_pool1d(
    x: TensorLike,
    kernel_size: PerAxis,
    stride: PerAxis | None = None,
    padding: PerAxis = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """Return the mean of each window along the last axis; see :func:`avg_pool2d`.

    Parameters
    ----------
    x : Tensor or array_like, shape (batch, channels, length) or (channels, length)

    Examples
    --------
    >>> avg_pool1d([[1.0, 3.0, 2.0, 0.0]], 2)
    Tensor([[2., 1.]])
    """
    return avg_pool("avg_pool1d", x, 1, kernel_size, stride, padding, ceil_mode, count_include_pad)


def avg_pool2d(
    x: TensorLike,
    kernel_size: PerAxis,
    stride: PerAxis | None = None,
    padding: PerAxis = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """Return the mean of each window that slides over the last two axes.

    Parameters
    ----------
    x : Tensor or array_like, shape (batch, channels, height, width) or (channels, height, width)
    kernel_size : int or pair of int
        The height and width of a window.
    stride : int or pair of int, optional
        How far a window is from the next; ``kernel_size`` where it is left out.
    padding : int or pair of int
        How many zeros lie around ``x``; at most half of the kernel.
    ceil_mode : bool
        Add a window where values are left over at the end. What it lacks there isn't counted.
    count_include_pad : bool
        Count the zeros of the padding in the mean.
    divisor_override : int, optional
        Divide the sum of each window by this number, and not by how many values it has.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DomainError, DTypeError
        If ``x`` or an option isn't as said above, or no window fits.

    Examples
    --------
    >>> import numpy as np
    >>> avg_pool2d(np.eye(4)[None], 2)
    Tensor([[[0.5, 0. ],
             [0. , 0.5]]])
    """
    options = kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    return avg_pool("avg_pool2d", x, 2, *options)


def avg_pool(
    call: str,
    x: TensorLike,
    axes: int,
    kernel_size: PerAxis,
    stride: PerAxis | None,
    padding: PerAxis,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None = None,
) -> Tensor:
    """Pool over the last ``axes`` axes; ``call`` begins the messages of errors."""
    tensor = pooled_input(call, x, axes)
    kernel, steps, around = avg_options(call, axes, kernel_size, stride, padding, divisor_override)
    lengths = tensor.shape[-axes:]
    of_axes = zip(range(-axes, 0), lengths, kernel, steps, around, strict=True)
    each = [sliding(call, *of_axis, ceil_mode=ceil_mode) for of_axis in of_axes]
    half = tensor.dtype == np.float16  # added up in float32
    y = tensor.astype(np.float32) if half else tensor
    for windows in reversed(each):
        if not windows.identity:
            y = sum_windows(y, windows=windows)
    if divisor_override is not None:
        y = y / divisor_override
    elif all(w.whole and len(w.places) == n for w, n in zip(each, kernel, strict=True)):
        y = y / prod(kernel)
    else:
        counts = [
            _counts(windows, size, beside, count_include_pad)
            for windows, size, beside in zip(each, kernel, around, strict=True)
        ]
        y = y / reduce(np.multiply.outer, counts).astype(y.dtype)
    return y.astype(np.float16) if half else y


def avg_options(
    call: str,
    axes: int,
    kernel_size: PerAxis,
    stride: PerAxis | None,
    padding: PerAxis,
    divisor_override: int | None,
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Return kernel, stride and padding with one number for each axis; raise if one is wrong."""
    kernel = per_axis(call, "kernel_size", kernel_size, axes)
    steps = kernel if stride is None else per_axis(call, "stride", stride, axes)
    around = per_axis(call, "padding", padding, axes, least=0)
    check_padding(call, kernel, around)
    if divisor_override is not None and not (
        isinstance(divisor_override, int | np.integer) and divisor_override
    ):
        raise DomainError(
            f"{call}: divisor_override must be an integer other than 0: {divisor_override!r}"
        )
    return kernel, steps, around


def _counts(windows: Windows, kernel: int, padding: int, with_padding: bool) -> Any:
    """Return how many values each window has along its axis."""
    starts = np.array(windows.starts)
    ends = np.minimum(starts + kernel, windows.length + padding)
    if with_padding:
        return ends - starts
    return np.minimum(ends, windows.length) - np.maximum(starts, 0)


def lp_pool1d(
    x: TensorLike,
    norm_type: float,
    kernel_size: PerAxis,
    stride: PerAxis | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """Return ``sum(x**p) ** (1 / p)`` of each window along the last axis; see :func:`lp_pool2d`.

    Examples
    --------
    >>> lp_pool1d([[3.0, 4.0, 0.0, 1.0]], 2, 2)
    Tensor([[5., 1.]])
    """
    return lp_pool("lp_pool1d", x, 1, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(
    x: TensorLike,
    norm_type: float,
    kernel_size: PerAxis,
    stride: PerAxis | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """Return ``sum(x**p) ** (1 / p)`` of each window that slides over the last two axes.

    Parameters
    ----------
    x : Tensor or array_like, shape (batch, channels, height, width) or (channels, height, width)
        Where a sum is negative, as it may be for an odd ``norm_type``, the result is NaN.
    norm_type : float
        The exponent p, not 0: 1 for sums, 2 for Euclidean norms.
    kernel_size, stride, ceil_mode
        As in :func:`avg_pool2d`. A window that lacks values at the end is scaled up, as if the
        missing ones were like those that it has.

    Examples
    --------
    >>> lp_pool2d([[[3.0, 0.0], [0.0, 4.0]]], 2, 2)
    Tensor([[[5.]]])
    """
    return lp_pool("lp_pool2d", x, 2, norm_type, kernel_size, stride, ceil_mode)


def lp_pool(
    call: str,
    x: TensorLike,
    axes: int,
    norm_type: float,
    kernel_size: PerAxis,
    stride: PerAxis | None,
    ceil_mode: bool,
) -> Tensor:
    """Pool over the last ``axes`` axes; ``call`` begins the messages of errors."""
    p = norm_of(call, norm_type)
    powers = pooled_input(call, x, axes) ** p
    means = avg_pool(call, powers, axes, kernel_size, stride, 0, ceil_mode, True)
    with np.errstate(invalid="ignore"):  # the root of a negative sum is NaN
        return (means * prod(per_axis(call, "kernel_size", kernel_size, axes))) ** (1 / p)


def norm_of(call: str, norm_type: Any) -> float:
    """Return the exponent of a norm.

    Raises
    ------
    DomainError
        If it isn't a number other than 0.
    """
    if not isinstance(norm_type, int | float) or norm_type == 0 or not isfinite(norm_type):
        raise DomainError(f"{call}: norm_type must be a finite number other than 0: {norm_type!r}")
    return float(norm_type)
