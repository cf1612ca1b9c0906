"""Several frameworks at one task: each is built, checked against the others, and timed in turn."""

import gc
import math
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from measuring import installed, median_ratio, seconds, show

import autograd_lite

OURS = {"ours": None, "ours, captured": {}, "ours, captured fast": {"fast": True}}
"""Our contenders, and the options that ``capture`` is given."""

CAPTURED = ("ours, captured", "ours, captured fast")
SETTLING = 5
"""After so many calls, a captured function is replayed."""


class Missing(Exception):
    """A contender can't take part. The message says why."""


@dataclass
class Contender:
    """What is timed, and what it computed."""

    run: Callable[[], object]
    result: Callable[[], Sequence[Any]]
    wait: Callable[[], object] = lambda: None  # for frameworks that compute in the background


Make = Callable[[], Contender]
Wrap = Callable[[Callable[..., Any]], Callable[..., Any]]  # capture, torch.compile, or neither


@dataclass
class Task:
    """A task, and how the users of each framework would write it.

    ``data`` returns new arrays at each call, so that nobody writes into those of another.
    """

    title: str
    data: Callable[[], Any]
    ours: Callable[[Any, Wrap], Contender]
    pytorch: Callable[[Any, Wrap], Contender]
    jax_jit: Callable[[Any], Contender]
    hips_autograd: Callable[[Any], Contender] | None = None
    mygrad: Callable[[Any], Contender] | None = None
    others: Mapping[str, Callable[[Any], Contender]] = field(default_factory=dict)
    steps: int = 1  # evaluations of the function in a call
    rtol: float = 1e-3
    atol: float = 1e-5

    def contenders(self) -> dict[str, Make]:
        """Return by name what builds each contender."""
        makers = {name: self._plain(make) for name, make in self.others.items()}
        for name, options in OURS.items():
            makers[name] = self._wrapped(self.ours, partial(capturing, options))
        makers["PyTorch eager"] = self._wrapped(self.pytorch, lambda: as_it_is)
        makers["PyTorch compile"] = self._wrapped(self.pytorch, compiling)
        makers["JAX jit"] = self._plain(self.jax_jit)
        if self.hips_autograd is not None:
            makers["HIPS autograd"] = self._plain(self.hips_autograd)
        if self.mygrad is not None:
            makers["MyGrad"] = self._plain(self.mygrad)
        return makers

    def _plain(self, make: Callable[[Any], Contender]) -> Make:
        return lambda: make(self.data())

    def _wrapped(self, make: Callable[[Any, Wrap], Contender], wrap: Callable[[], Wrap]) -> Make:
        return lambda: make(self.data(), wrap())


def as_it_is(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function: eager mode."""
    return function


def capturing(options: Mapping[str, Any] | None) -> Wrap:
    """Return what captures a function with these options; None for eager."""
    if options is None:
        return as_it_is
    capture = getattr(autograd_lite, "capture", None)
    if capture is None:
        raise Missing("this version can't capture")
    return partial(capture, **options)


def compiling() -> Wrap:
    """Return ``torch.compile``, for arguments that keep their shapes."""
    torch = require("torch")
    torch._dynamo.reset()  # or it would make a program for any shape after a second one
    return partial(torch.compile, dynamic=False)


def require(name: str) -> Any:
    """Return a module that a contender needs."""
    module = installed(name)
    if module is None:
        raise Missing("not installed")
    return module


def require_jax(dtype: Any) -> Any:
    """Return JAX, set up for this dtype."""
    jax = require("jax")
    jax.config.update("jax_enable_x64", np.dtype(dtype) == np.float64)
    return jax


@dataclass
class Contest:
    """The contenders that take part, how long the first call of each took, and who is missing."""

    present: dict[str, Contender]
    first: dict[str, float]
    missing: dict[str, str]


def gather(makers: Mapping[str, Make], rtol: float, atol: float, calls: int = SETTLING) -> Contest:
    """Build all contenders, call each, and see that they agree with the first.

    After ``calls`` calls, a captured function is being replayed, so a replay is what is compared.
    """
    contest = Contest({}, {}, {})
    right: Sequence[Any] | None = None
    for name, make in makers.items():
        try:
            contender = make()
            start = time.perf_counter()
            contender.run()
            contender.wait()
            contest.first[name] = time.perf_counter() - start
            once(contender, calls - 1)
        except Missing as reason:
            contest.missing[name] = str(reason)
            continue
        except Exception as error:
            if name in OURS:
                raise
            words = str(error).strip().splitlines() or [""]
            contest.missing[name] = f"{type(error).__name__}: {words[0][:100]}"
            continue
        result = [np.asarray(value) for value in contender.result()]
        if right is None:
            right = result
        for own, other in zip(result, right, strict=True):
            np.testing.assert_allclose(own, other, rtol=rtol, atol=atol, err_msg=name)
        contest.present[name] = contender
    return contest


def once(contender: Contender, calls: int) -> float:
    """Return how long one call takes, over several in a row."""

    def run() -> None:
        for _ in range(calls):
            contender.run()
        contender.wait()

    return seconds(run, 1) / calls


def timed(contest: Contest, repeats: int, span: float = 0.01) -> dict[str, list[float]]:
    """Return the times of a call of each contender, in seconds, ``repeats`` of them.

    Each repeat lets all contenders run in random order, for about ``span`` seconds each.
    """
    calls = {}
    for name, contender in contest.present.items():
        calls[name] = max(1, min(1000, round(span / once(contender, 1))))
    times: dict[str, list[float]] = {name: [] for name in contest.present}
    gc.collect()
    gc.freeze()  # collections would walk through all frameworks that were imported
    order = list(contest.present)
    for _ in range(repeats):
        random.shuffle(order)
        for name in order:
            contender = contest.present[name]
            if calls[name] > 1:
                once(contender, 1)  # warm up: the one before filled the caches with its own data
            times[name].append(once(contender, calls[name]))
    return times


def table(
    makers: Mapping[str, Make],
    contest: Contest,
    times: Mapping[str, Sequence[float]],
    bases: Sequence[str] = ("PyTorch eager", "JAX jit"),
) -> None:
    """Print the time of a call, its ratios to those of the bases, and the time of the first.

    The first call includes compiling and capturing. ``torch.compile`` keeps its results on
    disk, so its first call is longer if the benchmark runs for the first time.
    """
    bases = [base for base in bases if base in times]
    rows = [["", "µs", *(f"/ {base}" for base in bases), "first call ms"]]
    for name in makers:
        if name not in times:
            continue
        row = [name, number(statistics.median(times[name]) * 1e6)]
        row += [f"{median_ratio(times[name], times[base]):.2f}" for base in bases]
        rows.append([*row, number(contest.first[name] * 1e3)])
    show(rows)
    for name, reason in contest.missing.items():
        print(f"{name}: {reason}")


def number(value: float) -> str:
    """Return a number with three figures, without an exponent."""
    digits = max(0, 2 - math.floor(math.log10(value)))
    return f"{value:,.{digits}f}"


def best_of_ours(times: Mapping[str, Sequence[float]]) -> str:
    """Return the name of our fastest captured contender, or of the eager one if there is none."""
    names = [name for name in CAPTURED if name in times] or ["ours"]
    return min(names, key=lambda name: statistics.median(times[name]))


@dataclass
class Cost:
    """What capturing costs."""

    calls: float
    """The time of the first calls beyond that of as many replays, in eager calls."""
    paying: float
    """After so many calls, capturing has paid; infinity if a replay isn't faster than eager."""


def cost_of_capturing(make: Make, eager: float, replay: float, repeats: int = 3) -> Cost:
    """Capture anew several times, and compare the first calls with eager ones and with replays."""
    beyond = []
    for _ in range(repeats):
        contender = make()
        first = sum(once(contender, 1) for _ in range(SETTLING))
        beyond.append(first - SETTLING * replay)
    extra = statistics.median(beyond)
    gain = eager - replay
    return Cost(extra / eager, max(0, math.ceil(extra / gain)) if gain > 0 else math.inf)


def show_cost(
    makers: Mapping[str, Make], times: Mapping[str, Sequence[float]], steps: int = 1
) -> None:
    """Print what capturing costs, if there is a captured contender of ``steps`` steps a call."""
    eager = statistics.median(times["ours"])
    for name in CAPTURED:
        if name in times:
            cost = cost_of_capturing(makers[name], eager, statistics.median(times[name]))
            print(
                f"{name}: capturing costs {cost.calls * steps:.1f} eager steps, "
                f"pays after {cost.paying * steps}"
            )
