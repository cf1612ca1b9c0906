"""Trigonometric and hyperbolic functions and their inverses."""

import numpy as np

from autograd_lite.ops.mathematics import trigonometric
from autograd_lite.testing import Spec

from ..drawing import binary, unary

SPECS = [
    Spec(np.sin, cases=unary(), complex=True),
    Spec(np.cos, cases=unary(), complex=True),
    Spec(np.tan, cases=unary(-1.2, 1.2), complex=True),
    Spec(np.arcsin, cases=unary(-0.8, 0.8), complex=True),
    Spec(np.arccos, cases=unary(-0.8, 0.8), complex=True),
    Spec(np.arctan, cases=unary(), complex=True),
    Spec(np.sinh, cases=unary(), complex=True),
    Spec(np.cosh, cases=unary(), complex=True),
    Spec(np.tanh, cases=unary(), complex=True),
    Spec(
        lambda x: trigonometric.complex_tanh(x * (1 + 0j)),
        lambda x: np.tanh(x * (1 + 0j)),
        unary(),
        complex=True,
        name="tanh of complex numbers",
    ),
    Spec(np.arcsinh, cases=unary(), complex=True),
    Spec(np.arccosh, cases=unary(1.2, 3), complex=True),
    Spec(np.arctanh, cases=unary(-0.8, 0.8), complex=True),
    Spec(np.arctan2, cases=binary()),
    Spec(np.hypot, cases=binary()),
    Spec(trigonometric.degrees, np.rad2deg, cases=unary()),
    Spec(trigonometric.radians, np.deg2rad, cases=unary()),
]
