"""One registration for each primitive: what it is compared with, and on which cases."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.ops import (
    arithmetic,
    elementwise,
    indexing,
    linear_algebra,
    losses,
    reductions,
    shaping,
)
from autograd_lite.testing import Case, Spec, broadcastable_shapes, cases, operands

SHAPES = broadcastable_shapes(1)
NOT_EMPTY = broadcastable_shapes(1, min_side=1)


def unary(low: float = -2, high: float = 2) -> st.SearchStrategy[Case]:
    return cases(operands(1, low=low, high=high))


def binary(low: float = -2, high: float = 2) -> st.SearchStrategy[Case]:
    return cases(operands(2, low=low, high=high))


def same_shape(count: int, low: float = -2, high: float = 2, **kwargs: Any) -> Any:
    shapes = broadcastable_shapes(1, **kwargs).map(lambda shapes: shapes * count)
    return operands(count, low=low, high=high, shapes=shapes)


def one_of_each(*strategies: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    """Join strategies for tuples of operands into one for all of them."""
    return st.tuples(*strategies).map(lambda parts: sum(parts, ()))


@st.composite
def reduced(draw: st.DrawFn, *, empty: bool = True, keepdims: bool = True) -> Case:
    (x,) = draw(operands(1, shapes=SHAPES if empty else NOT_EMPTY))
    axes = st.lists(st.integers(-x.ndim, x.ndim - 1), unique_by=lambda axis: axis % x.ndim)
    choices = st.none()
    if x.ndim:
        choices |= st.integers(-x.ndim, x.ndim - 1) | axes.map(tuple)
    params = {"axis": draw(choices)}
    if keepdims:
        params["keepdims"] = draw(st.booleans())
    return Case((x,), params)


@st.composite
def multiplied(draw: st.DrawFn) -> Case:
    """Operands of @ of every rank: vectors, matrices, stacks that broadcast."""
    n, k, m = (draw(st.integers(0, 3)) for _ in range(3))
    stacks = draw(broadcastable_shapes(2, max_dims=2, max_side=2))
    left = draw(st.sampled_from([(k,), (n, k), (*stacks[0], n, k)]))
    right = draw(st.sampled_from([(k,), (k, m), (*stacks[1], k, m)]))
    return Case(draw(operands(2, shapes=st.just((left, right)))))


@st.composite
def layer(draw: st.DrawFn) -> Case:
    inputs, outputs = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    batch = draw(st.lists(st.integers(0, 3), max_size=2))
    shapes = ((*batch, inputs), (inputs, outputs), (outputs,))
    return Case(draw(operands(3, shapes=st.just(shapes))))


@st.composite
def reshaped(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1))
    lengths = draw(st.permutations(x.shape))
    choices = [tuple(lengths), (x.size,), (1, *x.shape), (x.size, 1)]
    if x.size:
        choices.append((-1, *lengths[:1]))
    return Case((x,), {"shape": draw(st.sampled_from(choices))})


@st.composite
def transposed(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1))
    order = draw(st.permutations(range(x.ndim)))
    signed = tuple(axis - draw(st.sampled_from([0, x.ndim])) for axis in order)
    return Case((x,), {"axes": draw(st.sampled_from([None, signed]))})


@st.composite
def swapped(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, shapes=SHAPES.filter(lambda shapes: shapes[0])))
    axis = st.integers(-x.ndim, x.ndim - 1)
    return Case((x,), {"axis1": draw(axis), "axis2": draw(axis)})


@st.composite
def expanded(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1))
    axis = st.integers(-x.ndim - 1, x.ndim)
    return Case((x,), {"axis": draw(axis | st.just((0, -1)))})


@st.composite
def squeezed(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1))
    ones = [axis for axis, length in enumerate(x.shape) if length == 1]
    return Case((x,), {"axis": draw(st.sampled_from([None, tuple(ones), *ones]))})


@st.composite
def broadcast(draw: st.DrawFn) -> Case:
    shapes = draw(broadcastable_shapes(2))
    return Case(
        draw(operands(1, shapes=st.just(shapes[:1]))), {"shape": np.broadcast_shapes(*shapes)}
    )


@st.composite
def joined(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1))
    count = draw(st.integers(1, 3))
    if not x.ndim or draw(st.booleans()):
        shapes = tuple(draw(st.lists(SHAPES, min_size=count, max_size=count)))
        return Case(draw(operands(count, shapes=st.just(sum(shapes, ())))), {"axis": None})
    axis = draw(st.integers(0, x.ndim - 1))
    lengths = draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    shapes = tuple((*x.shape[:axis], n, *x.shape[axis + 1 :]) for n in lengths)
    signed = draw(st.sampled_from([axis, axis - x.ndim]))
    return Case(draw(operands(count, shapes=st.just(shapes))), {"axis": signed})


@st.composite
def stacked(draw: st.DrawFn) -> Case:
    arrays = draw(same_shape(draw(st.integers(1, 3))))
    axis = draw(st.integers(-arrays[0].ndim - 1, arrays[0].ndim))
    return Case(arrays, {"axis": axis})


def indices(length: int) -> st.SearchStrategy[Any]:
    """Return indices of one axis: those that read once and those that repeat."""
    bound = st.integers(-length - 1, length + 1)
    kinds: Any = st.slices(length) | st.just(slice(None, None, -2)) | st.builds(slice, bound, bound)
    mask = st.lists(st.booleans(), min_size=length, max_size=length).map(
        lambda chosen: np.array(chosen, dtype=bool)
    )
    kinds |= mask
    if length:
        position = st.integers(-length, length - 1)
        repeated = st.lists(position, min_size=1, max_size=4).map(np.array)
        kinds |= position | repeated | repeated.map(lambda array: array[:, None])
    return kinds


@st.composite
def indexed(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1))
    choices: Any = st.sampled_from([Ellipsis, None, (), True])
    whole = st.lists(st.booleans(), min_size=x.size, max_size=x.size)
    choices |= whole.map(lambda chosen: np.array(chosen, dtype=bool).reshape(x.shape))
    if x.ndim:
        choices |= indices(x.shape[0])
        choices |= indices(x.shape[-1]).map(lambda index: (..., index))
        choices |= indices(x.shape[0]).map(lambda index: (None, index, ...))
    return Case((x,), {"index": draw(choices)})


@st.composite
def scattered(draw: st.DrawFn) -> Case:
    (x,), params = draw(indexed())
    (values,) = draw(operands(1, shapes=st.just((x[params["index"]].shape,))))
    return Case((values,), {"index": params["index"], "shape": x.shape})


def add_at(x: Any, index: Any, shape: tuple[int, ...]) -> Any:
    out = np.zeros(shape, x.dtype)
    np.add.at(out, index, x)
    return out


DIVISORS = st.sampled_from([None, 1, 3])


@st.composite
def compared(draw: st.DrawFn, low: float = -2, high: float = 2) -> Case:
    """Predictions, and targets between 0 and 1, of one shape."""
    (shape,) = draw(SHAPES)
    (prediction,) = draw(operands(1, low=low, high=high, shapes=st.just((shape,))))
    (target,) = draw(operands(1, low=0.05, high=0.95, shapes=st.just((shape,))))
    return Case((prediction, target), {"divisor": draw(DIVISORS)})


@st.composite
def classified(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, low=-4, high=4, shapes=NOT_EMPTY.filter(lambda shapes: shapes[0])))
    seed = draw(st.integers(0, 2**16))
    labels = np.random.default_rng(seed).integers(0, x.shape[-1], x.shape[:-1])
    return Case((x, np.asarray(labels)), {"divisor": draw(DIVISORS)})


@st.composite
def distributed(draw: st.DrawFn) -> Case:
    (shape,) = draw(SHAPES.filter(lambda shapes: shapes[0]))
    (x,) = draw(operands(1, low=-4, high=4, shapes=st.just((shape,))))
    (t,) = draw(operands(1, low=0.05, high=0.95, shapes=st.just((shape,))))
    return Case((x, t), {"divisor": draw(DIVISORS)})


def reduce_losses(values: Any, divisor: Any) -> Any:
    return values if divisor is None else np.asarray(np.sum(values) / divisor, values.dtype)


def log_sum_exp(x: Any, axis: Any, keepdims: bool) -> Any:
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))


def soft_max(x: Any, axis: Any) -> Any:
    return np.exp(x) / np.sum(np.exp(x), axis=axis, keepdims=True)


def binary_cross_entropy(p: Any, t: Any, divisor: Any) -> Any:
    return reduce_losses(-t * np.log(p) - (1 - t) * np.log(1 - p), divisor)


def labels_cross_entropy(z: Any, labels: Any, divisor: Any) -> Any:
    chosen = np.eye(z.shape[-1], dtype=bool)[labels]
    return reduce_losses(-np.log(soft_max(z, -1)[chosen]).reshape(labels.shape), divisor)


def masked(draw_two: Any) -> st.SearchStrategy[Case]:
    return draw_two.map(lambda inputs: Case((inputs[0] > 0, *inputs[1:])))


SPECS = [
    Spec(arithmetic.add, lambda a, b: a + b, binary()),
    Spec(arithmetic.subtract, lambda a, b: a - b, binary()),
    Spec(arithmetic.multiply, lambda a, b: a * b, binary()),
    Spec(arithmetic.divide, lambda a, b: a / b, binary(0.5, 2)),
    Spec(arithmetic.negative, lambda x: 0 - x, unary()),
    Spec(arithmetic.positive, lambda x: x, unary()),
    Spec(arithmetic.square, lambda x: x * x, unary()),
    Spec(arithmetic.power, lambda a, b: np.exp(b * np.log(a)), binary(0.5, 2)),
    Spec(elementwise.exp, np.exp, unary()),
    Spec(elementwise.expm1, lambda x: np.exp(x) - 1, unary()),
    Spec(elementwise.log, np.log, unary(0.5, 3)),
    Spec(elementwise.log1p, lambda x: np.log(1 + x), unary(-0.5, 2)),
    Spec(elementwise.sqrt, lambda x: x**0.5, unary(0.5, 3)),
    Spec(elementwise.sin, np.sin, unary()),
    Spec(elementwise.cos, np.cos, unary()),
    Spec(elementwise.tanh, np.tanh, unary()),
    Spec(elementwise.sigmoid, lambda x: 1 / (1 + np.exp(-x)), unary(-6, 6)),
    Spec(elementwise.absolute, lambda x: np.sqrt(x * x), unary()),
    Spec(elementwise.relu, lambda x: x * (x > 0), unary()),
    Spec(elementwise.maximum, np.maximum, binary()),
    Spec(elementwise.minimum, np.minimum, binary()),
    Spec(
        elementwise.clip,
        lambda x, low, high: np.minimum(np.maximum(x, low), high),
        cases(operands(3)),
    ),
    Spec(elementwise.where, np.where, masked(operands(3))),
    Spec(
        elementwise.astype,
        np.array,
        operands(1).map(lambda inputs: Case(inputs, {"dtype": np.dtype(np.float64)})),
    ),
    Spec(linear_algebra.matmul, np.matmul, multiplied()),
    Spec(linear_algebra.linear, lambda x, w, b: x @ w + b, layer()),
    Spec(reductions.sum, np.sum, reduced()),
    Spec(reductions.mean, np.mean, reduced(empty=False)),
    Spec(reductions.max, np.max, reduced(empty=False)),
    Spec(reductions.min, np.min, reduced(empty=False)),
    Spec(reductions.logsumexp, log_sum_exp, reduced(empty=False)),
    Spec(reductions.softmax, soft_max, reduced(keepdims=False)),
    Spec(
        reductions.log_softmax, lambda x, axis: np.log(soft_max(x, axis)), reduced(keepdims=False)
    ),
    Spec(shaping.reshape, np.reshape, reshaped()),
    Spec(shaping.transpose, np.transpose, transposed()),
    Spec(shaping.swapaxes, np.swapaxes, swapped()),
    Spec(shaping.expand_dims, np.expand_dims, expanded()),
    Spec(shaping.squeeze, np.squeeze, squeezed()),
    Spec(shaping.broadcast_to, lambda x, shape: x + np.zeros(shape, x.dtype), broadcast()),
    Spec(shaping.concatenate, lambda *arrays, axis: np.concatenate(arrays, axis), joined()),
    Spec(shaping.stack, lambda *arrays, axis: np.stack(arrays, axis), stacked()),
    Spec(indexing.getitem, lambda x, index: x[index], indexed()),
    Spec(indexing.scatter, add_at, scattered()),
    Spec(
        losses.squared_error,
        lambda x, t, divisor: reduce_losses((x - t) ** 2, divisor),
        compared(),
    ),
    Spec(
        losses.binary_cross_entropy_with_logits,
        lambda z, t, divisor: binary_cross_entropy(1 / (1 + np.exp(-z)), t, divisor),
        compared(-4, 4),
    ),
    Spec(losses.binary_cross_entropy, binary_cross_entropy, compared(0.1, 0.9)),
    Spec(losses.cross_entropy_with_labels, labels_cross_entropy, classified()),
    Spec(
        losses.cross_entropy_with_probabilities,
        lambda z, t, divisor: reduce_losses(-np.sum(t * np.log(soft_max(z, -1)), axis=-1), divisor),
        distributed(),
    ),
]
