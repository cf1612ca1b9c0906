"""``fast=True``: one thread for BLAS while a program with small products runs.

NumPy and SciPy each carry a BLAS with threads of its own. If both use several, they wait for each
other, busily; and on a machine that has other work, even one of them can take a hundred times as
long as with one thread.
"""

import importlib
import os
import sys
from collections.abc import Iterable
from functools import lru_cache
from math import prod
from typing import Any, final

import numpy as np

from autograd_lite.capturing.program.calls import Call, Guard

LARGE = 200_000_000
"""From how many multiplications in one product on several threads are left to BLAS."""

_LIMITS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")


@final
class Pools:
    """The threads of all BLAS libraries that are loaded."""

    def __init__(self, libraries: list[Any]) -> None:
        self._libraries = libraries

    def limit(self) -> list[int]:
        """Let each library use one thread, and return how many it used."""
        before = [library.get_num_threads() for library in self._libraries]
        for library, threads in zip(self._libraries, before, strict=True):
            if threads != 1:
                library.set_num_threads(1)
        return before

    def restore(self, before: list[int]) -> None:
        """Let them use as many as before."""
        for library, threads in zip(self._libraries, before, strict=True):
            if threads != 1:
                library.set_num_threads(threads)


def pools() -> Pools | None:
    """Return the libraries with several threads; None if there are none, or none are known."""
    try:
        threadpoolctl = importlib.import_module("threadpoolctl")
    except ImportError:
        return None
    libraries = _libraries(threadpoolctl, len(sys.modules))
    several = any(x.get_num_threads() != 1 for x in libraries)
    return Pools(libraries) if several else None


@lru_cache(maxsize=1)
def _libraries(threadpoolctl: Any, modules: int) -> list[Any]:
    """Return all BLAS libraries; they are looked for anew when more modules are loaded."""
    found = threadpoolctl.ThreadpoolController().lib_controllers
    return [x for x in found if x.user_api == "blas"]


def may_use_two(limited: Pools | None) -> bool:
    """Return True if two BLAS libraries can be used side by side without waiting for each other."""
    if limited is not None or any(os.environ.get(name) == "1" for name in _LIMITS):
        return True
    try:
        importlib.import_module("threadpoolctl")
    except ImportError:
        return os.cpu_count() == 1
    return True  # all have one thread


def largest_product(steps: Iterable[Call | Guard]) -> int:
    """Return how many multiplications the largest product of matrices takes."""
    sizes = [
        prod(step.operands[0].shape) * step.operands[1].shape[-1]
        for step in steps
        if isinstance(step, Call) and step.function is np.matmul and len(step.operands) == 2
        if step.operands[1].ndim
    ]
    return max(sizes, default=0)
