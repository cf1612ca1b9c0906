"""The product of a vector with the Hessian of a small network's loss, by its four parameters."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from contest import Contender, Missing, Task, Wrap, as_it_is, require, require_jax

from autograd_lite import hvp

BATCH, INPUTS, HIDDEN, OUTPUTS = 64, 20, 30, 5

Arrays = list[Any]


def data() -> tuple[Any, Any, Arrays, Arrays]:
    """Return inputs, targets, parameters and a vector of the parameters' shapes."""
    rng = np.random.default_rng(0)

    def normal(*shape: int) -> Any:
        return rng.standard_normal(shape).astype(np.float32)

    shapes = [(INPUTS, HIDDEN), (HIDDEN,), (HIDDEN, OUTPUTS), (OUTPUTS,)]
    x, t = normal(BATCH, INPUTS), normal(BATCH, OUTPUTS)
    return x, t, [normal(*s) * np.float32(0.3) for s in shapes], [normal(*s) for s in shapes]


def loss_of(f: Any, x: Any, t: Any, parameters: Sequence[Any]) -> Any:
    """Return the mean squared error of a network with tanh, for any namespace ``f``."""
    w1, b1, w2, b2 = parameters
    return f.mean((f.tanh(x @ w1 + b1) @ w2 + b2 - t) ** 2)


def products(function: Any, *arguments: Any, wait: Any = None) -> Contender:
    """Return a contender that calls a function and keeps the arrays that it returns."""
    kept: dict[str, Any] = {}

    def run() -> None:
        kept["answer"] = function(*arguments)

    waiting = (lambda: wait(kept["answer"])) if wait is not None else (lambda: None)
    return Contender(run, lambda: list(map(np.asarray, kept["answer"])), waiting)


def ours(given: Any, capture: Wrap) -> Contender:
    """Call hvp with lists of arrays."""
    x, t, parameters, vector = given

    def loss(parameters: Arrays) -> Any:
        return loss_of(np, x, t, parameters)

    def product(parameters: Arrays, vector: Arrays) -> Any:
        return hvp(loss, (parameters,), (vector,))[0]

    return products(capture(product), parameters, vector)


def pytorch(given: Any, compiled: Wrap) -> Contender:
    """Differentiate twice; what is compiled is written with torch.func, which can be."""
    torch = require("torch")
    x, t, parameters, vector = torch.utils._pytree.tree_map(torch.from_numpy, given)

    def backward_twice(parameters: Arrays, vector: Arrays) -> Any:
        leaves = [p.detach().requires_grad_() for p in parameters]
        slopes = torch.autograd.grad(loss_of(torch, x, t, leaves), leaves, create_graph=True)
        return torch.autograd.grad(slopes, leaves, vector)

    def forward_over_reverse(parameters: Arrays, vector: Arrays) -> Any:
        slopes_at = torch.func.grad(partial(loss_of, torch, x, t))
        return torch.func.jvp(slopes_at, (parameters,), (vector,))[1]

    if compiled is as_it_is:
        return products(backward_twice, parameters, vector)
    return products(compiled(forward_over_reverse), parameters, vector)


def jax_jit(given: Any) -> Contender:
    """Compile forward over reverse."""
    jax = require_jax(np.float32)
    x, t, parameters, vector = jax.tree.map(jax.numpy.array, given)

    @jax.jit
    def product(parameters: Arrays, vector: Arrays) -> Any:
        slopes_at = jax.grad(partial(loss_of, jax.numpy, x, t))
        return jax.jvp(slopes_at, (parameters,), (vector,))[1]

    return products(product, parameters, vector, wait=jax.block_until_ready)


def hips_autograd(given: Any) -> Contender:
    """Differentiate the product of the gradient and the vector."""
    autograd, anp = require("autograd"), require("autograd.numpy")
    x, t, parameters, vector = given
    slopes_at = autograd.grad(partial(loss_of, anp, x, t))

    def along(parameters: Arrays, vector: Arrays) -> Any:
        return sum(anp.sum(g * v) for g, v in zip(slopes_at(parameters), vector, strict=True))

    return products(autograd.grad(along), parameters, vector)


def mygrad(given: Any) -> Contender:
    """MyGrad can't."""
    raise Missing("has no second derivatives")


TASK = Task(
    f"Hessian times vector, network {INPUTS}-{HIDDEN}-{OUTPUTS} with tanh, batch {BATCH}, float32",
    data,
    ours,
    pytorch,
    jax_jit,
    hips_autograd,
    mygrad,
)
