"""What the losses as layers share."""

from __future__ import annotations

import inspect

from autograd_lite import Tensor
from nn.losses.operands import Reduction, require_reduction
from nn.module import Module


class Loss(Module):
    """A loss whose options are attributes, under the names that its constructor gives them."""

    reduction: Reduction

    def signature(self) -> str:
        """Return the constructor call, with the options that aren't the defaults."""
        options = []
        _, *parameters = inspect.signature(type(self).__init__).parameters.values()
        for parameter in parameters:
            value = getattr(self, parameter.name)
            if isinstance(value, Tensor):
                options.append(f"{parameter.name}=<{value.shape}>")
            elif value != parameter.default:
                options.append(f"{parameter.name}={value!r}")
        return f"{type(self).__name__}({', '.join(options)})"

    def _reduce_by(self, reduction: Reduction) -> None:
        require_reduction(reduction, type(self).__name__)
        self.reduction = reduction
