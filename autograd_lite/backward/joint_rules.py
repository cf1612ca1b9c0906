"""Ops with one rule for all of their inputs (``AllInputs``): it is called once, not per input."""

from collections.abc import Mapping, Sequence
from typing import Any

from autograd_lite.graph import Node


def together(
    rules: Any,
    node: Any,
    needed: set[Node] | None,
    g: Any,
    y: Any,
    values: Sequence[Any],
) -> Mapping[int, Any]:
    """Return the cotangents of an op's inputs by position, of those that anybody waits for."""
    asked = [
        position
        for position, parent in enumerate(node.inputs)
        if parent is not None and (needed is None or parent in needed)
    ]
    try:
        found: Mapping[int, Any] = rules.together(asked, g, y, *values, **node.params)
    except Exception as error:
        error.add_note(f"in the rule of {node.op.name} for all its inputs")
        raise
    return found
