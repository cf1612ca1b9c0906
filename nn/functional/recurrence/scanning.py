"""What the scans over time share.

A scan has one result: a vector that holds, one after the other, all that its rule needs, such as
the hidden states and the gates of all times. :func:`part` takes out what a layer returns. So the
rule uses nothing but the result, its cotangent and the inputs.

In that vector, and on the way, units come before examples: (4 units, batch) is contiguous, so are
the gates in it, and BLAS is faster on products of this form than on their transposes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from math import prod
from typing import Any

import numpy as np

from autograd_lite import Primitive, Tensor, as_tensor, gradients, positive
from autograd_lite.errors import DTypeError, ShapeError

Shape = tuple[int, ...]


def require_fitting(op: str, **operands: tuple[Tensor, Shape]) -> None:
    """Refuse operands of other shapes than the ones beside them, or that aren't real and floating.

    Raises
    ------
    ShapeError, DTypeError
        Naming the op and the operand.
    """
    for name, (x, shape) in operands.items():
        if x.shape != shape:
            raise ShapeError(f"{op}: {name} must have shape {shape}; it has shape {x.shape}")
        if x.dtype.kind != "f":
            raise DTypeError(f"{op}: {name} must be real and floating, not of dtype {x.dtype}")


def ended(op: str, past: Any, times: int, batch: int) -> tuple[Tensor, ...]:
    """Return the mask of what is past the ends as a tuple of operands: empty if there is none.

    Raises
    ------
    ShapeError, DTypeError
        If it isn't of shape (times, batch), or not of truth values.
    """
    if past is None:
        return ()
    mask = as_tensor(past)
    if mask.shape != (times, batch):
        raise ShapeError(
            f"{op}: past must be (times, batch), {(times, batch)}; it has shape {mask.shape}"
        )
    if mask.dtype != bool:
        raise DTypeError(f"{op}: past must hold truth values, not {mask.dtype}")
    return (mask,)


# ---- the vector that holds all


def blocks(vector: Any, *shapes: Shape) -> list[Any]:
    """Return views of what a vector holds, one after the other."""
    found, start = [], 0
    for shape in shapes:
        found.append(vector[start : start + prod(shape)].reshape(shape))
        start += prod(shape)
    return found


def vector_of(dtype: np.dtype[Any], *shapes: Shape) -> Any:
    """Return a new vector for blocks of these shapes."""
    return np.empty(sum(map(prod, shapes)), dtype)


def _part(vector: Any, *past: Any, start: int, shape: Shape) -> Any:
    found = vector[start : start + prod(shape)].reshape(shape)
    # a copy, so that it may be written into, and doesn't keep all of the vector alive
    return np.where(past[0][..., None], 0, found) if past else found.copy()


def _part_rule(g: Any, y: Any, vector: Any, *past: Any, start: int, shape: Shape) -> Any:
    g = np.where(past[0][..., None], 0, g) if past else g
    return np.pad(g.reshape(prod(shape)), (start, vector.shape[0] - start - prod(shape)))


# a block of such a vector; with zeros past the ends, for outputs. Not getitem, which is singular,
# so that the core would look for NaN in all that follows
part = Primitive("part", _part, [_part_rule, None])


# ---- time


def in_order(times: int, reverse: bool) -> range:
    """Return the times in the order in which a scan goes through them."""
    return range(times - 1, -1, -1) if reverse else range(times)


def with_previous(times: int, reverse: bool) -> Iterator[tuple[int, int | None]]:
    """Yield the times from the last one that a scan reached to its first, with those before."""
    order = in_order(times, reverse)
    for step in range(times - 1, -1, -1):
        yield order[step], order[step - 1] if step else None


def weight_gradient(slopes: Any, states: Any, start: Any, reverse: bool) -> Any:
    """Return the cotangent of a weight that multiplies the state before each time.

    Parameters
    ----------
    slopes : array, shape (units, times, batch)
        The cotangents of the products.
    states : array, shape (times, batch, hidden)
    start : array, shape (batch, hidden)
        The state before the first time.
    reverse : bool
    """
    units, times, batch = slopes.shape
    first = product(slopes[:, times - 1 if reverse else 0], start)
    if times == 1:
        return first
    later, before = slice(1, None), slice(None, -1)
    if reverse:
        later, before = before, later
    rows = (times - 1) * batch
    states = states[before].reshape(rows, start.shape[1])
    return product(slopes[:, later].reshape(units, rows), states) + first


def product(a: Any, b: Any) -> Any:
    """Return ``a @ b``; elementwise where the inner size is 1, at which BLAS is slow."""
    return a * b if a.shape[-1] == 1 else a @ b


def sigmoid_into(out: Any, x: Any) -> None:
    """Compute the sigmoid; where exp overflows, 1 / inf = 0 is right."""
    np.negative(x, out=out)
    np.exp(out, out=out)
    np.add(out, 1, out=out)
    np.reciprocal(out, out=out)


# ---- how a scan is called


def as_one_call(scan: Callable[..., Any]) -> Callable[..., Any]:
    """Let arrays that aren't NumPy's answer a call of the whole scan, as of a NumPy function.

    So a captured program calls it once, whatever the number of times is, and a batch of
    cotangents goes through it one by one.
    """

    @wraps(scan)
    def call(*args: Any) -> Any:
        for x in args:
            answer: Any = getattr(x, "__array_function__", None)
            if hasattr(answer, "__func__"):  # NumPy's own method isn't written in Python
                found = answer(call, (type(x),), args, {})
                if found is not NotImplemented:
                    return found
        return scan(*args)

    return call


def differentiated(
    by_ops: Callable[..., Any],
    asked: Sequence[int],
    g: Any,
    inputs: Sequence[Any],
    **params: Any,
) -> list[Any]:
    """Return the cotangents as functions that can be differentiated in turn.

    ``by_ops`` computes the scan from plain ops. The copies are no one else's, so that what one
    input has to do with another doesn't count.
    """
    copies = [positive(x) if isinstance(x, Tensor) else x for x in inputs]
    y = by_ops(*copies, **params)
    wanted = [copies[position] for position in asked]
    return list(gradients(y, wanted, g, create_graph=True, allow_unused=True))
