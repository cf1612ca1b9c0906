"""Train a network that reads a text character by character, and then writes more of it.

At each place it gives the probability of each character that may come next; the loss is what the
one that does come costs, in bits. Beside it stand two tables of counts: how often each character
is, and how often it follows each other one. The network is an LSTM (Hochreiter and Schmidhuber,
1997), or a transformer whose mask hides what comes later (Vaswani and others, 2017). The last tenth
of each file is held back to validate with. Without ``--text``, it reads our own documentation.
Ctrl-C stops early and keeps what was learned.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import program
from matplotlib import font_manager
from matplotlib.axes import Axes

import nn
from autograd_lite import Tensor, TensorLike, as_tensor, no_grad
from autograd_lite.errors import DomainError

Array = npt.NDArray[Any]
SIZES = {"lstm": (192, 1), "transformer": (96, 2)}  # features and layers, unless they are given
HEADS = 4
ROWS, COLUMNS = 6, 64  # of the picture: guesses, and places
MARKS = {"\n": "⏎", "\t": "⇥", " ": "␣"}


class Text(NamedTuple):
    """A text as numbers: positions in its characters, of what to train on and to validate with."""

    characters: str
    training: Array
    validation: Array


class Reader(nn.Module):
    """Characters (N, T), as numbers, to logits (N, T, characters) of the next one at each place."""

    def __init__(self, kinds: int, options: argparse.Namespace, rng: np.random.Generator) -> None:
        features, layers = options.features, options.layers
        settings: dict[str, Any] = {"batch_first": True, "dropout": options.dropout, "rng": rng}
        self.embedding = nn.Embedding(kinds, features, rng=rng)
        self.recurrent: Any = None
        self.attending: Any = None
        if options.model == "lstm":
            if layers == 1:  # dropout is between layers
                del settings["dropout"]
            self.recurrent = nn.LSTM(features, features, layers, **settings)
        else:
            self.position = nn.PositionalEncoding(
                features, max_len=options.length, batch_first=True
            )
            layer = nn.TransformerEncoderLayer(
                features, HEADS, 4 * features, norm_first=True, activation="gelu", **settings
            )
            self.attending = nn.TransformerEncoder(layer, layers, norm=nn.LayerNorm(features))
        self.dropout = nn.Dropout(options.dropout, rng=rng)
        self.logits = nn.Dense(features, kinds, rng=rng)

    def forward(self, characters: TensorLike) -> Tensor:
        """Return the logits."""
        x = self.embedding(characters)
        if self.recurrent is not None:
            x, _ = self.recurrent(x)
        else:
            x = self.attending(self.position(x), is_causal=True)
        return as_tensor(self.logits(self.dropout(x)))


class Windows:
    """Batches of windows of the text, cut at other places in each epoch."""

    def __init__(self, text: Array, length: int, batch_size: int, rng: np.random.Generator) -> None:
        self.text, self.length, self.batch_size, self.rng = text, length, batch_size, rng
        self.examples = (len(text) - 1) // length - 1

    def __len__(self) -> int:
        return max(0, -(-self.examples // self.batch_size))

    def __iter__(self) -> Iterator[tuple[Array, ...]]:
        starts = self.rng.integers(self.length) + self.length * np.arange(self.examples)
        windows = cut(self.text, starts, self.length)
        yield from nn.data.Batches(*windows, batch_size=self.batch_size, rng=self.rng)


def cut(text: Array, starts: Array, length: int) -> tuple[Array, Array]:
    """Return windows (N, length) of a text, and what comes next at each of their places."""
    windows = text[starts[:, None] + np.arange(length + 1)]
    return windows[:, :-1], windows[:, 1:]


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, write, draw, and return the exit code."""
    return program.run(work, parse(arguments))


def work(options: argparse.Namespace) -> bool:
    """Train, write, and draw; return True if Ctrl-C ended it early."""
    rng = np.random.default_rng(options.seed)
    text = read(options.text or documentation(), options.length)
    prompt = numbers(options.prompt, text) if options.prompt else text.validation[:40]
    counted = {
        "characters alone": cost(text, pairs=False),
        "pairs of characters": cost(text, pairs=True),
    }
    model = Reader(len(text.characters), options, rng)
    program.report(
        f"{len(text.training)} characters to train on, {len(text.validation)} to validate with; "
        f"{len(text.characters)} different ones"
    )
    windows = Windows(text.training, options.length, options.batch_size, rng)
    program.report(repr(model))
    for name, found in counted.items():
        program.report(f"bits per character, by counts of {name}: {found:.3f}")
    history = train(model, windows, text, options)
    output = options.output_dir / "characters.safetensors"
    nn.save(model, output, metadata={"characters": text.characters})
    program.report(f"wrote {output}")
    written = write(model, prompt, options, rng)
    program.report("-" * 80)
    program.report("".join(text.characters[i] for i in prompt) + "|", end="")
    program.report("".join(text.characters[i] for i in written))
    program.report("-" * 80)
    if len(history):
        draw(model, history, text, counted, options)
    return history.interrupted


# ---------------------------------------------------------------------- the text


def documentation() -> list[Path]:
    """Return the pages of our own documentation."""
    root = Path(__file__).resolve().parents[1]
    files = [
        file for file in (*sorted(root.glob("docs/*.md")), root / "README.md") if file.exists()
    ]
    if not files:
        raise DomainError(f"there is no documentation in {root}: name a text by --text")
    return files


def read(files: list[Path], length: int) -> Text:
    """Return the text in some files; their last tenths are to validate with."""
    texts = []
    for file in files:
        try:
            text = file.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise DomainError(f"{file}: this isn't text in UTF-8: {error}") from None
        if not text:
            raise DomainError(f"{file}: there is no text in it")
        texts.append(text)
    characters = "".join(sorted({*"".join(texts)}))
    found = Text(characters, np.zeros(0, int), np.zeros(0, int))
    ends = [round(0.9 * len(text)) for text in texts]
    training = "".join(text[:end] for text, end in zip(texts, ends, strict=True))
    validation = "".join(text[end:] for text, end in zip(texts, ends, strict=True))
    if len(training) <= 2 * length or len(validation) <= length:
        raise DomainError(
            f"the text is too short: {len(training)} characters to train on and "
            f"{len(validation)} to validate with, where windows of {length} characters need "
            f"{2 * length + 1} and {length + 1}; give more text, or a smaller --length"
        )
    return Text(characters, numbers(training, found), numbers(validation, found))


def numbers(written: str, text: Text) -> Array:
    """Return the numbers of characters."""
    known = {character: number for number, character in enumerate(text.characters)}
    unknown = [character for character in dict.fromkeys(written) if character not in known]
    if unknown:
        raise DomainError(f"--prompt: the text has no {', no '.join(map(repr, unknown))}")
    return np.array([known[character] for character in written])


def cost(text: Text, pairs: bool) -> float:
    """Return the bits per character of the validation part, by counts of the training part.

    Each count is 1 higher than it is, so that nothing is impossible; counts of pairs are added to
    what is expected from the characters alone.
    """
    kinds = len(text.characters)
    alone = np.bincount(text.training, minlength=kinds) + 1.0
    alone /= alone.sum()
    after = text.validation[1:]
    if not pairs:
        return float(-np.log2(alone[after]).mean())
    counts = np.zeros((kinds, kinds))
    np.add.at(counts, (text.training[:-1], text.training[1:]), 1)
    shares = (counts + alone) / (counts.sum(axis=1, keepdims=True) + 1)
    return float(-np.log2(shares[text.validation[:-1], after]).mean())


# ---------------------------------------------------------------------- training


def bits(logits: Any, following: Any) -> Tensor:
    """Return what the following characters cost, in bits per character."""
    return as_tensor(nn.losses.cross_entropy(logits, following, axis=-1) / np.log(2))


def bits_in_context(logits: Any, following: Any) -> Tensor:
    """Return it for the second half of each window, where much has been read before."""
    half = logits.shape[1] // 2
    return bits(logits[:, half:], following[:, half:])


def train(
    model: Reader, windows: Windows, text: Text, options: argparse.Namespace
) -> nn.training.History:
    """Train with AdamW, whose rate rises and falls once."""
    length = options.length
    starts = np.arange(0, len(text.validation) - length, max(1, length // 2))
    validation = cut(text.validation, starts, length)
    optimizer = nn.optim.AdamW(model.parameters(), weight_decay=0.01)
    return nn.fit(
        model,
        optimizer,
        bits,
        windows,
        epochs=options.epochs,
        validation=nn.data.Batches(*validation, batch_size=100, shuffle=False),
        metrics={"bits": bits_in_context},
        callbacks=[program.one_cycle(optimizer, windows, options)],
        step=options.step,
        progress=options.progress,
        report=program.report,
    )


# ---------------------------------------------------------------------- writing


def write(
    model: Reader, prompt: Array, options: argparse.Namespace, rng: np.random.Generator
) -> Array:
    """Return characters that go on from a prompt: each is drawn by what was written before it."""
    written = list(prompt)
    with no_grad():
        for _ in range(options.generate):
            before = np.array([written[-options.length :]])
            logits = model(before).numpy()[0, -1].astype(float)
            written.append(chosen(logits, options.temperature, rng))
    return np.array(written[len(prompt) :], int)


def chosen(logits: Array, temperature: float, rng: np.random.Generator) -> int:
    """Return a number drawn by its logit; at temperature 0, the likeliest."""
    if temperature == 0:
        return int(logits.argmax())
    odds = np.exp((logits - logits.max()) / temperature)
    return int(rng.choice(len(odds), p=odds / odds.sum()))


# ---------------------------------------------------------------------- the picture


def draw(
    model: Reader,
    history: nn.training.History,
    text: Text,
    counted: dict[str, float],
    options: argparse.Namespace,
) -> None:
    """Draw the bits in the course of training, and the guesses at each place of a sample."""
    figure = program.figure(14, 7.5)
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(4, 3.6))[:, 0]
    axes = above.add_subplot(1, 1, 1, xlabel="epoch", ylabel="bits per character")
    axes.plot(history["epoch"], history["loss"], ".-", label="training")
    axes.plot(history["epoch"], history["bits"], ".-", label="validation")
    for (name, found), style in zip(counted.items(), (":", "--"), strict=True):
        axes.axhline(found, color="gray", linestyle=style, label=f"counts of {name}")
    axes.set_title(f"{history.last['bits']:.2f} bits per character at the end")
    axes.set_ylim(0, None)
    axes.set_xticks(history["epoch"][:: max(1, len(history) // 10)])
    axes.grid(alpha=0.3)
    axes.legend(ncols=4, loc="lower left")
    context = options.length // 4
    length = min(options.length - context, COLUMNS)
    sample = text.validation[: context + length + 1]
    with no_grad():
        logits = model(sample[None, :-1]).numpy()[0, context:]
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    guesses(below.add_subplot(1, 1, 1), shares, sample[context + 1 :], text.characters)
    below.suptitle("what comes next, and what was likeliest at each place (best at the top)")
    program.save_picture(figure, options.output_dir / "characters.png")


def guesses(axes: Axes, shares: Array, following: Array, characters: str) -> None:
    """Draw what came at each place, and below it the likeliest characters, darker the likelier."""
    best = np.argsort(-shares, axis=1, kind="stable")[:, :ROWS].T
    likely = np.take_along_axis(shares.T, best, axis=0)
    axes.imshow(likely, cmap="Blues", vmin=0, vmax=1.8, aspect="auto")
    shown = drawable(characters)
    for place, right in enumerate(following):
        axes.text(
            place, -1.1, shown[right], ha="center", va="center", weight="bold", parse_math=False
        )
        for row, guess in enumerate(best[:, place]):
            axes.text(
                place,
                row,
                shown[guess],
                ha="center",
                va="center",
                color="tab:red" if guess == right else "black",
                weight="bold" if guess == right else "normal",
                fontsize=9 if guess == right else 8,
                alpha=1 if guess == right else 0.6,
                parse_math=False,
            )
    axes.set(xticks=[], yticks=[])
    axes.set_frame_on(False)


def drawable(characters: str) -> list[str]:
    """Return marks for characters: themselves, or a box if the font hasn't got one."""
    font = font_manager.get_font(font_manager.findfont(font_manager.FontProperties()))
    marks = (MARKS.get(character, character) for character in characters)
    return [mark if font.get_char_index(ord(mark)) else "□" for mark in marks]


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; exit with a message if one is wrong."""
    parser = program.parser("characters.py", __doc__)
    file = program.checked(Path, Path.is_file, "a file that exists")
    for_heads = f"a multiple of {HEADS}, the number of heads"
    features = program.checked(int, lambda n: n > 0 and n % HEADS == 0, for_heads)
    long = program.checked(int, lambda n: n > 1, "2 or more")
    share = program.checked(float, lambda p: 0 <= p < 1, "a number from 0 to less than 1")
    add = parser.add_argument
    add("--text", type=file, nargs="+", help="files to read, in UTF-8; else our documentation")
    add("--model", choices=SIZES, default="lstm", help="the kind of network")
    add("--length", type=long, default=64, help="characters in a window")
    add("--features", type=features, help="of each character; else 192, or 96 of a transformer")
    add("--layers", type=program.natural, help="on top of each other; else 1, or 2")
    add("--dropout", type=share, default=0.05, help="the share of values that are dropped")
    add("--epochs", type=program.natural, default=12, help="passes through the text")
    add("--batch-size", type=program.natural, default=16, help="windows in each step")
    add("--learning-rate", type=program.positive, default=8e-3, help="the highest of one cycle")
    add("--prompt", help="what to go on from at the end; else the first words held back")
    add("--temperature", type=program.amount, default=0.7, help="the lower, the safer; may be 0")
    add("--generate", type=program.whole, default=500, help="characters to write at the end")
    options = program.parse(parser, arguments)
    usual = SIZES[options.model]
    options.features, options.layers = options.features or usual[0], options.layers or usual[1]
    return options


if __name__ == "__main__":
    sys.exit(main())
