"""Softmax, its logarithm, and the logarithm of its denominator."""

from typing import Any

import numpy as np

from autograd_lite.functions.general.differentiation import as_floating, as_tensor
from autograd_lite.functions.mathematics.reductions import chosen_among
from autograd_lite.numpy_protocols.dispatch import implements_method
from autograd_lite.operands import explain
from autograd_lite.ops.learning import softmax as _softmax
from autograd_lite.ops.mathematics import arithmetic
from autograd_lite.ops.mathematics.reductions import Axis
from autograd_lite.tensor import Tensor, TensorLike, apply

__all__ = [
    "log_softmax",
    "logsumexp",
    "softmax",
]


def softmax(x: TensorLike, axis: Axis = -1) -> Tensor:
    """Return ``exp(x) / sum(exp(x))`` along ``axis``: positive values that sum to 1.

    Examples
    --------
    >>> softmax([1000.0, 1000.0, 0.0])
    Tensor([0.5, 0.5, 0. ])
    """
    return apply(_softmax.softmax, (as_floating(x),), {"axis": axis})


def log_softmax(x: TensorLike, axis: Axis = -1) -> Tensor:
    """Return ``log(softmax(x))`` along ``axis``, exact where softmax itself would be 0.

    Examples
    --------
    >>> log_softmax([0.0, 1000.0])
    Tensor([-1000.,     0.])
    """
    return apply(_softmax.log_softmax, (as_floating(x),), {"axis": axis})


@implements_method(np.logaddexp, "reduce")
def logsumexp(
    x: TensorLike,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    b: TensorLike | None = None,
    return_sign: bool = False,
) -> Any:
    """Return ``log(sum(b * exp(x)))`` along ``axis`` without overflow.

    Parameters
    ----------
    x : Tensor or array_like
        For complex numbers the result is the principal value.
    axis : int, tuple of int, or None
        The axes to reduce; ``None`` means all of them.
    keepdims : bool
        Keep the reduced axes, with length 1.
    b : Tensor or array_like, optional
        Weights, which broadcast against ``x``. They may be negative, and can be differentiated
        too. A value with the weight 0 adds nothing, even if it is infinite or NaN.
    return_sign : bool
        Return a tuple: the logarithm of the absolute value of the sum, and the sign of the sum, a
        constant. Otherwise the result is NaN where the sum is negative.

    Raises
    ------
    ShapeError
        If there is no such axis, or ``b`` doesn't broadcast.

    Examples
    --------
    >>> logsumexp([1000.0, 1000.0]).item() - 1000
    0.69314...
    >>> logsumexp([1000.0, 1001.0], b=[1.0, -1.0], return_sign=True)
    (Tensor(1000.54132485), Tensor(-1.))
    """
    x = as_floating(x)
    if b is not None or return_sign:
        weights = 1 if b is None else b
        weights = as_tensor(weights, x.dtype if isinstance(weights, int | float) else None)
        y, sign = _weighted_logsumexp(x, weights, axis, keepdims, return_sign)
        return (y, sign) if return_sign else y
    return apply(_softmax.logsumexp, (x,), {"axis": axis, "keepdims": keepdims})


def _weighted_logsumexp(
    x: Tensor, b: Tensor, axis: Axis, keepdims: bool, absolute: bool
) -> tuple[Tensor, Tensor]:
    """Return the logarithm of the weighted sum, or of its absolute value, and the sum's sign."""
    half = np.result_type(x.dtype, b.dtype) == np.float16
    if half:
        x = x.astype(np.float32)
    with np.errstate(all="ignore"):
        void = b.array == 0
        try:
            weighty = np.where(void, -np.inf, x.array.real)
            m = np.max(weighty, axis=axis, keepdims=True, initial=-np.inf)
        except ValueError as error:
            raise explain("logsumexp", "", [x.array, b.array], {"axis": axis}, error) from error
        m = np.where(np.isfinite(m), m, 0)  # a constant, for the result doesn't depend on it
        x = chosen_among(~void | np.isfinite(x.array), x, -np.inf)
        total = apply(arithmetic.times, (b, (x - m).exp()), {}).sum(axis, keepdims=keepdims)
        y = (total.abs() if absolute else total).log() + m.reshape(total.shape)
    sign = as_tensor(np.sign(total.array))
    return (y.astype(np.float16), sign.astype(np.float16)) if half else (y, sign)
