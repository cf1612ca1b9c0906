"""What a NumPy function is given while it is traced: the real arrays behind traced ones."""

from typing import Any

from autograd_lite.capturing.tracing.traced import Traced
from autograd_lite.capturing.tracing.varying import Number
from autograd_lite.tensor import Tensor

PLAIN = frozenset({bool, int, float, complex, str, type(Ellipsis), slice})
"""Types of constants."""

UNCHANGED = frozenset({bool, int, float, complex, str, type(None)})
"""Types of arguments that are what they are: neither an array nor something that may hold one."""


def array_of(leaf: Any) -> Any:
    """Return the array of a constant tensor, which NumPy would convert; anything else as it is."""
    return leaf.array if type(leaf) is Tensor and not leaf.tracked else leaf


def real_of(leaf: Any) -> Any:
    """Return the real array, or number, behind a traced one; anything else as it is."""
    leaf = array_of(leaf)
    if type(leaf) is Traced:
        return leaf.value
    return leaf.plain if type(leaf) is Number else leaf


def name_of(function: Any) -> str:
    """Return a name for a function in messages."""
    return getattr(function, "__name__", None) or getattr(function, "name", None) or repr(function)
