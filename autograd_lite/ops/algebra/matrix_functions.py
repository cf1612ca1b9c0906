"""The exponential of matrices, and its derivatives of every order.

The derivative of a matrix function at a, along x, is the upper right block of the function of
``[[a, x], [0, a]]``.
"""

from typing import Any

import numpy as np

from autograd_lite.ops.algebra.linear_algebra import SQUARE
from autograd_lite.primitive import Primitive


def _expm(a: Any) -> Any:
    with np.errstate(over="ignore", invalid="ignore"):
        return _exponential(a, _halvings(a))


expm = Primitive("expm", _expm, [lambda g, y, a: expm_slope(a.mT, g)], requirement=SQUARE)


def _expm_slope(a: Any, x: Any) -> Any:
    n = a.shape[-1]
    with np.errstate(over="ignore", invalid="ignore"):
        # the slope is linear in x, so the size of x doesn't matter
        return _exponential(_pair(a, x), _halvings(a))[..., :n, n:]


def _slope_matrix_rule(g: Any, y: Any, a: Any, x: Any) -> Any:
    n, a = a.shape[-1], a.mT
    along = np.concatenate([g, np.zeros_like(g)], axis=-2)
    along = np.concatenate([along, np.concatenate([np.zeros_like(g), g], axis=-2)], axis=-1)
    return expm_slope(_pair(a, x.mT), along)[..., :n, n:]


# the derivative of expm at a along x
expm_slope: Primitive = Primitive(
    "expm_slope", _expm_slope, [_slope_matrix_rule, lambda g, y, a, x: expm_slope(a.mT, g)]
)


def _pair(a: Any, x: Any) -> Any:
    """Return ``[[a, x], [0, a]]``."""
    right = np.concatenate([x, a], axis=-2)
    return np.concatenate([np.concatenate([a, np.zeros_like(a)], axis=-2), right], axis=-1)


# ---- how the exponential is computed


def _exponential(a: Any, halvings: Any) -> Any:
    a = a * (0.5 ** halvings[..., None, None]).astype(a.real.dtype)
    one = np.eye(a.shape[-1], dtype=a.dtype)
    powers = [one, a @ a]
    powers += [powers[1] @ powers[1], powers[1] @ powers[1] @ powers[1]]
    c = [n / _PADE[0] for n in _PADE]
    even, odd = (
        powers[3] @ sum(c[start + 2 * i] * powers[i - 3] for i in (4, 5, 6))
        + sum(c[start + 2 * i] * powers[i] for i in range(4))
        for start in (0, 1)
    )
    odd = a @ odd
    y = np.linalg.solve(even - odd, even + odd)
    for done in range(int(halvings.max(initial=0))):
        y = np.where((halvings > done)[..., None, None], y @ y, y)
    return y


def _halvings(a: Any) -> Any:
    """Return how often each matrix must be halved for the approximant to be exact."""
    size = np.abs(a).sum(axis=-2).max(axis=-1, initial=0)
    return np.ceil(np.log2(np.clip(np.where(np.isfinite(size), size, 0) / _RADIUS, 1, None)))


# The coefficients of the Padé approximant of degree 13 (Higham 2005), and the norm up to which it
# is exact
_PADE = (
    64764752532480000.0,
    32382376266240000.0,
    7771770303897600.0,
    1187353796428800.0,
    129060195264000.0,
    10559470521600.0,
    670442572800.0,
    33522128640.0,
    1323241920.0,
    40840800.0,
    960960.0,
    16380.0,
    182.0,
    1.0,
)
_RADIUS = 4.25
