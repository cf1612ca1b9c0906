"""Write an op and a layer of one's own, prove the op's derivatives, and train a network with it.

The op is swish with a slope that is learned, ``x * sigmoid(b * x)``: Ramachandran, Zoph and Le,
Searching for activation functions, arXiv:1710.05941, 2017. A NumPy function and a derivative rule
for each input make it an op. The test kit compares it with a reference and with finite differences,
and refuses a wrong rule. In a layer, each unit has its own b; all are trained on a noisy curve.
Ctrl-C stops early and keeps what was learned.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import program

import nn
from autograd_lite import Primitive, Tensor, TensorLike, as_tensor, no_grad
from autograd_lite.errors import (
    GradientCheckError,
    MissingExtraError,
    ShapeError,
)

try:
    from hypothesis import Phase, given, settings

    from autograd_lite import testing
except ModuleNotFoundError:
    sys.exit(f"custom.py: error: {MissingExtraError('hypothesis', 'testing')}")


def sigmoid(z: Any) -> Any:
    """Return 1 / (1 + exp(-z)), which doesn't overflow."""
    return np.exp(-np.logaddexp(0, -z))


# g is the cotangent of the output y; the rules are NumPy, so they can be differentiated again
swish = Primitive(
    "swish",
    lambda x, b: x * sigmoid(b * x),
    [
        lambda g, y, x, b: g * (sigmoid(b * x) + b * y * sigmoid(-b * x)),
        lambda g, y, x, b: g * x * y * sigmoid(-b * x),
    ],
    elementwise=True,
)

# the rule for x lacks the factor b, which shows only where b isn't 1
wrong = Primitive(
    "wrong_swish",
    swish.forward,
    [
        lambda g, y, x, b: g * (sigmoid(b * x) + y * sigmoid(-b * x)),
        lambda g, y, x, b: g * x * y * sigmoid(-b * x),
    ],
    elementwise=True,
)


class Swish(nn.Module):
    """``x * sigmoid(b * x)`` with a b for each unit, which starts as 1."""

    def __init__(self, units: int) -> None:
        self.units = units
        self.slope = Tensor(np.ones(units, np.float32), requires_grad=True)

    def forward(self, x: TensorLike) -> Tensor:
        """Return the values, shape (..., units), as that of ``x``."""
        if np.shape(x)[-1:] != (self.units,):
            raise ShapeError(
                f"Swish({self.units}): x must have {self.units} values along its last axis; it has "
                f"shape {np.shape(x)}"
            )
        return as_tensor(swish(x, self.slope))

    def signature(self) -> str:
        """Return the constructor call."""
        return f"Swish({self.units})"


def main(arguments: Sequence[str] | None = None) -> int:
    """Prove the op, train, draw, and return the exit code."""
    return program.run(work, parse(arguments))


def work(options: argparse.Namespace) -> bool:
    """Prove the op, train, and draw; return True if Ctrl-C ended it early."""
    prove(options.cases)
    rng = np.random.default_rng(options.seed)
    training, testing_data = (curve(count, rng) for count in (options.points, 200))
    model = nn.Sequential(
        nn.Dense(1, options.units, weight_init=nn.init.he, rng=rng),
        Swish(options.units),
        nn.Dense(options.units, options.units, weight_init=nn.init.he, rng=rng),
        Swish(options.units),
        nn.Dense(options.units, 1, rng=rng),
    )
    print(nn.summary(model, (options.batch_size, 1)))
    history = train(model, training, testing_data, rng, options)
    output = options.output_dir / "custom.safetensors"
    nn.save(model, output)
    print(f"wrote {output}")
    if len(history):
        draw(model, history, training, options.output_dir / "custom.png")
    return history.interrupted


def prove(examples: int) -> None:
    """Check swish on inputs of many shapes and layouts, and see the wrong one refused."""
    for op in (swish, wrong):
        spec = testing.Spec(
            op,
            reference=lambda x, b: x / (1 + np.exp(-b * x)),
            cases=testing.cases(testing.operands(2, low=-3, high=3)),
        )
        options = settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate, Phase.shrink],
        )
        try:
            options(given(spec.cases)(spec.check))()
        except GradientCheckError as error:
            if op is swish:
                raise
            print(f"a wrong rule is refused: {error}")
        else:
            if op is wrong:
                raise GradientCheckError("the wrong rule passed; raise --cases")
            print(f"swish: derivatives to second order are right for {examples} drawn inputs")


def true(x: np.ndarray) -> np.ndarray:
    """Return the curve that is to be found: a wave that becomes faster."""
    return np.asarray(np.sin(2 * x + x * x))


def curve(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return places and noisy values on the curve, (count, 1) each."""
    x = rng.uniform(-1, 2.5, (count, 1))
    y = true(x) + 0.1 * rng.standard_normal(x.shape)
    return x.astype(np.float32), y.astype(np.float32)


def train(
    model: nn.Module,
    training: tuple[np.ndarray, np.ndarray],
    testing_data: tuple[np.ndarray, np.ndarray],
    rng: np.random.Generator,
    options: argparse.Namespace,
) -> nn.training.History:
    """Train with Adam, whose rate rises and falls once."""
    batches = nn.data.Batches(*training, batch_size=options.batch_size, rng=rng)
    optimizer = nn.optim.Adam(model.parameters())
    return nn.fit(
        model,
        optimizer,
        nn.losses.mean_squared_error,
        batches,
        epochs=options.epochs,
        validation=testing_data,
        callbacks=[program.one_cycle(optimizer, batches, options)],
        step=options.step,
        progress=options.progress,
        report=program.reporting(options.epochs),
    )


def draw(
    model: nn.Module,
    history: nn.training.History,
    training: tuple[np.ndarray, np.ndarray],
    file: Path,
) -> None:
    """Draw the fit, the error in the course of training, and the shapes that swish has taken."""
    x = np.linspace(-1, 2.5, 400, dtype=np.float32)[:, None]
    with no_grad():
        fitted = model(x).numpy()
    figure = program.figure(10, 6.4)
    grid = figure.add_gridspec(2, 2, height_ratios=(4, 3))
    axes = figure.add_subplot(grid[0, :], xlabel="x", ylabel="y")
    axes.plot(*training, ".", color="lightgray", label="training points")
    axes.plot(x, true(x), ":", color="gray", label="sin(2x + x²)")
    axes.plot(x, fitted, color="tab:red", label="the network")
    axes.set_title(f"test error {history.last['validation loss']:.4f}, of which 0.01 is noise")
    axes.legend()
    axes = figure.add_subplot(grid[1, 0], xlabel="epoch", ylabel="mean squared error", yscale="log")
    axes.plot(history["epoch"], history["loss"], label="training")
    axes.plot(history["epoch"], history["validation loss"], label="test")
    axes.legend()
    axes = figure.add_subplot(grid[1, 1], title="swish, as each unit has learned it")
    z = np.linspace(-4, 4, 200, dtype=np.float32)[:, None]
    for layer, color in (("1.slope", "tab:blue"), ("3.slope", "tab:orange")):
        axes.plot(z, swish(z, model.state_dict()[layer]), color=color, alpha=0.4)
    program.save_picture(figure, file)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; exit with a message if one is wrong."""
    parser = program.parser("custom.py", __doc__)
    add = parser.add_argument
    add("--cases", type=program.natural, default=30, help="inputs to prove the op on")
    add("--points", type=program.natural, default=500, help="of the curve, to train on")
    add("--units", type=program.natural, default=24, help="in each hidden layer")
    add("--epochs", type=program.natural, default=200, help="passes through the points")
    add("--batch-size", type=program.natural, default=25, help="points in each step")
    add("--learning-rate", type=program.positive, default=1e-2, help="the highest of one cycle")
    return program.parse(parser, arguments)


if __name__ == "__main__":
    sys.exit(main())
