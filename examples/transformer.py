"""Train a small transformer to sort digits: it reads them all, and then writes one after another.

An encoder looks at the digits; a decoder looks at what the encoder makes of them and at what was
written so far, and gives the next digit, as in Vaswani and others, Attention is all you need, 2017.
In training, all digits are asked for at once: a causal mask hides from each place what comes after
it. At the end, each digit is written from those that the network itself has written before. Ctrl-C
stops early and keeps what was learned.
"""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import program

import nn
from autograd_lite import Tensor, TensorLike, as_tensor, no_grad

START = 10  # what is written before the first digit
HEADS = 4


class Sorter(nn.Module):
    """Two encoder layers and a decoder layer; digits go in, and logits of digits come out."""

    def __init__(self, length: int, features: int, rng: np.random.Generator) -> None:
        self.embedding = nn.Embedding(START + 1, features, rng=rng)
        self.position = nn.PositionalEncoding(features, max_len=length, batch_first=True)
        sizes = (features, HEADS, 2 * features)
        options: dict[str, Any] = {"dropout": 0.0, "batch_first": True, "rng": rng}
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(*sizes, **options), 2)
        self.decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(*sizes, **options), 1)
        self.logits = nn.Dense(features, 10, rng=rng)

    def forward(self, digits: TensorLike, written: TensorLike) -> Tensor:
        """Return the logits (N, T, 10) of what follows each of the digits (N, T) written."""
        memory = self.encoder(self.read(digits))
        return as_tensor(self.logits(self.decoder(self.read(written), memory, tgt_is_causal=True)))

    def read(self, digits: TensorLike) -> Tensor:
        """Return what stands for the digits at their places, shape (N, T, features)."""
        return as_tensor(self.position(self.embedding(digits)))

    def attention(self, digits: TensorLike, written: TensorLike) -> np.ndarray:
        """Return how much each head looks at each digit for each written: (N, heads, T, S)."""
        memory, x = self.encoder(self.read(digits)), self.read(written)
        layer: Any = self.decoder.layers[0]
        before, _ = layer.self_attn(x, x, x, need_weights=False, is_causal=True)
        query = layer.norm1(x + before)
        _, weights = layer.multihead_attn(query, memory, memory, average_attn_weights=False)
        return np.asarray(weights)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, test, draw, and return the exit code."""
    return program.run(work, parse(arguments))


def work(options: argparse.Namespace) -> bool:
    """Train, test, and draw; return True if Ctrl-C ended it early."""
    rng = np.random.default_rng(options.seed)
    training, testing = (
        examples(count, options.length, rng) for count in (options.sequences, 1000)
    )
    model = Sorter(options.length, options.features, rng)
    print(f"{options.sequences} sequences of {options.length} digits to train on")
    print(nn.summary(model, inputs=[a[: options.batch_size] for a in training[:2]]))
    history = train(model, training, testing, rng, options)
    output = options.output_dir / "transformer.safetensors"
    nn.save(model, output)
    print(f"wrote {output}")
    written = generate(model, testing[0])
    right = 100 * (written == testing[2]).all(axis=1).mean()
    for digits, result in zip(testing[0][:5], written[:5], strict=True):
        print(" ".join(map(str, digits)), "->", " ".join(map(str, result)))
    print(f"{right:.1f} % of {len(written)} new sequences are sorted right")
    if len(history):
        draw(model, history, testing[0][:1], right, options.output_dir / "transformer.png")
    return history.interrupted


def examples(count: int, length: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Return digits, what is written before each result, and the results: (count, length) each."""
    digits = rng.integers(0, 10, (count, length))
    results = np.sort(digits, axis=1)
    written = np.concatenate([np.full((count, 1), START), results[:, :-1]], axis=1)
    return digits, written, results


def whole(logits: Any, results: Any) -> float:
    """Return the share of sequences in which each digit is right, if those before it are given."""
    best = np.asarray(logits).argmax(axis=-1)
    return float((best == np.asarray(results)).all(axis=1).mean())


def generate(model: nn.Module, digits: np.ndarray) -> np.ndarray:
    """Return what the network writes: each time the likeliest digit after its own."""
    written = np.full_like(digits, START)
    results = np.zeros_like(digits)
    with no_grad():
        for place in range(digits.shape[1]):
            results[:, place] = np.asarray(model(digits, written))[:, place].argmax(axis=-1)
            written[:, place + 1 : place + 2] = results[:, place, None]
    return results


def train(
    model: nn.Module,
    training: tuple[np.ndarray, ...],
    testing: tuple[np.ndarray, ...],
    rng: np.random.Generator,
    options: argparse.Namespace,
) -> nn.training.History:
    """Train with Adam, whose rate rises and falls once."""
    batches = nn.data.Batches(*training, batch_size=options.batch_size, rng=rng)
    optimizer = nn.optim.Adam(model.parameters())
    return nn.fit(
        model,
        optimizer,
        partial(nn.losses.cross_entropy, axis=-1),
        batches,
        epochs=options.epochs,
        validation=testing,
        metrics={"right": whole},
        callbacks=[program.one_cycle(optimizer, batches, options)],
        step=options.step,
        progress=options.progress,
        report=program.report,
    )


def draw(
    model: Sorter, history: nn.training.History, digits: np.ndarray, right: float, file: Path
) -> None:
    """Draw the share of sequences sorted right, and what the heads look at for one sequence."""
    results = generate(model, digits)
    written = np.concatenate([np.full((1, 1), START), results[:, :-1]], axis=1)
    with no_grad():
        weights = model.attention(digits, written)[0]
    figure = program.figure(10, 6.4)
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(4, 3))[:, 0]
    axes = above.add_subplot(1, 1, 1, xlabel="epoch", ylabel="sequences right (%)")
    axes.plot(history["epoch"], [100 * share for share in history["right"]], ".-")
    axes.set_title(f"{right:.1f} % are sorted right when the network writes by itself")
    axes.grid(alpha=0.3)
    below.suptitle("how much each head looks at each digit (across) to write the next one (down)")
    for head, axes in enumerate(below.subplots(1, HEADS)):
        axes.imshow(weights[head], cmap="Blues", vmin=0, vmax=1)
        axes.set_xticks(range(digits.size), map(str, digits[0]))
        axes.set_yticks(range(digits.size), map(str, results[0]))
    program.save_picture(figure, file)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; exit with a message if one is wrong."""
    parser = program.parser("transformer.py", __doc__)
    for_heads = f"a multiple of {HEADS}, the number of heads"
    features = program.checked(int, lambda n: n > 0 and n % HEADS == 0, for_heads)
    add = parser.add_argument
    add("--length", type=program.natural, default=8, help="digits in a sequence")
    add("--features", type=features, default=32, help="of each digit")
    add("--sequences", type=program.natural, default=20_000, help="to train on")
    add("--epochs", type=program.natural, default=10, help="passes through them")
    add("--batch-size", type=program.natural, default=100, help="sequences in each step")
    add("--learning-rate", type=program.positive, default=1e-2, help="the highest of one cycle")

    return program.parse(parser, arguments)


if __name__ == "__main__":
    sys.exit(main())
