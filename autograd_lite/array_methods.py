"""NumPy's array methods: each applies a primitive, or asks for the NumPy function of its name."""

import sys
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from autograd_lite.dispatch import call, call_ufunc
from autograd_lite.dtypes import ARRAY_API_VERSIONS
from autograd_lite.errors import DomainError, DTypeError, SharingError
from autograd_lite.graph import Node
from autograd_lite.operands import check_device
from autograd_lite.ops import complex_numbers, elementwise, reductions, shaping
from autograd_lite.ops.reductions import Axis
from autograd_lite.primitive import Primitive


def _array(x: Any) -> Any:
    """Return the tensor as what NumPy's annotations let its functions take."""
    return x


class ArrayMethods(Node):
    """The methods of a tensor; what they do is said in full where the functions are."""

    __slots__ = ()

    __apply_primitive__: Callable[[Primitive, tuple[Any, ...], dict[str, Any]], Any]

    # ------------------------------------------------------------------ what models use most

    def _reduced(self, op: Primitive, function: Any, **params: Any) -> Self:
        # the primitive knows these two; what else is given is a matter of the function
        plain = params.keys() == {"axis", "keepdims"}
        apply = self.__apply_primitive__
        found: Self = apply(op, (self,), params) if plain else call(function, (self,), params)
        return found

    def sum(self, axis: Axis = None, keepdims: bool = False, **rest: Any) -> Self:
        """Return the sum along ``axis``."""
        return self._reduced(reductions.sum, np.sum, axis=axis, keepdims=keepdims, **rest)

    def mean(self, axis: Axis = None, keepdims: bool = False, **rest: Any) -> Self:
        """Return the mean along ``axis``."""
        return self._reduced(reductions.mean, np.mean, axis=axis, keepdims=keepdims, **rest)

    def max(self, axis: Axis = None, keepdims: bool = False, **rest: Any) -> Self:
        """Return the maximum along ``axis``."""
        return self._reduced(reductions.max, np.max, axis=axis, keepdims=keepdims, **rest)

    def min(self, axis: Axis = None, keepdims: bool = False, **rest: Any) -> Self:
        """Return the minimum along ``axis``."""
        return self._reduced(reductions.min, np.min, axis=axis, keepdims=keepdims, **rest)

    def reshape(self, *shape: Any, **rest: Any) -> Self:
        """Return the same values in another shape."""
        new = shape[0] if len(shape) == 1 else shape
        if rest:
            found: Self = call(np.reshape, (self, new), rest)
            return found
        result: Self = self.__apply_primitive__(shaping.reshape, (self,), {"shape": new})
        return result

    def transpose(self, *axes: Any) -> Self:
        """Return the tensor with its axes permuted; reversed where no axes are given."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        result: Self = self.__apply_primitive__(shaping.transpose, (self,), {"axes": order or None})
        return result

    def swapaxes(self, axis1: int, axis2: int) -> Self:
        """Return the tensor with two axes swapped."""
        result: Self = self.__apply_primitive__(
            shaping.swapaxes, (self,), {"axis1": axis1, "axis2": axis2}
        )
        return result

    def squeeze(self, axis: Axis = None) -> Self:
        """Return the tensor without its axes of length 1, or without those given."""
        result: Self = self.__apply_primitive__(shaping.squeeze, (self,), {"axis": axis})
        return result

    def astype(self, dtype: npt.DTypeLike | None) -> Self:
        """Return the values in another dtype; a constant where that isn't floating."""
        new = np.dtype(dtype)
        if self.dtype.kind == "c" and new.kind not in "cb":
            raise DTypeError(f"{self.dtype} can't become {new}; take .real or .imag first")
        x = self if new.kind in "fc" else self.detach()
        result: Self = self.__apply_primitive__(elementwise.astype, (x,), {"dtype": new})
        return result

    @property
    def real(self) -> Self:
        """The real parts."""
        result: Self = self.__apply_primitive__(complex_numbers.real, (self,), {})
        return result

    @property
    def imag(self) -> Self:
        """The imaginary parts; constant where the tensor is real."""
        x = self if self.dtype.kind == "c" else self.detach()
        result: Self = self.__apply_primitive__(complex_numbers.imag, (x,), {})
        return result

    @property
    def T(self) -> Self:
        """The tensor with its axes in reverse order."""
        return self.transpose()

    @property
    def mT(self) -> Self:
        """The tensor with its last two axes swapped: the transposes of a stack of matrices."""
        return self.swapaxes(-1, -2)

    # ------------------------------------------------------------------ reductions

    def all(self, axis: Axis = None, keepdims: bool = False) -> Self:
        """Return True where all values along ``axis`` are true: a constant."""
        found: Self = call_ufunc(
            np.logical_and, "reduce", (self,), {"axis": axis, "keepdims": keepdims}
        )
        return found

    def any(self, axis: Axis = None, keepdims: bool = False) -> Self:
        """Return True where a value along ``axis`` is true: a constant."""
        found: Self = call_ufunc(
            np.logical_or, "reduce", (self,), {"axis": axis, "keepdims": keepdims}
        )
        return found

    def argmax(self, axis: int | None = None, keepdims: bool = False) -> Self:
        """Return the index of the maximum along ``axis``: a constant."""
        found: Self = np.argmax(_array(self), axis, keepdims=keepdims)
        return found

    def argmin(self, axis: int | None = None, keepdims: bool = False) -> Self:
        """Return the index of the minimum along ``axis``: a constant."""
        found: Self = np.argmin(_array(self), axis, keepdims=keepdims)
        return found

    def cumprod(self, axis: int | None = None) -> Self:
        """Return the running products along ``axis``."""
        found: Self = call(np.cumprod, (self, axis), {})
        return found

    def cumsum(self, axis: int | None = None) -> Self:
        """Return the running sums along ``axis``."""
        found: Self = call(np.cumsum, (self, axis), {})
        return found

    def log_softmax(self, axis: Axis = -1) -> Self:
        """Return the logarithm of the softmax along ``axis``."""
        found: Self = reductions.log_softmax(self, axis=axis)
        return found

    def logsumexp(self, axis: Axis = None, keepdims: bool = False) -> Self:
        """Return ``log(sum(exp(x)))`` along ``axis``."""
        found: Self = reductions.logsumexp(self, axis=axis, keepdims=keepdims)
        return found

    def median(self, axis: Axis = None, keepdims: bool = False) -> Self:
        """Return the median along ``axis``."""
        found: Self = call(np.median, (self,), {"axis": axis, "keepdims": keepdims})
        return found

    def prod(self, axis: Axis = None, keepdims: bool = False) -> Self:
        """Return the product along ``axis``."""
        found: Self = call(np.prod, (self,), {"axis": axis, "keepdims": keepdims})
        return found

    def softmax(self, axis: Axis = -1) -> Self:
        """Return ``exp(x) / sum(exp(x))`` along ``axis``."""
        found: Self = reductions.softmax(self, axis=axis)
        return found

    def std(self, axis: Axis = None, keepdims: bool = False, *, ddof: float = 0) -> Self:
        """Return the standard deviation along ``axis``."""
        found: Self = call(np.std, (self,), {"axis": axis, "keepdims": keepdims, "ddof": ddof})
        return found

    def var(self, axis: Axis = None, keepdims: bool = False, *, ddof: float = 0) -> Self:
        """Return the variance along ``axis``."""
        found: Self = call(np.var, (self,), {"axis": axis, "keepdims": keepdims, "ddof": ddof})
        return found

    # ------------------------------------------------------------------ elementwise

    def clip(self, min: Any = None, max: Any = None) -> Self:
        """Return the values limited to ``[min, max]``."""
        limited: Self = call(np.clip, (self, min, max), {})
        return limited

    def conj(self) -> Self:
        """Return the complex conjugates."""
        conjugated: Self = np.conjugate(_array(self))
        return conjugated

    conjugate = conj

    def round(self, decimals: int = 0) -> Self:
        """Return the values rounded to a number of decimals: a constant."""
        rounded: Self = np.round(_array(self), decimals)
        return rounded

    def __divmod__(self, other: Any) -> tuple[Self, Self]:
        found: tuple[Self, Self] = np.divmod(_array(self), other)
        return found

    def __rdivmod__(self, other: Any) -> tuple[Self, Self]:
        found: tuple[Self, Self] = np.divmod(other, _array(self))
        return found

    # ------------------------------------------------------------------ selecting and sorting

    def argpartition(self, kth: int | Sequence[int], axis: int | None = -1) -> Self:
        """Return the indices that partition along ``axis``: a constant."""
        order: Any = np.argpartition(_array(self), kth, axis)
        found: Self = order
        return found

    def argsort(
        self, axis: int | None = -1, kind: Any = None, *, stable: bool | None = None
    ) -> Self:
        """Return the indices that sort along ``axis``: a constant."""
        order: Any = np.argsort(_array(self), axis, kind, stable=stable)
        found: Self = order
        return found

    def choose(self, choices: Any, mode: str = "raise") -> Self:
        """Return for each index in this tensor the value of that choice."""
        found: Self = call(np.choose, (self, choices), {"mode": mode})
        return found

    def compress(self, condition: Any, axis: int | None = None) -> Self:
        """Return the slices along ``axis`` for which the condition is true."""
        found: Self = call(np.compress, (condition, self, axis), {})
        return found

    def nonzero(self) -> tuple[Self, ...]:
        """Return the indices of the values that aren't 0, a vector for each axis: constants."""
        places: Any = np.nonzero(_array(self))
        found: tuple[Self, ...] = places
        return found

    def put(self, indices: Any, values: Any, mode: str = "raise") -> None:
        """Write values at indices of the flattened tensor, in place."""
        call(np.put, (self, indices, values), {"mode": mode})

    def searchsorted(self, v: Any, side: Any = "left", sorter: Any = None) -> Self:
        """Return where in this tensor, which is sorted, the values belong: a constant."""
        found: Self = np.searchsorted(_array(self), v, side, sorter)
        return found

    def take(self, indices: Any, axis: int | None = None, mode: str = "raise") -> Self:
        """Return the values at the indices along ``axis``."""
        found: Self = call(np.take, (self, indices, axis), {"mode": mode})
        return found

    # ------------------------------------------------------------------ linear algebra

    def dot(self, b: Any) -> Self:
        """Return the dot product with ``b``."""
        found: Self = call(np.dot, (self, b), {})
        return found

    def matmul(self, other: Any) -> Self:
        """Return the matrix product with ``other``, as ``@`` does."""
        found: Self = np.matmul(_array(self), other)
        return found

    def norm(self, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Self:
        """Return norms of vectors or matrices, as :func:`autograd_lite.linalg.norm` does."""
        found: Self = call(np.linalg.norm, (self, ord, axis, keepdims), {})
        return found

    def trace(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Self:
        """Return the sums of diagonals."""
        found: Self = call(np.trace, (self, offset, axis1, axis2), {})
        return found

    # ------------------------------------------------------------------ shapes

    def clone(self) -> Self:
        """Return the tensor with its values in memory of their own; cotangents pass through."""
        copied: Self = call(np.copy, (self,), {})
        return copied

    def copy(self, order: str = "C") -> Self:
        """Return the tensor with its values in memory of their own; cotangents pass through."""
        copied: Self = call(np.copy, (self,), {"order": order})
        return copied

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Self:
        """Return the diagonals of the matrices that two axes make."""
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
        """Return the tensor with its axes permuted, PyTorch's name for ``transpose``."""
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

    # ------------------------------------------------------------------ the array API standard

    def __array_namespace__(self, /, *, api_version: str | None = None) -> Any:
        if api_version not in (None, *ARRAY_API_VERSIONS):
            raise DomainError(
                f"version {api_version!r} of the array API standard is none of those there are "
                f"here: {', '.join(ARRAY_API_VERSIONS)}"
            )
        return sys.modules[__package__]

    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> Any:
        if self.tracked:
            raise SharingError(
                "another library that writes into a tensor that requires a gradient, or computes "
                "with it, would lose the gradient; export tensor.detach()"
            )
        array: Any = np.array(self.array) if isinstance(self.array, np.generic) else self.array
        return array.__dlpack__(
            stream=stream, max_version=max_version, dl_device=dl_device, copy=copy
        )

    def __dlpack_device__(self) -> tuple[int, int]:
        device: tuple[int, int] = self.data.__dlpack_device__()
        return device

    @property
    def device(self) -> str:
        """Where the values are: ``"cpu"``."""
        return "cpu"

    def to_device(self, device: Any, /, *, stream: Any = None) -> Self:
        """Return this tensor: it is on the only device there is."""
        check_device(device)
        return self

    @property
    def itemsize(self) -> int:
        """The number of bytes of a value."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """The number of bytes of all values."""
        return self.size * self.itemsize
