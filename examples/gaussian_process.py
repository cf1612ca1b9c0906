"""Fit a Gaussian process to a series with gaps: SciPy's optimizer, and our gradients.

The series is the sum of a slow trend, a wave that comes again every period, and noise. How large
and how smooth each is, and how long the period, is found by maximizing the likelihood of what was
observed, as in Rasmussen and Williams, Gaussian processes for machine learning, 2006, chapter 5.
Without ``--data``, a series of monthly values is made up, and a part of it is held back to see how
well it is predicted. Ctrl-C stops early and keeps the best fit so far.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import program

from autograd_lite import capture, value_and_grad
from autograd_lite.errors import DomainError, MissingExtraError, ShapeError

try:
    from scipy.optimize import minimize
except ModuleNotFoundError:
    sys.exit(f"gaussian_process.py: error: {MissingExtraError('scipy', 'scipy')}")

Array = npt.NDArray[np.float64]
NAMES = (
    "size of the trend",
    "its length",
    "size of the wave",
    "its length",
    "its period",
    "its smoothness",
    "size of the noise",
)


class Series(NamedTuple):
    """Times and values: those that are fitted, and those that were held back to look at."""

    times: Array
    values: Array
    held_times: Array
    held_values: Array


class Prediction(NamedTuple):
    """Means at some times: of all, of the trend and the wave alone; and standard deviations."""

    mean: Array
    trend: Array
    wave: Array
    deviation: Array


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, draw, and return the exit code."""
    return program.run(work, parse(arguments))


def work(options: argparse.Namespace) -> bool:
    """Fit and draw; return True if Ctrl-C ended it early."""
    rng = np.random.default_rng(options.seed)
    series = made_up(options.months, rng) if options.data is None else read(options.data)
    program.report(f"{len(series.times)} values from {series.times[0]:g} to {series.times[-1]:g}")
    start = first_guess(series, options.period)
    best, before, after, interrupted = fit(series, start, rng, options)
    program.report(f"log likelihood: {before:.3f} at the start, {after:.3f} at the end")
    for name, value in zip(NAMES, np.exp(best), strict=True):
        program.report(f"  {name + ':':18} {value:.4g}")
    if len(series.held_times):
        found = predict(best, series, series.held_times)
        errors = found.mean - series.held_values
        inside = np.mean(abs(errors) < 1.96 * np.hypot(found.deviation, np.exp(best[-1])))
        program.report(
            f"held back: {len(errors)} values; {100 * inside:.0f} % lie in the band of 95 %; "
            f"the mean is off by {np.sqrt(np.mean(errors**2)):.3f} (root mean square)"
        )
    draw(series, start, best, options.output_dir / "gaussian_process.png")
    return interrupted


# ---------------------------------------------------------------------- the series


def made_up(months: int, rng: np.random.Generator) -> Series:
    """Return monthly values: a trend, a growing wave, noise; a gap and the end are held back."""
    times = np.arange(months) / 12
    trend = 0.25 * times + np.sin(0.6 * times)
    wave = (0.6 + 0.05 * times) * (np.sin(2 * np.pi * times) + 0.5 * np.sin(4 * np.pi * times + 1))
    values = trend + wave + 0.2 * rng.standard_normal(months)
    place = np.arange(months) / months
    held = ((place > 0.35) & (place < 0.5)) | (place >= 0.8)
    return Series(times[~held], values[~held], times[held], values[held])


def read(path: Path) -> Series:
    """Return the times and values in a file: two columns of numbers, with commas or blanks."""
    text = path.read_text(errors="replace").replace(",", " ").splitlines()
    if not any(line.partition("#")[0].strip() for line in text):
        raise ShapeError(f"{path}: there are no numbers in it")
    try:
        table = np.loadtxt(text, ndmin=2)
    except ValueError as error:
        raise DomainError(f"{path}: not a table of numbers: {error}") from None
    if table.shape[0] < 3 or table.shape[1] != 2:
        raise ShapeError(f"{path}: 3 rows or more of 2 numbers are needed; it has {table.shape}")
    if not np.isfinite(table).all():
        raise DomainError(f"{path}: it has values that are not finite")
    times, values = table[np.argsort(table[:, 0], kind="stable")].T
    if times[0] == times[-1] or np.ptp(values) == 0:
        raise DomainError(f"{path}: all times, or all values, are the same")
    return Series(times, values, times[:0], values[:0])


# ---------------------------------------------------------------------- the process


def covariances(logs: Any, a: Array, b: Array) -> tuple[Any, Any]:
    """Return the covariances of the trend and of the wave between times ``a`` and ``b``."""
    trend, trend_length, wave, wave_length, period, smoothness, _ = np.exp(logs)
    apart = a[:, None] - b
    near = np.exp(-((apart / trend_length) ** 2) / 2)
    alike = np.exp(
        -((apart / wave_length) ** 2) / 2 - 2 * (np.sin(np.pi * apart / period) / smoothness) ** 2
    )
    return trend**2 * near, wave**2 * alike


def misfit(logs: Any, times: Array, values: Array) -> Any:
    """Return minus the log likelihood of values, given the logarithms of the parameters."""
    factor = factorized(logs, times)
    whitened = np.linalg.solve(factor, values)
    constant = len(times) * np.log(2 * np.pi) / 2
    return (whitened**2).sum() / 2 + np.log(np.diagonal(factor)).sum() + constant


def factorized(logs: Any, times: Array) -> Any:
    """Return the Cholesky factor of the covariance of what is observed."""
    trend, wave = covariances(logs, times, times)
    noise = np.exp(2 * logs[-1])
    return np.linalg.cholesky(trend + wave + noise * np.eye(len(times)))


def predict(logs: Array, series: Series, times: Array) -> Prediction:
    """Return what the process expects at some times, given what was observed."""
    mean = series.values.mean()
    factor = factorized(logs, series.times)
    whitened = np.linalg.solve(factor, series.values - mean)
    parts = [np.linalg.solve(factor, part) for part in covariances(logs, series.times, times)]
    trend, wave = (part.T @ whitened for part in parts)
    prior = np.exp(2 * logs[0]) + np.exp(2 * logs[2])
    variance = prior - ((parts[0] + parts[1]) ** 2).sum(axis=0)
    return Prediction(mean + trend + wave, mean + trend, wave, np.sqrt(np.maximum(variance, 0)))


# ---------------------------------------------------------------------- the fit


def first_guess(series: Series, period: float) -> Array:
    """Return the logarithms of parameters of the right order of magnitude."""
    span, size = np.ptp(series.times), series.values.std()
    return np.log([size, span / 4, size, span, period, 1.0, size / 2])


def fit(
    series: Series, start: Array, rng: np.random.Generator, options: argparse.Namespace
) -> tuple[Array, float, float, bool]:
    """Return the best logarithms, the likelihood before and after, and whether Ctrl-C ended it.

    SciPy starts from the first guess, and then from others near it: the likelihood has more than
    one maximum.
    """
    both: Callable[..., Any] = value_and_grad(misfit)
    if not options.eager:
        both = capture(both)
    data = (series.times, series.values - series.values.mean())
    first = float(both(start, *data)[0])
    best, least = start, first
    spread = np.array([1, 1, 1, 1, 0.05, 1, 1])
    limits = [(guess - 10, guess + 10) for guess in start]
    limits[4] = (start[4] - 0.3, start[4] + 0.3)
    limits[6] = (start[6] - 7, start[6] + 7)  # noise of 0 would make the covariance singular
    with program.Steps(options, options.starts, "starts") as steps:
        for number in steps:

            def watch(intermediate_result: Any) -> None:
                nonlocal best, least
                if intermediate_result.fun < least:
                    best, least = intermediate_result.x.copy(), float(intermediate_result.fun)
                if steps.interrupted:
                    raise StopIteration

            guess = start if number == 1 else start + spread * rng.uniform(-1, 1, len(start))
            found = minimize(
                both, guess, data, method="L-BFGS-B", jac=True, bounds=limits, callback=watch
            )
            steps.report(
                f"start {number}: log likelihood {-found.fun:.3f} after {found.nfev} evaluations"
            )
    return best, -first, -least, steps.interrupted


def draw(series: Series, start: Array, best: Array, file: Path) -> None:
    """Draw the fit before and after, and the two parts that it tells apart."""
    first = min(series.times[0], series.held_times.min(initial=np.inf))
    last = max(series.times[-1], series.held_times.max(initial=-np.inf))
    times = np.linspace(first, last + 0.1 * (last - first), 600)
    figure = program.figure(11, 7.5)
    grid = figure.add_gridspec(3, 2, height_ratios=(3, 3, 2))
    axes: Any = None
    for row, (title, logs) in enumerate((("before", start), ("after", best))):
        axes = figure.add_subplot(grid[row, :], sharey=axes)
        found = predict(logs, series, times)
        band = 1.96 * np.hypot(found.deviation, np.exp(logs[-1]))
        axes.fill_between(
            times,
            found.mean - band,
            found.mean + band,
            color="tab:blue",
            alpha=0.18,
            linewidth=0,
            label="95 % of the values",
        )
        axes.plot(times, found.mean, color="tab:blue", linewidth=1.2, label="mean")
        axes.plot(*series[:2], ".", color="black", markersize=4, label="fitted")
        if len(series.held_times):
            axes.plot(*series[2:], ".", color="tab:orange", markersize=5, label="held back")
        likelihood = -float(misfit(logs, series.times, series.values - series.values.mean()))
        axes.set_title(f"{title}: log likelihood {likelihood:.1f}")
        axes.margins(x=0.01)
        axes.grid(alpha=0.2)
    axes.legend(loc="upper left", ncols=4, fontsize="small")
    found = predict(best, series, times)
    for column, (title, values) in enumerate((("trend", found.trend), ("wave", found.wave))):
        axes = figure.add_subplot(grid[2, column], title=title, xlabel="time")
        axes.plot(times, values, color=("tab:red", "tab:green")[column], linewidth=1.2)
        axes.margins(x=0.01)
        axes.grid(alpha=0.2)
    program.save_picture(figure, file)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; exit with a message if one is wrong."""
    parser = program.parser("gaussian_process.py", __doc__)
    file = program.checked(Path, Path.is_file, "a file that exists")
    months = program.checked(int, lambda n: n >= 12, "12 or more")
    add = parser.add_argument
    add("--data", type=file, help="a file with two columns, times and values; else made up")
    add("--months", type=months, default=180, help="of the series that is made up")
    add("--period", type=program.positive, default=1.0, help="of the wave, about")
    add("--starts", type=program.natural, default=4, help="of SciPy's optimizer")
    return program.parse(parser, arguments)


if __name__ == "__main__":
    sys.exit(main())
