"""Convolution, and its two gradients: three ops of two inputs that are each other's derivatives.

Take the sum of ``g * convolution(x, w)``: it is linear in ``x``, in ``w`` and in ``g``. Its
derivative by one of the three is an op of the other two, and the derivatives of these ops are the
same three again. A bias may be added within the op, so that the pre-activation is its result.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite import Primitive
from nn.functional.convolution import channels_first, channels_last
from nn.functional.convolution.geometry import Geometry

_HALF = np.dtype(np.float16)


def _convolve(x: Any, w: Any, geometry: Geometry, counts: tuple[int, ...]) -> Any:
    return _way_of_windows(x, w.shape[-1], counts[-1], geometry).convolve(x, w, geometry, counts)


def _weight_gradient(x: Any, g: Any, geometry: Geometry, kernel: tuple[int, ...]) -> Any:
    way = _way_of_windows(x, kernel[-1], g.shape[-1], geometry)
    return way.weight_gradient(x, g, geometry, kernel)


def _spread(g: Any, w: Any, geometry: Geometry, sizes: tuple[int, ...]) -> Any:
    # windows of g with a stride of 1, otherwise single values of x
    run = g.shape[1] * w.shape[-1] if geometry.stride[-1] == 1 else w.shape[1]
    return _way(run, g.shape[-1], geometry).spread(g, w, geometry, sizes)


def _way_of_windows(x: Any, values: int, count: int, geometry: Geometry) -> Any:
    run = x.shape[1] * (values if geometry.dilation[-1] == 1 else 1)
    return _way(run, count, geometry)


def _way(values: int, windows: int, geometry: Geometry) -> Any:
    """Return the module that copies in longer runs: of values of a window, or of windows."""
    return channels_first if geometry.groups > 1 or values < windows else channels_last


def _general(compute: Callable[..., Any], second_is_image: bool, makes_image: bool) -> Any:
    """Return the forward of an op, for one axis too, and for images without a batch axis."""

    def forward(
        a: Any, c: Any, bias: Any = None, *, lengths: tuple[int, ...], **options: Any
    ) -> Any:
        geometry = Geometry(**options)
        dtype, rank = np.result_type(a.dtype, c.dtype), len(lengths)
        alone = a.ndim == rank + 1
        if dtype == _HALF:  # it can't be added up, and its products are slow
            a, c = a.astype(np.float32), c.astype(np.float32)
        if alone:
            a, c = a[None], c[None] if second_is_image else c
        if rank == 1:
            a, c, lengths = a[:, :, None], c[:, :, None], (1, *lengths)
            geometry = geometry.with_axis()
        y = compute(a, c, geometry, lengths)
        if bias is not None:
            terms = bias.reshape(-1, *(1,) * (y.ndim - 2))
            if dtype != bias.dtype:
                y = y + terms
            else:
                y += terms
        if rank == 1:
            y = y[:, :, 0]
        if alone and makes_image:
            y = y[0]
        if dtype == _HALF:
            with np.errstate(over="ignore"):
                y = y.astype(_HALF)
        return y

    return forward


def _bias_rule(g: Any, y: Any, x: Any, w: Any, bias: Any, lengths: Any, **options: Any) -> Any:
    channels = g.ndim - len(lengths) - 1
    if g.dtype == _HALF:
        g = g.astype(np.float32)
    return g.sum(axis=tuple(i for i in range(g.ndim) if i != channels))


convolution: Primitive = Primitive(
    "convolution",
    _general(_convolve, second_is_image=False, makes_image=True),
    [
        lambda g, y, x, w, *bias, lengths, **options: transposed_convolution(
            g, w, lengths=x.shape[-len(lengths) :], **options
        ),
        lambda g, y, x, w, *bias, lengths, **options: convolution_weight(
            x, g, lengths=w.shape[2:], **options
        ),
        _bias_rule,
    ],
)

# of a cotangent, or of the input of a layer that goes the other way
transposed_convolution: Primitive = Primitive(
    "transposed_convolution",
    _general(_spread, second_is_image=False, makes_image=True),
    [
        lambda u, y, g, w, *bias, lengths, **options: convolution(
            u, w, lengths=g.shape[-len(lengths) :], **options
        ),
        lambda u, y, g, w, *bias, lengths, **options: convolution_weight(
            u, g, lengths=w.shape[2:], **options
        ),
        _bias_rule,
    ],
)

# the gradient of the weight: how much each value of a window and each result go together
convolution_weight: Primitive = Primitive(
    "convolution_weight",
    _general(_weight_gradient, second_is_image=True, makes_image=False),
    [
        lambda v, y, x, g, lengths, **options: transposed_convolution(
            g, v, lengths=x.shape[-len(lengths) :], **options
        ),
        lambda v, y, x, g, lengths, **options: convolution(
            x, v, lengths=g.shape[-len(lengths) :], **options
        ),
    ],
)
