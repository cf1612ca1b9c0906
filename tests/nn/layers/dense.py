"""Dense, and what is made of other layers."""

from hypothesis import strategies as st

import nn

from . import Layer, LayerCase, arrays_of


def dense(bias, x):
    return LayerCase(
        lambda dtype, rng: nn.Dense(3, 2, bias, dtype=dtype, rng=rng),
        (x,),
        lambda torch: torch.nn.Linear(3, 2, bias),
    )


def residual(x):
    return LayerCase(
        lambda dtype, rng: nn.Residual(nn.Dense(3, 3, dtype=dtype, rng=rng), nn.Tanh()), (x,)
    )


def parallel(x):
    return LayerCase(
        lambda dtype, rng: nn.Parallel(
            nn.Dense(3, 2, dtype=dtype, rng=rng), nn.Dense(3, 4, dtype=dtype, rng=rng)
        ),
        (x,),
    )


ROWS = arrays_of((4, 3))

LAYERS = [
    Layer("Dense", st.builds(dense, st.booleans(), arrays_of((3,)) | ROWS | arrays_of((2, 4, 3)))),
    Layer("Residual", st.builds(residual, ROWS)),
    Layer("Parallel", st.builds(parallel, ROWS)),
]
