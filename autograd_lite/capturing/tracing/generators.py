"""Random generators in a trace: draws are written down, and made anew at each replay."""

from typing import Any

import numpy as np

_ATTRIBUTES = frozenset({"bit_generator"})


def traced_generator(rng: Any, node: Any, trace: Any) -> Any:
    """Return a generator with the same bits as ``rng``, whose draws are written down.

    It is a real generator, because NumPy's compiled code asks for one.
    """
    kind = _kind()
    twin = kind(rng.bit_generator)
    twin.real, twin.node, twin.trace = rng, node, trace
    return twin


_kinds: list[Any] = []


def _kind() -> Any:
    """Return the class; it is made at first use, because it loads ``numpy.random``."""
    if not _kinds:
        space: dict[str, Any] = {
            name: _drawing(name)
            for name in dir(np.random.Generator)
            if not name.startswith("_") and name not in _ATTRIBUTES
        }
        space["bit_generator"] = property(_bits)
        _kinds.append(type("TracedGenerator", (np.random.Generator,), space))
    return _kinds[0]


def _bits(self: Any) -> Any:
    self.trace.fail("uses the bit generator of a random generator; do that outside")
    return self.real.bit_generator


def _drawing(name: str) -> Any:
    def draw(self: Any, *args: Any, **kwargs: Any) -> Any:
        if name == "spawn":
            self.trace.fail("spawns random generators; do that outside")
            return self.real.spawn(*args, **kwargs)
        if kwargs.get("out") is not None or name in ("shuffle", "permuted"):
            self.trace.fail(f"draws random numbers into an array with {name}; use what it returns")
            args, kwargs = self.trace.real(args), self.trace.real(kwargs)
            return getattr(self.real, name)(*args, **kwargs)
        return self.trace.draw(self.node, self.real, name, args, kwargs)

    return draw
