"""Windows as the columns of a matrix, and back: what convolution is made of."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from autograd_lite import Primitive, Tensor, TensorLike, as_tensor
from autograd_lite.errors import ShapeError
from nn.functional.convolution.channels_first import windows_of
from nn.functional.convolution.geometry import Geometry
from nn.functional.per_axis import PerAxis, layout, per_axis

_HALF = np.dtype(np.float16)


def _unfold(x: Any, kernel: tuple[int, ...], counts: tuple[int, ...], **options: Any) -> Any:
    windows = windows_of(x, kernel, counts, Geometry(**options))
    return windows.copy().reshape(len(x), x.shape[1] * prod(kernel), prod(counts))


def _fold(
    columns: Any, sizes: tuple[int, ...], kernel: tuple[int, ...], counts: Any, **options: Any
) -> Any:
    half = columns.dtype == _HALF
    if half:  # it can't be added up
        columns = columns.astype(np.float32)
    geometry = Geometry(**options)
    channels = columns.shape[1] // prod(kernel)
    columns = columns.reshape(len(columns), channels, *kernel, *counts)
    out = np.zeros_like(columns, shape=(len(columns), channels, *sizes), order="C")
    every = slice(None)
    for offset in np.ndindex(*kernel):
        to, source = geometry.places(offset, tuple(slice(0, n) for n in counts), sizes)
        out[(every, every, *to)] += columns[(every, every, *offset, *source)]
    if half:
        with np.errstate(over="ignore"):
            out = out.astype(_HALF)
    return out


windows_as_columns: Primitive = Primitive(
    "unfold",
    _unfold,
    [lambda g, y, x, **options: columns_added(g, sizes=x.shape[2:], **options)],
)

# the transpose: each value of a window is added at its place in the image
columns_added: Primitive = Primitive(
    "fold",
    _fold,
    [lambda g, y, columns, sizes, **options: windows_as_columns(g, **options)],
)


def unfold(
    x: TensorLike,
    kernel_size: PerAxis,
    dilation: PerAxis = 1,
    padding: PerAxis = 0,
    stride: PerAxis = 1,
) -> Tensor:
    """Return all windows of images as the columns of a matrix ("im2col").

    Parameters
    ----------
    x : array_like, shape (n, c, height, width) or (c, height, width)
    kernel_size : int or (int, int)
        The height and width of a window.
    dilation, padding, stride : int or (int, int)
        As those of :func:`conv2d`.

    Returns
    -------
    Tensor, shape (n, c kh kw, windows) or (c kh kw, windows)
        A column has the values of a window: channel by channel, row by row.

    Raises
    ------
    ShapeError
        If ``x`` has another number of axes, or no window fits into it.
    DomainError
        If an option is out of range.

    Examples
    --------
    >>> unfold([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]], (2, 2))
    Tensor([[1., 2.],
            [2., 3.],
            [4., 5.],
            [5., 6.]])
    """
    x = as_tensor(x)
    if x.ndim not in (3, 4) or 0 in x.shape[-3:]:
        raise ShapeError(
            f"unfold: x must have shape {layout(2)}, and only the batch may be empty; it has shape "
            f"{x.shape}"
        )
    kernel, geometry = _options("unfold", kernel_size, dilation, padding, stride)
    counts = _counts("unfold", x.shape[-2:], kernel, geometry)
    images = x if x.ndim == 4 else x[None]
    columns = windows_as_columns(images, kernel=kernel, counts=counts, **geometry._asdict())
    result: Tensor = columns if x.ndim == 4 else columns[0]
    return result


def fold(
    x: TensorLike,
    output_size: PerAxis,
    kernel_size: PerAxis,
    dilation: PerAxis = 1,
    padding: PerAxis = 0,
    stride: PerAxis = 1,
) -> Tensor:
    """Return images in which the windows in the columns of a matrix are added up ("col2im").

    It is the transpose of :func:`unfold`, and not its inverse where windows overlap.

    Parameters
    ----------
    x : array_like, shape (n, c kh kw, windows) or (c kh kw, windows)
    output_size : int or (int, int)
        The height and width of the images.
    kernel_size, dilation, padding, stride : int or (int, int)
        As those of :func:`unfold`.

    Returns
    -------
    Tensor, shape (n, c, height, width) or (c, height, width)

    Raises
    ------
    ShapeError
        If ``x`` doesn't have as many columns as there are windows in such an image, or its rows
        can't be split into windows.
    DomainError
        If an option is out of range.

    Examples
    --------
    >>> fold([[1.0, 1.0], [1.0, 1.0]], (1, 3), (1, 2))
    Tensor([[[1., 2., 1.]]])
    """
    x = as_tensor(x)
    sizes = per_axis("fold", "output_size", output_size, 2)
    kernel, geometry = _options("fold", kernel_size, dilation, padding, stride)
    counts = _counts("fold", sizes, kernel, geometry)
    values = prod(kernel)
    fits = x.ndim in (2, 3) and x.shape[-2] % values == 0 and x.shape[-1] == prod(counts)
    if not fits:
        raise ShapeError(
            f"fold: x must have shape (batch, channels * {values}, {prod(counts)}), or that "
            f"without the batch axis, for images of {sizes}; it has shape {x.shape}"
        )
    images = columns_added(
        x if x.ndim == 3 else x[None],
        sizes=sizes,
        kernel=kernel,
        counts=counts,
        **geometry._asdict(),
    )
    result: Tensor = images if x.ndim == 3 else images[0]
    return result


def _options(
    call: str, kernel_size: PerAxis, dilation: PerAxis, padding: PerAxis, stride: PerAxis
) -> tuple[tuple[int, ...], Geometry]:
    widths = per_axis(call, "padding", padding, 2, least=0)
    geometry = Geometry(
        per_axis(call, "stride", stride, 2),
        tuple((n, n) for n in widths),
        per_axis(call, "dilation", dilation, 2),
    )
    return per_axis(call, "kernel_size", kernel_size, 2), geometry


def _counts(
    call: str, sizes: tuple[int, ...], kernel: tuple[int, ...], geometry: Geometry
) -> tuple[int, ...]:
    counts = geometry.counts(sizes, kernel)
    if min(counts) < 1:
        raise ShapeError(
            f"{call}: a window reaches over {geometry.extents(kernel)} values, and the image has "
            f"{geometry.padded(sizes)} with its padding"
        )
    return counts
