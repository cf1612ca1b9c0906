"""Train the article's network, 784-200-10, to read handwritten digits.

It has sigmoids in both layers and cross-entropy on the outputs. Parameters start as standard normal
draws, and plain gradient descent on mini-batches trains them. The training step is captured: its
NumPy calls are written down once and replayed. Ctrl-C stops early and keeps what was learned.
With --parallel, the processes that mpiexec starts share each batch, and the first one prints.
"""

import argparse
import io
import math
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import (
    AbstractContextManager,
    contextmanager,
    nullcontext,
    redirect_stdout,
    suppress,
)
from itertools import chain, pairwise
from pathlib import Path
from types import FrameType
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

import nn
from autograd_lite import Tensor, as_tensor, capture, no_grad, sigmoid
from autograd_lite.errors import DatasetError, MissingExtraError, ParallelError

try:
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator
    from safetensors.numpy import save
    from tqdm import tqdm
except ModuleNotFoundError as error:
    absent = str(error.name).partition(".")[0]
    sys.exit(f"mnist.py: error: {MissingExtraError(absent, 'examples')}")

try:
    from threadpoolctl import threadpool_limits  # installed with scikit-learn
except ModuleNotFoundError:
    threadpool_limits = None

INTERRUPTED = 130  # the exit code of shells: 128 + SIGINT
SMALL = 128  # up to this batch size, one thread is as fast as two
PUBLISHED = [(0, 10.66), (1, 92.78), (2, 94.14), (3, 95.13)]

Curve: TypeAlias = Sequence[tuple[float, float]]
Step: TypeAlias = Callable[[npt.NDArray[Any], npt.NDArray[Any]], Tensor]
T = TypeVar("T")


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, test, write the results, and return the exit code."""
    options = parse(arguments)
    try:
        group = nn.parallel.Group(options.parallel)
        with redirect_stdout(None) if group.rank else nullcontext():
            return train(options, group)
    except (FloatingPointError, MemoryError, MissingExtraError, OSError, ParallelError) as error:
        print(f"mnist.py: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("mnist.py: interrupted", file=sys.stderr)
        return INTERRUPTED


def train(options: argparse.Namespace, group: nn.parallel.Group) -> int:
    """Train and test in turn until the last epoch or Ctrl-C; return the exit code."""
    name, (training, testing) = load(options)
    rng = np.random.default_rng(options.seed)
    model = network([training.images.shape[1], *options.hidden, 10], rng, options.dtype)
    targets = nn.data.one_hot(training.labels, 10, options.dtype)
    batches = nn.data.Batches(
        training.images, targets, batch_size=options.batch_size, rng=rng, share=group.share
    )
    step = training_step(model, options, group)

    # if training diverges, the loss shows it; NumPy's warnings would only repeat it
    quiet = np.errstate(over="ignore", invalid="ignore")
    with stop_on_interrupt() as stop, quiet, few_threads(options, group):
        print(f"{name}: {len(training.images)} to train on, {len(testing.images)} to test with")
        print(model)
        accuracies, losses, stopped = [(0.0, test(model, testing, group))], [], False
        print(f"before training: {accuracies[0][1]:.2f} %", flush=True)
        for epoch in range(1, options.epochs + 1):
            batch_losses = []
            with progress(epoch, len(training.images), options, group) as bar:
                for images, wanted in batches:
                    if group.any(stop.is_set()):
                        break
                    batch_losses.append(step(images, wanted).item())
                    if not math.isfinite(batch_losses[-1]):
                        raise FloatingPointError(
                            f"the loss became {batch_losses[-1]} in epoch {epoch}; "
                            "try a lower --learning-rate"
                        )
                    bar.set_postfix_str(f"loss {batch_losses[-1]:.4f}", refresh=False)
                    bar.update(min(options.batch_size, len(training.images) - bar.n))
            if batch_losses:
                reached = epoch - 1 + len(batch_losses) / len(batches)
                accuracies.append((reached, test(model, testing, group)))
                losses.append((reached, float(np.mean(batch_losses))))
                print(f"epoch {epoch:2}: {accuracies[-1][1]:.2f} %", flush=True)
            stopped = group.any(stop.is_set())
            if stopped:
                print(f"stopped early, after {accuracies[-1][0]:.2f} of {options.epochs} epochs")
                break

    if group.rank == 0:
        output = options.output_dir
        write(output / "weights.safetensors", save(model.state_dict()))
        write(output / "learning_curve.png", png(draw_learning_curve(name, accuracies, losses)))
        write(output / "mistakes.png", png(draw_mistakes(logits(model, testing), testing)))
    return INTERRUPTED if stopped else 0


def load(options: argparse.Namespace) -> tuple[str, nn.datasets.MNIST]:
    """Return the name of the data and the digits: MNIST, or without a network scikit-learn's."""
    try:
        return "MNIST", nn.datasets.mnist(options.data_dir, options.dtype)
    except DatasetError as error:
        given = options.data_dir or os.environ.get("AUTOGRAD_LITE_DATA")
        if given or options.require_mnist:
            raise
        print(f"mnist.py: {error}", file=sys.stderr)
        print("mnist.py: training on scikit-learn's small digits instead", file=sys.stderr)
        return "scikit-learn's digits", nn.datasets.digits(options.dtype)


def network(sizes: Sequence[int], rng: np.random.Generator, dtype: str) -> nn.Sequential:
    """Return Dense layers with sigmoids between them; the loss contains the last sigmoid."""
    normal = nn.init.standard_normal
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        dense = nn.Dense(
            inputs, outputs, weight_init=normal, bias_init=normal, dtype=dtype, rng=rng
        )
        layers += [dense, nn.Sigmoid()]
    return nn.Sequential(*layers[:-1])


def training_step(model: nn.Module, options: argparse.Namespace, group: nn.parallel.Group) -> Step:
    """Return a function that takes a step of gradient descent on a batch and returns the loss."""
    optimizer = nn.optim.SGD(model.parameters(), learning_rate=options.learning_rate)

    def backward(images: npt.NDArray[Any], wanted: npt.NDArray[Any]) -> Tensor:
        optimizer.zero_grad()
        loss = nn.losses.binary_cross_entropy_with_logits(model(images), wanted)
        loss.backward()
        return loss.detach()

    def step(images: npt.NDArray[Any], wanted: npt.NDArray[Any]) -> Tensor:
        loss = backward(images, wanted)
        optimizer.step()
        return loss

    if group.size == 1:
        return step if options.eager else capture(step, fast=options.fast)

    # what processes exchange can't be captured, so only what comes before is
    share_backward = backward if options.eager else capture(backward, fast=options.fast)

    def shared_step(images: npt.NDArray[Any], wanted: npt.NDArray[Any]) -> Tensor:
        empty = np.zeros((), options.dtype)  # of fewer images than processes, some get none
        loss = share_backward(images, wanted) if len(images) else empty
        group.average_gradients(optimizer.parameters, examples=len(images))
        optimizer.step()
        return as_tensor(group.mean(loss, examples=len(images)))

    return shared_step


def logits(model: nn.Module, split: nn.datasets.Split) -> npt.NDArray[Any]:
    """Return the outputs of the last layer, before its sigmoid."""
    with no_grad():
        return np.asarray(model(split.images).numpy())


def test(model: nn.Module, split: nn.datasets.Split, group: nn.parallel.Group) -> float:
    """Return the percentage of digits that are read right; each process reads its share."""
    part = nn.datasets.Split(*group.share(*split))
    percentage = 100 * nn.data.accuracy(logits(model, part), part.labels)
    return float(group.mean(percentage, examples=len(part.labels)))


def progress(
    epoch: int, examples: int, options: argparse.Namespace, group: nn.parallel.Group
) -> "tqdm[Any]":
    """Return a progress bar for one epoch; by default, it shows only in a terminal."""
    return tqdm(
        desc=f"epoch {epoch:2}",
        total=examples,
        unit=" examples",
        unit_scale=True,
        leave=False,
        dynamic_ncols=True,
        disable=True if group.rank else options.hide_progress,
    )


@contextmanager
def stop_on_interrupt() -> Iterator[threading.Event]:
    """Let the first Ctrl-C set an event, to be checked between batches; a second one interrupts.

    If the program was started with Ctrl-C ignored, as by ``nohup``, it stays ignored.
    """
    stop = threading.Event()
    previous = signal.getsignal(signal.SIGINT)
    if previous is signal.SIG_IGN:
        yield stop
        return

    def request_stop(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stop.set()

    signal.signal(signal.SIGINT, request_stop)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, previous)


def few_threads(
    options: argparse.Namespace, group: nn.parallel.Group
) -> AbstractContextManager[Any]:
    """Limit BLAS to one thread if batches are small, because several would wait for each other.

    They wait busily, so training takes 10 times as long if the machine has other work. Processes
    that train together get as many threads each as there are cores for them.
    """
    alone = group.size == 1
    if (options.batch_size > SMALL and alone) or threadpool_limits is None:
        return nullcontext()
    limit = 1 if options.batch_size <= SMALL else max(1, (os.cpu_count() or 1) // group.size)
    limits: AbstractContextManager[Any] = threadpool_limits(limits=limit, user_api="blas")
    return limits


def draw_learning_curve(name: str, accuracies: Curve, losses: Curve) -> Figure:
    """Draw accuracy and loss by epoch, and the accuracies that the article reports for MNIST."""
    panels = [("accuracy", accuracies)]
    if losses:
        panels += [("accuracy since training began", accuracies[1:]), ("training loss", losses)]
    figure = Figure(figsize=(4 * len(panels), 3.8), layout="constrained")
    figure.suptitle(name)
    for position, (title, points) in enumerate(panels, start=1):
        axes = figure.add_subplot(1, len(panels), position, title=title, xlabel="epoch")
        axes.plot(*zip(*points, strict=True), ".-", label="this run")
        axes.set_xlim(points[0][0] - 0.3, points[-1][0] + 0.3)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes.grid(alpha=0.3)
        if points is losses:
            axes.set_ylabel("cross-entropy, mean of the epoch")
            continue
        axes.set_ylabel("test digits read right (%)")
        if name == "MNIST":
            published = PUBLISHED[len(accuracies) - len(points) : len(accuracies)]
            axes.plot(*zip(*published, strict=True), "xC3", label="the article's")
            axes.legend(loc="lower right")
    figure.axes[0].set_ylim(0, 102)
    return figure


def draw_mistakes(outputs: npt.NDArray[Any], split: nn.datasets.Split, most: int = 24) -> Figure:
    """Draw digits that are read wrong, with the true digit, the one seen, and its probability."""
    seen = outputs.argmax(axis=1)
    wrong = np.flatnonzero(seen != split.labels)
    probabilities = sigmoid(outputs).numpy()
    side = math.isqrt(split.images.shape[1])
    rows = math.ceil(min(len(wrong), most) / 6)
    figure = Figure(figsize=(9, 2 * rows + 0.9), layout="constrained")
    which = f"; the first {most}" if len(wrong) > most else ""
    about = "The true digit, what was seen in it, and with what probability." if rows else ""
    figure.suptitle(f"{len(wrong)} of {len(seen)} test digits are read wrong{which}\n{about}")
    for position, i in enumerate(wrong[:most], start=1):
        axes = figure.add_subplot(rows, 6, position, xticks=[], yticks=[])
        axes.imshow(split.images[i].reshape(side, side), cmap="gray_r", vmin=0, vmax=1)
        percent = 100 * probabilities[i, seen[i]]
        axes.set_title(
            f"{split.labels[i]}, seen as {seen[i]}\n({percent:.1f} %)", fontsize="medium"
        )
    return figure


def png(figure: Figure) -> bytes:
    """Return the figure as a PNG file."""
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=120)
    return content.getvalue()


def write(path: Path, content: bytes) -> None:
    """Write a file atomically, so that a half-written one never has its name."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    print(f"wrote {path}")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; exit with a message if one is wrong."""
    natural = checked(int, lambda n: n >= 0, "a whole number from 0 on")
    positive = checked(int, lambda n: n > 0, "a whole number from 1 on")
    rate = checked(float, lambda r: 0 < r < math.inf, "a finite number above 0")
    folder = checked(Path, Path.is_dir, "a folder that exists")
    sizes = checked(
        lambda text: [int(size) for size in text.split(",")],
        lambda sizes: all(0 < size <= 10**6 for size in sizes),
        "sizes from 1 to 1000000",
    )
    default = "(default: %(default)s)"
    epochs = f"passes through the training images {default}"
    batch_size = f"images in each step {default}"
    learning_rate = f"factor of the gradient in each step {default}"
    parser = argparse.ArgumentParser("mnist.py", description=__doc__)
    add = parser.add_argument
    add("--epochs", type=natural, default=30, metavar="N", help=epochs)
    add("--batch-size", type=positive, default=100, metavar="N", help=batch_size)
    add("--learning-rate", type=rate, default=3.0, metavar="RATE", help=learning_rate)
    about = "sizes of the hidden layers, such as 100 50 or 100,50, or nothing (default: 200)"
    add("--hidden", type=sizes, nargs="*", default=[[200]], metavar="SIZE", help=about)
    add(
        "--dtype",
        choices=("float32", "float64"),
        default="float32",
        help=f"data type of all numbers {default}",
    )
    how = parser.add_mutually_exclusive_group()
    about = "don't capture the training step: slower, and the same numbers to the last bit"
    how.add_argument("--eager", action="store_true", help=about)
    about = "let the captured step add sums in another order: faster, but rounded differently"
    how.add_argument("--fast", action="store_true", help=about)
    about = "share each batch between the processes that mpiexec starts (docs/parallel.md)"
    add("--parallel", action="store_true", help=about)
    about = f"seed of the initial parameters and the shuffling {default}"
    add("--seed", type=natural, default=0, metavar="N", help=about)
    about = "folder with MNIST's four files (default: $AUTOGRAD_LITE_DATA, else downloaded)"
    add("--data-dir", type=folder, metavar="DIR", help=about)
    about = f"folder for the weights and the pictures {default}"
    add("--output-dir", type=Path, default=Path("output"), metavar="DIR", help=about)
    bars = parser.add_mutually_exclusive_group()
    about = "show progress bars, also where there is no terminal, as below mpiexec"
    bars.add_argument("--progress", dest="hide_progress", action="store_false", help=about)
    about = "show no progress bars (default: show them in a terminal)"
    bars.add_argument("--no-progress", dest="hide_progress", action="store_true", help=about)
    parser.set_defaults(hide_progress=None)
    about = "fail if MNIST isn't available, instead of using scikit-learn's digits"
    add("--require-mnist", action="store_true", help=about)
    options = parser.parse_args(arguments)
    options.hidden = list(chain.from_iterable(options.hidden))
    try:
        options.output_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"argument --output-dir: can't make {options.output_dir}: {error.strerror}")
    if not os.access(options.output_dir, os.W_OK):
        parser.error(f"argument --output-dir: can't write in {options.output_dir}")
    return options


def checked(kind: Callable[[str], T], fits: Callable[[T], bool], wanted: str) -> Callable[[str], T]:
    """Return a function that converts the text of an option, or raises an error."""

    def convert(text: str) -> T:
        with suppress(OSError, ValueError):
            value = kind(text)
            if fits(value):
                return value
        raise argparse.ArgumentTypeError(f"must be {wanted}, not {text!r}")

    return convert


if __name__ == "__main__":
    sys.exit(main())
