"""Special functions: the error function, sinc, and those that SciPy computes."""

import math
from importlib import import_module
from typing import Any

import numpy as np

from autograd_lite.errors import MissingExtraError
from autograd_lite.primitive import Primitive

_BELL = 2 / math.sqrt(math.pi)
_ROOT = math.sqrt(0.5)


def _erf(x: Any) -> Any:
    wide = _wide(x)
    size = np.abs(wide)
    center = wide * polynomial(_CENTER, np.minimum(size, 1) ** 2)
    y = np.where(size > 1, np.copysign(1 - erfc_tail(size), wide), center)
    return y.astype(_floating(x))


erf = Primitive("erf", _erf, [lambda g, y, x: g * (_BELL * np.exp(-x * x))], elementwise=True)


def _erfc(x: Any) -> Any:
    wide = _wide(x)
    size = np.abs(wide)
    center = 1 - wide * polynomial(_CENTER, np.minimum(size, 1) ** 2)
    tail = erfc_tail(size)
    # from 0.5 on, 1 - erf(x) would lose what the tail keeps
    y = np.where(size > 0.5, np.where(wide < 0, 2 - tail, tail), center)
    return y.astype(_floating(x))


erfc = Primitive("erfc", _erfc, [lambda g, y, x: g * (-_BELL * np.exp(-x * x))], elementwise=True)


def _erfcx(x: Any) -> Any:
    wide = _wide(x)
    size = np.abs(wide)
    tail = polynomial(_TAIL, 1 - 8 / (size + 4)) / (size + 4)
    with np.errstate(over="ignore"):  # below -26 it is infinite
        y = np.where(wide < 0, 2 * np.exp(wide * wide) - tail, tail)
        return y.astype(_floating(x))


# exp(x**2) erfc(x)
erfcx = Primitive(
    "erfcx", _erfcx, [lambda g, y, x: g * (2 * x * y - _BELL)], elementwise=True, singular=True
)

# the probability that a standard normal variable is below x
ndtr = Primitive(
    "ndtr",
    lambda x: 0.5 * _erfc(-_ROOT * x),
    [lambda g, y, x: g * (_BELL * _ROOT / 2 * np.exp(x * x * -0.5))],
    elementwise=True,
)


def _log_ndtr(x: Any) -> Any:
    z = _wide(-_ROOT * x)
    with np.errstate(over="ignore", divide="ignore"):  # -inf at -inf, and where z**2 overflows
        low = np.log(_erfcx(np.maximum(z, 0)) / 2) - z * z
        return np.where(z > _ROOT, low, np.log1p(-0.5 * _erfc(-z))).astype(_floating(x))


# Its slope is the density divided by ndtr; the factor that vanishes in both is cancelled
log_ndtr = Primitive(
    "log_ndtr",
    _log_ndtr,
    [lambda g, y, x: g * (_BELL * _ROOT / erfcx(-_ROOT * x))],
    elementwise=True,
    singular=True,
)

# x log(y)
xlogy = Primitive(
    "xlogy",
    lambda x, y: _unless_zero(x, y, np.log),
    [lambda g, y, a, b: g * np.log(b), lambda g, y, a, b: g * _quotient(a, b)],
    elementwise=True,
    singular=True,
)

# x log(1 + y)
xlog1py = Primitive(
    "xlog1py",
    lambda x, y: _unless_zero(x, y, np.log1p),
    [lambda g, y, a, b: g * np.log1p(b), lambda g, y, a, b: g * _quotient(a, 1 + b)],
    elementwise=True,
    singular=True,
)


def _entr(x: Any) -> Any:
    return np.where(x < 0, -np.inf, _unless_zero(-x, x, np.log))


# -x log(x)
entr = Primitive(
    "entr", _entr, [lambda g, y, x: g * (-1 - np.log(x))], elementwise=True, singular=True
)


def _rel_entr(x: Any, y: Any) -> Any:
    with np.errstate(all="ignore"):
        ratio = np.true_divide(x, y)  # x / 0 is an error for Python's numbers
        # a ratio that under- or overflows has a logarithm all the same
        log = np.where((ratio == 0) | np.isinf(ratio), np.log(x) - np.log(y), np.log(ratio))
        inside = np.where((x == 0) & (y >= 0), 0, x * log)
    return np.where((x < 0) | (y < 0) | ((x > 0) & (y == 0)), np.inf, inside)


# x log(x / y)
rel_entr = Primitive(
    "rel_entr",
    _rel_entr,
    [
        lambda g, y, a, b: g * (np.log(a) - np.log(b) + 1),
        lambda g, y, a, b: g * -_quotient(a, b),
    ],
    elementwise=True,
    singular=True,
)


# ---- families in which the derivative of one order is the function of the next


def _sinc(x: Any, order: int) -> Any:
    """Return the derivative of this order of sin(pi x) / (pi x)."""
    if order == 0:
        return np.sinc(x)
    z = np.pi * x
    near = np.abs(z) <= 2 + order
    # the power series where the recurrence would divide by nearly 0
    terms = range((order + 1) // 2, order + 20)
    coefficients = [(-1) ** k * math.perm(2 * k, order) / math.factorial(2 * k + 1) for k in terms]
    z_near = np.where(near, z, 0)
    series = polynomial(tuple(coefficients), z_near * z_near) * z_near ** (order % 2)
    z_far = np.where(near, 1, z)
    found = np.sin(z_far) / z_far
    for n in range(1, order + 1):  # the derivatives of z sinc(z) = sin(z)
        found = (np.sin(z_far + n * np.pi / 2) - n * found) / z_far
    return np.pi**order * np.where(near, series, found)


sinc: Primitive = Primitive(
    "sinc",
    _sinc,
    [lambda g, y, x, order: g * sinc(x, order=order + 1)],
    elementwise=True,
)


def _polygamma(x: Any, order: int) -> Any:
    special = _scipy_special()
    if order == 0:
        return special.digamma(x)
    return special.polygamma(order, x).astype(_floating(x), copy=False)


polygamma: Primitive = Primitive(
    "polygamma",
    _polygamma,
    [lambda g, y, x, order: g * polygamma(x, order=order + 1)],
    elementwise=True,
)

# the logarithm of the gamma function's absolute value
lgamma = Primitive(
    "lgamma",
    lambda x: _scipy_special().gammaln(x),
    [lambda g, y, x: g * polygamma(x, order=0)],
    elementwise=True,
)

# the logarithm of the beta function
betaln = Primitive(
    "betaln",
    lambda a, b: _scipy_special().betaln(a, b),
    [
        lambda g, y, a, b: g * (polygamma(a, order=0) - polygamma(a + b, order=0)),
        lambda g, y, a, b: g * (polygamma(b, order=0) - polygamma(a + b, order=0)),
    ],
    elementwise=True,
)


def _bessel_i(x: Any, order: int) -> Any:
    if order == 0:
        return np.i0(x)
    return _scipy_special().iv(order, x).astype(_floating(x), copy=False)


def _bessel_i_rule(g: Any, y: Any, x: Any, order: int) -> Any:
    slope = (bessel_i(x, order=abs(order - 1)) + bessel_i(x, order=order + 1)) / 2
    return g * slope


# the modified Bessel functions of the first kind
bessel_i: Primitive = Primitive("bessel_i", _bessel_i, [_bessel_i_rule], elementwise=True)


# ---- how they are computed


def _unless_zero(x: Any, y: Any, log: Any) -> Any:
    """Return ``x * log(y)``, and 0 where x is 0, for every number y."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((x == 0) & ~np.isnan(y), 0, x * log(y))


def _quotient(x: Any, y: Any) -> Any:
    """Return ``x / y``, and 0 for 0 / 0."""
    nothing = (x == 0) & (y == 0)
    return np.where(nothing, 0, x / np.where(nothing, 1, y))


def erfc_tail(x: Any) -> Any:
    """Return erfc(x) for x >= 0."""
    x = np.minimum(x, 30)  # beyond, it is 0 in double precision
    high = x.astype(np.float32).astype(np.float64)  # its square is exact: exp loses nothing
    bell = np.exp(-high * high) * np.exp((high - x) * (high + x))
    return bell * polynomial(_TAIL, (x - 4) / (x + 4)) / (x + 4)


def polynomial(coefficients: tuple[float, ...], x: Any) -> Any:
    """Return the polynomial with these coefficients, those of low powers first."""
    y = np.full_like(x, coefficients[-1])
    for c in coefficients[-2::-1]:
        y *= x
        y += c
    return y


# erf(x) / x for |x| <= 1: its Chebyshev series in x**2, as a polynomial
_CENTER = (
    1.1283791670955126,
    -0.3761263890318375,
    0.11283791670954882,
    -0.026866170645077334,
    0.005223977624823223,
    -0.0008548326981129666,
    0.00012055331122299266,
    -1.4925595519506043e-05,
    1.6461004480962034e-06,
    -1.6350354461959655e-07,
    1.4660051998394848e-08,
    -1.1373902296430911e-09,
    5.958930743134941e-11,
)

# (x + 4) exp(x**2) erfc(x) for x >= 0: its Chebyshev series in (x - 4) / (x + 4), as a polynomial
_TAIL = (
    1.095995661000491,
    -0.976548729080882,
    0.7732087022652369,
    -0.5408538313132345,
    0.33085158787802266,
    -0.17401093723993213,
    0.0763815149091835,
    -0.02637005334070314,
    0.00611205565561393,
    -0.0002809588591250074,
    -0.0004550526714402559,
    0.00017681276781310884,
    -3.6352864144616874e-06,
    -1.8860655174390427e-05,
    4.694953600514845e-06,
    1.4235437808888798e-06,
    -8.477202827598385e-07,
    -7.440134079315283e-08,
    1.2678363974295911e-07,
    -2.7628292739740537e-10,
    -1.8096905734642702e-08,
    7.054882560397053e-10,
    2.2822833107347334e-09,
    -7.652918351390234e-11,
    -1.791502752213786e-10,
)


def _wide(x: Any) -> Any:
    """Return ``x`` in float64; only integers and narrower floats can become that."""
    array = x if hasattr(x, "astype") else np.asarray(x)
    return array.astype(np.float64, casting="same_kind", copy=False)


def _floating(x: Any) -> Any:
    """Return the dtype of NumPy's functions of ``x``: float64 for Python's numbers."""
    dtype = getattr(x, "dtype", np.dtype(np.float64))
    return dtype if dtype.kind == "f" else np.float64


def _scipy_special() -> Any:
    try:
        return import_module("scipy.special")
    except ImportError as error:
        raise MissingExtraError("scipy", "scipy") from error
