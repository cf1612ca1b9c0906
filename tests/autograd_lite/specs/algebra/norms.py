"""Norms and condition numbers."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec
from autograd_lite.testing.spec import _complexified

from .linear_algebra import BOOLEANS, SIZES, matrices, of_every_form


def smooth(inputs: tuple[Any, ...], ord: Any, axes: tuple[int, ...]) -> bool:
    """Return True if no norm is near a kink, real or made complex: at 0, or of two that compete."""
    return all(_smooth(x, ord, axes) for x in (*inputs, *_complexified(inputs)))


def _smooth(x: Any, ord: Any, axes: tuple[int, ...]) -> bool:
    sizes = np.abs(x)
    if ord in (2, -2, "nuc") and len(axes) == 2:
        return _apart(np.linalg.svd(np.moveaxis(x, axes, (-2, -1)), compute_uv=False), -1)
    if ord in ("fro", "f", None):
        return True
    if len(axes) == 1:
        rivals, along = sizes, axes[0]
    else:
        summed, along = axes if ord in (1, -1) else axes[::-1]
        rivals = sizes.sum(axis=summed, keepdims=True)
    return bool(np.all(sizes > 0.1)) and _apart(rivals, along)


def _apart(values: Any, axis: int) -> bool:
    return bool(np.all(np.diff(np.sort(values, axis), axis=axis) > 0.03))


def smooth_matrix_norm(case: Case) -> bool:
    return smooth(case.inputs, case.params["ord"], (-2, -1))


def smooth_cond(case: Case) -> bool:
    (x,), p = case.inputs, case.params["p"]
    (z,) = _complexified(case.inputs)
    return all(_smooth(y, p, (-2, -1)) for y in (x, z, np.linalg.inv(x), np.linalg.inv(z)))


def smooth_norm(case: Case) -> bool:
    axis = case.params.get("axis")
    if axis is None:
        return True
    return smooth(case.inputs, case.params["ord"], axis if isinstance(axis, tuple) else (axis,))


ORDERS = st.sampled_from([None, "fro", "f", "nuc", 1, -1, 2, -2, np.inf, -np.inf])


@st.composite
def measured(draw: st.DrawFn) -> Case:
    m, n = draw(st.sampled_from(SIZES))
    case = draw(matrices(m, n))
    (x,) = case.inputs
    keepdims = draw(st.booleans())
    if draw(st.booleans()) and x.size:
        choices = [None, 0, 1, 2, 3, 0.5, -1, 2.5, np.inf, -np.inf]
        axis = draw(st.integers(-x.ndim, x.ndim - 1))
        params = {"ord": draw(st.sampled_from(choices[:1] + choices[2:])), "axis": axis}
    else:
        axes = draw(st.permutations(range(x.ndim)))[:2]
        given = draw(st.sampled_from([tuple(axes), (-2, -1), (-1, -2)]))
        if not all(x.shape[axis] for axis in given):
            given = (-2, -1)
        params = {"ord": draw(ORDERS), "axis": given}
        if params["ord"] is None and draw(st.booleans()):
            params["axis"] = None
    return Case(case.inputs, {**params, "keepdims": keepdims})


@st.composite
def vectors(draw: st.DrawFn) -> Case:
    (x,) = draw(matrices(2, 3)).inputs
    x = np.copysign(0.1 + np.abs(x), x)  # no kink is near
    axis = draw(st.sampled_from([None, -1, (-2, -1), (-1,), ()]))
    order = draw(st.sampled_from([1, 2, 3, 0.5]))
    return Case((x,), {"axis": axis, "ord": order, "keepdims": draw(st.booleans())})


SPECS = [
    Spec(np.linalg.norm, cases=measured().filter(smooth_norm), complex=True),
    Spec(np.linalg.vector_norm, cases=vectors(), complex=True),
    Spec(
        np.linalg.matrix_norm,
        cases=of_every_form(ord=ORDERS.filter(bool), keepdims=BOOLEANS).filter(smooth_matrix_norm),
        complex=True,
    ),
    Spec(
        np.linalg.cond,
        # before 2.3, NumPy gives some of complex matrices as complex numbers
        lambda a, p: np.real(np.linalg.cond(a, p)),
        cases=matrices(least=2, p=ORDERS).filter(smooth_cond),
        complex=True,
    ),
]
