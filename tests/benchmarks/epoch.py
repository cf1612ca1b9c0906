"""A whole epoch of training in several frameworks; ``step.py --epoch`` runs it.

The batches are consecutive slices, so that everyone gets them at the same price. One contender
is a single compiled program for the whole epoch: ``jax.lax.scan`` over the batches.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import numpy as np
from contest import (
    OURS,
    Contender,
    Make,
    Wrap,
    as_it_is,
    capturing,
    compiling,
    gather,
    require,
    require_jax,
    table,
    timed,
)
from tasks.networks import (
    Problem,
    examples,
    initial,
    jax_update,
    our_step,
    pytorch_step,
)


def each_batch(step: Callable[[Any, Any], object], x: Any, t: Any, batch: int) -> None:
    """Take one step for each batch."""
    for i in range(0, len(x), batch):
        step(x[i : i + batch], t[i : i + batch])


def ours(given: Problem, batch: int, capture: Wrap) -> Contender:
    """Loop over the batches in Python."""
    step, model = our_step(given, capture)
    return Contender(
        partial(each_batch, step, given.x, given.t, batch),
        lambda: [parameter.data for parameter in model.parameters()],
    )


def pytorch(given: Problem, batch: int, compiled: Wrap) -> Contender:
    """Loop over the batches in Python."""
    step, model = pytorch_step(given, compiled)
    torch = require("torch")
    return Contender(
        partial(each_batch, step, torch.from_numpy(given.x), torch.from_numpy(given.t), batch),
        lambda: [parameter.detach().numpy().T for parameter in model.parameters()],
    )


def jax_jit(given: Problem, batch: int, *, scan: bool) -> Contender:
    """Compile the step and loop over the batches in Python, or compile the whole epoch."""
    jax = require_jax(given.x.dtype)
    update = jax_update(given)
    state = {"parameters": [jax.numpy.array(value) for value in given.start]}
    if scan:
        shape = (len(given.x) // batch, batch, -1)
        batches = jax.numpy.array(given.x.reshape(shape)), jax.numpy.array(given.t.reshape(shape))

        @partial(jax.jit, donate_argnums=0)
        def epoch(parameters: Any, batches: Any) -> Any:
            return jax.lax.scan(lambda carry, xt: update(carry, *xt), parameters, batches)

        def run() -> None:
            state["parameters"], _ = epoch(state["parameters"], batches)
    else:
        compiled = jax.jit(update, donate_argnums=0)

        def step(x: Any, t: Any) -> None:
            state["parameters"], _ = compiled(state["parameters"], x, t)

        run = partial(each_batch, step, given.x, given.t, batch)
    return Contender(
        run,
        lambda: list(map(np.asarray, state["parameters"])),
        lambda: jax.block_until_ready(state["parameters"]),
    )


def measure_epoch(sizes: Sequence[int], batch: int, count: int, repeats: int, dtype: str) -> None:
    """Time whole epochs over ``count`` examples, and print a table."""
    count -= count % batch  # the scan needs batches of one size
    inputs = cache(partial(examples, sizes, count, dtype))

    def given() -> Problem:
        return Problem(*inputs(), initial(sizes, dtype), "sigmoid")

    makers: dict[str, Make] = {
        name: lambda options=options: ours(given(), batch, capturing(options))
        for name, options in OURS.items()
    }
    makers["PyTorch eager"] = lambda: pytorch(given(), batch, as_it_is)
    makers["PyTorch compile"] = lambda: pytorch(given(), batch, compiling())
    makers["JAX jit, each step"] = lambda: jax_jit(given(), batch, scan=False)
    makers["JAX jit, lax.scan"] = lambda: jax_jit(given(), batch, scan=True)
    contest = gather(makers, rtol=1e-2, atol=1e-3, calls=2)
    times = timed(contest, repeats)
    print(f"\nan epoch of {count:,} examples in batches of {batch}, {dtype}")
    table(makers, contest, times, ("PyTorch eager", "JAX jit, each step", "JAX jit, lax.scan"))
