"""Train a small convolutional network to read handwritten digits: above 99 % on MNIST.

Two convolutions, each followed by a maximum over windows of 2 x 2, find shapes in the images; two
fully connected layers tell the digits by them. Ctrl-C stops early and keeps what was learned.
"""

import argparse
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import nn
from autograd_lite import no_grad
from autograd_lite.errors import AutogradLiteError, DatasetError, MissingExtraError

try:
    from matplotlib.figure import Figure
except ModuleNotFoundError:
    sys.exit(f"convolutional.py: error: {MissingExtraError('matplotlib', 'examples')}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, test, draw, and return the exit code."""
    options = parse(arguments)
    try:
        name, training, testing = load(options)
        rng = np.random.default_rng(options.seed)
        side = training[0].shape[-1]
        model = network(side, rng)
        print(f"{name}: {len(training[0])} images to train on, {len(testing[0])} to test with")
        print(nn.summary(model, (options.batch_size, 1, side, side)))
        history = train(model, training, testing, rng, options)
        output = options.output_dir / "convolutional.safetensors"
        nn.save(model, output)
        print(f"wrote {output}")
        if len(history):
            draw(model, history, testing, options.output_dir / "convolutional.png")
    except (AutogradLiteError, OSError) as error:
        print(f"convolutional.py: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 130 if history.interrupted else 0


def load(
    options: argparse.Namespace,
) -> tuple[str, tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Return the name of the data, and images (N, 1, H, W) and labels to train and test with."""
    try:
        name, splits = "MNIST", nn.datasets.mnist(options.data_dir)
    except DatasetError as error:
        if options.data_dir or os.environ.get("AUTOGRAD_LITE_DATA"):
            raise
        print(f"convolutional.py: {error}; scikit-learn's digits instead", file=sys.stderr)
        name, splits = "scikit-learn's digits", nn.datasets.digits()
    side = math.isqrt(splits.train.images.shape[1])
    training, testing = (
        (split.images.reshape(-1, 1, side, side)[: options.most], split.labels[: options.most])
        for split in splits
    )
    return name, training, testing


def network(side: int, rng: np.random.Generator) -> nn.Sequential:
    """Return the network for images of ``side`` x ``side``."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, padding="same", rng=rng),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding="same", rng=rng),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dense(32 * (side // 4) ** 2, 128, weight_init=nn.init.he, rng=rng),
        nn.ReLU(),
        nn.Dropout(0.3, rng=rng),
        nn.Dense(128, 10, rng=rng),
    )


def train(
    model: nn.Module,
    training: tuple[np.ndarray, ...],
    testing: tuple[np.ndarray, ...],
    rng: np.random.Generator,
    options: argparse.Namespace,
) -> nn.training.History:
    """Train with Adam, whose rate rises and falls once; test after every epoch."""
    batches = nn.data.Batches(*training, batch_size=options.batch_size, rng=rng)
    optimizer = nn.optim.Adam(model.parameters())
    rate = nn.optim.OneCycleLR(
        optimizer, options.learning_rate, total_steps=len(batches) * options.epochs + 1
    )
    return nn.fit(
        model,
        optimizer,
        nn.losses.cross_entropy,
        batches,
        epochs=options.epochs,
        validation=nn.data.Batches(*testing, batch_size=500, shuffle=False),
        metrics={"accuracy": nn.data.accuracy},
        callbacks=[nn.training.Scheduled(rate, each="update")],
        step="eager" if options.eager else "captured",
        progress=False if options.no_progress else None,
        report=lambda line: print(line, flush=True),
    )


def draw(
    model: nn.Module, history: nn.training.History, testing: tuple[np.ndarray, ...], file: Path
) -> None:
    """Draw the accuracy, the windows of the first convolution, and digits that are read wrong."""
    images, labels = testing
    with no_grad():
        outputs = [model(images[i : i + 500]).numpy() for i in range(0, len(images), 500)]
    seen = np.concatenate(outputs).argmax(axis=1)
    wrong = np.flatnonzero(seen != labels)
    figure = Figure(figsize=(10, 6.4), layout="constrained")
    above, middle, below = figure.subfigures(3, 1, height_ratios=(3, 1.2, 2))
    axes = above.add_subplot(1, 1, 1, xlabel="epoch", ylabel="test digits read right (%)")
    percent = [100 * value for value in history["accuracy"]]
    axes.plot(history["epoch"], percent, ".-")
    axes.set_title(f"{percent[-1]:.2f} % after {len(history)} epochs")
    axes.set_xticks(history["epoch"][:: max(1, len(history) // 10)])
    axes.grid(alpha=0.3)
    middle.suptitle("what the first convolution looks for")
    for position, window in enumerate(model.state_dict()["0.weight"][:, 0], start=1):
        axes = middle.add_subplot(1, 16, position, xticks=[], yticks=[])
        axes.imshow(window, cmap="RdBu", vmin=-abs(window).max(), vmax=abs(window).max())
    below.suptitle(f"{len(wrong)} of {len(labels)} are read wrong; the first 12")
    for position, i in enumerate(wrong[:12], start=1):
        axes = below.add_subplot(1, 12, position, xticks=[], yticks=[])
        axes.imshow(images[i, 0], cmap="gray_r")
        axes.set_title(f"{labels[i]}, not {seen[i]}", fontsize="small")
    figure.savefig(file, dpi=120)
    print(f"wrote {file}")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; exit with a message if one is wrong."""
    parser = argparse.ArgumentParser(
        "convolutional.py",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--epochs", type=natural, default=5, help="passes through the training images")
    add("--batch-size", type=natural, default=64, help="images in each step")
    add("--learning-rate", type=rate, default=3e-3, help="the highest of one cycle")
    add("--eager", action="store_true", help="don't capture the training step")
    add("--seed", type=seed, default=0, help="of initial values, shuffling and dropout")
    add("--most", type=natural, help="use no more images than so many")
    add("--data-dir", type=Path, help="folder with MNIST's four files")
    add("--output-dir", type=Path, default=Path("output"), help="for the weights and the picture")
    add("--no-progress", action="store_true", help="show no progress bars")
    options = parser.parse_args(arguments)
    try:
        options.output_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"argument --output-dir: can't make it: {error}")
    return options


def natural(text: str) -> int:
    """Return a positive integer."""
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"must be a whole number from 1 on, not {text!r}")


def seed(text: str) -> int:
    """Return an integer that isn't negative."""
    if text.isdecimal():
        return int(text)
    raise argparse.ArgumentTypeError(f"must be a whole number from 0 on, not {text!r}")


def rate(text: str) -> float:
    """Return a positive finite number."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if 0 < value < math.inf:
        return value
    raise argparse.ArgumentTypeError(f"must be a finite number above 0, not {text!r}")


if __name__ == "__main__":
    sys.exit(main())
