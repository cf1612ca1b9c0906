"""Train a recurrent network to add two numbers that it met at different times.

Each sequence is of random numbers, two of which are marked; their sum is asked for at the end. So
the network must tell the marked numbers from the others, and keep them: the adding problem of
Hochreiter and Schmidhuber, Long short-term memory, Neural Computation 9(8), 1997. Who always
answers 1 has a mean squared error of 1/6. Ctrl-C stops early and keeps what was learned.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import program

import nn
from autograd_lite import Tensor, TensorLike, as_tensor, no_grad

LAYERS: dict[str, Any] = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
NEAR = 0.1


class Adder(nn.Module):
    """A recurrent layer, and a sum of what it hands on at the end."""

    def __init__(self, layer: str, units: int, rng: np.random.Generator) -> None:
        self.recurrent = LAYERS[layer](2, units, batch_first=True, rng=rng)
        self.answer = nn.Dense(units, 1, rng=rng)

    def forward(self, x: TensorLike) -> Tensor:
        """Return the answers, shape (N, 1), to sequences (N, times, 2)."""
        outputs, _ = self.recurrent(x)
        return as_tensor(self.answer(outputs[:, -1]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, test, draw, and return the exit code."""
    return program.run(work, parse(arguments))


def work(options: argparse.Namespace) -> bool:
    """Train, test, and draw; return True if Ctrl-C ended it early."""
    rng = np.random.default_rng(options.seed)
    training, testing = (
        sequences(count, options.length, rng) for count in (options.sequences, 1000)
    )
    model = Adder(options.layer, options.units, rng)
    print(f"{options.sequences} sequences of {options.length} numbers to train on")
    print(nn.summary(model, (options.batch_size, options.length, 2)))
    history = train(model, training, testing, rng, options)
    output = options.output_dir / "recurrent.safetensors"
    nn.save(model, output)
    print(f"wrote {output}")
    if len(history):
        draw(model, history, testing, options.output_dir / "recurrent.png")
    return history.interrupted


def sequences(count: int, length: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers and marks (count, length, 2), and sums (count, 1): one mark in each half."""
    x = np.zeros((count, length, 2), np.float32)
    x[..., 0] = rng.random((count, length))
    for start, stop in ((0, length // 2), (length // 2, length)):
        x[np.arange(count), rng.integers(start, stop, count), 1] = 1
    return x, (x[..., 0] * x[..., 1]).sum(axis=1, keepdims=True)


def near(outputs: Any, sums: Any) -> float:
    """Return the share of the answers that are off by less than ``NEAR``."""
    return float(np.mean(abs(np.asarray(outputs) - np.asarray(sums)) < NEAR))


def train(
    model: nn.Module,
    training: tuple[np.ndarray, np.ndarray],
    testing: tuple[np.ndarray, np.ndarray],
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
        validation=testing,
        metrics={"near": near},
        callbacks=[program.one_cycle(optimizer, batches, options)],
        step=options.step,
        progress=options.progress,
        report=program.report,
    )


def draw(
    model: nn.Module,
    history: nn.training.History,
    testing: tuple[np.ndarray, np.ndarray],
    file: Path,
) -> None:
    """Draw the error in the course of training, and four sequences with the answers."""
    x, sums = testing
    with no_grad():
        answers = model(x[:4]).numpy()
    figure = program.figure(10, 7)
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(3, 4))[:, 0]
    axes = above.add_subplot(1, 1, 1, xlabel="epoch", ylabel="mean squared error", yscale="log")
    axes.plot(history["epoch"], history["loss"], ".-", label="training")
    axes.plot(history["epoch"], history["validation loss"], ".-", label="test")
    axes.axhline(1 / 6, color="gray", linestyle=":", label="always 1")
    share = 100 * history["near"][-1]
    axes.set_title(f"{share:.1f} % of the sums are off by less than {NEAR} at the end")
    axes.grid(alpha=0.3)
    axes.legend()
    for i, axes in enumerate(below.subplots(2, 2, sharex=True, sharey=True).flat):
        numbers, marks = x[i, :, 0], x[i, :, 1] > 0
        axes.vlines(np.arange(len(numbers)), 0, numbers, color="lightgray")
        axes.vlines(np.flatnonzero(marks), 0, numbers[marks], color="tab:red")
        added = " + ".join(f"{number:.2f}" for number in numbers[marks])
        axes.set_title(f"{added} = {sums[i, 0]:.2f}; the answer is {answers[i, 0]:.2f}")
    program.save_picture(figure, file)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; exit with a message if one is wrong."""
    parser = program.parser("recurrent.py", __doc__)
    long = program.checked(int, lambda n: n > 1, "2 or more, for two numbers are marked")
    add = parser.add_argument
    add("--layer", choices=LAYERS, default="gru", help="the kind of recurrent layer")
    add("--length", type=long, default=40, help="numbers in a sequence")
    add("--units", type=program.natural, default=32, help="values that are handed on")
    add("--sequences", type=program.natural, default=10_000, help="to train on")
    add("--epochs", type=program.natural, default=15, help="passes through them")
    add("--batch-size", type=program.natural, default=50, help="sequences in each step")
    add("--learning-rate", type=program.positive, default=1e-2, help="the highest of one cycle")

    return program.parse(parser, arguments)


if __name__ == "__main__":
    sys.exit(main())
