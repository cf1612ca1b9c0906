"""Adding up: a tensor that is used several times has the sum of what each use gives.

The first cotangent that reaches a node is kept by reference, since most nodes are used once. The
second one makes a sum, in memory of our own, and later ones are added to that in place.
"""

from typing import Any

import numpy as np

from autograd_lite.precision import widened


class Sums:
    """The cotangents of a backward pass that are sums, and whose memory they are.

    Parameters
    ----------
    cotangents : dict with Nodes as keys
        The cotangents that have reached nodes; at first those of the roots. They are arrays, or
        tensors, or batches of cotangents.
    """

    __slots__ = ("_cotangents", "_in_place", "_owned")

    def __init__(self, cotangents: dict[Any, Any]) -> None:
        self._cotangents = cotangents
        self._in_place = {*map(type, cotangents.values())} == {np.ndarray}
        self._owned: set[Any] = set()  # the nodes whose cotangent is memory that no one else has

    def add(self, node: Any, c: Any, *, fresh: bool = False) -> None:
        """Add ``c`` to the cotangent of ``node``; ``fresh`` if no one else has its memory."""
        cotangents = self._cotangents
        if node in self._owned and self._in_place:
            cotangents[node] += c
            return
        previous = cotangents.get(node)
        if previous is not None:
            cotangents[node] = widened(previous) + c
        elif fresh:
            cotangents[node] = widened(c)
        else:
            cotangents[node] = c
            return
        self._owned.add(node)

    def owns(self, node: Any) -> bool:
        """Return True if an op may add to the cotangent of ``node`` in place."""
        return self._in_place and node in self._owned and bool(self._cotangents[node].ndim)


def narrowed(c: Any, dtype: Any) -> Any:
    """Return a sum of cotangents in the dtype of its node: float16 is added up in float32."""
    # by identity, which is quicker: it is another one only where float16 was widened
    return c if c.dtype is dtype or c.dtype == dtype else c.astype(dtype)
