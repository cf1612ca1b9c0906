"""Which of our functions answers when a NumPy function is given a Tensor."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.errors import UnsupportedError
from autograd_lite.ops import arithmetic, complex_numbers, elementwise, linear_algebra
from autograd_lite.primitive import Primitive

UFUNCS: dict[np.ufunc, Primitive] = {
    np.absolute: elementwise.absolute,
    np.add: arithmetic.add,
    np.conjugate: complex_numbers.conjugate,
    np.cos: elementwise.cos,
    np.divide: arithmetic.divide,
    np.exp: elementwise.exp,
    np.expm1: elementwise.expm1,
    np.log: elementwise.log,
    np.log1p: elementwise.log1p,
    np.matmul: linear_algebra.matmul,
    np.maximum: elementwise.maximum,
    np.minimum: elementwise.minimum,
    np.multiply: arithmetic.multiply,
    np.negative: arithmetic.negative,
    np.positive: arithmetic.positive,
    np.power: arithmetic.power,
    np.remainder: arithmetic.remainder,
    np.sin: elementwise.sin,
    np.sqrt: elementwise.sqrt,
    np.square: arithmetic.square,
    np.subtract: arithmetic.subtract,
    np.tanh: elementwise.tanh,
}
"""The differentiable ufuncs."""

CONSTANT_UFUNCS: frozenset[np.ufunc] = frozenset(
    {
        np.bitwise_and,
        np.bitwise_or,
        np.bitwise_xor,
        np.ceil,
        np.equal,
        np.floor,
        np.floor_divide,
        np.greater,
        np.greater_equal,
        np.invert,
        np.isfinite,
        np.isinf,
        np.isnan,
        np.left_shift,
        np.less,
        np.less_equal,
        np.logical_and,
        np.logical_not,
        np.logical_or,
        np.logical_xor,
        np.not_equal,
        np.right_shift,
        np.rint,
        np.sign,
        np.signbit,
        np.trunc,
    }
)
"""The ufuncs whose derivative is zero wherever there is one: their results are constants."""

CONSTANT_FUNCTIONS: frozenset[Callable[..., Any]] = frozenset(
    {np.argmax, np.argmin, np.ndim, np.ones_like, np.shape, np.size, np.zeros_like}
)
"""The other NumPy functions without a derivative: they compute on values, and give constants."""

REDUCTIONS: dict[np.ufunc, Callable[..., Any]] = {
    np.add: np.sum,
    np.maximum: np.max,
    np.minimum: np.min,
}
"""The NumPy functions that the ``reduce`` methods of ufuncs are."""


class Implementation(NamedTuple):
    """What answers for a NumPy function, and how it can be called."""

    function: Callable[..., Any]
    names: list[str]
    least: int
    most: int
    defaults: Mapping[str, Any]


FUNCTIONS: dict[Callable[..., Any], Implementation] = {}
"""The differentiable NumPy functions that aren't ufuncs; ``implements`` enters them."""


def implements(*numpy_functions: Callable[..., Any]) -> Callable[..., Any]:
    """Register the decorated function as what these NumPy functions do to tensors."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        parameters = inspect.signature(function).parameters
        names = list(parameters)
        least = [p.default for p in parameters.values()].count(inspect.Parameter.empty)
        for numpy_function in numpy_functions:
            theirs = _parameters(numpy_function)
            most = _leading_in_common(names, list(theirs))
            defaults = {name: p.default for name, p in theirs.items() if name not in names}
            FUNCTIONS[numpy_function] = Implementation(function, names, least, most, defaults)
        return function

    return register


def _parameters(numpy_function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(numpy_function).parameters
    except ValueError:  # older NumPys don't tell those of their C functions
        return {}


def _leading_in_common(names: list[str], theirs: list[str]) -> int:
    """Return how many arguments mean the same by position; the first, the operand, always does."""
    for position, (name, other) in enumerate(zip(names, theirs, strict=False)):
        if position and name != other:
            return position
    return len(names)


def call(numpy_function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Do for tensors what a NumPy function does for arrays.

    Raises
    ------
    UnsupportedError
        If the function, or an argument of it, has no derivative here.
    """
    name = f"{numpy_function.__module__}.{numpy_function.__name__}".replace("numpy", "np", 1)
    found = FUNCTIONS.get(numpy_function)
    if found is None:
        raise UnsupportedError(
            f"{name} has no derivative here; call it on tensor.detach().numpy() if it needs none, "
            "or define a Primitive for it"
        )
    function, names, least, most, defaults = found
    # what is given as NumPy has it by default, such as out=None, says nothing
    kwargs = {k: v for k, v in kwargs.items() if k in names or v is not defaults.get(k, found)}
    unknown = [repr(key) for key in kwargs if key not in names]
    if unknown:
        raise UnsupportedError(
            f"{name} does not take {', '.join(unknown)} for tensors; leave it out"
        )
    if len(args) > most:
        raise UnsupportedError(
            f"{name} takes ({', '.join(names[:most])}) by position for tensors; name the others"
        )
    if len(args) + len(kwargs) < least:
        raise UnsupportedError(f"{name} takes ({', '.join(names)}) for tensors; give all of them")
    return function(*args, **kwargs)


def call_ufunc(ufunc: Any, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Do for tensors what a method or a keyword of a ufunc does for arrays.

    Raises
    ------
    UnsupportedError
        For all but the reductions that we know as functions, such as ``np.add.reduce``.
    """
    if kwargs.get("out") is not None:
        raise UnsupportedError(
            f"np.{ufunc.__name__} can't write into an array (out=, or an operator such as +=) what "
            "a tensor has a part in; write the result as a new tensor, or use tensor.numpy()"
        )
    function = REDUCTIONS.get(ufunc) if method == "reduce" else None
    if function is None:
        called = f"np.{ufunc.__name__}" + ("" if method == "__call__" else f".{method}")
        given = "".join(f" with {key}=" for key in kwargs)
        raise UnsupportedError(
            f"{called}{given} has no derivative here; call it on tensor.detach().numpy() if it "
            "needs none, or define a Primitive for it"
        )
    # as the ufunc's own method, a reduction is along the first axis unless told otherwise
    return call(function, inputs, {"axis": 0, **kwargs})
