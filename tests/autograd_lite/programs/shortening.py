"""Shortening a program that is wrong, so that a person sees where."""

import re

from .comparing import Mismatch, check
from .running import Program


def explained(program: Program, mismatch: Mismatch) -> Mismatch:
    """Return the mismatch of a shorter program that is wrong in the same way."""
    kind = _kind(mismatch)
    shorter = program
    again = True
    while again:
        again = False
        for i in range(len(shorter.lines)):
            without = Program(shorter.inputs, shorter.lines[:i] + shorter.lines[i + 1 :])
            found = _mismatch_of(without)
            if found is not None and _kind(found) == kind:
                shorter, mismatch, again = without, found, True
                break
    return mismatch


def _kind(mismatch: Mismatch) -> str:
    """Return the first words of a mismatch, without its numbers."""
    return re.sub(r"[^a-z ]|e-\d+", "", str(mismatch).partition("\n")[0])[:24]


def _mismatch_of(program: Program) -> Mismatch | None:
    try:
        check(program)
    except Mismatch as mismatch:
        return mismatch
    except Exception:  # a program that lacks a statement may fail in any way
        return None
    return None
