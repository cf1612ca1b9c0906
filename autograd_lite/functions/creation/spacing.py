"""Evenly spaced numbers, differentiable with respect to their ends."""

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite.errors import ShapeError
from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.operands import check_device
from autograd_lite.ops.creation import spacing
from autograd_lite.primitive import Primitive
from autograd_lite.tensor import Tensor, TensorLike, apply, compute

__all__ = [
    "geomspace",
    "linspace",
    "logspace",
]


def _spaced(
    op: Primitive, start: Any, stop: Any, num: int, endpoint: bool, dtype: Any, axis: int
) -> Tensor:
    params = {"num": num, "endpoint": endpoint, "axis": axis}
    if dtype is not None and np.dtype(dtype).kind in "biu":  # rounded, so without a derivative
        rounded: Tensor = compute(op.forward, start, stop, dtype=dtype, **params)
        return rounded
    spaced = apply(op, (start, stop), params)
    return spaced if dtype is None else spaced.astype(dtype)


@implements(np.linspace)
def linspace(
    start: TensorLike,
    stop: TensorLike,
    num: int = 50,
    endpoint: bool = True,
    *,
    dtype: npt.DTypeLike | None = None,
    axis: int = 0,
    device: Any = None,
) -> Tensor:
    """Return ``num`` evenly spaced numbers from ``start`` to ``stop``.

    Parameters
    ----------
    start, stop : Tensor or array_like
        The ends, which broadcast against each other.
    num : int
        How many numbers.
    endpoint : bool
        Whether ``stop`` is the last number; if not, it would be the next one.
    dtype : dtype, optional
        The dtype of the result, a floating one by default. Integers are rounded, and constant.
    axis : int
        The position of the new axis in the result.
    device : str, optional
        ``"cpu"``.

    Raises
    ------
    ShapeError
        If ``num`` is negative, the ends don't broadcast, or there is no such axis.

    Examples
    --------
    >>> stop = Tensor(3.0, requires_grad=True)
    >>> x = linspace(1.0, stop, 3)
    >>> x.data
    array([1., 2., 3.])
    >>> x.sum().backward()
    >>> stop.grad
    Tensor(1.5)
    """
    check_device(device)
    return _spaced(spacing.linspace, start, stop, num, endpoint, dtype, axis)


@implements(np.geomspace)
def geomspace(
    start: TensorLike,
    stop: TensorLike,
    num: int = 50,
    endpoint: bool = True,
    dtype: npt.DTypeLike | None = None,
    axis: int = 0,
) -> Tensor:
    """Return ``num`` numbers from ``start`` to ``stop``, each a constant multiple of the last.

    See :func:`linspace` for the parameters.

    Raises
    ------
    ShapeError
        As for :func:`linspace`, or if an end is 0.

    Examples
    --------
    >>> geomspace(1.0, 1000.0, 4)
    Tensor([   1.,   10.,  100., 1000.])
    """
    return _spaced(spacing.geomspace, start, stop, num, endpoint, dtype, axis)


@implements(np.logspace)
def logspace(
    start: TensorLike,
    stop: TensorLike,
    num: int = 50,
    endpoint: bool = True,
    base: TensorLike = 10.0,
    dtype: npt.DTypeLike | None = None,
    axis: int = 0,
) -> Tensor:
    """Return ``base ** linspace(start, stop)``; see :func:`linspace` for the parameters.

    Raises
    ------
    ShapeError
        As for :func:`linspace`, or if ``base`` isn't a single number.

    Examples
    --------
    >>> logspace(0.0, 3.0, 4)
    Tensor([   1.,   10.,  100., 1000.])
    """
    if as_tensor(base).ndim:
        raise ShapeError(
            f"logspace takes a single number as its base, not shape {as_tensor(base).shape}; "
            "write base ** linspace(...)"
        )
    powers = base ** linspace(start, stop, num, endpoint, axis=axis)
    return powers if dtype is None else powers.astype(dtype)
