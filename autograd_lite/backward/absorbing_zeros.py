"""Absorbing: a cotangent whose zeros, times infinity or NaN, are 0.

Rules are plain NumPy functions, and linear in their cotangent. A rule that is given an Absorbing as
its cotangent computes as always, but in its products 0 times anything is 0, and an infinite
cotangent times 0 is 0 too. The backward pass resorts to it where a rule that isn't elementwise
returned NaN.
"""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from autograd_lite.graph import Node
from autograd_lite.kinks import marked, mended, value_of
from autograd_lite.ops.algebra.contraction import contraction
from autograd_lite.ops.algebra.products import matmul
from autograd_lite.ops.mathematics.arithmetic import divide, multiply, times
from autograd_lite.ops.mathematics.cumulative import recurrence
from autograd_lite.primitive import Primitive
from autograd_lite.settled_zeros import settled_zeros


class Absorbing(NDArrayOperatorsMixin):
    """An array, or a tensor, or a batch, in the products of a rule.

    Parameters
    ----------
    inner : array, Tensor or Batched
    cotangent : bool
        Whether its zeros absorb. (Tensors among the inputs of a rule are wrapped too, so that
        their operators let these here answer.)
    """

    __slots__ = ("cotangent", "inner")

    def __init__(self, inner: Any, cotangent: bool = True) -> None:
        self.inner = inner
        self.cotangent = cotangent

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = getattr(self.inner, name)
        if not callable(found):
            return self._like(found)
        return lambda *args, **kwargs: self._like(found(*args, **kwargs))

    def _like(self, value: Any) -> Any:
        return Absorbing(value, self.cotangent) if hasattr(value, "dtype") else value

    def __len__(self) -> int:
        return len(self.inner)

    def __bool__(self) -> bool:
        return bool(self.inner)

    def __getitem__(self, index: Any) -> Any:
        return self._like(self.inner[index])

    # ------------------------------------------------------------------ NumPy's protocols

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("what absorbs can't become an array")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        op = _PRODUCTS.get(ufunc) if method == "__call__" and not kwargs else None
        if op is not None:
            return _multiplied(op, inputs, {})
        return _called(getattr(ufunc, method), inputs, kwargs)

    def __array_function__(
        self, func: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        if func is np.linalg.solve and not kwargs:
            return _solved(*args)
        if func is np.convolve and not kwargs:
            return _multiplied(func, args[:2], {"mode": args[2]})
        return _called(func, args, kwargs)

    @staticmethod
    def __apply_primitive__(op: Primitive, inputs: Sequence[Any], params: dict[str, Any]) -> Any:
        if op in _PRODUCTS.values() or op is contraction:
            return _multiplied(op, inputs, params)
        if op is recurrence and not _absorbs(inputs[0]):
            return _recurred(*inputs, **params)
        return _called(op, inputs, params)


def _called(function: Callable[..., Any], args: Sequence[Any], kwargs: Any) -> Any:
    """Call a function on what is inside; its results absorb if an argument does."""
    absorbs = _absorbs(args) or _absorbs(tuple(kwargs.values()))
    found = function(*map(inside, args), **{key: inside(x) for key, x in kwargs.items()})
    return _outside(found, absorbs)


def _solved(a: Any, b: Any) -> Any:
    """Solve; the solution for a column of zeros is 0, whatever the matrix is."""
    if not _absorbs(b) or _absorbs(a):
        return _called(np.linalg.solve, (a, b), {})
    if not np.isfinite(value_of(b)).all():
        return _multiplied(matmul, (_called(np.linalg.inv, (a,), {}), b), {})
    x = _called(np.linalg.solve, (a, b), {})
    idle = np.all(np.equal(b.inner, 0), axis=-2, keepdims=True)
    return Absorbing(mended(x.inner, np.logical_and(np.isnan(x.inner), idle)))


def _recurred(a: Any, b: Any, axis: int) -> Any:
    """Return y with y[i] = a[i] y[i - 1] + b[i], step by step."""
    before = (slice(None),) * (axis % b.ndim)
    steps = [b[(*before, 0)]]
    for i in range(1, b.shape[axis]):
        steps.append(b[(*before, i)] + steps[-1] * a[(*before, i)])
    return np.stack(steps, axis=axis)


def inside(x: Any) -> Any:
    """Return what absorbs as what it is: an array, a tensor or a batch."""
    if isinstance(x, Absorbing):
        return x.inner
    return type(x)(map(inside, x)) if type(x) in (list, tuple) else x


def _absorbs(x: Any) -> bool:
    if isinstance(x, Absorbing):
        return x.cotangent
    return any(map(_absorbs, x)) if type(x) in (list, tuple) else False


def _outside(found: Any, absorbs: bool) -> Any:
    if type(found) in (list, tuple):
        return type(found)(_outside(x, absorbs) for x in found)
    return Absorbing(found, absorbs) if hasattr(found, "dtype") else found


# ------------------------------------------------------------------ products

_PRODUCTS: dict[Any, Primitive] = {
    np.multiply: multiply,
    np.true_divide: divide,
    np.matmul: matmul,
    None: times,
}


def _multiplied(op: Callable[..., Any], inputs: Sequence[Any], params: dict[str, Any]) -> Any:
    position = next((i for i, x in enumerate(inputs) if _absorbs(x)), None)
    factors = [inside(x) for x in inputs]
    if position is None or (op is divide and position == 1):
        return _called(op, inputs, params)
    if op in (multiply, divide, times):
        return Absorbing(_elementwise(op, factors, position))
    return Absorbing(_contracted(op, factors, position, params))


def _elementwise(op: Callable[..., Any], factors: Sequence[Any], position: int) -> Any:
    g, other = factors[position], factors[1 - position]
    c = op(*factors)
    zero = np.equal(g, 0)
    nothing = np.isinf(other) if op is divide else np.equal(other, 0)
    dropped = np.logical_or(zero, np.logical_and(np.isinf(g), nothing))
    return mended(c, np.logical_and(np.isnan(c), dropped))


def _contracted(
    op: Callable[..., Any], factors: list[Any], position: int, params: dict[str, Any]
) -> Any:
    """Multiply and add up, without the products in which a 0 meets what isn't finite.

    How many products there are of a kind is told by the same op, from zeros and ones.
    """

    def summed(parts: Sequence[Any]) -> Any:
        return op(*parts, **params)

    def counted(*masks: Callable[[Any], Any]) -> Any:
        parts = [np.ones(np.shape(x)) for x in values]
        for mask in masks:
            parts = [p * mask(x) for p, x in zip(parts, values, strict=True)]
        return summed(parts)

    values = [value_of(x) for x in factors]
    c = summed([np.where(np.isfinite(x), x, 0) for x in factors])
    infinite = counted(_counts) - counted(_counts, np.isfinite)
    balance = counted(_signs) - counted(_signs, np.isfinite)
    unclear = counted(_counts) - counted(_counts, _is_number)
    ones = [np.isnan(x) if i == position else np.ones(np.shape(x)) for i, x in enumerate(values)]
    unclear = unclear + summed([1.0 * x for x in ones]) + (np.abs(balance) < infinite)
    if not any(isinstance(x, Node) and x.tracked for x in factors):
        c = np.where(infinite > 0, np.sign(balance) * np.inf, c)
        return np.where(unclear > 0, np.nan, c)
    # an infinity would be a constant here
    c = np.where((infinite > 0) | (unclear > 0), np.nan, c)
    # where a product that was left out may become one that counts, nothing is known of that
    may = [~(settled_zeros(x) if isinstance(x, Node) else np.equal(x, 0)) for x in factors]
    finite = [m * np.isfinite(x) for m, x in zip(may, values, strict=True)]
    vary = summed([1.0 * m for m in may]) - summed([1.0 * f for f in finite]) > infinite
    return marked(c, vary)


def _counts(x: Any) -> Any:
    return np.not_equal(x, 0)


def _signs(x: Any) -> Any:
    return np.sign(np.where(np.isnan(x), 0, x)) if x.dtype.kind == "f" else np.zeros(x.shape)


def _is_number(x: Any) -> Any:
    return np.logical_not(np.isnan(x))
