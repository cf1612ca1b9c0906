"""A loop of scalar ops: a pendulum, and how its last position depends on the first.

5 ops for each of 2,000 steps of the symplectic Euler method. PyTorch compiles one step, since
unrolling all takes minutes; JAX compiles a scan over the steps.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from contest import Contender, Wrap, as_it_is, require, require_jax

from tasks.gradients import answering, gradient

STEPS = 2000
TIME_STEP = 0.005
ANGLE = 1.0

Advance = Callable[[Any, Any], tuple[Any, Any]]


def advance(sin: Callable[[Any], Any], h: Any, angle: Any, velocity: Any) -> tuple[Any, Any]:
    """Take one step in time: 5 ops."""
    velocity = velocity - h * sin(angle)
    return angle + h * velocity, velocity


def last(f: Any, angle: Any, h: Any = TIME_STEP, step: Any = advance) -> Any:
    """Return the last position, for any namespace ``f``."""
    velocity = angle * 0
    for _ in range(STEPS):
        angle, velocity = step(f.sin, h, angle, velocity)
    return angle


def start() -> Any:
    """Return the first position, an array without axes."""
    return np.array(ANGLE, np.float32)


def pytorch(x: Any, compiled: Wrap) -> Contender:
    """Loop in Python over steps that may be compiled."""
    torch = require("torch")
    step = advance
    if compiled is not as_it_is:
        one = compiled(lambda angle, velocity: advance(torch.sin, TIME_STEP, angle, velocity))

        def step(_sin: Any, _h: Any, angle: Any, velocity: Any) -> Any:
            return one(angle, velocity)

    def slope_at(x: Any) -> Any:
        x = x.detach().requires_grad_()
        last(torch, x, step=step).backward()
        return x.grad

    return answering(slope_at, torch.from_numpy(x))


def jax_jit(x: Any) -> Contender:
    """Scan over the steps, and compile the whole."""
    jax = require_jax(x.dtype)
    jnp = jax.numpy

    def last_of(angle: Any) -> Any:
        def step(state: Any, _: Any) -> Any:
            return advance(jnp.sin, TIME_STEP, *state), None

        (angle, _), _ = jax.lax.scan(step, (angle, angle * 0), length=STEPS)
        return angle

    return answering(jax.jit(jax.grad(last_of)), jnp.array(x), wait=jax.block_until_ready)


def mygrad(x: Any) -> Contender:
    """Loop in Python; the time step is float32, as a Python number would make float64 of all."""
    mg = require("mygrad")
    h = np.float32(TIME_STEP)

    def slope_at(x: Any) -> Any:
        x = mg.tensor(x)
        last(mg, x, h).backward()
        return x.grad

    return answering(slope_at, x)


TASK = gradient(
    f"pendulum, {5 * STEPS:,} ops on float32 scalars: gradient of the last position",
    last,
    start,
    pytorch=pytorch,
    jax_jit=jax_jit,
    mygrad=mygrad,
)
