"""Reductions that pass over NaN."""

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec

from ..drawing import of_moderate_product, reduced
from .statistics import correction_of, is_spread


@st.composite
def with_nan(draw: st.DrawFn, *, keepdims: bool = True, least: int = 1) -> Case:
    """Reductions with NaN among the values, but ``least`` numbers for each result."""
    case = draw(reduced(empty=False, keepdims=keepdims).filter(lambda c: correction_of(c) >= least))
    x = np.array(case.inputs[0])
    mask = np.random.default_rng(draw(st.integers(0, 2**16))).random(x.shape) < 0.4
    full = (~mask).sum(axis=case.params["axis"], keepdims=True) < least
    return case._replace(inputs=(np.where(mask & ~full, np.nan, x),))


SPECS = [
    Spec(np.nansum, cases=with_nan(), complex=True),
    Spec(np.nanprod, cases=with_nan().filter(of_moderate_product), complex=True),
    Spec(np.nanmean, cases=with_nan(), complex=True),
    Spec(np.nanvar, cases=with_nan(), complex=True),
    Spec(np.nanstd, cases=with_nan(least=2).filter(is_spread), complex=True),
    Spec(np.nanmax, cases=with_nan()),
    Spec(np.nanmin, cases=with_nan()),
]
