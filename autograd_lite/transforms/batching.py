"""Batched: an array with a batch axis in front that derivative rules don't see.

Rules are plain NumPy functions, and linear in their cotangent. With a Batched as its cotangent, a
rule processes a whole batch of cotangents at once, because NumPy's protocols bring every function
here. Elementwise functions, sums, reshaping and products work on the whole batch. Any other
function is called for one cotangent after the other.
"""

import operator
from collections.abc import Callable, Sequence
from math import prod
from typing import Any, NoReturn

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd_lite.ops.algebra.contraction import contraction
from autograd_lite.ops.selecting import indexing
from autograd_lite.primitive import Primitive
from autograd_lite.transforms.batch_axis import axes_behind, keeps_place, padded


class NotBatchableError(Exception):
    """A rule can't process a batch; its cotangents have to go through one by one."""


def _operators(ufunc: np.ufunc) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def method(self: Any, other: Any) -> Any:
        return ufunc(self, other)

    def reflected(self: Any, other: Any) -> Any:
        return ufunc(other, self)

    return method, reflected


class Batched:
    """A batch of arrays that looks like one of them.

    Parameters
    ----------
    array : array, shape (batch, ...)
        The arrays, of any dtype, along the first axis.

    Raises
    ------
    NotBatchableError
        From functions and methods that can't process a batch.

    Examples
    --------
    >>> batch = Batched(np.arange(6.0).reshape(2, 3))
    >>> batch.shape
    (3,)
    >>> (10 * batch.sum()).array
    array([ 30., 120.])
    """

    __slots__ = ("array",)

    def __init__(self, array: Any) -> None:
        self.array = array

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes, without the batch axis."""
        return tuple(self.array.shape[1:])

    @property
    def ndim(self) -> int:
        """The number of axes, without the batch axis."""
        return len(self.array.shape) - 1

    @property
    def size(self) -> int:
        """The number of values in one array of the batch."""
        return prod(self.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the values."""
        dtype: np.dtype[Any] = self.array.dtype
        return dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __bool__(self) -> bool:
        raise NotBatchableError("a batch of conditions has no single truth value")

    # ------------------------------------------------------------------ NumPy's protocols

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise NotBatchableError("a batch can't be converted to one array")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if "out" in kwargs:
            raise NotBatchableError("a batch can't be written into one array with out=")
        if method == "reduce" and ufunc is np.add and kwargs.keys() <= {"axis", "keepdims"}:
            return _sum(inputs[0], **{"axis": 0, **kwargs})
        if method != "__call__" or kwargs:
            return one_by_one(getattr(ufunc, method), inputs, kwargs)
        if ufunc is np.matmul:
            return _matmul(*inputs)
        if ufunc.signature is not None or ufunc.nout > 1:
            return one_by_one(ufunc, inputs, {})
        return Batched(ufunc(*_aligned(inputs)))

    def __array_function__(
        self, func: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        whole = _FUNCTIONS.get(func)
        if whole is not None:
            try:
                return whole(*args, **kwargs)
            except (_OtherWayError, TypeError):
                pass
        return one_by_one(func, args, kwargs)

    @staticmethod
    def __apply_primitive__(op: Primitive, inputs: Sequence[Any], params: dict[str, Any]) -> Any:
        if op is indexing.scatter:
            try:
                return _scatter(*inputs, **params)
            except (_OtherWayError, TypeError):
                pass
        if op is indexing.getitem:
            return inputs[0][params["index"]]
        if op is contraction:
            return op.forward(*inputs, **params)
        if op.elementwise:
            return Batched(op.forward(*_aligned(inputs), **params))
        return one_by_one(op.forward, inputs, params)

    # ------------------------------------------------------------------ operators

    __lt__, __gt__ = _operators(np.less)
    __le__, __ge__ = _operators(np.less_equal)
    __eq__, __ne__ = _operators(np.equal)[0], _operators(np.not_equal)[0]
    __add__, __radd__ = _operators(np.add)
    __sub__, __rsub__ = _operators(np.subtract)
    __mul__, __rmul__ = _operators(np.multiply)
    __truediv__, __rtruediv__ = _operators(np.true_divide)
    __pow__, __rpow__ = _operators(np.power)
    __matmul__, __rmatmul__ = _operators(np.matmul)

    def __neg__(self) -> "Batched":
        return Batched(-self.array)

    def __getitem__(self, index: Any) -> Any:
        parts = index if isinstance(index, tuple) else (index,)
        if keeps_place(parts):
            return Batched(self.array[(slice(None), *parts)])
        return one_by_one(operator.getitem, (self, index), {})

    def __setitem__(self, index: Any, value: Any) -> None:
        parts = index if isinstance(index, tuple) else (index,)
        if not keeps_place(parts):
            raise NotBatchableError("this index moves the batch axis")
        whole = (slice(None), *parts)
        if isinstance(value, Batched):
            value = padded(value.array, self.array[whole].ndim - 1)
        self.array[whole] = value

    # ------------------------------------------------------------------ methods

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not callable(getattr(np.ndarray, name, None)):
            raise AttributeError(f"a batch has no attribute {name!r}")
        return lambda *args, **kwargs: one_by_one(
            operator.methodcaller(name, *args, **kwargs), (self,), {}
        )

    @property
    def T(self) -> "Batched":
        """The arrays with their axes in reverse order."""
        return _transpose(self)

    @property
    def mT(self) -> "Batched":
        """The arrays with their last two axes swapped."""
        return self.swapaxes(-1, -2)

    @property
    def real(self) -> "Batched":
        """The real parts."""
        return Batched(self.array.real)

    @property
    def imag(self) -> "Batched":
        """The imaginary parts."""
        return Batched(self.array.imag)

    def astype(self, dtype: Any, *_: Any, **__: Any) -> "Batched":
        """Return the values in another dtype."""
        return Batched(self.array.astype(dtype))

    def conj(self) -> "Batched":
        """Return the complex conjugates."""
        return Batched(np.conjugate(self.array))

    conjugate = conj

    def reshape(self, *shape: Any, **kwargs: Any) -> Any:
        """Return the same values in another shape."""
        return np.reshape(self, shape[0] if len(shape) == 1 else shape, **kwargs)

    def ravel(self) -> Any:
        """Return the values of each array along one axis."""
        return np.reshape(self, (-1,))

    def transpose(self, *axes: Any) -> "Batched":
        """Return the values with the axes permuted."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        return _transpose(self, order or None)

    def swapaxes(self, axis1: int, axis2: int) -> "Batched":
        """Return the values with two axes swapped."""
        first, second = (axes_behind(self.ndim, axis)[0] for axis in (axis1, axis2))
        return Batched(np.swapaxes(self.array, first, second))

    def sum(self, axis: Any = None, keepdims: bool = False) -> "Batched":
        """Return the sum along ``axis``."""
        return _sum(self, axis, keepdims)


class _OtherWayError(Exception):
    """A function's arguments are such that it has to be called one by one."""


def one_by_one(function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Call a function once for each array of the batch, and batch the results."""
    sizes: set[int] = set()
    _find(args, sizes)
    _find(kwargs, sizes)
    (count,) = sizes
    found = [function(*_taken(args, i), **_taken(kwargs, i)) for i in range(count)]
    return _batch(found)


def _find(x: Any, sizes: set[int]) -> None:
    if isinstance(x, Batched):
        sizes.add(len(x.array))
    elif isinstance(x, (list, tuple, dict)):
        for child in x.values() if isinstance(x, dict) else x:
            _find(child, sizes)


def _taken(x: Any, i: int) -> Any:
    if isinstance(x, Batched):
        return x.array[i, ...]
    if type(x) in (list, tuple):
        return type(x)(_taken(child, i) for child in x)
    return {k: _taken(v, i) for k, v in x.items()} if type(x) is dict else x


def _batch(found: Sequence[Any]) -> Any:
    if not found:
        raise NotBatchableError("the batch is empty")
    if isinstance(found[0], (list, tuple)):
        parts = [_batch(part) for part in zip(*found, strict=True)]
        return parts if isinstance(found[0], list) else tuple(parts)
    if not isinstance(found[0], (np.ndarray, np.generic)):
        raise NotBatchableError("the function doesn't return arrays")
    return Batched(np.stack(found))


def _aligned(inputs: Sequence[Any]) -> list[Any]:
    """Return operands whose batch axes stay in front when they are broadcast."""
    ndim = max(x.ndim if isinstance(x, Batched) else np.ndim(x) for x in inputs)
    return [padded(x.array, ndim) if isinstance(x, Batched) else x for x in inputs]


def _sum(x: Batched, axis: Any = None, keepdims: Any = False, **other: Any) -> Batched:
    if other:
        raise _OtherWayError
    return Batched(np.sum(x.array, axis=axes_behind(x.ndim, axis), keepdims=bool(keepdims)))


def _reshape(x: Batched, shape: Any, order: str = "C") -> Batched:
    if order != "C":
        raise _OtherWayError
    lengths = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
    if -1 in lengths and not x.array.size:
        raise _OtherWayError
    return Batched(x.array.reshape(len(x.array), *lengths))


def _transpose(x: Batched, axes: Any = None) -> Batched:
    order = tuple(range(x.ndim))[::-1] if axes is None else normalize_axis_tuple(axes, x.ndim)
    return Batched(np.transpose(x.array, (0, *(1 + a for a in order))))


def _moveaxis(x: Batched, source: Any, destination: Any) -> Batched:
    return Batched(
        np.moveaxis(x.array, axes_behind(x.ndim, source), axes_behind(x.ndim, destination))
    )


def _broadcast_to(x: Batched, shape: Any) -> Batched:
    lengths = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
    return Batched(np.broadcast_to(padded(x.array, len(lengths)), (len(x.array), *lengths)))


def _where(condition: Any, a: Any, b: Any) -> Batched:
    return Batched(np.where(*_aligned((condition, a, b))))


def _expand_dims(x: Batched, axis: Any) -> Batched:
    axes = axis if isinstance(axis, tuple) else (axis,)
    ndim = x.ndim + len(axes)
    return Batched(np.expand_dims(x.array, tuple(1 + a % ndim for a in axes)))


def _flip(x: Batched, axis: Any = None) -> Batched:
    return Batched(np.flip(x.array, axes_behind(x.ndim, axis)))


def _squeeze(x: Batched, axis: Any = None) -> Batched:
    if axis is None:
        axis = tuple(i for i, n in enumerate(x.shape) if n == 1)
    return Batched(np.squeeze(x.array, axes_behind(x.ndim, axis)))


def _zeros_like(
    x: Batched, dtype: Any = None, order: str = "K", shape: Any = None, **other: Any
) -> Batched:
    if other or order not in "CK":
        raise _OtherWayError
    lengths = x.shape if shape is None else (shape,) if isinstance(shape, int) else tuple(shape)
    return Batched(np.zeros((len(x.array), *lengths), x.dtype if dtype is None else dtype))


def _concatenate(arrays: Sequence[Any], axis: Any = 0, **other: Any) -> Batched:
    return _joined(np.concatenate, arrays, axis, arrays[0].ndim, other)


def _stack(arrays: Sequence[Any], axis: Any = 0, **other: Any) -> Batched:
    return _joined(np.stack, arrays, axis, arrays[0].ndim + 1, other)


def _joined(join: Any, arrays: Sequence[Any], axis: Any, ndim: int, other: Any) -> Batched:
    if axis is None or other:
        raise _OtherWayError
    count = next(len(x.array) for x in arrays if isinstance(x, Batched))
    whole = [
        x.array if isinstance(x, Batched) else np.broadcast_to(x, (count, *np.shape(x)))
        for x in arrays
    ]
    return Batched(join(whole, axis=1 + axis % ndim))


def _einsum(subscripts: Any, *operands: Any, **kwargs: Any) -> Batched:
    if not isinstance(subscripts, str) or "." in subscripts or "->" not in subscripts:
        raise _OtherWayError
    left, right = subscripts.replace(" ", "").split("->")
    letter = next(c for c in "ZYXWVUTSRQPONMLKJIHGFEDCBAzyxwvu" if c not in subscripts)
    terms = [
        letter + term if isinstance(x, Batched) else term
        for term, x in zip(left.split(","), operands, strict=True)
    ]
    values = [x.array if isinstance(x, Batched) else x for x in operands]
    return Batched(np.einsum(f"{','.join(terms)}->{letter}{right}", *values, **kwargs))


def _scatter(x: Any, index: Any, shape: tuple[int, ...]) -> Batched:
    parts = index if isinstance(index, tuple) else (index,)
    if not keeps_place(parts):
        raise _OtherWayError
    whole = {"index": (slice(None), *parts), "shape": (len(x.array), *shape)}
    return Batched(indexing.scatter.forward(x.array, **whole))


def _matmul(a: Any, b: Any) -> Any:
    """Return ``a @ b`` for each array of a batch."""
    both = isinstance(a, Batched) and isinstance(b, Batched)
    if both or (min(a.ndim, b.ndim) == 1 and max(a.ndim, b.ndim) > 2):
        return one_by_one(np.matmul, (a, b), {})
    if isinstance(a, Batched) and b.ndim <= 2:
        # one product instead of many: a batch of vectors is the rows of one matrix
        rows = a.array.reshape(prod(a.array.shape[:-1]), a.shape[-1])
        return Batched((rows @ b).reshape(*a.array.shape[:-1], *b.shape[1:]))
    if b.ndim == 1:
        return Batched(b.array @ a.T)
    ndim = max(a.ndim, b.ndim)
    left, right = (padded(x.array, ndim) if isinstance(x, Batched) else x for x in (a, b))
    return Batched(np.matmul(left, right))


_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.broadcast_to: _broadcast_to,
    np.concatenate: _concatenate,
    np.einsum: _einsum,
    np.expand_dims: _expand_dims,
    np.flip: _flip,
    np.matrix_transpose: lambda x: x.mT,
    np.moveaxis: _moveaxis,
    np.ndim: lambda x: x.ndim,
    np.reshape: _reshape,
    np.result_type: lambda *xs: np.result_type(*(getattr(x, "dtype", x) for x in xs)),
    np.shape: lambda x: x.shape,
    np.size: lambda x: x.size,
    np.squeeze: _squeeze,
    np.stack: _stack,
    np.sum: _sum,
    np.swapaxes: lambda x, axis1, axis2: x.swapaxes(axis1, axis2),
    np.transpose: _transpose,
    np.where: _where,
    np.zeros_like: _zeros_like,
}
