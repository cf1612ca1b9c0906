"""Large arrays: what a gradient costs compared with its function, in time and in memory.

python tests/benchmarks/chains.py --size 1000000
"""

import argparse
import statistics
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from measuring import installed, limit_threads, median_ratio, seconds, show

from autograd_lite import Tensor, as_tensor

CHAINS: dict[str, Callable[[Any, Any], Any]] = {
    "tanh, 4 times": lambda f, x: f.tanh(f.tanh(f.tanh(f.tanh(x)))),
    "products": lambda f, x: x * x * x * x * x * x,
    "sin(x) exp(-x) + sin(x²) exp(-x²)": lambda f, x: (
        f.sin(x) * f.exp(-x) + f.sin(x * x) * f.exp(-x * x)
    ),
    "sqrt(tanh(x² + 1) / (1 + exp(-x)))": lambda f, x: f.sqrt(
        f.tanh(x * x + 1.0) / (1.0 + f.exp(-x))
    ),
    "maximum(x, y), twice": lambda f, x: f.maximum(f.maximum(x * 2.0, x * x) - 0.5, x),
    "sums": lambda f, x: x + 1.0 + x + x + x + x,
}
"""Functions, given a namespace such as ``np`` and an array."""


def leaf(array: Any) -> Tensor:
    """Return a tensor that shares the array and requires a gradient."""
    x = as_tensor(array)
    x.requires_grad = True
    return x


def gradient_of(chain: Callable[[Any, Any], Any]) -> dict[str, Callable[[Any], Any]]:
    """Return for each framework a function that computes the gradient of the chain's sum."""

    def ours(array: Any) -> Any:
        x = leaf(array)
        chain(np, x).sum().backward()
        return x.grad

    ways: dict[str, Callable[[Any], Any]] = {"ours": ours}
    torch: Any = installed("torch")
    if torch is not None:
        torch.set_num_threads(1)

        def theirs(array: Any) -> Any:
            x = torch.from_numpy(array).requires_grad_()
            chain(torch, x).sum().backward()
            return x.grad

        ways["PyTorch"] = theirs
    hips: Any = installed("autograd")
    if hips is not None:
        functions: Any = installed("autograd.numpy")
        ways["HIPS autograd"] = hips.grad(lambda x: functions.sum(chain(functions, x)))
    mygrad: Any = installed("mygrad")
    if mygrad is not None:

        def my_gradient(array: Any) -> Any:
            x = mygrad.tensor(array)
            chain(mygrad, x).sum().backward()
            return x.grad

        ways["MyGrad"] = my_gradient
    return ways


def record(chain: Callable[[Any, Any], Any], array: Any) -> Any:
    """Run our own forward pass of a chain, recording it."""
    return chain(np, leaf(array)).sum()


def measure_time(size: int, repeats: int) -> None:
    """Print for each chain NumPy's time, and how many times as long each gradient takes."""
    array = np.linspace(0.1, 1, size)
    rows: list[list[str]] = []
    for name, chain in CHAINS.items():
        ways = gradient_of(chain)
        if not rows:
            rows.append(["", "NumPy ms", *ways, "ours / own forward"])
        plain: list[float] = []
        recorded: list[float] = []
        times: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(repeats):
            plain.append(seconds(lambda chain=chain: chain(np, array).sum(), 1))
            recorded.append(seconds(partial(record, chain, array), 1))
            for way, gradient in ways.items():
                times[way].append(seconds(partial(gradient, array), 1))
        row = [name, f"{statistics.median(plain) * 1e3:.1f}"]
        row += [f"{median_ratio(taken, plain):.2f}" for taken in times.values()]
        row.append(f"{median_ratio(times['ours'], recorded):.2f}")
        rows.append(row)
    print(
        f"gradient of a chain's sum on {size:,} float64 values: its time divided by that of the\n"
        "chain in NumPy, which keeps nothing; and by that of our own forward pass, which records"
    )
    show(rows)


def measure_memory(size: int, length: int) -> None:
    """Print the peak memory of a backward pass, and the memory that the forward pass held."""
    rows = [["", "held MB", "peak MB", "peak/held"]]
    ops: dict[str, Callable[[Any], Any]] = {
        "tanh": np.tanh,
        "x * x": lambda x: x * x,
        "sin": np.sin,
        "x + 1": lambda x: x + 1.0,
    }
    for name, op in ops.items():
        x = Tensor(np.linspace(0, 1, size), requires_grad=True)
        tracemalloc.start()
        y = x
        for _ in range(length):
            y = op(y)
        loss = y.sum()
        del y
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        loss.backward()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        rows.append([name, f"{held / 1e6:.1f}", f"{peak / 1e6:.1f}", f"{peak / held:.3f}"])
    print(f"\nmemory of {length} ops in a chain on {size:,} values: forward held, backward's peak")
    show(rows)


def measure_slices(size: int, repeats: int) -> None:
    """Print what the gradient of reading rows costs, compared with assigning them."""
    rows = [["rows", "assigning ms", "gradient ms", "PyTorch ms"]]
    torch: Any = installed("torch")
    for count in (100, 400, 1600):
        array = np.ones((count, size // count))
        out = np.empty_like(array)
        times: dict[str, list[float]] = {"assigning": [], "ours": [], "PyTorch": []}
        for _ in range(repeats):
            times["assigning"].append(seconds(partial(assign_rows, out, array), 1))
            makers = {"ours": partial(Tensor, requires_grad=True)}
            if torch is not None:
                makers["PyTorch"] = partial(torch.tensor, requires_grad=True)
            for name, make in makers.items():
                x = make(array)
                total = x[0]
                for i in range(1, count):
                    total = total + x[i]
                times[name].append(seconds(total.sum().backward, 1))
        row = [f"{count}"]
        row += [f"{statistics.median(t) * 1e3:.2f}" if t else "-" for t in times.values()]
        rows.append(row)
    print(f"\ngradient of the sum of the rows of {size:,} values, taken one by one")
    show(rows)


def assign_rows(out: Any, array: Any) -> None:
    """Copy an array row by row."""
    for i in range(len(out)):
        out[i] = array[i]


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--chain", type=int, default=60)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    limit_threads(arguments.threads)
    measure_time(arguments.size, arguments.repeats)
    measure_memory(arguments.size // 5, arguments.chain)
    measure_slices(arguments.size, arguments.repeats)


if __name__ == "__main__":
    main()
