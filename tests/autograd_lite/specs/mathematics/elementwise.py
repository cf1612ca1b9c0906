"""Absolute values, choices between values, and bounds."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite.ops.mathematics import elementwise
from autograd_lite.testing import Case, Spec, cases, operands

from ..drawing import binary, unary

bounds = st.sampled_from([{"a_min": -0.9, "a_max": None}, {"a_min": -1.1, "a_max": 0.9}])


standard_bounds = st.sampled_from([{"min": None, "max": 1.1}, {"min": -1.1, "max": 0.9}])


def far_from_half_a_period(inputs: Any) -> Any:
    return (np.rint(inputs[0]) + inputs[0] / 10,)


SPECS = [
    Spec(elementwise.absolute, lambda x: np.sqrt((x * np.conj(x)).real), unary(), complex=True),
    Spec(np.fabs, cases=unary()),
    Spec(elementwise.maximum, np.maximum, binary()),
    Spec(elementwise.minimum, np.minimum, binary()),
    Spec(elementwise.fmax, np.fmax, binary()),
    Spec(elementwise.fmin, np.fmin, binary()),
    Spec(
        elementwise.clip,
        lambda x, low, high: np.minimum(np.maximum(x, low), high),
        cases(operands(3)),
    ),
    Spec(np.clip, cases=st.builds(Case, operands(1), bounds)),
    Spec(ag.clip, np.clip, st.builds(Case, operands(1), standard_bounds), name="clip to bounds"),
    Spec(np.nan_to_num, cases=unary(), complex=True),
    Spec(
        np.unwrap,
        cases=st.builds(
            lambda inputs, axis: Case(inputs, {"axis": axis, "period": 1.0}),
            operands(1, shapes=st.sampled_from([((3,),), ((2, 4),), ((1, 1),)])).map(
                far_from_half_a_period
            ),
            st.sampled_from([0, -1]),
        ),
    ),
]
