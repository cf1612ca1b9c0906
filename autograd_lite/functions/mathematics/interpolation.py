"""Linear interpolation."""

from typing import Any

import numpy as np

from autograd_lite.errors import DomainError, DTypeError, ShapeError
from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.functions.manipulation.joining import concatenate
from autograd_lite.functions.selecting.selecting import where
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.tensor import Tensor, TensorLike

__all__ = ["interp"]


@implements(np.interp)
def interp(
    x: TensorLike,
    xp: TensorLike,
    fp: TensorLike,
    left: TensorLike | None = None,
    right: TensorLike | None = None,
    period: float | None = None,
) -> Tensor:
    """Interpolate linearly between the knots ``(xp, fp)``.

    Parameters
    ----------
    x : Tensor or array_like, real
        The points to evaluate at.
    xp : Tensor or array_like, a real vector
        The coordinates of the knots, in increasing order unless there is a period.
    fp : Tensor or array_like, a vector of the same length
        The values at the knots, real or complex.
    left, right : Tensor or array_like, optional
        The values before the first knot and after the last one. By default the values at these
        knots.
    period : float, optional
        Repeat the knots with this period; ``left`` and ``right`` are then ignored.

    Returns
    -------
    Tensor, of the shape of ``x``, float64 or complex128

    Raises
    ------
    ShapeError
        If the knots aren't vectors of one length, or there are none.
    DomainError
        If the period is 0.
    DTypeError
        If ``x`` or ``xp`` is complex.

    Notes
    -----
    Every argument but the period can be differentiated. The slope at a knot is the slope of the
    line after it, and at the last knot the slope of the line before it.

    Examples
    --------
    >>> interp([0.5, 1.5, 9.0], [0.0, 1.0, 2.0], [0.0, 10.0, 30.0])
    Tensor([ 5., 20., 30.])
    """
    for name, real in (("x", x), ("xp", xp)):
        if as_tensor(real).dtype.kind == "c":
            raise DTypeError(f"interp: {name} must be real; it is {as_tensor(real).dtype}")
    at, knots, values = _double(as_tensor(x)), _double(as_tensor(xp)), _double(as_tensor(fp))
    if knots.ndim != 1 or knots.shape != values.shape or not knots.size:
        raise ShapeError(
            f"interp: xp of shape {knots.shape} and fp of shape {values.shape} must be vectors of "
            "one length, and not empty"
        )
    if period is not None:
        left = right = None
        at, knots, values = _repeated(at, knots, values, period)
    first, last = knots.data[0], knots.data[-1]
    before, behind = at.data < first, at.data > last
    inside = where(before | behind, first, at)  # so that inf - inf can't spoil the gradients
    upper = np.searchsorted(knots.data, inside.data, side="right").clip(max=knots.size - 1)
    lower = np.maximum(upper - 1, 0)
    step = knots[upper] - knots[lower]
    jump: Any = step == 0  # only at the last knot: if it is there twice, or is the only one
    slope = (values[upper] - values[lower]) / where(jump, 1.0, step)
    y = where(jump, values[upper], values[lower] + slope * (inside - knots[lower]))
    y = where(before, values[0] if left is None else left, y)
    return where(behind, values[-1] if right is None else right, y)


def _double(x: Tensor) -> Tensor:
    return x.astype(np.complex128 if x.dtype.kind == "c" else np.float64)


def _repeated(
    x: Tensor, knots: Tensor, values: Tensor, period: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Bring everything into one period, and add a knot before the first and after the last."""
    if period == 0:
        raise DomainError("interp: the period must not be 0")
    period = abs(period)
    x, knots = x % period, knots % period
    order = np.argsort(knots.data)
    knots, values = knots[order], values[order]
    knots = concatenate([knots[-1:] - period, knots, knots[:1] + period])
    return x, knots, concatenate([values[-1:], values, values[:1]])
