"""Convolution with the channels first in memory: for few channels, and for groups.

The windows of an image are the columns of a matrix, (channels and positions, windows), so that the
copies are runs of windows. Arrays have the shape (images, channels, rows, ...), and ``w`` has
(outputs, channels of a group, rows, ...).
"""

from math import prod
from typing import Any

import numpy as np

from nn.functional.convolution.blocks import Part, blocks, copied, dense, new, shaped
from nn.functional.convolution.geometry import Geometry, sliding_windows


def convolve(x: Any, w: Any, geometry: Geometry, counts: tuple[int, ...]) -> Any:
    """Return the convolution of ``x``, with so many windows along each axis."""
    windows = windows_of(x, w.shape[2:], counts, geometry)
    matrices = _matrices(w, geometry)
    y = new(np.empty_like, (len(x), *matrices.shape[:2], *counts), x, w)
    parts = _parts(windows.shape, len(counts), x.itemsize)
    several = (_block(windows, part, -len(counts)) for part in parts)
    for part, block in zip(parts, copied(several), strict=True):
        columns = _as_matrices(block, geometry, len(counts))
        np.matmul(matrices, columns, out=_flat(_block(y, part, 3)))
    return y.reshape(len(x), len(w), *counts)


def weight_gradient(x: Any, g: Any, geometry: Geometry, kernel: tuple[int, ...]) -> Any:
    """Return the gradient of ``w`` where ``g`` is the cotangent of the convolution."""
    outputs, counts = g.shape[1], g.shape[2:]
    windows = windows_of(x, kernel, counts, geometry)
    g = _grouped(g, geometry)
    total = new(
        np.zeros_like, (*g.shape[1:3], windows.shape[1] // geometry.groups * prod(kernel)), x, g
    )
    parts = _parts(windows.shape, len(counts), x.itemsize)
    several = (_block(windows, part, -len(counts)) for part in parts)
    for part, block in zip(parts, copied(several), strict=True):
        columns = _as_matrices(block, geometry, len(counts))
        total += (_flat(_block(g, part, 3)) @ columns.mT).sum(axis=0)
    return total.reshape(outputs, -1, *kernel)


def spread(g: Any, w: Any, geometry: Geometry, sizes: tuple[int, ...]) -> Any:
    """Return the gradient of ``x``, whose axes have these lengths."""
    kernel, counts = w.shape[2:], g.shape[2:]
    channels = w.shape[1] * geometry.groups
    out = new(np.zeros_like, (len(g), channels, *sizes), g, w)
    matrices, g = _matrices(w, geometry).mT, _grouped(g, geometry)
    every, memory = slice(None), None
    for images, rows in _parts((len(g), channels, *kernel, *counts), len(counts), g.itemsize):
        block = _block(g, (images, rows), 3)
        shape = (len(block), channels, *kernel, *block.shape[3:])
        if memory is None:
            memory = new(np.empty_like, (prod(shape),), g, w)
        product = shaped(memory, shape)
        np.matmul(matrices, _flat(block), out=_as_matrices(product, geometry, len(counts)))
        windows = (rows, *(slice(0, n) for n in counts[1:]))
        for offset in np.ndindex(*kernel):
            to, source = geometry.places(offset, windows, sizes)
            out[(images, every, *to)] += product[(every, every, *offset, *source)]
    return out


def windows_of(x: Any, kernel: tuple[int, ...], counts: tuple[int, ...], geometry: Geometry) -> Any:
    """Return a view of all windows, shape (images, channels, *kernel, *windows)."""
    sizes, rank = x.shape[2:], len(kernel)
    padded = geometry.padded(sizes)
    if padded != sizes:
        values, x = x, np.zeros_like(x, shape=(*x.shape[:2], *padded), order="C")
        x[(slice(None), slice(None), *geometry.inner(sizes))] = values
    windows = sliding_windows(x, kernel, counts, geometry, 2)
    return windows.transpose(0, 1, *range(2 + rank, 2 + 2 * rank), *range(2, 2 + rank))


def _as_matrices(windows: Any, geometry: Geometry, rank: int) -> Any:
    """Return windows as the columns of a matrix for each image and group."""
    values = prod(windows.shape[1:-rank]) // geometry.groups
    return windows.reshape(len(windows), geometry.groups, values, prod(windows.shape[-rank:]))


def _matrices(w: Any, geometry: Geometry) -> Any:
    """Return a matrix for each group."""
    outputs = len(w) // geometry.groups
    return dense(w).reshape(geometry.groups, outputs, prod(w.shape[1:]))


def _grouped(g: Any, geometry: Geometry) -> Any:
    """Return a cotangent with an axis for groups before that for outputs."""
    n, outputs, *counts = g.shape
    return dense(g).reshape(n, geometry.groups, outputs // geometry.groups, *counts)


def _flat(x: Any) -> Any:
    """Return what belongs to windows, with all of them along one axis."""
    return x.reshape(*x.shape[:3], prod(x.shape[3:]))


def _parts(shape: tuple[int, ...], rank: int, itemsize: int) -> list[Part]:
    """Return blocks of windows of this shape, (images, channels, *kernel, *windows)."""
    return blocks((shape[0], shape[-rank], prod(shape[1:-rank]), *shape[1 - rank :]), itemsize)


def _block(x: Any, part: Part, axis: int) -> Any:
    """Return a block of images and rows; the rows are along ``axis``."""
    images, rows = part
    return x[(images, *(slice(None),) * (axis % x.ndim - 1), rows)]
