"""Shared by the benchmarks: their environment, timing, and tables."""

import importlib
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

_POOLS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NPROC",  # XLA's
)


def limit_threads(threads: int) -> None:
    """Make every library use this many threads.

    Libraries read the number from the environment when they are imported. So the program is
    started again with the environment set, if it isn't set already.
    """
    wanted = dict.fromkeys(_POOLS, str(threads))
    if threads == 1:  # JAX would compute in a thread of its own, beside the one that calls it
        wanted["JAX_CPU_ENABLE_ASYNC_DISPATCH"] = "false"
    if any(os.environ.get(name) != value for name, value in wanted.items()):
        sys.stdout.flush()
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **wanted})


def installed(name: str) -> ModuleType | None:
    """Return a module, or None if it isn't installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def seconds(function: Callable[[], object], calls: int) -> float:
    """Return the average time of one call, over several calls in a row."""
    start = time.perf_counter()
    for _ in range(calls):
        function()
    return (time.perf_counter() - start) / calls


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median ratio of times that were measured in pairs."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def machine() -> str:
    """Return the number of cores, and which kernels each loaded BLAS has chosen."""
    words = [f"{os.cpu_count()} cores"]
    threadpoolctl: Any = installed("threadpoolctl")
    if threadpoolctl is not None:
        for pool in threadpoolctl.threadpool_info():
            if pool["user_api"] == "blas":
                owner = Path(pool["filepath"]).parent.name
                words.append(
                    f"{owner}: {pool['internal_api']} {pool['version']}, "
                    f"{pool.get('architecture', 'unknown')} kernels, {pool['num_threads']} threads"
                )
    return "; ".join(words)


def show(rows: Iterable[Sequence[str]]) -> None:
    """Print a table: the first column to the left, the others to the right."""
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for first, *others in table:
        cells = [first.ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        print("  ".join(cells))
