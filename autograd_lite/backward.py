"""Reverse mode: visit the graph in descending creation index, call rules, add up cotangents."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from autograd_lite.broadcasting import unbroadcast
from autograd_lite.errors import GraphError, UnsupportedError
from autograd_lite.graph import Node
from autograd_lite.modes import current_mode
from autograd_lite.primitive import Primitive

_by_index = attrgetter("index")


@np.errstate(all="ignore")  # as quiet where a derivative is infinite as where it is finite
def backpropagate(
    root: Node,
    cotangent: Any,
    wanted: Mapping[Any, None] | None = None,
    *,
    retain_graph: bool = False,
    create_graph: bool = False,
) -> dict[Node, Any]:
    """Return the cotangents of the leaves under ``root``, or of the ``wanted`` nodes.

    Parameters
    ----------
    root : Node
        Where to start.
    cotangent : array (Tensor when ``create_graph``), shape and dtype of ``root``
        The cotangent of ``root``.
    wanted : dict with Nodes as keys, optional
        An ordered set. Only rules on a path to one of these are called.
    retain_graph : bool
        Keep the graph for another pass; else it is released on the way.
    create_graph : bool
        Give the rules tensors, so that the cotangents can be differentiated in turn.

    Returns
    -------
    dict
        Without the nodes that no cotangent reaches.

    Raises
    ------
    GraphError
        If a part of the graph was released already; nothing is changed then. Or if a rule
        returns what doesn't fit its input.
    UnsupportedError
        If ``create_graph`` meets an op that has no second derivative; nothing is changed then.
    """
    order = recorded_below(root, create_graph)
    watch = current_mode().watch
    needed = None if wanted is None else _leading_to(wanted, order)
    cotangents = {root: cotangent}
    owned: set[Node] = set()  # the nodes whose cotangent is a sum allocated here
    while order:
        node = order.pop()
        keep = wanted is not None and node in wanted
        g = cotangents.get(node) if keep else cotangents.pop(node, None)
        if g is None:
            continue
        op: Any = node.op
        inputs: Any = node.inputs
        if needed is not None and needed.isdisjoint(inputs):
            continue
        values: Any = node.values
        if not retain_graph:
            node.inputs = node.values = None
        y = node if create_graph else node.value
        arguments = _recorded(op, inputs, values) if create_graph else values
        for position, parent in enumerate(inputs):
            if parent is None or (needed is not None and parent not in needed):
                continue
            rule = op.rules[position]
            if rule is None:
                continue
            c = rule(g, y, *arguments, **node.params)
            if watch is not None:
                watch.passed_back(node, position, g, c)
            value = parent.value
            # dtypes are compared by identity: a false alarm only costs the explanation
            if getattr(c, "shape", None) != value.shape or c.dtype is not value.dtype:
                c = _conform(c, value, g, op, position)
            previous = cotangents.get(parent)
            if previous is None:
                cotangents[parent] = c
            elif parent in owned and not create_graph:
                previous += c
                cotangents[parent] = previous
            else:
                cotangents[parent] = previous + c
                owned.add(parent)
    if wanted is None:
        return cotangents
    return {node: cotangents[node] for node in wanted if node in cotangents}


def recorded_below(root: Node, create_graph: bool) -> list[Node]:
    """Return the recorded nodes under ``root`` in ascending index: inputs before outputs."""
    order = []
    seen = {root}
    stack = [] if root.op is None else [root]
    while stack:
        node = stack.pop()
        op: Any = node.op
        inputs = node.inputs
        if inputs is None:
            raise GraphError(
                f"the graph below this {op.name} was released by an earlier backward pass; "
                "pass retain_graph=True to the earlier pass to go through it again"
            )
        if create_graph and op.first_order_only:
            raise UnsupportedError(
                f"{op.name} has no second derivative here: its rules can't be differentiated; "
                "call without create_graph=True"
            )
        order.append(node)
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


def _recorded(op: Primitive, inputs: Sequence[Node | None], values: Sequence[Any]) -> list[Any]:
    """Return the op's inputs as the tensors they were, constants as the values they were."""
    arguments = []
    for parent, value in zip(inputs, values, strict=True):
        if parent is not None and parent.value is not value:
            raise GraphError(
                f"the data of an input of {op.name} was replaced after {op.name} was recorded; "
                "differentiate before replacing it"
            )
        arguments.append(value if parent is None else parent)
    return arguments


def _conform(c: Any, value: Any, g: Any, op: Primitive, position: int) -> Any:
    """Give a rule's result the shape and dtype of its input, or say what is wrong with it."""
    rule = f"the rule of {op.name} for input {position}"
    if not (hasattr(c, "shape") and hasattr(c, "dtype")):
        raise GraphError(f"{rule} returned {type(c).__name__} where an array is needed")
    if c.shape != value.shape:
        if not (op.elementwise and c.shape == g.shape):
            raise GraphError(
                f"{rule} returned shape {c.shape}; the input has shape {value.shape}, "
                f"and the cotangent {g.shape}"
            )
        c = unbroadcast(c, value.shape)
    if c.dtype != value.dtype:
        made_complex = c.dtype.kind == "c" and value.dtype.kind == "f"
        if c.dtype.kind not in "fc" or (made_complex and g.dtype.kind == "f"):
            raise GraphError(
                f"{rule} returned dtype {c.dtype}; the input has dtype {value.dtype}, and its "
                "gradient must be floating, and real where input and output are"
            )
        if made_complex:
            c = c.real  # only the real part of a real input can move
        c = c.astype(value.dtype)
    return c
