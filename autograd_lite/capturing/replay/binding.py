"""Generated code, and the objects that it names."""

from functools import lru_cache
from types import BuiltinFunctionType, CodeType, FunctionType
from typing import Any, final

import numpy as np

from autograd_lite.capturing.observing.terms import same

_NAMED = (BuiltinFunctionType, FunctionType, np.ufunc, type)


class MissError(Exception):
    """The program doesn't stand for this call; nothing has been changed."""


@final
class Names:
    """The names of objects in generated code."""

    def __init__(self) -> None:
        self.space: dict[str, Any] = {"MissError": MissError, "same": same, "GUARDS": []}
        self._names: dict[int, str] = {}
        self._kept: list[Any] = []
        self.lines: dict[str, list[str]] = {}

    def __call__(self, x: Any) -> str:
        """Return the name under which an object is known."""
        if x is None or x is True or x is False or (type(x) is int and 0 <= x < 2**31):
            return repr(x)
        return self.constant(x)

    def constant(self, x: Any) -> str:
        """Return the name of an object, of a small number too."""
        known = self._names.get(id(x))
        if known is None:
            base = x.__name__ if isinstance(x, _NAMED) else "k"
            base = base if base.isidentifier() else "k"
            known = self._names[id(x)] = f"{base}_{len(self._names)}"
            self.space[known] = x
            self._kept.append(x)
        return known

    def function(self, name: str, lines: list[str]) -> Any:
        """Compile the lines of a function, and return it."""
        self.lines[name] = lines
        exec(_compiled("\n".join(lines), f"<captured {name}>"), self.space)
        return self.space[name]


@lru_cache(maxsize=64)
def _compiled(source: str, name: str) -> CodeType:
    """Compile a source, once: a function that is captured for another batch size often has it."""
    return compile(source, name, "exec")
