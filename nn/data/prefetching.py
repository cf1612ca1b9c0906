"""Prefetching: results of a function, computed ahead in a thread."""

from __future__ import annotations

import contextvars
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from typing import TypeVar

from autograd_lite.errors import UnsupportedError

Task = TypeVar("Task")
Result = TypeVar("Result")


def prefetched(
    compute: Callable[[Task], Result], tasks: Iterable[Task], ahead: int
) -> Iterator[Result]:
    """Yield ``compute(task)`` for each task, while a thread computes the results of later tasks.

    Tasks are drawn by whoever takes the results, ``ahead`` of them more than there are results
    taken; so what drawing a task does doesn't depend on how fast the thread is. The thread sees
    the modes and settings, such as ``np.errstate``, that are in force at the first result. It ends
    with the iterator, whichever way that ends.

    Parameters
    ----------
    compute : callable
        Is called in the thread. What it raises is raised in its result's place, and ends the
        iterator.
    tasks : iterable
    ahead : int
        At least 1.

    Examples
    --------
    >>> list(prefetched(lambda x: x**2, range(4), ahead=2))
    [0, 1, 4, 9]
    """
    todo: SimpleQueue[tuple[Task] | None] = SimpleQueue()
    done: SimpleQueue[Result | _Failed] = SimpleQueue()
    ended = threading.Event()

    def work() -> None:
        while (task := todo.get()) is not None and not ended.is_set():
            try:
                done.put(compute(*task))
            except BaseException as error:  # whatever it is, the loop must hear of it
                done.put(_Failed(error))
            del task

    # a daemon, so that an iterator that somebody keeps doesn't keep the program from ending
    thread = threading.Thread(
        target=contextvars.copy_context().run, args=(work,), name="nn.data prefetching", daemon=True
    )
    thread.start()
    waiting = 0
    try:
        for task in tasks:
            todo.put((task,))
            waiting += 1
            if waiting > ahead:
                yield _result(_next(done, thread))
                waiting -= 1
        for _ in range(waiting):
            yield _result(_next(done, thread))
    finally:
        ended.set()
        todo.put(None)
        # where garbage is collected is up to Python; and while it ends, no other thread runs
        if threading.current_thread() is not thread and not sys.is_finalizing():
            thread.join()


def _next(done: SimpleQueue[Result], thread: threading.Thread) -> Result:
    if not thread.is_alive():  # else this would wait forever
        raise UnsupportedError(
            "the thread that reads ahead is gone, as it is after a fork of the process; iterate "
            "anew, or begin to iterate after the fork"
        )
    return done.get()


class _Failed:
    """In a result's place: what was raised."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def _result(found: Result | _Failed) -> Result:
    if isinstance(found, _Failed):
        try:
            raise found.error
        finally:
            del found  # or the traceback would keep itself alive
    return found
