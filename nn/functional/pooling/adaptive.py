"""Pooling to a given size: the windows are as long as it takes, and overlap if need be."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, TypeAlias

import numpy as np

from autograd_lite import Tensor, TensorLike, argmax, mean
from autograd_lite.errors import ShapeError
from nn.functional.per_axis import per_axis
from nn.functional.pooling.average import sum_windows
from nn.functional.pooling.maximum import largest, pool_by_maximum
from nn.functional.pooling.windows import (
    Stretches,
    joined,
    parts_of,
    pooled_input,
    sliding,
    unchanged,
)

Outputs: TypeAlias = int | Sequence[int | None] | None
"""How many windows there are along all axes, or each; None for as many as there are values."""


def adaptive_avg_pool1d(x: TensorLike, output_size: Outputs) -> Tensor:
    """Return the means of ``output_size`` windows; see :func:`adaptive_avg_pool2d`.

    Examples
    --------
    >>> adaptive_avg_pool1d([[1.0, 3.0, 2.0, 0.0]], 2)
    Tensor([[2., 1.]])
    """
    return adaptive_avg_pool("adaptive_avg_pool1d", x, 1, output_size)


def adaptive_avg_pool2d(x: TensorLike, output_size: Outputs) -> Tensor:
    """Return the means of as many windows, over the last two axes, as the output shall have.

    Along an axis of length n, the i-th of m windows reaches from floor(i n / m) to
    ceil((i + 1) n / m), so windows may overlap by one value. An ``output_size`` of 1 is the mean
    over all positions, global average pooling.

    Parameters
    ----------
    x : Tensor or array_like, shape (batch, channels, height, width) or (channels, height, width)
    output_size : int, or pair of int or None
        The height and width of the output; None leaves the axis as it is.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DomainError, DTypeError
        If ``x`` or ``output_size`` isn't as said above.

    Examples
    --------
    >>> import numpy as np
    >>> adaptive_avg_pool2d(np.eye(3)[None], (2, None))
    Tensor([[[0.5, 0.5, 0. ],
             [0. , 0.5, 0.5]]])
    """
    return adaptive_avg_pool("adaptive_avg_pool2d", x, 2, output_size)


def adaptive_max_pool1d(x: TensorLike, output_size: Outputs, return_indices: bool = False) -> Any:
    """Return the maxima of ``output_size`` windows; see :func:`adaptive_max_pool2d`.

    Examples
    --------
    >>> adaptive_max_pool1d([[1.0, 3.0, 2.0, 0.0]], 2)
    Tensor([[3., 2.]])
    """
    return adaptive_max_pool("adaptive_max_pool1d", x, 1, output_size, return_indices)


def adaptive_max_pool2d(x: TensorLike, output_size: Outputs, return_indices: bool = False) -> Any:
    """Return the maxima of as many windows, over the last two axes, as the output shall have.

    Parameters
    ----------
    x : Tensor or array_like, shape (batch, channels, height, width) or (channels, height, width)
    output_size : int, or pair of int or None
        As in :func:`adaptive_avg_pool2d`.
    return_indices : bool
        Return a tuple: the maxima, and where they lie in each flattened (height, width).

    Returns
    -------
    Tensor, or tuple of two Tensors

    Raises
    ------
    ShapeError, DomainError, DTypeError
        If ``x`` or ``output_size`` isn't as said above.

    Notes
    -----
    Of equal values the first takes the gradient, as in :func:`max_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> adaptive_max_pool2d(np.arange(6.0).reshape(1, 2, 3), 1)
    Tensor([[[5.]]])
    """
    return adaptive_max_pool("adaptive_max_pool2d", x, 2, output_size, return_indices)


def adaptive_avg_pool(call: str, x: TensorLike, axes: int, output_size: Outputs) -> Tensor:
    """Pool over the last ``axes`` axes; ``call`` begins the messages of errors."""
    y = pooled_input(call, x, axes)
    sizes = output_sizes(call, output_size, axes)
    if set(sizes) == {1}:
        return mean(y, axis=tuple(range(-axes, 0)), keepdims=True)
    half = y.dtype == np.float16  # added up in float32
    y = y.astype(np.float32) if half else y
    for axis, size in zip(range(-1, -axes - 1, -1), reversed(sizes), strict=True):
        stretches = _stretches(call, axis, y.shape[axis], size)
        if not unchanged(stretches):
            parts = parts_of(y, stretches)
            means = [sum_windows(x, windows=w) / len(w.places) for x, _, w in parts]
            y = joined(means, axis)
    return y.astype(np.float16) if half else y


def adaptive_max_pool(
    call: str, x: TensorLike, axes: int, output_size: Outputs, return_indices: bool
) -> Any:
    """Pool over the last ``axes`` axes; ``call`` begins the messages of errors."""
    tensor = pooled_input(call, x, axes)
    sizes = output_sizes(call, output_size, axes)
    if set(sizes) == {1}:
        kept, over = tensor.shape[:-axes], tensor.shape[-axes:]
        flat = tensor.reshape(*kept, prod(over))
        y: Tensor = largest(flat).reshape(*kept, *(1,) * axes)
        return (y, argmax(flat, axis=-1).reshape(y.shape)) if return_indices else y
    of_axes = zip(range(-axes, 0), tensor.shape[-axes:], sizes, strict=True)
    each = [_stretches(call, *of_axis) for of_axis in of_axes]
    return pool_by_maximum(tensor, each, return_indices)


def output_sizes(call: str, output_size: Outputs, axes: int) -> tuple[int | None, ...]:
    """Return the size of the output along each axis.

    Raises
    ------
    DomainError
        If one is neither a positive integer nor None.
    ShapeError
        If there are sizes for more or fewer axes.
    """
    given = output_size if isinstance(output_size, list | tuple) else (output_size,) * axes
    sizes = [n if n is None else per_axis(call, "output_size", n, 1)[0] for n in given]
    if len(sizes) != axes:
        raise ShapeError(
            f"{call}: output_size must be 1 number, or {axes} for its axes: {output_size!r}"
        )
    return tuple(sizes)


def _stretches(call: str, axis: int, length: int, size: int | None) -> Stretches:
    """Return windows that share an axis as evenly as can be."""
    if size is None or length % size == 0:
        kernel = length // (size or length)
        return [(0, sliding(call, axis, length, kernel, kernel))]
    bounds = [(i * length // size, -(-(i + 1) * length // size)) for i in range(size)]
    return [(a, sliding(call, axis, b - a, b - a, b - a)) for a, b in bounds]
