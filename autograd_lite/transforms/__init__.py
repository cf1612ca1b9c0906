"""Transforms of functions: each takes a function and gives its derivative, as a function.

They nest to any depth. What they return is constant, unless something outside is being
differentiated too: then it is recorded, as a result of every other op.
"""

from autograd_lite.transforms.checkpointing import checkpoint
from autograd_lite.transforms.first_order import grad, jvp, value_and_grad, vjp
from autograd_lite.transforms.jacobians import hessian, hvp, jacobian

__all__ = [
    "checkpoint",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "value_and_grad",
    "vjp",
]
