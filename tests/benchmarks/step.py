"""One training step of the article's network, 784-200-10, in several frameworks.

The network has sigmoids in the hidden layer, cross-entropy on the sigmoid outputs, and plain
gradient descent. All contenders start from the same weights, get the same batch, and must agree on
the weights after one step.

    python tests/benchmarks/step.py --batch-sizes 1 10 32 100 1000 --threads 1
"""

import argparse
import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from measuring import installed, limit_threads, median_ratio, seconds, show

import nn

RATE = 0.1
SIZES = (784, 200, 10)

Parameters = list[Any]  # w1, b1, w2, b2


@dataclass
class Contender:
    """A step to be timed, and a function that returns the present parameters."""

    step: Callable[[], object]
    parameters: Callable[[], Parameters]
    wait: Callable[[], object] = lambda: None  # for frameworks that compute in the background


Make = Callable[[Any, Any, Parameters], Contender | None]


def initial(dtype: str) -> Parameters:
    """Return the weights and biases with which all contenders start."""
    rng = np.random.default_rng(1)
    parameters = []
    for inputs, outputs in pairwise(SIZES):
        parameters.append((rng.standard_normal((inputs, outputs)) / inputs**0.5).astype(dtype))
        parameters.append(np.zeros(outputs, dtype))
    return parameters


def by_hand(x: Any, t: Any, start: Parameters, *, with_loss: bool = False) -> Contender:
    """Compute the article's equations in NumPy, with a new array for every result."""
    w1, b1, w2, b2 = start

    def step() -> None:
        a1 = 1 / (1 + np.exp(-(x @ w1 + b1)))
        z2 = a1 @ w2 + b2
        if with_loss:
            np.sum(np.logaddexp(0, z2) - z2 * t) / len(x)
        delta2 = (1 / (1 + np.exp(-z2)) - t) / len(x)
        delta1 = (delta2 @ w2.T) * a1 * (1 - a1)
        w2[:] -= RATE * (a1.T @ delta2)
        b2[:] -= RATE * delta2.sum(0)
        w1[:] -= RATE * (x.T @ delta1)
        b1[:] -= RATE * delta1.sum(0)

    return Contender(step, lambda: start)


def by_hand_with_loss(x: Any, t: Any, start: Parameters) -> Contender:
    """Compute the value of the loss too, in a form that doesn't overflow."""
    return by_hand(x, t, start, with_loss=True)


def ours(x: Any, t: Any, start: Parameters) -> Contender:
    """Build the model from modules, and call backward()."""
    dtype = x.dtype
    model = nn.Sequential(
        nn.Dense(784, 200, dtype=dtype), nn.Sigmoid(), nn.Dense(200, 10, dtype=dtype)
    )
    for parameter, value in zip(model.parameters(), start, strict=True):
        parameter.data = value
    optimizer = nn.optim.SGD(model.parameters(), learning_rate=RATE)

    def step() -> None:
        optimizer.zero_grad()
        loss = nn.losses.binary_cross_entropy_with_logits(model(x), t)
        loss.backward()
        optimizer.step()

    return Contender(step, lambda: [parameter.data for parameter in model.parameters()])


def pytorch(x: Any, t: Any, start: Parameters) -> Contender | None:
    """Run PyTorch in eager mode."""
    torch: Any = installed("torch")
    if torch is None:
        return None
    inputs, targets = torch.from_numpy(x), torch.from_numpy(t)
    linear, functional = torch.nn.Linear, torch.nn.functional
    model = torch.nn.Sequential(linear(784, 200), torch.nn.Sigmoid(), linear(200, 10))
    model.to(inputs.dtype)
    with torch.no_grad():  # PyTorch's weights have shape (outputs, inputs)
        for parameter, value in zip(model.parameters(), start, strict=True):
            parameter.copy_(torch.from_numpy(value.T))
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)

    def step() -> None:
        optimizer.zero_grad()
        z = model(inputs)
        loss = functional.binary_cross_entropy_with_logits(z, targets, reduction="sum") / len(x)
        loss.backward()
        optimizer.step()

    return Contender(step, lambda: [p.detach().numpy().T for p in model.parameters()])


def jax_jit(x: Any, t: Any, start: Parameters) -> Contender | None:
    """Run JAX with the whole step compiled, and the old parameters donated."""
    jax: Any = installed("jax")
    if jax is None:
        return None
    jax.config.update("jax_enable_x64", x.dtype == np.float64)
    jnp = jax.numpy

    def loss(parameters: Parameters, inputs: Any, targets: Any) -> Any:
        w1, b1, w2, b2 = parameters
        z = jax.nn.sigmoid(inputs @ w1 + b1) @ w2 + b2
        return jnp.sum(jnp.logaddexp(0, z) - z * targets) / len(inputs)

    def update(parameters: Parameters, inputs: Any, targets: Any) -> Any:
        value, slopes = jax.value_and_grad(loss)(parameters, inputs, targets)
        return value, [p - RATE * slope for p, slope in zip(parameters, slopes, strict=True)]

    compiled = jax.jit(update, donate_argnums=0)
    state = {"parameters": [jnp.array(value) for value in start]}
    inputs, targets = jnp.array(x), jnp.array(t)

    def step() -> None:
        _, state["parameters"] = compiled(state["parameters"], inputs, targets)

    return Contender(
        step,
        lambda: list(map(np.asarray, state["parameters"])),
        lambda: jax.block_until_ready(state["parameters"]),
    )


def hips_autograd(x: Any, t: Any, start: Parameters) -> Contender | None:
    """Run HIPS autograd on a function of the parameters."""
    autograd: Any = installed("autograd")
    if autograd is None:
        return None
    anp: Any = installed("autograd.numpy")

    def loss(parameters: Parameters) -> Any:
        w1, b1, w2, b2 = parameters
        z = 1 / (1 + anp.exp(-(anp.dot(x, w1) + b1))) @ w2 + b2
        return anp.sum(anp.logaddexp(0, z) - z * t) / len(x)

    slopes_at = autograd.value_and_grad(loss)

    def step() -> None:
        _, slopes = slopes_at(start)
        for parameter, slope in zip(start, slopes, strict=True):
            parameter[:] -= RATE * slope

    return Contender(step, lambda: start)


def mygrad(x: Any, t: Any, start: Parameters) -> Contender | None:
    """Run MyGrad on tensors."""
    mg: Any = installed("mygrad")
    if mg is None:
        return None
    activations: Any = installed("mygrad.nnet.activations")
    sigmoid = activations.sigmoid
    parameters = [mg.tensor(value) for value in start]
    w1, b1, w2, b2 = parameters
    zero = np.zeros((), x.dtype)

    def step() -> None:
        z = sigmoid(x @ w1 + b1) @ w2 + b2
        loss = mg.sum(mg.logaddexp(zero, z) - z * t) / len(x)
        loss.backward()
        for parameter in parameters:
            parameter.data -= RATE * parameter.grad

    return Contender(step, lambda: [parameter.data for parameter in parameters])


CONTENDERS: dict[str, Make] = {
    "NumPy by hand": by_hand,
    "NumPy by hand, with loss": by_hand_with_loss,
    "ours": ours,
    "PyTorch eager": pytorch,
    "JAX jit": jax_jit,
    "HIPS autograd": hips_autograd,
    "MyGrad": mygrad,
}


def measure(batch_size: int, repeats: int, dtype: str) -> None:
    """Time all contenders ``repeats`` times, each time in random order, and print a table."""
    rng = np.random.default_rng(0)
    x = rng.random((batch_size, SIZES[0])).astype(dtype)
    t = np.eye(SIZES[-1], dtype=dtype)[rng.integers(0, SIZES[-1], batch_size)]
    contenders = {name: make(x, t, initial(dtype)) for name, make in CONTENDERS.items()}
    present = {name: contender for name, contender in contenders.items() if contender is not None}
    for name, contender in present.items():
        contender.step()
        contender.wait()
        for own, right in zip(
            contender.parameters(), present["NumPy by hand"].parameters(), strict=True
        ):
            np.testing.assert_allclose(own, right, rtol=1e-3, atol=1e-5, err_msg=name)
    times: dict[str, list[float]] = {name: [] for name in present}
    calls = max(3, 1000 // (batch_size + 10))
    order = list(present)
    for _ in range(repeats):
        random.shuffle(order)
        for name in order:
            contender = present[name]
            contender.step()  # warm up: the one before filled the caches with its own data
            contender.wait()

            def run(contender: Contender = contender) -> None:
                for _ in range(calls):
                    contender.step()
                contender.wait()

            times[name].append(seconds(run, 1) / calls)
    rows = [("", "µs", "ours/it")]
    for name in CONTENDERS:
        if name not in times:
            rows.append((name, "not installed", ""))
            continue
        micros = statistics.median(times[name]) * 1e6
        rows.append((name, f"{micros:.0f}", f"{median_ratio(times['ours'], times[name]):.2f}"))
    print(f"\nbatches of {batch_size}, {dtype}")
    show(rows)


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[1, 10, 32, 100, 1000])
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--dtype", choices=["float32", "float64"], default="float32")
    arguments = parser.parse_args()
    limit_threads(arguments.threads)
    torch: Any = installed("torch")
    if torch is not None:
        torch.set_num_threads(arguments.threads)
    for batch_size in arguments.batch_sizes:
        measure(batch_size, arguments.repeats, arguments.dtype)


if __name__ == "__main__":
    main()
