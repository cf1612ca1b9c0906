"""Logistic regression: one step of gradient descent on all examples."""

from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
from contest import Contender, Task, Wrap, require, require_jax

import nn
from autograd_lite import Tensor

RATE = 0.5
EXAMPLES, FEATURES = 100_000, 50


@dataclass
class Problem:
    """Features x, labels t (0 or 1), and the parameters to start from."""

    x: Any
    t: Any
    w: Any
    b: Any


@cache
def examples() -> tuple[Any, Any]:
    """Return features and labels; nobody writes into them."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((EXAMPLES, FEATURES), np.float32)
    return x, (x[:, 0] + rng.standard_normal(EXAMPLES, np.float32) > 0).astype(np.float32)


def data() -> Problem:
    """Return parameters of their own for each contender."""
    return Problem(*examples(), np.zeros(FEATURES, np.float32), np.zeros((), np.float32))


def ours(given: Problem, capture: Wrap) -> Contender:
    """Compute with a plain product and the loss from nn."""
    w, b = Tensor(given.w, requires_grad=True), Tensor(given.b, requires_grad=True)
    optimizer = nn.optim.SGD([w, b], learning_rate=RATE)

    def step(x: Any, t: Any) -> Any:
        optimizer.zero_grad()
        loss = nn.losses.binary_cross_entropy_with_logits(x @ w + b, t, reduction="mean")
        loss.backward()
        optimizer.step()
        return loss

    return Contender(partial(capture(step), given.x, given.t), lambda: [w.data, b.data])


def pytorch(given: Problem, compiled: Wrap) -> Contender:
    """Compute with a plain product and PyTorch's loss."""
    torch = require("torch")
    x, t = torch.from_numpy(given.x), torch.from_numpy(given.t)
    w = torch.from_numpy(given.w).requires_grad_()
    b = torch.from_numpy(given.b).requires_grad_()
    optimizer = torch.optim.SGD([w, b], lr=RATE)
    cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits

    @compiled
    def loss_of(x: Any, t: Any) -> Any:
        return cross_entropy(x @ w + b, t)

    def step() -> None:
        optimizer.zero_grad()
        loss_of(x, t).backward()
        optimizer.step()

    return Contender(step, lambda: [w.detach().numpy(), b.detach().numpy()])


def jax_jit(given: Problem) -> Contender:
    """Compile the whole step."""
    jax = require_jax(np.float32)
    jnp = jax.numpy

    def loss_of(parameters: Any, x: Any, t: Any) -> Any:
        w, b = parameters
        z = x @ w + b
        return jnp.mean(jnp.logaddexp(0, z) - z * t)

    @partial(jax.jit, donate_argnums=0)
    def update(parameters: Any, x: Any, t: Any) -> Any:
        loss, slopes = jax.value_and_grad(loss_of)(parameters, x, t)
        return [p - RATE * slope for p, slope in zip(parameters, slopes, strict=True)], loss

    state = {"parameters": [jnp.array(given.w), jnp.array(given.b)]}
    x, t = jnp.array(given.x), jnp.array(given.t)

    def step() -> None:
        state["parameters"], _ = update(state["parameters"], x, t)

    return Contender(
        step,
        lambda: list(map(np.asarray, state["parameters"])),
        lambda: jax.block_until_ready(state["parameters"]),
    )


def hips_autograd(given: Problem) -> Contender:
    """Differentiate a function of both parameters."""
    autograd, anp = require("autograd"), require("autograd.numpy")
    x, t = given.x, given.t

    def loss_of(w: Any, b: Any) -> Any:
        z = anp.dot(x, w) + b
        return anp.mean(anp.logaddexp(0, z) - z * t)

    slopes_at = autograd.grad(loss_of, argnum=(0, 1))

    def step() -> None:
        w_slope, b_slope = slopes_at(given.w, given.b)
        given.w -= RATE * w_slope
        given.b -= RATE * b_slope

    return Contender(step, lambda: [given.w, given.b])


def mygrad(given: Problem) -> Contender:
    """Compute with tensors."""
    mg = require("mygrad")
    x, t = given.x, given.t
    w, b = mg.tensor(given.w), mg.tensor(given.b)
    zero = np.zeros((), np.float32)  # a Python number would make float64 of everything

    def step() -> None:
        z = x @ w + b
        loss = mg.mean(mg.logaddexp(zero, z) - z * t)
        loss.backward()
        for parameter in (w, b):
            parameter.data -= RATE * parameter.grad

    return Contender(step, lambda: [w.data, b.data])


TASK = Task(
    f"logistic regression on {EXAMPLES:,} x {FEATURES}, float32: a step on all examples",
    data,
    ours,
    pytorch,
    jax_jit,
    hips_autograd,
    mygrad,
)
