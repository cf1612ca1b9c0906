"""The roots of a polynomial, differentiated as solutions of p(r) = 0: dr = -dp(r) / p'(r)."""

from typing import Any

import numpy as np

from autograd_lite.primitive import Primitive


def _roots_rule(g: Any, r: Any, p: Any) -> Any:
    powers = np.arange(len(p) - 1, -1, -1)
    terms = r[:, None] ** powers
    slopes = terms[:, 1:] @ (p * powers)[:-1]  # p'(r)
    return -(g / slopes) @ terms


roots = Primitive("roots", np.roots, [_roots_rule], requirement="the coefficients are a vector")
