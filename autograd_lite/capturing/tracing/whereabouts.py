"""Where a traced function is: the user's line, and whether a backward pass is under way."""

import sys
from types import CodeType, FrameType

_OURS = ("autograd_lite", "nn", "numpy")


def users_line() -> str:
    """Return the user's file and line that is being executed."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_ours(frame):
        frame = frame.f_back
    return "" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"


def whereabouts(own_file: str) -> tuple[bool, str]:
    """Return whether a backward pass is under way, and the user's line.

    Parameters
    ----------
    own_file : str
        The file that called the user's function; nothing above it is looked at.
    """
    backward, line = False, ""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        backward = backward or code.co_name == "backpropagate"
        if not line and not _is_ours(frame):
            line = f"{code.co_filename}:{frame.f_lineno}"
        if line and (backward or code.co_filename == own_file):
            break
        frame = frame.f_back
    return backward, line


def _is_ours(frame: FrameType) -> bool:
    ours = _known.get(frame.f_code)
    if ours is None:
        if len(_known) > _MOST_KNOWN:
            _known.clear()
        name = frame.f_globals.get("__name__", "")
        ours = _known[frame.f_code] = name.partition(".")[0] in _OURS
    return ours


_known: dict[CodeType, bool] = {}
"""Whether functions are this library's, or NumPy's."""

_MOST_KNOWN = 10_000
