"""Discrete Fourier transforms."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec, broadcastable_shapes, operands

NORMS = st.sampled_from([None, "backward", "ortho", "forward"])


@st.composite
def along_one_axis(draw: st.DrawFn, *, empty: bool = True) -> Case:
    """Every parity of length and n, cropped and padded."""
    shapes = broadcastable_shapes(1, max_side=4, min_side=0 if empty else 1)
    shapes = shapes.filter(lambda shapes: shapes[0])
    (x,) = draw(operands(1, shapes=shapes))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    length = x.shape[axis]
    ns = st.integers(1, 6)
    n = draw(ns | st.none() if length > 1 else ns)  # irfft of one frequency has no length
    return Case((x,), {"n": n, "axis": axis, "norm": draw(NORMS)})


@st.composite
def along_axes(draw: st.DrawFn, *, several: bool = False) -> Case:
    """Give ``s`` or not; for the 2-d functions, ``several``, two axes or none said."""
    shapes = broadcastable_shapes(1, max_side=4, min_side=2)
    least = 2 if several else 1
    (x,) = draw(operands(1, shapes=shapes.filter(lambda shapes: len(shapes[0]) >= least)))
    axis = st.integers(-x.ndim, x.ndim - 1)
    size = 2 if several else draw(st.integers(1, x.ndim))
    axes = st.lists(axis, min_size=size, max_size=size, unique_by=lambda axis: axis % x.ndim)
    params: dict[str, Any] = {"norm": draw(NORMS)}
    if draw(st.booleans()):
        params["axes"] = tuple(draw(axes))
        if draw(st.booleans()):
            s = st.lists(st.integers(2, 4) | st.just(-1), min_size=size, max_size=size)
            params["s"] = tuple(draw(s))
    return Case((x,), params)


@st.composite
def shifted(draw: st.DrawFn) -> Case:
    # of no axes NumPy can't shift
    (x,) = draw(operands(1, shapes=broadcastable_shapes(1).filter(lambda shapes: shapes[0])))
    axis = st.integers(-x.ndim, x.ndim - 1)
    axes = st.lists(axis, min_size=1, unique_by=lambda axis: axis % x.ndim).map(tuple)
    return Case((x,), {"axes": draw(st.none() | axis | axes)})


SPECS = [
    Spec(np.fft.fft, cases=along_one_axis(), complex=True),
    Spec(np.fft.ifft, cases=along_one_axis(), complex=True),
    Spec(np.fft.rfft, cases=along_one_axis()),
    Spec(np.fft.irfft, cases=along_one_axis(empty=False), complex=True),
    Spec(np.fft.hfft, cases=along_one_axis(empty=False), complex=True),
    Spec(np.fft.ihfft, cases=along_one_axis()),
    Spec(np.fft.fftn, cases=along_axes(), complex=True),
    Spec(np.fft.ifftn, cases=along_axes(), complex=True),
    Spec(np.fft.rfftn, cases=along_axes()),
    Spec(np.fft.irfftn, cases=along_axes(), complex=True),
    Spec(np.fft.fft2, cases=along_axes(several=True), complex=True),
    Spec(np.fft.ifft2, cases=along_axes(several=True), complex=True),
    Spec(np.fft.rfft2, cases=along_axes(several=True)),
    Spec(np.fft.irfft2, cases=along_axes(several=True), complex=True),
    Spec(np.fft.fftshift, cases=shifted(), complex=True),
    Spec(np.fft.ifftshift, cases=shifted(), complex=True),
]
