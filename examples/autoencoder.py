"""Train a variational autoencoder: it finds two numbers for each digit, and draws digits from two.

An encoder gives a normal distribution of codes for each image; a decoder draws an image from a
code. The loss is what the image costs when it is drawn from a code of its distribution, and how
far that distribution is from the standard normal one; together they bound the likelihood of the
image. A code is ``mean + deviation * noise``, so that gradients pass to the encoder: Kingma and
Welling, Auto-encoding variational Bayes, 2014. Without MNIST, it takes scikit-learn's small digits.
Ctrl-C stops early and keeps what was learned.
"""

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt
import program

import nn
from autograd_lite import Tensor, TensorLike, as_tensor, no_grad

Array = npt.NDArray[Any]
Outputs = tuple[Tensor, Tensor, Tensor]


class Autoencoder(nn.Module):
    """Images to distributions of codes, and codes to images, by fully connected layers."""

    def __init__(self, pixels: int, units: int, codes: int, rng: np.random.Generator) -> None:
        few = max(1, units // 3)

        def hidden(inputs: int, outputs: int) -> list[nn.Module]:
            return [nn.Dense(inputs, outputs, weight_init=nn.init.he, rng=rng), nn.ReLU()]

        self.encoder = nn.Sequential(
            *hidden(pixels, units), *hidden(units, few), nn.Dense(few, 2 * codes, rng=rng)
        )
        self.decoder = nn.Sequential(
            *hidden(codes, few), *hidden(few, units), nn.Dense(units, pixels, rng=rng)
        )
        self.codes = codes
        self.rng = rng

    def forward(self, images: TensorLike) -> Outputs:
        """Return logits of pixels, and means and log variances of codes, for images (N, pixels)."""
        means, log_variances = self.encode(images)
        noise = self.rng.standard_normal(means.shape, np.float32)
        codes = means + np.exp(log_variances / 2) * noise
        return as_tensor(self.decoder(codes)), means, log_variances

    def encode(self, images: TensorLike) -> tuple[Tensor, Tensor]:
        """Return means and log variances of the codes, (N, codes) each."""
        found = as_tensor(self.encoder(images))
        return found[:, : self.codes], found[:, self.codes :]


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, draw, and return the exit code."""
    return program.run(work, parse(arguments))


def work(options: argparse.Namespace) -> bool:
    """Train and draw; return True if Ctrl-C ended it early."""
    name, splits = program.digits(options)
    training, testing = (
        (split.images[: options.most], split.labels[: options.most]) for split in splits
    )
    rng = np.random.default_rng(options.seed)
    model = Autoencoder(training[0].shape[1], options.units, options.codes, rng)
    print(f"{name}: {len(training[0])} images to train on, {len(testing[0])} to test with")
    print(nn.summary(model, (options.batch_size, training[0].shape[1])))
    history = train(model, training[0], testing[0], rng, options)
    output = options.output_dir / "autoencoder.safetensors"
    nn.save(model, output)
    print(f"wrote {output}")
    if len(history):
        draw(model, history, testing, options.output_dir / "autoencoder.png")
    return history.interrupted


def bound(outputs: Outputs, images: Any) -> Tensor:
    """Return the loss: minus the bound on the log likelihood of an image, a mean over images."""
    return reconstruction(outputs, images) + divergence(outputs, images)


def reconstruction(outputs: Outputs, images: Any) -> Tensor:
    """Return the cross-entropy of the pixels, a sum over pixels and mean over images."""
    return nn.losses.binary_cross_entropy_with_logits(outputs[0], images)


def divergence(outputs: Outputs, _images: Any) -> Tensor:
    """Return how far codes are from standard normal ones (Kullback and Leibler), mean over images.

    It is the formula of the paper's appendix B.
    """
    _, means, log_variances = outputs
    excess = means**2 + np.exp(log_variances) - log_variances - 1
    return as_tensor(excess.sum(axis=1).mean() / 2)


def train(
    model: Autoencoder,
    training: Array,
    testing: Array,
    rng: np.random.Generator,
    options: argparse.Namespace,
) -> nn.training.History:
    """Train with Adam, whose rate rises and falls once."""
    batches = nn.data.Batches(training, training, batch_size=options.batch_size, rng=rng)
    optimizer = nn.optim.Adam(model.parameters())
    return nn.fit(
        model,
        optimizer,
        bound,
        batches,
        epochs=options.epochs,
        validation=nn.data.Batches(testing, testing, batch_size=500, shuffle=False),
        metrics={"reconstruction": reconstruction, "divergence": divergence},
        callbacks=[program.one_cycle(optimizer, batches, options)],
        step=options.step,
        progress=options.progress,
        report=program.report,
    )


def pictures(model: Autoencoder, codes: Array) -> Array:
    """Return images (N, side, side) of codes (N, codes)."""
    with no_grad():
        images = nn.functional.sigmoid(model.decoder(codes.astype(np.float32))).numpy()
    side = math.isqrt(images.shape[1])
    return np.asarray(images.reshape(-1, side, side))


def mosaic(images: Array, columns: int) -> Array:
    """Return one image of images (rows x columns, side, side), row by row."""
    side = images.shape[1]
    table = images.reshape(-1, columns, side, side)
    return np.asarray(table.transpose(0, 2, 1, 3).reshape(-1, columns * side))


def plane(model: Autoencoder, count: int) -> Array:
    """Return a mosaic of images from codes all over the plane, each as likely as the next.

    If codes have more than two numbers, the others are 0.
    """
    share = (np.arange(count) + 0.5) / count
    places = np.array([NormalDist().inv_cdf(p) for p in share])
    codes = np.zeros((count * count, model.codes))
    codes[:, 0] = np.tile(places, count)
    if model.codes > 1:
        codes[:, 1] = np.repeat(places[::-1], count)
    return mosaic(pictures(model, codes), count)


def draw(
    model: Autoencoder, history: nn.training.History, testing: tuple[Array, Array], file: Path
) -> None:
    """Draw the parts of the loss, digits redrawn, new digits, and the plane of codes."""
    images, labels = testing
    images, labels = images[:5000], labels[:5000]
    with no_grad():
        codes = model.encode(images)[0].numpy()
    figure = program.figure(14, 6.9)
    left, middle, right = figure.subfigures(1, 3, squeeze=False, width_ratios=(3.4, 4.3, 6.3))[0]

    losses, again = left.subplots(2, 1, height_ratios=(4, 5))
    losses.plot(history["epoch"], history["reconstruction"], ".-", label="pixels")
    losses.plot(history["epoch"], history["divergence"], ".-", label="codes")
    losses.plot(history["epoch"], history["validation loss"], ".-", color="black", label="sum")
    losses.set(xlabel="epoch", ylim=(0, None))
    losses.set_xticks(history["epoch"][:: max(1, len(history) // 5)])
    losses.set_title(f"loss: {history.last['validation loss']:.1f} nats for a test image")
    losses.grid(alpha=0.3)
    losses.legend()
    first = [np.flatnonzero(labels == digit)[:1] for digit in range(10)]
    chosen = np.concatenate(first)
    side = math.isqrt(images.shape[1])
    pairs = [images[chosen].reshape(-1, side, side), pictures(model, codes[chosen])]
    columns = mosaic(np.stack(pairs, axis=1).reshape(-1, side, side), 2)
    half = -(-len(chosen) // 2) * side
    blocks = [columns[:half], np.zeros((half, side)), columns[half:]]
    blocks[2] = np.pad(blocks[2], ((0, half - len(blocks[2])), (0, 0)))
    again.imshow(np.hstack(blocks), cmap="gray_r")
    again.set_title("test digits, and as redrawn")

    seen, new = middle.subplots(2, 1, height_ratios=(4.4, 2.5))
    points = seen.scatter(
        *np.pad(codes, ((0, 0), (0, 1)))[:, :2].T, c=labels, cmap="tab10", vmin=-0.5, vmax=9.5, s=3
    )
    middle.colorbar(points, ax=seen, ticks=range(10))
    seen.set_title(f"codes of {len(images)} test digits")
    drawn = np.random.default_rng(0).standard_normal((60, model.codes))
    new.imshow(mosaic(pictures(model, drawn), 12), cmap="gray_r")
    new.set_title("new digits, from random codes")

    everywhere = right.add_subplot(1, 1, 1)
    everywhere.imshow(plane(model, 20), cmap="gray_r")
    everywhere.set_title("what is drawn from codes all over the plane")
    for axes in (again, new, everywhere):
        axes.set(xticks=[], yticks=[])
    program.save_picture(figure, file)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; exit with a message if one is wrong."""
    parser = program.parser("autoencoder.py", __doc__)
    add = parser.add_argument
    add("--codes", type=program.natural, default=2, help="numbers that stand for an image")
    add("--units", type=program.natural, default=300, help="in the larger hidden layers")
    add("--epochs", type=program.natural, default=20, help="passes through the training images")
    add("--batch-size", type=program.natural, default=100, help="images in each step")
    add("--learning-rate", type=program.positive, default=3e-3, help="the highest of one cycle")
    add("--most", type=program.natural, help="use no more images than so many")
    return program.parse(parser, arguments, digits=True)


if __name__ == "__main__":
    sys.exit(main())
