"""Convolution with the channels along the last axis in memory: for many channels, in one group.

A window is copied as a few runs of (positions, channels), and all windows of a block are the rows
of one product. Arrays have the shape (images, channels, rows, ...), here as elsewhere; it is their
memory that has another order. ``w`` has the shape (outputs, channels, rows, ...).
"""

from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from nn.functional.convolution.blocks import Part, blocks, copied, dense, new, shaped
from nn.functional.convolution.geometry import Geometry, meeting, sliding_windows


def convolve(x: Any, w: Any, geometry: Geometry, counts: tuple[int, ...]) -> Any:
    """Return the convolution of ``x``, with so many windows along each axis."""
    windows = windows_of(x, w.shape[2:], counts, geometry)
    matrix = _at_end(w, 1, 0).reshape(-1, len(w))
    y = new(np.empty_like, (len(x), *counts, len(w)), x, w)
    parts = blocks(windows.shape, x.itemsize)
    for part, block in zip(parts, copied(windows[part] for part in parts), strict=True):
        np.matmul(block.reshape(-1, len(matrix)), matrix, out=y[part].reshape(-1, len(w)))
    return _at_front(y)


def weight_gradient(x: Any, g: Any, geometry: Geometry, kernel: tuple[int, ...]) -> Any:
    """Return the gradient of ``w`` where ``g`` is the cotangent of the convolution."""
    windows = windows_of(x, kernel, g.shape[2:], geometry)
    g = dense(_at_end(g, 1))
    channels, outputs = x.shape[1], g.shape[-1]
    shape = (prod(kernel) * channels, outputs)
    total, product = new(np.zeros_like, shape, x, g), new(np.empty_like, shape, x, g)
    parts = blocks(windows.shape, x.itemsize)
    for part, block in zip(parts, copied(windows[part] for part in parts), strict=True):
        rows = block.reshape(-1, len(total))
        total += np.matmul(rows.T, g[part].reshape(-1, outputs), out=product)
    axes = range(len(kernel))
    return total.reshape(*kernel, channels, outputs).transpose(-1, -2, *axes).copy()


def spread(g: Any, w: Any, geometry: Geometry, sizes: tuple[int, ...]) -> Any:
    """Return the gradient of ``x``, whose axes have these lengths."""
    out = new(np.zeros_like, (len(g), *sizes, w.shape[1]), g, w)
    way = _gather if geometry.stride[-1] == 1 else _scatter
    way(out, dense(_at_end(g, 1)), w, geometry)
    return _at_front(out)


def _gather(out: Any, g: Any, w: Any, geometry: Geometry) -> None:
    """Add up along the last axis by products, with windows of ``g``; along the others in place."""
    axis, step, extent = g.ndim - 2, geometry.dilation[-1], geometry.extents(w.shape[2:])[-1]
    length = out.shape[axis] + extent - 1
    around = np.zeros_like(g, shape=(*g.shape[:axis], length, g.shape[-1]), order="C")
    start = extent - 1 - geometry.padding[-1][0]
    to, source = meeting(start, 1, g.shape[axis], length)
    around[..., to, :] = g[..., source, :]
    windows = sliding_window_view(around, extent, axis)[..., ::step].swapaxes(-1, -2)
    flipped = _at_end(w[..., ::-1], 0, 1)
    matrices = flipped.reshape(*flipped.shape[:-3], -1, flipped.shape[-1])
    parts = blocks(windows.shape, g.itemsize)
    memory: Any = None
    for part, block in zip(parts, copied(windows[part] for part in parts), strict=True):
        shape = (*block.shape[:-2], out.shape[-1])
        if memory is None:
            memory = new(np.empty_like, (prod(shape),), g, w)
        product = shaped(memory, shape)
        rows, products = block.reshape(-1, matrices.shape[-2]), product.reshape(-1, shape[-1])
        for offset in np.ndindex(*matrices.shape[:-2]):
            np.matmul(rows, matrices[offset], out=products)
            _add(out, product, offset, part, g.shape, geometry)


def _scatter(out: Any, g: Any, w: Any, geometry: Geometry) -> None:
    """Make a product for all values of the windows, and add them up in place."""
    kernel, channels = w.shape[2:], w.shape[1]
    matrix = _at_end(w, 1).reshape(len(w), -1)
    memory: Any = None
    for part in blocks((*g.shape[:-1], matrix.shape[1]), g.itemsize):
        block = g[part]
        shape = (*block.shape[:-1], *kernel, channels)
        if memory is None:
            memory = new(np.empty_like, (prod(shape),), g, w)
        product = shaped(memory, shape)
        rows = block.reshape(-1, len(w))
        np.matmul(rows, matrix, out=product.reshape(len(rows), -1))
        inner = (slice(None),) * (block.ndim - 1)
        for offset in np.ndindex(*kernel):
            _add(out, product[(*inner, *offset)], offset, part, g.shape, geometry)


def _add(
    out: Any,
    product: Any,
    offset: tuple[int, ...],
    part: Part,
    shape: tuple[int, ...],
    geometry: Geometry,
) -> None:
    """Add what one value of each window has as its gradient, in the windows of a block."""
    images, rows = part
    windows = (rows, *(slice(0, n) for n in shape[2:]))
    to, source = geometry.places(offset, windows, out.shape[1:-1])
    out[(images, *to)] += product[(slice(None), *source)]


def windows_of(x: Any, kernel: tuple[int, ...], counts: tuple[int, ...], geometry: Geometry) -> Any:
    """Return a view of all windows, shape (images, *windows, *kernel, channels)."""
    x, sizes, rank = _at_end(x, 1), x.shape[2:], len(kernel)
    padded = geometry.padded(sizes)
    if padded != sizes:
        values, x = x, np.zeros_like(x, shape=(len(x), *padded, x.shape[-1]), order="C")
        x[(slice(None), *geometry.inner(sizes))] = values
    elif x.strides[-1] != x.itemsize:
        x = x.copy()
    return _at_end(sliding_windows(x, kernel, counts, geometry, 1), rank + 1)


def _at_end(x: Any, *axes: int) -> Any:
    """Return ``x`` with the axes from the front at its end."""
    return x.transpose(*(i for i in range(x.ndim) if i not in axes), *axes)


def _at_front(x: Any) -> Any:
    """Return ``x`` with the channels, which are along the last axis, along the second one."""
    return x.transpose(0, x.ndim - 1, *range(1, x.ndim - 1))
