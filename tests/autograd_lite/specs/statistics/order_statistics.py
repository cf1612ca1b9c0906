"""Medians and quantiles."""

from typing import Any, get_args

import numpy as np
from hypothesis import strategies as st

from autograd_lite.functions.statistics.order_statistics import Method
from autograd_lite.testing import Case, Spec

from ..drawing import reduced
from .without_nan import with_nan

METHODS = get_args(Method)


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


SPECS = [
    Spec(np.median, cases=reduced(empty=False)),
    Spec(np.quantile, cases=quantiles(reduced(empty=False))),
    Spec(np.percentile, cases=quantiles(reduced(empty=False), 100)),
    Spec(np.nanmedian, cases=with_nan()),
    Spec(np.nanquantile, cases=quantiles(with_nan(), tables=False)),
    Spec(
        np.nanpercentile,
        cases=quantiles(with_nan(), 100, tables=False),
    ),
]
