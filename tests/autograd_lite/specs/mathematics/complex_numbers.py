"""Complex numbers and their parts."""

import numpy as np

from autograd_lite.ops.mathematics import complex_numbers
from autograd_lite.testing import Case, Spec

from ..drawing import unary


def turned(case: Case) -> Case:
    return Case((case.inputs[0] * (1 + 1j),), case.params)


SPECS = [
    Spec(complex_numbers.conjugate, np.conj, unary(), complex=True),
    Spec(complex_numbers.real, np.real, unary(), complex=True),
    Spec(np.imag, np.imag, unary().map(turned)),
    Spec(np.angle, np.angle, unary().map(turned)),
    Spec(
        np.real_if_close,
        cases=unary(-2, 2).map(turned),
    ),
]
