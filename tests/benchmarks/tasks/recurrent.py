"""A training step of an LSTM that is made of plain ops: forward, loss, backward, update.

PyTorch takes part with its own LSTM layer as well.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from contest import Contender, Task, Wrap, require, require_jax

import nn
from autograd_lite import Tensor
from nn.functional import sigmoid

RATE = 0.1
TIMES, BATCH, INPUTS, UNITS = 20, 16, 16, 32


@dataclass
class Problem:
    """Sequences x, targets t, and the parameters to start from: wx, wh, b, readout."""

    x: Any
    t: Any
    start: list[Any]


def data() -> Problem:
    """Return new arrays."""
    rng = np.random.default_rng(0)

    def normal(*shape: int) -> Any:
        return rng.standard_normal(shape).astype(np.float32)

    return Problem(
        normal(TIMES, BATCH, INPUTS),
        normal(BATCH, 1),
        [
            normal(INPUTS, 4 * UNITS) / INPUTS**0.5,
            normal(UNITS, 4 * UNITS) / UNITS**0.5,
            np.zeros(4 * UNITS, np.float32),
            normal(UNITS, 1) / UNITS**0.5,
        ],
    )


def ours(given: Problem, capture: Wrap) -> Contender:
    """Write the cell with NumPy's functions."""
    wx, wh, b, readout = parameters = [Tensor(p, requires_grad=True) for p in given.start]
    optimizer = nn.optim.SGD(parameters, learning_rate=RATE)

    def step(x: Any, t: Any) -> Any:
        optimizer.zero_grad()
        h = c = np.zeros((BATCH, UNITS), np.float32)
        for xt in x:
            i, f, g, o = np.split(xt @ wx + h @ wh + b, 4, axis=1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        loss = nn.losses.mean_squared_error(h @ readout, t)
        loss.backward()
        optimizer.step()
        return loss

    return Contender(partial(capture(step), given.x, given.t), lambda: [p.data for p in parameters])


def pytorch(given: Problem, compiled: Wrap) -> Contender:
    """Write the cell with PyTorch's functions; the loop is compiled as a whole."""
    torch = require("torch")
    x, t = torch.from_numpy(given.x), torch.from_numpy(given.t)
    parameters = [torch.from_numpy(p).requires_grad_() for p in given.start]
    wx, wh, b, readout = parameters
    optimizer = torch.optim.SGD(parameters, lr=RATE)

    @compiled
    def loss_of(x: Any, t: Any) -> Any:
        h = c = torch.zeros(BATCH, UNITS)
        for xt in x:
            i, f, g, o = (xt @ wx + h @ wh + b).chunk(4, 1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
        return torch.nn.functional.mse_loss(h @ readout, t)

    def step() -> None:
        optimizer.zero_grad()
        loss_of(x, t).backward()
        optimizer.step()

    return Contender(step, lambda: [p.detach().numpy() for p in parameters])


def pytorch_layer(given: Problem) -> Contender:
    """Use PyTorch's layer, whose second bias is frozen."""
    torch = require("torch")
    x, t = torch.from_numpy(given.x), torch.from_numpy(given.t)
    layer, readout = torch.nn.LSTM(INPUTS, UNITS), torch.nn.Linear(UNITS, 1, bias=False)
    parameters = [layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, readout.weight]
    with torch.no_grad():
        for parameter, value in zip(parameters, given.start, strict=True):
            parameter.copy_(torch.from_numpy(value.T))
        layer.bias_hh_l0.zero_()
    layer.bias_hh_l0.requires_grad_(False)
    optimizer = torch.optim.SGD(parameters, lr=RATE)

    def step() -> None:
        optimizer.zero_grad()
        _, (h, _) = layer(x)
        torch.nn.functional.mse_loss(readout(h[0]), t).backward()
        optimizer.step()

    return Contender(step, lambda: [p.detach().numpy().T for p in parameters])


def jax_jit(given: Problem) -> Contender:
    """Scan over time, and compile the whole step."""
    jax = require_jax(np.float32)
    jnp, sigmoid = jax.numpy, jax.nn.sigmoid

    def loss_of(parameters: Any, x: Any, t: Any) -> Any:
        wx, wh, b, readout = parameters

        def cell(state: Any, xt: Any) -> Any:
            h, c = state
            i, f, g, o = jnp.split(xt @ wx + h @ wh + b, 4, axis=1)
            c = sigmoid(f) * c + sigmoid(i) * jnp.tanh(g)
            return (sigmoid(o) * jnp.tanh(c), c), None

        zeros = jnp.zeros((BATCH, UNITS), jnp.float32)
        (h, _), _ = jax.lax.scan(cell, (zeros, zeros), x)
        return jnp.mean((h @ readout - t) ** 2)

    @partial(jax.jit, donate_argnums=0)
    def update(parameters: Any, x: Any, t: Any) -> Any:
        loss, slopes = jax.value_and_grad(loss_of)(parameters, x, t)
        return [p - RATE * slope for p, slope in zip(parameters, slopes, strict=True)], loss

    state = {"parameters": list(map(jnp.array, given.start))}
    x, t = jnp.array(given.x), jnp.array(given.t)

    def step() -> None:
        state["parameters"], _ = update(state["parameters"], x, t)

    return Contender(
        step,
        lambda: list(map(np.asarray, state["parameters"])),
        lambda: jax.block_until_ready(state["parameters"]),
    )


def hips_autograd(given: Problem) -> Contender:
    """Write the cell with the functions of autograd.numpy."""
    autograd, anp = require("autograd"), require("autograd.numpy")
    x, t, start = given.x, given.t, given.start

    def sigmoid(z: Any) -> Any:
        return 1 / (1 + anp.exp(-z))

    def loss_of(parameters: Any) -> Any:
        wx, wh, b, readout = parameters
        h = c = anp.zeros((BATCH, UNITS), np.float32)
        for xt in x:
            i, f, g, o = anp.split(anp.dot(xt, wx) + anp.dot(h, wh) + b, 4, axis=1)
            c = sigmoid(f) * c + sigmoid(i) * anp.tanh(g)
            h = sigmoid(o) * anp.tanh(c)
        return anp.mean((anp.dot(h, readout) - t) ** 2)

    slopes_at = autograd.value_and_grad(loss_of)

    def step() -> None:
        _, slopes = slopes_at(start)
        for parameter, slope in zip(start, slopes, strict=True):
            parameter[:] -= RATE * slope

    return Contender(step, lambda: start)


def mygrad(given: Problem) -> Contender:
    """Write the cell with MyGrad's functions."""
    mg = require("mygrad")
    sigmoid = require("mygrad.nnet.activations").sigmoid
    x, t = given.x, given.t
    wx, wh, b, readout = parameters = [mg.tensor(value) for value in given.start]

    def step() -> None:
        h = c = np.zeros((BATCH, UNITS), np.float32)
        for xt in x:
            z = xt @ wx + h @ wh + b
            i, f, g, o = (z[:, k * UNITS : (k + 1) * UNITS] for k in range(4))
            c = sigmoid(f) * c + sigmoid(i) * mg.tanh(g)
            h = sigmoid(o) * mg.tanh(c)
        loss = mg.mean((h @ readout - t) ** 2)
        loss.backward()
        for parameter in parameters:
            parameter.data -= RATE * parameter.grad

    return Contender(step, lambda: [parameter.data for parameter in parameters])


TASK = Task(
    f"LSTM from plain ops, {TIMES} times, batch {BATCH}, {UNITS} units, float32: training step",
    data,
    ours,
    pytorch,
    jax_jit,
    hips_autograd,
    mygrad,
    others={"PyTorch nn.LSTM": pytorch_layer},
)
