"""Writing results of NumPy functions into NumPy's own arrays, where all tensors are constants."""

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np

from autograd_lite.errors import UnsupportedError
from autograd_lite.graph import Node, next_index
from autograd_lite.numpy_protocols.unsupported import name_of
from autograd_lite.writes import stamp


def can_write(target: Any, args: Iterable[Any], kwargs: Mapping[str, Any]) -> bool:
    """Return True if NumPy can write into the target: an array, with only constants as operands."""
    if target is None or isinstance(target, Node):
        return False
    return not any(node.tracked for node in _nodes_in([*args, *kwargs.values()]))


def _nodes_in(operands: Iterable[Any]) -> Iterator[Node]:
    for x in operands:
        if isinstance(x, Node):
            yield x
        elif isinstance(x, (list, tuple)):
            yield from _nodes_in(x)


def on_values(function: Callable[..., Any], args: Iterable[Any], kwargs: Mapping[str, Any]) -> Any:
    """Call a NumPy function with arrays in place of tensors."""
    values = [value_of(x) for x in args]
    return function(*values, **{key: value_of(x) for key, x in kwargs.items()})


def write_into(
    targets: Iterable[Any],
    function: Callable[..., Any],
    args: Iterable[Any],
    kwargs: Mapping[str, Any],
) -> Any:
    """Call a NumPy function that writes into targets, with arrays in place of tensors."""
    result = on_values(function, args, kwargs)
    for target in targets:  # recorded ops may have kept it
        stamp(target, ..., next_index(), recorded=False)
    return result


def value_of(x: Any) -> Any:
    """Return ``x`` with arrays in place of tensors."""
    if isinstance(x, Node):
        return x.array
    return type(x)(map(value_of, x)) if type(x) in (list, tuple) else x


def write(numpy_function: Callable[..., Any], args: tuple[Any, ...], kwargs: Any, out: Any) -> Any:
    """Call a function without a derivative that writes into ``out``."""
    if isinstance(out, Node):
        raise UnsupportedError(
            f"{name_of(numpy_function)} can't write into a tensor by out=; assign its result, "
            "x[...] = y, or give it a new name"
        )
    return write_into([out], numpy_function, args, kwargs)


def out_of(numpy_function: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
    """Return the ``out`` argument of a NumPy function, given by name or by position, or None."""
    place = _place_of_out(numpy_function)
    return args[place] if place < len(args) else kwargs.get("out")


@cache
def _place_of_out(numpy_function: Callable[..., Any]) -> int:
    names = list(parameters_of(numpy_function))
    return names.index("out") if "out" in names else sys.maxsize


def parameters_of(numpy_function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    """Return the parameters of a NumPy function."""
    try:
        return inspect.signature(numpy_function).parameters
    except ValueError:  # before NumPy 2.4, its C functions have no signatures
        told = _UNTOLD.get(numpy_function)
        return {} if told is None else inspect.signature(told).parameters


_UNTOLD: dict[Callable[..., Any], Callable[..., Any]] = {
    np.concatenate: lambda arrays, axis=0, out=None, *, dtype=None, casting="same_kind": None,
    np.dot: lambda a, b, out=None: None,
}
"""The signatures, for older NumPys, of C functions whose parameters differ from ours."""
