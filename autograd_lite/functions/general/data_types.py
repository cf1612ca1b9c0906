"""Data types: their limits, their kinds, and how they promote."""

from dataclasses import dataclass
from typing import Any, final

import numpy as np
import numpy.typing as npt

from autograd_lite.errors import DTypeError, ShapeError
from autograd_lite.tensor import TensorLike, compute

__all__ = [
    "broadcast_shapes",
    "can_cast",
    "finfo",
    "iinfo",
    "iscomplexobj",
    "isdtype",
    "isrealobj",
    "promote_types",
    "result_type",
]


@final
@dataclass(frozen=True, slots=True)
class FloatInfo:
    """The limits of a floating dtype; for a complex one, those of its real and imaginary parts."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: np.dtype[Any]


@final
@dataclass(frozen=True, slots=True)
class IntInfo:
    """The limits of an integer dtype."""

    bits: int
    max: int
    min: int
    dtype: np.dtype[Any]


def _dtype_of(x: Any) -> np.dtype[Any]:
    dtype = getattr(x, "dtype", None)
    return dtype if isinstance(dtype, np.dtype) else np.dtype(x)


def finfo(type: npt.DTypeLike | TensorLike, /) -> FloatInfo:
    """Return the limits of a floating dtype as Python numbers.

    Parameters
    ----------
    type : dtype, Tensor or array
        For a tensor or an array, its dtype counts.

    Raises
    ------
    DTypeError
        If the dtype is neither floating nor complex.

    Examples
    --------
    >>> finfo(np.float32).eps
    1.1920928955078125e-07
    """
    dtype = _dtype_of(type)
    if dtype.kind not in "fc":
        raise DTypeError(f"finfo is for floating dtypes, not {dtype}; use iinfo for integers")
    info = np.finfo(dtype)
    return FloatInfo(
        int(info.bits),
        float(info.eps),
        float(info.max),
        float(info.min),
        float(info.smallest_normal),
        np.dtype(info.dtype),
    )


def iinfo(type: npt.DTypeLike | TensorLike, /) -> IntInfo:
    """Return the limits of an integer dtype as Python numbers.

    Parameters
    ----------
    type : dtype, Tensor or array
        For a tensor or an array, its dtype counts.

    Raises
    ------
    DTypeError
        If the dtype isn't an integer dtype.

    Examples
    --------
    >>> iinfo(np.uint8).max
    255
    """
    dtype = _dtype_of(type)
    if dtype.kind not in "iu":
        raise DTypeError(f"iinfo is for integer dtypes, not {dtype}; use finfo for floating ones")
    info = np.iinfo(dtype)
    return IntInfo(int(info.bits), int(info.max), int(info.min), dtype)


def isdtype(dtype: npt.DTypeLike, kind: Any) -> bool:
    """Return whether a dtype is of a given kind, or of one of several kinds.

    Parameters
    ----------
    dtype : dtype
    kind : str, dtype, or tuple of them
        ``"bool"``, ``"signed integer"``, ``"unsigned integer"``, ``"integral"``,
        ``"real floating"``, ``"complex floating"``, ``"numeric"``, or a dtype.

    Raises
    ------
    DTypeError
        If there is no such dtype or kind.

    Examples
    --------
    >>> isdtype(np.float32, ("integral", "real floating"))
    True
    """
    try:
        return np.isdtype(np.dtype(dtype), kind)
    except (TypeError, ValueError) as error:
        raise DTypeError(f"isdtype of {dtype!r}, kind={kind!r}: {error}") from error


def can_cast(from_: npt.DTypeLike | TensorLike, to: npt.DTypeLike, casting: Any = "safe") -> bool:
    """Return whether one dtype can be converted to another under a casting rule.

    Parameters
    ----------
    from_ : dtype, Tensor or array
        For a tensor or an array, its dtype counts.
    to : dtype
    casting : {"no", "equiv", "safe", "same_kind", "unsafe"}
        NumPy's casting rules; ``"safe"`` allows conversions without loss.

    Examples
    --------
    >>> can_cast(np.float64, np.float32)
    False
    """
    possible: bool = compute(np.can_cast, from_, to, casting=casting)
    return possible


def result_type(*arrays_and_dtypes: Any) -> np.dtype[Any]:
    """Return the dtype that tensors, arrays, Python numbers and dtypes promote to.

    Raises
    ------
    DTypeError
        If nothing is given, or the dtypes don't promote to a common one.

    Examples
    --------
    >>> from autograd_lite import Tensor
    >>> result_type(Tensor([1.0], dtype=np.float32), 2.0, np.int16)
    dtype('float32')
    """
    if not arrays_and_dtypes:
        raise DTypeError("result_type needs at least one array or dtype")
    dtype: np.dtype[Any] = compute(np.result_type, *arrays_and_dtypes)
    return dtype


def promote_types(type1: npt.DTypeLike, type2: npt.DTypeLike) -> np.dtype[Any]:
    """Return the smallest dtype to which both dtypes can be safely cast.

    Raises
    ------
    TypeError
        If there is none.

    Examples
    --------
    >>> promote_types(np.float32, np.int64)
    dtype('float64')
    """
    return np.promote_types(type1, type2)


def broadcast_shapes(*shapes: int | tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape that arrays of these shapes broadcast to.

    Raises
    ------
    ShapeError
        If the shapes don't broadcast against each other.

    Examples
    --------
    >>> broadcast_shapes((2, 1), (3,))
    (2, 3)
    """
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError as error:
        raise ShapeError(f"the shapes {shapes} don't broadcast: {error}") from error


def iscomplexobj(x: Any) -> bool:
    """Return whether ``x`` has a complex dtype or is a complex number.

    Examples
    --------
    >>> from autograd_lite import Tensor
    >>> iscomplexobj(Tensor([1j])), iscomplexobj(3.0)
    (True, False)
    """
    found: bool = compute(np.iscomplexobj, x)
    return found


def isrealobj(x: Any) -> bool:
    """Return whether ``x`` has no complex dtype and isn't a complex number.

    Examples
    --------
    >>> from autograd_lite import Tensor
    >>> isrealobj(Tensor([1j])), isrealobj(3.0)
    (False, True)
    """
    return not iscomplexobj(x)
