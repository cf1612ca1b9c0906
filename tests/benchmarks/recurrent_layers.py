"""Recurrent layers beside PyTorch's fused ones and its loops over cells: forward and backward.

All start from the same weights, and must agree on the gradients before they are timed.

    python tests/benchmarks/recurrent_layers.py --kinds LSTM GRU RNN --repeats 40
    python tests/benchmarks/recurrent_layers.py --sizes 50 32 64 64 --sizes 20 1 16 32
"""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from measuring import installed, limit_threads, machine, median_ratio, show

import nn
from autograd_lite import capture

Step = Callable[[], Any]


def ours(kind: str, x: Any, hidden: int) -> tuple[dict[str, Step], Any]:
    """Return our steps, eager and captured, and the layer."""
    layer = getattr(nn, kind)(x.shape[2], hidden, rng=0)
    parameters = layer.parameters()

    def step(x: Any) -> Any:
        for p in parameters:  # as an optimizer does
            p.grad = None
        loss = layer(x)[0].sum()
        loss.backward()
        return loss

    captured = capture(step)
    return {"ours, eager": lambda: step(x), "ours, captured": lambda: captured(x)}, layer


def pytorch(kind: str, x: Any, hidden: int, layer: Any) -> tuple[dict[str, Step], Any]:
    """Return PyTorch's steps, by its layer and by a loop over its cell, and the layer."""
    torch: Any = installed("torch")
    fused = getattr(torch.nn, kind)(x.shape[2], hidden)
    cell = getattr(torch.nn, f"{kind}Cell")(x.shape[2], hidden)
    state = {name: torch.from_numpy(values) for name, values in layer.state_dict().items()}
    fused.load_state_dict(state)
    cell.load_state_dict({name.removesuffix("_l0"): values for name, values in state.items()})
    inputs = torch.from_numpy(x)
    parameters = [*fused.parameters(), *cell.parameters()]

    def by_layer() -> None:
        for p in parameters:
            p.grad = None
        fused(inputs)[0].sum().backward()

    def by_cells() -> None:
        for p in parameters:
            p.grad = None
        hx, outputs = None, []
        for x_t in inputs:
            hx = cell(x_t, hx)
            outputs.append(hx[0] if isinstance(hx, tuple) else hx)
        torch.stack(outputs).sum().backward()

    return {"PyTorch, layer": by_layer, "PyTorch, cells": by_cells}, fused


def measure(kind: str, sizes: tuple[int, ...], repeats: int) -> None:
    """Time all contenders in turns, and print a table."""
    times, batch, inputs, hidden = sizes
    x = np.random.default_rng(0).standard_normal((times, batch, inputs)).astype(np.float32)
    steps, layer = ours(kind, x, hidden)
    if installed("torch") is not None:
        others, theirs = pytorch(kind, x, hidden, layer)
        steps |= others
    for step in steps.values():
        for _ in range(4):  # as often as capture needs
            step()
    if installed("torch") is not None:
        steps["PyTorch, layer"]()
        for name, p in layer.named_parameters():
            expected = getattr(theirs, name).grad.numpy()
            np.testing.assert_allclose(
                p.grad.data, expected, 1e-3, 1e-4 * np.abs(expected).max(), err_msg=name
            )
    took: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(repeats):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            took[name].append(time.perf_counter() - start)
    base = took.get("PyTorch, layer", took["ours, eager"])
    print(f"\n{kind}, {times} times, batch {batch}, {inputs} inputs, {hidden} units, float32")
    show(
        [
            ("", "least ms", "median ms", "ratio"),
            *(
                (
                    name,
                    f"{1e3 * min(values):.2f}",
                    f"{1e3 * statistics.median(values):.2f}",
                    f"{median_ratio(values, base):.2f}",
                )
                for name, values in took.items()
            ),
        ]
    )


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kinds", nargs="+", default=["LSTM", "GRU", "RNN"])
    parser.add_argument(
        "--sizes",
        type=int,
        nargs=4,
        action="append",
        metavar=("TIMES", "BATCH", "INPUTS", "UNITS"),
    )
    parser.add_argument("--repeats", type=int, default=40)
    arguments = parser.parse_args()
    limit_threads(1)
    torch: Any = installed("torch")
    if torch is not None:
        torch.set_num_threads(1)
    print(machine())
    for sizes in arguments.sizes or [(50, 32, 64, 64)]:
        for kind in arguments.kinds:
            measure(kind, tuple(sizes), arguments.repeats)


if __name__ == "__main__":
    main()
