"""Which functions run while a function is traced, as ``sys.setprofile`` tells."""

from types import CodeType, FrameType, ModuleType
from typing import Any, final

_ACTING = frozenset({"print", "open", "input", "write", "writelines", "warn", "urandom"})
_ACTING_MODULES = frozenset({"time", "_io", "posix", "nt", "_socket", "_random"})


@final
class Listening:
    """What was heard.

    Attributes
    ----------
    codes : dict
        The Python functions that ran: their code, and the module that they are in.
    calling : callable or None
        The C function that runs now: what asks a value for a number.
    """

    def __init__(self, trace: Any) -> None:
        self.codes: dict[CodeType, str] = {}
        self.calling: Any = None
        self._trace = trace
        self._harmless: set[Any] = set()
        self._importing = 0

    def hear(self, frame: FrameType, event: str, arg: Any) -> None:
        """Take note of an event; to be given to ``sys.setprofile``."""
        if frame.f_code.co_name == "_find_and_load" and event in ("call", "return"):
            self._importing += 1 if event == "call" else -1  # what an import does, it does once
        elif self._importing:
            return
        if event == "call":
            self.codes[frame.f_code] = frame.f_globals.get("__name__") or ""
            if frame.f_code.co_name not in ("__float__", "asked"):  # how a value is asked
                self.calling = None
        elif event == "c_call":
            self.calling = arg
            if self._trace.reason is None and arg not in self._harmless:
                self._look_at(arg)
        elif event != "return":
            self.calling = None

    def _look_at(self, function: Any) -> None:
        """Look at a C function that is called for the first time."""
        name = getattr(function, "__name__", "")
        owner = getattr(function, "__self__", None)
        module = getattr(owner, "__name__", None) if isinstance(owner, ModuleType) else None
        if name in _ACTING or module in _ACTING_MODULES:
            self._trace.fail(
                f"calls {name}(), which would have to be called each time; call it outside"
            )
        elif owner is None or isinstance(owner, ModuleType):
            self._harmless.add(function)
