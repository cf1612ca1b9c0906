"""Call a function with variables in place of numbers, and go back through its graph.

Every variable is a new node, so that nested derivatives aren't confused. If a tensor is also
differentiated outside, its variable is recorded as computed from it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np

from autograd_lite import trees
from autograd_lite.backward.algorithm import backpropagate, recorded_below
from autograd_lite.backward.entry import backpropagate_recorded, conjugated
from autograd_lite.backward.second_order import check_differentiable
from autograd_lite.errors import DTypeError, GraphError, IndexingError
from autograd_lite.modes import current_mode, enable_grad, is_recording
from autograd_lite.operands import as_array, constant
from autograd_lite.ops.mathematics import arithmetic
from autograd_lite.tensor import Tensor, apply
from autograd_lite.transforms.results import gradients_of, settled

Argnums = int | Sequence[int]


class _Leaf(NamedTuple):
    """A leaf of the arguments.

    Attributes
    ----------
    variable : Tensor
        What the function is given in place of the leaf.
    was_tensor : bool
        Whether the leaf is a tensor. Then its gradient is a tensor too, otherwise an array.
    is_parameter : bool
        Whether the leaf is a parameter of a module.
    """

    variable: Tensor
    was_tensor: bool
    is_parameter: bool


class Trace(NamedTuple):
    """A recorded call of a function.

    Attributes
    ----------
    leaves : list of _Leaf
        The leaves that the call is differentiated with respect to, and their variables.
    result : Any
        What the function returned.
    recorded : bool
        Whether something outside is being differentiated too. Then derivatives are recorded.
    given_tensors : bool
        Whether an argument contained a tensor. Then the function's results are returned as
        tensors.
    fill : callable
        Puts one object for each variable into the structure of the arguments, and None in place
        of everything that isn't a leaf.
    """

    leaves: list[_Leaf]
    result: Any
    recorded: bool
    given_tensors: bool
    fill: Callable[[Iterable[Any]], Any]

    @property
    def variables(self) -> list[Tensor]:
        """The tensors that the function was given in place of the leaves."""
        return [leaf.variable for leaf in self.leaves]

    def tensors(self, recorded: bool) -> list[bool]:
        """Return for each variable whether its gradient is a tensor.

        All are tensors where they may be differentiated again.
        """
        outside = recorded or is_inside()
        return [outside or leaf.was_tensor for leaf in self.leaves]

    def gradients(self, found: Sequence[Any], given: Iterable[Any], *, recorded: bool) -> Any:
        """Return the gradients that were found in the structure of the arguments."""
        gradients = gradients_of(found, given, self.variables, self.tensors(recorded))
        if is_inside():  # in a module, the transform around this one sees only tracked tensors
            gradients = [
                np.where(True, g, leaf.variable) if leaf.is_parameter and not g.tracked else g
                for g, leaf in zip(gradients, self.leaves, strict=True)
            ]
        return self.fill(gradients)

    def settled(self, x: Any) -> Any:
        """Return a result of the function in the form in which users get it."""
        if x is None:
            return x
        arrays = not (self.given_tensors or is_inside())
        return settled(x, recorded=self.recorded, arrays=arrays)


def chosen(what: str, argnums: Argnums | None, argnum: Argnums | None) -> Argnums:
    """Return ``argnums``, given under either of its two names; 0 if under neither.

    Raises
    ------
    IndexingError
        If both names are used.
    """
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
    """Call ``f`` with variables in place of the leaves of ``args[argnums]``.

    Parameters
    ----------
    what : str
        The name of the transform, for error messages.
    f, args, kwargs
        The function and its arguments.
    argnums : int, sequence of int, or None
        None stands for all arguments, of which some may then have no leaves.
    besides : iterable
        Other trees that the transform was given, which may contain tensors too.
    copy : bool
        Copy the values. This is for graphs that outlive the call, because the owner of the values
        may change them.

    Raises
    ------
    DTypeError
        If an argument has no leaves.
    GraphError
        If ``f`` assigns into one of its arguments.
    IndexingError
        If ``argnums`` doesn't name positional arguments, each once.
    """
    positions = range(len(args)) if argnums is None else _positions(what, argnums, len(args))
    given = [args[position] for position in positions]
    outside = is_recording()
    nested = is_inside()
    given_tensors = trees.holds_tensor((*args, *kwargs.values(), *besides))
    leaves: list[_Leaf] = []

    def variable(path: str, leaf: Any) -> Tensor:
        new = _variable(leaf, outside, copy)
        leaves.append(_Leaf(new, isinstance(leaf, Tensor), False))
        return new

    def parameter(path: str, leaf: Tensor) -> Tensor:
        # a parameter always requires a gradient; that doesn't mean that it varies outside
        new = _variable(leaf, outside and nested, copy)
        leaves.append(_Leaf(new, True, True))
        return new

    arguments = list(args)
    for position, argument in zip(positions, given, strict=True):
        count = len(leaves)
        arguments[position] = trees.visit(
            variable, argument, parameter=parameter, static=trees.no_numbers
        )
        if len(leaves) == count and argnums is not None:
            raise DTypeError(_nothing_varies(what, f"argument {position}", argument))
    if not leaves:
        raise DTypeError(_nothing_varies(what, "its arguments", args))
    variables = [leaf.variable for leaf in leaves]
    indices = [x.index for x in variables]
    result = call(f, arguments, kwargs)
    if [x.index for x in variables] != indices:
        raise GraphError(
            f"{what}: the function assigned into its argument; work on a copy (x = x.copy())"
        )

    def fill(found: Iterable[Any]) -> Any:
        following = iter(found)
        filled = [
            trees.visit(lambda path, leaf: next(following), argument, static=lambda x: None)
            for argument in given
        ]
        return filled[0] if isinstance(argnums, _WHOLE) else tuple(filled)

    recorded = outside and depends_on_others(tensors_in(result), variables)
    return Trace(leaves, result, recorded, given_tensors, fill)


_inside = ContextVar("autograd_lite.inside_transform", default=False)

is_inside = _inside.get
"""Return True while a transform is calling its function. Inner transforms then return tensors."""


def call(
    f: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], *, inside: bool = True
) -> Any:
    """Call a function and record it; ``inside`` says whether it counts as inside a transform."""
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
            raise IndexingError(
                f"{what}: argnums={argnums!r} must be an integer or a sequence of integers"
            )
        if not -count <= position < count:
            raise IndexingError(
                f"{what} with respect to argument {position}, where {count} are given by position; "
                "arguments that are given by keyword aren't differentiated"
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
            "of its tensors requires a gradient (in a gradient, and in results that are computed "
            "under no_grad(), none does)"
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
    """Return True if the outputs depend on a differentiable tensor other than the variables."""
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
    """Make variables constants, because the transform that created them is done.

    Variables that are recorded as computed from an outer tensor stay as they are.
    """
    for x in variables:
        if x.op is None:
            x.tracked = False


@contextmanager
def revived(tensors: Iterable[Tensor]) -> Iterator[None]:
    """Make retired variables vary again in a ``with`` block, to call a function with them again."""
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
    """Pull the cotangents of several outputs back to ``variables``; the graph is kept.

    Parameters
    ----------
    what : str
        The name of the transform, for error messages.
    outputs : sequence of Tensor
        Where to start.
    cotangents : sequence
        One for each output, of its shape and dtype, conjugated as users see gradients: tensors or
        arrays if ``recorded``, otherwise arrays or Batched arrays.
    variables : sequence of Tensor
        Where to stop.
    recorded : bool
        Record the pass, so that it can be differentiated.

    Returns
    -------
    list
        A cotangent for each variable: a tensor if ``recorded``, otherwise an array; None for a
        variable that isn't reached.

    Raises
    ------
    UnsupportedError
        If the pass is recorded and goes through an op that is ``first_order_only``.
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
            check_differentiable(recorded_below(starts), f"{what}: ")
        go = backpropagate_recorded if recorded else backpropagate
        found = go(starts, wanted, retain_graph=True)
        results = [conjugated(found[x]) if x in found else None for x in variables]
    if watch is not None:
        watch.ended(found)
    return results
