"""How much memory training takes on a data set that is larger than it, mapped from a file.

    python tests/benchmarks/mapped.py --gigabytes 2

The file is made first, of random pixels, and removed at the end; it needs room on the disk. The
article's network is trained for an epoch by a process of its own, whose memory is then told: its
peak, with all of the file that is mapped at a time. Beside it, another process only imports the
library and makes the network.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from measuring import limit_threads, machine, show

import nn

PIXELS = 784


def make(path: Path, gigabytes: float) -> int:
    """Write an array of uint8 images, part by part; return how many."""
    count = int(gigabytes * 2**30) // PIXELS
    rng = np.random.default_rng(0)
    whole = np.lib.format.open_memmap(path, "w+", np.uint8, (count, PIXELS))
    del whole
    with path.open("r+b") as file:
        np.lib.format.read_magic(file)
        np.lib.format.read_array_header_1_0(file)
        for start in range(0, count, 100_000):
            rows = min(100_000, count - start)
            file.write(rng.bytes(rows * PIXELS))
    return count


def train(path: Path, batch_size: int, prefetch: int, steps: int | None) -> None:
    """Train for an epoch, or so many steps; print seconds, steps, and the peak of memory."""
    images = np.load(path, mmap_mode="r")
    labels = np.random.default_rng(1).integers(0, 10, len(images), np.uint8)
    model = nn.Sequential(nn.Dense(PIXELS, 200, rng=0), nn.Sigmoid(), nn.Dense(200, 10, rng=1))
    start, taken = time.perf_counter(), 0
    if steps != 0:
        positions = None if steps is None else np.arange(min(len(images), steps * batch_size))
        batches = nn.data.Batches(
            images,
            labels,
            positions=positions,
            batch_size=batch_size,
            transform=lambda x, rng: x.astype(np.float32) / 255,
            prefetch=prefetch,
            rng=0,
        )
        optimizer = nn.optim.SGD(model.parameters(), 0.1)
        taken = len(batches)
        nn.fit(model, optimizer, nn.losses.cross_entropy, batches, epochs=1)
    status = Path("/proc/self/status").read_text()  # getrusage would count the parent's memory
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    print(time.perf_counter() - start, taken, peak)


def main() -> None:
    """Read the command line, make the file, and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--batch-size", type=int, default=100)
    parser.add_argument("--prefetch", type=int, nargs="+", default=[0, 2])
    parser.add_argument("--folder", help="where there is room for the file")
    parser.add_argument("--train", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    limit_threads(1)
    if options.train:
        path, prefetch, steps = options.train
        train(Path(path), options.batch_size, int(prefetch), None if steps == "all" else int(steps))
        return
    print(machine())
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder) / "images.npy"
        count = make(path, options.gigabytes)
        print(f"{count:,} images, {path.stat().st_size / 2**30:.2f} GiB")
        rows = [("", "seconds", "ms a step", "peak of memory, MB")]
        for name, prefetch, steps in (
            ("no training", 0, "0"),
            *((f"an epoch, prefetch={n}", n, "all") for n in options.prefetch),
        ):
            command = [sys.executable, __file__, "--batch-size", str(options.batch_size)]
            command += ["--train", str(path), str(prefetch), steps]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            seconds, taken, peak = map(float, done.stdout.split())
            each = f"{1000 * seconds / taken:.2f}" if taken else ""
            rows.append((name, f"{seconds:.1f}", each, f"{peak:.0f}"))
    show(rows)


if __name__ == "__main__":
    main()
