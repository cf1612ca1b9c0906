"""One training step of the article's network, 784-200-10, in several frameworks.

The network has sigmoids in the hidden layer, cross-entropy on the sigmoid outputs, and plain
gradient descent. All contenders start from the same weights, get the same batch, and must agree on
the weights after one step.

    python tests/benchmarks/step.py --batch-sizes 1 10 32 100 1000 --threads 1 2
    python tests/benchmarks/step.py --epoch --batch-sizes 10 --examples 60000
"""

import argparse
import subprocess
import sys
from typing import Any

import numpy as np
from contest import Contender, gather, show_cost, table, timed
from epoch import measure_epoch
from measuring import installed, limit_threads, machine
from tasks.networks import RATE, Problem, training_step

SIZES = (784, 200, 10)


def by_hand(given: Problem, *, with_loss: bool = False) -> Contender:
    """Compute the article's equations in NumPy, with a new array for every result."""
    x, t = given.x, given.t
    w1, b1, w2, b2 = given.start

    def step() -> None:
        a1 = 1 / (1 + np.exp(-(x @ w1 + b1)))
        z2 = a1 @ w2 + b2
        if with_loss:
            np.sum(np.logaddexp(0, z2) - z2 * t) / len(x)
        delta2 = (1 / (1 + np.exp(-z2)) - t) / len(x)
        delta1 = (delta2 @ w2.T) * a1 * (1 - a1)
        w2[:] -= RATE * (a1.T @ delta2)
        b2[:] -= RATE * delta2.sum(0)
        w1[:] -= RATE * (x.T @ delta1)
        b1[:] -= RATE * delta1.sum(0)

    return Contender(step, lambda: given.start)


def by_hand_with_loss(given: Problem) -> Contender:
    """Compute the value of the loss too, in a form that doesn't overflow."""
    return by_hand(given, with_loss=True)


BY_HAND = {"NumPy by hand": by_hand, "NumPy by hand, with loss": by_hand_with_loss}


def measure(batch_size: int, repeats: int, dtype: str) -> None:
    """Time all contenders ``repeats`` times, each time in random order, and print a table."""
    task = training_step(SIZES, batch_size, dtype=dtype, others=BY_HAND)
    makers = task.contenders()
    contest = gather(makers, task.rtol, task.atol)
    times = timed(contest, repeats)
    print(f"\nbatches of {batch_size}, {dtype}")
    table(makers, contest, times, ("PyTorch eager", "JAX jit", "NumPy by hand", "ours"))
    show_cost(makers, times)


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[1, 10, 32, 100, 1000])
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--threads", type=int, nargs="+", default=[1])
    parser.add_argument("--dtype", choices=["float32", "float64"], default="float32")
    parser.add_argument("--epoch", action="store_true", help="time whole epochs, not steps")
    parser.add_argument("--examples", type=int, default=60_000, help="in an epoch")
    arguments = parser.parse_args()
    if len(arguments.threads) > 1:  # each number needs a process of its own
        for threads in arguments.threads:
            subprocess.run([sys.executable, *sys.argv, "--threads", str(threads)], check=True)
        return
    (threads,) = arguments.threads
    limit_threads(threads)
    torch: Any = installed("torch")
    if torch is not None:
        torch.set_num_threads(threads)
    print(f"\nthreads: {threads}; {machine()}")
    for batch_size in arguments.batch_sizes:
        if arguments.epoch:
            measure_epoch(SIZES, batch_size, arguments.examples, arguments.repeats, arguments.dtype)
        else:
            measure(batch_size, arguments.repeats, arguments.dtype)


if __name__ == "__main__":
    main()
