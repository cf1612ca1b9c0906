"""What rules are given: tensors to be differentiated in turn, stand-ins for what is overwritten."""

from collections.abc import Sequence
from typing import Any

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
