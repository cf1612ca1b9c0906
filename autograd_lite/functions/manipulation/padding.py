"""Padding, in all of NumPy's modes."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd_lite.errors import DomainError, DTypeError, ShapeError, UnsupportedError
from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.functions.manipulation.joining import concatenate
from autograd_lite.functions.manipulation.rearranging import flip
from autograd_lite.functions.manipulation.shaping import axes_of, broadcast_to, copy
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.manipulation import padding
from autograd_lite.ops.manipulation.padding import Widths
from autograd_lite.tensor import Tensor, TensorLike, apply, compute

__all__ = ["pad"]


def _pairs(name: str, numbers: Any, ndim: int) -> Any:
    """Return a pair (before, after) for each axis."""
    try:
        return np.broadcast_to(numbers, (ndim, 2))
    except ValueError as error:
        raise ShapeError(
            f"pad: {name} must be one number, a pair for before and after, or such a pair for "
            f"each of {ndim} axes"
        ) from error


def _widths(x: Tensor, pad_width: Any) -> Widths:
    if isinstance(pad_width, Mapping):
        pairs = np.zeros((x.ndim, 2), int)
        for axis, width in pad_width.items():
            pairs[axes_of("pad", x, axis)[0]] = width
    else:
        pairs = _pairs("pad_width", compute(np.array, pad_width).data, x.ndim)
    if pairs.dtype.kind not in "iu":
        raise DTypeError(f"pad: pad_width must be integers, not {pairs.dtype}")
    if pairs.size and pairs.min() < 0:
        raise ShapeError("pad: pad_width can't be negative; index the tensor to crop it")
    return tuple((before, after) for before, after in pairs.tolist())


@implements(np.pad, gives_arrays=True)
def pad(
    array: TensorLike,
    pad_width: Any,
    mode: str = "constant",
    *,
    constant_values: TensorLike | None = None,
    end_values: TensorLike | None = None,
    reflect_type: str | None = None,
    stat_length: Any = None,
) -> Tensor:
    """Return the tensor with values added at its borders.

    Parameters
    ----------
    array : Tensor or array_like
    pad_width : int, pair of int, sequence of pairs, or dict
        The number of values to add: one number for all borders; a pair (before, after) for all
        axes; a pair for each axis; or a dict from axes to numbers or pairs.
    mode : str
        The values to add:

        - ``"constant"``: ``constant_values``, 0 by default;
        - ``"edge"``: the values at the border;
        - ``"reflect"``, ``"symmetric"``: the values mirrored at the border, without or with the
          border value itself;
        - ``"wrap"``: the values from the other side;
        - ``"linear_ramp"``: even steps from the border to ``end_values``, 0 by default;
        - ``"maximum"``, ``"minimum"``, ``"mean"``, ``"median"``: this statistic of the
          ``stat_length`` values nearest to the border, by default of all values;
        - ``"empty"``: unspecified values.
    constant_values, end_values : Tensor or array_like, optional
        One for all borders, a pair, or a pair for each axis. Differentiable.
    reflect_type : {"even", "odd"}, optional
        ``"odd"`` reflects the values in the border value as well: ``2 * border - value``.
    stat_length : int, pair, or sequence of pairs, optional
        As ``pad_width``.

    Raises
    ------
    ShapeError
        If the widths are negative or don't fit the tensor, or the mode needs values of an axis
        that is empty.
    DTypeError
        If the widths aren't integers.
    DomainError
        If there is no such mode, or the mode doesn't take a keyword that is given.
    UnsupportedError
        If the mode is a function.

    Examples
    --------
    >>> pad([1.0, 2.0, 3.0], (1, 2), mode="reflect")
    Tensor([2., 1., 2., 3., 2., 1.])
    """
    if callable(mode):
        raise UnsupportedError(
            "pad: a function as mode writes into an array, which can't be recorded; name a mode"
        )
    if mode not in _MODES:
        raise DomainError(f"pad: mode {mode!r} is not one of {', '.join(_MODES)}")
    padded, keyword = _MODES[mode]
    options = {
        "constant_values": constant_values,
        "end_values": end_values,
        "reflect_type": reflect_type,
        "stat_length": stat_length,
    }
    given = {name: option for name, option in options.items() if option is not None}
    if given.keys() - {keyword}:
        raise DomainError(f"pad: mode {mode!r} does not take {', '.join(given)}")
    x = as_tensor(array)
    widths = _widths(x, pad_width)
    if not any(map(any, widths)):
        return copy(x)
    if x.dtype.kind not in "fc":  # NumPy rounds new values to integers
        found: Tensor = compute(np.pad, x, widths, mode, **given)
        return found
    if padded is not _constant:
        for axis, width in enumerate(widths):
            if not x.shape[axis] and any(width):
                raise ShapeError(
                    f"pad of shape {x.shape}: axis {axis} is empty, so mode {mode!r} has no values "
                    "to pad with; use mode='constant'"
                )
        if not x.size:
            return _constant(x, widths, mode, None)
    return padded(x, widths, mode, options.get(keyword))


def _along(x: Tensor, axis: int, part: slice) -> Tensor:
    return x[(*(slice(None),) * axis, part)]


def _bordered(
    x: Tensor, axis: int, width: tuple[int, int], before: Tensor, after: Tensor
) -> Tensor:
    """Return the tensor with ``before`` and ``after``, broadcast, as borders along one axis."""
    shapes = [(*x.shape[:axis], n, *x.shape[axis + 1 :]) for n in width]
    return concatenate([broadcast_to(before, shapes[0]), x, broadcast_to(after, shapes[1])], axis)


def _constant(x: Tensor, widths: Widths, mode: str, values: TensorLike | None) -> Tensor:
    constants = as_tensor(0.0 if values is None else values)
    if constants.size == 1 and not constants.requires_grad:
        params = {"widths": widths, "value": constants.item()}
        return apply(padding.pad_constant, (x,), params)
    pairs = _pairs("constant_values", as_tensor(constants, x.dtype), x.ndim)
    for axis, width in enumerate(widths):
        x = _bordered(x, axis, width, pairs[axis, 0], pairs[axis, 1])
    return x


def _linear_ramp(x: Tensor, widths: Widths, mode: str, ends: TensorLike | None) -> Tensor:
    pairs = _pairs("end_values", as_tensor(0.0 if ends is None else ends, x.dtype), x.ndim)
    for axis, (before, after) in enumerate(widths):
        lengths = [-1 if i == axis else 1 for i in range(x.ndim)]
        rising = (np.arange(before) / (before or 1)).astype(x.dtype).reshape(lengths)
        falling = (np.arange(after)[::-1] / (after or 1)).astype(x.dtype).reshape(lengths)
        left, right = pairs[axis, 0], pairs[axis, 1]
        first, last = _along(x, axis, slice(0, 1)), _along(x, axis, slice(-1, None))
        ramps = left + (first - left) * rising, right + (last - right) * falling
        x = _bordered(x, axis, (before, after), *ramps)
    return x


def _statistic(x: Tensor, widths: Widths, mode: str, stat_length: Any) -> Tensor:
    statistic: Any = {"maximum": np.max, "minimum": np.min}.get(mode) or getattr(np, mode)
    lengths = _pairs("stat_length", np.array(stat_length, dtype=object), x.ndim)
    if any(length is not None and length < 1 for length in lengths.flat):
        raise ShapeError(
            f"pad: mode {mode!r} needs a positive stat_length, not {stat_length!r}; give 1 or more"
        )
    for axis, width in enumerate(widths):
        n = x.shape[axis]
        first, last = (n if length is None else min(length, n) for length in lengths[axis])
        borders = [
            statistic(_along(x, axis, part), axis=axis, keepdims=True)
            for part in (slice(first), slice(n - last, None))
        ]
        x = _bordered(x, axis, width, *borders)
    return x


def _copies(x: Tensor, widths: Widths, mode: str, option: Any = None) -> Tensor:
    for axis, width in enumerate(widths):
        if any(width):
            x = apply(padding.pad_copies, (x,), {"axis": axis, "width": width, "mode": mode})
    return x


def _reflection(x: Tensor, widths: Widths, mode: str, reflect_type: str | None) -> Tensor:
    if reflect_type not in (None, "even", "odd"):
        raise DomainError(f"pad: reflect_type must be 'even' or 'odd', not {reflect_type!r}")
    if reflect_type != "odd":
        return _copies(x, widths, mode)
    skipped = int(mode == "reflect")  # the border value, which mode "reflect" doesn't mirror
    for axis, (before, after) in enumerate(widths):
        most = x.shape[axis] - skipped
        if not most:  # nothing to mirror
            alone = tuple(width if i == axis else (0, 0) for i, width in enumerate(widths))
            x = _copies(x, alone, "edge")
            continue
        for done in range(0, max(before, after), most):  # each turn mirrors the result of the last
            width = (min(max(before - done, 0), most), min(max(after - done, 0), most))
            x = _mirrored(x, axis, width, skipped)
    return x


def _mirrored(x: Tensor, axis: int, width: tuple[int, int], skipped: int) -> Tensor:
    """Return the tensor with borders that are reflected in the values at its ends."""
    n = x.shape[axis]
    before, after = width
    left = flip(_along(x, axis, slice(skipped, skipped + before)), axis)
    right = flip(_along(x, axis, slice(n - skipped - after, n - skipped)), axis)
    first, last = _along(x, axis, slice(0, 1)), _along(x, axis, slice(n - 1, n))
    return _bordered(x, axis, width, 2 * first - left, 2 * last - right)


# for each mode: the function that pads, and the keyword that it takes
_MODES: dict[str, tuple[Callable[..., Tensor], str]] = {
    "constant": (_constant, "constant_values"),
    "edge": (_copies, ""),
    "empty": (_constant, ""),
    "linear_ramp": (_linear_ramp, "end_values"),
    "maximum": (_statistic, "stat_length"),
    "mean": (_statistic, "stat_length"),
    "median": (_statistic, "stat_length"),
    "minimum": (_statistic, "stat_length"),
    "reflect": (_reflection, "reflect_type"),
    "symmetric": (_reflection, "reflect_type"),
    "wrap": (_copies, ""),
}
