"""Blocks that set the mode in which ops are computed; they can end in any order and any context.

The mode of a context follows from the blocks that are open there. A block that ends removes only
itself, because blocks entered by generators needn't end in the order in which they began.
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
    """An observer of every op while it is in force, such as that of ``trace_nans``."""

    def computed(self, name: str, value: Any, values: Any) -> None:
        """Observe the result of an op (a Tensor), and the values it was given."""

    def began(self, root: Any, cotangent: Any) -> None:
        """Observe the node that a backward pass starts from, and its cotangent."""

    def ended(self, cotangents: Any) -> None:
        """Observe the results of a backward pass: a dict from nodes to their cotangents."""

    def passed_back(self, node: Any, position: int, g: Any, cotangent: Any) -> None:
        """Observe the cotangent of one input, which a rule computed from the node's, ``g``."""


class Mode(Protocol):
    """How ops are computed: whether they are recorded, and who watches them."""

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
"""The ordinary mode. It is always this object, so that an op can test for it by identity."""


@final
class _Entry:
    """A block that was entered and hasn't ended yet."""

    __slots__ = ("ended_elsewhere", "recording", "token", "warnings", "watch")

    def __init__(self, recording: bool | None, watch: Watch | None) -> None:
        self.recording = recording
        self.watch = watch
        # NumPy would warn of what a watch reports itself, or was told to allow
        self.warnings = None if watch is None else np.seterr(**_SILENT)
        self.ended_elsewhere = False
        # reset() accepts the token in this context only, not in copies of it
        self.token: Any = _put_in_force((*_entries.get(), self))

    def leave(self) -> None:
        """Remove this block from this context, and from the context in which it was entered."""
        try:
            _mode.reset(self.token)
        except ValueError:
            self.ended_elsewhere = True
            _Blocks.check_from_now_on()
        else:
            self.token = None
        self.remove()

    def leave_here(self) -> None:
        """Remove a block that ended in another context, if it was entered in this one.

        A copy of this context, such as a task's, keeps the mode in force when it was made.
        """
        try:
            _mode.reset(self.token)
        except ValueError:
            return
        self.ended_elsewhere = False  # copies of the context needn't check again
        self.remove()

    def remove(self) -> None:
        """Remove this block from this context, if it is open here."""
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
    """The mode that some open blocks set."""

    recording: bool
    watch: Watch | None

    def __init__(self, entries: tuple[_Entry, ...], recording: bool, watch: Watch | None) -> None:
        self.entries = entries
        vars(self).update(recording=recording, watch=watch)

    @classmethod
    def check_from_now_on(cls) -> None:
        """Have every mode check from now on whether its blocks ended in another context.

        Until a block does so for the first time, modes are read without this check.
        """
        for name in ("recording", "watch"):
            setattr(cls, name, property(partial(cls._checked, name=name)))

    def _checked(self, name: str) -> Any:
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
    """A ``with`` block that sets a mode, or a decorator; it can be entered again, even nested."""

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

        For generators and coroutines this means: not between two steps, when other code runs.

        Raises
        ------
        UnsupportedError
            If ``function`` is a class, or can't be called.
        """
        return cast(F, _decorated(self._another, function))

    def _another(self) -> "Block":
        return Block(self._recording, self._make_watch)


def _decorated(block: Callable[[], Block], function: Any) -> Any:
    if isinstance(function, staticmethod | classmethod):
        return type(function)(_decorated(block, function.__func__))
    if isinstance(function, type) or not callable(function):
        raise UnsupportedError(
            f"only functions can be decorated with a mode, not {function!r}; decorate the methods "
            "of a class, or use a with block"
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
                del step  # it may hold an exception, whose traceback would hold this frame
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
    """Run a generator or an awaitable's iterator, with the mode in force during each step."""
    resume, given = body.send, None
    while True:
        try:
            with mode:
                value = resume(given)
        except StopIteration as stop:
            return stop.value
        finally:
            given = None  # the frame would hold an exception whose traceback holds the frame
        try:
            resume, given = body.send, (yield value)
        except GeneratorExit:
            with mode:
                body.close()
            raise
        except BaseException as error:
            resume, given = body.throw, error


_awaited = coroutine(_stepwise)
