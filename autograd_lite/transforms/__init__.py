"""Transforms of functions: each takes a function and gives its derivative, as a function.

They nest to any depth. They give arrays for arrays and tensors for tensors: constants, unless
something outside is being differentiated too, which is recorded, as a result of every other op.
"""

from autograd_lite.transforms.checkpointing import checkpoint
from autograd_lite.transforms.first_order import (
    elementwise_grad,
    grad,
    jvp,
    value_and_grad,
    vjp,
)
from autograd_lite.transforms.jacobians import hessian, hvp, jacobian

__all__ = [
    "checkpoint",
    "elementwise_grad",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "value_and_grad",
    "vjp",
]
