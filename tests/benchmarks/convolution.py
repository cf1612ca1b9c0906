"""Convolution beside PyTorch on one thread: forward and both gradients, eager and captured.

    python tests/benchmarks/convolution.py [--padding 1] [--repeats 41]

Each row is a shape: (images, channels, side, outputs, side of a window). Times are measured in
turns. The ratios are medians of the ratios within a turn.
"""

import argparse
import statistics

import numpy as np
from measuring import installed, limit_threads, machine, median_ratio, seconds, show

SHAPES = [(64, 1, 28, 8, 5), (64, 8, 12, 16, 5), (32, 16, 32, 32, 3), (64, 32, 14, 64, 3)]
OTHERS = [(64, 3, 32, 16, 3), (32, 64, 16, 64, 3), (32, 64, 16, 64, 1), (1, 16, 32, 16, 3)]


def contestants(shape, padding, with_images):
    """Return the functions to measure, by name."""
    import autograd_lite  # noqa: PLC0415  (after the threads are limited)
    import nn  # noqa: PLC0415

    images, channels, side, outputs, kernel = shape
    rng = np.random.default_rng(0)
    x = rng.standard_normal((images, channels, side, side)).astype("f4")
    w = rng.standard_normal((outputs, channels, kernel, kernel)).astype("f4")
    rows = side + 2 * padding - kernel + 1
    g = rng.standard_normal((images, outputs, rows, rows)).astype("f4")
    a = autograd_lite.Tensor(x, requires_grad=with_images)
    b = autograd_lite.Tensor(w, requires_grad=True)
    wrt = [a, b] if with_images else [b]

    def step(g):
        y = nn.functional.conv2d(a, b, padding=padding)
        return [y.detach(), *autograd_lite.gradients(y, wrt, g)]

    captured = autograd_lite.capture(step, on_miss="error")
    functions = {"eager": lambda: step(g), "captured": lambda: captured(g)}
    torch = installed("torch")
    if torch is not None:
        torch.set_num_threads(1)
        c, d, h = (torch.tensor(v) for v in (x, w, g))
        theirs = [c, d] if with_images else [d]
        for tensor in theirs:
            tensor.requires_grad_()

        def torch_step():
            y = torch.nn.functional.conv2d(c, d, padding=padding)
            return torch.autograd.grad(y, theirs, h)

        functions["torch"] = torch_step
    return functions


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--padding", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=41)
    parser.add_argument("--all", action="store_true", help="further shapes, too")
    options = parser.parse_args()
    limit_threads(1)
    print(machine())
    table = [("shape", "torch ms", "eager", "captured", "without x: eager", "captured")]
    for shape in SHAPES + (OTHERS if options.all else []):
        cells = []
        for with_images in (True, False):
            functions = contestants(shape, options.padding, with_images)
            times = {name: [] for name in functions}
            for turn in range(options.repeats + 5):
                for name, function in functions.items():
                    took = seconds(function, 1)
                    if turn >= 5:
                        times[name].append(took)
            base = times.get("torch", times["eager"])
            if with_images:
                cells.append(f"{1e3 * statistics.median(base):.2f}")
            cells += [f"{median_ratio(times[name], base):.2f}" for name in ("eager", "captured")]
        table.append((str(shape), *cells))
    show(table)


if __name__ == "__main__":
    main()
