"""Signs, and the parts of a floating-point number."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec

from ..drawing import binary, unary


def second_rounded(draw_two: Any) -> st.SearchStrategy[Case]:
    """Make the second of two inputs an array of small integers."""
    return draw_two.map(lambda case: Case((case.inputs[0], np.rint(case.inputs[1]).astype(int))))


SPECS = [
    Spec(np.sign, cases=unary(), complex=True),
    Spec(np.copysign, cases=binary()),
    Spec(np.heaviside, cases=binary()),
    Spec(np.nextafter, cases=binary(), order=1),
    Spec(np.ldexp, cases=second_rounded(binary())),
    Spec(np.modf, cases=unary(0.2, 0.8)),
    Spec(np.frexp, cases=unary(0.55, 0.95)),
]
