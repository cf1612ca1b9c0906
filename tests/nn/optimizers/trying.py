"""What tests of optimizers share: parameters, gradients, and what is compared."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from autograd_lite import Tensor

from . import OPTIMIZERS

SHAPES = ((3,), (2, 2), ())
each = pytest.mark.parametrize("registered", OPTIMIZERS, ids=[r.name for r in OPTIMIZERS])
each_state = pytest.mark.parametrize(
    ("registered", "options"),
    [(r, options) for r in OPTIMIZERS for options in r.states],
    ids=[f"{r.name}-{'-'.join(options)}" for r in OPTIMIZERS for options in r.states],
)


def parameters(dtype=np.float64, seed=0, shapes=SHAPES):
    rng = np.random.default_rng(seed)
    return [Tensor(rng.standard_normal(s), requires_grad=True, dtype=dtype) for s in shapes]


def set_gradients(tensors, rng):
    for p in tensors:
        p.grad = Tensor(rng.standard_normal(p.shape), dtype=p.dtype)


def arrays_of(optimizer):
    found = optimizer.state_dict()
    for i, p in enumerate(optimizer.parameters):
        found[f"data.{i}"] = p.data.copy()
    return found


def assert_same(first, second):
    assert first.keys() == second.keys()
    for name, array in first.items():
        assert_array_equal(array, second[name], err_msg=name)
