"""Convolution of vectors; its transpose is a convolution too."""

from typing import Any

import numpy as np

from autograd_lite.primitive import Primitive


def _first_rule(g: Any, y: Any, a: Any, v: Any, mode: str) -> Any:
    return np.convolve(g, v[::-1], "valid" if mode == "full" else "full")


def _second_rule(g: Any, y: Any, a: Any, v: Any, mode: str) -> Any:
    if mode == "full":
        return np.convolve(g, a[::-1], "valid")
    return np.convolve(a, g[::-1], "valid")[::-1]


# of a vector with one that isn't longer, in the modes "full" and "valid"
convolve = Primitive(
    "convolve",
    np.convolve,
    [_first_rule, _second_rule],
    requirement="both must be vectors, and not empty",
)
