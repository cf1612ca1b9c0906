"""A training step of a fully connected network: cross-entropy on sigmoid outputs, plain SGD."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from contest import Contender, Task, Wrap, require, require_jax

import nn

RATE = 0.1


@dataclass
class Problem:
    """A batch, the parameters to start from (w1, b1, w2, b2, ...), and the activation's name."""

    x: Any
    t: Any
    start: list[Any]
    activation: str

    @property
    def sizes(self) -> list[int]:
        """The width of the input and of every layer."""
        return [self.x.shape[1], *(len(bias) for bias in self.start[1::2])]


def initial(sizes: Sequence[int], dtype: str) -> list[Any]:
    """Return the weights and biases with which all contenders start."""
    rng = np.random.default_rng(1)
    parameters = []
    for inputs, outputs in pairwise(sizes):
        parameters.append((rng.standard_normal((inputs, outputs)) / inputs**0.5).astype(dtype))
        parameters.append(np.zeros(outputs, dtype))
    return parameters


def examples(sizes: Sequence[int], count: int, dtype: str) -> tuple[Any, Any]:
    """Return random inputs and one-hot targets."""
    rng = np.random.default_rng(0)
    x = rng.random((count, sizes[0]), np.float32).astype(dtype, copy=False)
    return x, np.eye(sizes[-1], dtype=dtype)[rng.integers(0, sizes[-1], count)]


def problem(sizes: Sequence[int], batch: int, activation: str, dtype: str) -> Problem:
    """Return a batch, and parameters of their own for each contender."""
    return Problem(*examples(sizes, batch, dtype), initial(sizes, dtype), activation)


def our_step(given: Problem, capture: Wrap) -> tuple[Wrap, Any]:
    """Build the model from modules; return a step that calls backward(), and the model."""
    activation = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh}[given.activation]
    layers: list[Any] = []
    for inputs, outputs in pairwise(given.sizes):
        layers += [nn.Dense(inputs, outputs, dtype=given.x.dtype), activation()]
    model = nn.Sequential(*layers[:-1])
    for parameter, value in zip(model.parameters(), given.start, strict=True):
        parameter.data = value
    optimizer = nn.optim.SGD(model.parameters(), learning_rate=RATE)

    def step(x: Any, t: Any) -> Any:
        optimizer.zero_grad()
        loss = nn.losses.binary_cross_entropy_with_logits(model(x), t)
        loss.backward()
        optimizer.step()
        return loss

    return capture(step), model


def ours(given: Problem, capture: Wrap) -> Contender:
    """Run our step."""
    step, model = our_step(given, capture)
    return Contender(
        partial(step, given.x, given.t),
        lambda: [parameter.data for parameter in model.parameters()],
    )


def pytorch_step(given: Problem, compiled: Wrap) -> tuple[Wrap, Any]:
    """Build PyTorch's model; return a step, whose forward pass and loss are compiled together."""
    torch = require("torch")
    activation = {"sigmoid": torch.nn.Sigmoid, "tanh": torch.nn.Tanh}[given.activation]
    layers: list[Any] = []
    for inputs, outputs in pairwise(given.sizes):
        layers += [torch.nn.Linear(inputs, outputs), activation()]
    model = torch.nn.Sequential(*layers[:-1])
    model.to(torch.from_numpy(given.x).dtype)
    with torch.no_grad():  # PyTorch's weights have shape (outputs, inputs)
        for parameter, value in zip(model.parameters(), given.start, strict=True):
            parameter.copy_(torch.from_numpy(value.T))
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits

    @compiled
    def loss_of(x: Any, t: Any) -> Any:
        return cross_entropy(model(x), t, reduction="sum") / len(x)

    def step(x: Any, t: Any) -> Any:
        optimizer.zero_grad()
        loss = loss_of(x, t)
        loss.backward()
        optimizer.step()
        return loss

    return step, model


def pytorch(given: Problem, compiled: Wrap) -> Contender:
    """Run PyTorch's step."""
    step, model = pytorch_step(given, compiled)
    torch = require("torch")
    return Contender(
        partial(step, torch.from_numpy(given.x), torch.from_numpy(given.t)),
        lambda: [parameter.detach().numpy().T for parameter in model.parameters()],
    )


def jax_update(given: Problem) -> Any:
    """Return JAX's step, not yet compiled: new parameters and the loss, from the old ones."""
    jax = require_jax(given.x.dtype)
    jnp = jax.numpy
    activation = {"sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh}[given.activation]

    def loss_of(parameters: Any, x: Any, t: Any) -> Any:
        *hidden, (w, b) = zip(parameters[::2], parameters[1::2], strict=True)
        for weights, bias in hidden:
            x = activation(x @ weights + bias)
        z = x @ w + b
        return jnp.sum(jnp.logaddexp(0, z) - z * t) / len(x)

    def update(parameters: Any, x: Any, t: Any) -> Any:
        loss, slopes = jax.value_and_grad(loss_of)(parameters, x, t)
        return [p - RATE * slope for p, slope in zip(parameters, slopes, strict=True)], loss

    return update


def jax_jit(given: Problem) -> Contender:
    """Run JAX with the whole step compiled, and the old parameters donated."""
    jax = require_jax(given.x.dtype)
    compiled = jax.jit(jax_update(given), donate_argnums=0)
    state = {"parameters": [jax.numpy.array(value) for value in given.start]}
    x, t = jax.numpy.array(given.x), jax.numpy.array(given.t)

    def step() -> None:
        state["parameters"], _ = compiled(state["parameters"], x, t)

    return Contender(
        step,
        lambda: list(map(np.asarray, state["parameters"])),
        lambda: jax.block_until_ready(state["parameters"]),
    )


def hips_autograd(given: Problem) -> Contender:
    """Run HIPS autograd on a function of the parameters."""
    autograd, anp = require("autograd"), require("autograd.numpy")
    x, t, start = given.x, given.t, given.start
    activation = {"sigmoid": lambda z: 1 / (1 + anp.exp(-z)), "tanh": anp.tanh}[given.activation]

    def loss_of(parameters: Any) -> Any:
        *hidden, (w, b) = zip(parameters[::2], parameters[1::2], strict=True)
        a = x
        for weights, bias in hidden:
            a = activation(anp.dot(a, weights) + bias)
        z = anp.dot(a, w) + b
        return anp.sum(anp.logaddexp(0, z) - z * t) / len(x)

    slopes_at = autograd.value_and_grad(loss_of)

    def step() -> None:
        _, slopes = slopes_at(start)
        for parameter, slope in zip(start, slopes, strict=True):
            parameter[:] -= RATE * slope

    return Contender(step, lambda: start)


def mygrad(given: Problem) -> Contender:
    """Run MyGrad on tensors."""
    mg = require("mygrad")
    sigmoid = require("mygrad.nnet.activations").sigmoid
    activation = {"sigmoid": sigmoid, "tanh": mg.tanh}[given.activation]
    x, t = given.x, given.t
    parameters = [mg.tensor(value) for value in given.start]
    *hidden, (w, b) = zip(parameters[::2], parameters[1::2], strict=True)
    zero = np.zeros((), x.dtype)  # a Python number would make float64 of everything

    def step() -> None:
        a = x
        for weights, bias in hidden:
            a = activation(a @ weights + bias)
        z = a @ w + b
        loss = mg.sum(mg.logaddexp(zero, z) - z * t) / len(x)
        loss.backward()
        for parameter in parameters:
            parameter.data -= RATE * parameter.grad

    return Contender(step, lambda: [parameter.data for parameter in parameters])


def training_step(
    sizes: Sequence[int],
    batch: int,
    activation: str = "sigmoid",
    dtype: str = "float32",
    title: str = "",
    **others: Any,
) -> Task:
    """Return the task of a training step of a network of these sizes."""
    data = partial(problem, sizes, batch, activation, dtype)
    return Task(title, data, ours, pytorch, jax_jit, hips_autograd, mygrad, **others)


TASK = training_step(
    (32,) * 21,
    16,
    "tanh",
    title="20 layers of 32 with tanh, batch 16, float32: training step",
)
