"""Blocks that set the mode in which ops are computed, and end in any order and in any context.

What is in force in a context follows from the blocks that are open there. One that ends takes only
itself away, for those that generators enter needn't end in the order in which they began.
"""

import inspect
from collections.abc import Callable, Generator
from contextvars import ContextVar, Token
from functools import partial, wraps
from types import coroutine
from typing import Any, Protocol, TypeVar, cast, final

import numpy as np

from autograd_lite.errors import UnsupportedError

F = TypeVar("F", bound=Callable[..., Any])


class Watch(Protocol):
    """What looks at every op while it is in force, such as ``trace_nans``."""

    def computed(self, name: str, value: Any, values: Any) -> None:
        """See what an op computed (a Tensor) from which values."""

    def began(self, root: Any, cotangent: Any) -> None:
        """See the node that a backward pass starts from, and with which cotangent."""

    def ended(self, cotangents: Any) -> None:
        """See what a backward pass found: a dict from nodes to their cotangents."""

    def passed_back(self, node: Any, position: int, g: Any, cotangent: Any) -> None:
        """See what the rule of a node's op made of its cotangent ``g`` for one input."""


class Mode(Protocol):
    """What is in force: whether ops are recorded, and who watches them."""

    @property
    def recording(self) -> bool:
        """Whether ops are recorded."""

    @property
    def watch(self) -> Watch | None:
        """Who watches them."""


@final
class _Plain:
    recording = True
    watch = None


PLAIN = _Plain()
"""The ordinary mode, always this object, so that the path of an op only compares identities."""


@final
class _Entry:
    """A block that was entered, and hasn't been left."""

    __slots__ = ("ended_elsewhere", "recording", "token", "warnings", "watch")

    def __init__(self, recording: bool | None, watch: Watch | None) -> None:
        self.recording = recording
        self.watch = watch
        # NumPy would warn of what a watch reports, or is told to allow
        self.warnings = None if watch is None else np.seterr(**_SILENT)
        self.ended_elsewhere = False
        # the token tells this context from its copies
        self.token: Any = _put_in_force((*_entries.get(), self))

    def leave(self) -> None:
        """Take this block away: from this context, and from the one in which it was entered."""
        try:
            _mode.reset(self.token)
        except ValueError:
            self.ended_elsewhere = True
            _Blocks.look_again()
        else:
            self.token = None
        self.take_away()

    def leave_here(self) -> None:
        """Take a block away that ended in another context, if it was entered in this one.

        A copy of that context, such as a task's, keeps what was in force when it was made.
        """
        try:
            _mode.reset(self.token)
        except ValueError:
            return
        self.ended_elsewhere = False  # copies needn't look again
        self.take_away()

    def take_away(self) -> None:
        """Have this block no longer be in force in this context, if it is."""
        entries = _entries.get()
        if self not in entries:
            return
        _put_in_force(tuple(entry for entry in entries if entry is not self))
        if self.warnings is None:
            return
        above = [e for e in entries[entries.index(self) + 1 :] if e.warnings is not None]
        if above:
            above[0].warnings = self.warnings
        else:
            np.seterr(**self.warnings)


@final
class _Blocks:
    """The mode in which some blocks are open."""

    recording: bool
    watch: Watch | None

    def __init__(self, entries: tuple[_Entry, ...], recording: bool, watch: Watch | None) -> None:
        self.entries = entries
        vars(self).update(recording=recording, watch=watch)

    @classmethod
    def look_again(cls) -> None:
        """From now on have every mode look whether its blocks ended; until now they needn't."""
        for name in ("recording", "watch"):
            setattr(cls, name, property(partial(cls._looked_up, name=name)))

    def _looked_up(self, name: str) -> Any:
        for entry in self.entries:
            if entry.ended_elsewhere:
                entry.leave_here()
        now = current_mode()
        return vars(self)[name] if now is self else getattr(now, name)


_SILENT: Any = dict.fromkeys(("divide", "over", "invalid"), "ignore")

_mode: ContextVar[Mode] = ContextVar("autograd_lite.mode", default=PLAIN)
_entries: ContextVar[tuple[_Entry, ...]] = ContextVar("autograd_lite.entries", default=())

current_mode = _mode.get


def _put_in_force(entries: tuple[_Entry, ...]) -> Token[Mode]:
    recording, watch = True, None
    for entry in entries:
        if entry.recording is not None:
            recording = entry.recording
        if entry.watch is not None:
            watch = entry.watch
    _entries.set(entries)
    plain = recording and watch is None
    return _mode.set(PLAIN if plain else _Blocks(entries, recording, watch))


@final
class Block:
    """A ``with`` block of another mode, or a decorator; can be entered again, inside itself too."""

    def __init__(
        self, recording: bool | None = None, make_watch: Callable[[], Watch] | None = None
    ) -> None:
        self._recording = recording
        self._make_watch = make_watch
        self._watch = None if make_watch is None else make_watch()
        self._open: list[_Entry] = []

    def __enter__(self) -> None:
        self._open.append(_Entry(self._recording, self._watch))

    def __exit__(self, *exception: object) -> None:
        entry = self._open[-1]
        if len(self._open) > 1:
            here = _entries.get()
            entry = next((e for e in reversed(self._open) if e in here), entry)
        self._open.remove(entry)
        entry.leave()

    def __call__(self, function: F) -> F:
        """Return the function with this mode in force while its own lines run.

        That is so for generators and coroutines as well: not between, where others' lines run.
        """
        return cast(F, _decorated(self._another, function))

    def _another(self) -> "Block":
        return Block(self._recording, self._make_watch)


def _decorated(block: Callable[[], Block], function: Any) -> Any:
    if isinstance(function, staticmethod | classmethod):
        return type(function)(_decorated(block, function.__func__))
    if isinstance(function, type) or not callable(function):
        raise UnsupportedError(
            f"only functions can be computed in another mode, not {function!r}; decorate the "
            "methods of a class, or use a with block"
        )

    def is_a(kind: Callable[[Any], bool]) -> bool:
        return kind(function) or kind(function.__call__)

    @wraps(function)
    def plain(*args: Any, **kwargs: Any) -> Any:
        with block():
            return function(*args, **kwargs)

    @wraps(function)
    def generator(*args: Any, **kwargs: Any) -> Any:
        return (yield from _stepwise(block(), function(*args, **kwargs)))

    @wraps(function)
    async def task(*args: Any, **kwargs: Any) -> Any:
        return await _awaited(block(), function(*args, **kwargs).__await__())

    @wraps(function)
    async def asynchronous_generator(*args: Any, **kwargs: Any) -> Any:
        mode, body = block(), function(*args, **kwargs)
        step = body.asend(None)
        while True:
            try:
                value = await _awaited(mode, step)
            except StopAsyncIteration:
                return
            finally:
                del step  # it may hold an exception, which would hold this frame
            try:
                step = body.asend((yield value))
            except GeneratorExit:
                await _awaited(mode, body.aclose())
                raise
            except BaseException as error:
                step = body.athrow(error)

    if is_a(inspect.isasyncgenfunction):
        return asynchronous_generator
    if is_a(inspect.iscoroutinefunction):
        return task
    return generator if is_a(inspect.isgeneratorfunction) else plain


def _stepwise(mode: Block, body: Any) -> Generator[Any, Any, Any]:
    """Run a generator, or what is like one, with the mode in force from one yield to the next."""
    resume, given = body.send, None
    while True:
        try:
            with mode:
                value = resume(given)
        except StopIteration as stop:
            return stop.value
        finally:
            given = None  # an exception would hold this frame, and the frame it
        try:
            resume, given = body.send, (yield value)
        except GeneratorExit:
            with mode:
                body.close()
            raise
        except BaseException as error:
            resume, given = body.throw, error


_awaited = coroutine(_stepwise)
