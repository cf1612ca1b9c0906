"""Layers without parameters that pad images, resize them, and bring them into another order."""

from hypothesis import strategies as st

import nn

from . import Layer, LayerCase, arrays_of


def of(name, x, *arguments, **options):
    return LayerCase(
        lambda dtype, rng: getattr(nn, name)(*arguments, **options),
        (x,),
        lambda torch: getattr(torch.nn, name)(*arguments, **options),
    )


@st.composite
def paddings(draw, kind, rank):
    low = -2 if kind != "Replication" else -1
    sides = st.integers(low, 3)
    width = draw(st.integers(1, 3) | st.tuples(*[sides] * (2 * rank)))
    shape = (2, 3, 7)[-rank - 1 :] if rank == 1 else (2, 3, 7, 6)
    x = draw(arrays_of(shape if draw(st.booleans()) else shape[-rank - 1 :]))
    arguments = (width, 2.5) if kind == "Constant" else (width,)
    return of(f"{kind}Pad{rank}d", x, *arguments)


@st.composite
def upsampled(draw):
    rank = draw(st.sampled_from([1, 2, 3]))
    mode = draw(
        st.sampled_from(
            {1: ["linear"], 2: ["bilinear", "bicubic"], 3: ["trilinear"]}[rank]
            + ["nearest", "nearest-exact"]
        )
    )
    options = {"mode": mode}
    if draw(st.booleans()):
        options["size"] = draw(st.integers(1, 9))
    else:
        options["scale_factor"] = draw(st.sampled_from([0.5, 1.3, 2, 2.5, 3.0]))
        options["recompute_scale_factor"] = draw(st.sampled_from([None, False, True]))
    if not mode.startswith("nearest"):
        options["align_corners"] = draw(st.sampled_from([None, False, True]))
    x = draw(arrays_of((2, 2, 5, 4, 6)[: 2 + rank]))
    return of("Upsample", x, **options)


@st.composite
def windows(draw, name):
    kernel = draw(st.sampled_from([1, 2, (2, 3)]))
    options = {
        "dilation": draw(st.sampled_from([1, (1, 2)])),
        "padding": draw(st.sampled_from([0, 1, (1, 0)])),
        "stride": draw(st.sampled_from([1, 2])),
    }
    batch = draw(st.sampled_from([(), (2,)]))
    image = draw(arrays_of((*batch, 3, 6, 7)))
    if name == "Unfold":
        return of(name, image, kernel, **options)
    columns = nn.Unfold(kernel, **options)(image).shape
    return of(name, draw(arrays_of(columns)), (6, 7), kernel, **options)


@st.composite
def flattened(draw):
    start = draw(st.integers(0, 3))
    end = draw(st.integers(start, 3))
    x = draw(arrays_of((2, 3, 1, 4)))
    axes = (start, end if draw(st.booleans()) else end - 4)
    return LayerCase(
        lambda dtype, rng: nn.Flatten(*axes), (x,), lambda torch: torch.nn.Flatten(*axes)
    )


LAYERS = [
    Layer(f"{kind}Pad{rank}d", paddings(kind, rank))
    for kind in ("Constant", "Zero", "Reflection", "Replication", "Circular")
    for rank in (1, 2)
]
LAYERS += [
    Layer("Upsample", upsampled()),
    Layer("Unfold", windows("Unfold")),
    Layer("Fold", windows("Fold")),
    Layer("Flatten", flattened()),
    Layer("Unflatten", arrays_of((2, 6)).map(lambda x: of("Unflatten", x, 1, (3, 2)))),
    Layer("PixelShuffle", arrays_of((2, 8, 2, 3)).map(lambda x: of("PixelShuffle", x, 2))),
    Layer("PixelUnshuffle", arrays_of((2, 4, 6)).map(lambda x: of("PixelUnshuffle", x, 2))),
    Layer("ChannelShuffle", arrays_of((2, 6, 3)).map(lambda x: of("ChannelShuffle", x, 3))),
]
