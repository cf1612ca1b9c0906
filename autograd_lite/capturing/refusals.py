"""Why a function isn't captured, and when it is tried again."""

from typing import Any, final

from autograd_lite.capturing.observing.arguments import Arguments

_FIRST_WAIT = 20
"""How many calls run as they are before a function that couldn't be captured is tried again."""


@final
class Refusal:
    """That a function wasn't captured; it is tried again after more and more calls."""

    def __init__(self, always: str = "") -> None:
        self.reason = always
        self._always = bool(always)
        self.left = self._wait = _FIRST_WAIT

    def renew(self, reason: str) -> None:
        """Note that it couldn't be captured, this time for this reason."""
        self.reason = reason
        self.left = self._wait
        self._wait *= 10

    def holds(self) -> bool:
        """Return True if the function isn't to be tried in this call."""
        self.left -= 1
        return self._always or self.left >= 0


def sharing(trace: Any) -> str | None:
    """Return a reason if inputs share memory that is written."""
    if any(value.is_view and value.root in trace.before for value in trace.inputs):
        return "writes into an array that shares memory with another one that it is given, or finds"
    return None


def foreign(arguments: Arguments) -> str | None:
    """Return why these arguments can't be traced, if they can't."""
    for place in arguments.places:
        x = place.value
        op = getattr(x, "op", None)
        if op is not None and getattr(x, "tracked", False):
            return "is given a recorded result, whose graph is outside of the function"
    return None
