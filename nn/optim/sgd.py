"""Stochastic gradient descent."""

from collections.abc import Iterable
from math import isfinite
from typing import Any

import numpy as np

from autograd_lite import Tensor
from autograd_lite.errors import DomainError, DTypeError, GraphError, ShapeError


class SGD:
    """Gradient descent: ``p -= learning_rate * grad``, with momentum and weight decay.

    With momentum, a velocity ``v = momentum * v + grad`` takes the place of ``grad``; with
    ``nesterov``, ``grad + momentum * v`` does. Weight decay adds ``weight_decay * p`` to ``grad``
    beforehand.

    Parameters
    ----------
    parameters : iterable of Tensor
        Leaves that require a gradient, such as ``model.parameters()``.
    learning_rate : float
        May be changed between steps.
    momentum : float
        Between 0 and 1; 0 for none.
    nesterov : bool
        Look ahead along the velocity; needs momentum.
    weight_decay : float
        The strength of the L2 penalty ``weight_decay / 2 * sum(p**2)``.

    Raises
    ------
    DomainError
        If a setting is out of range, there are no parameters, or one is given twice.
    GraphError
        If one isn't a leaf that requires a gradient, or is read-only.

    Notes
    -----
    Sutskever, Martens, Dahl and Hinton, On the importance of initialization and momentum in deep
    learning, 2013. Parameters are updated in place; a backward pass through a graph that was
    recorded before a step raises an error where it would read the old values.

    Examples
    --------
    >>> w = Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = SGD([w], learning_rate=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    array([0.8, 1.6])
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        learning_rate: float,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        self.parameters = list(parameters)
        if not self.parameters:
            raise DomainError("SGD needs at least one parameter that requires a gradient")
        for position, p in enumerate(self.parameters):
            if not isinstance(p, Tensor) or not p.requires_grad or p.op is not None:
                raise GraphError(
                    f"SGD: parameter {position} is not a leaf Tensor that requires a gradient; "
                    "give model.parameters()"
                )
            if not p.data.flags.writeable:
                raise GraphError(
                    f"SGD: the data of parameter {position} is read-only, and can't be updated in "
                    "place; make the parameter with Tensor(...), which copies"
                )
        if len(set(self.parameters)) < len(self.parameters):
            raise DomainError("SGD was given a parameter twice; give each once")
        if not (isfinite(learning_rate) and learning_rate >= 0):
            raise DomainError(f"SGD: learning_rate must be finite, at least 0: {learning_rate}")
        if not 0 <= momentum < 1:
            raise DomainError(f"SGD: momentum must be at least 0 and below 1: {momentum}")
        if nesterov and not momentum:
            raise DomainError("SGD: nesterov=True needs momentum above 0")
        if not (isfinite(weight_decay) and weight_decay >= 0):
            raise DomainError(f"SGD: weight_decay must be finite, at least 0: {weight_decay}")
        self.learning_rate = float(learning_rate)
        self.momentum = float(momentum)
        self.nesterov = nesterov
        self.weight_decay = float(weight_decay)
        self._velocities = [np.zeros_like(p.data) for p in self.parameters]

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for p in self.parameters:
            p.grad = None

    def step(self) -> None:
        """Update every parameter that has a gradient, or none if one gradient doesn't fit.

        Frozen ones, with ``requires_grad = False``, stay as they are, even if they have a gradient.

        Raises
        ------
        ShapeError, DTypeError
            If a ``grad`` was set to something of another shape or dtype.
        """
        updates = []
        for position, p in enumerate(self.parameters):
            grad: Any = p.grad
            if grad is None or not p.requires_grad:
                continue
            data: Any = p.data
            g = grad.data if type(grad) is Tensor else None
            if g is None or g.dtype != data.dtype:
                raise DTypeError(
                    f"SGD: the grad of parameter {position} must be a Tensor of dtype "
                    f"{data.dtype}, not {grad!r}"
                )
            if g.shape != data.shape:
                raise ShapeError(
                    f"SGD: the grad of parameter {position} has shape {g.shape}, needs {data.shape}"
                )
            updates.append((position, p, data, g))
        for position, p, data, g in updates:
            direction = g
            if self.weight_decay:
                direction = direction + self.weight_decay * data
            if self.momentum:
                v = self._velocities[position]
                v *= self.momentum
                v += direction
                direction = direction + self.momentum * v if self.nesterov else v
            # in place; setting data tells the graphs that were recorded earlier
            p.data = np.subtract(data, self.learning_rate * direction, out=data)
