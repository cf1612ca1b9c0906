"""Steps of a training: gradients of batches, and what the optimizer makes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

import autograd_lite
from autograd_lite import Tensor
from autograd_lite.errors import DTypeError
from nn.module import Module
from nn.training.together import Group

Step: TypeAlias = Callable[[Sequence[Any] | None, int, bool], float]
"""``(batch or None, its examples, whether to update) -> loss``."""


def stepping(
    model: Module,
    optimizer: Any,
    loss: Callable[[Any, Any], Tensor],
    accumulate: int,
    how: str,
    group: Group,
) -> Step:
    """Return a function that takes batches, and updates the model when it is told to.

    Parameters
    ----------
    model, optimizer, loss
        As for ``fit``.
    accumulate : int
        How many batches there are for each update.
    how : "captured", "fast" or "eager"
    group : Group
        What processes exchange isn't captured, but the gradients before it are.
    """

    def captured(function: Callable[..., Tensor], **settings: Any) -> Callable[..., Tensor]:
        if how == "eager":
            return function
        return autograd_lite.capture(function, fast=how == "fast", **settings)

    def loss_of(*batch: Any) -> Tensor:
        value = loss(model(*batch[:-1]), batch[-1])
        if not isinstance(value, Tensor):
            raise DTypeError(
                "fit: the loss must return a Tensor, which NumPy's functions do if outputs stay "
                "Tensors; .numpy(), .item() and float() end that"
            )
        return value

    def backward(*batch: Any) -> Tensor:
        optimizer.zero_grad()
        value = loss_of(*batch)
        value.backward()
        return value.detach()

    def whole(*batch: Any) -> Tensor:
        value = backward(*batch)
        optimizer.step()
        return value

    # gradients are summed over examples, and divided by their number before the update
    def part(weight: Any, *batch: Any) -> Tensor:
        value = loss_of(*batch)
        (value * weight).backward()
        return value.detach()

    if accumulate > 1:
        return _accumulating(captured(part, keep_grads=True), optimizer, group)
    if group.size == 1:
        step = captured(whole)
        return lambda batch, count, update: step(*batch).item()  # type: ignore[misc]
    gradients = captured(backward)

    def shared(batch: Any, count: int, update: bool) -> float:
        value = float(gradients(*batch).item()) if count else 0.0
        group.average_gradients(optimizer.parameters, examples=count)
        optimizer.step()
        return value

    return shared


def _accumulating(part: Callable[..., Tensor], optimizer: Any, group: Group) -> Step:
    total = 0
    begun = False

    def take(batch: Any, count: int, update: bool) -> float:
        nonlocal total, begun
        if not begun:
            optimizer.zero_grad()
            begun = True
        value = float(part(np.float32(count), *batch).item()) if count else 0.0
        total += count
        if update:
            for p in optimizer.parameters:
                if p.grad is not None:
                    p.grad = p.grad / total
            group.average_gradients(optimizer.parameters, examples=total)
            optimizer.step()
            total, begun = 0, False
        return value

    return take
