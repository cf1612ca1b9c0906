"""``capture``: a function that runs as a straight line of NumPy calls after its first calls."""

import copy
import sys
import threading
import warnings
import weakref
from collections.abc import Callable
from functools import partial, update_wrapper
from types import MethodType
from typing import Any, Literal, TypeVar, final, overload

from autograd_lite.capturing.observing.arguments import Arguments
from autograd_lite.capturing.observing.calling import observed
from autograd_lite.capturing.observing.fingerprint import difference
from autograd_lite.capturing.observing.terms import holds, is_number
from autograd_lite.capturing.programs import Program
from autograd_lite.capturing.refusals import Refusal, foreign, sharing
from autograd_lite.capturing.replay.binding import MissError
from autograd_lite.capturing.verifying import verify
from autograd_lite.errors import CaptureError, CaptureWarning, UnsupportedError
from autograd_lite.modes import current_mode
from autograd_lite.transforms.tracing import is_inside

F = TypeVar("F", bound=Callable[..., Any])

_MOST_MISSES = 16
"""How many calls in a row may be written down in vain before capture gives up."""

_OTHERS = "is called with other shapes, settings or objects again and again"

_tracing = threading.RLock()
"""One function is traced at a time, because what it reaches is replaced while it runs."""

_inside: set[int] = set()
"""The threads in which a function is being traced."""


@overload
def capture(
    function: None = None,
    /,
    *,
    fast: bool = False,
    keep_grads: bool = False,
    on_miss: Literal["warn", "error", "ignore"] = "warn",
    max_programs: int = 8,
) -> Callable[[F], "Captured"]: ...
@overload
def capture(
    function: Callable[..., Any],
    /,
    *,
    fast: bool = False,
    keep_grads: bool = False,
    on_miss: Literal["warn", "error", "ignore"] = "warn",
    max_programs: int = 8,
) -> "Captured": ...
def capture(function: Any = None, /, **options: Any) -> Any:
    """Make a function fast: write down its NumPy calls, and replay them in its later calls.

    The first call with arguments of given shapes is an ordinary one, during which every NumPy call
    is written down. The second call confirms them. From the third one on, the function's Python
    code doesn't run any more: its program does, a straight line of NumPy calls on buffers that are
    planned once.

    Parameters
    ----------
    function : callable, optional
        Anything that computes with tensors or arrays: a training step with ``backward()`` and an
        optimizer, a loss, a model under ``no_grad()``, or what ``grad`` and its like return. Leave
        it out to use ``capture(...)`` as a decorator.
    fast : bool
        Let sums be added up in another order, and don't form gradients that only an update reads.
    keep_grads : bool
        With ``fast``, form all gradients nevertheless.
    on_miss : {"warn", "error", "ignore"}
        What to do if a call can't be captured: run it as it is, with one warning; raise
        ``CaptureError``; or just run it.
    max_programs : int
        How many programs are kept, for several shapes of arguments or settings; at least 1.

    Returns
    -------
    Captured
        To be called as the function itself.

    Raises
    ------
    UnsupportedError
        If what is given can't be called, or an option isn't one of those above.

    Examples
    --------
    >>> import autograd_lite
    >>> w = autograd_lite.Tensor([1.0, 2.0], requires_grad=True)
    >>> @autograd_lite.capture
    ... def step(x):
    ...     w.zero_grad()
    ...     loss = ((w - x) ** 2).sum()
    ...     loss.backward()
    ...     w.data -= 0.25 * w.grad.data
    ...     return loss.detach()
    >>> [step(3.0).item() for _ in range(4)]
    [5.0, 1.25, 0.3125, 0.078125]
    """
    if function is None:
        return partial(capture, **options)
    return Captured(function, **options)


@final
class Captured:
    """A captured function; :func:`capture` makes it.

    Attributes
    ----------
    program : Program or None
        The program that was made or used last.
    programs : list of Program
        All that are kept.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        fast: bool = False,
        keep_grads: bool = False,
        on_miss: Literal["warn", "error", "ignore"] = "warn",
        max_programs: int = 8,
    ) -> None:
        if not callable(function):
            raise UnsupportedError(f"capture needs a function, not {function!r}")
        if on_miss not in ("warn", "error", "ignore"):
            raise UnsupportedError(
                f'capture: on_miss must be "warn", "error" or "ignore", not {on_miss!r}'
            )
        if max_programs < 1:
            raise UnsupportedError(f"capture: max_programs must be at least 1, not {max_programs}")
        if isinstance(function, Captured):
            function = function._function
        self._function: Callable[..., Any] = function
        self._settings = {"fast": fast, "keep_grads": keep_grads}
        self._on_miss = on_miss
        self._max_programs = max_programs
        self._lock: Any = threading.RLock()
        self._programs: list[Program] = []
        self._unconfirmed: list[Program] = []
        self._current: Program | None = None
        self._misses = 0
        self._evicted = 0
        self._fixed: set[Any] = set()
        self._refusals: dict[Any, Refusal] = {}
        code = getattr(function, "__code__", None)
        if code is not None and code.co_flags & 0x2A0:  # generators and coroutines, of any kind
            self._refusals[None] = Refusal(
                "is a generator or coroutine function, which runs in pieces; capture the "
                "functions that it calls"
            )
        self._warned: set[str] = set()
        self._bound: weakref.WeakKeyDictionary[Any, Captured] = weakref.WeakKeyDictionary()
        update_wrapper(self, function, updated=())

    __captured__ = True

    @property
    def program(self) -> Program | None:
        """The program that was made or used last; None before the first call."""
        return self._current

    @property
    def programs(self) -> list[Program]:
        """The programs that are kept, the one used last in front."""
        return [*self._programs, *self._unconfirmed]

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        try:
            bound = self._bound.get(instance)
        except TypeError:  # no weak references, or not hashable
            return MethodType(self, instance)
        if bound is None:
            function = self._function.__get__(instance, owner)
            bound = Captured(function, **self._options())
            self._bound[instance] = bound
        return bound

    def __copy__(self) -> "Captured":
        return Captured(self._function, **self._options())

    def __deepcopy__(self, memo: dict[int, Any]) -> "Captured":
        return Captured(copy.deepcopy(self._function, memo), **self._options())

    def __reduce__(self) -> Any:
        instance = getattr(self._function, "__self__", None)
        name: str = self._function.__qualname__
        # as for functions: pickles name it, and whoever loads them imports it
        return name if instance is None else (getattr, (instance, self._function.__name__))

    def _options(self) -> dict[str, Any]:
        others = {"on_miss": self._on_miss, "max_programs": self._max_programs}
        return {**self._settings, **others}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Do what the function does: by a program, if there is one for this call."""
        mode = current_mode()
        if (
            mode.watch is not None
            or (_inside and threading.get_ident() in _inside)
            or self._lock._is_owned()  # called by what a program calls, such as a signal handler
        ):
            return self._function(*args, **kwargs)
        program = self._current
        if (
            program is not None
            and program.recording is mode.recording
            and program.inside is is_inside()
        ):
            with self._lock:  # no interrupt comes between it and the block, as with acquire()
                try:
                    return program.call(args, kwargs)
                except MissError:
                    pass
        return self._otherwise(args, kwargs, (mode.recording, is_inside()))

    # ------------------------------------------------------------------ the rare cases

    def _otherwise(self, args: Any, kwargs: Any, mode: tuple[bool, bool]) -> Any:
        with self._lock:
            for program in [*self._programs]:
                if program.mode != mode:
                    continue
                try:
                    result = program.call(args, kwargs)
                except MissError:
                    continue
                self._use(program)
                return result
        profiler = sys.getprofile()
        if not (profiler is None or callable(profiler)):  # it can't listen together with ours
            return self._function(*args, **kwargs)
        arguments = Arguments(args, kwargs)
        refusal = self._refusals.get(None) or self._refusals.get((arguments.signature, mode))
        if refusal is not None and refusal.holds():
            if not refusal.reason:  # it raised an error
                return self._function(*args, **kwargs)
            return self._uncaptured(refusal.reason, lambda: self._function(*args, **kwargs))
        reason = foreign(arguments)
        if reason is not None:
            return self._uncaptured(reason, lambda: self._function(*args, **kwargs))
        with _tracing:
            return self._observed(args, kwargs, arguments, mode)

    def _use(self, program: Program) -> None:
        self._programs.remove(program)
        self._programs.insert(0, program)
        self._current = program
        self._misses = 0

    def _observed(self, args: Any, kwargs: Any, arguments: Arguments, mode: Any) -> Any:
        key: Any = (arguments.signature, mode)
        base, varying = self._varying(arguments, mode)
        if base is not None:
            arguments = Arguments(args, kwargs, varying)
        _inside.add(threading.get_ident())
        try:
            recorded = observed(self._function, arguments, varying)
        except Exception:
            self._refusals.setdefault(key, Refusal()).renew("")
            raise
        finally:
            _inside.discard(threading.get_ident())
        reason = recorded.trace.reason or sharing(recorded.trace)
        if reason is None:
            with self._lock:
                new = Program(recorded, arguments, mode, self._function, **self._settings)
                reason = self._take(new, base)
            key = None
        recorded.trace.forget()
        if reason is not None:
            self._refusals.setdefault(key, Refusal()).renew(reason)
            return self._uncaptured(reason, lambda: recorded.returned)
        self._refusals.pop(key, None)
        return recorded.returned

    def _varying(self, arguments: Arguments, mode: Any) -> tuple[Program | None, frozenset[Any]]:
        """Return a program that differs from this call in floats only, and where those stand."""
        for program in [*self._programs, *self._unconfirmed]:
            numbers = arguments.changed_numbers(program.arguments)
            if program.mode != mode or numbers is None or program.reads_types:
                continue
            changed = [term for term in program.recorded.terms if not holds(term)]
            if not (numbers or changed) or not all(map(is_number, changed)):
                continue
            varying = numbers | {(t.kind, id(t.holder), t.key) for t in changed}
            if varying.isdisjoint(self._fixed):
                return program, program.recorded.varying | varying
        return None, frozenset()

    def _take(self, new: Program, base: Program | None) -> str | None:
        """Keep what was written down, and compile it if it was written down before.

        Returns
        -------
        str or None
            Why capture gives up, if it does.
        """
        why = ""
        if base is not None:
            unlike = difference(base.original, new.recorded, base.number_at)
            if unlike is not None:
                self._fixed |= new.recorded.varying - base.recorded.varying
                self._misses += 1
                return None
            for programs in (self._programs, self._unconfirmed):
                programs[:] = [program for program in programs if program is not base]
            return self._confirm(new, new)
        for old in self._unconfirmed:
            if old.signature != new.signature or old.mode != new.mode:
                continue
            changed = next((term for term in old.recorded.terms if not holds(term)), None)
            if changed is not None:
                why = why or f"finds {changed.what} changed from call to call"
                continue
            unlike = difference(old.original, new.recorded)
            if unlike is None:
                self._unconfirmed.remove(old)
                return self._confirm(new, old)
            why = unlike
        self._misses += 1
        if self._misses >= _MOST_MISSES:
            return why or _OTHERS
        return self._keep(new, self._unconfirmed)

    def _confirm(self, new: Program, old: Program) -> str | None:
        self._misses = 0
        try:
            new.confirm(old)
            fault = verify(new)
        except Exception as error:  # whatever is wrong with the program, the function isn't
            fault = f"is captured wrongly: {error!r} (a fault of autograd_lite; please report it)"
        return fault or self._keep(new, self._programs)

    def _keep(self, program: Program, among: list[Program]) -> str | None:
        program.arguments.outline()
        among.insert(0, program)
        self._current = program
        if len(among) > self._max_programs:
            del among[self._max_programs :]
            self._evicted += 1
        if self._evicted < _MOST_MISSES * self._max_programs:
            return None
        return f"{_OTHERS}: more than max_programs={self._max_programs} programs would be needed"

    def _uncaptured(self, reason: str, run: Callable[[], Any]) -> Any:
        if self._on_miss == "ignore" or (self._on_miss == "warn" and reason in self._warned):
            return run()
        name = getattr(self._function, "__qualname__", repr(self._function))
        message = f"{name} can't be captured, and runs as it is: it {reason}"
        if self._on_miss == "error":
            raise CaptureError(message)
        self._warned.add(reason)
        warnings.warn(message, CaptureWarning, stacklevel=4)
        return run()


__all__ = ["Captured", "Program", "capture"]
