"""NumPy's array methods: each applies a primitive, or calls the NumPy function of its name."""

from collections.abc import Sequence
from operator import index
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from autograd_lite.errors import DTypeError
from autograd_lite.numpy_protocols.dispatch import call
from autograd_lite.numpy_protocols.writing_methods import ArrayWriting
from autograd_lite.ops.learning import softmax
from autograd_lite.ops.manipulation import shaping
from autograd_lite.ops.mathematics import reductions
from autograd_lite.ops.mathematics.reductions import Axis
from autograd_lite.ops.selecting import indexing
from autograd_lite.primitive import Primitive


def _array(x: Any) -> Any:
    """Return ``x`` with a type that NumPy's annotations accept."""
    return x


class ArrayMethods(ArrayWriting):
    """The methods of a tensor; the functions of the same names are documented in full."""

    __slots__ = ()

    # ------------------------------------------------------------------ what models use most

    def _reduced(
        self,
        op: Primitive,
        function: Any,
        axis: Axis,
        keepdims: bool,
        rest: dict[str, Any],
        dtype: npt.DTypeLike | None = None,
        out: None = None,
    ) -> Self:
        params: dict[str, Any] = {"axis": axis, "keepdims": keepdims}
        if (
            rest or dtype is not None or out is not None
        ):  # the primitive takes only axis and keepdims
            given = rest if dtype is None else {"dtype": dtype, **rest}
            return self._called(function, **params, out=out, **given)
        found: Self = self.__apply_primitive__(op, (self,), params)
        return found

    def sum(
        self,
        axis: Axis = None,
        dtype: npt.DTypeLike | None = None,
        out: None = None,
        keepdims: bool = False,
        **rest: Any,
    ) -> Self:
        """Return the sum along ``axis``."""
        return self._reduced(reductions.sum, np.sum, axis, keepdims, rest, dtype, out)

    def mean(
        self,
        axis: Axis = None,
        dtype: npt.DTypeLike | None = None,
        out: None = None,
        keepdims: bool = False,
        **rest: Any,
    ) -> Self:
        """Return the mean along ``axis``."""
        return self._reduced(reductions.mean, np.mean, axis, keepdims, rest, dtype, out)

    def max(self, axis: Axis = None, out: None = None, keepdims: bool = False, **rest: Any) -> Self:
        """Return the maximum along ``axis``."""
        return self._reduced(reductions.max, np.max, axis, keepdims, rest, out=out)

    def min(self, axis: Axis = None, out: None = None, keepdims: bool = False, **rest: Any) -> Self:
        """Return the minimum along ``axis``."""
        return self._reduced(reductions.min, np.min, axis, keepdims, rest, out=out)

    def reshape(self, *shape: Any, **rest: Any) -> Self:
        """Return the same values in another shape."""
        new = shape[0] if len(shape) == 1 else shape
        if rest:
            found: Self = call(np.reshape, (self, new), rest)
            return found
        result: Self = self.__apply_primitive__(shaping.reshape, (self,), {"shape": new})
        return result

    def transpose(self, *axes: Any) -> Self:
        """Return the tensor with its axes permuted; by default, in reverse order."""
        given = tuple(axes[0]) if len(axes) == 1 and np.ndim(axes[0]) else axes
        order = None if given in ((), (None,)) else tuple(map(index, given))
        result: Self = self.__apply_primitive__(shaping.transpose, (self,), {"axes": order})
        return result

    def swapaxes(self, axis1: int, axis2: int) -> Self:
        """Return the tensor with two axes swapped."""
        result: Self = self.__apply_primitive__(
            shaping.swapaxes, (self,), {"axis1": axis1, "axis2": axis2}
        )
        return result

    def squeeze(self, axis: Axis = None) -> Self:
        """Return the tensor without its axes of length 1, or without only the given ones."""
        result: Self = self.__apply_primitive__(shaping.squeeze, (self,), {"axis": axis})
        return result

    def astype(
        self,
        dtype: npt.DTypeLike | None,
        order: Any = "K",
        casting: Any = "unsafe",
        subok: bool = True,
        copy: bool = True,
    ) -> Self:
        """Return the values in another dtype: a constant, unless that is floating or complex."""
        new = np.dtype(dtype)
        if self.dtype.kind == "c" and new.kind not in "cb":
            raise DTypeError(f"astype: {self.dtype} can't become {new}; take .real or .imag first")
        if not np.can_cast(self.dtype, new, casting):
            raise DTypeError(f"astype: {self.dtype} can't become {new} under casting={casting!r}")
        flags = self.array.flags
        if order == "A":
            order = "F" if flags.fnc else "C"
        lies_so = order == "K" or (flags.f_contiguous if order == "F" else flags.c_contiguous)
        if not copy and new == self.dtype and lies_so:
            return self
        x = self if new.kind in "fc" else self.detach()
        result: Self = self.__apply_primitive__(shaping.astype, (x,), {"dtype": new})
        return result if order == "K" else result.copy(order)

    @property
    def T(self) -> Self:
        """The tensor with its axes in reverse order."""
        return self.transpose()

    @property
    def mT(self) -> Self:
        """The transposes of a stack of matrices: the last two axes are swapped."""
        return self.swapaxes(-1, -2)

    # ------------------------------------------------------------------ reductions

    def _called(self, function: Any, **given: Any) -> Self:
        if isinstance(given.get("dtype"), bool) or isinstance(given.get("out"), bool):
            raise DTypeError(
                "keepdims is given by name, keepdims=True: that position is for dtype or out"
            )
        found: Self = call(function, (self,), given)
        return found

    def all(
        self, axis: Axis = None, out: None = None, keepdims: bool = False, *, where: Any = True
    ) -> Self:
        """Return whether all values along ``axis`` are true: a constant."""
        found: Self = np.all(_array(self), axis, out, keepdims, where=where)
        return found

    def any(
        self, axis: Axis = None, out: None = None, keepdims: bool = False, *, where: Any = True
    ) -> Self:
        """Return whether any value along ``axis`` is true: a constant."""
        found: Self = np.any(_array(self), axis, out, keepdims, where=where)
        return found

    def argmax(self, axis: int | None = None, out: None = None, *, keepdims: bool = False) -> Self:
        """Return the index of the maximum along ``axis``: a constant."""
        found: Self = np.argmax(_array(self), axis, out, keepdims=keepdims)
        return found

    def argmin(self, axis: int | None = None, out: None = None, *, keepdims: bool = False) -> Self:
        """Return the index of the minimum along ``axis``: a constant."""
        found: Self = np.argmin(_array(self), axis, out, keepdims=keepdims)
        return found

    def cumprod(self, axis: int | None = None, dtype: Any = None, out: None = None) -> Self:
        """Return the running products along ``axis``."""
        return self._called(np.cumprod, axis=axis, dtype=dtype, out=out)

    def cumsum(self, axis: int | None = None, dtype: Any = None, out: None = None) -> Self:
        """Return the running sums along ``axis``."""
        return self._called(np.cumsum, axis=axis, dtype=dtype, out=out)

    def log_softmax(self, axis: Axis = -1) -> Self:
        """Return the logarithm of the softmax along ``axis``."""
        found: Self = softmax.log_softmax(self, axis=axis)
        return found

    def logsumexp(self, axis: Axis = None, keepdims: bool = False) -> Self:
        """Return ``log(sum(exp(x)))`` along ``axis``."""
        found: Self = softmax.logsumexp(self, axis=axis, keepdims=keepdims)
        return found

    def median(self, axis: Axis = None, keepdims: bool = False) -> Self:
        """Return the median along ``axis``."""
        return self._called(np.median, axis=axis, keepdims=keepdims)

    def prod(
        self,
        axis: Axis = None,
        dtype: npt.DTypeLike | None = None,
        out: None = None,
        keepdims: bool = False,
        **rest: Any,
    ) -> Self:
        """Return the product along ``axis``."""
        return self._called(np.prod, axis=axis, dtype=dtype, out=out, keepdims=keepdims, **rest)

    def softmax(self, axis: Axis = -1) -> Self:
        """Return ``exp(x) / sum(exp(x))`` along ``axis``."""
        found: Self = softmax.softmax(self, axis=axis)
        return found

    def std(
        self,
        axis: Axis = None,
        dtype: npt.DTypeLike | None = None,
        out: None = None,
        ddof: float = 0,
        keepdims: bool = False,
        **rest: Any,
    ) -> Self:
        """Return the standard deviation along ``axis``."""
        given = {"dtype": dtype, "out": out, "ddof": ddof, "keepdims": keepdims, **rest}
        return self._called(np.std, axis=axis, **given)

    def var(
        self,
        axis: Axis = None,
        dtype: npt.DTypeLike | None = None,
        out: None = None,
        ddof: float = 0,
        keepdims: bool = False,
        **rest: Any,
    ) -> Self:
        """Return the variance along ``axis``."""
        given = {"dtype": dtype, "out": out, "ddof": ddof, "keepdims": keepdims, **rest}
        return self._called(np.var, axis=axis, **given)

    # ------------------------------------------------------------------ elementwise

    def clip(self, min: Any = None, max: Any = None, out: None = None, **rest: Any) -> Self:
        """Return the values limited to ``[min, max]``."""
        limited: Self = call(np.clip, (self, min, max), {"out": out, **rest})
        return limited

    def conj(self) -> Self:
        """Return the complex conjugates; for a real tensor, the tensor itself, as NumPy does."""
        if self.dtype.kind != "c":
            return self
        conjugated: Self = np.conjugate(_array(self))
        return conjugated

    conjugate = conj

    def round(self, decimals: int = 0, out: None = None) -> Self:
        """Return the values rounded to a number of decimals: a constant."""
        rounded: Self = np.round(_array(self), decimals, out)
        return rounded

    def __round__(self, ndigits: int | None = None) -> Any:
        if ndigits is None and not self.shape:
            return round(self.item())  # a Python number, as NumPy's scalars give
        return self.round(ndigits or 0)

    def __divmod__(self, other: Any) -> tuple[Self, Self]:
        found: tuple[Self, Self] = np.divmod(_array(self), other)
        return found

    def __rdivmod__(self, other: Any) -> tuple[Self, Self]:
        found: tuple[Self, Self] = np.divmod(other, _array(self))
        return found

    # ------------------------------------------------------------------ selecting and sorting

    def argpartition(
        self,
        kth: int | Sequence[int],
        axis: int | None = -1,
        kind: Any = "introselect",
        order: None = None,
    ) -> Self:
        """Return the indices that partition along ``axis``: a constant."""
        places: Any = np.argpartition(_array(self), kth, axis, kind, order)
        found: Self = places
        return found

    def argsort(
        self,
        axis: int | None = -1,
        kind: Any = None,
        order: None = None,
        *,
        stable: bool | None = None,
    ) -> Self:
        """Return the indices that sort along ``axis``: a constant."""
        places: Any = np.argsort(_array(self), axis, kind, order, stable=stable)
        found: Self = places
        return found

    def choose(self, choices: Any, out: None = None, mode: str = "raise") -> Self:
        """Return, for each index in this tensor, the value of that choice."""
        return self._called(np.choose, choices=choices, out=out, mode=mode)

    def compress(self, condition: Any, axis: int | None = None, out: None = None) -> Self:
        """Return the slices along ``axis`` for which the condition is true."""
        found: Self = call(np.compress, (condition, self, axis), {"out": out})
        return found

    def nonzero(self) -> tuple[Self, ...]:
        """Return the indices of the values that aren't 0, one vector for each axis: constants."""
        places: Any = np.nonzero(_array(self))
        found: tuple[Self, ...] = places
        return found

    def searchsorted(self, v: Any, side: Any = "left", sorter: Any = None) -> Self:
        """Return the indices at which values belong in this sorted tensor: a constant."""
        found: Self = np.searchsorted(_array(self), v, side, sorter)
        return found

    def take(
        self, indices: Any, axis: int | None = None, out: None = None, mode: str = "raise"
    ) -> Self:
        """Return the values at the indices along ``axis``."""
        return self._called(np.take, indices=indices, axis=axis, out=out, mode=mode)

    # ------------------------------------------------------------------ linear algebra

    def dot(self, b: Any, out: None = None) -> Self:
        """Return the dot product with ``b``."""
        return self._called(np.dot, b=b, out=out)

    def matmul(self, other: Any) -> Self:
        """Return the matrix product with ``other``, as ``@`` does."""
        found: Self = np.matmul(_array(self), other)
        return found

    def norm(self, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Self:
        """Return norms of vectors or matrices, as :func:`autograd_lite.linalg.norm` does."""
        return self._called(np.linalg.norm, ord=ord, axis=axis, keepdims=keepdims)

    def trace(
        self, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: None = None
    ) -> Self:
        """Return the sums of diagonals."""
        return self._called(np.trace, offset=offset, axis1=axis1, axis2=axis2, dtype=dtype, out=out)

    # ------------------------------------------------------------------ shapes

    def clone(self) -> Self:
        """Return a copy with memory of its own; gradients pass through."""
        return self.copy("K")

    def copy(self, order: str = "C") -> Self:
        """Return a copy with memory of its own; gradients pass through."""
        if isinstance(self.array, np.generic):  # a scalar's copy is a scalar
            scalar: Self = self.__apply_primitive__(indexing.getitem, (self,), {"index": ()})
            return scalar
        copied: Self = call(np.copy, (self,), {"order": order})
        return copied

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Self:
        """Return the diagonals of the matrices in two axes."""
        found: Self = call(np.diagonal, (self, offset, axis1, axis2), {})
        return found

    def flatten(self, order: str = "C") -> Self:
        """Return a copy of the values along one axis."""
        flat: Self = call(np.ravel, (self.copy(order), order), {})
        return flat

    def flip(self, axis: Axis = None) -> Self:
        """Return the values in reverse order along ``axis``."""
        found: Self = call(np.flip, (self, axis), {})
        return found

    def permute(self, *axes: Any) -> Self:
        """Return the tensor with its axes permuted: ``transpose`` by PyTorch's name."""
        return self.transpose(*axes)

    def ravel(self, order: str = "C") -> Self:
        """Return the values along one axis."""
        flat: Self = call(np.ravel, (self, order), {})
        return flat

    def repeat(self, repeats: int | Sequence[int], axis: int | None = None) -> Self:
        """Return the tensor with each value repeated along an axis."""
        repeated: Self = call(np.repeat, (self, repeats, axis), {})
        return repeated

    def unsqueeze(self, axis: int | Sequence[int]) -> Self:
        """Return the tensor with axes of length 1 inserted."""
        expanded: Self = call(np.expand_dims, (self, axis), {})
        return expanded
