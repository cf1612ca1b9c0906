"""Convolutions and their transposes."""

from hypothesis import strategies as st

import nn

from . import Layer, LayerCase, arrays_of

RANKS = {1: (9,), 2: (7, 6), 3: (4, 5, 4)}
PADDINGS = st.sampled_from([0, 1, 2, "same", "valid"])
MODES = st.sampled_from(["zeros", "zeros", "reflect", "replicate", "circular"])


@st.composite
def convolutions(draw, rank):
    groups = draw(st.sampled_from([1, 1, 2, 3]))
    channels = groups * draw(st.integers(1, 2))
    outputs = groups * draw(st.integers(1, 2))
    padding = draw(PADDINGS)
    options = {
        "kernel_size": draw(st.sampled_from([1, 2, 3])),
        "stride": 1 if padding == "same" else draw(st.sampled_from([1, 2])),
        "padding": padding,
        "dilation": draw(st.sampled_from([1, 1, 2] if rank < 3 else [1])),
        "groups": groups,
        "bias": draw(st.booleans()),
        "padding_mode": draw(MODES),
    }
    if draw(st.booleans()) and rank == 2:
        options["kernel_size"] = draw(st.sampled_from([(1, 3), (3, 2)]))
    batch = draw(st.sampled_from([(), (2,)]))
    x = draw(arrays_of((*batch, channels, *RANKS[rank])))
    name = f"Conv{rank}d"
    return LayerCase(
        lambda dtype, rng: getattr(nn, name)(channels, outputs, dtype=dtype, rng=rng, **options),
        (x,),
        lambda torch: getattr(torch.nn, name)(channels, outputs, **options),
    )


@st.composite
def transposed(draw, rank):
    groups = draw(st.sampled_from([1, 1, 2]))
    channels = groups * draw(st.integers(1, 2))
    outputs = groups * draw(st.integers(1, 2))
    stride, dilation = draw(st.sampled_from([1, 2, 3])), draw(st.sampled_from([1, 2]))
    extra = draw(st.integers(0, max(stride, dilation) - 1))
    sized = stride > 1 and draw(st.booleans())
    kernel = draw(st.sampled_from([1, 2, 3]))
    padding = draw(st.integers(0, dilation * (kernel - 1) // 2))
    options = {
        "kernel_size": kernel,
        "stride": stride,
        "padding": padding,
        "output_padding": 0 if sized else extra,
        "groups": groups,
        "bias": draw(st.booleans()),
        "dilation": dilation,
    }
    batch = draw(st.sampled_from([(), (2,)]))
    lengths = tuple(min(n, 4) for n in RANKS[rank])
    x = draw(arrays_of((*batch, channels, *lengths)))
    named = {}
    if sized:
        least = (stride * (n - 1) - 2 * padding + dilation * (kernel - 1) + 1 for n in lengths)
        more = draw(st.integers(0, stride - 1))
        named["output_size"] = [n + more for n in least]
    name = f"ConvTranspose{rank}d"
    return LayerCase(
        lambda dtype, rng: getattr(nn, name)(channels, outputs, dtype=dtype, rng=rng, **options),
        (x,),
        lambda torch: getattr(torch.nn, name)(channels, outputs, **options),
        named=named,
    )


LAYERS = [Layer(f"Conv{rank}d", convolutions(rank)) for rank in RANKS]
LAYERS += [Layer(f"ConvTranspose{rank}d", transposed(rank)) for rank in RANKS]
