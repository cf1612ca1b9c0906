"""Tell malignant tumours from benign ones: logistic regression, by gradient descent.

Of each of 569 tumours there are 30 measurements of cell nuclei under a microscope, and what it was
(Street, Wolberg and Mangasarian, Nuclear feature extraction for breast tumor diagnosis, 1993). The
probability of "malignant" is a sigmoid of a weighted sum. Its cross-entropy has one minimum, thanks
to a small penalty on squares of weights; gradient descent arrives there in thousands of steps, and
Newton's method, with exact second derivatives, in a few. Ctrl-C stops early and keeps what was
learned.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import program

import nn
from autograd_lite import grad, hessian, no_grad

TESTED = 169  # tumours, of 569
KINDS = ("benign", "malignant")
Data = tuple[np.ndarray, np.ndarray]  # features (tumours, 30), 0 or 1 (tumours, 1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, compare, draw, and return the exit code."""
    return program.run(work, parse(arguments))


def work(options: argparse.Namespace) -> bool:
    """Train, compare, and draw; return True if Ctrl-C ended it early."""
    names, training, testing = load(options.seed)
    print(f"{len(training[0])} tumours to train on, {len(testing[0])} to test with")
    model = nn.Dense(len(names), 1, weight_init=nn.init.zeros, dtype=np.float64)
    trail = program.Trail()
    history = train(model, training, testing, trail, options)
    cost = cost_of(*training, options.weight_decay)
    newton = newton_steps(cost, np.zeros(len(names) + 1))
    apart = abs(trail.points[-1] - newton[-1]).max()
    print(f"Newton's method: {len(newton) - 1} steps; its weights differ by at most {apart:.1e}")
    output = options.output_dir / "logistic_regression.safetensors"
    nn.save(model, output)
    print(f"wrote {output}")
    if len(history):
        with no_grad():
            logits = model(testing[0]).numpy()
        costs = [[float(cost(point)) for point in points] for points in (trail.points, newton)]
        weights = dict(
            zip(names, zip(trail.points[-1][:-1], newton[-1][:-1], strict=True), strict=True)
        )
        file = options.output_dir / "logistic_regression.png"
        draw(costs, weights, logits, testing[1], file)
    return history.interrupted


def load(seed: int) -> tuple[list[str], Data, Data]:
    """Return the names of the features, and tumours to train on and to test with."""
    table = program.table("breast_cancer")
    malignant = 1 - table.target[:, None]  # there, benign is 1
    training, testing = nn.data.train_validation_split(
        table.data, malignant, validation=TESTED, rng=seed, stratify=table.target
    )
    # of one scale, or a step that is right for one weight is tiny, or too large, for another
    return (
        [str(name) for name in table.feature_names],
        (program.standardized(training[0], training[0]), training[1]),
        (program.standardized(testing[0], training[0]), testing[1]),
    )


def train(
    model: nn.Dense,
    training: Data,
    testing: Data,
    trail: program.Trail,
    options: argparse.Namespace,
) -> nn.training.History:
    """Go down the gradient of the cost of all tumours, or of some at a time."""
    size = options.batch_size or len(training[0])
    groups = [
        {"parameters": [model.weight], "weight_decay": options.weight_decay},
        {"parameters": [model.bias]},
    ]
    return nn.fit(
        model,
        nn.optim.SGD(groups, options.learning_rate, options.momentum),
        nn.losses.binary_cross_entropy_with_logits,
        nn.data.Batches(*training, batch_size=size, rng=options.seed),
        epochs=options.epochs,
        validation=testing,
        metrics={"accuracy": lambda z, t: nn.metrics.accuracy(z, t[:, 0], threshold=0)},
        callbacks=[trail],
        step=options.step,
        progress=False,  # epochs are too short for bars
        report=program.reporting(options.epochs),
    )


def cost_of(x: np.ndarray, target: np.ndarray, decay: float) -> Callable[[Any], Any]:
    """Return what is minimised, as a function of weights and bias in one vector."""

    def cost(point: Any) -> Any:
        weights, bias = point[:-1], point[-1]
        logits = x @ weights + bias
        entropy = nn.losses.binary_cross_entropy_with_logits(logits, target[:, 0])
        return entropy + decay / 2 * weights @ weights

    return cost


def newton_steps(cost: Callable[[Any], Any], start: np.ndarray) -> list[np.ndarray]:
    """Return the points that Newton's method visits, until its steps are tiny."""
    points, step = [start], np.ones(1)
    while abs(step).max() > 1e-10 and len(points) < 100:
        point = points[-1]
        step = np.linalg.solve(hessian(cost)(point), grad(cost)(point))
        while cost(point - step) > (1 + 1e-12) * cost(point) and abs(step).max() > 1e-10:
            step = step / 2  # far from the minimum, a whole step may lead up
        points.append(point - step)
    return points


def draw(
    costs: list[list[float]],
    weights: dict[str, tuple[float, float]],
    logits: np.ndarray,
    target: np.ndarray,
    file: Path,
) -> None:
    """Draw the cost, the largest weights, the probabilities, and what was taken for what."""
    figure = program.figure(12, 8.4)
    (falling, largest), (sure, confused) = figure.subplots(2, 2)
    least = min(map(min, costs))
    falling.set(xlabel="epochs, or Newton's steps", xscale="symlog", yscale="log")
    falling.set_title("cost above its minimum")
    for values, name, style in zip(costs, ("gradient descent", "Newton"), ("-", ".-"), strict=True):
        above = [value - least for value in values]
        falling.plot([value if value > 1e-15 else np.nan for value in above], style, label=name)
    falling.legend()
    falling.grid(alpha=0.3)

    shown = sorted(weights, key=lambda name: abs(weights[name][1]))[-12:]
    largest.set_title("the largest weights")
    largest.barh(shown, [weights[name][0] for name in shown], label="gradient descent")
    largest.plot([weights[name][1] for name in shown], shown, "xk", label="Newton")
    largest.legend()

    sure.set(xlabel='probability of "malignant"', ylabel="test tumours", yscale="log")
    sure.set_title("how sure it is of the test tumours")
    probabilities = 1 / (1 + np.exp(-logits))
    groups = [probabilities[target == kind] for kind in (0, 1)]
    sure.hist(groups, 20, range=(0, 1), label=KINDS)
    sure.axvline(0.5, color="gray", linestyle=":")
    sure.legend()

    counts = nn.metrics.confusion_matrix(logits, target[:, 0], threshold=0)
    confused.imshow(counts, cmap="Blues", vmin=0, vmax=1.5 * counts.max())
    confused.set(xlabel="taken for", ylabel="true", xticks=(0, 1), yticks=(0, 1))
    confused.set_xticklabels(KINDS)
    confused.set_yticklabels(KINDS)
    for (row, column), count in np.ndenumerate(counts):
        confused.text(column, row, str(count), ha="center", va="center", size="x-large")
    right = counts.trace() / counts.sum()
    confused.set_title(f"{100 * right:.1f} % of {counts.sum()} test tumours told right")
    program.save_picture(figure, file)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; exit with a message if one is wrong."""
    parser = program.parser("logistic_regression.py", __doc__)
    add = parser.add_argument
    add("--epochs", type=program.natural, default=3000, help="passes through the tumours")
    add("--batch-size", type=program.natural, help="tumours in each step (default: all)")
    add("--learning-rate", type=program.positive, default=0.5, help="factor of the gradient")
    add("--momentum", type=program.share, default=0.0, help="of the last step that is kept")
    about = "half of it is the cost of the sum of the weights' squares"
    add("--weight-decay", type=program.positive, default=0.01, help=about)
    return program.parse(parser, arguments)


if __name__ == "__main__":
    sys.exit(main())
