"""Reverse mode: visit the graph in descending creation index, call rules, add up cotangents."""

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any

import numpy as np

from autograd_lite.backward.absorbing import without_poison
from autograd_lite.backward.rule_calls import (
    RELEASED,
    as_it_was,
    conformed,
    given_to_rules,
    together,
    with_result_anew,
)
from autograd_lite.errors import GraphError, ShapeError, UnsupportedError
from autograd_lite.grads import retained
from autograd_lite.graph import Node
from autograd_lite.kinks import open_kinks, valued
from autograd_lite.modes import current_mode, enable_grad
from autograd_lite.operands import as_array
from autograd_lite.precision import widened
from autograd_lite.settled_zeros import multiplies_nothing
from autograd_lite.writes import (
    CHANGED_BEHIND,
    Overwritten,
    changed_behind,
    rewritten,
    written,
)

_by_index = attrgetter("index")


@np.errstate(all="ignore")  # as quiet where a derivative is infinite as where it is finite
def backpropagate(
    starts: Mapping[Any, Any],
    wanted: Mapping[Any, None] | None = None,
    *,
    retain_graph: bool = False,
    create_graph: bool = False,
) -> dict[Node, Any]:
    """Return the cotangents of the leaves under the roots, or of the ``wanted`` nodes.

    Parameters
    ----------
    starts : dict with Nodes as keys
        The roots, where to start, and the cotangent of each: an array (Tensor when
        ``create_graph``) of its shape and dtype.
    wanted : dict with Nodes as keys, optional
        An ordered set. Only rules on a path to one of these are called.
    retain_graph : bool
        Keep the graph for another pass; else it is released on the way.
    create_graph : bool
        Give the rules tensors, so that the cotangents can be differentiated in turn.

    Returns
    -------
    dict
        Without the nodes that no cotangent reaches; with those that retain their gradient.

    Raises
    ------
    GraphError
        If a part of the graph was released already; nothing is changed then. Or if a rule
        returns what doesn't fit its input.
    UnsupportedError
        If ``create_graph`` meets an op that has no second derivative; nothing is changed then.
    """
    order = recorded_below(starts, create_graph)
    watch = current_mode().watch
    careful = False  # may cotangents be 0 or infinite, so that 0 * inf must not be NaN?
    in_place = {*map(type, starts.values())} == {np.ndarray}
    needed = None if wanted is None else _leading_to(wanted, order)
    kept: Any = retained(order) if wanted is None else wanted
    cotangents = dict(starts)
    owned: set[Node] = set()  # the nodes whose cotangent is memory that no one else has
    while order:
        node = order.pop()
        g = cotangents.get(node) if kept and node in kept else cotangents.pop(node, None)
        inputs: Any = node.inputs
        if g is None or (needed is not None and needed.isdisjoint(inputs)):
            continue
        op: Any = node.op
        y: Any = node.array
        arguments: Any = node.values
        if create_graph or (written and node.index < written.latest):
            y, arguments = given_to_rules(node, create_graph)
        careful = careful or op.singular
        if not retain_graph:
            node.inputs = node.values = None
        rules, given = op.rules, arguments
        if op.joint:
            rules, given = together(op, inputs, needed, (g, y, *arguments), node.params), ()
        for position, parent in enumerate(inputs):
            if parent is None or (needed is not None and parent not in needed):
                continue
            rule = rules[position]
            if rule is None:
                continue
            previous: Any = cotangents.get(parent)
            if op.add_to is not None and parent in owned and in_place and previous.ndim:
                _add_to(previous, g, node, position, watch)
                continue
            call = rule if type(y) is not Overwritten else with_result_anew(op, rule)
            try:
                c = call(g, y, *given, **node.params)
            except Exception as error:
                error.add_note(f"in the rule of {op.name} for input {position}")
                raise
            if careful and not multiplies_nothing(op):
                c = without_poison(c, op, position, g, y, arguments, node.params)
            if watch is not None:
                watch.passed_back(node, position, g, c)
            value = parent.array
            # dtypes are compared by identity: a false alarm only costs the explanation
            if getattr(c, "shape", None) != value.shape or c.dtype is not value.dtype:
                c = conformed(c, value, g, op, position)
            if previous is None and op.add_to is None:
                cotangents[parent] = c
            elif previous is None:
                cotangents[parent] = widened(c)
                owned.add(parent)
            elif parent in owned and in_place:
                previous += c
                cotangents[parent] = previous
            else:
                cotangents[parent] = widened(previous) + c
                owned.add(parent)
    ends = cotangents if wanted is None else [node for node in wanted if node in cotangents]
    return {node: _narrowed(cotangents[node], node.array.dtype) for node in ends}


def _add_to(total: Any, g: Any, node: Any, position: int, watch: Any) -> None:
    """Add to the cotangent of an input what its rule would make of ``g``, in place."""
    if watch is not None:  # what is added up is g
        watch.passed_back(node, position, g, g)
    node.op.add_to(total, g, **node.params)


def _narrowed(c: Any, dtype: Any) -> Any:
    """Return a sum of cotangents in the dtype of its node: float16 is added up in float32."""
    # by identity, which is quicker: it is another one only where float16 was widened
    return c if c.dtype is dtype or c.dtype == dtype else c.astype(dtype)


def backpropagate_recorded(
    starts: Mapping[Any, Any], wanted: Mapping[Any, None] | None = None, *, retain_graph: bool
) -> dict[Node, Any]:
    """Return what :func:`backpropagate` does with ``create_graph``.

    Where a kink leaves open how its derivative varies, that is NaN on the way, so that what is
    multiplied by it becomes NaN in further derivatives; a plain pass gives the values.
    """
    # whoever looks for NaN would take those for the program's
    with open_kinks(as_nan=current_mode().watch is None) as kinks:
        found = backpropagate(starts, wanted, retain_graph=True, create_graph=True)
    if kinks:
        plain = {root: start.array for root, start in starts.items()}
        values = backpropagate(plain, wanted, retain_graph=True)
        found = {
            node: valued(c, value=values[node]) if node in values and c.tracked else c
            for node, c in found.items()
        }
    if not retain_graph:
        for node in recorded_below(starts, True):
            node.inputs = node.values = None
    return found


def recorded_below(roots: Iterable[Node], create_graph: bool) -> list[Node]:
    """Return the recorded nodes under the roots in ascending index: inputs before outputs."""
    order = []
    seen = set(roots)
    stack = [root for root in seen if root.op is not None]
    while stack:
        node = stack.pop()
        op: Any = node.op
        inputs = node.inputs
        if inputs is None:
            raise GraphError(RELEASED.format(op.name))
        if create_graph and op.first_order_only:
            raise UnsupportedError(
                f"{op.name} has no second derivative here: its rules can't be differentiated; "
                "call without create_graph=True, check_gradients with order=1"
            )
        order.append(node)
        if rewritten:
            inputs = node.inputs = [as_it_was(parent, node.index) for parent in inputs]
        for parent in inputs:
            if parent is not None and parent.op is not None and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    order.sort(key=_by_index)
    return order


def _leading_to(wanted: Iterable[Node], order: list[Node]) -> set[Node]:
    """Return the nodes from which a wanted one can be reached."""
    needed = set(wanted)
    for node in order:
        if any(parent in needed for parent in node.inputs or () if parent is not None):
            needed.add(node)
    return needed


def cotangents(
    output: Any,
    cotangent: Any,
    wanted: Mapping[Any, None] | None,
    retain_graph: bool | None,
    create_graph: bool,
) -> dict[Any, Any]:
    """Go backward from ``output``: what ``backward()`` and ``gradients()`` share.

    Returns
    -------
    dict
        From the leaves, or from the ``wanted``, to their gradients. Where they are constants, no
        two share memory, nor do they with what anyone else holds.
    """
    if not output.tracked:
        raise GraphError(
            "this tensor has no graph to go backward through: nothing that it was computed from "
            "requires a gradient, or it was computed under no_grad(), or it is the result of a "
            "function without a derivative, such as argmax, floor or a comparison"
        )
    if rewritten and changed_behind(output.array, output.index):
        raise GraphError(CHANGED_BEHIND)
    start = _start(output.array, cotangent)
    retain = create_graph if retain_graph is None else retain_graph
    watch = current_mode().watch
    if watch is not None:
        watch.began(output, start)
    if create_graph:
        start = start if isinstance(start, Node) else output.of(start)
        with enable_grad():
            found = backpropagate_recorded({output: start}, wanted, retain_graph=retain)
            found = {node: conjugated(g) for node, g in found.items()}
        start = start.array
    else:
        start = start.array if isinstance(start, Node) else start
        found = backpropagate({output: start}, wanted, retain_graph=retain)
        found = {node: conjugated(g) for node, g in found.items()}
    if watch is not None:
        watch.ended(found)
    taken = {id(start)}
    for node, g in found.items():
        if create_graph and g.tracked:
            continue
        array = g.array if create_graph else g
        shared = id(array) in taken or getattr(array, "base", None) is not None
        taken.add(id(array))
        # a scalar too becomes an array: gradients are what users clip and scale in place
        found[node] = output.of(np.array(array) if shared or not array.ndim else array)
    return found


def _start(value: Any, cotangent: Any) -> Any:
    """Return the cotangent that a backward pass from ``value`` starts with."""
    if cotangent is None:
        if value.size != 1:
            raise ShapeError(
                f"backward from a tensor of shape {value.shape} needs a cotangent of that shape; "
                "or reduce it to one value first, with sum() or mean()"
            )
        return np.array(1, value.dtype).reshape(value.shape)
    start: Any = cotangent if isinstance(cotangent, Node) else as_array(cotangent, value.dtype)
    if start.shape != value.shape:
        raise ShapeError(
            f"the cotangent has shape {start.shape}; it needs the tensor's, {value.shape}"
        )
    if start.dtype != value.dtype:
        if start.dtype.kind not in "fc":
            start = start.of(as_array(start.array, value.dtype))
        start = start.astype(value.dtype)
    return conjugated(start)


def conjugated(g: Any) -> Any:
    """Turn a gradient into what rules work on, or back; of real numbers they are the same.

    A complex gradient is the direction of steepest ascent. Rules transpose, without conjugates.
    """
    return np.conjugate(g) if g.dtype.kind == "c" else g
