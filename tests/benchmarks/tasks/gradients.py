"""What the tasks share that compute the gradient of a function of one array."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from contest import Contender, Task, Wrap, require, require_jax

from autograd_lite import grad

Function = Callable[[Any, Any], Any]  # of the namespace (np, torch, ...) and the array


def answering(function: Callable[..., Any], *arguments: Any, wait: Any = None) -> Contender:
    """Return a contender that calls a function and keeps its answer."""
    kept: dict[str, Any] = {}

    def run() -> None:
        kept["answer"] = function(*arguments)

    waiting = (lambda: wait(kept["answer"])) if wait is not None else (lambda: None)
    return Contender(run, lambda: [np.asarray(kept["answer"])], waiting)


def gradient(title: str, f: Function, start: Callable[[], Any], **others: Any) -> Task:
    """Return the task of computing the gradient of ``f`` at ``start()``.

    Every framework is given ``f``; ``others`` may replace the way of one.
    """

    def ours(x: Any, capture: Wrap) -> Contender:
        def value_of(x: Any) -> Any:
            return f(np, x)

        return answering(capture(grad(value_of)), x)

    def pytorch(x: Any, compiled: Wrap) -> Contender:
        torch = require("torch")
        value_of = compiled(partial(f, torch))

        def slope_at(x: Any) -> Any:
            x = x.detach().requires_grad_()
            value_of(x).backward()
            return x.grad

        return answering(slope_at, torch.from_numpy(x))

    def jax_jit(x: Any) -> Contender:
        jax = require_jax(x.dtype)
        slope_at = jax.jit(jax.grad(partial(f, jax.numpy)))
        return answering(slope_at, jax.numpy.array(x), wait=jax.block_until_ready)

    def hips_autograd(x: Any) -> Contender:
        autograd, anp = require("autograd"), require("autograd.numpy")
        return answering(autograd.grad(partial(f, anp)), x)

    def mygrad(x: Any) -> Contender:
        mg = require("mygrad")

        def slope_at(x: Any) -> Any:
            x = mg.tensor(x)
            f(mg, x).backward()
            return x.grad

        return answering(slope_at, x)

    ways: dict[str, Any] = {
        "ours": ours,
        "pytorch": pytorch,
        "jax_jit": jax_jit,
        "hips_autograd": hips_autograd,
        "mygrad": mygrad,
    }
    return Task(title, start, **{**ways, **others})
