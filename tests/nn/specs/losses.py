"""The ops of the losses. References go through the values one by one, and through all ways."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec, cases, operands
from nn.losses import binary, ctc, probabilistic, regression
from nn.losses import operands as shared

SHAPES = st.sampled_from([(), (3,), (2, 3), (0, 2), (1, 1)])


def each(function: Callable[..., float]) -> Callable[..., Any]:
    """Apply a function of numbers to each value, one after the other."""

    def looped(*arrays: Any, **params: Any) -> Any:
        dtype = np.result_type(*arrays)
        arrays = np.broadcast_arrays(*arrays)
        values = [
            function(*map(float, xs), **params)
            for xs in zip(*(x.ravel() for x in arrays), strict=True)
        ]
        return np.array(values, dtype).reshape(arrays[0].shape)

    return looped


def alike(*bounds: tuple[float, float], **params: Any) -> st.SearchStrategy[Case]:
    """Draw inputs of one shape within these bounds, and parameters."""

    @st.composite
    def drawn(draw: st.DrawFn) -> Case:
        shape = draw(SHAPES)
        inputs = tuple(
            draw(operands(1, low=low, high=high, shapes=st.just((shape,))))[0]
            for low, high in bounds
        )
        return Case(inputs, {name: draw(values) for name, values in params.items()})

    return drawn()


def binary_cost(z: float, t: float, w: float) -> float:
    a = 1 / (1 + math.exp(-z))
    return -w * t * math.log(a) - (1 - t) * math.log(1 - a)


def huber(x: float, t: float, delta: float) -> float:
    d = abs(x - t)
    return d * d / 2 if d < delta else delta * d - delta * delta / 2


def away_from(kink: str) -> Callable[[Case], bool]:
    """Return whether no error is near the kink, whose place is a parameter."""
    return lambda case: bool(
        np.all(abs(abs(case.inputs[0] - case.inputs[1]) - case.params[kink]) > 0.01)
    )


def gaussian(x: float, t: float, var: float, eps: float) -> float:
    v = max(var, eps)
    return (math.log(v) + (x - t) ** 2 / v) / 2


@st.composite
def with_variances(draw: st.DrawFn) -> Case:
    case = draw(alike((-2, 2), (-2, 2), (0.1, 3)))
    x, t, var = case.inputs
    return Case(
        (x, t, var[:1] if x.size and x.ndim and draw(st.booleans()) else var), {"eps": 0.01}
    )


def all_ways(x: Any, skips: Any, last: Any, lengths: Any, zero_infinity: bool) -> Any:
    """Add up the probabilities of all ways through the states, each listed by itself."""
    costs = []
    for n in range(x.shape[1]):
        times, states = int(lengths[n]), x.shape[2]
        total = 0.0
        for way in itertools.product(range(states), repeat=times):
            moves = itertools.pairwise(way)
            allowed = all(b - a in (0, 1) or (b - a == 2 and skips[n, b]) for a, b in moves)
            if way[0] < 2 and last[n, way[-1]] and allowed:
                total += math.exp(sum(float(x[t, n, s]) for t, s in enumerate(way)))
        costs.append(-math.log(total) if total else 0.0 if zero_infinity else math.inf)
    return np.array(costs, x.dtype)


@st.composite
def aligned(draw: st.DrawFn) -> Case:
    times, examples, classes = draw(st.tuples(st.integers(2, 4), st.integers(1, 3), st.just(2)))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    states = 2 * classes + 1
    x = np.log(rng.uniform(0.1, 0.9, (times, examples, states)))
    skips = rng.integers(0, 2, (examples, states)).astype(bool)
    skips[:, ::2] = skips[:, 1] = False
    ends = 2 * rng.integers(0, 2, (examples, 1))
    last = (np.arange(states) == ends) | (np.arange(states) == ends - 1)
    lengths = rng.integers(1, times + 1, examples)
    return Case((x, skips, last, lengths), {"zero_infinity": draw(st.booleans())})


SPECS = [
    Spec(shared.weighing, lambda x, w: x * w, alike((-2, 2), (0.1, 2))),
    Spec(
        binary.weighted_binary_cross_entropy,
        each(binary_cost),
        alike((-4, 4), (0.05, 0.95), (0.1, 3)),
    ),
    Spec(
        regression.huber,
        each(huber),
        alike((-2, 2), (-2, 2), delta=st.sampled_from([0.5, 1.0])).filter(away_from("delta")),
    ),
    Spec(
        regression.smooth_l1,
        each(lambda x, t, beta: huber(x, t, beta) / beta),
        alike((-2, 2), (-2, 2), beta=st.sampled_from([0.5, 1.0])).filter(away_from("beta")),
    ),
    Spec(
        probabilistic.divergence,
        each(lambda x, t: t * (math.log(t) - x)),
        alike((-3, 0), (0.05, 0.95)),
    ),
    Spec(
        probabilistic.divergence_of_logarithms,
        each(lambda x, t: math.exp(t) * (t - x)),
        alike((-3, 0), (-3, 0)),
        name="kl_div of logarithms",
    ),
    Spec(probabilistic.poisson, each(lambda x, t: math.exp(x) - t * x), alike((-2, 2), (0.1, 3))),
    Spec(probabilistic.gaussian, each(gaussian), with_variances()),
    Spec(
        ctc.log_of_sum,
        lambda x: np.log(np.exp(x[0]) + np.exp(x[1]) + np.exp(x[2])),
        cases(operands(1, low=-3, high=3, shapes=st.sampled_from([((3, 2, 4),), ((3, 1),)]))),
    ),
    Spec(ctc.ways_cost, all_ways, aligned()),
]
