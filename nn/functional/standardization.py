"""What all normalizations are made of: ops for deviations, root mean squares, weight and bias."""

from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from autograd_lite import Primitive, Tensor, TensorLike, as_tensor
from autograd_lite.errors import DTypeError, ShapeError

Axes = tuple[int, ...]
"""Axes in ascending order, none of them negative."""

# x - mean(x). What is normalized to variance 1 is this, to mean square 1.
deviations = Primitive(
    "deviations",
    lambda x, axis: x - mean(x, axis),
    [lambda g, y, x, axis: g - mean(g, axis)],
)


def _over_rms(x: Any, axis: Axes, eps: float) -> Any:
    return x * _inverse_rms(x, axis, eps)


def _over_rms_rule(g: Any, y: Any, x: Any, axis: Axes, eps: float) -> Any:
    # (g - y * mean(g * y)) / rms, in the memory of one array: fresh memory costs more than sums
    across = y * -mean_of_products(g, y, axis)
    across += g
    across *= _inverse_rms(x, axis, eps)
    return across


# x / sqrt(mean(x**2) + eps)
over_rms = Primitive("over_rms", _over_rms, [_over_rms_rule])


def _scaled(x: Any, weight: Any, bias: Any = None, *, inner: int) -> Any:
    y = x * _aligned(weight, inner)
    if bias is None:
        return y
    if y.dtype != bias.dtype:
        return y + _aligned(bias, inner)
    y += _aligned(bias, inner)
    return y


def _weight_rule(g: Any, y: Any, x: Any, weight: Any, bias: Any = None, *, inner: int) -> Any:
    return total_of_products(g, x, _others(x.ndim, weight.ndim, inner))


def _bias_rule(g: Any, y: Any, x: Any, weight: Any, bias: Any, *, inner: int) -> Any:
    return total(g, _others(x.ndim, weight.ndim, inner))


# x * weight + bias, with ``inner`` axes behind those of weight and bias
times_and_plus = Primitive(
    "times_and_plus",
    _scaled,
    [
        lambda g, y, x, weight, bias=None, *, inner: g * _aligned(weight, inner),
        _weight_rule,
        _bias_rule,
    ],
)


# ---- as functions of tensors


def standardized(x: Tensor, axis: Axes, eps: float) -> Tensor:
    """Return ``(x - mean) / sqrt(var + eps)`` along ``axis``."""
    y: Tensor = over_rms(deviations(x, axis=axis), axis=axis, eps=eps)
    return y


def scaled(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, *, inner: int = 0, like: Tensor
) -> Tensor:
    """Return ``x * weight + bias``, each of them optional; in float16 if ``like`` and they are.

    There are ``inner`` axes behind those of weight and bias.
    """
    y: Tensor = x
    given = [p for p in (weight, bias) if p is not None]
    if weight is not None:
        y = times_and_plus(x, *given, inner=inner)
    elif bias is not None:
        y = x + bias.reshape(bias.shape + (1,) * inner)
    dtype = like.dtype
    for p in given:
        dtype = dtype if p.dtype == dtype else np.promote_types(dtype, p.dtype)
    return y if y.dtype == dtype else y.astype(dtype)


def real(name: str, x: TensorLike) -> Tensor:
    """Return ``x`` as a Tensor of floating numbers; complex ones are refused."""
    tensor = as_tensor(x)
    if tensor.dtype.kind == "c":
        raise DTypeError(f"{name} of dtype {tensor.dtype}: it is defined for real numbers only")
    return tensor if tensor.dtype.kind == "f" else tensor.astype(np.float64)


def widened(x: Tensor) -> Tensor:
    """Return float16 as float32, because squares and sums soon leave the range of float16."""
    return x.astype(np.float32) if x.dtype == np.float16 else x


def parameters_of(
    name: str, shape: tuple[int, ...], weight: TensorLike | None, bias: TensorLike | None
) -> tuple[Tensor | None, Tensor | None]:
    """Return weight and bias as tensors; both must have this shape."""
    tensors = [None if p is None else real(name, p) for p in (weight, bias)]
    for role, p in zip(("weight", "bias"), tensors, strict=True):
        if p is not None and p.shape != shape:
            raise ShapeError(f"{name}: the {role} must have shape {shape}; it has {p.shape}")
    return tensors[0], tensors[1]


# ---- sums along axes


def mean(x: Any, axis: Axes) -> Any:
    """Return the mean along ``axis``, which is kept."""
    plan = _plan(x.shape, axis)
    return total(x, axis).reshape(plan.kept) / plan.number


def mean_of_products(a: Any, b: Any, axis: Axes) -> Any:
    """Return the mean of ``a * b`` along ``axis``, which is kept."""
    plan = _plan(a.shape, axis)
    return total_of_products(a, b, axis).reshape(plan.kept) / plan.number


def total(x: Any, axis: Axes) -> Any:
    """Return the sum along ``axis``. It is a product with ones: BLAS adds up the fastest."""
    plan = _plan(x.shape, axis)
    flat = x if plan.flat == x.shape else x.reshape(plan.flat)
    if not plan.inner:
        return (_ones(plan.flat[0], x.dtype) @ flat).reshape(plan.left)
    sums = flat @ _ones(plan.flat[-1], x.dtype)
    return np.add.reduce(sums, axis=plan.outer) if plan.outer else sums


def total_of_products(a: Any, b: Any, axis: Axes) -> Any:
    """Return the sum of ``a * b`` along ``axis``, if possible without an array of products."""
    plan = _plan(a.shape, axis)
    if not plan.inner:
        return total(a * b, axis)
    if plan.flat != a.shape:
        a, b = a.reshape(plan.flat), b.reshape(plan.flat)
    sums = np.vecdot(a, b)
    return np.add.reduce(sums, axis=plan.outer) if plan.outer else sums


class _Plan(NamedTuple):
    """How to add up along some axes: the last ones, or the first ones, or both."""

    flat: tuple[int, ...]
    """The shape with the last axes made one, if they are added up, or else the first ones."""
    inner: bool
    outer: Axes
    """The axes to add up after the last one of ``flat``."""
    left: tuple[int, ...]
    """The shape of the sums."""
    kept: tuple[int, ...]
    """The same with the axes kept."""
    number: int
    """How many values there are in each sum."""


@lru_cache(maxsize=1024)
def _plan(shape: tuple[int, ...], axis: Axes) -> _Plan:
    ndim = len(shape)
    left = tuple(n for i, n in enumerate(shape) if i not in axis)
    kept = tuple(1 if i in axis else n for i, n in enumerate(shape))
    inner = 0
    while inner < len(axis) and axis[-1 - inner] == ndim - 1 - inner:
        inner += 1
    outer = axis[: len(axis) - inner]
    first = shape[: ndim - inner]
    flat = (
        (*first, prod(shape[ndim - inner :])) if inner else (prod(shape[: len(axis)]), prod(left))
    )
    return _Plan(flat, inner > 0, outer, left, kept, prod(shape[i] for i in axis))


@lru_cache(maxsize=64)
def _ones(count: int, dtype: Any) -> Any:
    ones = np.ones(count, dtype)
    ones.flags.writeable = False  # it is shared
    return ones


def _inverse_rms(x: Any, axis: Axes, eps: float) -> Any:
    return 1 / np.sqrt(mean_of_products(x, x, axis) + eps)


def _aligned(p: Any, inner: int) -> Any:
    """Return a parameter with axes behind, to broadcast against x."""
    return p.reshape(p.shape + (1,) * inner) if inner else p


def _others(ndim: int, own: int, inner: int) -> Axes:
    """Return the axes that weight and bias don't have."""
    return (*range(ndim - own - inner), *range(ndim - inner, ndim))
