"""Checks of the functions, arguments and results of transforms, and their error messages."""

from collections.abc import Sequence
from typing import Any

from autograd_lite import trees
from autograd_lite.errors import DTypeError, GraphError, ShapeError, UnsupportedError
from autograd_lite.tensor import Tensor


def require_function(what: str, f: Any, usage: str = "(f)(x)") -> None:
    """Raise an error if the function to be transformed can't be called."""
    if not callable(f):
        raise UnsupportedError(
            f"{what} of a {type(f).__name__}, where a function is needed: write {what}{usage}, "
            "with f and not f(x)"
        )


def require_sequences(what: str, primals: Any, tangents: Any) -> None:
    """Raise an error unless both are tuples or lists."""
    for name, given in (("primals", primals), ("tangents", tangents)):
        if not isinstance(given, (tuple, list)):
            raise DTypeError(
                f"{what}: {name} must be a tuple or list with one element for each argument, such "
                f"as (x,), not a {type(given).__name__}"
            )


def with_aux(what: str, result: Any, has_aux: bool) -> tuple[Any, Any]:
    """Return the pair that a function returned; without ``has_aux``, its result and None."""
    if not has_aux:
        return result, None
    if not (isinstance(result, tuple) and len(result) == 2):
        raise ShapeError(
            f"{what} with has_aux=True needs a function that returns a tuple (value, aux)"
        )
    return result


NO_GRAPH = "which has no graph, like the results of .data, .numpy(), .item() and float()"


def require_one_value(what: str, value: Any, has_aux: bool) -> None:
    """Raise an error if a function to be differentiated didn't return one real value."""
    if not isinstance(value, Tensor):
        hint = "" if has_aux else ", or (value, aux) with has_aux=True"
        raise GraphError(
            f"{what} of a function that returned a {type(value).__name__}, {NO_GRAPH}; "
            f"return a Tensor of one value (as_tensor makes a constant one){hint}"
        )
    if value.size != 1:
        raise ShapeError(
            f"{what} of a function that returned shape {value.shape}; reduce it to one value, or "
            "use jacobian() for all derivatives, vjp() for a combination of them"
        )
    require_real(what, value)


def require_real(what: str, y: Tensor) -> None:
    """Raise an error if a function's result isn't real and floating."""
    if y.dtype.kind == "c":
        raise DTypeError(
            f"{what} of a function that returned {y.dtype}; return real floating values, such as "
            ".real or abs(), or use jacobian() for a holomorphic function"
        )
    if y.dtype.kind != "f":
        raise DTypeError(
            f"{what} of a function that returned {y.dtype}; return real floating values, because "
            "counts, positions and comparisons have no derivative"
        )


def leaves_of(what: str, result: Any) -> list[Tensor]:
    """Return the leaves of a function's result.

    Raises
    ------
    GraphError
        If a leaf isn't a tensor, or there is none.
    """
    found: list[Tensor] = []

    def take(path: str, leaf: Any) -> None:
        if not isinstance(leaf, Tensor):
            raise GraphError(
                f"{what}: {path} of the function is a {type(leaf).__name__}, {NO_GRAPH}; "
                "return tensors"
            )
        found.append(leaf)

    trees.visit(take, result, path="the result")
    if not found:
        raise GraphError(
            f"{what} of a function that returned nothing floating or complex "
            f"({type(result).__name__}); return a Tensor, or a container of them"
        )
    return found


def fitting(what: str, name: str, tree: Any, given: Any, xs: Sequence[Tensor]) -> list[Any]:
    """Return the leaves of ``given``, a tree like ``tree``, as tensors that fit ``xs``.

    Raises
    ------
    ShapeError
        If the structure, or the shape of a leaf, is another.
    DTypeError
        If a leaf isn't made of numbers, or is complex where it must be real.
    """
    following = iter(xs)
    found: list[Any] = []

    def take(path: str, leaf: Any, g: Any) -> None:
        found.append(_like(what, path, next(following), g))

    try:
        trees.visit(take, tree, given, path=name)
    except ShapeError as error:
        raise ShapeError(str(error) if what in str(error) else f"{what}: {error}") from error
    return found


def _like(what: str, path: str, x: Tensor, g: Any) -> Any:
    """Return a cotangent or tangent in the dtype of ``x``, or raise an error if it doesn't fit."""
    if not isinstance(g, Tensor):
        try:
            g = Tensor(g)
        except (TypeError, ValueError) as error:
            raise DTypeError(f"{what}: {path} must be an array of numbers ({error})") from error
    if g.shape != x.shape:
        raise ShapeError(f"{what}: {path} has shape {g.shape}, and needs shape {x.shape}")
    if g.dtype == x.dtype:
        return g
    if g.dtype.kind == "c" and x.dtype.kind != "c":
        raise DTypeError(f"{what}: {path} is {g.dtype}, and needs to be real, {x.dtype}")
    return g.astype(x.dtype)
