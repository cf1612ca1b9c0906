"""Learn to learn: a gradient through a gradient step, so that a few steps fit a new task.

Each task is a sine curve of some height and phase, of which ten points are known. The loss is
that of the network *after* a few steps of gradient descent on these points, asked at ten others;
it is differentiated through the steps, back to the weights that all tasks start from: Finn, Abbeel
and Levine, Model-agnostic meta-learning for fast adaptation of deep networks, 2017. A second
network is trained on the same tasks without such steps; it learns their average, from which a few
steps lead nowhere. Ctrl-C stops early and keeps what was learned.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import program

import nn
from autograd_lite import Tensor, TensorLike, as_tensor, capture, grad, tree_map, value_and_grad
from autograd_lite.errors import NonFiniteError

Array = npt.NDArray[Any]
SHOTS = 10  # points known of each task, and as many to ask at
SHOWN = 20  # steps on a new task, at the end
NAMES = {True: "learning to learn", False: "without it"}


class Tasks(NamedTuple):
    """Points x and y of tasks, (tasks, SHOTS, 1) each: those known, and those asked for."""

    x: Array
    y: Array
    asked_x: Array
    asked_y: Array


class Network(nn.Module):
    """Two hidden layers; the weights may have a first axis of tasks, each of which has its own."""

    def __init__(self, units: int, rng: np.random.Generator) -> None:
        sizes = [(1, units), (units, units), (units, 1)]
        self.weights = [
            Tensor(nn.init.he(rng, size, np.dtype("float32")), requires_grad=True) for size in sizes
        ]
        self.biases = [
            Tensor(np.zeros((1, size), np.float32), requires_grad=True) for _, size in sizes
        ]

    def forward(self, x: TensorLike) -> Tensor:
        """Return values at places, both of shape (..., points, 1)."""
        *hidden, last = zip(self.weights, self.biases, strict=True)
        values = as_tensor(x)
        for weight, bias in hidden:
            values = as_tensor(np.tanh(values @ weight + bias))
        return as_tensor(values @ last[0] + last[1])


def misfit(network: Network, x: Array, y: Array) -> Any:
    """Return the mean squared error, summed over tasks, for each has weights of its own."""
    return ((network(x) - y) ** 2).mean(axis=(1, 2)).sum()


def adapted(network: Network, tasks: Tasks, steps: int, rate: float) -> Network:
    """Return the network after steps of gradient descent on each task: weights for each."""
    count = len(tasks.x)
    network = tree_map(lambda w: np.broadcast_to(w, (count, *w.shape)), network)
    for _ in range(steps):
        network = descended(network, tasks, rate)
    return network


def descended(network: Network, tasks: Tasks, rate: float) -> Network:
    """Return the network after one step."""
    slopes = grad(misfit)(network, tasks.x, tasks.y)
    found: Network = tree_map(lambda w, g: w - rate * g, network, slopes)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, compare, draw, and return the exit code."""
    return program.run(work, parse(arguments))


def work(options: argparse.Namespace) -> bool:
    """Train, compare, and draw; return True if Ctrl-C ended it early."""
    networks, curves = {}, {}
    interrupted = False
    for learning, name in NAMES.items():
        # both have the same weights at first, and see the same tasks
        rng = np.random.default_rng(options.seed)
        networks[learning] = Network(options.units, rng)
        if not interrupted:
            interrupted = train(networks[learning], learning, rng, options)
        new = draw_tasks(500, np.random.default_rng(options.seed + 1))
        curves[learning] = errors(networks[learning], new, options.rate)
        before, one, *_, last = curves[learning]
        program.report(
            f"{name}: error on new tasks {before:.3f} before, {one:.3f} after 1 step, "
            f"{last:.3f} after {SHOWN}"
        )
    output = options.output_dir / "learning_to_learn.safetensors"
    nn.save(networks[True], output)
    program.report(f"wrote {output}")
    draw(networks, curves, options, options.output_dir / "learning_to_learn.png")
    return interrupted


def draw_tasks(count: int, rng: np.random.Generator) -> Tasks:
    """Return sine curves of heights from 0.1 to 5 and phases from 0 to pi, at random places."""
    height = rng.uniform(0.1, 5, (count, 1, 1))
    phase = rng.uniform(0, np.pi, (count, 1, 1))
    x = rng.uniform(-5, 5, (2, count, SHOTS, 1))
    known, asked = zip(x.astype(np.float32), curve(x, height, phase), strict=True)
    return Tasks(*known, *asked)


def curve(x: Array, height: Any, phase: Any) -> Array:
    """Return the values of a task at some places."""
    return np.asarray(height * np.sin(x - phase), np.float32)


def train(
    network: Network, learning: bool, rng: np.random.Generator, options: argparse.Namespace
) -> bool:
    """Train by Adam, with steps on each task if it is to learn to learn; return if interrupted."""
    optimizer = nn.optim.Adam(network.parameters())
    schedule = nn.optim.OneCycleLR(
        optimizer, options.learning_rate, total_steps=options.updates + 1
    )
    steps = options.steps if learning else 0

    def ahead(network: Network, tasks: Tasks) -> Any:
        found = adapted(network, tasks, steps, options.rate)
        return misfit(found, tasks.asked_x, tasks.asked_y) / len(tasks.x)

    def update(tasks: Tasks) -> Tensor:
        loss, slopes = value_and_grad(ahead)(network, tasks)
        tree_map(lambda p, g: setattr(p, "grad", g), network, slopes)
        optimizer.step()
        return as_tensor(loss.detach())

    take: Callable[[Tasks], Tensor] = update if options.eager else capture(update)
    every = max(1, options.updates // 5)
    total = 0.0
    with program.Steps(options, options.updates, "updates") as numbers:
        for number in numbers:
            value = take(draw_tasks(options.tasks, rng)).item()
            if not np.isfinite(value):
                raise NonFiniteError(
                    f"the loss became {value} in update {number}; try a lower --rate or "
                    "--learning-rate"
                )
            total += value
            schedule.step()
            if number % every == 0:
                numbers.report(f"{NAMES[learning]}, update {number}: loss {total / every:.4f}")
                total = 0.0
    return numbers.interrupted


def errors(network: Network, tasks: Tasks, rate: float) -> Array:
    """Return the mean squared error after 0, 1, 2 ... SHOWN steps, mean over tasks."""
    found = []
    for step in range(SHOWN + 1):
        network = detached(
            descended(network, tasks, rate) if step else adapted(network, tasks, 0, rate)
        )
        found.append(float(misfit(network, tasks.asked_x, tasks.asked_y).item()) / len(tasks.x))
    return np.array(found)


def detached(network: Network) -> Network:
    """Return the network without what it was computed from."""
    found: Network = tree_map(lambda w: Tensor(w.numpy(), requires_grad=True), network)
    return found


def draw(
    networks: dict[bool, Network],
    curves: dict[bool, Array],
    options: argparse.Namespace,
    file: Path,
) -> None:
    """Draw three new tasks and what both networks make of them, and the error after each step."""
    rng = np.random.default_rng(options.seed + 2)
    places = np.linspace(-5, 5, 200, dtype=np.float32)[:, None]
    heights, phases = np.array([4.0, 2.0, 3.0]), np.array([0.3, 1.5, 2.6])
    shape = (3, 1, 1)
    x = rng.uniform(-5, 5, (3, SHOTS, 1)).astype(np.float32)
    x[2] = -abs(x[2])  # only one half of the last is known
    y = curve(x, heights.reshape(shape), phases.reshape(shape))
    tasks = Tasks(x, y, x, y)
    figure = program.figure(12, 6.4)
    left, right = figure.subfigures(1, 2, squeeze=False, width_ratios=(3, 1.25))[0]
    panels = left.subplots(2, 3, sharex=True, sharey=True)
    for row, learning in zip(panels, NAMES, strict=True):
        for steps, style in ((0, ":"), (1, "--"), (10, "-")):
            values = adapted(networks[learning], tasks, steps, options.rate)(places).numpy()
            for axes, line in zip(row, values, strict=True):
                colour = "tab:red" if learning else "tab:blue"
                label = f"{steps} step{'s' * (steps != 1)}"
                axes.plot(places, line, style, color=colour, linewidth=1.4, label=label)
        for i, axes in enumerate(row):
            true = curve(places, heights[i], phases[i])
            axes.plot(places, true, color="gray", linewidth=5, alpha=0.3, label="true", zorder=0)
            axes.plot(x[i], y[i], "o", color="black", markersize=4, label="known")
            axes.set(ylim=(-8, 5.5))
            axes.grid(alpha=0.2)
        row[0].set_ylabel(NAMES[learning])
        row[0].legend(fontsize="x-small", loc="lower center", ncols=3)
    left.suptitle("three new tasks")
    axes = right.add_subplot(1, 1, 1, xlabel="steps on a new task", ylabel="mean squared error")
    for learning, name in NAMES.items():
        colour = "tab:red" if learning else "tab:blue"
        axes.semilogy(curves[learning], ".-", color=colour, label=name)
    axes.axvline(options.steps, color="gray", linestyle=":", label="steps it was trained with")
    axes.set_title("500 new tasks")
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
    program.save_picture(figure, file)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; exit with a message if one is wrong."""
    parser = program.parser("learning_to_learn.py", __doc__)
    add = parser.add_argument
    add("--steps", type=program.natural, default=2, help="of gradient descent to look through")
    add("--rate", type=program.positive, default=0.03, help="of these steps")
    add("--units", type=program.natural, default=40, help="in each hidden layer")
    add("--updates", type=program.natural, default=8000, help="of the weights to start from")
    add("--tasks", type=program.natural, default=25, help="in each update")
    add("--learning-rate", type=program.positive, default=3e-3, help="the highest of one cycle")
    return program.parse(parser, arguments)


if __name__ == "__main__":
    sys.exit(main())
