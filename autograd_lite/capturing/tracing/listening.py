"""Which functions run while a function is traced, as ``sys.setprofile`` tells."""

import sys
from collections.abc import Callable
from functools import partial, wraps
from types import CodeType, FrameType, ModuleType
from typing import Any, TypeVar, final

from autograd_lite.capturing.program.calls import PREDICATES

F = TypeVar("F", bound=Callable[..., Any])

_ACTING = frozenset({"print", "open", "input", "write", "writelines", "warn", "urandom"})
_ACTING_MODULES = frozenset({"time", "_io", "posix", "nt", "_socket", "_random"})
_ASKING = frozenset({"__float__", "asked"})
"""The functions by which a C function asks a value for a number."""
_PREDICATES = frozenset(PREDICATES.values())
_IMPORTING = "_find_and_load"


def unheard(function: F) -> F:
    """Decorate a part of tracing itself: what it calls is of no interest.

    If it returns a ``partial``, that is called in its place, and heard: somebody else's operator.
    """

    @wraps(function)
    def method(*args: Any, **kwargs: Any) -> Any:
        listening = sys.getprofile()
        sys.setprofile(None)
        try:
            found = function(*args, **kwargs)
        finally:
            sys.setprofile(listening)
        return found() if type(found) is partial else found

    return method  # type: ignore[return-value]


@final
class Listening:
    """What was heard.

    Attributes
    ----------
    codes : dict
        The Python functions that ran: their code, and the module that they are in.
    calling : callable or None
        The C function that runs now, if it is one that asks a value for a number to answer a
        question about it, such as ``math.isnan``.
    """

    __slots__ = ("_harmless", "_importing", "_met", "_rare", "_trace", "calling", "codes")

    def __init__(self, trace: Any) -> None:
        self.codes: dict[CodeType, str] = {}
        self.calling: Any = None
        self._trace = trace
        self._harmless: set[Any] = set()
        self._met: dict[int, CodeType] = {}  # by id, for it takes long to hash code
        self._importing = 0
        self._rare = False  # while something is imported, or ``calling`` is set

    def hear(self, frame: FrameType, event: str, arg: Any) -> None:
        """Take note of an event; to be given to ``sys.setprofile``.

        There are many events, so what is frequent comes first.
        """
        if self._rare:
            self._hear_rarely(frame, event, arg)
        elif event == "c_call":
            if arg not in self._harmless:
                self._look_at(arg)
        elif event == "call" and id(frame.f_code) not in self._met:
            self._meet(frame)

    def _hear_rarely(self, frame: FrameType, event: str, arg: Any) -> None:
        if self._importing:  # what an import does, it does once
            if frame.f_code.co_name == _IMPORTING and event in ("call", "return"):
                self._importing += 1 if event == "call" else -1
                self._rare = self._importing > 0
        elif event != "return" and not (event == "call" and frame.f_code.co_name in _ASKING):
            self.calling, self._rare = None, False
            self.hear(frame, event, arg)

    def _meet(self, frame: FrameType) -> None:
        """Take note of a Python function that is called for the first time."""
        code = frame.f_code
        if code.co_name == _IMPORTING:
            self._importing, self._rare = 1, True
            return
        self._met[id(code)] = code
        self.codes[code] = frame.f_globals.get("__name__") or ""

    def _look_at(self, function: Any) -> None:
        """Look at a C function, and remember it if it may be called at any time."""
        owner = getattr(function, "__self__", None)
        by_module = owner is None or isinstance(owner, ModuleType)
        key = function if by_module else (type(owner), function.__name__)
        if key in self._harmless:
            return
        if function in _PREDICATES:
            self.calling, self._rare = function, True
            return
        name = getattr(function, "__name__", "")
        module = getattr(owner, "__name__", None) if by_module else None
        if name in _ACTING or module in _ACTING_MODULES:
            self._trace.fail(
                f"calls {name}(), which would have to be called each time; call it outside"
            )
        else:
            self._harmless.add(key)
