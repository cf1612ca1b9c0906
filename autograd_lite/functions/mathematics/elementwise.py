"""Absolute values, choices between values, and bounds."""

from typing import Any

import numpy as np

from autograd_lite.errors import DomainError
from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.functions.general.making import also_named, binary, documented, unary
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.mathematics import elementwise
from autograd_lite.tensor import Tensor, TensorLike, apply, compute

__all__ = [
    "abs",
    "absolute",
    "clip",
    "fabs",
    "fmax",
    "fmin",
    "maximum",
    "minimum",
    "nan_to_num",
    "unwrap",
]

abs = unary(
    "abs",
    elementwise.absolute,
    "Return the absolute value of each value of ``x``; the gradient at 0 is 0.",
    ">>> abs([-2.0, 3.0])\nTensor([2., 3.])",
)

fabs = unary(
    "fabs",
    elementwise.fabs,
    "Return the absolute values of real numbers, as floating numbers even for integers.",
    ">>> fabs([-2, 3])\nTensor([2., 3.])",
)

maximum = binary(
    "maximum",
    elementwise.maximum,
    "Return the larger value, NaN if one is NaN; equal values get half the gradient each.",
    ">>> maximum([1.0, 5.0], 3.0)\nTensor([3., 5.])",
)

minimum = binary(
    "minimum",
    elementwise.minimum,
    "Return the smaller value, NaN if one is NaN; equal values get half the gradient each.",
    ">>> minimum([1.0, 5.0], 3.0)\nTensor([1., 3.])",
)

fmax = binary(
    "fmax",
    elementwise.fmax,
    "Return the larger value, ignoring NaN beside a number; ties are as in :func:`maximum`.",
    ">>> fmax([1.0, np.nan], 3.0)\nTensor([3., 3.])",
)

fmin = binary(
    "fmin",
    elementwise.fmin,
    "Return the smaller value, ignoring NaN beside a number; ties are as in :func:`minimum`.",
    ">>> fmin([1.0, np.nan], 3.0)\nTensor([1., 3.])",
)


@also_named(a_min="min", a_max="max")
def clip(x: TensorLike, /, min: Any = None, max: Any = None) -> Tensor:
    """Limit values to ``[min, max]``.

    Parameters
    ----------
    x : Tensor or array_like
    min, max : Tensor or array_like, optional
        The bounds, which broadcast and can be differentiated too; ``None`` means no bound. NumPy's
        other names for them, ``a_min`` and ``a_max``, work as well.

    Raises
    ------
    ShapeError
        If the operands don't broadcast.

    Notes
    -----
    Inside the bounds, and on one, the gradient goes to ``x``; outside it goes to the bound.

    Examples
    --------
    >>> clip([-2.0, 0.5, 2.0], 0, 1)
    Tensor([0. , 0.5, 1. ])
    """
    x = as_tensor(x)
    if x.dtype.kind in "biu":  # bounds of infinity would make them floating
        integers: Tensor = compute(np.clip, x, min, max)
        return integers
    low = -np.inf if min is None else min
    high = np.inf if max is None else max
    return apply(elementwise.clip, (x, low, high), {})


@implements(np.clip)
def _numpy_clip(
    a: TensorLike, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None
) -> Tensor:
    """Limit values as ``np.clip`` does, which has two names for each bound."""
    if (min is not None or max is not None) and (a_min is not None or a_max is not None):
        raise DomainError("clip: min and max are other names of a_min and a_max; give one pair")
    return clip(a, a_min if min is None else min, a_max if max is None else max)


@implements(np.nan_to_num)
def nan_to_num(
    x: TensorLike,
    copy: bool = True,
    nan: float = 0.0,
    posinf: float | None = None,
    neginf: float | None = None,
) -> Tensor:
    """Replace NaN and infinities by numbers; the gradient there is 0.

    Parameters
    ----------
    x : Tensor or array_like
    copy : bool
        False: write the numbers into ``x`` itself, and return it.
    nan, posinf, neginf : float, optional
        The numbers; by default 0, and the largest and the lowest number of the dtype.

    Examples
    --------
    >>> nan_to_num([1.0, np.nan, np.inf], posinf=100.0)
    Tensor([  1.,   0., 100.])
    """
    x = as_tensor(x)
    numbers = {"nan": nan, "posinf": posinf, "neginf": neginf}
    if copy:
        return apply(elementwise.nan_to_num, (x,), numbers)
    before = x.copy() if x.requires_grad else x  # the rule needs the values that are overwritten
    x[...] = apply(elementwise.nan_to_num, (before,), numbers)
    return x


@implements(np.unwrap)
def unwrap(
    p: TensorLike, discont: float | None = None, axis: int = -1, *, period: float = 2 * np.pi
) -> Tensor:
    """Add whole periods to angles, so that neighbors along ``axis`` don't jump.

    Parameters
    ----------
    p : Tensor or array_like
    discont : float, optional
        The smallest jump to remove, half a period by default.
    axis : int
    period : float

    Raises
    ------
    AxisError
        If there is no such axis.

    Examples
    --------
    >>> unwrap([0.0, 3.0, 6.0, 0.5, 3.5], period=6.0)
    Tensor([0. , 3. , 6. , 6.5, 9.5])
    """
    params = {"discont": discont, "axis": axis, "period": period}
    return apply(elementwise.unwrap, (as_tensor(p),), params)


absolute = abs

__test__ = documented(globals())
