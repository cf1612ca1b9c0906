"""Calling a function with variables in the place of numbers, and going back through its graph.

Every variable is a node of its own, so no derivative is taken for another one's: a variable that
stands for a tensor which is differentiated outside is recorded as computed from it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np

from autograd_lite import trees
from autograd_lite.backward.algorithm import backpropagate, recorded_below
from autograd_lite.backward.entry import backpropagate_recorded, conjugated
from autograd_lite.errors import DTypeError, GraphError, IndexingError, UnsupportedError
from autograd_lite.modes import current_mode, enable_grad, is_recording
from autograd_lite.operands import as_array, constant
from autograd_lite.ops.mathematics import arithmetic
from autograd_lite.tensor import Tensor, apply
from autograd_lite.transforms.results import gradients_of, settled

Argnums = int | Sequence[int]


class Trace(NamedTuple):
    """A call of a function, recorded.

    Attributes
    ----------
    variables : list of Tensor
        What the function was given in the place of the leaves of its arguments.
    given_as_tensors : list of bool
        Whether such a leaf is a tensor, so that its gradient is one; else that is an array.
    parameters : list of bool
        Whether such a leaf is a parameter of a module.
    result : Any
        What the function returned.
    recorded : bool
        Whether something outside is being differentiated, too: derivatives are recorded then.
    given_tensors : bool
        Whether an argument held a tensor, so that what the function gave is handed on as tensors.
    fill : callable
        From one thing for each variable to the arguments' structure; None where nothing varied.
    """

    variables: list[Tensor]
    given_as_tensors: list[bool]
    parameters: list[bool]
    result: Any
    recorded: bool
    given_tensors: bool
    fill: Callable[[Iterable[Any]], Any]

    def tensors(self, recorded: bool) -> list[bool]:
        """Return for which variables the gradients are tensors: all where it isn't over yet."""
        outside = recorded or is_inside()
        return [outside or tensor for tensor in self.given_as_tensors]

    def gradients(self, found: Sequence[Any], given: Iterable[Any], *, recorded: bool) -> Any:
        """Return what was found for the variables in the arguments' structure."""
        gradients = gradients_of(found, given, self.variables, self.tensors(recorded))
        if is_inside():  # in a module only what is tracked is seen by the transform around this
            gradients = [
                np.where(True, g, x) if parameter and not g.tracked else g
                for g, x, parameter in zip(gradients, self.variables, self.parameters, strict=True)
            ]
        return self.fill(gradients)

    def settled(self, x: Any) -> Any:
        """Return what the function gave as it is handed on."""
        if x is None:
            return x
        arrays = not (self.given_tensors or is_inside())
        return settled(x, recorded=self.recorded, arrays=arrays)


def chosen(what: str, argnums: Argnums | None, argnum: Argnums | None) -> Argnums:
    """Return the arguments that are meant by two names for the same: the first by none."""
    if argnums is not None and argnum is not None:
        raise IndexingError(f"{what}: argnum is another name of argnums; give one of them")
    return argnums if argnums is not None else argnum if argnum is not None else 0


def trace(
    what: str,
    f: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    argnums: Argnums | None,
    *,
    besides: Iterable[Any] = (),
    copy: bool = False,
) -> Trace:
    """Call ``f`` with variables in the place of the leaves of ``args[argnums]``.

    For None they are those of all arguments; then some may have no leaves. ``besides`` is what
    the transform was given more, in which there may be tensors, too. ``copy`` values where the
    graph outlives the call, for their owner may write into them, or an optimizer.
    """
    positions = range(len(args)) if argnums is None else _positions(what, argnums, len(args))
    given = [args[position] for position in positions]
    outside = is_recording()
    nested = is_inside()
    given_tensors = trees.holds_tensor((*args, *kwargs.values(), *besides))
    variables: list[Tensor] = []
    parameters: list[bool] = []
    given_as_tensors: list[bool] = []

    def variable(path: str, leaf: Any) -> Tensor:
        variables.append(_variable(leaf, outside, copy))
        given_as_tensors.append(isinstance(leaf, Tensor))
        parameters.append(False)
        return variables[-1]

    def parameter(path: str, leaf: Tensor) -> Tensor:
        # it requires a gradient whether or not something outside is being differentiated
        variables.append(_variable(leaf, outside and nested, copy))
        given_as_tensors.append(True)
        parameters.append(True)
        return variables[-1]

    arguments = list(args)
    for position, argument in zip(positions, given, strict=True):
        count = len(variables)
        arguments[position] = trees.visit(
            variable, argument, parameter=parameter, static=trees.no_numbers
        )
        if len(variables) == count and argnums is not None:
            raise DTypeError(_nothing_varies(what, f"argument {position}", argument))
    if not variables:
        raise DTypeError(_nothing_varies(what, "its arguments", args))
    indices = [x.index for x in variables]
    result = call(f, arguments, kwargs)
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
    return Trace(variables, given_as_tensors, parameters, result, recorded, given_tensors, fill)


_inside = ContextVar("autograd_lite.inside_transform", default=False)

is_inside = _inside.get
"""Return True where a transform is calling its function: what comes out of others is tensors."""


def call(
    f: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], *, inside: bool = True
) -> Any:
    """Call a function, recording it, as a transform does or else as nothing does."""
    token = _inside.set(inside)
    try:
        with nullcontext() if is_recording() else enable_grad():
            return f(*args, **kwargs)
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


def _variable(leaf: Any, outside: bool, copy: bool = False) -> Tensor:
    if isinstance(leaf, Tensor):
        if outside and leaf.tracked:
            return apply(arithmetic.positive, (leaf,), {})
        value = leaf.array.copy() if copy else leaf.array
    else:
        value = as_array(constant(leaf), copy=copy or None)
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
    wanted = dict.fromkeys(variables)
    watch = current_mode().watch
    with enable_grad() if recorded else nullcontext():
        starts: dict[Tensor, Any] = {}
        for y, g in zip(outputs, cotangents, strict=True):
            if not (y.tracked or y in wanted):  # a variable may be retired
                continue
            start = conjugated(Tensor.of(g) if recorded and not isinstance(g, Tensor) else g)
            if watch is not None:
                watch.began(y, start)
            starts[y] = starts[y] + start if y in starts else start
        if not starts:
            return [None] * len(variables)
        if recorded:
            _require_second_order(what, starts)
        go = backpropagate_recorded if recorded else backpropagate
        found = go(starts, wanted, retain_graph=True)
        results = [conjugated(found[x]) if x in found else None for x in variables]
    if watch is not None:
        watch.ended(found)
    return results


def _require_second_order(what: str, outputs: Iterable[Tensor]) -> None:
    for node in recorded_below(outputs):
        op: Any = node.op
        if op.first_order_only:
            raise UnsupportedError(
                f"{what}: {op.name} has no second derivative here: it is first_order_only, its "
                "rules can't be differentiated; give it rules of NumPy functions alone. Where "
                "only a first derivative is meant, tensors outside require gradients: compute "
                "under no_grad()"
            )
