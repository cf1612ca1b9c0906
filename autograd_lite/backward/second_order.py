"""Derivatives of derivatives: the rules are given tensors, so that what they do is recorded."""

from collections.abc import Iterable, Sequence
from typing import Any

from autograd_lite.errors import GraphError, UnsupportedError
from autograd_lite.graph import Node
from autograd_lite.writes import Overwritten


def check_differentiable(nodes: Iterable[Any], what: str = "") -> None:
    """Refuse ops whose rules can't be differentiated themselves; ``what`` begins the message.

    Raises
    ------
    UnsupportedError
        If one of the nodes is a result of such an op.
    """
    for node in nodes:
        if node.op.first_order_only:
            raise UnsupportedError(
                f"{what}{node.op.name} has no second derivative here: it is first_order_only, so "
                "its rules can't be differentiated; write them with NumPy functions alone. If you "
                "want only a first derivative, call without create_graph=True, transforms under "
                "no_grad() and check_gradients with order=1"
            )


def as_tensors(node: Any, y: Any, values: Sequence[Any]) -> tuple[Any, Sequence[Any]]:
    """Return the tensors that an op gave and was given; constants and stand-ins as they are.

    Raises
    ------
    GraphError
        If the data of an input was replaced since, so that the tensor holds other values.
    """
    inputs = [
        _as_tensor(node.op.name, parent, value)
        for parent, value in zip(node.inputs, values, strict=True)
    ]
    return y if type(y) is Overwritten else node, inputs


def _as_tensor(name: str, parent: Node | None, value: Any) -> Any:
    if parent is None or type(value) is Overwritten:
        return value
    if type(parent.array) is Overwritten:
        return Overwritten(value, name)
    if parent.array is value:
        return parent
    raise GraphError(
        f"the data of an input of {name} was replaced after {name} was recorded; "
        "differentiate before replacing it"
    )
