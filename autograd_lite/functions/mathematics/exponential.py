"""Exponentials, logarithms and roots."""

from autograd_lite.functions.general.making import binary, documented, unary
from autograd_lite.ops.mathematics import exponential

__all__ = [
    "cbrt",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logaddexp2",
    "sqrt",
]

exp = unary(
    "exp",
    exponential.exp,
    "Return e to the power of each value of ``x``.",
    ">>> exp([0.0, 1.0])\nTensor([1.        , 2.71828183])",
)

exp2 = unary(
    "exp2",
    exponential.exp2,
    "Return 2 to the power of each value of ``x``.",
    ">>> exp2([0.0, 3.0])\nTensor([1., 8.])",
)

expm1 = unary(
    "expm1",
    exponential.expm1,
    "Return ``exp(x) - 1``, which is accurate for small ``x`` too.",
    ">>> expm1(1e-20).item()\n1e-20",
)

log = unary(
    "log",
    exponential.log,
    "Return the natural logarithm of each value of ``x``: -inf at 0, NaN below.",
    ">>> log([1.0, 2.0])\nTensor([0.        , 0.69314718])",
)

log2 = unary(
    "log2",
    exponential.log2,
    "Return the base-2 logarithm of each value of ``x``.",
    ">>> log2([1.0, 8.0])\nTensor([0., 3.])",
)

log10 = unary(
    "log10",
    exponential.log10,
    "Return the base-10 logarithm of each value of ``x``.",
    ">>> log10([1.0, 1000.0])\nTensor([0., 3.])",
)

log1p = unary(
    "log1p",
    exponential.log1p,
    "Return ``log(1 + x)``, which is accurate for small ``x`` too.",
    ">>> log1p(1e-20).item()\n1e-20",
)

logaddexp = binary(
    "logaddexp",
    exponential.logaddexp,
    "Return ``log(exp(x1) + exp(x2))`` without overflow.",
    ">>> logaddexp([1000.0], [1000.0])\nTensor([1000.69314718])",
)

logaddexp2 = binary(
    "logaddexp2",
    exponential.logaddexp2,
    "Return ``log2(2**x1 + 2**x2)`` without overflow.",
    ">>> logaddexp2([1000.0], [1000.0])\nTensor([1001.])",
)

sqrt = unary(
    "sqrt",
    exponential.sqrt,
    "Return the square root of each value of ``x``; the gradient at 0 is infinite.",
    ">>> sqrt([4.0, 9.0])\nTensor([2., 3.])",
)

cbrt = unary(
    "cbrt",
    exponential.cbrt,
    "Return the cube root of each value of ``x``; the gradient at 0 is infinite.",
    ">>> cbrt([8.0, -27.0])\nTensor([ 2., -3.])",
)

__test__ = documented(globals())
