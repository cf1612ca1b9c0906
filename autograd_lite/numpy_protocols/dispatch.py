"""Dispatch of NumPy functions that are called with a Tensor to our functions."""

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from itertools import repeat
from operator import is_not
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np

from autograd_lite.errors import UnsupportedError
from autograd_lite.graph import Node
from autograd_lite.numpy_protocols.into_arrays import can_write, parameters_of, write_into
from autograd_lite.numpy_protocols.unsupported import explanation, name_of
from autograd_lite.ops.algebra import products
from autograd_lite.ops.mathematics import (
    arithmetic,
    complex_numbers,
    elementwise,
    exponential,
    rounding,
    trigonometric,
)
from autograd_lite.primitive import Primitive

_ndarray = np.ndarray

_Function = TypeVar("_Function", bound=Callable[..., Any])

UFUNCS: dict[np.ufunc, Primitive] = {
    np.absolute: elementwise.absolute,
    np.add: arithmetic.add,
    np.arccos: trigonometric.arccos,
    np.arccosh: trigonometric.arccosh,
    np.arcsin: trigonometric.arcsin,
    np.arcsinh: trigonometric.arcsinh,
    np.arctan: trigonometric.arctan,
    np.arctan2: trigonometric.arctan2,
    np.arctanh: trigonometric.arctanh,
    np.cbrt: exponential.cbrt,
    np.conjugate: complex_numbers.conjugate,
    np.copysign: rounding.copysign,
    np.cos: trigonometric.cos,
    np.cosh: trigonometric.cosh,
    np.deg2rad: trigonometric.radians,
    np.degrees: trigonometric.degrees,
    np.divide: arithmetic.divide,
    np.exp: exponential.exp,
    np.exp2: exponential.exp2,
    np.expm1: exponential.expm1,
    np.fabs: elementwise.fabs,
    np.float_power: arithmetic.float_power,
    np.fmax: elementwise.fmax,
    np.fmin: elementwise.fmin,
    np.fmod: arithmetic.fmod,
    np.heaviside: rounding.heaviside,
    np.hypot: trigonometric.hypot,
    np.ldexp: rounding.ldexp,
    np.log: exponential.log,
    np.log10: exponential.log10,
    np.log1p: exponential.log1p,
    np.log2: exponential.log2,
    np.logaddexp: exponential.logaddexp,
    np.logaddexp2: exponential.logaddexp2,
    np.matmul: products.matmul,
    np.maximum: elementwise.maximum,
    np.minimum: elementwise.minimum,
    np.multiply: arithmetic.multiply,
    np.negative: arithmetic.negative,
    np.nextafter: rounding.nextafter,
    np.positive: arithmetic.positive,
    np.power: arithmetic.power,
    np.rad2deg: trigonometric.degrees,
    np.radians: trigonometric.radians,
    np.reciprocal: arithmetic.reciprocal,
    np.remainder: arithmetic.remainder,
    np.sign: rounding.sign,
    np.sin: trigonometric.sin,
    np.sinh: trigonometric.sinh,
    np.sqrt: exponential.sqrt,
    np.square: arithmetic.square,
    np.subtract: arithmetic.subtract,
    np.tan: trigonometric.tan,
    np.tanh: trigonometric.tanh,
}
"""The differentiable ufuncs."""

CONSTANT_UFUNCS: dict[np.ufunc, Callable[..., Any]] = {
    ufunc: ufunc
    for ufunc in (
        np.bitwise_and,
        np.bitwise_count,
        np.bitwise_or,
        np.bitwise_xor,
        np.ceil,
        np.equal,
        np.floor,
        np.gcd,
        np.greater,
        np.greater_equal,
        np.invert,
        np.isfinite,
        np.isinf,
        np.isnan,
        np.isnat,
        np.lcm,
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
        np.signbit,
        np.spacing,
        np.trunc,
    )
} | {np.floor_divide: arithmetic.floor_divide}
"""The ufuncs whose derivative is zero wherever it exists, and the functions that compute them."""

CONSTANT_FUNCTIONS: frozenset[Callable[..., Any]] = frozenset(
    {
        np.all,
        np.allclose,
        np.any,
        np.argmax,
        np.argmin,
        np.argpartition,
        np.argsort,
        np.argwhere,
        np.around,
        np.array_equal,
        np.array_equiv,
        np.can_cast,
        np.common_type,
        np.count_nonzero,
        np.diag_indices_from,
        np.digitize,
        np.einsum_path,
        np.empty_like,
        np.fix,
        np.flatnonzero,
        np.histogram_bin_edges,
        np.isclose,
        np.iscomplex,
        np.iscomplexobj,
        np.isin,
        np.isneginf,
        np.isposinf,
        np.isreal,
        np.isrealobj,
        np.ix_,
        np.lexsort,
        np.linalg.matrix_rank,
        np.may_share_memory,
        np.min_scalar_type,
        np.nanargmax,
        np.nanargmin,
        np.ndim,
        np.nonzero,
        np.ones_like,
        np.packbits,
        np.ravel_multi_index,
        np.result_type,
        np.round,
        np.searchsorted,
        np.shape,
        np.shares_memory,
        np.size,
        np.tril_indices_from,
        np.triu_indices_from,
        np.unpackbits,
        np.unravel_index,
        np.zeros_like,
    }
)
"""The other NumPy functions without a derivative: they give constants, or NumPy's own values."""

UFUNC_METHODS: dict[tuple[np.ufunc, str], Callable[..., Any]] = {
    (np.add, "accumulate"): np.cumsum,
    (np.add, "reduce"): np.sum,
    (np.logical_and, "reduce"): np.all,
    (np.logical_or, "reduce"): np.any,
    (np.maximum, "reduce"): np.max,
    (np.minimum, "reduce"): np.min,
    (np.multiply, "accumulate"): np.cumprod,
    (np.multiply, "reduce"): np.prod,
}
"""The functions that the methods of ufuncs call; ``implements_method`` adds ours."""


SCIPY_UFUNCS: dict[str, Callable[..., Any]] = {}
"""Our functions for SciPy's ufuncs, by their names; the namespace ``special`` adds its own."""


class Implementation(NamedTuple):
    """Our function for a NumPy function, and how it can be called.

    Signatures are slow to inspect, so the first call fills in all but the function. Until then no
    number of arguments lies between ``least`` and ``most``.
    """

    function: Callable[..., Any]
    names: Sequence[str] = ()
    least: int = 0
    most: int = -1
    places: Sequence[str] = ()
    defaults: Mapping[str, Any] = {}
    any_name: bool = False


FUNCTIONS: dict[Callable[..., Any], Implementation] = {}
"""The differentiable NumPy functions that aren't primitives; ``implements`` adds them."""


def implements(
    *numpy_functions: Callable[..., Any], gives_arrays: bool = False
) -> Callable[[_Function], _Function]:
    """Register the decorated function as what these NumPy functions do to tensors.

    The first argument is the operand. The others have NumPy's names where they can be given by
    name, and NumPy's places where they can be given by position. What NumPy has beyond them may
    be given the value that it has by default. The error of a NumPy function that has no rule yet
    shows how this is used.

    A result without axes holds a scalar, as NumPy's functions give one, unless ``gives_arrays``.
    """

    def register(function: _Function) -> _Function:
        function = function if gives_arrays else giving_scalars(function)
        for numpy_function in numpy_functions:
            FUNCTIONS[numpy_function] = Implementation(function)
        return function

    return register


def giving_scalars(function: _Function) -> _Function:
    """Have a function hold scalars in results without axes: ``x += 1`` then makes another one."""

    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        for y in result if isinstance(result, tuple) else (result,):
            array = getattr(y, "array", None)
            if isinstance(array, _ndarray) and not array.ndim and all(map(is_not, args, repeat(y))):
                y.array = array[()]
        return result

    return cast(_Function, wrapped)


def implements_method(ufunc: np.ufunc, method: str) -> Callable[..., Any]:
    """Register the decorated function as what a method of a ufunc does to tensors."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        UFUNC_METHODS[ufunc, method] = function
        return implements(function)(function)

    return register


def _inspected(function: Callable[..., Any], numpy_function: Any) -> Implementation:
    """Return how a function can be called in the place of a NumPy function."""
    parameters = inspect.signature(function).parameters
    kinds = [p.kind for p in parameters.values()]
    names = list(parameters)
    theirs = parameters_of(numpy_function)
    return Implementation(
        function,
        names,
        least=sum(
            p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
            for p in parameters.values()
        ),
        most=(
            sys.maxsize
            if inspect.Parameter.VAR_POSITIONAL in kinds
            else _leading_in_common(names, list(theirs))
        ),
        places=list(theirs),
        defaults={name: p.default for name, p in theirs.items() if name not in names},
        any_name=inspect.Parameter.VAR_KEYWORD in kinds,
    )


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
        If the function, or an argument of it, has no derivative, or no rule here yet.
    """
    found = FUNCTIONS.get(numpy_function)
    if found is None:
        raise UnsupportedError(explanation(numpy_function))
    function, names, least, most, places, defaults, any_name = found
    if not kwargs and least <= len(args) <= most:
        return function(*args)  # as most calls are
    if most < 0:
        FUNCTIONS[numpy_function] = _inspected(function, numpy_function)
        return call(numpy_function, args, kwargs)
    if most < len(args) <= len(places):  # from where our order is another than NumPy's, by name
        kwargs = dict(zip(places[most:], args[most:], strict=False)) | kwargs
        args = args[:most]
    if can_write(kwargs.get("out"), args, kwargs):
        return write_into([kwargs["out"]], numpy_function, args, kwargs)
    # what is given as NumPy has it by default, such as out=None, says nothing
    silent = {"out": None, "order": None, **defaults}  # older NumPys don't tell all defaults
    kwargs = {k: v for k, v in kwargs.items() if k in names or v is not silent.get(k, found)}
    unknown = [key for key in kwargs if key not in names]
    if unknown and not any_name:
        advice = "leave it out" if unknown[0] in places else f"it takes ({', '.join(names)})"
        raise UnsupportedError(
            f"{name_of(numpy_function)} does not take {', '.join(map(repr, unknown))} "
            f"for tensors; {advice}"
        )
    if len(args) > most:
        raise UnsupportedError(
            f"{name_of(numpy_function)} takes ({', '.join(names[:most])}) by position for tensors; "
            "name the others"
        )
    if len(args) + len(kwargs) < least:
        raise UnsupportedError(
            f"{name_of(numpy_function)} takes ({', '.join(names)}) for tensors; give all of them"
        )
    return function(*args, **kwargs)


def call_ufunc(ufunc: Any, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Do for tensors what a method or a keyword of a ufunc does for arrays.

    Raises
    ------
    UnsupportedError
        For what we don't know as a function, as ``np.add.reduce`` is ``np.sum``.
    """
    targets = [x for x in kwargs.get("out") or inputs[: method == "at"] if x is not None]
    if targets and all(can_write(x, inputs, kwargs) for x in targets):
        return write_into(targets, getattr(ufunc, method), inputs, kwargs)
    if any(isinstance(x, Node) for x in kwargs.get("out") or ()):
        raise UnsupportedError(
            f"{name_of(ufunc)} can't write into a tensor by out=; assign what it gives, "
            "x[...] = y, or give the result a new name"
        )
    if kwargs.get("out") is not None:
        raise UnsupportedError(
            f"{name_of(ufunc)} can't write into an array (out=, or an operator such as +=) what "
            "a tensor that requires a gradient has a part in, for the gradient would be lost; "
            "write the result as a new tensor, or use tensor.numpy()"
        )
    # those with axes of their own, as vecdot; and array.clip(), by a ufunc that isn't np.clip
    namesake = getattr(np, ufunc.__name__, ufunc)
    if method == "__call__" and namesake in FUNCTIONS:
        return call(namesake, inputs, kwargs)
    if method == "outer" and ufunc.nin == 2 and ufunc.signature is None:
        return _outer(ufunc, *inputs, **kwargs)
    if method == "at":
        raise UnsupportedError(
            f"{name_of(ufunc)}.at changes its operand, which can't be recorded; assign instead, "
            "as in x[index] += values, which is the same where no element is meant twice"
        )
    function = UFUNC_METHODS.get((ufunc, method))
    if function is None and method == "__call__" and not kwargs:
        if name_of(ufunc) in SCIPY_UFUNCS:
            return SCIPY_UFUNCS[name_of(ufunc)](*inputs)
        raise UnsupportedError(explanation(ufunc))
    if function is None:
        called = name_of(ufunc) + ("" if method == "__call__" else f".{method}")
        given = "".join(f" with {key}=" for key in kwargs)
        raise UnsupportedError(
            f"{called}{given} has no rule here; write it with functions that have one, or call it "
            "on tensor.detach().numpy() if no gradient is needed"
        )
    # as the ufunc's own methods, these are along the first axis unless told otherwise
    said = {key: value for key, value in kwargs.items() if value is not None or key == "axis"}
    said.setdefault("axis", 0)
    if function in FUNCTIONS:
        return call(function, inputs, said)
    said.pop("dtype", None)  # that of truth, as the method of an array says
    return function(*inputs, **said)  # NumPy hands it back to us, as one without a derivative


def _outer(ufunc: np.ufunc, a: Any, b: Any, **kwargs: Any) -> Any:
    """Return the ufunc of every value of ``a`` with every value of ``b``."""
    if np.ndim(a) and np.ndim(b):  # else they broadcast as they are, Python numbers among them
        a = np.reshape(a, np.shape(a) + (1,) * np.ndim(b))
    return ufunc(a, b, **kwargs)
