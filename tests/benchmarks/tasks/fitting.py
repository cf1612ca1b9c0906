"""A fit by SciPy: a damped oscillation to noisy points. float64, as SciPy's optimizers are."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from contest import Contender, Task, Wrap, require, require_jax

from autograd_lite import value_and_grad
from tasks.gradients import answering

POINTS = 200
EVALUATIONS = 16  # of the misfit in a fit
START = (1.0, 0.5, 5.0, 0.0, 0.0)


def data() -> tuple[Any, Any]:
    """Return times, and what was measured at them."""
    rng = np.random.default_rng(0)
    times = np.linspace(0, 3, POINTS)
    return times, 2 * np.exp(-times) * np.cos(6 * times + 0.5) + 0.1 * rng.standard_normal(POINTS)


def misfit(f: Any, times: Any, measured: Any, p: Any) -> Any:
    """Return the mean squared error, for any namespace ``f``."""
    return f.mean((p[0] * f.exp(-p[1] * times) * f.cos(p[2] * times + p[3]) + p[4] - measured) ** 2)


def fit(value_and_slope: Callable[[Any], Any]) -> Contender:
    """Return a contender that runs the whole fit."""
    minimize = require("scipy.optimize").minimize

    def fitted() -> Any:
        return minimize(value_and_slope, np.array(START), jac=True, method="L-BFGS-B").x

    return answering(fitted)


def ours(given: Any, capture: Wrap) -> Contender:
    """Hand SciPy what value_and_grad returns."""
    times, measured = given

    def value_of(p: Any) -> Any:
        return misfit(np, times, measured, p)

    return fit(capture(value_and_grad(value_of)))


def pytorch(given: Any, compiled: Wrap) -> Contender:
    """Convert at each evaluation."""
    torch = require("torch")
    value_of = compiled(partial(misfit, torch, *map(torch.from_numpy, given)))

    def value_and_slope(p: Any) -> Any:
        p = torch.from_numpy(p.copy()).requires_grad_()
        value = value_of(p)
        value.backward()
        return value.item(), p.grad.numpy()

    return fit(value_and_slope)


def jax_jit(given: Any) -> Contender:
    """Convert what comes out at each evaluation."""
    jax = require_jax(np.float64)
    compiled = jax.jit(jax.value_and_grad(partial(misfit, jax.numpy, *map(jax.numpy.array, given))))

    def value_and_slope(p: Any) -> Any:
        value, slope = compiled(p)
        return float(value), np.asarray(slope)

    return fit(value_and_slope)


def hips_autograd(given: Any) -> Contender:
    """Hand SciPy what value_and_grad returns."""
    autograd, anp = require("autograd"), require("autograd.numpy")
    return fit(autograd.value_and_grad(partial(misfit, anp, *given)))


def mygrad(given: Any) -> Contender:
    """Convert at each evaluation."""
    mg = require("mygrad")

    def value_and_slope(p: Any) -> Any:
        p = mg.tensor(p)
        value = misfit(mg, *given, p)
        value.backward()
        return value.item(), p.grad

    return fit(value_and_slope)


TASK = Task(
    f"fit by SciPy's L-BFGS-B, {len(START)} parameters, {POINTS} points, float64: the whole fit",
    data,
    ours,
    pytorch,
    jax_jit,
    hips_autograd,
    mygrad,
    steps=EVALUATIONS,
    atol=1e-3,
)
