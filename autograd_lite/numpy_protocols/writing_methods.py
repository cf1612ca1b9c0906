"""NumPy's methods and attributes that write into an array; each becomes an assignment."""

from collections.abc import Iterator
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from autograd_lite.assignment import assign
from autograd_lite.errors import DTypeError, ShapeError, UnsupportedAttributeError, UnsupportedError
from autograd_lite.indices import plain_index
from autograd_lite.modes import is_recording
from autograd_lite.numpy_protocols.dispatch import call
from autograd_lite.numpy_protocols.python_protocols import ArrayProtocols
from autograd_lite.operands import FORWARD_ERRORS, explain
from autograd_lite.ops.mathematics import complex_numbers
from autograd_lite.ops.selecting import indexing


class ArrayWriting(ArrayProtocols):
    """The methods of a tensor that change it, and its attributes that can be assigned to."""

    __slots__ = ()

    def fill(self, value: Any) -> None:
        """Set all values to a number, in place."""
        if np.ndim(value):
            raise ShapeError(f"fill takes one value, not shape {np.shape(value)}; write x[...] = v")
        assign(self, ..., value)

    def partition(
        self, kth: Any, axis: int = -1, kind: str = "introselect", order: None = None
    ) -> None:
        """Put each ``kth`` value where sorting would put it, in place."""
        self._rearrange(np.partition, kth=kth, axis=axis, kind=kind, order=order)

    def put(self, indices: Any, values: Any, mode: str = "raise") -> None:
        """Write values at indices of the flattened tensor, in place."""
        call(np.put, (self, indices, values), {"mode": mode})

    def sort(
        self, axis: int = -1, kind: Any = None, order: None = None, *, stable: bool | None = None
    ) -> None:
        """Sort along ``axis``, in place; ``np.sort`` returns a new tensor."""
        self._rearrange(np.sort, axis=axis, kind=kind, order=order, stable=stable)

    def _rearrange(self, function: Any, **given: Any) -> None:
        before = call(np.copy, (self,), {}) if self.tracked else self  # its rule needs the values
        assign(self, ..., call(function, (before,), given))

    @property
    def flat(self) -> "Flat":
        """The values one after another, rows first; assigning into it changes the tensor."""
        return Flat(self)

    @flat.setter
    def flat(self, values: Any) -> None:
        self.flat[:] = values

    @property
    def real(self) -> Self:
        """The real parts; those of a complex tensor can be set only where that isn't recorded."""
        result: Self = self.__apply_primitive__(complex_numbers.real, (self,), {})
        return result

    @real.setter
    def real(self, values: Any) -> None:
        self._set_part("real", "values + 1j * x.imag", values)

    @property
    def imag(self) -> Self:
        """The imaginary parts: constant zeros for a real tensor, where they can't be set."""
        x = self if self.dtype.kind == "c" else self.detach()
        result: Self = self.__apply_primitive__(complex_numbers.imag, (x,), {})
        return result

    @imag.setter
    def imag(self, values: Any) -> None:
        if self.dtype.kind != "c":
            raise DTypeError(
                f"a tensor of dtype {self.dtype} has no imaginary parts to set; make it complex"
            )
        self._set_part("imag", "x.real + 1j * values", values)

    def _set_part(self, part: str, written_out: str, values: Any) -> None:
        if isinstance(self.array, np.generic):
            raise UnsupportedAttributeError(
                f"a number's .{part} can't be set; write x = {written_out}"
            )
        recorded = is_recording() and (self.tracked or getattr(values, "tracked", False))
        if self.dtype.kind == "c" and recorded:
            raise UnsupportedError(
                f"setting .{part} of complex numbers can't be recorded; write x = {written_out}"
            )
        assign(getattr(self.detach(), part) if self.dtype.kind == "c" else self, ..., values)

    def view(self, dtype: npt.DTypeLike | None = None, type: None = None) -> Self:
        """Return a tensor over the same memory; only a constant can be viewed as another dtype."""
        if type is not None or isinstance(dtype, (int, tuple, list)):
            raise UnsupportedError("view takes a dtype; for another shape write x.reshape(shape)")
        if dtype is None or np.dtype(dtype) == self.dtype:
            whole = () if isinstance(self.array, np.generic) else ...
            same: Self = self.__apply_primitive__(indexing.getitem, (self,), {"index": whole})
            return same
        if self.tracked:
            raise UnsupportedError(
                f"viewing {self.dtype} as {np.dtype(dtype)} has no derivative; convert the "
                "values with astype(), or use x.detach().view(dtype)"
            )
        try:
            return self.of(self.array.view(dtype))
        except FORWARD_ERRORS as error:
            raise explain("view", "", (self.array,), {"dtype": dtype}, error) from error


class Flat:
    """The values of a tensor one after another, rows first: ``tensor.flat``.

    Reading gives a copy; assigning writes into the tensor, and repeats values as needed.
    """

    __slots__ = ("_tensor",)

    def __init__(self, tensor: ArrayWriting) -> None:
        self._tensor = tensor

    def __len__(self) -> int:
        return self._tensor.size

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: Any) -> Any:
        return call(np.take, (self._tensor, self._positions(index)), {})

    def __setitem__(self, index: Any, values: Any) -> None:
        call(np.put, (self._tensor, self._positions(index), values), {})

    def copy(self) -> Any:
        """Return a copy of the values along one axis."""
        return self[:]

    def _positions(self, index: Any) -> Any:
        try:
            return np.arange(len(self))[plain_index(index)]
        except FORWARD_ERRORS as error:
            values = (self._tensor.array,)
            raise explain("flat", "", values, {"index": index}, error) from error
