"""Ctrl-C: it ends a training between batches."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from nn.training.run import Run


@contextmanager
def interruptible(run: Run) -> Iterator[None]:
    """Let the first Ctrl-C stop the run between batches; a second one interrupts.

    If the program was started with Ctrl-C ignored, as by ``nohup``, or has a handler of its own,
    it stays so; signals come to the main thread only.
    """
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield
        return

    def request_stop(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        run.history.interrupted = True

    signal.signal(signal.SIGINT, request_stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
