"""Polynomials."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.ops.mathematics import polynomials
from autograd_lite.testing import Case, Spec, operands

from ..drawing import SHAPES


def vectors(least: int = 1, most: int = 4, **kwargs: Any) -> Any:
    shapes = st.integers(least, most).map(lambda n: ((n,),))
    return operands(1, shapes=shapes, **kwargs)


LENGTHS = st.integers(1, 4)
TWO = operands(
    2, low=-2, high=2, shapes=st.tuples(LENGTHS, LENGTHS).map(lambda n: ((n[0],), (n[1],)))
).map(Case)


def divided(u: Any, v: Any) -> Any:
    """Divide in double precision, for NumPy keeps what float32 leaves of a 0."""
    widest = np.result_type(u.dtype, np.float64)
    return [x.astype(u.dtype) for x in np.polydiv(u.astype(widest), v.astype(widest))]


@st.composite
def evaluated(draw: st.DrawFn) -> Case:
    return Case((*draw(vectors()), *draw(operands(1, shapes=SHAPES))))


@st.composite
def derived(draw: st.DrawFn) -> Case:
    return Case(draw(vectors()), {"m": draw(st.integers(0, 3))})


@st.composite
def integrated(draw: st.DrawFn) -> Case:
    m = draw(st.integers(0, 3))
    constants = draw(st.sampled_from([m, 1] if m else [0]))
    (k,) = draw(vectors(constants, constants))
    return Case((*draw(vectors()), k), {"m": m})


def integral(p: Any, k: Any, m: int) -> Any:
    return np.polyint(p, m, k=k) if m != 1 else np.polyint(p, m) + np.polyint(p, m, k)


@st.composite
def with_roots(draw: st.DrawFn) -> Case:
    """Return coefficients of polynomials whose roots lie apart."""
    (r,) = draw(vectors(0, 4, low=-2, high=2))
    factor = draw(st.floats(0.5, 2))
    p = np.atleast_1d(np.poly(r)) * factor
    if r.size > 1 and draw(st.booleans()):
        p[-1] += 3 * factor  # some of the roots are complex
    ahead = draw(st.integers(0, 1))
    return Case((p,), {"ahead": ahead, "behind": draw(st.integers(0, 1))})


def symmetric(p: Any, ahead: int, behind: int) -> Any:
    """Return what depends on all the roots, but not on their order, nor on their dtype."""
    p = np.concatenate([np.zeros(ahead, p.dtype), p, np.zeros(behind, p.dtype)])
    r = np.roots(p) + 0j
    return np.exp(r).sum(), (r**3).sum()


@st.composite
def fitted(draw: st.DrawFn) -> Case:
    deg = draw(st.integers(0, 2))
    points = draw(st.integers(deg + 2, 5))
    sets = draw(st.sampled_from([(), (1,), (2,)]))
    x, y = draw(operands(2, low=-2, high=2, shapes=st.just(((points,), (points, *sets)))))
    (w,) = draw(vectors(points, points, low=0.5, high=2))
    how: Any = draw(st.sampled_from([{}, {"full": True}, {"cov": True}, {"cov": "unscaled"}]))
    return Case((np.sort(x) + np.arange(points), y, w), {"deg": deg, **how})


def fit(x: Any, y: Any, w: Any, deg: int, **how: Any) -> Any:
    found = np.polyfit(x, y, deg, w=w, **how)
    return found[:2] if how else found


SPECS = [
    Spec(np.polyval, cases=evaluated(), complex=True),
    Spec(np.polyadd, cases=TWO, complex=True),
    Spec(np.polysub, cases=TWO, complex=True),
    Spec(np.polymul, cases=TWO, complex=True),
    Spec(np.polydiv, divided, TWO, complex=True),
    Spec(np.polyder, cases=derived().filter(lambda case: case.params["m"] < case.inputs[0].size)),
    Spec(integral, cases=integrated(), complex=True, name="polyint"),
    Spec(np.poly, cases=vectors(1).map(Case), complex=True),
    Spec(symmetric, cases=with_roots(), complex=True, name="roots"),
    Spec(
        lambda p: polynomials.roots(p).sum() + 0j,
        lambda p: -p[1] / p[0] + 0j,
        vectors(2, low=0.5, high=2).map(Case),
        complex=True,
        name="the sum of roots",
    ),
    Spec(fit, cases=fitted(), name="polyfit"),
]
