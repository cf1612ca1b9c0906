"""What an op can be given besides tensors, and what to say when it can't be computed."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd_lite.errors import (
    AutogradLiteError,
    AxisError,
    DomainError,
    DTypeError,
    IndexingError,
    LinearAlgebraError,
    ShapeError,
)

_SCALARS = frozenset({bool, int, float, complex})
_NUMPY = (np.ndarray, np.generic)
_OPERANDS = (*_NUMPY, list, tuple)

FORWARD_ERRORS = (TypeError, ValueError, IndexError, OverflowError)
"""What NumPy raises for operands that don't fit."""


def constant(x: Any) -> Any:
    """Return what stands for ``x`` among an op's values: an array, or the Python scalar it is.

    Python scalars stay what they are, so that they don't promote an array's dtype.

    Raises
    ------
    DTypeError
        If ``x`` is not made of numbers.
    """
    kind = type(x)
    if isinstance(x, _NUMPY):
        if x.dtype.kind not in "biufc":
            raise DTypeError(f"dtype {x.dtype} is not an operand; give one of numbers")
        # subclasses such as np.matrix mean other things by the same operators
        return x if kind is np.ndarray or isinstance(x, np.generic) else as_array(x)
    if kind in _SCALARS:
        return x
    if isinstance(x, (list, tuple)):
        return as_array(x)
    if getattr(kind, "__array_ufunc__", None) is None or not hasattr(x, "dtype"):
        raise DTypeError(f"{kind.__name__} is not an operand; give a Tensor, an array or a number")
    return x


def is_operand(x: Any) -> bool:
    """Return False where an operator should let the other operand answer."""
    return (
        type(x) in _SCALARS
        or isinstance(x, _OPERANDS)
        or getattr(type(x), "__array_ufunc__", None) is not None
    )


def as_array(x: Any, dtype: Any = None, *, copy: bool | None = None) -> np.ndarray[Any, Any]:
    """Return ``x`` as an array of numbers, converted to ``dtype`` if one is given.

    Raises
    ------
    DTypeError
        If it isn't made of numbers, or of complex ones where ``dtype`` is real.
    ShapeError
        If it is ragged.
    """
    if isinstance(x, np.ma.MaskedArray):
        raise DTypeError("a masked array isn't taken, for its mask would be lost; use where()")
    try:
        array = np.array(x, copy=copy)
    except AutogradLiteError:
        raise
    except ValueError as error:
        raise ShapeError(
            f"nested sequences must be rectangular and hold numbers ({error})"
        ) from error
    target = array.dtype if dtype is None else np.dtype(dtype)
    for kind in (array.dtype, target):
        if kind.kind not in "biufc":
            raise DTypeError(f"dtype {kind} is not one of numbers; convert the data first")
    if target.kind in "iu" and array.dtype.kind == "f" and isinstance(x, (list, tuple)):
        # without being told, NumPy makes floats of whole numbers beyond int64
        return np.array(x, target)
    if array.dtype.kind == "c" and target.kind != "c":
        raise DTypeError(f"{array.dtype} can't become {target}; take .real or .imag of the data")
    return array if target is array.dtype else array.astype(target, copy=False)


def check_device(device: Any) -> None:
    """Refuse every device but the one there is.

    Raises
    ------
    DomainError
        If ``device`` is neither ``None`` nor ``"cpu"``.
    """
    if device is not None and device != "cpu":
        raise DomainError(f"there is no device {device!r}; tensors live on 'cpu'")


def explain(
    name: str,
    requirement: str,
    values: Sequence[Any],
    params: Mapping[str, Any],
    error: Exception,
) -> Exception:
    """Return the error to raise where an op failed: it names the op, the shapes, the dtypes."""
    if isinstance(error, AutogradLiteError):
        return error
    operands = " and ".join(map(_describe, values)) or "nothing"
    settings = "".join(f", {key}={value!r}" for key, value in params.items())
    # where the op says what it asks for, NumPy's own words would only repeat it
    repeats = requirement and values and type(error) is ValueError
    message = f"{name} of {operands}{settings}: {requirement if repeats else error}"
    if isinstance(error, np.linalg.LinAlgError):
        return LinearAlgebraError(message)
    if isinstance(error, (TypeError, OverflowError)):
        return DTypeError(message)
    if isinstance(error, np.exceptions.AxisError):
        return AxisError(message)
    return IndexingError(message) if isinstance(error, IndexError) else ShapeError(message)


def _describe(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"shape {value.shape} ({value.dtype})"
    return f"{value!r} ({type(value).__name__})"
