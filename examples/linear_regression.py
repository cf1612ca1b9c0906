"""Predict how diabetes progresses: linear regression, by gradient descent.

For each of 442 patients there are age, sex, body mass index, blood pressure, six measurements of
the blood serum, and how far the disease had progressed a year later (Efron, Hastie, Johnstone and
Tibshirani, Least angle regression, Annals of Statistics 32(2), 2004). The mean squared error is
smallest where a system of linear equations says: gradient descent must arrive there, and the
picture shows its path. Ctrl-C stops early and keeps what was learned.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import program

import nn

TESTED = 100  # patients, of 442
DRAWN = ("s1", "s2")  # whose weights are drawn: they vary together, and are told apart late
Data = tuple[np.ndarray, np.ndarray]  # features (patients, 10), progression (patients, 1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, compare, draw, and return the exit code."""
    return program.run(work, parse(arguments))


def work(options: argparse.Namespace) -> bool:
    """Train, compare, and draw; return True if Ctrl-C ended it early."""
    names, training, testing = load(options.seed)
    print(f"{len(training[0])} patients to train on, {len(testing[0])} to test with")
    model = nn.Dense(len(names), 1, weight_init=nn.init.zeros, dtype=np.float64)
    trail = program.Trail()
    history = train(model, training, testing, trail, options)
    exact = least_squares(*training)
    print("weight    by descent       exactly")
    for name, found, best in zip([*names, "bias"], trail.points[-1], exact, strict=True):
        print(f"{name:6}  {found:12.6f}  {best:12.6f}")
    print(f"they differ by at most {abs(trail.points[-1] - exact).max():.1e}")
    output = options.output_dir / "linear_regression.safetensors"
    nn.save(model, output)
    print(f"wrote {output}")
    if len(history):
        file = options.output_dir / "linear_regression.png"
        draw(names, history, np.array(trail.points), training, testing, file)
    return history.interrupted


def load(seed: int) -> tuple[list[str], Data, Data]:
    """Return the names of the features, and patients to train on and to test with."""
    table = program.table("diabetes")
    training, testing = nn.data.train_validation_split(
        table.data, table.target[:, None], validation=TESTED, rng=seed
    )
    # of one scale, or a step that is right for one weight is tiny, or too large, for another
    return (
        list(table.feature_names),
        (program.standardized(training[0], training[0]), training[1]),
        (program.standardized(testing[0], training[0]), testing[1]),
    )


def train(
    model: nn.Module,
    training: Data,
    testing: Data,
    trail: program.Trail,
    options: argparse.Namespace,
) -> nn.training.History:
    """Go down the gradient of the loss over all patients, or over some at a time."""
    size = options.batch_size or len(training[0])
    return nn.fit(
        model,
        nn.optim.SGD(model.parameters(), options.learning_rate, options.momentum),
        nn.losses.mean_squared_error,
        nn.data.Batches(*training, batch_size=size, rng=options.seed),
        epochs=options.epochs,
        validation=testing,
        callbacks=[trail],
        step=options.step,
        progress=False,  # epochs are too short for bars
        report=program.reporting(options.epochs),
    )


def least_squares(x: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return weights and bias where the gradient is 0: the solution of ``X.T @ X @ w = X.T @ t``.

    They are found by a method that rounds better than these equations would.
    """
    with_ones = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    return np.asarray(np.linalg.lstsq(with_ones, target[:, 0])[0])


def draw(
    names: list[str],
    history: nn.training.History,
    weights: np.ndarray,
    training: Data,
    testing: Data,
    file: Path,
) -> None:
    """Draw the loss, the path of two weights, and what is predicted."""
    exact = least_squares(*training)
    figure = program.figure(13, 4.6)
    losses, paths, predictions = figure.subplots(1, 3)

    losses.set(xlabel="epoch", ylabel="mean squared error", xscale="log", yscale="log")
    losses.set_title("loss")
    losses.plot(history["epoch"], history["loss"], label="training")
    losses.plot(history["epoch"], history["validation loss"], label="test")
    x, target = training
    least = np.mean((x @ exact[:-1] + exact[-1] - target[:, 0]) ** 2)
    losses.axhline(least, color="gray", linestyle=":", label="the least that training can reach")
    losses.legend()
    losses.grid(alpha=0.3)

    two = [names.index(name) for name in DRAWN]
    path, goal = weights[:, two], exact[two]
    paths.set(xlabel=f"weight of {DRAWN[0]}", ylabel=f"weight of {DRAWN[1]}")
    paths.set_title("path of two weights; contours of the loss\nwhere all others are at their best")
    low, high = path.min(axis=0), path.max(axis=0)
    reach = 0.7 * max(high - low)
    sides = (np.linspace(middle - reach, middle + reach, 200) for middle in (low + high) / 2)
    a, b = np.meshgrid(*sides)
    excess = above_least(x, two, np.stack([a - goal[0], b - goal[1]], axis=-1))
    levels = excess.max() * np.linspace(0, 1, 12)[1:] ** 2
    paths.contour(a, b, excess, levels, cmap="Blues_r", linewidths=0.8)
    paths.plot(*path.T, color="tab:red", label="gradient descent")
    for epoch in (0, *(10**power for power in range(1, 9) if 10**power < len(path))):
        paths.plot(*path[epoch], ".", color="tab:red")
        about = f"epoch {epoch}" if epoch else "start"
        paths.annotate(about, path[epoch], (-6, -4), ha="right", textcoords="offset points")
    paths.plot(*goal, "x", color="black", label="least squares")
    paths.legend()

    x, target = testing
    predicted = x @ weights[-1, :-1] + weights[-1, -1]
    error = np.sqrt(np.mean((predicted - target[:, 0]) ** 2))
    ends = [target.min(), target.max()]
    predictions.set(xlabel="true", ylabel="predicted", aspect="equal")
    predictions.set_title(
        f"progression in {len(x)} test patients:\n"
        f"standard deviation {target.std():.0f}, error {error:.0f}"
    )
    predictions.plot(ends, ends, ":", color="gray")
    predictions.plot(target, predicted, ".")
    program.save_picture(figure, file)


def above_least(x: np.ndarray, two: list[int], moved: np.ndarray) -> np.ndarray:
    """Return by how much the loss grows if two weights are moved, and the others follow.

    The loss is quadratic. With ``h`` for ``X.T @ X / n``, it grows by ``d.T @ h @ d`` for any
    ``d``; the inverse of h has a block for two weights, whose inverse is their ``h`` when the
    others are always at their best.
    """
    centered = x - x.mean(axis=0)
    inverse = np.linalg.inv(centered.T @ centered / len(x))
    h = np.linalg.inv(inverse[np.ix_(two, two)])
    return np.asarray(np.einsum("...i,ij,...j", moved, h, moved))


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; exit with a message if one is wrong."""
    parser = program.parser("linear_regression.py", __doc__)
    add = parser.add_argument
    add("--epochs", type=program.natural, default=5000, help="passes through the patients")
    add("--batch-size", type=program.natural, help="patients in each step (default: all)")
    add("--learning-rate", type=program.positive, default=0.2, help="factor of the gradient")
    add("--momentum", type=program.share, default=0.0, help="of the last step that is kept")
    return program.parse(parser, arguments)


if __name__ == "__main__":
    sys.exit(main())
