"""Calling a function with variables in the place of numbers, and going back through its graph.

Every variable is a node of its own, so no derivative is taken for another one's: a variable that
stands for a tensor which is differentiated outside is recorded as computed from it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np

from autograd_lite import trees
from autograd_lite.backward import backpropagate, backpropagate_recorded, recorded_below
from autograd_lite.errors import DTypeError, GraphError, IndexingError, ShapeError, UnsupportedError
from autograd_lite.modes import current_mode, enable_grad, is_recording
from autograd_lite.operands import as_array
from autograd_lite.ops import arithmetic
from autograd_lite.primitive import EveryInput, Primitive
from autograd_lite.tensor import Tensor, apply

Argnums = int | Sequence[int]


class Trace(NamedTuple):
    """A call of a function, recorded.

    Attributes
    ----------
    variables : list of Tensor
        What the function was given in the place of the leaves of its arguments.
    result : Any
        What the function returned.
    recorded : bool
        Whether something outside is being differentiated, too: derivatives are recorded then.
    fill : callable
        From one thing for each variable to the arguments' structure; None where nothing varied.
    """

    variables: list[Tensor]
    result: Any
    recorded: bool
    fill: Callable[[Iterable[Any]], Any]


def require_function(what: str, f: Any, usage: str = "(f)(x)") -> None:
    """Raise at once where what is to be transformed can't be called."""
    if not callable(f):
        raise UnsupportedError(
            f"{what} of a {type(f).__name__}, where a function is needed: {what}{usage}, with f "
            "and not f(x)"
        )


def trace(
    what: str,
    f: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    argnums: Argnums | None,
) -> Trace:
    """Call ``f`` with variables in the place of the leaves of ``args[argnums]``.

    For None they are those of all arguments; then some may have no leaves.
    """
    positions = range(len(args)) if argnums is None else _positions(what, argnums, len(args))
    given = [args[position] for position in positions]
    outside = is_recording()
    nested = _inside.get()
    variables: list[Tensor] = []

    def variable(path: str, leaf: Any) -> Tensor:
        variables.append(_variable(leaf, outside))
        return variables[-1]

    def parameter(path: str, leaf: Tensor) -> Tensor:
        # it requires a gradient whether or not something outside is being differentiated
        variables.append(_variable(leaf, outside and nested))
        return variables[-1]

    arguments = list(args)
    with enable_grad(), _transforming():
        for position, argument in zip(positions, given, strict=True):
            count = len(variables)
            arguments[position] = trees.visit(variable, argument, parameter=parameter)
            if len(variables) == count and argnums is not None:
                raise DTypeError(_nothing_varies(what, f"argument {position}", argument))
        if not variables:
            raise DTypeError(_nothing_varies(what, "its arguments", args))
        indices = [x.index for x in variables]
        result = f(*arguments, **kwargs)
    if [x.index for x in variables] != indices:
        raise GraphError(
            f"{what}: the function assigned into its argument; work on a copy, x = x.copy()"
        )

    def fill(found: Iterable[Any]) -> Any:
        following = iter(found)
        filled = [
            trees.visit(lambda path, leaf: next(following), argument, static=lambda x: None)
            for argument in given
        ]
        return filled[0] if isinstance(argnums, _WHOLE) else tuple(filled)

    recorded = outside and depends_on_others(tensors_in(result), variables)
    return Trace(variables, result, recorded, fill)


_inside = ContextVar("autograd_lite.inside_transform", default=False)


@contextmanager
def _transforming() -> Iterator[None]:
    token = _inside.set(True)
    try:
        yield
    finally:
        _inside.reset(token)


_WHOLE = (int, np.integer)


def _positions(what: str, argnums: Argnums, count: int) -> list[int]:
    asked = list(argnums) if isinstance(argnums, Sequence) else [argnums]
    for position in asked:
        if not isinstance(position, _WHOLE):
            raise IndexingError(f"{what}: argnums={argnums!r} must be a whole number, or several")
        if not -count <= position < count:
            raise IndexingError(
                f"{what} with respect to argument {position}, where {count} are given by position; "
                "arguments given by keyword aren't differentiated"
            )
    positions = [position % count for position in asked]
    if not positions or len({*positions}) < len(positions):
        raise IndexingError(f"{what}: argnums={argnums!r} must name arguments, each once")
    return positions


def _variable(leaf: Any, outside: bool) -> Tensor:
    if isinstance(leaf, Tensor):
        if outside and leaf.tracked:
            return apply(arithmetic.positive, (leaf,), {})
        value = leaf.array
    else:
        value = as_array(leaf)
    new = Tensor.of(value)
    new.tracked = True
    return new


def _nothing_varies(what: str, which: str, argument: Any) -> str:
    if trees.is_module(argument):
        return (
            f"{what} with respect to {which}, a {type(argument).__name__} without parameters: none "
            "of its tensors requires a gradient, as those of a gradient and what is computed "
            "under no_grad() don't"
        )
    dtype = getattr(argument, "dtype", None)
    kind = type(argument).__name__ if dtype is None else f"{type(argument).__name__} of {dtype}"
    return (
        f"{what} with respect to {which}, where nothing is floating or complex ({kind}); give "
        "floats, such as 3.0 or array.astype(float), alone or in dicts, lists, tuples, dataclasses "
        "or modules, or choose other arguments"
    )


def tensors_in(tree: Any) -> list[Tensor]:
    """Return the tensors among the leaves of a tree."""
    found: list[Tensor] = []

    def look(path: str, leaf: Any) -> None:
        if isinstance(leaf, Tensor):
            found.append(leaf)

    trees.visit(look, tree)
    return found


def depends_on_others(outputs: Iterable[Tensor], variables: Sequence[Tensor]) -> bool:
    """Return True if something else than these variables is differentiated in the graph."""
    if any(x.op is not None for x in variables):
        return True
    seen: set[Any] = set(variables)
    stack: list[Any] = [x for x in outputs if x.tracked and x not in seen]
    while stack:
        node = stack.pop()
        if node.op is None and node.tracked:
            return True
        inputs = () if node.op is None else node.inputs or ()
        for parent in inputs:
            if parent is not None and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return False


def retire(variables: Iterable[Tensor]) -> None:
    """Have variables count as constants from now on, for the transform that made them is done.

    Those that stand for what is differentiated outside stay what they are: results of an op.
    """
    for x in variables:
        if x.op is None:
            x.tracked = False


@contextmanager
def revived(tensors: Iterable[Tensor]) -> Iterator[None]:
    """Have retired variables be variables again, while a function is called with them anew."""
    retired = [x for x in tensors if not x.tracked]
    for x in retired:
        x.tracked = True
    try:
        yield
    finally:
        retire(retired)


def settled(x: Any, recorded: bool) -> Any:
    """Return results, containers of them too, as constants unless they are recorded."""
    if recorded or x is None:
        return x
    if isinstance(x, Tensor):
        return x.detach()
    return trees.visit(
        lambda path, leaf: leaf.detach() if isinstance(leaf, Tensor) and leaf.tracked else leaf, x
    )


def pull_back(
    what: str,
    outputs: Sequence[Tensor],
    cotangents: Sequence[Any],
    variables: Sequence[Tensor],
    *,
    recorded: bool,
) -> list[Any]:
    """Return the cotangents of ``variables`` under several outputs; the graph is kept.

    Cotangents are gradients, as users see them, of the outputs' shapes and dtypes: tensors where
    ``recorded``, else arrays, or arrays with a batch axis; None for a variable that isn't reached.
    """
    live = [(y, _conjugate(g)) for y, g in zip(outputs, cotangents, strict=True) if y.tracked]
    if not live:
        return [None] * len(variables)
    if recorded:
        _require_second_order(what, [y for y, _ in live])
    watch = current_mode().watch
    if watch is not None:
        for y, g in live:
            watch.began(y, g)
    wanted = dict.fromkeys(variables)
    root, start = _joined(live) if len(live) > 1 else live[0]
    with enable_grad() if recorded else nullcontext():
        if recorded and not isinstance(start, Tensor):
            start = Tensor.of(start)
        go = backpropagate_recorded if recorded else backpropagate
        found = go(root, start, wanted, retain_graph=True)
        results = [_conjugate(found[x]) if x in found else None for x in variables]
    if watch is not None:
        watch.ended(found)
    return results


def _joined(live: Sequence[tuple[Tensor, Any]]) -> tuple[Tensor, Any]:
    """Return a root above several outputs, whose rules give each output its cotangent."""
    cotangents = [g for _, g in live]
    join = Primitive(
        "outputs",
        lambda *ys: np.zeros(()),
        EveryInput(lambda position, g, y, *ys: cotangents[position]),
    )
    with enable_grad():
        return apply(join, tuple(y for y, _ in live), {}), np.ones(())


def _conjugate(g: Any) -> Any:
    """Turn gradients into what rules work on, or back; of real numbers they are the same."""
    return np.conjugate(g) if g.dtype.kind == "c" else g


def _require_second_order(what: str, outputs: Iterable[Tensor]) -> None:
    for output in outputs:
        for node in recorded_below(output, False) if output.op is not None else ():
            if node.op is not None and node.op.first_order_only:
                raise UnsupportedError(
                    f"{what}: {node.op.name} has no second derivative here: it is "
                    "first_order_only, its rules can't be differentiated; give it rules of NumPy "
                    "functions alone. Where only a first derivative is meant, tensors outside "
                    "require gradients: compute under no_grad()"
                )


def gradients_of(found: Sequence[Any], given: Sequence[Any], variables: Sequence[Tensor]) -> Any:
    """Return what was found as tensors that share no memory, zeros for what wasn't reached."""
    taken = {id(g.array if isinstance(g, Tensor) else g) for g in given}
    results = []
    for g, x in zip(found, variables, strict=True):
        if isinstance(g, Tensor) and g.tracked:
            results.append(g)
            continue
        array = np.zeros_like(x.array) if g is None else g.array if isinstance(g, Tensor) else g
        shared = id(array) in taken or getattr(array, "base", None) is not None
        taken.add(id(array))
        results.append(Tensor.of(array.copy() if shared else array))
    return results


def like(what: str, path: str, x: Tensor, g: Any) -> Any:
    """Return a cotangent or tangent in the dtype of ``x``, or say that it doesn't fit."""
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


def fitting(what: str, name: str, tree: Any, given: Any, xs: Sequence[Tensor]) -> list[Any]:
    """Return the leaves of ``given``, a tree like ``tree``, each like the one of ``xs``."""
    following = iter(xs)
    found: list[Any] = []

    def take(path: str, leaf: Any, g: Any) -> None:
        found.append(like(what, path, next(following), g))

    try:
        trees.visit(take, tree, given, path=name)
    except ShapeError as error:
        raise ShapeError(str(error) if what in str(error) else f"{what}: {error}") from error
    return found
