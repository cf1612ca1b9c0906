"""Connectionist temporal classification: a loss of sequences whose alignment isn't known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite import Primitive, Tensor, TensorLike, as_tensor
from autograd_lite.errors import DomainError, DTypeError, ShapeError
from nn.losses.operands import Reduction, floating, reduced

Array = npt.NDArray[Any]

_LOW = -1e30  # the logarithm of 0, and finite, so that differences of two of them are numbers


def _log_of_sum(x: Any) -> Any:
    m = np.maximum.reduce(x, axis=0)
    return np.log(np.add.reduce(np.exp(x - m), axis=0)) + m


# log(sum(exp(x))) along the first axis
log_of_sum = Primitive("log_of_sum", _log_of_sum, [lambda g, y, x: g * np.exp(x - y)])


def _ways(x: Any, starts: Any, skips: Any) -> Any:
    """Return the logarithms of the probabilities of all ways into each state, up to each time.

    From one time to the next a way stays in its state, or goes on to the next one, or skips one
    where ``skips`` is true. ``x`` has shape (times, examples, states), as the result has; the
    others have shape (examples, states).
    """
    states = x.shape[2]
    jumping = np.where(skips, 0, x.dtype.type(_LOW))
    padding = np.full((x.shape[1], 2), _LOW, x.dtype)
    ways = [np.where(starts, x[0], x.dtype.type(_LOW))]
    for time in range(1, x.shape[0]):
        padded = np.concatenate([padding, ways[-1]], axis=1)
        kinds = ways[-1], padded[:, 1:-1], padded[:, :states] + jumping
        into = np.concatenate([kind[None] for kind in kinds])
        ways.append(log_of_sum(into) + x[time])
    return np.stack(ways)


def _cost(x: Any, skips: Any, last: Any, lengths: Any, zero_infinity: bool) -> Any:
    starts = np.broadcast_to(np.arange(x.shape[2]) < 2, x.shape[1:])
    ways = _ways(np.maximum(x, x.dtype.type(_LOW)), starts, skips)
    ways = np.take_along_axis(ways, lengths[None, :, None] - 1, axis=0)[0]
    y = 0 - _log_of_sum(np.where(last, ways, x.dtype.type(_LOW)).T)
    return np.where(y > -_LOW / 2, 0 if zero_infinity else np.inf, y)  # there was no way


def _cost_rule(
    g: Any, y: Any, x: Any, skips: Any, last: Any, lengths: Any, zero_infinity: bool
) -> Any:
    """Return minus the probability that a way is in a state, given that it leads to the end.

    The ways out of a state are those into it, if times and states are mirrored.
    """
    examples, states = skips.shape
    x = np.maximum(x, x.dtype.type(_LOW))
    times = np.arange(x.shape[0])[:, None, None]
    mirror = np.maximum(lengths[:, None] - 1 - times, 0)
    starts = np.concatenate([np.broadcast_to(np.arange(states) < 2, skips.shape), last[:, ::-1]])
    mirrored = np.concatenate([np.zeros((examples, 2), bool), skips[:, ::-1]], axis=1)[:, :states]
    both = np.concatenate([x, np.take_along_axis(x, mirror, axis=0)[:, :, ::-1]], axis=1)
    ways = _ways(both, starts, np.concatenate([skips, mirrored]))
    out = np.take_along_axis(ways[:, examples:, ::-1], mirror, axis=0)
    visits = ways[:, :examples] + out - x + y[:, None]
    return -g[:, None] * np.exp(np.where(times < lengths[:, None], visits, _LOW))


# -log of the summed probability of all ways through the states, each x[time, example, state], that
# begin in one of the first two states and are in one of the last ones when their time is over
ways_cost = Primitive("ctc_loss", _cost, [_cost_rule, None, None, None])


def ctc_loss(
    log_probabilities: TensorLike,
    targets: TensorLike,
    input_lengths: TensorLike,
    target_lengths: TensorLike,
    blank: int = 0,
    reduction: Reduction = "mean",
    zero_infinity: bool = False,
    *,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Return the connectionist temporal classification loss.

    At each time a class or a blank is predicted. A prediction reads as a sequence of classes:
    repeated ones are merged, then blanks are left out. The cost of an example is minus the
    logarithm of the probability that the prediction reads as the target.

    Parameters
    ----------
    log_probabilities : Tensor or array_like, shape (times, examples, classes) or (times, classes)
        As ``log_softmax`` gives them; one of the classes is the blank.
    targets : integers, shape (examples, longest target), or (sum of target lengths,)
        Classes without the blank: padded to one length, or one target after the other. Without an
        axis of examples, of shape (target length,).
    input_lengths, target_lengths : integers, shape (examples,) or ()
        How many times, and how many classes of its target, each example has.
    blank : int
        The class that is the blank.
    reduction : {"mean", "batch_mean", "sum", "none"}
        ``"mean"`` divides each cost by the length of its target (at least 1) and averages;
        ``"batch_mean"`` averages the costs; see :mod:`nn.losses.operands` for the others.
    zero_infinity : bool
        Let an infinite cost, of a target that is too long for its input, and its gradient be 0. By
        default, the gradient of such an example isn't finite.
    sample_weight : Tensor or array_like, shape (examples,), optional
        See :mod:`nn.losses.operands`.

    Returns
    -------
    Tensor
        One value, or shape (examples,) or () for ``"none"``.

    Raises
    ------
    ShapeError
        If the shapes don't fit together.
    DTypeError
        If targets or lengths aren't integers.
    DomainError
        If a target isn't a class or is the blank, a length is out of range, or there is no such
        reduction.

    Notes
    -----
    Graves, Fernández, Gomez and Schmidhuber, "Connectionist temporal classification: labelling
    unsegmented sequence data with recurrent neural networks" (2006). Computed with logarithms in
    float64, for all examples together. The gradient is that by the logarithms themselves; with
    ``log_softmax`` before it, it is PyTorch's.

    Examples
    --------
    Of two classes and a blank, all equally probable at two times, three of nine predictions read
    as the target: the class twice, and once with a blank before it or behind it.

    >>> log_probabilities = np.log(np.full((2, 1, 3), 1 / 3))
    >>> np.exp(-ctc_loss(log_probabilities, [[1]], [2], [1])).item()
    0.3333...
    """
    name = "ctc_loss"
    x = floating(log_probabilities, name)
    if x.ndim not in (2, 3) or 0 in x.shape:
        raise ShapeError(
            f"{name}: log-probabilities must have shape (times, examples, classes) or (times, "
            f"classes), none of them 0; they have {x.shape}"
        )
    dtype, single = x.dtype, x.ndim == 2
    x = x[:, None] if single else x
    times, examples, classes = x.shape
    if not isinstance(blank, int | np.integer) or not 0 <= blank < classes:
        raise DomainError(f"{name}: blank must be one of {classes} classes: {blank!r}")
    lengths = _integers(input_lengths, "input_lengths", (examples,), single)
    sizes = _integers(target_lengths, "target_lengths", (examples,), single)
    _require_between(lengths, 1, times, "input_lengths")
    labels = _padded(targets, sizes, single)
    given = np.arange(labels.shape[1]) < sizes[:, None]
    if np.any(given & ((labels < 0) | (labels >= classes) | (labels == blank))):
        raise DomainError(
            f"{name}: targets must be classes from 0 to {classes - 1} other than the blank, "
            f"{blank}; those given are {np.unique(labels[given]).tolist()}"
        )
    # the states of an example: its classes, with a blank before, between and behind them
    states = np.arange(2 * labels.shape[1] + 1)
    padded = np.concatenate([np.where(given, labels, blank), np.full((examples, 1), blank)], axis=1)
    path = np.where(states % 2, padded[:, states // 2], blank)
    # a blank can be left out between two different classes
    differs = np.concatenate([np.zeros((examples, 2), bool), path[:, 2:] != path[:, :-2]], axis=1)
    skips = differs[:, : len(states)] & (path != blank)
    ends = 2 * sizes[:, None]
    last = (states == ends) | (states == ends - 1)
    # one axis is quicker to gather from; in float64, since over thousands of times float32 would
    # lose the digits of single steps
    rows = np.arange(times * examples).reshape(times, examples, 1)
    own = x.reshape(-1)[(rows * classes + path).reshape(-1)].astype(np.float64)
    own = own.reshape(times, examples, len(states))
    costs = as_tensor(ways_cost(own, skips, last, lengths, zero_infinity=zero_infinity))
    if reduction == "mean":
        costs = costs / np.maximum(sizes, 1)
    if single:
        costs = costs.reshape(())
    return reduced(costs, reduction, name, dtype, sample_weight)


def _integers(x: TensorLike, option: str, shape: Sequence[int], single: bool) -> Array:
    """Return lengths, one for each example."""
    values: Any = as_tensor(x).array
    if values.dtype.kind not in "iu":
        raise DTypeError(f"ctc_loss: {option} must be integers, not {values.dtype}")
    if values.shape != shape and not (single and values.shape == ()):
        raise ShapeError(
            f"ctc_loss: {option} must have shape {shape}, one for each example; it has "
            f"{values.shape}"
        )
    lengths: Array = values.reshape(shape).astype(np.int64)
    return lengths


def _require_between(lengths: Array, low: int, high: int, option: str) -> None:
    if lengths.size and not (lengths.min() >= low and lengths.max() <= high):
        raise DomainError(
            f"ctc_loss: {option} must lie between {low} and {high}; they go from {lengths.min()} "
            f"to {lengths.max()}"
        )


def _padded(targets: TensorLike, sizes: Array, single: bool) -> Array:
    """Return targets of shape (examples, longest target), whatever stands behind each."""
    values: Any = as_tensor(targets).array
    if values.dtype.kind not in "iu" and values.size:
        raise DTypeError(f"ctc_loss: targets must be integers, not {values.dtype}")
    if single and values.ndim == 1:
        values = values[None]
    if values.ndim == 2 and values.shape[0] == len(sizes):
        _require_between(sizes, 0, values.shape[1], "target_lengths")
        padded: Array = values.astype(np.int64)
        return padded
    if values.ndim == 1:
        _require_between(sizes, 0, values.size, "target_lengths")
    if values.ndim != 1 or values.size != sizes.sum():
        raise ShapeError(
            f"ctc_loss: targets must have shape ({len(sizes)}, longest target), or be the targets "
            f"one after the other, of lengths that sum to {sizes.sum()}; they have shape "
            f"{values.shape}"
        )
    starts = sizes.cumsum() - sizes
    places = starts[:, None] + np.arange(int(sizes.max()))
    if not values.size:
        return np.zeros(places.shape, np.int64)
    padded = values[np.minimum(places, values.size - 1)].astype(np.int64)
    return padded
