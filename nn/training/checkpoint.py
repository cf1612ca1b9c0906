"""Checkpoint: everything that training goes on from, in one file."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor
from autograd_lite.errors import CheckpointError, DomainError
from nn.files import open_arrays, write_arrays
from nn.generators import GeneratorState

Plain: TypeAlias = bool | int | float | str | list[Any] | dict[str, Any] | None


class Stateful(Protocol):
    """What has a state: models, optimizers, schedules, averages, batches."""

    def state_dict(self) -> Mapping[str, Any]:
        """Return the state: arrays, plain values, and dicts and lists of them."""

    def load_state_dict(self, state: Mapping[str, Any], /) -> None:
        """Go on from a state, or raise an error that changes nothing."""


class Checkpoint:
    """The states of several objects, saved together in one file in the format safetensors.

    Parameters
    ----------
    path : path
    **parts : objects with ``state_dict()`` and ``load_state_dict()``, or numpy Generators
        Such as ``model=model, optimizer=optimizer, schedule=schedule, batches=batches, rng=rng``.

    Notes
    -----
    A file takes the place of an older one only when it is complete and on the disk; so a crash
    while saving loses nothing. Arrays are saved as arrays, under ``"part/name"``; other values as
    JSON in the file's header. Nothing in a file is executed when it is loaded. Parts must be of
    the classes that were saved: what Adam remembers isn't for AdamW. If more than the class must
    agree, a part has an attribute ``state_kind``, a text that tells what its state is of.

    Examples
    --------
    >>> import tempfile, nn
    >>> rng = np.random.default_rng(0)
    >>> model = nn.Dense(3, 2, rng=rng)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     checkpoint = Checkpoint(f"{folder}/training.safetensors", model=model, rng=rng)
    ...     checkpoint.save({"epoch": 3})
    ...     drawn = rng.random()
    ...     checkpoint.load(), rng.random() == drawn
    ({'epoch': 3}, True)
    """

    def __init__(
        self, path: str | os.PathLike[str], **parts: Stateful | np.random.Generator
    ) -> None:
        self.path = Path(path)
        self.parts: dict[str, Stateful] = {}
        for name, part in parts.items():
            self.add(name, part)

    def add(self, name: str, part: Stateful | np.random.Generator) -> None:
        """Save one more object, under a name of its own.

        Raises
        ------
        DomainError
            If the name is taken, or the object has no state.
        """
        if isinstance(part, np.random.Generator):
            part = GeneratorState(part)
        if not all(hasattr(part, method) for method in ("state_dict", "load_state_dict")):
            raise DomainError(
                f"Checkpoint: {name} is a {type(part).__name__}, which has no state_dict() and "
                "load_state_dict()"
            )
        if name in self.parts:
            raise DomainError(f"Checkpoint: there is a part {name} already")
        self.parts[name] = part

    def exists(self) -> bool:
        """Return True if there is a file to load."""
        return self.path.exists()

    def save(self, notes: Mapping[str, Plain] | None = None) -> None:
        """Write the states of all parts, and notes such as the epoch.

        Raises
        ------
        DomainError
            If a state has values that are neither arrays nor what JSON can hold, or texts are
            longer than :meth:`load` reads, some 30 MB.
        MissingExtraError
            If safetensors isn't installed.
        OSError
            If the file can't be written. An older one stays as it was.
        """
        arrays: dict[str, npt.NDArray[Any]] = {}
        states = {
            name: _without_arrays(part.state_dict(), name, arrays)
            for name, part in self.parts.items()
        }
        # a state may fit another kind of object too, and mean something else there
        kinds = {name: _kind(self.parts[name]) for name, state in states.items() if state}
        kept = {"kinds": kinds, "states": states, "notes": dict(notes or {})}
        try:
            text = json.dumps(kept)
        except (TypeError, ValueError) as error:
            raise DomainError(f"Checkpoint: the notes can't be saved: {error}") from error
        write_arrays(self.path, arrays, {"checkpoint": text})

    def load(self) -> dict[str, Any]:
        """Load the states of all parts; return the notes.

        Raises
        ------
        CheckpointError
            If the file isn't a whole one, or no checkpoint of parts with these names and classes.
        StateDictError
            If a state doesn't fit its object.
        MissingExtraError
            If safetensors isn't installed.
        OSError
            If the file can't be read.

        After an error, all parts are as they were.
        """
        states, notes = self._read()
        before = {name: part.state_dict() for name, part in self.parts.items()}
        started: list[str] = []
        try:
            for name, part in self.parts.items():
                started.append(name)
                part.load_state_dict(states[name])
        except BaseException:
            for name in started:
                self.parts[name].load_state_dict(before[name])
            raise
        return notes

    def _read(self) -> tuple[dict[str, Mapping[str, Any]], dict[str, Any]]:
        with open_arrays(self.path) as saved:
            try:
                kept = json.loads(saved.metadata["checkpoint"])
                kinds, states, notes = (dict(kept[key]) for key in ("kinds", "states", "notes"))
            except (KeyError, TypeError, ValueError, RecursionError) as error:
                raise CheckpointError(
                    f"{self.path} is no checkpoint of a training; nn.load reads weights alone"
                ) from error
            wrong = [f"{name!r:.80}" for name in {*states} ^ {*self.parts}]
            if wrong:
                raise CheckpointError(
                    f"{self.path} has other parts than this checkpoint: not in both are "
                    f"{', '.join(sorted(wrong)[:20])}"
                )
            others = [
                f"{name} is {kinds.get(name)!s:.80} there, and {_kind(part)} here"
                for name, part in self.parts.items()
                if states[name] and kinds.get(name) != _kind(part)
            ]
            if others:
                raise CheckpointError(
                    f"{self.path} is of other objects than this checkpoint: {'; '.join(others)}"
                )
            left = set(saved.shapes)
            try:
                found = {name: _with_arrays(state, saved, left) for name, state in states.items()}
            except RecursionError as error:
                raise CheckpointError(f"{self.path} has a state of too many levels") from error
        for name, state in found.items():
            if not isinstance(state, dict):
                raise CheckpointError(f"{self.path}: the state of {name} isn't one")
        if left:
            raise CheckpointError(f"{self.path} has arrays that belong to no part")
        return found, notes


def _kind(part: Stateful) -> str:
    return str(getattr(part, "state_kind", type(part).__name__))


_ARRAY = "array:"


def _without_arrays(state: Any, name: str, arrays: dict[str, npt.NDArray[Any]]) -> Plain:
    """Return a state in which texts stand for the arrays, which are added to ``arrays``."""
    if isinstance(state, Tensor):
        state = state.data
    if isinstance(state, Mapping):
        if not all(isinstance(key, str) for key in state):
            raise DomainError(f"Checkpoint: the keys of {name} must be strings")
        return {
            key: _without_arrays(value, f"{name}/{key}", arrays) for key, value in state.items()
        }
    if isinstance(state, list | tuple):
        return [_without_arrays(value, f"{name}/{i}", arrays) for i, value in enumerate(state)]
    if isinstance(state, np.ndarray | np.generic):
        array = np.asarray(state)
        if array.dtype.kind not in "biufc":
            raise DomainError(f"Checkpoint: {name} has dtype {array.dtype}, which can't be saved")
        arrays[name] = array
        return _ARRAY + name
    if isinstance(state, str):
        return f"text:{state}"
    if state is None or isinstance(state, bool | int | float):
        return state
    raise DomainError(f"Checkpoint: {name} is a {type(state).__name__}, which can't be saved")


def _with_arrays(state: Any, saved: Any, left: set[str]) -> Any:
    """Put the arrays back into a state; each is used once."""
    if isinstance(state, dict):
        return {key: _with_arrays(value, saved, left) for key, value in state.items()}
    if isinstance(state, list):
        return [_with_arrays(value, saved, left) for value in state]
    if not isinstance(state, str):
        return state
    kind, _, name = state.partition(":")
    if kind == "text":
        return name
    if f"{kind}:" != _ARRAY or name not in left:
        raise CheckpointError(
            f"{saved.path}: a state refers to {state!r:.80}, which isn't in the file"
        )
    left.remove(name)
    return saved.read(name)
