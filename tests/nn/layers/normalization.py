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


def rms_norm(shape, x, eps, affine):
    return LayerCase(
        lambda dtype, rng: nn.RMSNorm(shape, eps, affine, weight_init=drawn, dtype=dtype, rng=rng),
        (x,),
        lambda torch: torch.nn.RMSNorm(shape, eps, affine),
    )


def group_norm(groups, x, eps, affine, bias):
    options = {"eps": eps, "affine": affine, "bias": bias}
    return LayerCase(
        lambda dtype, rng: nn.GroupNorm(groups, 4, **options, **DRAWN, dtype=dtype, rng=rng),
        (x,),
        lambda torch: torch.nn.GroupNorm(groups, 4, **options),
    )


def local_response_norm(size, alpha, beta, k, x):
    return LayerCase(
        lambda dtype, rng: nn.LocalResponseNorm(size, alpha, beta, k),
        (x,),
        lambda torch: torch.nn.LocalResponseNorm(size, alpha, beta, k),
    )


BOOL = st.booleans()

LAYERS = [
    Layer(
        "LayerNorm",
        st.builds(lambda case, *options: layer_norm(*case, *options), last_axes(), EPS, BOOL, BOOL),
    ),
    Layer(
        "RMSNorm",
        st.builds(
            lambda case, *options: rms_norm(*case, *options), last_axes(), EPS | st.none(), BOOL
        ),
    ),
    Layer(
        "GroupNorm",
        st.builds(
            group_norm,
            st.sampled_from([1, 2, 4]),
            st.sampled_from([(3, 4), (1, 4, 5), (2, 4, 2, 3)]).flatmap(arrays_of),
            EPS,
            BOOL,
            BOOL,
        ),
    ),
    Layer(
        "LocalResponseNorm",
        st.builds(
            local_response_norm,
            st.integers(1, 5),
            st.sampled_from([1e-4, 0.5]),
            st.sampled_from([0.75, 1.0]),
            st.sampled_from([1.0, 2.0]),
            st.sampled_from([(2, 3, 4), (2, 5, 3, 2)]).flatmap(arrays_of),
        ),
    ),
]
