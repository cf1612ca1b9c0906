"""Attention, and a whole layer of a transformer's encoder, beside PyTorch's: forward and backward.

Times are microseconds, medians; ratios are those of times that were measured in turn.

    python tests/benchmarks/attention.py --batch-sizes 8 32
"""

import argparse
import statistics
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from measuring import installed, limit_threads, machine, median_ratio, seconds, show

import nn
from autograd_lite import Tensor, capture, gradients

HEADS, LENGTH, FEATURES, UNITS = 4, 64, 64, 256
Runs = dict[str, Callable[[], Any]]


def normal(*shape: int) -> Any:
    """Return numbers in float32, the same for all."""
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def function(batch: int, torch: Any) -> Runs:
    """Return what applies the function to queries, keys and values that have their heads."""
    shape = (batch, HEADS, LENGTH, FEATURES // HEADS)
    arrays = [normal(*shape) for _ in range(3)]
    g = normal(*shape)
    inputs = [Tensor(x, requires_grad=True) for x in arrays]

    def ours(*_: Any) -> Any:
        y = nn.functional.scaled_dot_product_attention(*inputs)
        return gradients(y, inputs, g)

    runs: Runs = {"ours": ours, "ours, captured": capture(ours)}
    if torch is not None:
        others = [torch.tensor(x, requires_grad=True) for x in arrays]
        cotangent = torch.tensor(g)

        def theirs() -> Any:
            y = torch.nn.functional.scaled_dot_product_attention(*others)
            return torch.autograd.grad(y, others, cotangent)

        runs["PyTorch"] = theirs
    return runs


def layer(
    batch: int,
    torch: Any,
    make: Callable[[], Any],
    call: Callable[[Any, Any], Any],
    make_other: Any,
) -> Runs:
    """Return what calls a layer and differentiates its parameters and its input."""
    model, x = make(), Tensor(normal(batch, LENGTH, FEATURES), requires_grad=True)
    leaves = [*model.parameters(), x]
    g = normal(batch, LENGTH, FEATURES)

    def ours() -> Any:
        for leaf in leaves:
            leaf.grad = None
        call(model, x).backward(g)

    runs: Runs = {"ours": ours, "ours, captured": capture(ours)}
    if torch is not None:
        other, other_x = make_other(torch), torch.tensor(x.data, requires_grad=True)
        others = [*other.parameters(), other_x]
        cotangent = torch.tensor(g)

        def theirs() -> None:
            for leaf in others:
                leaf.grad = None
            call(other, other_x).backward(cotangent)

        runs["PyTorch"] = theirs
    return runs


def encoder_layer(batch: int, torch: Any) -> Runs:
    """Return a layer of an encoder, without dropout."""
    options: Mapping[str, Any] = {"dim_feedforward": UNITS, "dropout": 0.0, "batch_first": True}
    return layer(
        batch,
        torch,
        lambda: nn.TransformerEncoderLayer(FEATURES, HEADS, **options, rng=0),
        lambda model, x: model(x),
        lambda torch: torch.nn.TransformerEncoderLayer(FEATURES, HEADS, **options),
    )


def attention_layer(need_weights: bool) -> Callable[[int, Any], Runs]:
    """Return attention of a sequence to itself, which returns its weights or doesn't."""
    return lambda batch, torch: layer(
        batch,
        torch,
        lambda: nn.MultiheadAttention(FEATURES, HEADS, batch_first=True, rng=0),
        lambda model, x: model(x, x, x, need_weights=need_weights)[0],
        lambda torch: torch.nn.MultiheadAttention(FEATURES, HEADS, batch_first=True),
    )


def embedding(batch: int, torch: Any) -> Runs:
    """Return an embedding of 1000 things."""
    index = np.random.default_rng(0).integers(0, 1000, (batch, LENGTH))
    model, g = nn.Embedding(1000, FEATURES, rng=0), normal(batch, LENGTH, FEATURES)

    def ours() -> Any:
        model.weight.grad = None
        model(index).backward(g)

    runs: Runs = {"ours": ours, "ours, captured": capture(ours)}
    if torch is not None:
        other = torch.nn.Embedding(1000, FEATURES)
        other_index, cotangent = torch.tensor(index), torch.tensor(g)

        def theirs() -> None:
            other.weight.grad = None
            other(other_index).backward(cotangent)

        runs["PyTorch"] = theirs
    return runs


SUBJECTS = {
    "function": function,
    "layer": attention_layer(need_weights=False),
    "layer with weights": attention_layer(need_weights=True),
    "encoder layer": encoder_layer,
    "embedding": embedding,
}


def measure(name: str, batch: int, runs: Runs, repeats: int) -> list[str]:
    """Return a row of the table."""
    for run in runs.values():
        for _ in range(6):  # a captured function is replayed from then on
            run()
    times: dict[str, list[float]] = {contender: [] for contender in runs}
    calls = max(1, round(0.02 / seconds(runs["ours"], 1)))
    for _ in range(repeats):
        for contender, run in runs.items():
            seconds(run, 1)
            times[contender].append(seconds(run, calls))
    row = [f"{name}, batch {batch}"]
    row += [f"{statistics.median(found) * 1e6:,.0f}" for found in times.values()]
    if "PyTorch" in times:
        own = ("ours", "ours, captured")
        row += [f"{median_ratio(times[contender], times['PyTorch']):.2f}" for contender in own]
    return row


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[8, 32])
    parser.add_argument("--only", choices=SUBJECTS, nargs="+", default=list(SUBJECTS))
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    limit_threads(arguments.threads)
    torch: Any = installed("torch")
    head = ["µs", "ours", "captured"]
    if torch is not None:
        torch.set_num_threads(arguments.threads)
        head += ["PyTorch", "ours / PyTorch", "captured / PyTorch"]
    print(
        f"{HEADS} heads, {LENGTH} positions, {FEATURES} features, {UNITS} units, float32; "
        f"threads: {arguments.threads}; {machine()}"
    )
    rows = [
        measure(name, batch, SUBJECTS[name](batch, torch), arguments.repeats)
        for name in arguments.only
        for batch in arguments.batch_sizes
    ]
    show([head, *rows])


if __name__ == "__main__":
    main()
