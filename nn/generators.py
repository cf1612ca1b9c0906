"""The states of generators of random numbers, checked before they are loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_lite.errors import StateDictError


class GeneratorState:
    """Saves and loads the state of a generator.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> state = GeneratorState(rng).state_dict()
    >>> drawn = rng.random()
    >>> GeneratorState(rng).load_state_dict(state)
    >>> rng.random() == drawn
    True
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._bits: Any = rng.bit_generator

    def state_dict(self) -> dict[str, Any]:
        """Return a copy of the state."""
        state: dict[str, Any] = self._bits.state
        return state

    def load_state_dict(self, state: Mapping[str, Any], /) -> None:
        """Go on from a state.

        Raises
        ------
        StateDictError
            If it isn't the state of a generator of this kind. Nothing is changed then.
        """
        self.generator_at(state)
        self._bits.state = state

    def generator_at(self, state: Mapping[str, Any]) -> np.random.Generator:
        """Return another generator of this kind, which is in a state.

        Raises
        ------
        StateDictError
            If it isn't the state of a generator of this kind.
        """
        own = self._bits.state
        if not _is_like(state, own):
            raise StateDictError(
                f"this isn't the state of a {own['bit_generator']} generator; nothing was loaded"
            )
        bits: Any = type(self._bits)(0)
        try:
            bits.state = state
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise StateDictError(f"this isn't the state of a generator: {error}") from error
        return np.random.Generator(bits)


_LIMITS = {"has_uint32": 1, "buffer_pos": 4, "pos": 624}
"""The largest values of what NumPy doesn't check, and takes as positions in arrays."""


def _is_like(value: Any, own: Any, key: str = "") -> bool:
    """Return True if a state has the keys, types and shapes of a generator's own."""
    if isinstance(own, dict):
        return (
            isinstance(value, Mapping)
            and value.keys() == own.keys()
            and all(_is_like(value[name], own[name], name) for name in own)
        )
    if isinstance(own, np.ndarray):
        return isinstance(value, np.ndarray) and (value.shape, value.dtype) == (
            own.shape,
            own.dtype,
        )
    if isinstance(own, str):
        return bool(value == own)
    return type(value) is int and 0 <= value <= _LIMITS.get(key, 2**128 - 1)
