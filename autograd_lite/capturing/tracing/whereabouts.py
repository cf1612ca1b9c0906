"""Where a traced function is: the user's line, and whether a backward pass is under way."""

import sys
from types import CodeType, FrameType

_LIBRARIES = ("autograd_lite", "nn", "numpy")

_OURS, _BACKWARD, _OBSERVING = 1, 2, 4
"""What a function may be: this library's or NumPy's, the backward pass, what calls the user's."""


def users_line() -> str:
    """Return the user's file and line that is being executed."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _kind(frame) & _OURS:
        frame = frame.f_back
    return "" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"


def whereabouts() -> tuple[bool, str]:
    """Return whether a backward pass is under way, and the user's line.

    To be called by what a traced array calls: that is not looked at.
    """
    backward, line = False, ""
    frame: FrameType | None = sys._getframe(3)
    while frame is not None:
        kind = _kinds.get(id(frame.f_code))
        if kind is None:
            kind = _kind(frame)
        if kind != _OURS:
            if kind & _BACKWARD:
                backward = True
            if not (line or kind & _OURS):
                line = f"{frame.f_code.co_filename}:{frame.f_lineno}"
            if line and (backward or kind & _OBSERVING):
                break
        frame = frame.f_back
    return backward, line


def _kind(frame: FrameType) -> int:
    """Return what the function of a frame is, as a sum of the above."""
    code = frame.f_code
    kind = _kinds.get(id(code))
    if kind is None:
        if len(_kept) > _MOST_KNOWN:
            _kinds.clear()
            _kept.clear()
        name = frame.f_globals.get("__name__", "")
        kind = _OURS if name.partition(".")[0] in _LIBRARIES else 0
        kind += _BACKWARD if code.co_name == "backpropagate" else 0
        kind += _OBSERVING if code.co_name == "observed" and kind & _OURS else 0
        _kinds[id(code)] = kind
        _kept.append(code)
    return kind


_kinds: dict[int, int] = {}
"""What functions are, by the id of their code, since it takes long to hash code."""

_kept: list[CodeType] = []
"""The same code: as long as it is kept, no other has its id."""

_MOST_KNOWN = 10_000
