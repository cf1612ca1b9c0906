"""Gradients of programs drawn at random are those of JAX."""

import random
import warnings

import numpy as np
import pytest

from autograd_lite import gradients
from autograd_lite.errors import GraphError

from ..autograd_lite.programs.comparing import differentiated, leaves_of, scalar
from ..autograd_lite.programs.drawing import draw_program
from ..autograd_lite.programs.running import ProgramError, execute
from ..autograd_lite.programs.statements import LINES

PROGRAMS = 60
THEMES = [theme for theme in LINES if theme not in ("writing", "without axes")]

NOT_DIFFERENTIATED = ("np.unique",)
"""What JAX takes for constant."""


def jaxs(jax, program, names, leaves):
    """Return JAX's value and gradients, None where it can't run the program."""
    rest = {k: jax.numpy.asarray(v) for k, v in program.inputs.items() if k not in leaves}
    given = {name: jax.numpy.asarray(program.inputs[name]) for name in leaves}

    def total(given):
        return scalar(execute(program, given | rest, jax.numpy), names, jax.numpy)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return jax.value_and_grad(total)(given)
        except (ProgramError, KeyError, TypeError, ValueError):
            return None


def test_gradients_are_those_of_jax():
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    compared = 0
    for seed in range(PROGRAMS):
        program = draw_program(random.Random(seed), THEMES, length=4)
        if any(name in line for line in program.lines for name in NOT_DIFFERENTIATED):
            continue
        given = leaves_of(program)
        try:
            tensors = execute(program, given)
            names = differentiated(tensors)
            leaves = {name: x for name, x in given.items() if x.requires_grad}
            total = scalar(tensors, names)
            slopes = gradients(total, [*leaves.values()], allow_unused=True)
        except (ProgramError, GraphError):
            continue
        value, theirs = jaxs(jax, program, names, leaves) or (np.nan, {})
        if not np.isclose(value, total.item()):
            continue  # partition, for one, may leave another order
        compared += 1
        for name, ours in zip(leaves, slopes, strict=True):
            expected = np.conj(np.asarray(theirs[name]))  # JAX's convention is the conjugate
            found = np.where(np.isnan(expected), np.nan, ours.data)  # as of the std of equal values
            np.testing.assert_allclose(found, expected, 1e-6, 1e-6, err_msg=str(program))
    assert compared > PROGRAMS / 3
