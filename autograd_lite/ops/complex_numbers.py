"""Complex numbers and their parts.

A rule works on the transposed derivative: for holomorphic f the cotangent of x is ``g * f'(x)``,
with no conjugate, and for every f it is the c for which Re(c dx) = Re(g dy). Only where cotangents
become gradients, at the door of the backward pass, are they conjugated.
"""

import numpy as np

from autograd_lite.ops.arithmetic import over
from autograd_lite.primitive import Primitive

conjugate = Primitive(
    "conjugate", np.conjugate, [lambda g, y, x: np.conjugate(g)], elementwise=True
)

real = Primitive("real", lambda x: x.real, [lambda g, y, x: g], elementwise=True)

imag = Primitive("imag", lambda x: x.imag, [lambda g, y, x: g * -1j], elementwise=True)

# the imaginary part of log(x); 0 at the origin
angle = Primitive(
    "angle",
    np.angle,
    [lambda g, y, x: over(g * (x != 0) * -1j, x)],
    elementwise=True,
    singular=True,
)
