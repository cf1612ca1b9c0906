"""Pooling: references that visit the windows one by one."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec, operands
from nn.functional import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    avg_pool1d,
    avg_pool2d,
    lp_pool1d,
    lp_pool2d,
    max_pool1d,
    max_pool2d,
    max_unpool1d,
    max_unpool2d,
)
from nn.functional.pooling.maximum import max_windows, winner
from nn.functional.pooling.windows import Windows, placed, sliding

# ---- references


def starts_of(n: int, k: int, s: int, p: int, d: int, ceil_mode: bool) -> list[int]:
    """Return where the windows along an axis begin, found by trying."""
    starts = [start for start in range(-p, n + p) if (start + p) % s == 0]
    fitting = [start for start in starts if start + d * (k - 1) < n + p]
    missed = fitting and fitting[-1] + d * (k - 1) < n + p - 1 and fitting[-1] + s < n
    return [*fitting, fitting[-1] + s] if ceil_mode and missed else fitting


def pooled(
    x: Any,
    function: Callable[[Any, Any], Any],
    kernel: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
) -> Any:
    """Return ``function(values, size)`` of each window: what it has, and how long its sides are."""
    axes = len(kernel)
    sizes = x.shape[-axes:]
    steps = kernel if stride is None else stride
    options = zip(sizes, kernel, steps, padding, dilation, strict=True)
    starts = [starts_of(*of_axis, ceil_mode) for of_axis in options]
    y = np.empty((*x.shape[:-axes], *map(len, starts)), x.dtype)
    for out in np.ndindex(y.shape[-axes:]):
        inside, size = [], 1
        for i, n in enumerate(sizes):
            at = [starts[i][out[i]] + dilation[i] * j for j in range(kernel[i])]
            inside.append([a for a in at if 0 <= a < n])
            size *= sum(a < n + padding[i] for a in at)
        values = x[(..., *np.ix_(*inside))]
        y[(..., *out)] = function(values.reshape(*x.shape[:-axes], -1), size)
    return y


def maximum(
    x: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> Any:
    options = kernel_size, stride, padding, dilation, ceil_mode
    return pooled(x, lambda values, size: values.max(axis=-1), *options)


def average(
    x: Any,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: Any = None,
) -> Any:
    def mean(values: Any, size: int) -> Any:
        count = size if count_include_pad else values.shape[-1]
        return values.sum(axis=-1) / (divisor_override or count)

    ones = (1,) * len(kernel_size)
    return pooled(x, mean, kernel_size, stride, padding, ones, ceil_mode)


def norm(x: Any, norm_type: float, kernel_size: Any, stride: Any, ceil_mode: bool) -> Any:
    def root(values: Any, size: int) -> Any:
        scale = np.prod(kernel_size) / values.shape[-1]
        return ((values**norm_type).sum(axis=-1) * scale) ** (1 / norm_type)

    ones = (1,) * len(kernel_size)
    return pooled(x, root, kernel_size, stride, (0,) * len(kernel_size), ones, ceil_mode)


def adaptive(reduce: Callable[..., Any]) -> Callable[..., Any]:
    def reference(x: Any, output_size: Any) -> Any:
        axes = len(output_size)
        sizes = x.shape[-axes:]
        asked = [n if m is None else m for n, m in zip(sizes, output_size, strict=True)]
        y = np.empty((*x.shape[:-axes], *asked), x.dtype)
        for out in np.ndindex(*asked):
            bounds = [
                slice(int(np.floor(i * n / m)), int(np.ceil((i + 1) * n / m)))
                for i, n, m in zip(out, sizes, asked, strict=True)
            ]
            values = x[(..., *bounds)]
            y[(..., *out)] = reduce(values.reshape(*x.shape[:-axes], -1), axis=-1)
        return y

    return reference


def unpooled(x: Any, indices: Any, kernel_size: Any) -> Any:
    axes = len(kernel_size)
    y = np.zeros([*x.shape[:-axes], *np.multiply(x.shape[-axes:], kernel_size)], x.dtype)
    for place in np.ndindex(x.shape):
        y[place[:-axes]].reshape(-1)[indices[place]] = x[place]
    return y


def first_of_windows(x: Any, windows: Windows) -> Any:
    """Return the maximum plus the number of its place, counted among those that lie inside."""
    y = np.empty(windows.shape(x.shape, windows.count), x.dtype)
    rows, out = np.moveaxis(x, windows.axis, -1), np.moveaxis(y, windows.axis, -1)
    for o, start in enumerate(windows.starts):
        at = [start + offset for offset in windows.offsets]
        values = np.array(
            [rows[..., a] if 0 <= a < x.shape[windows.axis] else rows[..., 0] - 9 for a in at]
        )
        out[..., o] = values.max(axis=0) + values.argmax(axis=0)
    return y


def put_back(*parts: Any, windows: Windows) -> Any:
    y = np.zeros(windows.shape(parts[0].shape, windows.length), parts[0].dtype)
    rows = np.moveaxis(y, windows.axis, -1)
    for part, offset, (out, _) in zip(parts, windows.offsets, windows.places, strict=True):
        for i, o in enumerate(range(out.start, out.stop)):
            rows[..., windows.starts[o] + offset] += np.moveaxis(part, windows.axis, -1)[..., i]
    return y


# ---- what is drawn


def inputs(draw: Any, axes: int, *, low: float = -2.0, high: float = 2.0) -> Any:
    sides = st.integers(1, 7 if axes == 1 else 5)
    shape = [draw(st.integers(1, 2)) for _ in range(draw(st.integers(1, 2)))]
    shape += [draw(sides) for _ in range(axes)]
    return draw(operands(1, low=low, high=high, shapes=st.just((tuple(shape),))))[0]


def along(n: int, dilations: tuple[int, ...]) -> list[tuple[int, int, int, int]]:
    """Return (kernel, stride, padding, dilation) with which every window of an axis has a value."""
    return [
        (k, s, p, d)
        for k, s, d in itertools.product((1, 2, 3), (1, 2, 3), dilations)
        for p in range(k // 2 + 1)
        if d * (k - 1) < n + 2 * p and (p == 0 or n > d)
    ]


@st.composite
def sliding_options(draw: Any, sizes: Any, *, dilation: bool = False) -> dict[str, Any]:
    """Draw options with which every window has a value."""
    drawn = [draw(st.sampled_from(along(n, (1, 2) if dilation else (1,)))) for n in sizes]
    names = "kernel_size", "stride", "padding", "dilation"
    found: dict[str, Any] = dict(zip(names, zip(*drawn, strict=True), strict=True))
    if not dilation:
        del found["dilation"]
    if draw(st.booleans()):
        found["stride"] = None
    return {**found, "ceil_mode": draw(st.booleans())}


@st.composite
def max_cases(draw: Any, axes: int) -> Case:
    x = inputs(draw, axes)
    return Case((x,), draw(sliding_options(x.shape[-axes:], dilation=True)))


@st.composite
def avg_cases(draw: Any, axes: int) -> Case:
    x = inputs(draw, axes)
    params = draw(sliding_options(x.shape[-axes:]))
    params["count_include_pad"] = draw(st.booleans())
    if axes == 2:
        params["divisor_override"] = draw(st.none() | st.integers(1, 3))
    return Case((x,), params)


@st.composite
def lp_cases(draw: Any, axes: int) -> Case:
    x = inputs(draw, axes, low=0.5, high=2.0)
    params = draw(sliding_options(x.shape[-axes:]))
    kernel = tuple(min(k, n) for k, n in zip(params["kernel_size"], x.shape[-axes:], strict=True))
    del params["padding"]
    return Case(
        (x,), {"norm_type": draw(st.sampled_from([1, 2, 2.5])), **params, "kernel_size": kernel}
    )


@st.composite
def adaptive_cases(draw: Any, axes: int) -> Case:
    x = inputs(draw, axes)
    sizes = tuple(draw(st.none() | st.integers(1, 6)) for _ in range(axes))
    return Case((x,), {"output_size": sizes})


@st.composite
def unpool_cases(draw: Any, axes: int) -> Case:
    x = inputs(draw, axes)
    kernel = tuple(draw(st.integers(1, 2)) for _ in range(axes))
    size = int(np.prod(np.multiply(x.shape[-axes:], kernel)))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    planes = x.reshape(-1, *x.shape[-axes:])
    indices = np.array([rng.permutation(size)[: plane.size] for plane in planes])
    return Case((x, indices.reshape(x.shape)), {"kernel_size": kernel})


@st.composite
def windows(draw: Any) -> Windows:
    n = draw(st.integers(2, 7))
    k, p, d = draw(st.sampled_from([(1, 0, 1), (2, 0, 1), (2, 1, 1), (3, 1, 1), (2, 0, 2)]))
    d = d if d * (k - 1) < n else 1
    k = min(k, n)
    axis, stride, ceil_mode = (draw(st.integers(*b)) for b in ((-2, -1), (1, 3), (0, 1)))
    return sliding("drawn", axis, n, k, stride, min(p, k // 2), d, bool(ceil_mode))


@st.composite
def winner_cases(draw: Any) -> Case:
    found = draw(windows())
    shape = found.shape((2, 3), found.length)
    (x,) = draw(operands(1, low=-2, high=2, shapes=st.just((shape,))))
    return Case((x,), {"windows": found})


@st.composite
def placed_cases(draw: Any) -> Case:
    found = draw(windows())
    shapes = tuple(found.shape((2, 3), out.stop - out.start) for out, _ in found.places)
    return Case(
        draw(operands(len(shapes), low=-2, high=2, shapes=st.just(shapes))), {"windows": found}
    )


def maximum_and_winner(x: Any, windows: Windows) -> Any:
    y = max_windows(x, windows=windows)
    return y + winner(x, y, windows=windows)


SPECS = [
    Spec(max_pool1d, maximum, max_cases(1)),
    Spec(max_pool2d, maximum, max_cases(2)),
    Spec(avg_pool1d, average, avg_cases(1)),
    Spec(avg_pool2d, average, avg_cases(2)),
    Spec(lp_pool1d, norm, lp_cases(1)),
    Spec(lp_pool2d, norm, lp_cases(2)),
    Spec(adaptive_avg_pool1d, adaptive(np.mean), adaptive_cases(1)),
    Spec(adaptive_avg_pool2d, adaptive(np.mean), adaptive_cases(2)),
    Spec(adaptive_max_pool1d, adaptive(np.max), adaptive_cases(1)),
    Spec(adaptive_max_pool2d, adaptive(np.max), adaptive_cases(2)),
    Spec(max_unpool1d, unpooled, unpool_cases(1)),
    Spec(max_unpool2d, unpooled, unpool_cases(2)),
    Spec(maximum_and_winner, first_of_windows, winner_cases()),
    Spec(placed, put_back, placed_cases()),
]
