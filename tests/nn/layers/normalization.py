"""Normalization of each example by itself."""

from hypothesis import strategies as st

import nn

from . import Layer, LayerCase, arrays_of


def drawn(rng, shape, dtype):
    """Initial values that tell weights and biases apart."""
    return rng.uniform(0.5, 1.5, shape).astype(dtype)


DRAWN = {"weight_init": drawn, "bias_init": drawn}
EPS = st.sampled_from([1e-5, 1e-3, 0.1])


def layer_norm(shape, x, eps, affine, bias):
    return LayerCase(
        lambda dtype, rng: nn.LayerNorm(shape, eps, affine, bias, **DRAWN, dtype=dtype, rng=rng),
        (x,),
        lambda torch: torch.nn.LayerNorm(shape, eps, affine, bias),
    )


@st.composite
def last_axes(draw):
    shape = draw(st.sampled_from([5, (4,), (2, 3), [3, 2, 2]]))
    lengths = (shape,) if isinstance(shape, int) else tuple(shape)
    outer = draw(st.sampled_from([(), (3,), (2, 2)]))
    return shape, draw(arrays_of(outer + lengths))


LAYERS = [
    Layer(
        "LayerNorm",
        st.builds(
            lambda case, *options: layer_norm(*case, *options),
            last_axes(),
            EPS,
            st.booleans(),
            st.booleans(),
        ),
    ),
]
