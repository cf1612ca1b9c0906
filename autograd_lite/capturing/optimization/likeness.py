"""Which values are made alike: by the same functions, from values that are made alike."""

from collections.abc import Hashable
from typing import final

from autograd_lite.capturing.program.calls import Call, Constant, Value

_DEPTH = 3
"""How many calls back values are compared."""


@final
class Likeness:
    """Gives values that are made alike the same token."""

    def __init__(self) -> None:
        self._tokens: dict[tuple[Value, int], int] = {}
        self._numbers: dict[Hashable, int] = {}

    def __call__(self, x: Value, depth: int = _DEPTH) -> int:
        """Return the token of a value."""
        known = self._tokens.get((x, depth))
        if known is None:
            known = self._numbers.setdefault(self._made(x, depth), len(self._numbers))
            self._tokens[x, depth] = known
        return known

    def _made(self, x: Value, depth: int) -> Hashable:
        call = x.source
        if type(call) is not Call:
            return type(call) is Constant, x.shape, x.dtype
        if not depth:
            return x.shape, x.dtype
        # of a part, it doesn't matter which one it is
        numbers = () if x.is_view else tuple(repr(y) for y in call.args if type(y) in (int, float))
        return call.function, numbers, *[self(y, depth - 1) for y in call.operands]
