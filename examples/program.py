"""What the example programs share: options, errors, the end by Ctrl-C, and the picture's file."""

import argparse
import importlib
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence, Sized
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import numpy as np

import nn
from autograd_lite.errors import AutogradLiteError, DatasetError, MissingExtraError

try:  # told now, and not when there are results to save
    import safetensors  # noqa: F401 - for nn.save
    from matplotlib.figure import Figure
except ModuleNotFoundError as error:
    name, absent = Path(sys.argv[0]).name, str(error.name).partition(".")[0]
    sys.exit(f"{name}: error: {MissingExtraError(absent, 'examples')}")

try:
    from threadpoolctl import threadpool_limits  # installed with scikit-learn
except ModuleNotFoundError:
    threadpool_limits = None

T = TypeVar("T")
INTERRUPTED = 130  # the exit code of shells: 128 + SIGINT


def parser(name: str, description: str | None) -> argparse.ArgumentParser:
    """Return a parser of the options that only one program has."""
    return argparse.ArgumentParser(name, description=description, formatter_class=_Help)


class _Help(argparse.ArgumentDefaultsHelpFormatter):
    """Help with defaults, but not with those that mean "nothing given"."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        absent = action.default is None or action.default is False
        return action.help if absent else super()._get_help_string(action)


def parse(
    parser: argparse.ArgumentParser, arguments: Sequence[str] | None, *, digits: bool = False
) -> argparse.Namespace:
    """Return the options, with those that all programs have; exit with a message if one is wrong.

    With ``digits``, one says where MNIST is. The folder for the results is made.
    """
    add = parser.add_argument
    if digits:
        add("--data-dir", type=folder, help="with MNIST's four files; else they are downloaded")
    add("--eager", action="store_true", help="don't capture the steps: slower, the same numbers")
    add("--seed", type=whole, default=0, help="of everything that is random")
    add("--output-dir", type=Path, default=Path("output"), help="for the results and the picture")
    add("--no-progress", action="store_true", help="show no progress bars")
    options = parser.parse_args(arguments)
    output = options.output_dir
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"argument --output-dir: can't make {output}: {error.strerror}")
    if not os.access(output, os.W_OK):
        parser.error(f"argument --output-dir: can't write in {output}")
    options.program = parser.prog
    options.progress = False if options.no_progress else None
    options.step = "eager" if options.eager else "captured"
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


natural = checked(int, lambda n: n > 0, "a whole number from 1 on")
whole = checked(int, lambda n: n >= 0, "a whole number from 0 on")
positive = checked(float, lambda x: 0 < x < math.inf, "a finite number above 0")
amount = checked(float, lambda x: 0 <= x < math.inf, "a finite number from 0 on")
share = checked(float, lambda x: 0 <= x < 1, "a number from 0 to below 1")
folder = checked(Path, Path.is_dir, "a folder that exists")


def run(work: Callable[[argparse.Namespace], bool], options: argparse.Namespace) -> int:
    """Do the work, which returns whether Ctrl-C ended it early; return the exit code.

    Errors are printed in one line. If training diverges, the loss shows it; NumPy's warnings would
    only repeat it.
    """
    try:
        with np.errstate(over="ignore", invalid="ignore"), one_thread():
            interrupted = work(options)
    except (AutogradLiteError, MemoryError, OSError) as error:
        print(f"{options.program}: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{options.program}: interrupted", file=sys.stderr)
        return INTERRUPTED
    return INTERRUPTED if interrupted else 0


def one_thread() -> AbstractContextManager[Any]:
    """Limit BLAS to one thread: for small products, several wait for each other, and busily."""
    limits: AbstractContextManager[Any] = nullcontext()
    if threadpool_limits is not None:
        limits = threadpool_limits(limits=1, user_api="blas")
    return limits


def digits(options: argparse.Namespace) -> tuple[str, nn.datasets.MNIST]:
    """Return the name of the data and the digits: MNIST, or without a network scikit-learn's."""
    try:
        return "MNIST", nn.datasets.mnist(options.data_dir)
    except DatasetError as error:
        if options.data_dir or os.environ.get("AUTOGRAD_LITE_DATA"):
            raise
        print(f"{options.program}: {error}", file=sys.stderr)
        print(f"{options.program}: using scikit-learn's small digits instead", file=sys.stderr)
        return "scikit-learn's digits", nn.datasets.digits()


def table(name: str) -> Any:
    """Return a table of scikit-learn's, such as "diabetes": ``data``, ``target``, their names."""
    try:
        datasets = importlib.import_module("sklearn.datasets")
    except ModuleNotFoundError as error:
        raise MissingExtraError("scikit-learn", "examples") from error
    return getattr(datasets, f"load_{name}")()


def standardized(x: np.ndarray, training: np.ndarray) -> np.ndarray:
    """Return columns in units of their deviation from the mean, both those of ``training``."""
    return np.asarray((x - training.mean(axis=0)) / training.std(axis=0))


class Trail(nn.training.Callback):
    """Remembers all parameters as one vector, before the first epoch and after each."""

    def __init__(self) -> None:
        self.points: list[np.ndarray] = []

    def on_start(self, run: nn.training.Run) -> None:
        """Remember where it starts."""
        self.on_epoch(run)

    def on_epoch(self, run: nn.training.Run) -> None:
        """Remember where it is."""
        self.points.append(np.concatenate([p.numpy().ravel() for p in run.model.parameters()]))


class Steps:
    """The numbers from 1 to ``total``, with a progress bar, until Ctrl-C ends them.

    The first Ctrl-C sets ``interrupted`` and ends the loop after the step under way; a second one
    interrupts at once. It is for programs that have a loop of their own in place of ``nn.fit``.
    """

    def __init__(self, options: argparse.Namespace, total: int, unit: str) -> None:
        self.total = total
        self.interrupted = False
        disable = True if options.progress is False else None  # None: shown in a terminal
        self._bar: Any = None
        with suppress(ModuleNotFoundError):
            self._bar = importlib.import_module("tqdm").tqdm(
                total=total, unit=f" {unit}", disable=disable, leave=False, dynamic_ncols=True
            )
        self._interruptible = nn.training.interruptible(self._stop)

    def __enter__(self) -> "Steps":
        self._interruptible.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()
        self._interruptible.__exit__(kind, error, traceback)

    def __iter__(self) -> Iterator[int]:
        for number in range(1, self.total + 1):
            if self.interrupted:
                break
            yield number
            if self._bar is not None:
                self._bar.update()

    def report(self, line: str) -> None:
        """Print a line above the progress bar."""
        if self._bar is not None:
            self._bar.clear()
        report(line)

    def _stop(self) -> None:
        self.interrupted = True


def one_cycle(
    optimizer: nn.optim.Optimizer, batches: Sized, options: argparse.Namespace
) -> nn.training.Scheduled:
    """Return what lets the learning rate rise to ``--learning-rate`` and fall, once in all."""
    updates = len(batches) * options.epochs
    # the rate moves on after each update, the last one too
    rate = nn.optim.OneCycleLR(optimizer, options.learning_rate, total_steps=updates + 1)
    return nn.training.Scheduled(rate, each="update")


def report(line: str, end: str = "\n") -> None:
    """Print a line at once, also into a pipe."""
    print(line, end=end, flush=True)


def reporting(epochs: int, lines: int = 10) -> Callable[[str], None]:
    """Return a ``report`` for ``nn.fit`` that prints the first epoch and about so many others."""
    each = max(1, epochs // lines)

    def some(line: str) -> None:
        epoch = int(line.removeprefix("epoch").split(":")[0])
        if epoch == 1 or epoch % each == 0:
            report(line)

    return some


def figure(width: float, height: float) -> Figure:
    """Return an empty figure of so many inches."""
    return Figure(figsize=(width, height), layout="constrained")


def save_picture(figure: Figure, file: Path) -> None:
    """Write a PNG file that replaces an older one only when it is complete."""
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        figure.savefig(part, format="png", dpi=120)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    print(f"wrote {file}")
