"""Programs drawn at random do on tensors what they do on arrays, and their gradients are right.

``AUTOGRAD_LITE_PROGRAMS=20000 pytest tests/autograd_lite/test_programs.py`` runs as many.
"""

import os
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from autograd_lite.ops.manipulation import shaping
from autograd_lite.ops.mathematics import trigonometric

from .programs.comparing import Mismatch, check
from .programs.drawing import draw_program, extended
from .programs.running import Program, ProgramError, execute
from .programs.shortening import explained
from .programs.statements import LINES

PROGRAMS = int(os.environ.get("AUTOGRAD_LITE_PROGRAMS", "2000"))


@pytest.mark.parametrize("theme", LINES)
@settings(
    max_examples=PROGRAMS // len(LINES),
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # a program has its own way to become shorter
)
@given(seed=st.integers(0, 2**32))
def test_programs_do_on_tensors_what_they_do_on_arrays(theme, seed):
    program = draw_program(random.Random(seed), [theme] * len(LINES) + [*LINES])
    try:
        check(program)
    except Mismatch as mismatch:
        raise explained(program, mismatch) from None


# ------------------------------------------------------------------ the programs and the check


@pytest.mark.parametrize("theme", LINES)
def test_every_line_works_in_some_program(theme):
    dead = set(LINES[theme])
    for seed in range(400):
        chance = random.Random(seed)
        program = draw_program(chance, length=5)
        for line in sorted(dead):
            longer = extended(chance, program, line)
            if longer is not None and not raises(longer):
                dead.remove(line)
        if not dead:
            break
    assert sorted(dead) == []


def raises(program):
    try:
        execute(program)
    except ProgramError:
        return True
    return False


def test_most_programs_are_compared_wholly():
    outcomes = Counter()
    for seed in range(200):
        outcomes[check(draw_program(random.Random(seed)))] += 1
    assert outcomes[""] > 0.6 * outcomes.total(), outcomes


X = {"x0": np.array([0.3, -0.7, 1.1]), "x1": np.array([[1, 0, 2]])}

WRONG = {
    "values": (["t1 = np.sin(x0)"], trigonometric.sin, {"forward": np.cos}, "t1: "),
    "shapes": (["t1 = np.sin(x0)"], trigonometric.sin, {"forward": np.sum}, r"t1: shape \(\)"),
    "dtypes": (
        ["t1 = x1.reshape(3)"],
        shaping.reshape,
        {"forward": lambda x, shape: x.reshape(shape).astype(float)},
        "t1: dtype float64, not int64",
    ),
    "memory": (
        ["t1 = x0.copy()"],
        shaping.copy,
        {"forward": lambda x, order: x},
        r"memory is shared, or not, by \[\('t1', 'x0'\)\]",
    ),
    "slopes": (
        ["t1 = np.tanh(x0)", "t2 = np.sin(t1)"],
        trigonometric.sin,
        {"rules": [lambda g, y, x: g]},
        "gradient .*, differences",
    ),
    "results where NumPy has none": (
        ["t1 = x0.reshape(2)"],
        shaping.reshape,
        {"forward": lambda x, shape: x},
        "NumPy raises, tensors don't: t1 = x0",
    ),
    "errors where NumPy has none": (
        ["t1 = np.sin(x0)"],
        trigonometric.sin,
        {"forward": lambda x: 1 / 0},
        "NumPy gives a result, tensors raise: .*ZeroDivisionError",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_found_and_shortened(what, monkeypatch):
    lines, op, changes, message = WRONG[what]
    program = Program(X, ["a1 = np.cos(x0)", *lines, "a2 = a1 * 2"])
    assert check(program) in ("", "both raise")
    for name, value in changes.items():
        monkeypatch.setattr(op, name, value)
    with pytest.raises(Mismatch, match=message) as caught:
        check(program)
    shorter = str(explained(program, caught.value))
    assert lines[-1] in shorter
    assert "a1" not in shorter
