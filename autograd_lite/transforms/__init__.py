"""Transforms of functions: each takes a function and returns its derivative.

They nest to any depth. They return arrays for arrays and tensors for tensors. Results are constants
unless something outside is being differentiated too; then they are recorded.
"""

from autograd_lite.transforms.checkpointing import checkpoint, once
from autograd_lite.transforms.first_order import elementwise_grad, grad, value_and_grad, vjp
from autograd_lite.transforms.forward_mode import jvp
from autograd_lite.transforms.jacobians import hessian, hvp, jacobian

__all__ = [
    "checkpoint",
    "elementwise_grad",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "once",
    "value_and_grad",
    "vjp",
]
