"""Trains the article's network, 784-200-10, to read handwritten digits.

Sigmoids in both layers, cross-entropy on the outputs, parameters that start as standard normal
draws, and plain gradient descent on mini-batches. Run ``python examples/mnist.py --help``.
"""

import argparse
import io
import math
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, TypeAlias

import numpy as np

import nn
from autograd_lite import Tensor, no_grad
from autograd_lite.errors import AutogradLiteError, DatasetError, MissingExtraError

try:
    from matplotlib.figure import Figure
    from safetensors.numpy import save
    from tqdm import tqdm
except ModuleNotFoundError as error:
    missing = MissingExtraError(str(error.name).partition(".")[0], "examples")
    sys.exit(f"mnist.py: error: {missing}")

INTERRUPTED = 130  # 128 + SIGINT, as shells have it
PUBLISHED = (10.66, 92.78, 94.14, 95.13)  # per cent right before training, after epochs 1, 2, 3

Curve: TypeAlias = list[tuple[float, float]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; return its exit code."""
    options = parse(arguments)
    try:
        return train(options)
    except (AutogradLiteError, MemoryError, OSError) as error:
        print(f"mnist.py: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("mnist.py: interrupted; nothing was kept", file=sys.stderr)
        return INTERRUPTED


def train(options: argparse.Namespace) -> int:
    """Train, test after each epoch, and write what was learned; return the exit code."""
    title, (training, testing) = load(options)
    rng = np.random.default_rng(options.seed)
    model = network([training.images.shape[1], *options.hidden, 10], rng, options.dtype)
    targets = nn.data.one_hot(training.labels, 10, options.dtype)
    batches = nn.data.Batches(training.images, targets, batch_size=options.batch_size, rng=rng)
    optimizer = nn.optim.SGD(model.parameters(), learning_rate=options.learning_rate)

    with stop_on_interrupt() as stop, np.errstate(over="ignore", invalid="ignore"):
        print(f"{title}, {len(training.images)} to train on, {len(testing.images)} to test with")
        print(model)
        accuracies: Curve = [(0, test(model, testing))]
        losses: Curve = []
        print(f"before training: {accuracies[0][1]:.2f} %", flush=True)
        for epoch in range(1, options.epochs + 1):
            epoch_losses = []
            with progress(epoch, len(training.images), options) as bar:
                for images, wanted in batches:
                    if stop.is_set():
                        break
                    optimizer.zero_grad()
                    loss = nn.losses.binary_cross_entropy_with_logits(model(images), wanted)
                    loss.backward()
                    optimizer.step()
                    epoch_losses.append(loss.item())
                    bar.set_postfix_str(f"loss {epoch_losses[-1]:.4f}", refresh=False)
                    bar.update(len(images))
                    if not math.isfinite(epoch_losses[-1]):
                        print(f"mnist.py: error: the loss became {epoch_losses[-1]} in epoch ...")
                        return 1
