"""Products and linear algebra."""

import numpy as np
from hypothesis import strategies as st

from autograd_lite.ops import linear_algebra
from autograd_lite.testing import Case, Spec, broadcastable_shapes, operands


@st.composite
def multiplied(draw: st.DrawFn) -> Case:
    """Operands of @ of every rank: vectors, matrices, stacks that broadcast."""
    n, k, m = (draw(st.integers(0, 3)) for _ in range(3))
    stacks = draw(broadcastable_shapes(2, max_dims=2, max_side=2))
    left = draw(st.sampled_from([(k,), (n, k), (*stacks[0], n, k)]))
    right = draw(st.sampled_from([(k,), (k, m), (*stacks[1], k, m)]))
    return Case(draw(operands(2, shapes=st.just((left, right)))))


@st.composite
def layer(draw: st.DrawFn) -> Case:
    inputs, outputs = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    batch = draw(st.lists(st.integers(0, 3), max_size=2))
    shapes = ((*batch, inputs), (inputs, outputs), (outputs,))
    return Case(draw(operands(3, shapes=st.just(shapes))))


SPECS = [
    Spec(linear_algebra.matmul, np.matmul, multiplied()),
    Spec(linear_algebra.linear, lambda x, w, b: x @ w + b, layer()),
]
