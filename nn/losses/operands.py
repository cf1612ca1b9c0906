"""What the losses share: checks of their operands, weights, and reductions.

``reduction`` says how to combine the losses of the examples:

- ``"mean"``: their mean, also over the outputs if each output has a loss of its own;
- ``"batch_mean"`` (or ``"batchmean"``, as PyTorch spells it): the sum over the outputs, averaged
  over the examples, which are along the first axis;
- ``"sum"``: their sum;
- ``"none"``: return them as they are, uncombined.

``sample_weight`` has the shape of the losses, or lacks some of its last axes: (examples,) gives
each example a weight. Each loss is multiplied by its weight, and the means are weighted ones: they
divide by the sum of the weights, as often as each is used. ``"batch_mean"`` is that mean times the
number of outputs.

Weights take the dtype of the predictions; so do integers and booleans as targets. Losses of float16
are computed in float32, and returned in float16.
"""

from math import inf, prod
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd_lite import Primitive, Tensor, TensorLike, as_tensor
from autograd_lite.errors import DomainError, DTypeError, ShapeError, WeightsError
from nn.options import is_number

Reduction: TypeAlias = Literal["mean", "batch_mean", "batchmean", "sum", "none"]
CoreReduction: TypeAlias = Literal["mean", "batch_mean", "sum", "none"]


_REDUCTIONS = ("mean", "batch_mean", "batchmean", "sum", "none")


def spelled(reduction: Reduction, name: str) -> CoreReduction:
    """Return the reduction as the core spells it."""
    require_reduction(reduction, name)
    return "batch_mean" if reduction == "batchmean" else reduction


def floating(x: TensorLike, name: str) -> Tensor:
    """Return ``x`` as a tensor of real floating numbers: float64 for integers and booleans."""
    tensor = as_tensor(x)
    if tensor.dtype.kind == "c":
        raise DTypeError(f"{name} of {tensor.dtype}: it is defined for real numbers")
    return tensor if tensor.dtype.kind == "f" else tensor.astype(np.float64)


def operand(x: TensorLike, prediction: Tensor, name: str) -> Tensor:
    """Return a target as a tensor; integers and booleans take the dtype of the prediction."""
    tensor = as_tensor(x)
    if tensor.dtype.kind in "iub":
        return tensor.astype(prediction.dtype)
    return floating(tensor, name)


def like(prediction: TensorLike, target: TensorLike, name: str) -> tuple[Tensor, Tensor]:
    """Return both as tensors; a target of integers or booleans takes a floating dtype."""
    p, t = as_tensor(prediction), as_tensor(target)
    if "c" in (p.dtype.kind, t.dtype.kind):
        raise DTypeError(
            f"{name} of {p.dtype} and {t.dtype}: it is defined for real numbers; give real and "
            "imaginary parts side by side"
        )
    return p, t.astype(p.dtype) if t.dtype.kind in "iub" and p.dtype.kind == "f" else t


def widened(x: Tensor) -> Tensor:
    """Return ``x`` in float32 if it is float16: squares and sums would overflow."""
    return x.astype(np.float32) if x.dtype == np.float16 else x


def alike(name: str, **operands: TensorLike) -> tuple[list[Tensor], np.dtype[Any]]:
    """Return operands of one shape, widened, and the dtype of their loss.

    Examples
    --------
    >>> alike("a_loss", prediction=np.float32([1, 2]), target=[True, False])
    ([Tensor([1., 2.], dtype=float32), Tensor([1., 0.], dtype=float32)], dtype('float32'))
    """
    (role, prediction), *others = operands.items()
    first = floating(prediction, name)
    found = [first]
    for other, x in others:
        found.append(operand(x, first, name))
        # (n,) against (n, 1) is always a mistake: broadcasting would train on n x n differences
        if found[-1].shape != first.shape:
            raise ShapeError(
                f"{name}: {role} of shape {first.shape} and {other} of shape {found[-1].shape}; "
                "give them the same shape"
            )
    return [widened(x) for x in found], np.result_type(*(x.dtype for x in found))


def require_signs(target: Tensor, name: str) -> None:
    """Raise unless all targets are -1 or 1."""
    values = target.array
    if not np.all((values == 1) | (values == -1)):
        wrong = values[(values != 1) & (values != -1)].ravel()
        raise DomainError(
            f"{name}: targets must be -1 or 1; {wrong.size} of {values.size} aren't, such as "
            f"{wrong[0]}. If they are 0 and 1, give 2 * target - 1"
        )


def indices(target: Tensor, name: str) -> Tensor:
    """Return class indices as they are, or raise unless they are integers."""
    if target.dtype.kind not in "iu":
        raise DTypeError(f"{name}: class indices must be integers; the target is {target.dtype}")
    return target


def require_reduction(reduction: Reduction, name: str) -> None:
    """Raise unless there is such a reduction."""
    if isinstance(reduction, str) and reduction in _REDUCTIONS:
        return
    if isinstance(reduction, Tensor | np.ndarray):  # PyTorch's functions have weights there
        raise DomainError(f"{name}: reduction can't be an array; give weights by name, weight=...")
    raise DomainError(
        f"{name} has no reduction {reduction!r}; choose mean, batch_mean, sum or none"
    )


def require_within(
    name: str, option: str, value: float, low: float, high: float = inf, *, above: bool = False
) -> None:
    """Raise unless an option lies between bounds, above the lower one if that is left out."""
    if not is_number(value):
        raise DTypeError(f"{name}: {option} must be a number, not {value!r}")
    if low < value <= high or (value == low and not above):
        return
    if high < inf:
        raise DomainError(f"{name}: {option} must lie between {low} and {high}, not {value}")
    raise DomainError(
        f"{name}: {option} must be {'above' if above else 'at least'} {low}, not {value}"
    )


def class_weights(weight: TensorLike, classes: int, dtype: npt.DTypeLike, name: str) -> Tensor:
    """Return one weight for each class."""
    weights = as_tensor(weight, dtype)
    if weights.shape != (classes,):
        raise ShapeError(
            f"{name}: weight must have shape ({classes},), one for each class; it has shape "
            f"{weights.shape}"
        )
    return weights


def broadcast_weights(
    weight: TensorLike, shape: tuple[int, ...], dtype: npt.DTypeLike, name: str, option: str
) -> Tensor:
    """Return weights that broadcast to ``shape``, as PyTorch's of single losses do."""
    weights = as_tensor(weight, dtype)
    try:
        fits = np.broadcast_shapes(weights.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ShapeError(
            f"{name}: {option} must broadcast to the shape of the logits or probabilities, {shape};"
            f" it has shape {weights.shape}"
        )
    return weights


def sample_weights(
    weight: TensorLike, shape: tuple[int, ...], dtype: npt.DTypeLike, name: str
) -> Tensor:
    """Return weights of losses of this shape, with axes of length 1 for those they lack."""
    weights = as_tensor(weight, dtype)
    if weights.shape != shape[: weights.ndim]:
        raise ShapeError(
            f"{name}: sample_weight must have the shape of the losses, {shape}, or its first axes; "
            f"it has shape {weights.shape}"
        )
    missing = len(shape) - weights.ndim
    return weights.reshape(weights.shape + (1,) * missing) if missing else weights


# x w; what has no weight costs nothing, even if it is infinite or NaN
weighing = Primitive(
    "weighing",
    lambda x, w: np.where(w == 0, 0, x) * w,
    [lambda g, y, x, w: g * w, lambda g, y, x, w: g * x],
    elementwise=True,
)


def weighed(losses: Tensor, weights: Tensor | None) -> Tensor:
    """Multiply losses by their weights."""
    return losses if weights is None else as_tensor(weighing(losses, weights))


def reduced(
    losses: Tensor,
    reduction: Reduction,
    name: str,
    dtype: npt.DTypeLike,
    sample_weight: TensorLike | None = None,
    counted: Tensor | None = None,
) -> Tensor:
    """Combine losses.

    Parameters
    ----------
    losses : Tensor
    reduction : {"mean", "batch_mean", "batchmean", "sum", "none"}
    name : str
        The loss, for errors.
    dtype : dtype
        That of the result.
    sample_weight : Tensor or array_like, optional
    counted : Tensor, optional
        Weights that the losses were multiplied by already, and that means divide by.
    """
    require_reduction(reduction, name)
    shape = losses.shape
    if sample_weight is not None:
        weights = sample_weights(sample_weight, shape, losses.dtype, name)
        losses = weighed(losses, weights)
        counted = weights if counted is None else counted * weights
    if reduction in ("mean", "batch_mean", "batchmean"):
        if 0 in shape:
            raise ShapeError(
                f"{name} of an empty batch (shape {shape}) has no mean; give it examples"
            )
        outputs = 1 if reduction == "mean" else prod(shape[1:])
        if counted is None:
            losses = losses.sum() / (prod(shape) // outputs)
        else:
            uses = prod(shape) / (counted.size * outputs)
            divisor = counted.sum() if uses == 1 else counted.sum() * uses
            if not divisor.array:
                raise WeightsError(
                    f"{name}: the weights of all examples sum to 0, or all are ignored, so there "
                    'is no mean; leave the batch out, or use reduction="sum"'
                )
            losses = losses.sum() / divisor
    elif reduction == "sum":
        losses = losses.sum()
    return losses if losses.dtype == dtype else losses.astype(dtype)
