"""Overfitting and its remedies, on the network that reads handwritten digits.

784-200-10 with sigmoids learns few images by heart, and reads others worse than it could. Each
remedy is tried alone, with several seeds, then some together, and a picture shows what each buys:
L1 and L2 penalties, dropout, early stopping, label smoothing, and training images that are shifted,
turned, scaled and bent at random. Ctrl-C stops early and keeps what was learned. This trains on all
images (docs/training.md has the figures):

overfitting.py --images 60000 --batch-size 100 --epochs 30 --remedies together --seeds 1
"""

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import program

import nn
from autograd_lite import Tensor, no_grad

Data = tuple[np.ndarray, ...]  # images (n, pixels), labels (n,)
MEASURED = 10_000  # training images after each epoch, at most


@dataclass(frozen=True)
class Remedy:
    """What is done against overfitting; by default nothing."""

    label: str
    l1: float = 0.0  # times the sum of the weights' absolute values
    l2: float = 0.0  # times half the sum of their squares
    dropout: float = 0.0  # the share of the hidden units that a step goes without
    smoothing: float = 0.0  # the share of each target that is spread over all classes
    patience: int = 0  # epochs in which images that are held out may get no cheaper
    moved: bool = False  # shift, turn and scale training images
    bent: bool = False


REMEDIES = {
    "none": Remedy("no remedy"),
    "l1": Remedy("L1 penalty", l1=3e-5),
    "l2": Remedy("L2 penalty", l2=3e-4),
    "dropout": Remedy("dropout", dropout=0.5),
    "early-stopping": Remedy("early stopping", patience=10),
    "label-smoothing": Remedy("label smoothing", smoothing=0.1),
    "affine": Remedy("shift, turn, scale", moved=True),
    "elastic": Remedy("elastic bending", bent=True),
    "together": Remedy("augmentation and L2", l2=1e-5, moved=True, bent=True),
}


class Result(NamedTuple):
    """What a training has come to: its course, and cost and accuracy of the test at the end."""

    label: str
    history: nn.training.History
    cost: float
    accuracy: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Train with each remedy, draw, and return the exit code."""
    return program.run(work, parse(arguments))


def work(options: argparse.Namespace) -> bool:
    """Train with each remedy, and draw; return True if Ctrl-C ended it early."""
    name, (training, testing) = program.digits(options)
    count = min(options.images, len(training.images))
    print(f"{name}: {count} images to train on, {len(testing.images)} to test with")
    trials = [
        (REMEDIES[remedy], options.seed + number)
        for remedy in dict.fromkeys(options.remedies or REMEDIES)
        for number in range(options.seeds)
    ]
    output = options.output_dir / "overfitting.safetensors"
    results: list[Result] = []
    interrupted = False
    for remedy, seed in trials:
        rng = np.random.default_rng(seed)
        chosen = rng.permutation(len(training.images))[:count]
        own = training.images[chosen], training.labels[chosen]
        model = network(own[0].shape[1], remedy.dropout, rng)
        history = train(model, remedy, own, testing, rng, options, alone=len(trials) == 1)
        interrupted = history.interrupted
        if not (interrupted and results):  # one that isn't finished can't be compared
            nn.save(model, output)
            if len(history):
                results.append(Result(remedy.label, history, *measured(model, *testing)))
                program.report(f"{remedy.label}, seed {seed}: {described(results[-1])}")
        if interrupted:
            break
    print(f"wrote {output}, the weights of the last network")
    if results:
        draw(results, count, options.output_dir / "overfitting.png")
    return interrupted


def network(pixels: int, dropout: float, rng: np.random.Generator) -> nn.Sequential:
    """Return the article's network; its weights start smaller than there."""

    def wide(rng: np.random.Generator, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Any:
        """Return Glorot's values, for tanh, times 4: so much flatter is a sigmoid."""
        return 4 * nn.init.glorot(rng, shape, dtype)

    return nn.Sequential(
        nn.Dense(pixels, 200, weight_init=wide, rng=rng),
        nn.Sigmoid(),
        nn.Dropout(dropout, rng=rng),
        nn.Dense(200, 10, rng=rng),
    )


def described(result: Result) -> str:
    """Return the end of a training in words."""
    epochs, percent = len(result.history), 100 * result.accuracy
    return f"{percent:.2f} % of the test digits, cost {result.cost:.3f}, after {epochs} epochs"


class Measuring(nn.training.Callback):
    """Measures cost and accuracy after each epoch, of training images as they are and of others.

    The loss that is trained with has penalties, and is of the network without units, and of changed
    images.
    """

    def __init__(self, training: Data, testing: Data, report: Callable[[str], object]) -> None:
        self.training = training[0][:MEASURED], training[1][:MEASURED]
        self.testing, self.report = testing, report

    def on_epoch(self, run: nn.training.Run) -> None:
        """Put the figures into the history."""
        row = run.history.last
        row["training cost"], row["training accuracy"] = measured(run.model, *self.training)
        row["test cost"], row["test accuracy"] = measured(run.model, *self.testing)
        told = ", ".join(f"{name} {value:.4f}" for name, value in row.items() if name != "epoch")
        self.report(f"epoch {row['epoch']}: {told}")


def measured(model: nn.Module, images: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return the mean cross-entropy, and the share of the digits that are read right."""
    model.eval()
    with no_grad():
        outputs = model(images)
        cost = nn.losses.cross_entropy(outputs, labels).item()
    return cost, nn.metrics.accuracy(outputs, labels)


def train(
    model: nn.Sequential,
    remedy: Remedy,
    training: Data,
    testing: Data,
    rng: np.random.Generator,
    options: argparse.Namespace,
    *,
    alone: bool,
) -> nn.training.History:
    """Train with a remedy; the learning rate falls to 0 along half a cosine."""
    validation = None
    callbacks: list[nn.training.Callback] = [
        Measuring(training, testing, program.reporting(options.epochs) if alone else str)
    ]
    if remedy.patience:
        training, validation = nn.data.train_validation_split(*training, validation=0.1, rng=rng)
        callbacks.append(nn.training.EarlyStopping(remedy.patience))
    transform = augmentation(remedy, math.isqrt(training[0].shape[1]))
    batches = nn.data.Batches(
        *training,
        batch_size=options.batch_size,
        transform=transform,
        prefetch=2 if transform else 0,
        rng=rng,
    )
    weights = [p for p in model.parameters() if p.ndim == 2]
    biases = [p for p in model.parameters() if p.ndim == 1]
    groups: list[dict[str, Any]] = [
        {"parameters": weights, "weight_decay": remedy.l2},
        {"parameters": biases},
    ]
    optimizer = nn.optim.SGD(groups, options.learning_rate, momentum=0.9)
    rate = nn.optim.CosineAnnealingLR(optimizer, len(batches) * options.epochs)

    def loss(outputs: Tensor, labels: Any) -> Tensor:
        cost = nn.losses.cross_entropy(outputs, labels, label_smoothing=remedy.smoothing)
        if remedy.l1:
            cost = cost + remedy.l1 * sum(abs(w).sum() for w in weights)
        return cost

    return nn.fit(
        model,
        optimizer,
        loss,
        batches,
        epochs=options.epochs,
        validation=validation,
        callbacks=[nn.training.Scheduled(rate, each="update"), *callbacks],
        step=options.step,
        progress=options.progress if alone else False,
    )


def augmentation(remedy: Remedy, side: int) -> list[Any]:
    """Return what changes training images of ``side`` x ``side`` pixels at random."""
    shape = (side, side)
    affine = nn.data.RandomAffine(degrees=8, translate=0.04, scale=0.1, image_shape=shape)
    if remedy.bent:
        # displacements of about a thirtieth of the side, which are smooth over a seventh
        bend = nn.data.ElasticTransform(
            side**2 / 32, side / 7, affine=affine if remedy.moved else None, image_shape=shape
        )
        return [bend]
    return [affine] if remedy.moved else []


def draw(results: list[Result], count: int, file: Path) -> None:
    """Draw the costs in the course of training, and what each remedy has come to."""
    labels = list(dict.fromkeys(result.label for result in results))
    columns = min(len(labels), 5)
    rows = math.ceil(len(labels) / columns)
    figure = program.figure(13, 2.3 * rows + 1.6 + 0.32 * len(labels))
    heights = (2.3 * rows, 1.2 + 0.32 * len(labels))
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=heights)[:, 0]

    above.suptitle(f"cost (cross-entropy) in the course of training on {count} images")
    panels = above.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for axes in panels.flat[len(labels) :]:
        axes.set_axis_off()
    for label, axes in zip(labels, panels.flat, strict=False):
        axes.set(title=label, yscale="log")
        axes.grid(alpha=0.3)
        for result in results:
            if result.label == label:
                for name, color in (("training", "tab:blue"), ("test", "tab:orange")):
                    history = result.history
                    costs = history[f"{name} cost"]
                    axes.plot(history["epoch"], costs, ".-", color=color, linewidth=1, markersize=2)
    panels[0, 0].legend(panels[0, 0].lines[:2], ("training", "test"), fontsize="small")
    above.supxlabel("epoch", size="medium")

    left, right = below.subplots(1, 2, sharey=True)
    left.set(xlabel="test digits read right (%)", ylim=(len(labels) - 0.5, -0.8))
    left.set_yticks(range(len(labels)), labels)
    right.set(xlabel="cost of the test digits")
    for position, label in enumerate(labels):
        own = [result for result in results if result.label == label]
        for axes, digits, values in (
            (left, 2, [100 * result.accuracy for result in own]),
            (right, 3, [result.cost for result in own]),
        ):
            mean = float(np.mean(values))
            axes.plot(values, [position] * len(values), "o", color="tab:blue", alpha=0.4)
            axes.plot(mean, position, "|", color="black", markersize=14)
            axes.annotate(
                f"{mean:.{digits}f}", (mean, position), (4, 7), textcoords="offset points"
            )
            if not position:
                axes.axvline(mean, color="gray", linestyle=":")
    for axes in (left, right):
        axes.margins(x=0.15)
        axes.grid(axis="y", alpha=0.3)
    left.set_xlim(right=min(100, left.get_xlim()[1]))
    program.save_picture(figure, file)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; exit with a message if one is wrong."""
    parser = program.parser("overfitting.py", __doc__)
    add = parser.add_argument
    add("--images", type=program.natural, default=1000, help="to train on; 60000 are all of MNIST")
    about = "which are tried: " + ", ".join(REMEDIES) + " (default: all)"
    add("--remedies", nargs="+", choices=REMEDIES, metavar="NAME", help=about)
    add("--seeds", type=program.natural, default=3, help="trainings with each remedy")
    add("--epochs", type=program.natural, default=60, help="passes through the images")
    add("--batch-size", type=program.natural, default=25, help="images in each step")
    add("--learning-rate", type=program.positive, default=0.2, help="of the first step")
    return program.parse(parser, arguments, digits=True)


if __name__ == "__main__":
    sys.exit(main())
