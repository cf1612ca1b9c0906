"""Functions of matrices."""

from typing import Any

import numpy as np
import scipy.linalg
from hypothesis import strategies as st

from autograd_lite import linalg
from autograd_lite.ops.algebra import matrix_functions
from autograd_lite.testing import Case, Spec, operands

from .linear_algebra import matrices, systems_of_equations


def exponentials(a: Any) -> Any:
    y = np.empty_like(a)
    for i in np.ndindex(a.shape[:-2]):
        y[i] = scipy.linalg.expm(a[i])
    return y


def slopes(a: Any, x: Any) -> Any:
    n, y = a.shape[-1], np.empty_like(a)
    for i in np.ndindex(a.shape[:-2]):
        y[i] = scipy.linalg.expm(np.block([[a[i], x[i]], [0 * a[i], a[i]]]))[:n, n:]
    return y


def triangular(a: Any, b: Any, trans: Any, lower: bool, unit_diagonal: bool) -> Any:
    a = np.tril(a) if lower else np.triu(a)
    if unit_diagonal:
        a = a - a * np.eye(a.shape[-1], dtype=a.dtype) + np.eye(a.shape[-1], dtype=a.dtype)
    a = {0: a, "T": a.mT, "C": np.conj(a).mT}[trans]
    return np.linalg.solve(a, b)


@st.composite
def triangles(draw: st.DrawFn) -> Case:
    a, b = draw(systems_of_equations()).inputs
    params = {"trans": draw(st.sampled_from([0, "T", "C"])), "lower": draw(st.booleans())}
    diagonal = 2 * np.eye(a.shape[-1])
    return Case((a + diagonal, b), {**params, "unit_diagonal": draw(st.booleans())})


large = operands(1, low=-2, high=2, shapes=st.sampled_from([((3, 3),), ((2, 4, 4),), ((0, 0),)]))

SPECS = [
    Spec(linalg.solve_triangular, triangular, triangles(), complex=True),
    Spec(matrix_functions.expm, exponentials, large.map(Case), complex=True, order=3),
    Spec(matrix_functions.expm_slope, slopes, matrices(count=2), complex=True),
]
