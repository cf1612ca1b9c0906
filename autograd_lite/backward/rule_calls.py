"""What rules are given, and what becomes of what they return, beside the plain case.

Where something was assigned into, a rule is given a stand-in for what is gone; where derivatives of
derivatives are wanted, tensors. A rule for all inputs is called once.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from autograd_lite.broadcasting import unbroadcast
from autograd_lite.errors import GraphError
from autograd_lite.graph import Node
from autograd_lite.primitive import Primitive, Rule
from autograd_lite.writes import Overwritten, written_since

RELEASED = (
    "the graph below this {} was released by an earlier backward pass; "
    "pass retain_graph=True to the earlier pass to go through it again"
)


def as_it_was(parent: Node | None, then: int) -> Node | None:
    """Return what a node was before it was assigned into: the first input of the assignment."""
    while parent is not None and parent.op is not None and parent.index > then:
        if parent.inputs is None:
            raise GraphError(RELEASED.format(parent.op.name))
        parent = parent.inputs[0]
    return parent


def given_to_rules(node: Any, create_graph: bool) -> tuple[Any, Sequence[Any]]:
    """Return an op's result and inputs: tensors to differentiate, stand-ins for what is gone."""
    y, *values = (
        Overwritten(v, node.op.name)
        if type(v) is Overwritten or written_since(v, node.index)
        else v
        for v in (node.array, *node.values)
    )
    if not create_graph:
        return y, values
    return y if type(y) is Overwritten else node, _recorded(node.op, node.inputs, values)


def _recorded(op: Primitive, inputs: Sequence[Node | None], values: Sequence[Any]) -> list[Any]:
    """Return the op's inputs as the tensors they were, constants as the values they were."""
    arguments: list[Any] = []
    for parent, value in zip(inputs, values, strict=True):
        if parent is None or type(value) is Overwritten:
            arguments.append(value)
        elif type(parent.array) is Overwritten:
            arguments.append(Overwritten(value, op.name))
        elif parent.array is value:
            arguments.append(parent)
        else:
            raise GraphError(
                f"the data of an input of {op.name} was replaced after {op.name} was recorded; "
                "differentiate before replacing it"
            )
    return arguments


def with_result_anew(op: Primitive, rule: Rule) -> Rule:
    """Return the rule for a result that was assigned into: computed again if the rule needs it."""

    def call(g: Any, y: Any, *inputs: Any, **params: Any) -> Any:
        try:
            return rule(g, y, *inputs, **params)
        except GraphError:
            return rule(g, op(*inputs, **params), *inputs, **params)

    return call


def together(
    op: Any,
    inputs: Sequence[Node | None],
    needed: set[Node] | None,
    arguments: Sequence[Any],
    params: Mapping[str, Any],
) -> dict[int, Rule]:
    """Call the rule for all inputs of an op; return rules that give what it found for each."""
    asked = [
        position
        for position, parent in enumerate(inputs)
        if parent is not None and (needed is None or parent in needed)
    ]
    rule: Rule = partial(op.rules.together, asked)
    if type(arguments[1]) is Overwritten:
        rule = with_result_anew(op, rule)
    try:
        found = rule(*arguments, **params)
    except Exception as error:
        error.add_note(f"in the rule of {op.name} for all its inputs")
        raise
    return {position: partial(_handed_out, c) for position, c in found.items()}


def _handed_out(c: Any, *_: Any, **__: Any) -> Any:
    return c


def conformed(c: Any, value: Any, g: Any, op: Primitive, position: int) -> Any:
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
