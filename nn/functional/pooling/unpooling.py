"""The partial inverse of pooling by the maximum."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from autograd_lite import Primitive, Tensor, TensorLike, as_tensor
from autograd_lite.errors import DTypeError, IndexingError, ShapeError
from nn.functional.per_axis import PerAxis, per_axis
from nn.functional.pooling.windows import pooled_input


def _unpool(x: Any, indices: Any, shape: tuple[int, ...]) -> Any:
    leading = x.shape[: x.ndim - len(shape)]
    out = np.zeros_like(x, order="C", shape=(*leading, prod(shape)))
    np.put_along_axis(out, indices.reshape(*leading, -1), x.reshape(*leading, -1), axis=-1)
    return out.reshape(*leading, *shape)


def _unpool_rule(g: Any, y: Any, x: Any, indices: Any, shape: tuple[int, ...]) -> Any:
    leading = x.shape[: x.ndim - len(shape)]
    flat = g.reshape(*leading, prod(shape))
    return np.take_along_axis(flat, indices.reshape(*leading, -1), axis=-1).reshape(x.shape)


# zeros, with the values at their indices in the flattened last axes; of several the last one stays
unpool = Primitive("unpool", _unpool, [_unpool_rule, None])


def max_unpool1d(
    x: TensorLike,
    indices: TensorLike,
    kernel_size: PerAxis,
    stride: PerAxis | None = None,
    padding: PerAxis = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """Return zeros with the values of ``x`` at ``indices``; see :func:`max_unpool2d`.

    Examples
    --------
    >>> max_unpool1d([[3.0, 2.0]], [[1, 2]], 2)
    Tensor([[0., 3., 2., 0.]])
    """
    options = kernel_size, stride, padding
    return max_unpool("max_unpool1d", x, indices, 1, options, output_size)


def max_unpool2d(
    x: TensorLike,
    indices: TensorLike,
    kernel_size: PerAxis,
    stride: PerAxis | None = None,
    padding: PerAxis = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """Return zeros with the values of ``x`` at ``indices``: what ``max_pool2d`` picked, put back.

    Parameters
    ----------
    x : Tensor or array_like, shape (batch, channels, height, width) or (channels, height, width)
    indices : Tensor or array_like of int, shape of ``x``
        As ``max_pool2d(..., return_indices=True)`` returns them.
    kernel_size, stride, padding
        Those of the pooling. They give the size of the output.
    output_size : sequence of int, optional
        The size of the output, where pooling has left out values at the end: its height and
        width, or its whole shape.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If ``indices`` has another shape than ``x``, or ``output_size`` isn't within a stride of
        the size that the options give.
    IndexingError
        If an index is outside of the output.
    DTypeError
        If the indices aren't integers.

    Notes
    -----
    If windows overlap, an index may be there twice; its value is written twice, and both get the
    gradient.

    Examples
    --------
    >>> max_unpool2d([[[3.0]]], [[[2]]], 2)
    Tensor([[[0., 0.],
             [3., 0.]]])
    """
    options = kernel_size, stride, padding
    return max_unpool("max_unpool2d", x, indices, 2, options, output_size)


def max_unpool(
    call: str,
    x: TensorLike,
    indices: TensorLike,
    axes: int,
    options: tuple[PerAxis, PerAxis | None, PerAxis],
    output_size: Sequence[int] | None,
) -> Tensor:
    """Undo pooling over the last ``axes`` axes; ``call`` begins the messages of errors."""
    tensor, places = pooled_input(call, x, axes), as_tensor(indices)
    if places.dtype.kind not in "iu":
        raise DTypeError(f"{call}: indices must be integers; they are {places.dtype}")
    if places.shape != tensor.shape:
        raise ShapeError(
            f"{call}: indices must have the shape of x, {tensor.shape}; theirs is {places.shape}"
        )
    kernel, stride, padding = unpool_options(call, axes, *options)
    sizes = zip(tensor.shape[-axes:], kernel, stride, padding, strict=True)
    shape = tuple((n - 1) * s - 2 * p + k for n, k, s, p in sizes)
    if output_size is not None:
        asked = tuple(output_size)[-axes:]
        if len(asked) != axes or any(
            abs(n - m) >= s for n, m, s in zip(asked, shape, stride, strict=True)
        ):
            raise ShapeError(
                f"{call}: output_size must differ from {shape} by less than the stride "
                f"{stride} along each axis; it is {tuple(output_size)}"
            )
        shape = asked
    if np.any((places.data < 0) | (places.data >= prod(shape))):
        raise IndexingError(
            f"{call}: indices must be at least 0 and below {prod(shape)}, the number of values of "
            f"an output of size {shape}; set output_size to the size of the pooled input"
        )
    result: Tensor = unpool(tensor, places, shape=shape)
    return result


def unpool_options(
    call: str, axes: int, kernel_size: PerAxis, stride: PerAxis | None, padding: PerAxis
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Return the options with one number for each axis; raise if one is wrong."""
    kernel = per_axis(call, "kernel_size", kernel_size, axes)
    steps = kernel if stride is None else per_axis(call, "stride", stride, axes)
    return kernel, steps, per_axis(call, "padding", padding, axes, least=0)
