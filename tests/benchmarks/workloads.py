"""Seven tasks of small-scale work in several frameworks: which is the fastest, and by how much.

Each is written as the users of each framework would. All contenders must agree on the result
before they are timed.

    python tests/benchmarks/workloads.py --repeats 15
    python tests/benchmarks/workloads.py --only lstm
"""

import argparse
import statistics
from dataclasses import dataclass
from typing import Any

from contest import OURS, Task, best_of_ours, gather, show_cost, table, timed
from measuring import installed, limit_threads, machine, median_ratio
from tasks import (
    fitting,
    hessian_product,
    logistic,
    networks,
    pendulum,
    recurrent,
    rosenbrock,
)

TASKS: dict[str, Task] = {
    "network": networks.TASK,
    "lstm": recurrent.TASK,
    "logistic": logistic.TASK,
    "rosenbrock": rosenbrock.TASK,
    "hvp": hessian_product.TASK,
    "pendulum": pendulum.TASK,
    "fit": fitting.TASK,
}


@dataclass
class Outcome:
    """Our best contender, the fastest peer, and the ratio of their times."""

    best: str
    peer: str
    ratio: float


def measure(task: Task, repeats: int) -> Outcome | None:
    """Time all contenders, and print a table. Return None if no peer is installed."""
    print(f"\n{task.title}")
    makers = task.contenders()
    contest = gather(makers, task.rtol, task.atol)
    times = timed(contest, repeats)
    table(makers, contest, times, ("PyTorch eager", "JAX jit", "ours"))
    show_cost(makers, times, task.steps)
    peers = [name for name in times if name not in OURS]
    if not peers:
        return None
    best = best_of_ours(times)
    peer = min(peers, key=lambda name: statistics.median(times[name]))
    return Outcome(best, peer, median_ratio(times[best], times[peer]))


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=TASKS, nargs="+", default=list(TASKS), metavar="NAME")
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    limit_threads(arguments.threads)
    torch: Any = installed("torch")
    if torch is not None:
        torch.set_num_threads(arguments.threads)
    print(f"\nthreads: {arguments.threads}; {machine()}")
    outcomes = {name: measure(TASKS[name], arguments.repeats) for name in arguments.only}
    against = {name: outcome for name, outcome in outcomes.items() if outcome is not None}
    if not against:
        return
    won = [name for name, outcome in against.items() if outcome.ratio < 1]
    print(f"\nfastest in {len(won)} of {len(against)}; our best divided by the fastest peer:")
    for name, outcome in against.items():
        print(f"{name:12} {outcome.ratio:6.2f}  ({outcome.best} / {outcome.peer})")


if __name__ == "__main__":
    main()
