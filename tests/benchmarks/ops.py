"""The cost of recording an op, and of its backward pass, on arrays of one element.

python tests/benchmarks/ops.py --repeats 30
"""

import argparse
import statistics
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from measuring import installed, limit_threads, seconds, show

from autograd_lite import Tensor

CALLS = 2000


class Peer(NamedTuple):
    """A framework: how it makes a leaf, applies functions, and goes backward."""

    name: str
    leaf: Callable[[Any], Any]
    functions: Any
    backward: Callable[[Any], Any]


def peers() -> list[Peer]:
    """Return our framework, and the installed ones that record on tensors."""
    found = [Peer("ours", partial(Tensor, requires_grad=True), np, lambda y: y.backward())]
    torch: Any = installed("torch")
    if torch is not None:
        torch.set_num_threads(1)
        leaf = partial(torch.tensor, requires_grad=True)
        found.append(Peer("PyTorch", leaf, torch, lambda y: y.backward()))
    mygrad: Any = installed("mygrad")
    if mygrad is not None:
        found.append(Peer("MyGrad", mygrad.tensor, mygrad, lambda y: y.backward()))
    return found


OPS: dict[str, Callable[[Any, Any], Any]] = {
    "x + y": lambda f, x: x + x,
    "x * y": lambda f, x: x * x,
    "x * 2.0": lambda f, x: x * 2.0,
    "x / y": lambda f, x: x / x,
    "exp(x)": lambda f, x: f.exp(x),
    "x.sum()": lambda f, x: x.sum(),
}
"""Functions of arrays or tensors, given a namespace such as ``np``."""


def measure_ops(size: int, repeats: int) -> None:
    """Print for each op NumPy's own time, and how much time recording adds."""
    array = np.linspace(1, 2, size)
    candidates = peers()
    header = ["", "NumPy ns"]
    for peer in candidates:
        header += [f"{peer.name} ns", "added"]
    rows = [header]
    for name, op in OPS.items():
        runs: dict[str, Callable[[], Any]] = {"NumPy": partial(op, np, array)}
        runs |= {p.name: partial(op, p.functions, p.leaf(array)) for p in candidates}
        times: dict[str, list[float]] = {run: [] for run in runs}
        for _ in range(repeats):
            for run, function in runs.items():
                times[run].append(seconds(function, CALLS))
        plain = statistics.median(times["NumPy"])
        row = [name, f"{plain * 1e9:.0f}"]
        for peer in candidates:
            added = [a - b for a, b in zip(times[peer.name], times["NumPy"], strict=True)]
            row.append(f"{statistics.median(times[peer.name]) * 1e9:.0f}")
            row.append(f"{statistics.median(added) * 1e9:.0f}")
        rows.append(row)
    print(f"one recorded op on {size} float64 values")
    show(rows)


def measure_backward(size: int, length: int, repeats: int) -> None:
    """Print the time per op of a chain, forward and backward.

    HIPS autograd can't record without a backward pass, so it gets one time for both.
    """
    array = np.full(size, 1.0)
    chains: dict[str, Callable[[Any], Any]] = {
        "additions": lambda x: add_up(x, length),
        "multiplications": lambda x: multiply_up(x, length),
    }
    hips: Any = installed("autograd")
    print(f"\na chain of {length:,} ops on {size} values, ns per op")
    rows = [["", "", "forward", "backward"]]
    for name, chain in chains.items():
        for peer in peers():
            ways: list[tuple[float, float]] = []
            for _ in range(repeats):
                x = peer.leaf(array)
                results: list[Any] = []
                forward = seconds(partial(keep, results, chain, x), 1)
                ways.append((forward, seconds(partial(peer.backward, results[0]), 1)))
            there, back = (statistics.median(way) / length * 1e9 for way in zip(*ways, strict=True))
            rows.append([name, peer.name, f"{there:.0f}", f"{back:.0f}"])
        if hips is not None:
            gradient = hips.grad(chain)
            taken = [seconds(partial(gradient, array), 1) for _ in range(repeats)]
            both = statistics.median(taken) / length * 1e9
            rows.append([name, "HIPS autograd", "both:", f"{both:.0f}"])
    show(rows)


def keep(results: list[Any], chain: Callable[[Any], Any], x: Any) -> None:
    """Append the result of the chain, one value, to the list."""
    results.append(chain(x))


def add_up(x: Any, length: int) -> Any:
    """Return ``x`` added to itself many times."""
    y = x
    for _ in range(length):
        y = y + x
    return y.sum()


def multiply_up(x: Any, length: int) -> Any:
    """Return ``x`` multiplied by itself many times."""
    y = x
    for _ in range(length):
        y = y * x
    return y.sum()


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--chain", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    limit_threads(arguments.threads)
    measure_ops(arguments.size, arguments.repeats)
    measure_backward(arguments.size, arguments.chain, arguments.repeats)


if __name__ == "__main__":
    main()
