"""Rounding, and the parts of a floating-point number."""

import numpy as np

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
    "Return the smallest integer that is not below each value.",
    ">>> ceil([1.5, -1.5])\nTensor([ 2., -1.])",
)

floor = unary_constant(
    "floor",
    np.floor,
    "Return the largest integer that is not above each value.",
    ">>> floor([1.5, -1.5])\nTensor([ 1., -2.])",
)

trunc = unary_constant(
    "trunc",
    np.trunc,
    "Return each value without what is after its point.",
    ">>> trunc([1.5, -1.5])\nTensor([ 1., -1.])",
)

fix = unary_constant(
    "fix",
    np.trunc,
    "Return each value without what is after its point.",
    ">>> fix([1.5, -1.5])\nTensor([ 1., -1.])",
)

rint = unary_constant(
    "rint",
    np.rint,
    "Return the nearest integer, the even one of two.",
    ">>> rint([1.5, 2.5])\nTensor([2., 2.])",
)

spacing = unary_constant(
    "spacing",
    np.spacing,
    "Return the distance of each value from the next floating-point number.",
    ">>> spacing([1.0]).item()\n2.220446049250313e-16",
)

nextafter = binary(
    "nextafter",
    rounding.nextafter,
    "Return the floating-point number after ``x1`` on the way to ``x2``.",
    ">>> nextafter(1.0, 2.0).item()\n1.0000000000000002",
)

ldexp = binary(
    "ldexp",
    rounding.ldexp,
    "Return ``x1 * 2**x2``, for integers ``x2``.",
    ">>> ldexp([3.0], [2])\nTensor([12.])",
)

sign = unary(
    "sign",
    rounding.sign,
    "Return the sign of each value: -1, 0 or 1, and ``x / abs(x)`` of complex ones.",
    ">>> sign([-2.0, 0.0, 3.0])\nTensor([-1.,  0.,  1.])",
)

copysign = binary(
    "copysign",
    rounding.copysign,
    "Return ``x1`` with the sign of ``x2``; the gradient where ``x1`` is 0 is 0.",
    ">>> copysign([1.0, 2.0], [-1.0, 0.0])\nTensor([-1.,  2.])",
)

heaviside = binary(
    "heaviside",
    rounding.heaviside,
    "Return 0 where ``x1 < 0``, ``x2`` where ``x1 == 0``, 1 where ``x1 > 0``.",
    ">>> heaviside([-1.0, 0.0, 1.0], 0.5)\nTensor([0. , 0.5, 1. ])",
)


def round(x: TensorLike, decimals: int = 0) -> Tensor:
    """Return the values rounded to a number of decimals, to even where two are near: a constant.

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
    """Return what is after the point, and before it; the second is a constant.

    Examples
    --------
    >>> modf([1.5, -2.25])
    (Tensor([ 0.5 , -0.25]), Tensor([ 1., -2.]))
    """
    return apply(rounding.fraction, (x,), {}), trunc(x)


@implements(np.frexp)
def frexp(x: TensorLike) -> tuple[Tensor, Tensor]:
    """Return m and integers n with ``x = m * 2**n`` and m in [0.5, 1); n is a constant.

    Examples
    --------
    >>> frexp([3.0, 8.0])
    (Tensor([0.75, 0.5 ]), Tensor([2, 4], dtype=int32))
    """
    exponent: Tensor = compute(np.frexp, x)[1]
    return ldexp(x, -exponent), exponent


__test__ = documented(globals())
