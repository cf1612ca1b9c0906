"""Which values an op takes besides tensors, and the errors to raise when it can't be computed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from autograd_lite.errors import (
    AutogradLiteError,
    AxisError,
    DomainError,
    DTypeError,
    ForeignOperandError,
    IndexingError,
    LinearAlgebraError,
    ShapeError,
)
from autograd_lite.writes import Overwritten

_SCALARS = frozenset({bool, int, float, complex})
_PLAIN = _SCALARS | {list, tuple, range, np.ndarray, np.float64, np.float32, np.int64}
_SEQUENCES = (list, tuple, range)

FORWARD_ERRORS = (TypeError, ValueError, IndexError, OverflowError)
"""The errors that NumPy raises for operands that don't fit."""

_Type = TypeVar("_Type", bound=type)

_registered: set[type] = {Overwritten}


def register_array_type(kind: _Type) -> _Type:
    """Accept arrays of another library as constants, in place of NumPy's; also a decorator.

    Parameters
    ----------
    kind : type
        The type of the arrays. It must follow all of NumPy's protocols: operators,
        ``__array_ufunc__``, ``__array_function__``, ``shape``, ``dtype``, ``copy``, ``astype`` and
        broadcasting. Its arrays must mean nothing more than their numbers, in their places.
        Tensors then hold such arrays, and rules compute with them.

    Returns
    -------
    type
        ``kind`` itself.

    Raises
    ------
    DTypeError
        If ``kind`` lacks ``__array_ufunc__`` or ``__array_function__``.

    Notes
    -----
    Arrays that mean more than their numbers are refused as operands, or left to their own library:
    quantities with units, series with an index, masked or sparse arrays. See
    ``docs/array_api.md``.

    Examples
    --------
    >>> register_array_type(list)
    Traceback (most recent call last):
    autograd_lite.errors.DTypeError: register_array_type: list has no __array_ufunc__, ...
    """
    for protocol in ("__array_ufunc__", "__array_function__"):
        if getattr(kind, protocol, None) is None:
            raise DTypeError(
                f"register_array_type: {getattr(kind, '__name__', kind)} has no {protocol}, so "
                "NumPy's functions can't work with it; convert its arrays to NumPy arrays"
            )
    _registered.add(kind)
    return kind


def is_registered(kind: type) -> bool:
    """Return True if tensors may hold arrays of this type as they hold NumPy's."""
    return not _registered.isdisjoint(kind.__mro__)


_MEANINGS = ("__array_ufunc__", "__array_function__", "__mul__", "__matmul__", "__pow__")


def _is_plain(kind: type) -> bool:
    """Return True for NumPy's arrays, and for subclasses that don't redefine operators."""
    return issubclass(kind, np.ndarray) and all(
        getattr(kind, name) is getattr(np.ndarray, name) for name in _MEANINGS
    )


def constant(x: Any) -> Any:
    """Return a constant operand as an op's forward takes it.

    Parameters
    ----------
    x : array_like
        Of any shape, and of a bool, integer, floating or complex dtype.

    Returns
    -------
    array or scalar
        Lists become arrays. Python scalars stay as they are, so that they don't promote the
        dtype of an array.

    Raises
    ------
    DTypeError
        If ``x`` doesn't consist of numbers.
    ShapeError
        If ``x`` is a ragged list.
    ForeignOperandError
        If ``x`` is of another library's type that isn't registered.
    """
    kind = type(x)
    if kind is np.ndarray or isinstance(x, np.generic):
        if x.dtype.kind not in "biufc":
            raise DTypeError(f"dtype {x.dtype} is not an operand; give an array of numbers")
        return x
    if kind in _SCALARS:
        return x
    if isinstance(x, _SEQUENCES) or _is_plain(kind):
        return as_array(x)
    if not is_registered(kind):
        raise ForeignOperandError(foreign(kind))
    return x


def foreign(kind: type) -> str:
    """Return the error message for an operand of a type that isn't registered."""
    name = f"{kind.__module__.partition('.')[0]}'s {kind.__name__}"
    if kind.__module__ == "builtins":
        return f"{kind.__name__} is not an operand; give a Tensor, an array or a number"
    if issubclass(kind, np.ma.MaskedArray):
        return "a masked array is not an operand, because its mask would be lost; use where()"
    if getattr(kind, "__array_ufunc__", None) is None and not issubclass(kind, np.ndarray):
        return f"{name} is not an operand; give a Tensor, an array or a number"
    return (
        f"{name} is not an operand, because it may mean more than its numbers (a unit, an index, "
        "a mask ...); give its numbers as an array, or call register_array_type(...) if it "
        "follows all of NumPy's protocols"
    )


def check_meaning(kind: type) -> None:
    """Refuse arrays that mean more than their numbers: units, masks.

    Raises
    ------
    ForeignOperandError
        If the type is a subclass of NumPy's arrays with ufuncs of its own, or has a mask or units.
    """
    own_ufuncs = issubclass(kind, np.ndarray) and (
        kind.__array_ufunc__ is not np.ndarray.__array_ufunc__
    )
    if own_ufuncs or issubclass(kind, np.ma.MaskedArray) or hasattr(kind, "units"):
        raise ForeignOperandError(foreign(kind))


def holds_numbers(kind: type) -> bool:
    """Return True if a type of another library may hold numbers, judging by its protocols."""
    return not issubclass(kind, (np.ndarray, np.generic)) and any(
        hasattr(kind, name) for name in ("__array__", "__array_ufunc__", "__array_priority__")
    )


def is_operand(x: Any) -> bool:
    """Return False if an operator should leave the answer to the operand ``x``.

    Raises
    ------
    ForeignOperandError
        If ``x`` is an array that redefines operators: it holds numbers only, so that its answer
        would lose the gradient.
    """
    kind = type(x)
    if kind is np.ndarray or kind in _SCALARS or isinstance(x, (np.generic, *_SEQUENCES)):
        return True
    if issubclass(kind, np.ndarray) and not _is_plain(kind):
        raise ForeignOperandError(foreign(kind))
    return _is_plain(kind) or is_registered(kind)


def answered(other: Any, comparison: str, x: Any) -> Any:
    """Return another library's answer to ``==`` or ``!=`` with ``x``, where we have none.

    Raises
    ------
    ForeignOperandError
        If it has no answer either. Python would then compare identities, and give one False for
        all values.
    """
    if other is None or isinstance(other, (str, bytes)):
        return NotImplemented
    if not (isinstance(other, (Sequence, memoryview)) or holds_numbers(type(other))):
        return NotImplemented
    answer = getattr(type(other), comparison)(other, x)
    if answer is NotImplemented:
        raise ForeignOperandError(foreign(type(other)))
    return answer


def others_may_answer(types: Iterable[type], *, ours: type) -> bool:
    """Return True if NumPy's protocols should leave a call to the library of one of the types.

    Raises
    ------
    ForeignOperandError
        If one is an array that redefines operators: it holds numbers only, so that its answer
        would lose the gradient.
    """
    left = False
    for kind in types:
        if kind is ours or kind is np.ndarray or _is_plain(kind) or is_registered(kind):
            continue
        if issubclass(kind, np.ndarray):
            raise ForeignOperandError(foreign(kind))
        left = left or getattr(kind, "__array_ufunc__", None) is not None
    return left


def as_array(x: Any, dtype: Any = None, *, copy: bool | None = None) -> Any:
    """Return ``x`` as an array of numbers, converted to ``dtype`` if one is given.

    An array of a registered type keeps its type; all else becomes a NumPy array.

    Raises
    ------
    DTypeError
        If ``x`` doesn't consist of numbers, or is complex and ``dtype`` is real.
    ShapeError
        If ``x`` is a ragged list.
    ForeignOperandError
        If ``x`` means more than its numbers: units, masks.
    """
    cls = type(x)
    if cls not in _PLAIN:
        if cls is not Overwritten and is_registered(cls):
            target = _target(x.dtype, dtype)
            if target != x.dtype:
                return x.astype(target)
            if isinstance(x, np.generic):  # one that passes for a scalar becomes an array
                return np.copy(x)
            # as np.array() copies: in the same memory order, where there is one
            return getattr(x, "__copy__", x.copy)() if copy else x
        check_meaning(cls)
        if issubclass(cls, np.ndarray) and getattr(x, "unit", None):
            raise ForeignOperandError(foreign(cls))  # such as the column of an astropy table
    try:
        array = np.array(x, copy=copy)  # a subclass becomes a plain NumPy array
        if array.ndim > 1:
            _check_elements(x)
    except AutogradLiteError:
        raise
    except ValueError as error:
        _check_elements(x)
        raise ShapeError(
            f"nested sequences must be rectangular and hold numbers ({error})"
        ) from error
    if array.dtype.kind == "O" and not array.ndim and cls.__module__ not in ("builtins", "numpy"):
        raise ForeignOperandError(foreign(cls))  # NumPy wrapped the object; it found no numbers
    target = _target(array.dtype, dtype)
    if target.kind in "iu" and array.dtype.kind == "f" and isinstance(x, (list, tuple)):
        # without a dtype, NumPy turns integers beyond int64 into floats
        return np.array(x, target)
    return array if target is array.dtype else array.astype(target, copy=False)


def _target(given: np.dtype[Any], asked: Any) -> np.dtype[Any]:
    """Return the dtype to convert to; refuse what isn't one of numbers, and complex to real."""
    target = given if asked is None else np.dtype(asked)
    for dtype in (given,) if target is given else (given, target):
        if dtype.kind not in "biufc":
            raise DTypeError(f"dtype {dtype} is not one of numbers; convert the data first")
    if given.kind == "c" and target.kind != "c":
        raise DTypeError(f"{given} can't become {target}; take .real or .imag of the data")
    return target


def _check_elements(x: Any) -> None:
    """Refuse a list of arrays that mean more than their numbers."""
    if isinstance(x, (list, tuple)):
        for kind in {*map(type, x)}:
            check_meaning(kind)


def check_device(device: Any) -> None:
    """Refuse every device but ``"cpu"``.

    Raises
    ------
    DomainError
        If ``device`` is neither ``None`` nor ``"cpu"``.
    """
    if device is not None and device != "cpu":
        raise DomainError(f"there is no device {device!r}; tensors are on 'cpu'")


def explain(
    name: str,
    requirement: str,
    values: Sequence[Any],
    params: Mapping[str, Any],
    error: Exception,
) -> Exception:
    """Return the error to raise for an op that failed: it names the op, shapes and dtypes."""
    if isinstance(error, AutogradLiteError):
        return error
    operands = " and ".join(map(_describe, values)) or "nothing"
    settings = "".join(f", {key}={value!r}" for key, value in params.items())
    # if the op states its requirement, NumPy's message would only repeat it
    repeats = requirement and values and type(error) is ValueError
    reason = requirement if repeats else str(error).strip()
    if isinstance(error, TypeError) and _NO_LOOP.match(reason):
        reason = _not_for_dtypes(name, values) or reason
    message = f"{name} of {operands}{settings}: {reason}"
    if isinstance(error, np.linalg.LinAlgError):
        return LinearAlgebraError(message)
    if isinstance(error, (TypeError, OverflowError)):
        return DTypeError(message)
    if isinstance(error, np.exceptions.AxisError):
        return AxisError(message)
    return IndexingError(message) if isinstance(error, IndexError) else ShapeError(message)


_NO_LOOP = re.compile(r"ufunc '\w+' (not supported for|did not contain a loop)")


def _not_for_dtypes(name: str, values: Sequence[Any]) -> str:
    """Return what to do where NumPy has no loop of a ufunc for the dtypes of the operands."""
    kinds = {(x if hasattr(x, "dtype") else np.asarray(x)).dtype.kind for x in values}
    if "c" in kinds:
        return f"{name} isn't defined for complex numbers; take .real, .imag or abs() first"
    if "f" in kinds:
        return (
            f"{name} needs integers or truth values where floating numbers are given; compare "
            "first, as in x > 0, or convert with astype(int)"
        )
    return ""


def _describe(value: Any) -> str:
    if isinstance(value, (np.ndarray, np.generic)):
        return f"shape {value.shape} ({value.dtype})"
    return f"{value!r} ({type(value).__name__})"
