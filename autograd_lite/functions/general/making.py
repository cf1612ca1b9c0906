"""Making public functions that only call one primitive or one NumPy function."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias, TypeVar, cast

from autograd_lite.primitive import Primitive
from autograd_lite.tensor import Tensor, TensorLike, apply, compute

_Function = TypeVar("_Function", bound=Callable[..., Any])
Unary: TypeAlias = Callable[[TensorLike], Tensor]
Binary: TypeAlias = Callable[[TensorLike, TensorLike], Tensor]


def unary(name: str, op: Primitive, summary: str, example: str) -> Unary:
    """Return a public function of one tensor that applies ``op``."""

    def function(x: TensorLike, /) -> Tensor:
        return apply(op, (x,), {})

    return _named(function, name, summary, example)


def binary(name: str, op: Primitive, summary: str, example: str) -> Binary:
    """Return a public function of two tensors, which broadcast, that applies ``op``."""

    def function(x1: TensorLike, x2: TensorLike, /) -> Tensor:
        return apply(op, (x1, x2), {})

    return _named(function, name, summary, example)


def unary_constant(name: str, numpy_function: Any, summary: str, example: str) -> Unary:
    """Return a public function of one tensor that computes a constant with NumPy."""

    def function(x: TensorLike, /) -> Tensor:
        constant: Tensor = compute(numpy_function, x)
        return constant

    return _named(function, name, f"{summary[:-1]}: a constant.", example)


def binary_constant(name: str, numpy_function: Any, summary: str, example: str) -> Binary:
    """Return a public function of two tensors that computes a constant with NumPy."""

    def function(x1: TensorLike, x2: TensorLike, /) -> Tensor:
        constant: Tensor = compute(numpy_function, x1, x2)
        return constant

    return _named(function, name, f"{summary[:-1]}: a constant.", example)


def _named(function: _Function, name: str, summary: str, example: str) -> _Function:
    """Make the function look as if it were defined where it is assigned."""
    function.__name__ = function.__qualname__ = name
    function.__module__ = sys._getframe(2).f_globals["__name__"]
    lines = example.strip().splitlines()
    indented = "\n".join(f"    {line.strip()}" for line in lines)
    function.__doc__ = f"{summary}\n\n    Examples\n    --------\n{indented}\n    "
    return function


def documented(names: dict[str, Any]) -> dict[str, Any]:
    """Return a module's public functions for ``__test__``.

    Doctest looks there for functions that aren't defined by ``def`` in the module.
    """
    return {name: names[name] for name in names["__all__"]}


def also_named(**names: str) -> Callable[[_Function], _Function]:
    """Let the decorated function take more keywords: ``new="old"`` means the parameter ``old``."""

    def extend(function: _Function) -> _Function:
        @wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **{names.get(name, name): v for name, v in kwargs.items()})

        extended: Any = called
        return cast(_Function, extended)

    return extend
