"""Convolution, its transpose and its weight's gradient; windows as columns, and back."""

from itertools import product

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec, operands
from nn.functional.convolution import columns, primitives
from nn.functional.convolution.geometry import Geometry

Shape = tuple[int, ...]


def triples(lengths, kernel, counts, stride, padding, dilation, groups, channels, outputs):
    """Yield which values of x, of the weight and of the result meet: one product for each."""
    for o, c in product(range(outputs), range(channels // groups)):
        channel = o // (outputs // groups) * (channels // groups) + c
        for window, offset in product(np.ndindex(*counts), np.ndindex(*kernel)):
            place = [
                s * i + d * k - before
                for s, i, d, k, (before, _) in zip(
                    stride, window, dilation, offset, padding, strict=True
                )
            ]
            if all(0 <= p < n for p, n in zip(place, lengths, strict=True)):
                yield (..., channel, *place), (o, c, *offset), (..., o, *window)


def convolved(x, w, bias=None, *, lengths, stride, padding, dilation, groups):
    rank = len(lengths)
    y = np.zeros((*x.shape[: x.ndim - rank - 1], len(w), *lengths), np.result_type(x, w))
    if bias is not None:
        y += bias.reshape(-1, *(1,) * rank)
    for at, weight, to in triples(
        x.shape[-rank:],
        w.shape[2:],
        lengths,
        stride,
        padding,
        dilation,
        groups,
        x.shape[-rank - 1],
        len(w),
    ):
        y[to] += x[at] * w[weight]
    return y


def transposed(g, w, bias=None, *, lengths, stride, padding, dilation, groups):
    rank = len(lengths)
    channels = w.shape[1] * groups
    x = np.zeros((*g.shape[: g.ndim - rank - 1], channels, *lengths), np.result_type(g, w))
    if bias is not None:
        x += bias.reshape(-1, *(1,) * rank)
    for to, weight, at in triples(
        lengths,
        w.shape[2:],
        g.shape[-rank:],
        stride,
        padding,
        dilation,
        groups,
        channels,
        len(w),
    ):
        x[to] += g[at] * w[weight]
    return x


def weight_gradient(x, g, *, lengths, stride, padding, dilation, groups):
    rank = len(lengths)
    channels, outputs = x.shape[-rank - 1], g.shape[-rank - 1]
    w = np.zeros((outputs, channels // groups, *lengths), np.result_type(x, g))
    for at, to, other in triples(
        x.shape[-rank:],
        lengths,
        g.shape[-rank:],
        stride,
        padding,
        dilation,
        groups,
        channels,
        outputs,
    ):
        w[to] += (x[at] * g[other]).sum()
    return w


@st.composite
def options(draw, rank: int, groups: int = 1) -> tuple[Geometry, Shape, Shape]:
    """Draw how windows lie, the size of one, and that of the image."""

    def each(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(low, high)) for _ in range(rank))

    kernel, stride, dilation = each(1, 3), each(1, 3), each(1, 2)
    padding = tuple(zip(each(0, 2), each(0, 2), strict=True))
    geometry = Geometry(stride, padding, dilation, groups)
    sizes = tuple(
        max(1, extent - sum(around)) + more
        for extent, around, more in zip(geometry.extents(kernel), padding, each(0, 3), strict=True)
    )
    return geometry, kernel, sizes


@st.composite
def problems(draw, kind: str) -> Case:
    rank = draw(st.sampled_from([1, 2, 2, 3]))
    groups = draw(st.sampled_from([1, 1, 1, 2]))
    geometry, kernel, sizes = draw(options(rank, groups))
    batch = draw(st.sampled_from([(), (1,), (2,), (0,)]))
    # with few channels and with many, which are computed in different ways
    c = groups * draw(st.sampled_from([1, 2, 5]))
    o = groups * draw(st.sampled_from([1, 3]))
    counts = geometry.counts(sizes, kernel)
    image, weight, result = (*batch, c, *sizes), (o, c // groups, *kernel), (*batch, o, *counts)
    if kind == "convolution":
        shapes, lengths = [image, weight, (o,)], counts
    elif kind == "transposed":
        shapes, lengths = [result, weight, (c,)], sizes
    else:
        shapes, lengths = [image, result], kernel
    if kind != "weight" and draw(st.booleans()):
        shapes = shapes[:2]
    inputs = draw(operands(len(shapes), shapes=st.just(tuple(shapes)), low=-2, high=2))
    return Case(inputs, {"lengths": lengths, **geometry._asdict()})


def unfolded(x, kernel, counts, stride, padding, dilation, groups):
    n, channels, *sizes = x.shape
    found = np.zeros((n, channels, *kernel, *counts), x.dtype)
    for c in range(channels):
        for at, weight, to in triples(sizes, kernel, counts, stride, padding, dilation, 1, 1, 1):
            found[(slice(None), c, *weight[2:], *to[2:])] = x[(slice(None), c, *at[2:])]
    return found.reshape(n, -1, int(np.prod(counts)))


@st.composite
def images(draw, back: bool = False) -> Case:
    geometry, kernel, sizes = draw(options(2))
    n, c = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    counts = geometry.counts(sizes, kernel)
    params = {"kernel": kernel, "counts": counts, **geometry._asdict()}
    if back:
        shape: Shape = (n, c * int(np.prod(kernel)), int(np.prod(counts)))
        params["sizes"] = sizes
    else:
        shape = (n, c, *sizes)
    return Case(draw(operands(1, shapes=st.just((shape,)), low=-2, high=2)), params)


def folded(g, sizes, kernel, counts, stride, padding, dilation, groups):
    n, rows, _ = g.shape
    channels = rows // int(np.prod(kernel))
    g = g.reshape(n, channels, *kernel, *counts)
    x = np.zeros((n, channels, *sizes), g.dtype)
    for c in range(channels):
        for to, weight, at in triples(sizes, kernel, counts, stride, padding, dilation, 1, 1, 1):
            x[(slice(None), c, *to[2:])] += g[(slice(None), c, *weight[2:], *at[2:])]
    return x


SPECS = [
    Spec(primitives.convolution, convolved, problems("convolution"), complex=True),
    Spec(primitives.transposed_convolution, transposed, problems("transposed"), complex=True),
    Spec(primitives.convolution_weight, weight_gradient, problems("weight"), complex=True),
    Spec(columns.windows_as_columns, unfolded, images(), complex=True),
    Spec(columns.columns_added, folded, images(back=True), complex=True),
]
