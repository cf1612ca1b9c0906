"""How numbers, arrays and functions are written in a program's source, with their exact bits.

What comes from the user (names, strings) never gets beyond an identifier, a string or a comment.
"""

import keyword
import math
import re
import sys
from functools import reduce
from types import FunctionType
from typing import Any

import numpy as np

from autograd_lite.errors import UnsupportedError

_RESERVED = frozenset(keyword.kwlist) | {
    *("np", "scipy", "check", "abs", "bool", "bytes", "complex", "divmod", "float", "int"),
    *("repr", "slice", "ValueError", "autograd_lite", "nn"),
}
_LONGEST_NAME = 60
_SMALL = 64
"""How many elements of an array are written as numbers."""

_MODULES = ("numpy", "numpy.linalg", "numpy.fft", "numpy.lib.stride_tricks", "scipy.special")
_SHORTER = {"absolute": "abs", "conjugate": "conj"}
_TYPES = {bool: "bool", int: "int", float: "float", complex: "complex"}


def identifier(text: str) -> str:
    """Return a Python name made of what a name in a program is: ``layers.0.weight``, say."""
    name = re.sub(r"_{2,}", "_", re.sub(r"[^A-Za-z0-9_]", "_", text)).strip("_")[:_LONGEST_NAME]
    if not name:
        name = "v"
    if name[0].isdigit():
        name = f"layers_{name}"
    return f"{name}_" if name in _RESERVED else name


def comment(text: str) -> str:
    """Return text that can stand in a comment, or in a docstring: one line, printable, ASCII."""
    plain = "".join(c if " " <= c <= "~" else "?" for c in text)
    return plain.replace("\\", "/").replace('"', "'")


def dtype(x: np.dtype[Any]) -> str:
    """Return the source of a dtype."""
    if x.isnative and x.kind in "iufc" and hasattr(np, x.name):
        return f"np.{x.name}"
    return "np.bool_" if x.kind == "b" else f"np.dtype({x.str!r})"


def function(f: Any) -> str:
    """Return how a function is called in source: by the name of its module, which is imported.

    Raises
    ------
    UnsupportedError
        If no import gives it.
    """
    owner = getattr(f, "__self__", None)
    if isinstance(owner, np.ufunc):
        return f"{function(owner)}.{f.__name__}"
    name = getattr(f, "__name__", "")
    for module in _MODULES:
        if name.isidentifier() and getattr(sys.modules.get(module), name, None) is f:
            found = f"{module}.{_SHORTER.get(name, name)}"
            return found.replace("numpy.", "np.", 1) if module.startswith("numpy") else found
    home = home_of(f)
    if home is not None:
        return f"{home}.{name}"
    raise UnsupportedError(f"a program that calls {comment(name or repr(f))} can't be written down")


def home_of(f: Any) -> str | None:
    """Return the module of a Python function that arrays have answered as if it were NumPy's.

    Such are scans over time, which are one call of a program. None if no import gives it.
    """
    home = getattr(f, "__module__", None) if isinstance(f, FunctionType) else None
    if home is None or home == "__main__" or home.startswith("numpy"):
        return None
    return home if getattr(sys.modules.get(home), f.__name__, None) is f else None


def literal(x: Any) -> str:
    """Return the source of a plain value among the arguments of a call."""
    if isinstance(x, np.generic):
        number = _number(x)
        text = _array(x, ()) if number is None else f"{dtype(x.dtype)}({number})"
    elif isinstance(x, np.dtype):
        text = dtype(x)
    elif isinstance(x, type) and x in _TYPES:
        text = _TYPES[x]
    elif isinstance(x, type) and issubclass(x, np.generic):
        text = dtype(np.dtype(x))
    elif type(x) is float:
        text = _float(x)
    elif type(x) is complex:
        text = f"complex({_float(x.real)}, {_float(x.imag)})"
    elif type(x) is str:
        text = ascii(x)
    elif x is Ellipsis:
        text = "..."
    else:
        text = repr(x) if x is None or type(x) in (bool, int, bytes) else function(x)
    return text


def weak(x: Any) -> str | None:
    """Return a zero-dimensional array, or scalar, as a Python number that becomes the same bits."""
    if x.dtype.kind not in "iuf" or not np.all(np.isfinite(x)):
        return None
    number = _number(x[()])
    is_short = number is not None and len(number) < 8 and number != "-0.0"
    return number.removesuffix(".0") if number is not None and is_short else number


def array(x: Any, strides: tuple[int, ...]) -> str:
    """Return an expression that makes an array, with its bits and its memory order."""
    return _array(x, strides)


def is_small(x: Any) -> bool:
    """Return True for an array that a page has room for."""
    return bool(x.size <= _SMALL) or _filled(x, x.strides) is not None


def _array(x: Any, strides: tuple[int, ...]) -> str:
    candidates = [_filled(x, strides)]
    if x.size <= _SMALL:
        candidates.append(_listed(x, ""))
        candidates.append(_listed(x, ', order="F"'))
    candidates.append(_hexadecimal(x, strides))
    for text in candidates:
        if text is not None and _makes(text, x, strides):
            return text
    raise UnsupportedError(f"an array of {x.dtype} can't be written down")


def _makes(text: str, x: Any, strides: tuple[int, ...]) -> bool:
    """Return True if a text of our own, made of numbers, gives an array of these bits."""
    made = eval(text, {"np": np})
    return (
        bool(made.dtype == x.dtype)
        and made.shape == x.shape
        and (x.size <= 1 or made.strides == strides)
        and made.tobytes() == x.tobytes()
    )


def _filled(x: Any, strides: tuple[int, ...]) -> str | None:
    """Return the source of an array whose elements are all the same, or count up."""
    if x.size < 2 or x.dtype.kind not in "biufc":
        return None
    flat = np.ascontiguousarray(x).ravel()
    kind, number = dtype(x.dtype), _number(flat[0])
    text = None
    if flat.tobytes() != flat[:1].tobytes() * x.size:
        if x.dtype.kind in "iu" and x.ndim == 1 and np.array_equal(flat, np.arange(x.size)):
            text = f"np.arange({x.size}, dtype={kind})"
    elif number is not None and not any(strides):
        text = f"np.broadcast_to({kind}({number}), {x.shape!r})"
    elif number in ("0", "0.0", "False", "0j"):
        text = f"np.zeros({x.shape!r}, {kind})"
    elif number in ("1", "1.0", "True", "(1+0j)"):
        text = f"np.ones({x.shape!r}, {kind})"
    elif number is not None:
        text = f"np.full({x.shape!r}, {number}, {kind})"
    return text


def _listed(x: Any, order: str) -> str | None:
    numbers = [_number(element) for element in np.asarray(x).ravel()]
    if None in numbers:
        return None

    def nested(shape: tuple[int, ...], start: int) -> str:
        if not shape:
            return str(numbers[start])
        size = reduce(int.__mul__, shape[1:], 1)
        return f"[{', '.join(nested(shape[1:], start + i * size) for i in range(shape[0]))}]"

    return f"np.array({nested(x.shape, 0)}, {dtype(x.dtype)}{order})"


def _hexadecimal(x: Any, strides: tuple[int, ...]) -> str | None:
    if x.dtype.hasobject:
        return None
    steps = [step * (length - 1) for step, length in zip(strides, x.shape, strict=True)]
    before = -sum(step for step in steps if step < 0)
    after = sum(step for step in steps if step > 0) + x.dtype.itemsize
    memory = bytearray(before + after)
    if x.size:
        np.ndarray(x.shape, x.dtype, memory, before, strides)[...] = x
    digits = memory.hex()
    parts = [f'    "{digits[i : i + 90]}"' for i in range(0, len(digits), 90)]
    text = f'"{digits}"' if len(parts) < 2 else "\n{}\n".format("\n".join(parts))
    return (
        f"np.ndarray({x.shape!r}, {dtype(x.dtype)}, bytes.fromhex({text}), {before}, {strides!r})"
    )


def _number(x: Any) -> str | None:
    """Return the shortest number that becomes a NumPy scalar of these bits; None if none does."""
    if x.dtype.kind == "b":
        return repr(bool(x))
    if x.dtype.kind in "iu":
        return str(int(x))
    if x.dtype.kind == "c":
        text = repr(complex(x))
        is_finite = math.isfinite(x.real) and math.isfinite(x.imag)
        return text if is_finite and x.dtype.type(eval(text)).tobytes() == x.tobytes() else None
    if x.dtype.kind != "f":
        return None
    for text in (str(x), repr(float(x))):
        value = "np." + text if text in ("nan", "inf") else text.replace("-inf", "-np.inf")
        if x.dtype.type(float(text)).tobytes() == x.tobytes():
            return value
    return None


def _float(x: float) -> str:
    if math.isfinite(x):
        return repr(x)
    return "np.nan" if math.isnan(x) else "np.inf" if x > 0 else "-np.inf"
