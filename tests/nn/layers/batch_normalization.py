"""Normalization over a batch, or over each example, with running statistics."""

from hypothesis import strategies as st

import nn

from . import Layer, LayerCase, arrays_of
from .normalization import BOOL, DRAWN, EPS


def normalizing(name, shapes, momenta):
    def case(x, eps, momentum, affine, tracked, bias, training):
        channels = 3
        options = (channels, eps, momentum, affine, tracked)

        def make(dtype, rng):
            layer = getattr(nn, name)(*options, bias=bias, **DRAWN, dtype=dtype, rng=rng)
            if tracked:
                layer.running_mean.data = rng.uniform(-1, 1, channels).astype(dtype)
                layer.running_var.data = rng.uniform(0.5, 2, channels).astype(dtype)
            return layer

        return LayerCase(
            make, (x,), lambda torch: getattr(torch.nn, name)(*options, bias=bias), training
        )

    arrays = st.sampled_from(shapes).flatmap(arrays_of)
    options = (EPS, st.sampled_from(momenta), BOOL, BOOL, BOOL, BOOL)
    return Layer(name, st.builds(case, arrays, *options))


CUMULATIVE = [0.1, 0.7, None]

LAYERS = [
    normalizing("BatchNorm1d", [(4, 3), (2, 3, 4), (1, 3, 5)], CUMULATIVE),
    normalizing("BatchNorm2d", [(2, 3, 2, 3), (1, 3, 2, 2)], CUMULATIVE),
    normalizing("InstanceNorm1d", [(2, 3, 4), (3, 5)], [0.1, 0.7]),
    normalizing("InstanceNorm2d", [(2, 3, 2, 3), (3, 2, 2)], [0.1, 0.7]),
]
