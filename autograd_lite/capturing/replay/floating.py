"""How NumPy handles floating-point errors: what ``np.errstate`` does, in a tenth of its time.

NumPy keeps its settings in a context variable. ``np.errstate`` is Python code that makes them anew
each time; a program makes them once, and then only puts them there.
"""

from collections.abc import Callable
from contextvars import ContextVar, copy_context
from typing import Any, NamedTuple, final

import numpy as np

from autograd_lite.capturing.replay.binding import Names


class Access(NamedTuple):
    """How settings are read, put there, and what they were is put back.

    Attributes
    ----------
    get : callable
        ``() -> settings``: an object that stands for them.
    put : callable
        ``(settings) -> token``.
    put_back : callable
        ``(token) -> None``: as it was before ``put`` returned the token.
    """

    get: Callable[[], Any]
    put: Callable[[Any], Any]
    put_back: Callable[[Any], Any]


def access() -> Access:
    """Return the fastest way to NumPy's settings that is sure to work."""
    variable = _variable()
    if variable is None:
        return Access(np.geterr, _put, _put)
    return Access(variable.get, variable.set, variable.reset)


def _put(settings: dict[str, Any]) -> dict[str, Any]:
    return {**np.seterr(**settings)}


def _variable() -> ContextVar[Any] | None:
    """Return the variable that ``np.errstate`` sets, whatever its name; None if it isn't one."""
    before = copy_context()
    with np.errstate(all="ignore", under="warn"):
        inside = copy_context()
        settings = np.geterr()
    changed = [x for x in inside if x not in before or inside[x] is not before[x]]
    if len(changed) != 1:
        return None
    (variable,) = changed
    token = variable.set(inside[variable])
    try:
        works = np.geterr() == settings
    finally:
        variable.reset(token)
    return variable if works else None


@final
class States:
    """The settings of a program: those of its caller, and each with some kinds changed.

    Parameters
    ----------
    changes : list of dict
        What is changed, as ``np.errstate`` takes it.

    Attributes
    ----------
    states : list
        The settings: at 0 the caller's, then one for each of the changes.
    """

    def __init__(self, changes: list[dict[str, Any]], how: Access) -> None:
        self._changes = changes
        self._how = how
        self.states: list[Any] = [None] * (len(changes) + 1)

    def derive(self, settings: Any) -> None:
        """Make them anew, for a caller with other settings."""
        derived = []
        for change in self._changes:
            with np.errstate(**change):
                derived.append(self._how.get())
        self.states[:] = [settings, *derived]


def putting(i: int) -> str:
    """Return the line that puts settings there: the caller's for 0, or with the change ``i``."""
    return f"put_errors(ERRORS[{i}])"


def within(lines: list[str], changes: list[dict[str, Any]], names: Names) -> list[str]:
    """Return lines that leave the settings as they were, however they end."""
    how = access()
    states = States(changes, how)
    names.space.update(get_errors=how.get, put_errors=how.put, put_errors_back=how.put_back)
    names.space.update(ERRORS=states.states, derive=states.derive)
    return [
        "own = get_errors()",
        "if own is not ERRORS[0]: derive(own)",
        "token = put_errors(own)",  # nothing is changed yet: an interrupt may come here
        "try:",
        *("    " + line for line in lines),
        "finally:",
        "    put_errors_back(token)",
    ]
