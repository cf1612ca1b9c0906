"""Train a small convolutional network to read handwritten digits: above 99 % on MNIST.

Two convolutions, each followed by a maximum over windows of 2 x 2, find shapes in the images; two
fully connected layers tell the digits by them. Ctrl-C stops early and keeps what was learned.
"""

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import program

import nn
from autograd_lite import no_grad


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, test, draw, and return the exit code."""
    return program.run(work, parse(arguments))


def work(options: argparse.Namespace) -> bool:
    """Train, test, and draw; return True if Ctrl-C ended it early."""
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
    return history.interrupted


def load(
    options: argparse.Namespace,
) -> tuple[str, tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Return the name of the data, and images (N, 1, H, W) and labels to train and test with."""
    name, splits = program.digits(options)
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
    return nn.fit(
        model,
        optimizer,
        nn.losses.cross_entropy,
        batches,
        epochs=options.epochs,
        validation=nn.data.Batches(*testing, batch_size=500, shuffle=False),
        metrics={"accuracy": nn.data.accuracy},
        callbacks=[program.one_cycle(optimizer, batches, options)],
        step=options.step,
        progress=options.progress,
        report=program.report,
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
    figure = program.figure(10, 5.9)
    above, middle, below = figure.subfigures(3, 1, squeeze=False, height_ratios=(3, 1, 1.3))[:, 0]
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
    program.save_picture(figure, file)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; exit with a message if one is wrong."""
    parser = program.parser("convolutional.py", __doc__)
    add = parser.add_argument
    add("--epochs", type=program.natural, default=5, help="passes through the training images")
    add("--batch-size", type=program.natural, default=64, help="images in each step")
    add("--learning-rate", type=program.positive, default=3e-3, help="the highest of one cycle")
    add("--most", type=program.natural, help="use no more images than so many")
    return program.parse(parser, arguments, digits=True)


if __name__ == "__main__":
    sys.exit(main())
