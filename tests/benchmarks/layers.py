"""Layers beside PyTorch's on one thread: pooling, activations and normalization.

python tests/benchmarks/layers.py --repeats 30
python tests/benchmarks/layers.py --only Pool
"""

import argparse
import statistics
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from measuring import installed, limit_threads, machine, median_ratio, seconds, show

import nn
from autograd_lite import Tensor

IMAGES = (64, 8, 24, 24)
ROWS = (64, 256)

ACTIVATIONS = ["ReLU", "LeakyReLU", "PReLU", "ELU", "SELU", "GELU", "SiLU", "Mish", "Softplus"]
ACTIVATIONS += ["Sigmoid", "Tanh", "Hardtanh", "Hardswish", "Softshrink", "Softsign", "LogSigmoid"]

LAYERS: list[tuple[str, tuple[int, ...], tuple[Any, ...]]] = [
    *((name, IMAGES, (2,)) for name in ("MaxPool2d", "AvgPool2d")),
    ("MaxPool2d", IMAGES, (3, 2, 1)),
    ("MaxPool1d", (64, 16, 100), (2,)),
    ("AdaptiveAvgPool2d", IMAGES, (1,)),
    ("AdaptiveMaxPool2d", IMAGES, (1,)),
    ("AdaptiveAvgPool2d", IMAGES, (7,)),
    *((name, IMAGES, ()) for name in ACTIVATIONS),
    ("GELU", IMAGES, ("tanh",)),
    ("Softmax", ROWS, (-1,)),
    ("LogSoftmax", ROWS, (-1,)),
    ("GLU", ROWS, ()),
    ("LayerNorm", ROWS, (256,)),
    ("RMSNorm", ROWS, (256,)),
    ("GroupNorm", IMAGES, (4, 8)),
    ("BatchNorm1d", ROWS, (256,)),
    ("BatchNorm2d", IMAGES, (8,)),
    ("InstanceNorm2d", IMAGES, (8,)),
    ("Dropout", IMAGES, (0.5,)),
]
"""Names, shapes of the input, and positional arguments that mean the same on both sides."""


def ours(name: str, arguments: tuple[Any, ...], x: Any) -> tuple[Callable[[], Any], Any]:
    """Return a call of our layer, and its backward pass on a new result."""
    layer = getattr(nn, name)(*arguments)
    leaf = Tensor(x, requires_grad=True)
    g = np.ones(layer(leaf).shape, x.dtype)

    def both() -> None:
        leaf.zero_grad()
        layer(leaf).backward(g)

    return partial(layer, leaf), both


def pytorch(
    torch: Any, name: str, arguments: tuple[Any, ...], x: Any
) -> tuple[Callable[[], Any], Any]:
    """Return the same for PyTorch's layer."""
    layer = getattr(torch.nn, name)(*arguments)
    leaf = torch.tensor(x, requires_grad=True)
    g = torch.ones_like(layer(leaf))

    def both() -> None:
        leaf.grad = None
        layer(leaf).backward(g)

    return partial(layer, leaf), both


def measure(repeats: int, only: str, dtype: str) -> None:
    """Print the times of a forward pass alone, and of one forward and backward."""
    torch: Any = installed("torch")
    if torch is not None:
        torch.set_num_threads(1)
    print(f"microseconds, medians of {repeats}, {dtype}; {machine()}")
    rows = [["", "forward", "PyTorch", "ratio", "and backward", "PyTorch", "ratio"]]
    rng = np.random.default_rng(0)
    for name, shape, arguments in LAYERS:
        if only not in name or not hasattr(nn, name):
            continue
        x = rng.standard_normal(shape).astype(dtype)
        runs = [ours(name, arguments, x)]
        if torch is not None:
            runs.append(pytorch(torch, name, arguments, x))
        row = [f"{name}{arguments} of {shape}".replace(",)", ")")]
        for part in range(2):
            times: list[list[float]] = [[] for _ in runs]
            calls = max(1, int(0.005 / seconds(runs[0][part], 2)))
            for _ in range(repeats):
                for own, run in zip(times, runs, strict=True):
                    own.append(seconds(run[part], calls))
            row += [f"{statistics.median(own) * 1e6:.0f}" for own in times]
            row += [f"{median_ratio(*times):.2f}"] if len(times) > 1 else ["", ""]
        rows.append(row)
    show(rows)


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--only", default="", help="a part of the names of layers")
    parser.add_argument("--dtype", default="float32")
    arguments = parser.parse_args()
    limit_threads(1)
    measure(arguments.repeats, arguments.only, arguments.dtype)


if __name__ == "__main__":
    main()
