"""Histograms of weighed values."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec, operands

from ..drawing import same_shape


@st.composite
def weighed(draw: st.DrawFn) -> Case:
    values, weights = draw(same_shape(2, low=0.1, high=2, min_side=1))
    bins = draw(st.sampled_from([1, 4, [0.0, 0.7, 1.0, 1.8], [0.1, 0.2, 3.0]]))
    limits = draw(st.sampled_from([None, (0.0, 1.5)]))
    # the values are told apart from the bins by a test of their own: here they are given
    return Case((weights,), {"a": values, "bins": bins, "range": limits})


def histogram(weights: Any, a: Any, bins: Any, range: Any) -> Any:
    return np.histogram(a, bins, range=range, weights=weights)[0]


@st.composite
def weighed_points(draw: st.DrawFn) -> Case:
    shapes = st.integers(1, 5).map(lambda n: ((n,),) * 3)
    x, y, weights = draw(operands(3, low=0.1, high=2, shapes=shapes))
    bins = draw(st.sampled_from([1, 3, (2, 4), ([0.0, 0.7, 2.8], 3), [-3.0, 0.2, 0.9, 3.0]]))
    return Case((weights,), {"x": x, "y": y, "bins": bins})


def histogram2d(weights: Any, x: Any, y: Any, bins: Any) -> Any:
    return np.histogram2d(x, y, bins, weights=weights)[0]


def histogramdd(weights: Any, x: Any, y: Any, bins: Any) -> Any:
    sides = bins if isinstance(bins, tuple) else (bins, bins)
    return np.histogramdd(np.stack([x, y], axis=1), sides, weights=weights)[0]


SPECS = [
    Spec(histogram, cases=weighed(), complex=True, name="histogram"),
    Spec(histogram2d, cases=weighed_points(), name="histogram2d"),
    Spec(histogramdd, cases=weighed_points(), name="histogramdd"),
]
