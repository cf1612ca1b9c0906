"""What a training step costs against width, depth, batch, and number of parameter arrays.

    python tests/benchmarks/scaling.py --repeats 9 --picture scaling.png

Drawing needs Matplotlib.
"""

import argparse
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contest import OURS, Task, gather, number, timed
from measuring import installed, limit_threads, machine, show
from tasks.arrays import VALUES, with_arrays
from tasks.networks import training_step

CONTENDERS = (*OURS, "PyTorch eager", "JAX jit")


@dataclass
class Series:
    """Tasks that differ in one number."""

    title: str
    variable: str
    task: Callable[[int], Task]
    numbers: Sequence[int]


SERIES = {
    "width": Series(
        "3 layers, batch 32",
        "width of every layer",
        lambda width: training_step((width,) * 4, 32, "tanh"),
        (4, 16, 64, 128, 256, 512, 1024),
    ),
    "depth": Series(
        "layers of 32, batch 16",
        "number of layers",
        lambda depth: training_step((32,) * (depth + 1), 16, "tanh"),
        (1, 2, 4, 8, 16, 32, 64),
    ),
    "batch": Series(
        "784-200-10",
        "batch size",
        lambda batch: training_step((784, 200, 10), batch),
        (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
    ),
    "arrays": Series(
        f"{VALUES:,} parameters, sum of squares",
        "number of parameter arrays",
        with_arrays,
        (1, 4, 16, 64, 256, 1024),
    ),
}

Medians = dict[str, list[float]]  # µs by contender, NaN where it is missing


def measure(series: Series, repeats: int) -> Medians:
    """Time the contenders at each number, and print a table."""
    medians: Medians = {name: [] for name in CONTENDERS}
    missing: dict[str, str] = {}
    for value in series.numbers:
        task = series.task(value)
        makers = {name: make for name, make in task.contenders().items() if name in CONTENDERS}
        contest = gather(makers, task.rtol, task.atol)
        missing |= contest.missing
        times = timed(contest, repeats)
        for name in CONTENDERS:
            taken = statistics.median(times[name]) * 1e6 if name in times else float("nan")
            medians[name].append(taken)
    for name in missing:
        del medians[name]
    print(f"\n{series.title}: µs per training step, float32")
    rows = [[series.variable, *medians]]
    for i, value in enumerate(series.numbers):
        rows.append([str(value), *(number(taken[i]) for taken in medians.values())])
    show(rows)
    for name, reason in missing.items():
        print(f"{name}: {reason}")
    return medians


def draw(results: Mapping[str, Medians], file: str) -> None:
    """Draw all series, with logarithmic axes."""
    pyplot: Any = installed("matplotlib.pyplot")
    if pyplot is None:
        raise SystemExit("--picture needs Matplotlib: pip install matplotlib")
    pyplot.switch_backend("agg")
    figure, axes = pyplot.subplots(
        1, len(results), figsize=(4.5 * len(results), 4), squeeze=False, layout="constrained"
    )
    for ax, (name, medians) in zip(axes[0], results.items(), strict=True):
        series = SERIES[name]
        for color, contender in enumerate(CONTENDERS):  # one color each, whoever is missing
            if contender in medians:
                ax.loglog(
                    series.numbers, medians[contender], "o-", color=f"C{color}", label=contender
                )
        ax.set(title=series.title, xlabel=series.variable)
        ax.grid(alpha=0.3, which="both")
    axes[0, 0].set_ylabel("µs per training step")
    axes[0, 0].legend()
    figure.savefig(file, dpi=120)
    print(f"\ndrawn: {file}")


def main() -> None:
    """Read the command line, measure and draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=SERIES, nargs="+", default=list(SERIES))
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--picture", metavar="FILE", help="draw the series into this file")
    arguments = parser.parse_args()
    limit_threads(arguments.threads)
    torch: Any = installed("torch")
    if torch is not None:
        torch.set_num_threads(arguments.threads)
    print(f"\nthreads: {arguments.threads}; {machine()}")
    results = {name: measure(SERIES[name], arguments.repeats) for name in arguments.only}
    if arguments.picture:
        draw(results, arguments.picture)


if __name__ == "__main__":
    main()
