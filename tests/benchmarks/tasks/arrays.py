"""A training step with any number of parameter arrays, for the same number of parameters."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from contest import Contender, Task, Wrap, require, require_jax

import nn
from autograd_lite import Tensor

RATE = 0.1
VALUES = 16_384


def data(count: int) -> list[Any]:
    """Return the arrays to start from."""
    return np.split(np.linspace(0, 1, VALUES, dtype=np.float32), count)


def loss_of(parameters: list[Any]) -> Any:
    """Return the sum of the squared distances from 1, array by array."""
    return sum(((p - 1.0) ** 2).sum() for p in parameters)


def ours(start: list[Any], capture: Wrap) -> Contender:
    """Loop over the arrays in Python."""
    parameters = [Tensor(p, requires_grad=True) for p in start]
    optimizer = nn.optim.SGD(parameters, learning_rate=RATE)

    def step() -> Any:
        optimizer.zero_grad()
        loss = loss_of(parameters)
        loss.backward()
        optimizer.step()
        return loss

    return Contender(capture(step), lambda: [p.data for p in parameters])


def pytorch(start: list[Any], compiled: Wrap) -> Contender:
    """Loop over the arrays in Python."""
    torch = require("torch")
    parameters = [torch.from_numpy(p.copy()).requires_grad_() for p in start]
    optimizer = torch.optim.SGD(parameters, lr=RATE)
    value_of = compiled(lambda: loss_of(parameters))

    def step() -> None:
        optimizer.zero_grad()
        value_of().backward()
        optimizer.step()

    return Contender(step, lambda: [p.detach().numpy() for p in parameters])


def jax_jit(start: list[Any]) -> Contender:
    """Compile the whole step."""
    jax = require_jax(np.float32)

    @partial(jax.jit, donate_argnums=0)
    def update(parameters: Any) -> Any:
        loss, slopes = jax.value_and_grad(loss_of)(parameters)
        return [p - RATE * slope for p, slope in zip(parameters, slopes, strict=True)], loss

    state = {"parameters": list(map(jax.numpy.array, start))}

    def step() -> None:
        state["parameters"], _ = update(state["parameters"])

    return Contender(
        step,
        lambda: list(map(np.asarray, state["parameters"])),
        lambda: jax.block_until_ready(state["parameters"]),
    )


def with_arrays(count: int) -> Task:
    """Return the task for this number of arrays."""
    start: Callable[[], Any] = partial(data, count)
    return Task(f"{count} parameter arrays", start, ours, pytorch, jax_jit)
