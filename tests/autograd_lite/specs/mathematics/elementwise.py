"""Arithmetic, choices, bounds, and what has kinks and jumps."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite.ops.mathematics import arithmetic, elementwise
from autograd_lite.testing import Case, Spec, cases, operands

from ..drawing import binary, unary


def masked(draw_two: Any) -> st.SearchStrategy[Case]:
    return draw_two.map(lambda inputs: Case((inputs[0] > 0, *inputs[1:])))


def second_rounded(draw_two: Any) -> st.SearchStrategy[Case]:
    """Make the second of two inputs an array of small integers."""
    return draw_two.map(lambda case: Case((case.inputs[0], np.rint(case.inputs[1]).astype(int))))


bounds = st.sampled_from([{"a_min": -0.9, "a_max": None}, {"a_min": -1.1, "a_max": 0.9}])
standard_bounds = st.sampled_from([{"min": None, "max": 1.1}, {"min": -1.1, "max": 0.9}])


def far_from_half_a_period(inputs: Any) -> Any:
    return (np.rint(inputs[0]) + inputs[0] / 10,)


SPECS = [
    Spec(arithmetic.times, lambda a, b: a * b, binary(), complex=True),
    Spec(arithmetic.add, lambda a, b: a + b, binary(), complex=True),
    Spec(arithmetic.subtract, lambda a, b: a - b, binary(), complex=True),
    Spec(arithmetic.multiply, lambda a, b: a * b, binary(), complex=True),
    Spec(arithmetic.divide, lambda a, b: a / b, binary(0.5, 2), complex=True),
    Spec(arithmetic.reciprocal, lambda x: 1 / x, unary(0.5, 2), complex=True),
    Spec(arithmetic.remainder, lambda a, b: a - b * np.floor(a / b), binary(1.1, 1.9)),
    Spec(arithmetic.fmod, lambda a, b: a - b * np.trunc(a / b), binary(1.1, 1.9)),
    Spec(np.divmod, cases=binary(1.1, 1.9)),
    Spec(arithmetic.negative, lambda x: 0 - x, unary(), complex=True),
    Spec(arithmetic.positive, lambda x: x, unary(), complex=True),
    Spec(arithmetic.square, lambda x: x * x, unary(), complex=True),
    Spec(arithmetic.power, lambda a, b: np.exp(b * np.log(a)), binary(0.5, 2), complex=True),
    Spec(lambda x: x**3, lambda x: x * x * x, unary(), complex=True, name="cube"),
    Spec(lambda x: 2**x, np.exp2, unary(), complex=True, name="power of 2"),
    Spec(np.float_power, cases=binary(0.5, 2), complex=True),
    Spec(elementwise.absolute, lambda x: np.sqrt((x * np.conj(x)).real), unary(), complex=True),
    Spec(np.fabs, cases=unary()),
    Spec(np.sign, cases=unary(), complex=True),
    Spec(np.copysign, cases=binary()),
    Spec(np.heaviside, cases=binary()),
    Spec(np.nextafter, cases=binary(), order=1),
    Spec(np.ldexp, cases=second_rounded(binary())),
    Spec(np.modf, cases=unary(0.2, 0.8)),
    Spec(np.frexp, cases=unary(0.55, 0.95)),
    Spec(elementwise.relu, lambda x: x * (x > 0), unary()),
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
    Spec(elementwise.where, np.where, masked(operands(3)), complex=True),
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
    Spec(
        elementwise.astype,
        np.array,
        operands(1).map(lambda inputs: Case(inputs, {"dtype": np.dtype(np.float64)})),
    ),
]
