"""Functions that apply other functions to parts of a tensor."""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from autograd_lite.errors import ShapeError
from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.functions.manipulation.joining import stack
from autograd_lite.functions.manipulation.shaping import broadcast_to, expand_dims, moveaxis
from autograd_lite.functions.selecting.selecting import axis_of
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.selecting import indexing
from autograd_lite.tensor import Tensor, TensorLike, apply

__all__ = ["apply_along_axis", "apply_over_axes", "piecewise"]


@implements(np.apply_along_axis)
def apply_along_axis(
    func1d: Callable[..., Any], axis: int, arr: TensorLike, *args: Any, **kwargs: Any
) -> Tensor:
    """Apply a function of vectors to each line along ``axis``.

    Parameters
    ----------
    func1d : callable
        ``(vector, *args, **kwargs) -> number or array``; the shape must be the same each time.
    axis : int
        The axis of the lines. The axes of the function's results take its place.
    arr : Tensor or array_like
    *args, **kwargs
        Passed on to ``func1d``.

    Raises
    ------
    ShapeError
        If there are no lines, there is no such axis, or the results differ in shape.

    Examples
    --------
    >>> apply_along_axis(np.sum, 0, [[1.0, 2.0], [3.0, 4.0]])
    Tensor([4., 6.])
    """
    x = as_tensor(arr)
    axis = axis_of("apply_along_axis", x, axis)
    others = (*x.shape[:axis], *x.shape[axis + 1 :])
    if 0 in others:
        raise ShapeError(
            f"apply_along_axis: a tensor of shape {x.shape} has no lines along axis {axis}"
        )
    lines = moveaxis(x, axis, -1).reshape((prod(others), x.shape[axis]))
    results = stack([as_tensor(func1d(line, *args, **kwargs)) for line in lines])
    made = results.ndim - 1
    results = results.reshape((*others, *results.shape[1:]))
    return moveaxis(results, tuple(range(-made, 0)), tuple(range(axis, axis + made)))


@implements(np.apply_over_axes)
def apply_over_axes(
    func: Callable[[Any, int], Any], a: TensorLike, axes: int | Sequence[int]
) -> Tensor:
    """Apply a function along one axis after the other.

    Parameters
    ----------
    func : callable
        ``(tensor, axis) -> tensor``. The result has the same number of axes or, as in a
        reduction, one less; then an axis of length 1 is inserted.
    a : Tensor or array_like
    axes : int or sequence of int

    Raises
    ------
    ShapeError
        If a result has another number of axes, or there is no such axis.

    Examples
    --------
    >>> apply_over_axes(np.sum, [[1.0, 2.0], [3.0, 4.0]], (0, 1))
    Tensor([[10.]])
    """
    x = as_tensor(a)
    for given in [axes] if isinstance(axes, int) else axes:
        axis = axis_of("apply_over_axes", x, given)
        y = as_tensor(func(x, axis))
        y = y if y.ndim == x.ndim else expand_dims(y, axis)
        if y.ndim != x.ndim:
            raise ShapeError(
                f"apply_over_axes: the function made shape {y.shape} of {x.shape}; it must keep "
                "the number of axes, or remove one"
            )
        x = y
    return x


@implements(np.piecewise)
def piecewise(
    x: TensorLike,
    condlist: TensorLike | Sequence[TensorLike],
    funclist: Sequence[Any],
    *args: Any,
    **kw: Any,
) -> Tensor:
    """Evaluate a function of ``x`` that is defined piecewise, by conditions.

    Parameters
    ----------
    x : Tensor or array_like
    condlist : sequence of array_like of bool
        With the shape of ``x``. Where several are true, the last one counts.
    funclist : sequence of callable or number
        For each condition, ``(values of x where it is true, *args, **kw) -> values``, or a value.
        One more may be given for where no condition is true; by default, the result is 0 there.
    *args, **kw
        Passed on to the functions.

    Returns
    -------
    Tensor, with the shape and the dtype of ``x``

    Raises
    ------
    ShapeError
        If the number of functions doesn't fit the number of conditions.

    Examples
    --------
    >>> x = as_tensor([-2.0, 3.0])
    >>> piecewise(x, [x < 0], [lambda x: -x, lambda x: x * x])
    Tensor([2., 9.])
    """
    at = as_tensor(x)
    conditions = np.asarray([as_tensor(c).data for c in _listed(condlist, at)], dtype=bool)
    count = len(funclist)
    if count == len(conditions) + 1:
        otherwise = ~np.any(conditions, axis=0, keepdims=True)
        conditions = np.concatenate([conditions, otherwise], axis=0)
    if count != len(conditions):
        raise ShapeError(f"piecewise has {len(conditions)} conditions and {count} functions")
    y = as_tensor(np.zeros_like(at.data))
    for position, function in enumerate(funclist):
        condition = np.asarray(conditions[position])
        if not condition.any():
            continue
        found = function(at[condition], *args, **kw) if callable(function) else function
        values = broadcast_to(as_tensor(found), int(condition.sum())).astype(at.dtype)
        last = np.asarray(~np.any(conditions[position + 1 :], axis=0))
        params = {"index": np.asarray(condition & last), "shape": at.shape}
        y = y + apply(indexing.scatter, (values[last[condition]],), params)
    return y


def _listed(condlist: Any, x: Tensor) -> Any:
    """Return the conditions as a sequence, even where only one was given."""
    alone = np.ndim(condlist) == 0 if not isinstance(condlist, (list, tuple)) else False
    if alone or (x.ndim and not isinstance(condlist[0], (list, np.ndarray, Tensor))):
        return [condlist]
    if isinstance(condlist, Tensor) and condlist.ndim <= x.ndim:
        return [condlist]
    return condlist
