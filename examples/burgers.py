"""Solve Burgers' equation by a network whose derivatives enter the loss.

The speed u(t, x) of a fluid on a line obeys ``u_t + u u_x = nu u_xx``, starts as ``-sin(pi x)``,
and is 0 at both ends. A steep front builds up in the middle. The network is shown no solution. Its
loss is how far it is from obeying the equation, at points drawn at random, and how far from the
start; it is 0 at the ends by construction. Its derivatives by t and x are found by automatic
differentiation, and the loss is differentiated through them: Raissi, Perdikaris and Karniadakis,
Physics-informed neural networks, 2019. After each round a quarter of the points is drawn anew, more
of them where the equation is obeyed least. At the end comes a comparison with the exact solution of
Cole and Hopf. Ctrl-C stops early and keeps what was learned.
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
from autograd_lite import Tensor, TensorLike, as_tensor, capture, gradients, no_grad
from autograd_lite.errors import NonFiniteError

Array = npt.NDArray[Any]
EVALUATIONS = 100  # of the loss in a round, about: the points stay the same so long


class Row(NamedTuple):
    """Where the training is: evaluations of the loss, the loss, and the relative error."""

    evaluations: int
    loss: float
    error: float


class Solution(nn.Module):
    """A network for u(t, x) that is 0 at x = -1 and x = 1."""

    def __init__(self, layers: int, units: int, rng: np.random.Generator) -> None:
        hidden: list[nn.Module] = [nn.Dense(2, units, rng=rng), nn.Tanh()]
        for _ in range(layers - 1):
            hidden += [nn.Dense(units, units, rng=rng), nn.Tanh()]
        self.network = nn.Sequential(*hidden, nn.Dense(units, 1, rng=rng))

    def forward(self, t: TensorLike, x: TensorLike) -> Tensor:
        """Return u, of the shape (N, 1) of times and places."""
        inputs = np.concatenate([2 * as_tensor(t) - 1, as_tensor(x)], axis=1)
        return as_tensor((1 - as_tensor(x) ** 2) * self.network(inputs))


def residual(model: Solution, t: Array, x: Array, nu: float, create_graph: bool) -> Tensor:
    """Return by how much the equation is missed at times and places (N, 1)."""
    time, place = (Tensor(values, requires_grad=True) for values in (t, x))
    u = model(time, place)
    u_t, u_x = gradients(u.sum(), (time, place), create_graph=True)
    u_xx = gradients(u_x.sum(), place, create_graph=create_graph)
    return as_tensor(u_t + u * u_x - nu * u_xx)


def exact(t: Array, x: Array, nu: float) -> Array:
    """Return the solution that starts as -sin(pi x); ``t`` and ``x`` have one shape.

    It is a ratio of two integrals over a normal distribution (Cole and Hopf), which are computed
    by the quadrature of Gauss and Hermite: Basdevant and others, Spectral and finite difference
    solutions of the Burgers equation, 1986. Both are scaled by the largest term, for they would
    overflow.
    """
    nodes, weights = np.polynomial.hermite.hermgauss(200)
    places = np.asarray(x)[..., None] - 2 * np.sqrt(nu * np.asarray(t))[..., None] * nodes
    powers = -np.cos(np.pi * places) / (2 * np.pi * nu)
    terms = weights * np.exp(powers - powers.max(axis=-1, keepdims=True))
    above: Array = (terms * np.sin(np.pi * places)).sum(axis=-1)
    return np.asarray(-above / terms.sum(axis=-1))


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, compare, draw, and return the exit code."""
    return program.run(work, parse(arguments))


def work(options: argparse.Namespace) -> bool:
    """Train, compare, and draw; return True if Ctrl-C ended it early."""
    rng = np.random.default_rng(options.seed)
    model = Solution(options.layers, options.units, rng)
    points = np.zeros((options.points, 1), np.float32)
    program.report(str(nn.summary(model, inputs=[points, points])))
    rows, points, interrupted = train(model, rng, options)
    output = options.output_dir / "burgers.safetensors"
    nn.save(model, output)
    program.report(f"wrote {output}")
    if rows:
        program.report(f"off by {100 * rows[-1].error:.2f} % of the exact solution (L2)")
        draw(model, rows, points, options.nu, options.output_dir / "burgers.png")
    return interrupted


def train(
    model: Solution, rng: np.random.Generator, options: argparse.Namespace
) -> tuple[list[Row], Array, bool]:
    """Train by L-BFGS; return what was reached, the last points, and if Ctrl-C ended it."""
    places = np.linspace(-1, 1, 101, dtype=np.float32)[:, None]
    start, zeros = -np.sin(np.pi * places), np.zeros_like(places)

    def closure(points: Array) -> Tensor:
        model.zero_grad()
        missed = residual(model, points[:, :1], points[:, 1:], options.nu, create_graph=True)
        wrong = model(zeros, places) - start
        loss = (missed**2).mean() + 10 * (wrong**2).mean()
        loss.backward()
        return as_tensor(loss.detach())

    def missed(points: Array) -> Tensor:
        found = residual(model, points[:, :1], points[:, 1:], options.nu, create_graph=False)
        return as_tensor(found.detach())

    evaluate: Callable[[Array], Tensor] = closure
    if not options.eager:
        evaluate, missed = capture(closure), capture(missed)
    points = uniform(options.points, rng)
    rows: list[Row] = []
    evaluations = 0

    def counted() -> Tensor:
        nonlocal evaluations
        evaluations += 1
        return evaluate(points)

    with program.Steps(options, options.rounds, "rounds") as steps:
        for number in steps:
            if number > 1:
                drawn = hard(missed, options.points // 4, rng)
                points = np.concatenate([points[len(drawn) :], drawn])
            # the loss has changed with the points, so the last round's curvature is forgotten
            optimizer = nn.optim.LBFGS(
                model.parameters(),
                max_iter=EVALUATIONS,
                tolerance_grad=0,
                tolerance_change=0,
                history_size=50,
                line_search_fn="strong_wolfe",
            )
            optimizer.step(counted)
            rows.append(Row(evaluations, evaluate(points).item(), error(model, options.nu)))
            if not np.isfinite(rows[-1].loss):
                raise NonFiniteError(f"the loss became {rows[-1].loss} in round {number}")
            if number % max(1, options.rounds // 10) == 0 or number == 1:
                steps.report(
                    f"round {number}: loss {rows[-1].loss:.2e}, off by {100 * rows[-1].error:.2f} %"
                )
    return rows, points, steps.interrupted


def uniform(count: int, rng: np.random.Generator) -> Array:
    """Return times and places (count, 2), anywhere."""
    return rng.uniform((0, -1), (1, 1), (count, 2)).astype(np.float32)


def hard(missed: Callable[[Array], Tensor], count: int, rng: np.random.Generator) -> Array:
    """Return times and places (count, 2), more of them where the equation is obeyed less.

    Wu and others, A comprehensive study of non-adaptive and residual-based adaptive sampling for
    physics-informed neural networks, 2023.
    """
    many = uniform(20_000, rng)
    size = abs(np.asarray(missed(many)))[:, 0].astype(float)
    weights = size + size.mean()
    return many[rng.choice(len(many), count, replace=False, p=weights / weights.sum())]


def solved(model: Solution, t: Array, x: Array) -> Array:
    """Return the network's u at times and places of one shape."""
    with no_grad():
        u = model(*(np.reshape(values, (-1, 1)).astype(np.float32) for values in (t, x)))
    return np.asarray(u).reshape(np.shape(t))


def grid(times: int, places: int) -> tuple[Array, Array]:
    """Return times and places (times, places)."""
    t, x = np.meshgrid(np.linspace(0, 1, times), np.linspace(-1, 1, places), indexing="ij")
    return t, x


def error(model: Solution, nu: float) -> float:
    """Return the L2 norm of what is wrong with the network's u, relative to that of u."""
    t, x = grid(51, 201)
    true = exact(t, x, nu)
    return float(np.linalg.norm(solved(model, t, x) - true) / np.linalg.norm(true))


def draw(model: Solution, rows: list[Row], points: Array, nu: float, file: Path) -> None:
    """Draw u over time and place, u at three times beside the exact one, and the training."""
    t, x = grid(201, 401)
    u, true = solved(model, t, x), exact(t, x, nu)
    figure = program.figure(11, 7.5)
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(5, 4))[:, 0]
    field, wrong = above.subplots(1, 2, sharey=True)
    for axes, values, title, colours, most in (
        (field, u, "u(t, x), and where the equation was asked for", "RdBu_r", 1),
        (wrong, u - true, "what is wrong with it", "PuOr_r", abs(u - true).max()),
    ):
        shown = axes.imshow(
            values.T,
            cmap=colours,
            vmin=-most,
            vmax=most,
            origin="lower",
            extent=(0, 1, -1, 1),
            aspect="auto",
        )
        above.colorbar(shown, ax=axes)
        axes.set(title=title, xlabel="time t")
    field.set_ylabel("place x")
    field.plot(*points.T, ".", color="black", markersize=1, alpha=0.5)
    field.set(xlim=(0, 1), ylim=(-1, 1))
    panels = below.subplots(1, 4)
    for axes, time in zip(panels, (0.25, 0.5, 0.75), strict=False):
        row = round(200 * time)
        axes.plot(x[row], true[row], color="gray", linewidth=4, alpha=0.5, label="exact")
        axes.plot(x[row], u[row], color="tab:red", linewidth=1.2, label="network")
        axes.set(title=f"u at t = {time}", xlabel="place x", ylim=(-1.1, 1.1))
        axes.grid(alpha=0.2)
        field.axvline(time, color="black", linewidth=0.8, linestyle=":")
    panels[0].legend()
    axes = panels[3]
    evaluations = [row.evaluations for row in rows]
    axes.semilogy(evaluations, [row.loss for row in rows], ".-", label="loss")
    axes.semilogy(evaluations, [row.error for row in rows], ".-", label="relative error")
    axes.set(title=f"off by {100 * rows[-1].error:.2f} %", xlabel="evaluations of the loss")
    axes.grid(alpha=0.2)
    axes.legend()
    program.save_picture(figure, file)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; exit with a message if one is wrong."""
    parser = program.parser("burgers.py", __doc__)
    viscosity = program.checked(float, lambda nu: 1e-3 <= nu <= 1, "a number from 0.001 to 1")
    points = program.checked(int, lambda n: 4 <= n <= 20_000, "a whole number from 4 to 20000")
    add = parser.add_argument
    add("--nu", type=viscosity, default=0.01 / np.pi, help="the viscosity")
    add("--layers", type=program.natural, default=6, help="hidden layers")
    add("--units", type=program.natural, default=20, help="in each of them")
    add("--points", type=points, default=2000, help="where the equation is asked for")
    add("--rounds", type=program.natural, default=40, help="of about 100 evaluations each")
    return program.parse(parser, arguments)


if __name__ == "__main__":
    sys.exit(main())
