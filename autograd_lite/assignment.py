"""Assignment, ``x[index] = value``: in place, as in NumPy, and recorded."""

from typing import Any

import numpy as np

from autograd_lite.errors import DTypeError, GraphError, ShapeError
from autograd_lite.grads import retain_later
from autograd_lite.graph import Node, next_index
from autograd_lite.modes import current_mode
from autograd_lite.operands import FORWARD_ERRORS, constant, explain
from autograd_lite.ops.selecting import indexing
from autograd_lite.primitive import Primitive
from autograd_lite.writes import (
    CHANGED_BEHIND,
    Overwritten,
    changed_behind,
    same_memory,
    shared,
    stamp,
    was_written,
)

LEAF_ASSIGNED = (
    "{} on a leaf that requires a gradient, or a view of one, can't be recorded; work on a copy "
    "(x = x.copy()), or give the result a new name; update parameters under no_grad(), as in "
    "with no_grad(): x -= step"
)

READ_ONLY = (
    "{}: the memory must be writeable, but this tensor of shape {} is read-only, as results of "
    "broadcast_to are; work on a copy (x = x.copy()), or give the result a new name"
)


def check_up_to_date(name: str, x: Node) -> None:
    """Check that the history of ``x`` still explains its values.

    Raises
    ------
    GraphError
        If a recorded write changed ``x`` through another tensor since.
    """
    if changed_behind(x.array, x.index):
        raise GraphError(f"{name}: {CHANGED_BEHIND}")


def assign(x: Node, index: Any, value: Any) -> None:
    """Write ``x[index] = value`` into the memory of ``x``, and record it.

    ``x`` becomes the result of the assignment op. Its earlier version lives on as the op's first
    input, but without its values: they are overwritten, and a rule that needs them raises an error.

    Parameters
    ----------
    x : Node
        Of any shape and dtype; floating or complex, if the assignment is recorded.
    index : index
        As NumPy takes it.
    value : Node or array_like
        Must broadcast to the shape of ``x[index]``. It is converted to the dtype of ``x``.

    Raises
    ------
    DTypeError
        If the dtype of ``x`` can't hold the values, or can't have a gradient.
    GraphError
        If the assignment is recorded and ``x`` is, or is a view of, a leaf that requires a
        gradient; or if ``x`` or ``value`` was changed through another tensor by a recorded write.
    IndexingError
        If the index is out of bounds.
    ShapeError
        If the value doesn't broadcast, or the memory is read-only.
    """
    mode = current_mode()
    tracked = isinstance(value, Node) and value.tracked
    recording = mode.recording and (x.tracked or tracked)
    v = value.array if isinstance(value, Node) else constant(value)
    op = indexing.overwrite if index is Ellipsis else indexing.assign
    _check_dtypes(x, v, recording)
    if recording and _is_or_views_leaf(x):
        raise GraphError(LEAF_ASSIGNED.format(op.name))
    outdated = changed_behind(x.array, x.index)
    if outdated and changed_behind(x.array, x.index, index):
        raise GraphError(f"{op.name}: {CHANGED_BEHIND}")
    if isinstance(value, Node):
        check_up_to_date(op.name, value)
    now = next_index()
    scalar = isinstance(x.array, np.generic)
    if scalar:  # ops that used the scalar keep it unchanged
        before, x.array = x.array, np.copy(x.array)
    else:
        before = Overwritten(x.array)
    try:
        # x[0] += 1 ends with assigning a view of x to its own place, where the values are already.
        # A constant that is written through an outdated view changes recorded memory, too.
        into_recorded = recording or (outdated and mode.recording)
        written_already = was_written(x.array) and same_memory(x.array[index], v)
        if not (into_recorded and written_already):
            x.array[index] = v
            if into_recorded or x.tracked or shared(x):
                stamp(x.array, index, now, into_recorded)
    except FORWARD_ERRORS as error:
        flags = getattr(x.array, "flags", None)
        if scalar:
            x.array = before
        elif flags is not None and not flags.writeable:
            raise ShapeError(READ_ONLY.format(op.name, x.shape)) from error
        params = {"index": index}
        raise explain(op.name, op.requirement, (x.array, v), params, error) from error
    if recording:
        _become(x, before, op, v, value if tracked else None, index=index, now=now)
    if mode.watch is not None:
        mode.watch.computed(op.name, x, (v,))


def assign_all(name: str, x: Node, out: Any) -> None:
    """Assign the result of an op to all of ``x``, as the op in place does.

    Raises
    ------
    DTypeError
        If the dtype of ``x`` can't hold the result.
    ShapeError
        If the result doesn't have the shape of ``x``.
    """
    advice = "give the result a new name: x = x + y instead of x += y"
    if not np.can_cast(out.dtype, x.dtype, "same_kind"):
        raise DTypeError(f"{name} in place would turn {out.dtype} into {x.dtype}; {advice}")
    if out.shape != x.shape:
        raise ShapeError(
            f"{name} in place gives shape {out.shape}, but the tensor has shape {x.shape}; {advice}"
        )
    assign(x, ..., out)


def _become(
    x: Node, was: Any, op: Primitive, v: Any, source: Node | None, *, index: Any, now: int
) -> None:
    """Make ``x`` the result of an assignment of ``v``; ``was`` stands for its values before.

    Each version of ``x`` is a node of its own. Ops that are recorded from now on refer to that
    node, not to ``x``. So the assigned value may depend on ``x`` without a reference cycle.
    """
    before = retained = version(x)
    source = None if source is None else version(source)
    if before is x:
        before = _copy(x, was)
        if source is x:  # x[::-1] = x
            source = before
        elif source is not None:
            _replace(x, before, source)
    before.array = was
    new = type(x).of(x.array)
    new.op, new.tracked, new.index = op, True, now
    new.inputs = (before if x.tracked else None, source)
    new.values = (was, v)
    new.params = {"index": index}
    x.op, x.tracked, x.index = indexing.latest, True, next_index()
    x.inputs, x.values, x.params = (new,), (x.array,), {}
    retain_later(retained, new)


def version(x: Node) -> Any:
    """Return the node that stands in the graph for the present version of ``x``."""
    return x.inputs[0] if x.op is indexing.latest and x.inputs else x


def _copy(x: Node, value: Any) -> Node:
    copy = type(x).of(value)
    copy.op, copy.index, copy.tracked = x.op, x.index, x.tracked
    if x.op is not None:
        copy.inputs, copy.values, copy.params = x.inputs, x.values, x.params
    return copy


def _replace(x: Node, before: Node, source: Node) -> None:
    """Replace ``x`` by ``before`` in the graph of ``source``."""
    stack, seen = [source], {source}
    while stack:
        node = stack.pop()
        if node.op is None or node.index < x.index or not node.inputs:
            continue  # older than x, so it can't depend on it
        node.inputs = [before if parent is x else parent for parent in node.inputs]
        for parent in node.inputs:
            if parent is not None and parent not in seen:
                seen.add(parent)
                stack.append(parent)


def _check_dtypes(x: Node, v: Any, recording: bool) -> None:
    dtype = getattr(v, "dtype", None) or np.dtype(type(v))
    lossy = dtype.kind == "c" and x.dtype.kind != "c"
    if lossy or (recording and x.dtype.kind not in "fc"):
        raise DTypeError(
            f"values of {dtype} can't be assigned into a tensor of {x.dtype}; "
            "convert one of them with astype()"
        )


def _is_or_views_leaf(x: Node) -> bool:
    """Return True if ``x`` is, or shares its memory with, a leaf that requires a gradient."""
    while x.op is not None and x.inputs and x.inputs[0] is not None:
        source = x.inputs[0]
        if type(source.array) is Overwritten or not np.may_share_memory(source.array, x.array):
            return False
        x = source
    return x.tracked and x.op is None
