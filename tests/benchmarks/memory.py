"""Peak memory of a training step of the article's network, above that of its weights and data.

Each contender runs in a fresh process. It builds the network and the batch, notes the memory that
the process holds, and trains. The table tells how far the peak was above that in the first steps
(where capturing traces, compiles, imports SciPy and compares with eager), in later ones, and how
much the process has grown from the first steps to the last.

    python tests/benchmarks/memory.py --batch-sizes 10 100 1000
"""

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

from measuring import show

ROOT = Path(__file__).resolve().parents[2]

_START = """
import numpy as np
def status(field):
    lines = open("/proc/self/status").read().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1])
rng = np.random.default_rng(0)
x = rng.random(({batch}, 784), dtype=np.float32)
t = np.eye(10, dtype=np.float32)[rng.integers(0, 10, {batch})]
"""

_RUN = """
def from_now():  # the peak begins anew
    open("/proc/self/clear_refs", "w").write("5")
from_now()
before = status("VmRSS")
for _ in range(20):
    step(x, t)
peak, held = status("VmHWM"), status("VmRSS")
from_now()
for _ in range(2000 if {batch} < 1000 else 200):
    step(x, t)
print(peak - before, status("VmHWM") - before, status("VmRSS") - held)
"""

_OURS = """
import nn
from autograd_lite import capture
model = nn.Sequential(nn.Dense(784, 200, rng=0), nn.Sigmoid(), nn.Dense(200, 10, rng=1))
optimizer = nn.optim.SGD(model.parameters(), 3.0)
def step(x, t):
    optimizer.zero_grad()
    loss = nn.losses.binary_cross_entropy_with_logits(model(x), t)
    loss.backward()
    optimizer.step()
    return loss.detach()
"""

CONTENDERS = {
    "NumPy by hand": """
w1, w2 = (rng.standard_normal(s).astype(np.float32) for s in ((784, 200), (200, 10)))
b1, b2 = np.zeros(200, np.float32), np.zeros(10, np.float32)
def step(x, t):
    a1 = 1 / (1 + np.exp(-(x @ w1 + b1)))
    z2 = a1 @ w2 + b2
    loss = (np.logaddexp(0, z2) - t * z2).sum() / len(x)
    d2 = (1 / (1 + np.exp(-z2)) - t) / len(x)
    d1 = (d2 @ w2.T) * a1 * (1 - a1)
    for p, g in ((w2, a1.T @ d2), (b2, d2.sum(0)), (w1, x.T @ d1), (b1, d1.sum(0))):
        np.subtract(p, 3.0 * g, out=p)
    return loss
""",
    "ours": _OURS,
    "captured": _OURS + "step = capture(step)\n",
    "captured, fast": _OURS + "step = capture(step, fast=True)\n",
    "PyTorch": """
import torch
x, t = torch.from_numpy(x), torch.from_numpy(t)
model = torch.nn.Sequential(torch.nn.Linear(784, 200), torch.nn.Sigmoid(), torch.nn.Linear(200, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=3.0)
def step(x, t):
    optimizer.zero_grad()
    loss = torch.nn.functional.binary_cross_entropy_with_logits(model(x), t, reduction="sum")
    (loss / len(x)).backward()
    optimizer.step()
    return loss.detach()
""",
}


def measured(program: str, batch: int) -> list[float] | None:
    """Return the two peaks and the growth in MB, or None if the program fails."""
    done = subprocess.run(
        [sys.executable, "-c", (_START + program + _RUN).replace("{batch}", str(batch))],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return None if done.returncode else [int(number) / 1e3 for number in done.stdout.split()]


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    rows = [["MB: first steps, later, growth", *map(str, arguments.batch_sizes)]]
    for name, program in CONTENDERS.items():
        cells = []
        for batch in arguments.batch_sizes:
            runs = [measured(program, batch) for _ in range(arguments.repeats)]
            done = [run for run in runs if run is not None]
            numbers = [statistics.median(values) for values in zip(*done, strict=True)]
            cells.append(", ".join(f"{number:.1f}" for number in numbers) or "not installed")
        rows.append([name, *cells])
    show(rows)


if __name__ == "__main__":
    main()
