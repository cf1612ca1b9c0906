"""What functions take for an input."""

from __future__ import annotations

import numpy as np

from autograd_lite import Tensor, TensorLike, as_tensor
from autograd_lite.errors import DTypeError


def real(call: str, x: TensorLike) -> Tensor:
    """Return ``x`` as a tensor of a real floating dtype: float64 for integers and booleans.

    Raises
    ------
    DTypeError
        If it is complex; ``call`` begins the message.
    """
    tensor = as_tensor(x)
    if tensor.dtype.kind == "c":
        raise DTypeError(f"{call} of {tensor.dtype}: x must be real; take abs(x), x.real or x.imag")
    return tensor if tensor.dtype.kind == "f" else tensor.astype(np.float64)
