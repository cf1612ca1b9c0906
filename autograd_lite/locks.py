"""Locks for what threads share, which a forked child doesn't inherit held by one that it lacks."""

import os
from threading import RLock
from typing import Any


def lock_for_threads() -> Any:
    """Return a lock that nobody holds in a child, whenever the process forks."""
    lock = RLock()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(
            before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release
        )
    return lock
