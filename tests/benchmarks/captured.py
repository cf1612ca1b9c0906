"""All that the documentation says about the speed of captured functions, in one command.

Tables of a training step and of an epoch for each number of threads, of other work, of the time to
the first result, of memory and of the scaling, which is also drawn.

    python tests/benchmarks/captured.py --threads 1 2 --picture scaling.png
"""

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def run(script: str, *arguments: object) -> None:
    """Run a benchmark in a process of its own, so that it can set its number of threads."""
    print(f"\n==== {script} {' '.join(map(str, arguments))}", flush=True)
    subprocess.run([sys.executable, str(HERE / script), *map(str, arguments)], check=True)


def main() -> None:
    """Read the command line and run the benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[1, 10, 32, 100, 1000])
    parser.add_argument("--threads", type=int, nargs="+", default=[1])
    parser.add_argument("--repeats", type=int, default=30, help="of a training step")
    parser.add_argument("--examples", type=int, default=60_000, help="in an epoch")
    parser.add_argument("--picture", metavar="FILE", help="draw the scaling into this file")
    arguments = parser.parse_args()
    repeats = arguments.repeats
    few = max(1, repeats // 3)  # for what takes longer
    for threads in arguments.threads:
        given = ("--threads", threads, "--batch-sizes")
        run("step.py", "--repeats", repeats, *given, *arguments.batch_sizes)
        run("step.py", "--epoch", "--examples", arguments.examples, "--repeats", few, *given, 10)
    run("workloads.py", "--repeats", max(1, repeats // 2))
    run("first_result.py", "--repeats", few)
    run("memory.py", "--repeats", few)
    picture = ["--picture", arguments.picture] if arguments.picture else []
    run("scaling.py", "--repeats", few, *picture)


if __name__ == "__main__":
    main()
