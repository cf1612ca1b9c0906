"""Rounding, and the parts of a floating-point number."""

import numpy as np

from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.functions.general.making import binary, documented, unary, unary_constant
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.mathematics import rounding
from autograd_lite.tensor import Tensor, TensorLike, apply, compute

__all__ = [
    "around",
    "ceil",
    "copysign",
    "fix",
    "floor",
    "frexp",
    "heaviside",
    "ldexp",
    "modf",
    "nextafter",
    "rint",
    "round",
    "sign",
    "spacing",
    "trunc",
]

ceil = unary_constant(
    "ceil",
    np.ceil,
    "Return each value rounded up to an integer.",
    ">>> ceil([1.5, -1.5])\nTensor([ 2., -1.])",
)

floor = unary_constant(
    "floor",
    np.floor,
    "Return each value rounded down to an integer.",
    ">>> floor([1.5, -1.5])\nTensor([ 1., -2.])",
)

trunc = unary_constant(
    "trunc",
    np.trunc,
    "Return each value rounded towards 0 to an integer.",
    ">>> trunc([1.5, -1.5])\nTensor([ 1., -1.])",
)

fix = unary_constant(
    "fix",
    np.trunc,
    "Return each value rounded towards 0 to an integer.",
    ">>> fix([1.5, -1.5])\nTensor([ 1., -1.])",
)

rint = unary_constant(
    "rint",
    np.rint,
    "Return each value rounded to the nearest integer, and to the even one of two.",
    ">>> rint([1.5, 2.5])\nTensor([2., 2.])",
)

spacing = unary_constant(
    "spacing",
    np.spacing,
    "Return the distance from each value to the next floating-point number away from 0.",
    ">>> spacing([1.0]).item()\n2.220446049250313e-16",
)

nextafter = binary(
    "nextafter",
    rounding.nextafter,
    "Return the floating-point number next to ``x1`` in the direction of ``x2``.",
    ">>> nextafter(1.0, 2.0).item()\n1.0000000000000002",
)

ldexp = binary(
    "ldexp",
    rounding.ldexp,
    "Return ``x1 * 2**x2``, where ``x2`` are integers.",
    ">>> ldexp([3.0], [2])\nTensor([12.])",
)

sign = unary(
    "sign",
    rounding.sign,
    "Return the sign of each value: -1, 0 or 1, or ``x / abs(x)`` for complex numbers.",
    ">>> sign([-2.0, 0.0, 3.0])\nTensor([-1.,  0.,  1.])",
)

copysign = binary(
    "copysign",
    rounding.copysign,
    "Return ``x1`` with the sign of ``x2``; where ``x1`` is 0, the gradient is 0.",
    ">>> copysign([1.0, 2.0], [-1.0, 0.0])\nTensor([-1.,  2.])",
)

heaviside = binary(
    "heaviside",
    rounding.heaviside,
    "Return 0 where ``x1 < 0``, ``x2`` where ``x1 == 0``, 1 where ``x1 > 0``.",
    ">>> heaviside([-1.0, 0.0, 1.0], 0.5)\nTensor([0. , 0.5, 1. ])",
)


def round(x: TensorLike, decimals: int = 0) -> Tensor:
    """Return each value rounded to ``decimals`` places, and to the even one of two: a constant.

    Parameters
    ----------
    x : Tensor or array_like
    decimals : int
        The number of places after the point; negative numbers are before it.

    Examples
    --------
    >>> round([1.234, 1.5, 2.5], 0)
    Tensor([1., 2., 2.])
    """
    rounded: Tensor = compute(np.round, x, decimals=decimals)
    return rounded


around = round


@implements(np.modf)
def modf(x: TensorLike) -> tuple[Tensor, Tensor]:
    """Return the fractional parts and the whole parts, which are constants.

    Examples
    --------
    >>> modf([1.5, -2.25])
    (Tensor([ 0.5 , -0.25]), Tensor([ 1., -2.]))
    """
    fraction = apply(rounding.fraction, (x,), {})
    return fraction, trunc(x).astype(fraction.dtype)  # floating, of integers too


@implements(np.frexp)
def frexp(x: TensorLike) -> tuple[Tensor, Tensor]:
    """Return m and integers n for which ``x = m * 2**n``, with ``abs(m)`` in [0.5, 1).

    Both are 0 where ``x`` is 0; n is a constant.

    Examples
    --------
    >>> frexp([3.0, 8.0])
    (Tensor([0.75, 0.5 ]), Tensor([2, 4], dtype=int32))
    """
    x = as_tensor(x)
    exponent: Tensor = compute(np.frexp, x)[1]
    return ldexp(x, -exponent), exponent


__test__ = documented(globals())
