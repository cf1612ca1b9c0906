"""Parameters as real arrays, which is what optimizers compute with."""

from typing import Any

import numpy as np


def real_view(x: Any) -> Any:
    """Return a view of an array as real numbers, with at least one axis.

    Complex numbers have one more axis, with real and imaginary part.
    """
    kind = x.dtype.kind
    if kind == "c" or not x.ndim:
        x = x[..., None]
    if kind == "c":
        x = x.view(np.float32 if x.dtype == np.complex64 else np.float64)
    return x


def as_real(x: Any) -> Any:
    """Return real values as optimizers compute with them: float16 becomes float32, a copy.

    Squares soon leave the range of float16.
    """
    x = real_view(x)
    return x.astype(np.float32) if x.dtype == np.float16 else x


def zeros_like(values: Any) -> Any:
    """Return zeros in the shape and memory order of a parameter; they cost no time until used."""
    flags = values.flags
    order: Any = "F" if flags.f_contiguous and not flags.c_contiguous else "C"
    return np.zeros(values.shape, values.dtype, order)
