"""One step of an optimizer, beside PyTorch's: eager, and captured.

The gradients are there already; only the update is timed. PyTorch's default on a CPU goes through
the parameters op by op (``foreach``, or a loop, as it chooses); ``fused=True`` is its own kernel.

    python tests/benchmarks/optimizers.py
    python tests/benchmarks/optimizers.py --optimizers Adam --arrays 100x10000 --repeats 30
"""

import argparse
import random
import statistics
from collections.abc import Callable
from typing import Any

import numpy as np
from measuring import installed, limit_threads, machine, median_ratio, seconds, show

import autograd_lite
import nn
from autograd_lite import Tensor

OPTIMIZERS = {
    "SGD": {"momentum": 0.9},
    "RMSprop": {},
    "Adam": {},
    "AdamW": {},
    "NAdam": {},
}
ARRAYS = ["100x10000", "1x1000000", "4x40000", "1000x100", "1000x10"]


def ours(kind: str, gradients: list[Any], *, captured: bool) -> Callable[[], object]:
    """Return a step of ours."""
    parameters = [Tensor(np.ones_like(g), requires_grad=True) for g in gradients]
    tensors = [autograd_lite.as_tensor(g) for g in gradients]
    optimizer = getattr(nn.optim, kind)(parameters, 1e-3, **OPTIMIZERS[kind])
    for p, g in zip(parameters, tensors, strict=True):
        p.grad = g
    if not captured:
        return optimizer.step  # type: ignore[no-any-return]
    step = autograd_lite.capture(optimizer.step, on_miss="error")
    for _ in range(4):
        step()
    return step


def theirs(torch: Any, kind: str, gradients: list[Any], **options: Any) -> Callable[[], object]:
    """Return a step of PyTorch's."""
    parameters = [torch.nn.Parameter(torch.ones(g.shape)) for g in gradients]
    for p, g in zip(parameters, gradients, strict=True):
        p.grad = torch.tensor(g)
    step = getattr(torch.optim, kind)(parameters, lr=1e-3, **OPTIMIZERS[kind], **options).step
    return step  # type: ignore[no-any-return]


def measure(torch: Any, kind: str, count: int, size: int, repeats: int) -> list[list[str]]:
    """Time all contenders in random order, and return rows of a table."""
    rng = np.random.default_rng(0)
    gradients = [rng.standard_normal(size).astype(np.float32) for _ in range(count)]
    contest = {
        "ours": ours(kind, gradients, captured=False),
        "ours, captured": ours(kind, gradients, captured=True),
    }
    if torch is not None:
        contest["PyTorch"] = theirs(torch, kind, gradients)
        if kind in ("SGD", "Adam", "AdamW"):
            contest["PyTorch, fused"] = theirs(torch, kind, gradients, fused=True)
    for step in contest.values():
        seconds(step, 3)
    times: dict[str, list[float]] = {name: [] for name in contest}
    for _ in range(repeats):
        for name in random.sample([*contest], len(contest)):
            times[name].append(seconds(contest[name], 3))
    rows = []
    for name, own in times.items():
        row = [f"{kind} {count} x {size}, {name}", f"{1e3 * min(own):.3f}"]
        row.append(f"{1e3 * statistics.median(own):.3f}")
        row.append(f"{median_ratio(own, times['PyTorch']):.2f}" if torch is not None else "")
        rows.append(row)
    return rows


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--optimizers", nargs="+", choices=[*OPTIMIZERS], default=[*OPTIMIZERS])
    parser.add_argument("--arrays", nargs="+", default=ARRAYS, help="how many x how large")
    parser.add_argument("--repeats", type=int, default=15)
    arguments = parser.parse_args()
    limit_threads(1)
    torch: Any = installed("torch")
    if torch is not None:
        torch.set_num_threads(1)
    print(f"\none thread, float32; {machine()}")
    rows = [["", "best ms", "median ms", "by PyTorch's"]]
    for kind in arguments.optimizers:
        for arrays in arguments.arrays:
            count, size = map(int, arrays.split("x"))
            rows += measure(torch, kind, count, size, arguments.repeats)
    show(rows)


if __name__ == "__main__":
    main()
