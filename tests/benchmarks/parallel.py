"""How long processes that share each batch train, beside one of them that trains alone.

Run it as ``mpiexec -n 2 python tests/benchmarks/parallel.py``, with at most as many processes as
there are cores. Each has one BLAS thread. They train the article's network for an epoch, in turn
together and with the first one alone while the others sleep; so both are measured on the same
machine in the same minutes. Reading the batches counts, too.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from measuring import limit_threads, machine, median_ratio, show

import nn
from autograd_lite import capture


def epochs(group: nn.parallel.Group, x: Any, t: Any, batch_size: int) -> Callable[[], Any]:
    """Return a function that trains for an epoch, and returns the mean loss."""
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Dense(784, 200, rng=rng), nn.Sigmoid(), nn.Dense(200, 10, rng=rng))
    optimizer = nn.optim.SGD(model.parameters(), learning_rate=0.1)
    batches = nn.data.Batches(x, t, batch_size=batch_size, rng=rng, share=group.share)

    def backward(images: Any, wanted: Any) -> Any:
        optimizer.zero_grad()
        loss = nn.losses.binary_cross_entropy_with_logits(model(images), wanted)
        loss.backward()
        return loss.detach()

    def step(images: Any, wanted: Any) -> Any:
        loss = backward(images, wanted)
        optimizer.step()
        return loss

    captured = capture(step if group.size == 1 else backward)

    def shared(images: Any, wanted: Any) -> Any:
        loss = captured(images, wanted)
        group.average_gradients(optimizer.parameters, examples=len(images))
        optimizer.step()
        return loss

    def epoch() -> float:
        total, examples = 0.0, 0
        for images, wanted in batches:
            loss = (captured if group.size == 1 else shared)(images, wanted)
            total += loss.item() * len(images)
            examples += len(images)
        return float(group.mean(total / examples, examples))

    return epoch


def seconds(group: nn.parallel.Group, work: Callable[[], object] | None) -> float:
    """Return how long all processes work, or those that have something to do."""
    group.any(False)  # all begin at the same time
    start = time.perf_counter()
    if work is not None:
        work()
    group.any(False)
    return time.perf_counter() - start


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--batches", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--examples", type=int, default=20000)
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    limit_threads(1)
    group = nn.parallel.Group()
    if group.size == 1:
        parser.error("start it by mpiexec -n 2")
    rng = np.random.default_rng(0)
    x = rng.random((options.examples, 784), np.float32)
    t = np.eye(10, dtype=np.float32)[rng.integers(0, 10, options.examples)]
    rows = [("batch", "alone, ms", "together, ms", "ratio of minima", "median of ratios")]
    for batch_size in options.batches:
        together = epochs(group, x, t, batch_size)
        alone = epochs(nn.parallel.Group(parallel=False), x, t, batch_size)
        losses = together(), alone()  # which also captures
        np.testing.assert_allclose(*losses, rtol=1e-3)
        times = [
            (seconds(group, together), seconds(group, None if group.rank else alone))
            for _ in range(options.repeats)
        ]
        ours, theirs = zip(*times, strict=True)
        per_step = 1000 / -(-options.examples // batch_size)
        rows.append(
            (
                str(batch_size),
                f"{statistics.median(theirs) * per_step:.2f}",
                f"{statistics.median(ours) * per_step:.2f}",
                f"{min(ours) / min(theirs):.2f}",
                f"{median_ratio(ours, theirs):.2f}",
            )
        )
    if group.rank == 0:
        print(f"{group.size} processes on {machine()}; for each step:")
        show(rows)


if __name__ == "__main__":
    main()
