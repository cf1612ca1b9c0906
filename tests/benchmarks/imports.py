"""How long the import of autograd_lite and nn takes beyond that of NumPy.

python tests/benchmarks/imports.py --repeats 30
"""

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

from measuring import show

ROOT = Path(__file__).resolve().parents[2]
IMPORTS = ("autograd_lite", "autograd_lite, nn")

_TIMED = """
import time
start = time.perf_counter()
import numpy
between = time.perf_counter()
import {modules}
print(between - start, time.perf_counter() - between)
"""


def times(modules: str) -> tuple[float, float]:
    """Return how long a fresh interpreter imports NumPy, and these modules after it, in ms."""
    # on sys.path first, and free to keep the compiled files, as an installed package is
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-c", _TIMED.format(modules=modules)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    numpy, ours = map(float, done.stdout.split())
    return numpy * 1e3, ours * 1e3


def measure(repeats: int) -> None:
    """Print the medians of fresh interpreters, those of the different imports in turn."""
    taken: dict[str, list[tuple[float, float]]] = {modules: [] for modules in IMPORTS}
    for modules in IMPORTS:
        times(modules)  # compiles, and fills the system's caches
    for _ in range(repeats):
        for modules in IMPORTS:
            taken[modules].append(times(modules))
    rows = [["import", "NumPy ms", "beyond NumPy ms", "beyond / NumPy"]]
    for modules, pairs in taken.items():
        numpy, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratio = statistics.median(beyond / before for before, beyond in pairs)
        rows.append([modules, f"{numpy:.1f}", f"{ours:.1f}", f"{ratio:.2f}"])
    show(rows)


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=30)
    measure(parser.parse_args().repeats)


if __name__ == "__main__":
    main()
