"""Means, variances and correlations."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.ops.statistics import statistics
from autograd_lite.testing import Case, Spec, broadcastable_shapes, operands

from ..drawing import NOT_EMPTY, one_of_each, reduced
from ..mathematics.reductions import masked


def correction_of(case: Case) -> Any:
    """Return how many values each result is made of, less one."""
    (x,) = case.inputs
    return x.size // max(np.sum(x, axis=case.params["axis"]).size, 1) - 1


def is_spread(case: Case) -> bool:
    """Return True if nothing is at the kink of a standard deviation, which has no second order."""
    x, *mean = case.inputs
    lowest, highest = (
        f(x, axis=case.params["axis"], keepdims=True) for f in (np.nanmin, np.nanmax)
    )
    apart = highest > lowest
    return bool(np.all(apart | (lowest != mean[0]) if mean else apart))


@st.composite
def spread(draw: st.DrawFn, *, kink: bool = False, keyword: str = "correction") -> Case:
    """Variances of at least two values each, and with a correction that leaves some freedom."""
    case = draw(reduced(empty=False).filter(lambda case: not kink or correction_of(case) > 0))
    corrections = st.sampled_from([0, 1, 0.5]).filter(lambda c: c <= max(correction_of(case), 0))
    return case._replace(params={**case.params, keyword: draw(corrections)})


def variance(x: Any, axis: Any, keepdims: bool, correction: float) -> Any:
    return np.var(x, axis=axis, keepdims=keepdims, ddof=correction)


def deviation(x: Any, axis: Any, keepdims: bool, correction: float) -> Any:
    return np.std(x, axis=axis, keepdims=keepdims, ddof=correction)


@st.composite
def about_a_mean(draw: st.DrawFn) -> Case:
    (shape,) = draw(NOT_EMPTY.filter(lambda shapes: shapes[0]))
    axis = draw(st.integers(0, len(shape) - 1))
    kept = (*shape[:axis], 1, *shape[axis + 1 :])
    return Case(draw(operands(2, shapes=st.just((shape, kept)))), {"axis": axis})


@st.composite
def weighted(draw: st.DrawFn) -> Case:
    (shape,) = draw(broadcastable_shapes(1, min_side=2).filter(lambda shapes: shapes[0]))
    axis = draw(st.none() | st.integers(-len(shape), len(shape) - 1))
    along = shape if axis is None or draw(st.booleans()) else (shape[axis],)
    (x,) = draw(operands(1, shapes=st.just((shape,))))
    (w,) = draw(operands(1, low=0.5, high=2, shapes=st.just((along,))))
    keepdims = draw(st.booleans())
    return Case((x, w), {"axis": axis, "keepdims": keepdims, "returned": draw(st.booleans())})


@st.composite
def variables(draw: st.DrawFn, fewest: int = 1) -> Case:
    n = draw(st.integers(3, 4))
    shapes = [(n,), (1, n), (2, n), (3, n)]
    shape = draw(st.sampled_from(shapes if fewest == 1 else shapes[2:]))
    (x,) = draw(operands(1, low=-2, high=2, shapes=st.just((shape,))))
    params: dict[str, Any] = {}
    if draw(st.booleans()) and x.ndim == 2:
        x, params["rowvar"] = x.T, False
    return Case((x,), params)


@st.composite
def covariances(draw: st.DrawFn) -> Case:
    (x,), params = draw(variables())
    observations = x.shape[0] if "rowvar" in params else x.shape[-1]
    params = {**params, "bias": draw(st.booleans()), "ddof": draw(st.sampled_from([None, 0, 1]))}
    if draw(st.booleans()):
        params["fweights"] = np.arange(1, observations + 1)
    if draw(st.booleans()):
        params["aweights"] = np.linspace(0.5, 2, observations)
    return Case((x,), params)


@st.composite
def two_sets(draw: st.DrawFn) -> Case:
    n = draw(st.integers(3, 4))
    weights = operands(1, low=0.5, high=2, shapes=st.just(((n,),)))
    return Case(draw(one_of_each(operands(2, shapes=st.just(((2, n), (n,)))), weights)))


SPECS = [
    Spec(statistics.var, variance, spread(), complex=True),
    Spec(statistics.std, deviation, spread(kink=True).filter(is_spread), complex=True),
    Spec(np.var, cases=spread(keyword="ddof"), complex=True),
    Spec(np.std, cases=spread(kink=True).filter(is_spread), complex=True),
    Spec(
        np.var,
        cases=masked(initial=False, empty=False),
        name="var of the chosen",
        complex=True,
    ),
    Spec(
        lambda x, m, axis: np.std(x, axis, mean=m),
        lambda x, m, axis: np.sqrt(np.mean(np.abs(x - m) ** 2, axis)),
        about_a_mean().filter(is_spread),
        name="std about a mean",
        complex=True,
    ),
    Spec(
        lambda x, w, **kw: np.average(x, weights=w, **kw),
        cases=weighted(),
        name="average",
        complex=True,
    ),
    Spec(np.cov, cases=covariances(), complex=True),
    Spec(
        lambda x, y, w: np.cov(x, y, aweights=w),
        cases=two_sets(),
        name="cov of two sets",
    ),
    Spec(np.corrcoef, cases=variables(fewest=2), complex=True),
]
