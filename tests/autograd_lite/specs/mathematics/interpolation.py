"""Interpolation."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec, operands

from ..drawing import SHAPES


@st.composite
def interpolated(draw: st.DrawFn) -> Case:
    count = draw(st.integers(1, 4))
    shape = draw(SHAPES)[0]
    x, xp = draw(operands(2, low=-3, high=3, shapes=st.just((shape, (count,)))))
    fp, ends = draw(operands(2, shapes=st.just(((count,), (2,)))))
    given = draw(st.sampled_from([(), ("left",), ("right",), ("left", "right")]))
    period = draw(st.sampled_from([None, 1.7, -7.0]))
    xp = np.sort(xp) if period is None else xp
    return Case((x, xp, fp, ends), {"given": given, "period": period})


def interp(x: Any, xp: Any, fp: Any, ends: Any, given: Any, period: Any) -> Any:
    if not isinstance(x, np.ndarray) or x.dtype.kind != "c":
        values = {"left": ends[0], "right": ends[1]}
        left, right = (values[name] if name in given else None for name in ("left", "right"))
        return np.interp(x, xp, fp, left=left, right=right, period=period) + ends[0]
    raise AssertionError


def apart(case: Case) -> bool:
    """Return True if no value is near a knot, nor any two knots are, with the period."""
    x, xp, *_ = case.inputs
    period = case.params["period"]
    if period is None:
        return True
    all_of_them = np.sort(np.concatenate([x.reshape(-1), xp]) % abs(period))
    gaps = np.diff(np.concatenate([[0.0], all_of_them, [abs(period)]]))
    return bool(np.all(gaps > 0.01))


SPECS = [
    Spec(interp, cases=interpolated().filter(apart), name="interp"),
    Spec(
        lambda fp, x, xp: np.interp(x, xp, fp),
        cases=interpolated()
        .filter(lambda case: case.params["period"] is None)
        .map(lambda case: Case(case.inputs[2:3], {"x": case.inputs[0], "xp": case.inputs[1]})),
        complex=True,
        name="interp of complex",
    ),
]
