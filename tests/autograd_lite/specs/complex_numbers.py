"""Complex numbers and their parts."""

import numpy as np

from autograd_lite.ops import complex_numbers
from autograd_lite.testing import Spec

from .drawing import unary

SPECS = [
    Spec(complex_numbers.conjugate, np.conj, unary(), complex=True),
    Spec(complex_numbers.real, np.real, unary(), complex=True),
    Spec(np.imag, np.imag, unary().map(lambda case: case._replace(inputs=(case.inputs[0] * 1j,)))),
]
