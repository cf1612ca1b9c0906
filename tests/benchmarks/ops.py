"""What recording an op costs, on arrays so small that nothing else counts.

python tests/benchmarks/ops.py --repeats 30
"""

import argparse
import statistics
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from measuring import installed, limit_threads, median_ratio, seconds, show

from autograd_lite import Tensor

OPS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "add": (lambda x: x + x, lambda x: x + x),
    "multiply by a number": (lambda x: x * 2.0, lambda x: x * 2.0),
    "exp": (np.exp, lambda x: x.exp()),
    "sum": (np.sum, lambda x: x.sum()),
}
"""Each on arrays, and on tensors, ours or PyTorch's."""


def measure_ops(size: int, repeats: int) -> None:
    """Print, for each op, NumPy's own time and what recording adds to it."""
    array = np.linspace(0, 1, size, dtype=np.float32)
    ours = Tensor(array, requires_grad=True)
    torch: Any = installed("torch")
    theirs = None if torch is None else torch.tensor(array, requires_grad=True)
    rows = [["", "NumPy ns", "ours ns", "added ns", "PyTorch ns", "ours/PyTorch"]]
    for name, (plain, recorded) in OPS.items():
        runs = {"NumPy": partial(plain, array), "ours": partial(recorded, ours)}
        if theirs is not None:
            runs["PyTorch"] = partial(recorded, theirs)
        times: dict[str, list[float]] = {run: [] for run in runs}
        for _ in range(repeats):
            for run, function in runs.items():
                times[run].append(seconds(function, 2000))
        nanos = {run: statistics.median(taken) * 1e9 for run, taken in times.items()}
        row = [name, f"{nanos['NumPy']:.0f}", f"{nanos['ours']:.0f}"]
        row.append(f"{nanos['ours'] - nanos['NumPy']:.0f}")
        if theirs is None:
            row += ["not installed", ""]
        else:
            ratio = median_ratio(times["ours"], times["PyTorch"])
            row += [f"{nanos['PyTorch']:.0f}", f"{ratio:.2f}"]
        rows.append(row)
    print(f"one op on {size} float32 values")
    show(rows)


def measure_chain(length: int, repeats: int) -> None:
    """Print the time per op of a long chain of additions, there and back."""
    torch: Any = installed("torch")
    array = np.ones(4, np.float32)
    makers: dict[str, Callable[[], Any]] = {"ours": lambda: Tensor(array, requires_grad=True)}
    if torch is not None:
        makers["PyTorch"] = lambda: torch.tensor(array, requires_grad=True)

    def chain(make: Callable[[], Any]) -> None:
        x = y = make()
        for _ in range(length):
            y = y + x
        y.sum().backward()

    print(f"\na chain of {length:,} additions, forward and backward, ns per op")
    rows = []
    for name, make in makers.items():
        taken = [seconds(partial(chain, make), 1) for _ in range(repeats)]
        rows.append((name, f"{statistics.median(taken) / length * 1e9:.0f}"))
    if torch is None:
        rows.append(("PyTorch", "not installed"))
    show(rows)


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--chain", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    limit_threads(arguments.threads)
    torch: Any = installed("torch")
    if torch is not None:
        torch.set_num_threads(arguments.threads)
    measure_ops(arguments.size, arguments.repeats)
    measure_chain(arguments.chain, min(arguments.repeats, 5))


if __name__ == "__main__":
    main()
