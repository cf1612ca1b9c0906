"""Settled zeros: the places where a result is 0 for all variables, as far as its graph tells.

A 0 is settled if a factor of it is a 0 that no variable can change: one in a mask, in a constant,
or at a place that an index left out. Each family of ops declares how zeros pass through its ops.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd_lite.graph import Node
from autograd_lite.primitive import Primitive
from autograd_lite.writes import Overwritten

Way = Callable[[Node, Mapping[Node, Any]], Any]
"""``(node, known) -> zeros of the node``, given the zeros of the nodes before it."""

_WAYS: dict[Primitive, Way] = {}

_EXACT: set[Primitive] = set()


def settled_zeros(tensor: Node) -> Any:
    """Return where a tensor is 0 for all variables: an array of truth values."""
    known: dict[Node, Any] = {}
    stack = [tensor]
    while stack:
        node = stack[-1]
        if node in known:
            stack.pop()
        elif not node.tracked:
            known[node] = _zeros(node.array)
        elif node.op not in _WAYS or node.inputs is None:
            known[node] = np.zeros(node.shape, bool)
        else:
            missing = [p for p in node.inputs if p is not None and p not in known]
            stack.extend(missing)
            if not missing:
                known[node] = _WAYS[node.op](node, known)
    return known[tensor]


def zeros_of(node: Node, known: Mapping[Node, Any], position: int) -> Any:
    """Return the settled zeros of one of the inputs of ``node``."""
    assert node.inputs is not None and node.values is not None
    parent = node.inputs[position]
    return _zeros(node.values[position]) if parent is None else known[parent]


def _zeros(value: Any) -> Any:
    return np.zeros(value.shape, bool) if type(value) is Overwritten else np.equal(value, 0)


# ------------------------------------------------------------------ how zeros pass through an op


def settled_as(op: Primitive) -> Callable[[Way], Way]:
    """Let the decorated function find the settled zeros of an op's results."""

    def register(way: Way) -> Way:
        _WAYS[op] = way
        return way

    return register


def settled_with_first(*ops: Primitive) -> None:
    """Declare that the results of these ops are settled where their first input is."""

    def way(node: Node, known: Mapping[Node, Any]) -> Any:
        return np.broadcast_to(zeros_of(node, known, 0), node.shape)

    _WAYS.update(dict.fromkeys(ops, way))


def settled_where_all_are(*ops: Primitive, like: Primitive | None = None) -> None:
    """Declare that a result of these ops is settled where all its summands are.

    The op itself, or one ``like`` it, finds out: it is given 0 for settled values and 1 for values
    that may vary, which therefore can't cancel.
    """

    def way(node: Node, known: Mapping[Node, Any]) -> Any:
        assert node.values is not None and node.op is not None
        may_vary = (np.logical_not(zeros_of(node, known, i)) for i in range(len(node.values)))
        forward = node.op.forward if like is None else like.forward
        return np.equal(forward(*(m.astype(np.float64) for m in may_vary), **node.params), 0)

    _WAYS.update(dict.fromkeys(ops, way))


def settled_where_chosen(op: Primitive) -> None:
    """Declare that this op, of a condition and two inputs, chooses among their zeros too."""

    @settled_as(op)
    def way(node: Node, known: Mapping[Node, Any]) -> Any:
        assert node.values is not None
        return op.forward(node.values[0], zeros_of(node, known, 1), zeros_of(node, known, 2))


def settled_by_columns(op: Primitive) -> None:
    """Declare that columns of a result are settled where columns of the second input are."""

    @settled_as(op)
    def way(node: Node, known: Mapping[Node, Any]) -> Any:
        columns = np.all(zeros_of(node, known, 1), axis=-2, keepdims=True)
        return np.broadcast_to(columns, node.shape)


# ------------------------------------------------------------------ ops that multiply nothing


def moves(*ops: Primitive) -> None:
    """Declare that these ops and their rules move and add up values, but multiply nothing."""
    settled_where_all_are(*ops)
    passing_on(*ops)


def passing_on(*ops: Primitive) -> None:
    """Declare that the rules of these ops never multiply 0 by infinity: their NaN is meant."""
    _EXACT.update(ops)


def multiplies_nothing(op: Primitive) -> bool:
    """Return True if a NaN that a rule of ``op`` returns can't come from 0 times infinity."""
    return op in _EXACT
