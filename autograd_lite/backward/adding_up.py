"""Adding up: a tensor that is used several times has the sum of what each use gives.

The first cotangent that reaches a node is kept by reference, since most nodes are used once. The
second one makes a sum, in memory of our own, and later ones are added to that in place.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from autograd_lite.precision import widened


class Cotangents(dict[Any, Any]):
    """The cotangents of the nodes that a backward pass has reached, by node.

    Parameters
    ----------
    starts : dict with Nodes as keys
        The roots and their cotangents: arrays, or tensors, or batches of cotangents.
    """

    __slots__ = ("_in_place", "_owned")

    def __init__(self, starts: Mapping[Any, Any]) -> None:
        super().__init__(starts)
        self._in_place = {*map(type, starts.values())} == {np.ndarray}
        self._owned: set[Any] = set()  # the nodes whose cotangent is memory that no one else has

    def add(self, node: Any, c: Any, *, fresh: bool = False) -> None:
        """Add ``c`` to the cotangent of ``node``; ``fresh`` if no one else has its memory."""
        previous = self.get(node)
        if previous is None:
            self[node] = widened(c) if fresh else c
        elif node in self._owned and self._in_place:
            previous += c
            self[node] = previous
            return
        else:
            self[node] = widened(previous) + c
            fresh = True
        if fresh:
            self._owned.add(node)

    def owns(self, node: Any) -> bool:
        """Return True if an op may add to the cotangent of ``node`` in place."""
        return self._in_place and node in self._owned and bool(self[node].ndim)

    def of(self, nodes: Iterable[Any] | None) -> dict[Any, Any]:
        """Return the cotangents of these nodes, where there are some, or of all that are left."""
        ends = self if nodes is None else [node for node in nodes if node in self]
        return {node: _narrowed(self[node], node.array.dtype) for node in ends}


def _narrowed(c: Any, dtype: Any) -> Any:
    """Return a sum of cotangents in the dtype of its node: float16 is added up in float32."""
    # by identity, which is quicker: it is another one only where float16 was widened
    return c if c.dtype is dtype or c.dtype == dtype else c.astype(dtype)
