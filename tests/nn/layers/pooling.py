"""Pooling, over drawn shapes and options; values that tie are in ``test_pooling.py``."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

import nn

from . import Layer, LayerCase


@st.composite
def images(draw: st.DrawFn, axes: int) -> Any:
    """Draw values far from each other, so that no difference crosses a tie."""
    shape = [draw(st.integers(1, 2)) for _ in range(draw(st.integers(1, 2)))]
    shape += [draw(st.integers(3, 6)) for _ in range(axes)]
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    return rng.permutation(int(np.prod(shape))).reshape(shape) / 10 + 0.5


# kernel, stride, padding and dilation along an axis; all windows have a value if it has 3 or more
ALONG = [(1, 1, 0, 1), (2, 2, 0, 1), (2, 1, 1, 1), (3, 2, 1, 1), (3, 1, 0, 1), (1, 3, 0, 2)]
DILATED = [*ALONG, (2, 1, 0, 2), (2, 2, 1, 2)]


@st.composite
def windows(draw: st.DrawFn, axes: int, choices: list[tuple[int, ...]]) -> dict[str, Any]:
    drawn = [draw(st.sampled_from(choices)) for _ in range(axes)]
    names = "kernel_size", "stride", "padding", "dilation"
    found: dict[str, Any] = dict(zip(names, zip(*drawn, strict=True), strict=True))
    if draw(st.booleans()):
        found["stride"] = None
    return {**found, "ceil_mode": draw(st.booleans())}


def case(name: str, options: dict[str, Any], *inputs: Any) -> LayerCase:
    def theirs(torch: Any) -> Any:
        return getattr(torch.nn, name)(**options)

    return LayerCase(lambda dtype, rng: getattr(nn, name)(**options), inputs, theirs)


@st.composite
def max_pool(draw: st.DrawFn, axes: int) -> LayerCase:
    x = draw(images(axes))
    options = draw(windows(axes, DILATED))
    options["return_indices"] = draw(st.booleans())
    return case(f"MaxPool{axes}d", options, x)


@st.composite
def avg_pool(draw: st.DrawFn, axes: int) -> LayerCase:
    x = draw(images(axes))
    options = draw(windows(axes, ALONG))
    del options["dilation"]
    options["count_include_pad"] = draw(st.booleans())
    if axes == 2:
        options["divisor_override"] = draw(st.none() | st.integers(1, 3))
    return case(f"AvgPool{axes}d", options, x)


@st.composite
def lp_pool(draw: st.DrawFn, axes: int) -> LayerCase:
    x = draw(images(axes))
    kernel = tuple(draw(st.integers(1, min(3, n))) for n in x.shape[-axes:])
    options = {
        "norm_type": draw(st.sampled_from([1, 2, 2.5])),
        "kernel_size": kernel if axes == 2 else kernel[0],
        "stride": draw(st.none() | st.integers(1, 3)),
        "ceil_mode": draw(st.booleans()),
    }
    return case(f"LPPool{axes}d", options, x)


@st.composite
def adaptive(draw: st.DrawFn, name: str, axes: int) -> LayerCase:
    x = draw(images(axes))
    sizes = tuple(draw(st.none() | st.integers(1, 6)) for _ in range(axes))
    size = draw(st.just(sizes) | st.integers(1, 6)) if axes == 2 else draw(st.integers(1, 6))
    options: dict[str, Any] = {"output_size": size}
    if "Max" in name:
        options["return_indices"] = draw(st.booleans())
    return case(f"{name}{axes}d", options, x)


@st.composite
def unpool(draw: st.DrawFn, axes: int) -> LayerCase:
    x = draw(images(axes))
    kernel = tuple(draw(st.integers(1, 3)) for _ in range(axes))
    size = int(np.prod(np.multiply(x.shape[-axes:], kernel)))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    planes = x.reshape(-1, *x.shape[-axes:])
    indices = np.array([rng.permutation(size)[: plane.size] for plane in planes])
    return case(f"MaxUnpool{axes}d", {"kernel_size": kernel}, x, indices.reshape(x.shape))


LAYERS = [
    *(Layer(f"MaxPool{axes}d", max_pool(axes)) for axes in (1, 2)),
    *(Layer(f"MaxUnpool{axes}d", unpool(axes)) for axes in (1, 2)),
    *(Layer(f"AvgPool{axes}d", avg_pool(axes)) for axes in (1, 2)),
    *(Layer(f"LPPool{axes}d", lp_pool(axes)) for axes in (1, 2)),
    *(
        Layer(f"{name}{axes}d", adaptive(name, axes))
        for name in ("AdaptiveAvgPool", "AdaptiveMaxPool")
        for axes in (1, 2)
    ),
]
