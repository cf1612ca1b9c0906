"""Trigonometric and hyperbolic functions and their inverses."""

from autograd_lite.functions.general.making import binary, documented, unary
from autograd_lite.ops.mathematics import trigonometric
from autograd_lite.tensor import Tensor, TensorLike, apply

__all__ = [
    "acos",
    "acosh",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cos",
    "cosh",
    "deg2rad",
    "degrees",
    "hypot",
    "rad2deg",
    "radians",
    "sin",
    "sinh",
    "tan",
    "tanh",
]

sin = unary(
    "sin",
    trigonometric.sin,
    "Return the sine of each value of ``x``, in radians.",
    ">>> sin([0.0, 3.141592653589793 / 2])\nTensor([0., 1.])",
)

cos = unary(
    "cos",
    trigonometric.cos,
    "Return the cosine of each value of ``x``, in radians.",
    ">>> cos([0.0, 3.141592653589793])\nTensor([ 1., -1.])",
)

tan = unary(
    "tan",
    trigonometric.tan,
    "Return the tangent of each value of ``x``, in radians.",
    ">>> tan([0.0, 1.0])\nTensor([0.        , 1.55740772])",
)

arcsin = unary(
    "arcsin",
    trigonometric.arcsin,
    "Return the angle whose sine is ``x``; the gradient is infinite at -1 and 1.",
    ">>> arcsin([0.0, 1.0])\nTensor([0.        , 1.57079633])",
)

arccos = unary(
    "arccos",
    trigonometric.arccos,
    "Return the angle whose cosine is ``x``; the gradient is infinite at -1 and 1.",
    ">>> arccos([0.0, 1.0])\nTensor([1.57079633, 0.        ])",
)

arctan = unary(
    "arctan",
    trigonometric.arctan,
    "Return the angle whose tangent is ``x``.",
    ">>> arctan([0.0, 1.0])\nTensor([0.        , 0.78539816])",
)

arctan2 = binary(
    "arctan2",
    trigonometric.arctan2,
    "Return the angle of the point (x2, x1) to the first axis; the gradient at the origin is 0.",
    ">>> arctan2([1.0, 1.0], [1.0, -1.0])\nTensor([0.78539816, 2.35619449])",
)

hypot = binary(
    "hypot",
    trigonometric.hypot,
    "Return ``sqrt(x1**2 + x2**2)`` without overflow; the gradient at the origin is 0.",
    ">>> hypot([3.0, 5.0], [4.0, 12.0])\nTensor([ 5., 13.])",
)

sinh = unary(
    "sinh",
    trigonometric.sinh,
    "Return the hyperbolic sine of each value of ``x``.",
    ">>> sinh([0.0, 1.0])\nTensor([0.        , 1.17520119])",
)

cosh = unary(
    "cosh",
    trigonometric.cosh,
    "Return the hyperbolic cosine of each value of ``x``.",
    ">>> cosh([0.0, 1.0])\nTensor([1.        , 1.54308063])",
)


def tanh(x: TensorLike, /) -> Tensor:
    """Return the hyperbolic tangent of each value of ``x``.

    Examples
    --------
    >>> tanh([0.0, 1.0])
    Tensor([0.        , 0.76159416])
    """
    # only complex numbers need the slower op, which keeps the signs of zeros
    kind = getattr(getattr(x, "dtype", None), "kind", "")
    op = trigonometric.complex_tanh if kind == "c" else trigonometric.tanh
    return apply(op, (x,), {})


arcsinh = unary(
    "arcsinh",
    trigonometric.arcsinh,
    "Return the inverse hyperbolic sine of each value of ``x``.",
    ">>> arcsinh([0.0, 1.0])\nTensor([0.        , 0.88137359])",
)

arccosh = unary(
    "arccosh",
    trigonometric.arccosh,
    "Return the inverse hyperbolic cosine of each value of ``x``, NaN below 1.",
    ">>> arccosh([1.0, 2.0])\nTensor([0.       , 1.3169579])",
)

arctanh = unary(
    "arctanh",
    trigonometric.arctanh,
    "Return the inverse hyperbolic tangent of each value of ``x``.",
    ">>> arctanh([0.0, 0.5])\nTensor([0.        , 0.54930614])",
)

degrees = unary(
    "degrees",
    trigonometric.degrees,
    "Convert angles from radians to degrees.",
    ">>> degrees([0.0, 3.141592653589793])\nTensor([  0., 180.])",
)

radians = unary(
    "radians",
    trigonometric.radians,
    "Convert angles from degrees to radians.",
    ">>> radians([0.0, 180.0])\nTensor([0.        , 3.14159265])",
)
acos = arccos
acosh = arccosh
asin = arcsin
asinh = arcsinh
atan = arctan
atan2 = arctan2
atanh = arctanh
deg2rad = radians
rad2deg = degrees

__test__ = documented(globals())
