"""Interpolation along one axis after the other, and its transpose."""

import math

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec, operands
from nn.functional import interpolate
from nn.functional.resampling import brought_back, resampled

MODES = {
    1: ["nearest", "nearest-exact", "linear"],
    2: ["nearest", "nearest-exact", "bilinear", "bicubic"],
    3: ["nearest", "trilinear"],
}


def cubic(t, a=-0.75):
    t = abs(t)
    if t <= 1:
        return (a + 2) * t**3 - (a + 3) * t**2 + 1
    return a * t**3 - 5 * a * t**2 + 8 * a * t - 4 * a if t < 2 else 0.0


def neighbours(i, n, new, step, mode, corners):
    """Return the places that a new value is made of, with their weights."""
    if mode == "nearest":
        return [(min(i * n // new, n - 1) if step == n / new else min(int(i * step), n - 1), 1.0)]
    if mode == "nearest-exact":
        return [(min(int((i + 0.5) * step), n - 1), 1.0)]
    at = (i * (n - 1) / (new - 1) if new > 1 else 0.0) if corners else (i + 0.5) * step - 0.5
    around = range(math.floor(at) - 1, math.floor(at) + 3)
    weight = cubic if mode == "bicubic" else lambda t: max(0.0, 1 - abs(t))
    return [(min(max(j, 0), n - 1), weight(at - j)) for j in around]


def interpolated(x, size=None, scale_factor=None, mode="nearest", align_corners=None):
    factors = scale_factor if isinstance(scale_factor, tuple) else (scale_factor,) * (x.ndim - 2)
    for axis in range(2, x.ndim):
        n, factor = x.shape[axis], factors[axis - 2]
        new = size[axis - 2] if factor is None else math.floor(n * factor)
        step = n / new if factor is None else 1 / factor
        lines = []
        for i in range(new):
            keeps = new == n and mode not in ("nearest-exact", "bicubic")
            parts = [(i, 1.0)] if keeps else neighbours(i, n, new, step, mode, align_corners)
            lines.append(sum(w * x.take(j, axis) for j, w in parts))
        x = np.stack(lines, axis).astype(x.dtype)
    return x


@st.composite
def images(draw) -> Case:
    rank = draw(st.sampled_from([1, 2, 2, 3]))
    mode = draw(st.sampled_from(MODES[rank]))
    lengths = tuple(draw(st.integers(1, 4)) for _ in range(rank))
    params = {"mode": mode}
    if draw(st.booleans()):
        params["size"] = tuple(draw(st.integers(1, 5)) for _ in range(rank))
    else:
        params["scale_factor"] = draw(st.sampled_from([1.0, 2.0, 3.0, 1.3]))
    if not mode.startswith("nearest"):
        params["align_corners"] = draw(st.sampled_from([None, False, True]))
    shape = (draw(st.integers(1, 2)), 1, *lengths)
    return Case(draw(operands(1, shapes=st.just((shape,)), low=-2, high=2)), params)


def along(x, axis, length, taps):
    parts = []
    for places, weights in taps:
        rows = [x.take(i, axis) for i in places]
        weighted = rows if weights is None else [r * w for r, w in zip(rows, weights, strict=True)]
        parts.append(np.stack(weighted, axis))
    return np.add.reduce(parts).astype(x.dtype)


def back(g, axis, length, taps):
    out = np.zeros((*g.shape[:axis], length, *g.shape[axis + 1 :]), g.dtype)
    rows = np.moveaxis(out, axis, 0)
    for places, weights in taps:
        for i, place in enumerate(places):
            rows[place] += g.take(i, axis) * (1.0 if weights is None else weights[i])
    return out


@st.composite
def transposed(draw, way: str) -> Case:
    length, new = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    places = [tuple(sorted(draw(st.integers(0, length - 1)) for _ in range(new))) for _ in range(2)]
    weights = tuple(draw(st.sampled_from([0.25, 0.5, -1.0])) for _ in range(new))
    shape = [2, 3, 2]
    axis = draw(st.integers(0, 2))
    shape[axis] = new if way == "back" else length
    taps = ((places[0], None), (places[1], weights))
    params = {"axis": axis, "length": length, "taps": taps}
    return Case(draw(operands(1, shapes=st.just((tuple(shape),)), low=-2, high=2)), params)


SPECS = [
    Spec(interpolate, interpolated, images()),
    Spec(resampled, along, transposed("forward"), complex=True),
    Spec(brought_back, back, transposed("back"), complex=True),
]
