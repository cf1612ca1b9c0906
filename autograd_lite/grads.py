"""Adding gradients to ``grad`` at the end of a backward pass, safely from several threads."""

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn
from weakref import finalize, ref

from autograd_lite.errors import GraphError
from autograd_lite.graph import Node
from autograd_lite.locks import lock_for_threads


class Withheld:
    """Stands in the place of a gradient that wasn't formed; to ask for it is an error.

    Parameters
    ----------
    reason : str
        Why it wasn't, and what to do.
    """

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def refuse(self, *_: Any) -> NoReturn:
        """Raise the error for whoever asks for the gradient."""
        raise GraphError(self.reason)

    __add__ = refuse


_retaining: dict[int, "ref[Any]"] = {}
"""The results of ops that get a ``grad``, as leaves do, by the id of their node in the graph."""

_adding_up = lock_for_threads()


def retain(node: Node, x: Node) -> None:
    """Have every backward pass through ``node`` add its gradient to ``x.grad``."""
    if id(node) not in _retaining:
        finalize(node, _retaining.pop, id(node), None).atexit = False
    _retaining[id(node)] = ref(x)


def retain_later(before: Node, after: Node) -> None:
    """If the gradient of one version of a tensor is retained, retain that of the next instead."""
    x = _retaining.pop(id(before), None) if _retaining else None
    x = None if x is None else x()
    if x is not None:
        retain(after, x)


def is_retained(node: Node) -> bool:
    """Return True if somebody wants to keep the gradient of this node of the graph."""
    return id(node) in _retaining


def retained(nodes: Iterable[Node]) -> dict[Node, None]:
    """Return the nodes whose gradients are retained."""
    return {x: None for x in nodes if id(x) in _retaining} if _retaining else {}


def add_to_grads(gradients: Mapping[Any, Any]) -> None:
    """Add gradients to the ``grad`` of tensors, which threads may share."""
    with _adding_up:
        for node, g in gradients.items():
            x = _retaining[id(node)]() if id(node) in _retaining else node
            if x is not None:
                x._grad = g if x._grad is None else x._grad + g
                if x is not node and x.inputs is None:  # released, and its node goes with it
                    retain(x, x)
