"""Reverse mode, the algorithm: from the results back to the leaves, each node once.

A node holds the result of an op. Its *cotangent* is the derivative of the final result with respect
to it. The pass visits the nodes below the final result, the last one first. What used a node was
visited before it, so its cotangent is complete. The op has a rule for each input, which turns the
cotangent of the result into a part of the cotangent of that input. The parts are added up:

    for node in reversed(order):
        for position, parent in enumerate(node.inputs):
            rule = node.op.rules[position]
            cotangents[parent] += rule(cotangents[node], node.array, *node.values)

The loop below consists of these lines and of cares. A comment names the file of each care:

==================== ========================================================================
assigned             values that were overwritten since, by ``x[i] = v``
second_order         derivatives of derivatives: rules are given tensors
joint_rules          one rule for all inputs of an op
zero_times_infinity  0 * inf is 0 where a derivative is a choice, and not NaN
conforming           broadcasting is undone; a wrong rule is named
adding_up            sums in place; float16 is added up in float32
==================== ========================================================================

What users and transforms ask for, such as ``backward()``, is in ``entry``.
"""

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any

import numpy as np

from autograd_lite.backward.adding_up import can_add_in_place, narrowed, summed
from autograd_lite.backward.assigned import as_it_was, with_stand_ins
from autograd_lite.backward.conforming import conformed
from autograd_lite.backward.joint_rules import together
from autograd_lite.backward.second_order import as_tensors, check_differentiable
from autograd_lite.backward.zero_times_infinity import without_nan
from autograd_lite.errors import GraphError
from autograd_lite.grads import retained
from autograd_lite.graph import RELEASED, Node
from autograd_lite.modes import current_mode
from autograd_lite.writes import Overwritten, rewritten, written

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
    order = recorded_below(starts)
    if create_graph:
        check_differentiable(order)
    needed = None if wanted is None else _leading_to(wanted, order)
    kept: Any = retained(order) if wanted is None else wanted
    watch = current_mode().watch
    singular = False  # have we passed an op whose derivative may be 0 or infinite?
    cotangents = dict(starts)
    in_place = can_add_in_place(starts)
    owned: set[Node] = set()  # the nodes whose cotangent is a sum, and its memory ours
    while order:
        node: Any = order.pop()
        g = cotangents.get(node) if kept and node in kept else cotangents.pop(node, None)
        inputs = node.inputs
        if g is None or (needed is not None and needed.isdisjoint(inputs)):
            continue  # no path from the roots, or none to what is wanted
        op, y, values, params = node.op, node.array, node.values, node.params
        rules = op.rules
        if type(y) is Overwritten or (written and node.index < written.latest):  # assigned
            y, values, rules = with_stand_ins(node)
        if create_graph:  # second_order
            y, values = as_tensors(node, y, values)
        at_once = together(rules, node, needed, g, y, values) if op.joint else None  # joint_rules
        singular = singular or op.singular
        if not retain_graph:
            node.inputs = node.values = None  # frees memory on the way
        for position, parent in enumerate(inputs):
            if parent is None or (needed is not None and parent not in needed):
                continue  # a constant, or not wanted
            if (rule := rules[position]) is None:
                continue  # not differentiable
            # adding_up; a sum without axes may be a scalar, which nothing can be written into
            if op.add_to is not None and in_place and parent in owned and cotangents[parent].ndim:
                if watch is not None:
                    watch.passed_back(node, position, g, g)
                op.add_to(cotangents[parent], g, **params)
                continue
            try:
                c = rule(g, y, *values, **params) if at_once is None else at_once[position]
            except Exception as error:
                error.add_note(f"in the rule of {op.name} for input {position}")
                raise
            if singular:  # zero_times_infinity
                c = without_nan(c, op, position, g, y, values, params)
            if watch is not None:  # trace_nans
                watch.passed_back(node, position, g, c)
            x = parent.array
            if getattr(c, "shape", None) != x.shape or c.dtype is not x.dtype:  # conforming
                c = conformed(c, x, g, op, position)
            if parent not in cotangents and op.add_to is None:
                cotangents[parent] = c
            elif in_place and parent in owned:  # adding_up
                cotangents[parent] += c
            else:
                cotangents[parent] = summed(cotangents.get(parent), c)
                owned.add(parent)
    ends = cotangents if wanted is None else [node for node in wanted if node in cotangents]
    return {node: narrowed(cotangents[node], node.array.dtype) for node in ends}


def recorded_below(roots: Iterable[Node]) -> list[Node]:
    """Return the recorded nodes under the roots, inputs before outputs.

    A node is created after its inputs, so the creation index is a topological order: all that the
    search has to do is to find them. There is no recursion, so a graph may be of any depth.

    Raises
    ------
    GraphError
        If a part of the graph was released by an earlier pass.
    """
    order = []
    seen = set(roots)
    stack = [root for root in seen if root.op is not None]
    while stack:
        node: Any = stack.pop()
        if node.inputs is None:
            raise GraphError(RELEASED.format(node.op.name))
        order.append(node)
        if rewritten:
            node.inputs = [as_it_was(parent, node.index) for parent in node.inputs]
        for parent in node.inputs:
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
