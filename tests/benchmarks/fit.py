"""What ``nn.fit`` costs over the plain loop with the same captured step, and prefetching over none.

Epochs of both are taken in turn, so that they are measured on the same machine in the same minutes.
The network is the article's, the images are random. The plain loop keeps nothing, not even losses.

    python tests/benchmarks/fit.py --batch-sizes 10 100

On a machine that has other work, ``--cpu`` measures the time of the processor, of all threads. It
tells what ``fit`` costs, and not what prefetching gains.
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


class InTurn(nn.training.Callback):
    """After each epoch of fit, runs one of the plain loop; keeps the times of both."""

    def __init__(self, plain: Any, clock: Callable[[], float]) -> None:
        self.plain, self.clock = plain, clock
        self.times: list[tuple[float, float]] = []

    def on_start(self, run: nn.training.Run) -> None:
        """Start the clock."""
        self.start = self.clock()

    def on_epoch(self, run: nn.training.Run) -> None:
        """Run an epoch of the plain loop."""
        middle = self.clock()
        self.plain()
        end = self.clock()
        self.times.append((middle - self.start, end - middle))
        self.start = self.clock()


def network() -> tuple[nn.Module, Any]:
    """Return the article's network and its optimizer."""
    model = nn.Sequential(nn.Dense(784, 200, rng=0), nn.Sigmoid(), nn.Dense(200, 10, rng=1))
    return model, nn.optim.SGD(model.parameters(), learning_rate=0.1)


def plain_epoch(batches: nn.data.Batches) -> Any:
    """Return a function that trains for an epoch."""
    model, optimizer = network()

    @capture
    def step(x: Any, t: Any) -> Any:
        loss = nn.losses.binary_cross_entropy_with_logits(model(x), t)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    def epoch() -> None:
        for x, t in batches:
            step(x, t)

    return epoch


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[10, 100])
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--cpu", action="store_true")
    options = parser.parse_args()
    clock = time.process_time if options.cpu else time.perf_counter
    limit_threads(1)
    rng = np.random.default_rng(0)
    x = rng.random((options.examples, 784), np.float32)
    t = np.eye(10, dtype=np.float32)[rng.integers(0, 10, options.examples)]
    turn = nn.data.RandomAffine(10, 0.1, 0.1, image_shape=(28, 28))
    rows = [("batch", "fit", "us a step", "plain, us", "median of ratios", "ratio of minima")]
    for size in options.batch_sizes:
        for name, ours, theirs in (
            ("fit", {}, {}),
            ("fit, prefetch=2", {"prefetch": 2}, {}),
            ("augmented", {"transform": turn}, {"transform": turn}),
            ("augmented, prefetch=2", {"transform": turn, "prefetch": 2}, {"transform": turn}),
        ):
            make = [nn.data.Batches(x, t, batch_size=size, rng=0, **s) for s in (ours, theirs)]
            in_turn = InTurn(plain_epoch(make[1]), clock)
            nn.fit(
                *network(),
                nn.losses.binary_cross_entropy_with_logits,
                make[0],
                epochs=options.repeats + 1,
                callbacks=[in_turn],
                progress=False,
            )
            fit, plain = zip(*in_turn.times[1:], strict=True)  # the first epoch captures
            steps = len(make[0]) / 1e6
            rows.append(
                (
                    str(size),
                    name,
                    f"{statistics.median(fit) / steps:.0f}",
                    f"{statistics.median(plain) / steps:.0f}",
                    f"{median_ratio(fit, plain):.3f}",
                    f"{min(fit) / min(plain):.3f}",
                )
            )
    print(machine())
    show(rows)


if __name__ == "__main__":
    main()
