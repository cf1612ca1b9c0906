"""The graph's node: a value, and what the op that computed it leaves behind."""

from collections.abc import Sequence
from itertools import count
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from autograd_lite.errors import (
    DTypeError,
    GraphError,
    ShapeError,
    UnsupportedAttributeError,
)
from autograd_lite.operands import as_array
from autograd_lite.primitive import Primitive
from autograd_lite.writes import note_update

RELEASED = (
    "the graph below this {} was released by an earlier backward pass; "
    "pass retain_graph=True to the earlier pass to go through it again"
)

next_index = count(1).__next__
"""Give the next creation index: it orders the graph, and tells what was written when."""


class Node:
    """What a Tensor holds and what can be read off it; Tensor adds the ops.

    There is no pointer from an input to what was computed from it, so a graph has no reference
    cycle: dropping the output frees the graph.

    Attributes
    ----------
    array : array
        What was computed; a NumPy scalar where NumPy gives one. (It isn't called ``value``, for
        other libraries take that for the number behind a quantity, and compute with it.)
    tracked : bool
        Cotangents flow to this node.
    op : Primitive or None
        What computed it; None for a leaf.
    inputs : sequence of (Node or None), or None
        The op's inputs where they require gradients, None in the place of constants. The whole is
        None once a backward pass has released it. Leaves have no such attribute, nor the next two.
    values : sequence, or None
        The arrays (or Python scalars) that the op was given; None once released.
    params : dict
        The op's static parameters.
    _grad : Node or None
        The gradient that backward passes have added up. Users read it as ``grad``, which warns
        where there will never be one.
    index : int
        Creation index: inputs are created before outputs, so it orders the graph. An assignment,
        and an update of a leaf in place, give it a new one.
    """

    __slots__ = (
        "__weakref__",
        "_grad",
        "array",
        "index",
        "inputs",
        "op",
        "params",
        "tracked",
        "values",
    )

    _grad: Self | None
    index: int
    inputs: Sequence["Node | None"] | None
    op: Primitive | None
    params: dict[str, Any]
    tracked: bool
    array: Any
    values: Sequence[Any] | None

    @classmethod
    def of(cls, value: Any) -> Self:
        """Return a constant that holds ``value``, an array or NumPy scalar of numbers."""
        node = object.__new__(cls)
        node.array = value
        node.tracked = False
        node.op = None
        node._grad = None
        node.index = next_index()
        return node

    @property
    def data(self) -> np.ndarray[Any, Any]:
        """The values, not a copy; read-only where an op has given a scalar.

        Setting them is for leaves; it copies, into their dtype. Updated in place, as by
        ``p.data -= step``, they stay where they are, and a backward pass that would read the
        values from before raises an error.
        """
        array: np.ndarray[Any, Any] = self.array
        if isinstance(array, np.generic):
            array = array[...]
            array.flags.writeable = False
        return array

    @data.setter
    def data(self, array: npt.ArrayLike) -> None:
        if array is self.array:
            self.index = next_index()  # from now on it is newer than what was computed from it
            note_update(array, self.index)
            return
        new = as_array(array)
        if new.dtype.kind == "f" and self.dtype.kind not in "fc":
            raise DTypeError(f"data of dtype {new.dtype} can't replace data of dtype {self.dtype}")
        new = as_array(new, self.dtype, copy=True)
        if self.op is not None:
            raise GraphError(f"the data of a result of {self.op.name} can't be set, only a leaf's")
        if new.shape != self.shape:
            raise ShapeError(f"data of shape {new.shape} can't replace data of shape {self.shape}")
        self.array = new

    @property
    def requires_grad(self) -> bool:
        """Whether what is computed from it is recorded. It can be set on leaves."""
        return self.tracked

    @requires_grad.setter
    def requires_grad(self, required: bool) -> None:
        if self.op is not None and not required:
            raise GraphError(f"this is a result of {self.op.name}; use detach() to cut it off")
        if required and self.dtype.kind not in "fc":
            raise DTypeError(
                f"a tensor of dtype {self.dtype} can't require a gradient; "
                "give it a floating or complex dtype, such as dtype=np.float32"
            )
        self.tracked = bool(required)

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        shape: tuple[int, ...] = self.array.shape
        return shape

    @shape.setter
    def shape(self, shape: Any) -> None:
        raise UnsupportedAttributeError(
            f"a tensor keeps its shape, {self.shape}; write x = x.reshape({shape})"
        )

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of values."""
        return int(self.array.size)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy dtype of the values."""
        dtype: np.dtype[Any] = self.array.dtype
        return dtype

    @dtype.setter
    def dtype(self, dtype: Any) -> None:
        raise UnsupportedAttributeError(
            f"a tensor keeps its dtype, {self.dtype}; write x = x.astype(dtype), or x.view(dtype) "
            "for the same bytes"
        )

    def detach(self) -> Self:
        """Return a constant that shares the values."""
        return self.of(self.array)

    def zero_grad(self) -> None:
        """Forget the gradient."""
        self._grad = None
