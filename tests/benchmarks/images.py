"""The training of examples/convolutional.py beside the same in PyTorch: network, steps, schedule.

An epoch of MNIST is trained and tested by each in turn. Batches are taken from arrays in memory by
shuffled indices, which is faster than PyTorch's DataLoader.

    AUTOGRAD_LITE_DATA=... python tests/benchmarks/images.py --rounds 3
"""

import argparse
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from measuring import installed, limit_threads, machine, median_ratio, show

import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples"))
import convolutional

BATCH, RATE = 64, 3e-3


def ours(images: Any, labels: Any, test: Any, step: str, seed: int) -> float:
    """Return the accuracy after an epoch."""
    rng = np.random.default_rng(seed)
    model = convolutional.network(28, rng)
    batches = nn.data.Batches(images, labels, batch_size=BATCH, rng=rng)
    optimizer = nn.optim.Adam(model.parameters())
    rate = nn.optim.OneCycleLR(optimizer, RATE, total_steps=len(batches) + 1)
    history = nn.fit(
        model,
        optimizer,
        nn.losses.cross_entropy,
        batches,
        epochs=1,
        validation=nn.data.Batches(*test, batch_size=500, shuffle=False),
        metrics={"accuracy": nn.data.accuracy},
        callbacks=[nn.training.Scheduled(rate, each="update")],
        step=step,  # type: ignore[arg-type]
    )
    return history.last["accuracy"]


def theirs(torch: Any, images: Any, labels: Any, test: Any, seed: int) -> float:
    """Return the accuracy after an epoch, with PyTorch."""
    torch.manual_seed(seed)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(1, 16, 5, padding="same"),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(16, 32, 3, padding="same"),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(32 * 7 * 7, 128),
        torch.nn.ReLU(),
        torch.nn.Dropout(0.3),
        torch.nn.Linear(128, 10),
    )
    images, labels = torch.tensor(images), torch.tensor(labels)
    optimizer = torch.optim.Adam(model.parameters())
    steps = -(-len(images) // BATCH)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps + 1)
    model.train()
    for chosen in torch.randperm(len(images)).split(BATCH):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(images[chosen]), labels[chosen])
        loss.backward()
        optimizer.step()
        rate.step()
        loss.item()
    model.eval()
    with torch.no_grad():
        parts = zip(*(torch.tensor(a).split(500) for a in test), strict=True)
        right = sum((model(x).argmax(dim=1) == t).sum().item() for x, t in parts)
    return float(right / len(test[0]))


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=60_000, help="of the training images")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    limit_threads(arguments.threads)
    digits = nn.datasets.mnist()
    images, labels = (a[: arguments.images] for a in digits.train)
    images, test = images.reshape(-1, 1, 28, 28), (digits.test.images.reshape(-1, 1, 28, 28),)
    test = (*test, digits.test.labels)
    contenders = {
        "ours, captured": lambda seed: ours(images, labels, test, "captured", seed),
        "ours, eager": lambda seed: ours(images, labels, test, "eager", seed),
    }
    torch: Any = installed("torch")
    if torch is not None:
        torch.set_num_threads(arguments.threads)
        contenders["PyTorch"] = lambda seed: theirs(torch, images, labels, test, seed)
    print(f"{len(images)} images, batch {BATCH}; threads: {arguments.threads}; {machine()}")
    times: dict[str, list[float]] = {name: [] for name in contenders}
    right: dict[str, list[float]] = {name: [] for name in contenders}
    for seed in range(arguments.rounds):
        for name, run in contenders.items():
            start = time.perf_counter()
            right[name].append(100 * run(seed))
            times[name].append(time.perf_counter() - start)
    rows = [["", "s per epoch", "/ PyTorch", "test digits right (%)"]]
    for name in contenders:
        ratio = f"{median_ratio(times[name], times['PyTorch']):.2f}" if torch else ""
        accuracy = f"{statistics.mean(right[name]):.2f}"
        rows.append([name, f"{statistics.median(times[name]):.1f}", ratio, accuracy])
    show(rows)


if __name__ == "__main__":
    main()
