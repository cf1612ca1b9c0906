"""What users and transforms ask of the backward pass: ``backward()``, ``gradients()`` and the like.

What comes in and what goes out is put right here: a cotangent to start with, complex conjugates,
memory that is no one else's, and kinks where derivatives of derivatives are wanted.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_lite.backward.algorithm import backpropagate, recorded_below
from autograd_lite.errors import GraphError, ShapeError
from autograd_lite.graph import Node
from autograd_lite.kinks import open_kinks, valued
from autograd_lite.modes import current_mode, enable_grad
from autograd_lite.operands import as_array
from autograd_lite.writes import CHANGED_BEHIND, changed_behind, rewritten


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
    else:
        start = start.array if isinstance(start, Node) else start
        found = backpropagate({output: start}, wanted, retain_graph=retain)
    if watch is not None:
        watch.ended(found)
    taken = {id(getattr(start, "array", start))}
    for node, g in found.items():
        array = g
        if create_graph:
            if g.tracked:
                continue
            array = g.array
        elif g.dtype.kind == "c":
            array = conjugated(g)
        shared = id(array) in taken or getattr(array, "base", None) is not None
        taken.add(id(array))
        # a scalar too becomes an array: gradients are what users clip and scale in place
        found[node] = output.of(np.copy(array, "K") if shared or not array.ndim else array)
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
        for node in recorded_below(starts):
            node.inputs = node.values = None
    return found
