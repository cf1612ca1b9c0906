"""Complex numbers and their parts.

Rules transpose. For holomorphic f the cotangent of x is ``g * f'(x)``, without a conjugate. For
every f it is the c for which Re(c dx) = Re(g dy). Cotangents are conjugated only where they become
gradients, at the door of the backward pass.
"""

from typing import Any

import numpy as np

from autograd_lite.kinks import undecided
from autograd_lite.primitive import Primitive
from autograd_lite.settled_zeros import settled_with_first

conjugate = Primitive(
    "conjugate", np.conjugate, [lambda g, y, x: np.conjugate(g)], elementwise=True
)

real = Primitive("real", lambda x: x.real, [lambda g, y, x: g], elementwise=True)

imag = Primitive("imag", lambda x: x.imag, [lambda g, y, x: g * -1j], elementwise=True)

settled_with_first(conjugate, real, imag)


def _angle_rule(g: Any, y: Any, x: Any) -> Any:
    # the imaginary part of log(x); 0 at the origin
    zero = x == 0
    return undecided(g * (-1j * np.where(zero, x, 1) / np.where(zero, 1, x)), g, x)


angle = Primitive("angle", np.angle, [_angle_rule], elementwise=True, singular=True)
