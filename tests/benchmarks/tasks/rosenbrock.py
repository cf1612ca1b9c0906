"""The gradient of Rosenbrock's function."""

from typing import Any

import numpy as np

from tasks.gradients import gradient

VARIABLES = 1000


def rosenbrock(f: Any, x: Any) -> Any:
    """Return Rosenbrock's function, for any namespace ``f``."""
    return f.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def start() -> Any:
    """Return a point that isn't the minimum."""
    return np.random.default_rng(0).uniform(-1, 1, VARIABLES).astype(np.float32)


TASK = gradient(
    f"Rosenbrock in {VARIABLES:,} dimensions, float32: gradient", rosenbrock, start, atol=1e-3
)
