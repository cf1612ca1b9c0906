"""Locks for data that threads share; a forked child process never inherits one that is held."""

import os
from threading import RLock
from typing import Any


def lock_for_threads() -> Any:
    """Return a lock that is free in every child process, whenever the process forks."""
    lock = RLock()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(
            before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release
        )
    return lock
