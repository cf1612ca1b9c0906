"""Examples: arrays whose first axis counts them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, as_tensor
from autograd_lite.errors import DTypeError, ShapeError


def examples(whose: str, array: npt.ArrayLike) -> npt.NDArray[Any]:
    """Return what was given as an array, if it means no more than its values.

    Raises
    ------
    DTypeError
        If it is masked, or an object without axes.
    ForeignOperandError
        If it means more than its numbers, as quantities with units do.
    """
    kind: type = type(array)
    if kind is np.ndarray:
        return np.asarray(array)
    if isinstance(array, np.ma.MaskedArray):
        raise DTypeError(
            f"{whose} of a masked array would lose its mask; give array.filled(value), or "
            "array.data and array.mask as two arrays"
        )
    own_ufuncs = issubclass(kind, np.ndarray) and (
        kind.__array_ufunc__ is not np.ndarray.__array_ufunc__
    )
    found = np.asarray(array.numpy() if isinstance(array, Tensor) else array)
    if own_ufuncs or hasattr(kind, "units") or (found.dtype.kind == "O" and not found.ndim):
        return as_tensor(array).numpy()  # an error that names it
    return found


def common_length(whose: str, arrays: Sequence[npt.NDArray[Any] | Tensor]) -> int:
    """Return the number of examples, which all arrays must have.

    Raises
    ------
    ShapeError
        If the lengths differ, or there is no array.
    """
    shapes = [array.shape for array in arrays]
    if not shapes or not all(shapes) or len({shape[0] for shape in shapes}) != 1:
        raise ShapeError(f"{whose} needs arrays of one length; these have shapes {shapes}")
    return int(shapes[0][0])
