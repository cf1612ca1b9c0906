"""Time to the first result: import and first gradient in a fresh process; and the size on disk.

The size is that of all that must be installed: the package and what it requires, without compiled
Python files.

    python tests/benchmarks/first_result.py --repeats 15
"""

import argparse
import os
import random
import re
import statistics
import subprocess
import sys
from collections.abc import Iterable
from importlib import metadata, util
from pathlib import Path

from measuring import median_ratio, show

ROOT = Path(__file__).resolve().parents[2]

_TIMED = """
import time
start = time.perf_counter()
{program}
print(time.perf_counter() - start)
"""

_NETWORK = """
import numpy as np
x, w1, w2 = np.ones((10, 784)), np.ones((784, 200)), np.ones((200, 10))
"""

PROGRAMS = {
    "NumPy alone, no gradient": """
np.sum(np.tanh(x @ w1) @ w2)
""",
    "ours": """
from autograd_lite import grad
grad(lambda w1: np.sum(np.tanh(x @ w1) @ w2))(w1)
""",
    "ours, with nn": """
import nn
from autograd_lite import grad
grad(lambda w1: np.sum(np.tanh(x @ w1) @ w2))(w1)
""",
    "ours, captured": """
from autograd_lite import capture, grad
slope_at = capture(grad(lambda w1: np.sum(np.tanh(x @ w1) @ w2)))
slope_at(w1)
""",
    "PyTorch eager": """
import torch
x, w1, w2 = map(torch.from_numpy, (x, w1, w2))
w1.requires_grad_()
(torch.tanh(x @ w1) @ w2).sum().backward()
""",
    "PyTorch compile": """
import torch
x, w1, w2 = map(torch.from_numpy, (x, w1, w2))
w1.requires_grad_()
torch.compile(lambda w1: (torch.tanh(x @ w1) @ w2).sum())(w1).backward()
""",
    "JAX": """
import jax, jax.numpy as jnp
jax.grad(lambda w1: jnp.sum(jnp.tanh(x @ w1) @ w2))(w1).block_until_ready()
""",
    "JAX jit": """
import jax, jax.numpy as jnp
jax.jit(jax.grad(lambda w1: jnp.sum(jnp.tanh(x @ w1) @ w2)))(w1).block_until_ready()
""",
    "HIPS autograd": """
import autograd.numpy as anp
from autograd import grad
grad(lambda w1: anp.sum(anp.tanh(anp.dot(x, w1)) @ w2))(w1)
""",
    "MyGrad": """
import mygrad as mg
w1 = mg.tensor(w1)
(mg.tanh(x @ w1) @ w2).sum().backward()
""",
}
"""Programs that differentiate a small network; each begins with the import of NumPy."""

DISTRIBUTIONS = {
    "ours": ("autograd-lite", ["numpy"]),
    "ours, with SciPy": ("autograd-lite", ["scipy"]),
    "PyTorch": ("torch", ["torch", "numpy"]),
    "JAX": ("jax", ["jax"]),
    "HIPS autograd": ("autograd", ["autograd"]),
    "MyGrad": ("mygrad", ["mygrad"]),
}
"""What is installed for whom: the name, and the distributions to begin with.

Our own packages are added as they lie here, since they may not be installed.
"""


def first_result(program: str) -> float | str:
    """Return how long a fresh interpreter takes, in ms; if it fails, why."""
    # on sys.path first, and free to keep the compiled files, as an installed package is
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-c", _TIMED.format(program=_NETWORK + program)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return done.stderr.strip().splitlines()[-1]
    return float(done.stdout.split()[-1]) * 1e3


def measure(repeats: int) -> None:
    """Print the medians of fresh interpreters, those of the different programs in turn."""
    taken: dict[str, list[float]] = {}
    missing = {}
    for name, program in PROGRAMS.items():
        first = first_result(program)  # compiles, and fills the system's caches
        if isinstance(first, str):
            missing[name] = first
        else:
            taken[name] = []
    order = list(taken)
    for _ in range(repeats):
        random.shuffle(order)
        for name in order:
            time = first_result(PROGRAMS[name])
            if isinstance(time, str):
                raise RuntimeError(f"{name}: {time}")
            taken[name].append(time)
    rows = [["import and first gradient in a fresh process", "ms", "ours/it"]]
    for name, times in taken.items():
        ratio = median_ratio(taken["ours"], times)
        rows.append([name, f"{statistics.median(times):.0f}", f"{ratio:.2f}"])
    show(rows)
    for name, reason in missing.items():
        print(f"{name}: {reason}")


def required(names: Iterable[str]) -> dict[str, metadata.Distribution]:
    """Return these distributions and all that they require and that is installed."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            found[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # needed on another system
        for requirement in found[name].requires or []:
            matched = re.match(r"[\w.-]+", requirement)
            if matched is not None and not re.search(r"\bextra\b", requirement):
                waiting.append(matched[0])
    return found


def size_of(files: Iterable[Path]) -> int:
    """Return the size of the files in bytes, without compiled ones."""
    return sum(f.stat().st_size for f in files if f.suffix != ".pyc" and f.is_file())


def measure_sizes() -> None:
    """Print what must be installed, and how large it is."""
    own = sum(size_of((ROOT / package).rglob("*")) for package in ("autograd_lite", "nn"))
    rows = [["installed", "MB", "of them NumPy", "its own", "packages"]]
    for name, (main, begin) in DISTRIBUTIONS.items():
        if any(util.find_spec(module) is None for module in begin):
            rows.append([name, "not installed", "", "", ""])
            continue
        sizes = {
            found: size_of(Path(str(file.locate())) for file in distribution.files or [])
            for found, distribution in required(begin).items()
        }
        if main == "autograd-lite":
            sizes[main] = own
        rows.append(
            [
                name,
                f"{sum(sizes.values()) / 1e6:.1f}",
                f"{sizes['numpy'] / 1e6:.1f}",
                f"{sizes[main] / 1e6:.1f}",
                str(len(sizes)),
            ]
        )
    print()
    show(rows)


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=15)
    measure(parser.parse_args().repeats)
    measure_sizes()


if __name__ == "__main__":
    main()
