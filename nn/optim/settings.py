"""What settings of optimizers may be: each kind returns the plain value, or says what is needed."""

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

import numpy as np

from autograd_lite.errors import DomainError
from nn.options import is_number

Kind = Callable[[Any], Any]
"""Takes what was given, and returns it as a plain value; raises ValueError with what it must be."""


def _number(value: Any) -> float:
    if not is_number(value):
        raise ValueError("must be a number")
    return float(value)


def finite(value: Any) -> float:
    """Return a finite number."""
    number = _number(value)
    if not isfinite(number):
        raise ValueError("must be finite")
    return number


def not_negative(value: Any) -> float:
    """Return a finite number of at least 0."""
    number = _number(value)
    if not (isfinite(number) and number >= 0):
        raise ValueError("must be finite, at least 0")
    return number


def fraction(value: Any) -> float:
    """Return a number of at least 0 and below 1."""
    number = _number(value)
    if not 0 <= number < 1:
        raise ValueError("must be at least 0 and below 1")
    return number


def fractions(value: Any) -> list[float]:
    """Return a pair of numbers, each at least 0 and below 1; a list, so that each can be set."""
    if not isinstance(value, Sequence | np.ndarray) or len(value) != 2:
        raise ValueError("must be two numbers")
    return [fraction(x) for x in value]


def flag(value: Any) -> bool:
    """Return True or False."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError("must be True or False")
    return bool(value)


def count(value: Any) -> int:
    """Return a whole number of at least 1."""
    number = _number(value)
    if number < 1 or not number.is_integer():
        raise ValueError("must be a whole number, at least 1")
    return int(number)


def checked(owner: str, name: str, value: Any, kind: Kind) -> Any:
    """Return a setting as a plain value.

    Raises
    ------
    DomainError
        If it isn't what it must be.
    """
    try:
        return kind(value)
    except ValueError as error:
        raise DomainError(f"{owner}: {name} {error}: {value!r}") from None
