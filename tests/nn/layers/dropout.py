"""Dropout, by value and by channel."""

from hypothesis import strategies as st

import nn

from . import Layer, LayerCase, arrays_of


def dropping(name, shapes):
    def case(p, training, x):
        return LayerCase(
            lambda dtype, rng: getattr(nn, name)(p, rng=rng),
            (x,),
            lambda torch: getattr(torch.nn, name)(p),
            training,
        )

    arrays = st.sampled_from(shapes).flatmap(arrays_of)
    probabilities = st.sampled_from([0.0, 0.3, 1.0])
    return Layer(name, st.builds(case, probabilities, st.booleans(), arrays), draws=True)


LAYERS = [
    dropping("Dropout", [(3,), (4, 5), (2, 3, 4)]),
    dropping("Dropout1d", [(3, 4), (2, 3, 4)]),
    dropping("Dropout2d", [(2, 3, 2, 2)]),
    dropping("AlphaDropout", [(3,), (4, 5)]),
    dropping("FeatureAlphaDropout", [(4, 3), (2, 3, 4), (2, 3, 2, 2)]),
]
