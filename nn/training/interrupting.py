"""Ctrl-C: it ends a loop between its steps."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interruptible(stop: Callable[[], object]) -> Iterator[None]:
    """Let the first Ctrl-C call a function, which notes it; a second one interrupts.

    If the program was started with Ctrl-C ignored, as by ``nohup``, or has a handler of its own,
    it stays so; signals come to the main thread only. :func:`fit` does this by itself.

    Parameters
    ----------
    stop : callable
        Takes no arguments. The loop has to look at what it notes.

    Examples
    --------
    >>> import threading
    >>> stopped = threading.Event()
    >>> with interruptible(stopped.set):
    ...     for step in range(3):
    ...         if stopped.is_set():
    ...             break
    """
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield
        return

    def request_stop(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stop()

    signal.signal(signal.SIGINT, request_stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
