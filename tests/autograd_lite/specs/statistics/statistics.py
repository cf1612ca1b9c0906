"""Moments, quantiles, correlations; reductions that pass over NaN."""

from typing import Any, get_args

import numpy as np
from hypothesis import strategies as st

from autograd_lite.functions.statistics.order_statistics import Method
from autograd_lite.ops.mathematics import reductions
from autograd_lite.testing import Case, Spec, broadcastable_shapes, operands

from ..drawing import NOT_EMPTY, of_moderate_product, one_of_each, reduced
from ..mathematics.reductions import masked

METHODS = get_args(Method)


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
def with_nan(draw: st.DrawFn, *, keepdims: bool = True, least: int = 1) -> Case:
    """Reductions with NaN among the values, but ``least`` numbers for each result."""
    case = draw(reduced(empty=False, keepdims=keepdims).filter(lambda c: correction_of(c) >= least))
    x = np.array(case.inputs[0])
    mask = np.random.default_rng(draw(st.integers(0, 2**16))).random(x.shape) < 0.4
    full = (~mask).sum(axis=case.params["axis"], keepdims=True) < least
    return case._replace(inputs=(np.where(mask & ~full, np.nan, x),))


@st.composite
def quantiles(draw: st.DrawFn, drawn: Any, scale: float = 1, *, tables: bool = True) -> Case:
    case = draw(drawn)
    one = st.sampled_from([0.0, 0.25, 0.5, 0.6, 1.0])
    several: Any = st.lists(one, min_size=1, max_size=3).map(np.array)
    if tables:
        several |= st.just(np.array([[0.1], [0.9]]))
    q = draw(one | several)
    method = draw(st.sampled_from(METHODS))
    return case._replace(params={**case.params, "q": q * scale, "method": method})


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
    Spec(reductions.var, variance, spread(), complex=True),
    Spec(reductions.std, deviation, spread(kink=True).filter(is_spread), complex=True),
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
    Spec(np.median, cases=reduced(empty=False)),
    Spec(np.quantile, cases=quantiles(reduced(empty=False))),
    Spec(np.percentile, cases=quantiles(reduced(empty=False), 100)),
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
    Spec(np.nansum, cases=with_nan(), complex=True),
    Spec(np.nanprod, cases=with_nan().filter(of_moderate_product), complex=True),
    Spec(np.nanmean, cases=with_nan(), complex=True),
    Spec(np.nanvar, cases=with_nan(), complex=True),
    Spec(np.nanstd, cases=with_nan(least=2).filter(is_spread), complex=True),
    Spec(np.nanmax, cases=with_nan()),
    Spec(np.nanmin, cases=with_nan()),
    Spec(np.nanmedian, cases=with_nan()),
    Spec(np.nanquantile, cases=quantiles(with_nan(), tables=False)),
    Spec(
        np.nanpercentile,
        cases=quantiles(with_nan(), 100, tables=False),
    ),
]
