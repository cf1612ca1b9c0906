"""Tensor: an array that remembers how it was computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias, final

import numpy as np
import numpy.typing as npt

from autograd_lite.assignment import LEAF_ASSIGNED, assign, assign_all, check_up_to_date, version
from autograd_lite.backward.entry import cotangents
from autograd_lite.errors import ForeignOperandError, GraphError
from autograd_lite.grads import add_to_grads
from autograd_lite.graph import next_index
from autograd_lite.indices import plain_index
from autograd_lite.modes import PLAIN, current_mode, is_recording
from autograd_lite.numpy_protocols import dispatch, into_arrays
from autograd_lite.numpy_protocols.constants import ConstantOperators, computed
from autograd_lite.operands import (
    FORWARD_ERRORS,
    as_array,
    constant,
    explain,
    is_operand,
    others_may_answer,
)
from autograd_lite.ops.algebra import products
from autograd_lite.ops.learning import activations
from autograd_lite.ops.manipulation import shaping
from autograd_lite.ops.mathematics import (
    arithmetic,
    elementwise,
    exponential,
    rounding,
    trigonometric,
)
from autograd_lite.ops.selecting import indexing
from autograd_lite.primitive import Primitive
from autograd_lite.writes import rewritten

_Operator: TypeAlias = Callable[["Tensor", Any], "Tensor"]

_new = object.__new__
_ndarray = np.ndarray


def _record(
    op: Primitive,
    value: Any,
    parents: Sequence[Tensor | None],
    values: Sequence[Any],
    params: dict[str, Any],
) -> Tensor:
    tensor = _new(Tensor)
    tensor.array = value
    tensor.tracked = True
    tensor.op = op
    tensor.inputs = parents
    tensor.values = values
    tensor.params = params
    tensor.index = next_index()
    tensor._grad = None
    return tensor


def apply(op: Primitive, inputs: tuple[Any, ...], params: dict[str, Any]) -> Tensor:
    """Compute ``op``, and record it if an input requires a gradient: every op passes here."""
    values = []
    parents: list[Tensor | None] = []
    tracked = False
    for x in inputs:
        if type(x) is Tensor:
            if rewritten:
                check_up_to_date(op.name, x)
            values.append(x.array)
            if x.tracked:
                parents.append(version(x) if rewritten else x)
                tracked = True
                continue
        else:
            values.append(constant(x))
        parents.append(None)
    try:
        value = op.forward(*values, **params)
    except FORWARD_ERRORS as error:
        raise explain(op.name, op.requirement, values, params, error) from error
    if type(value) is not _ndarray and not hasattr(value, "dtype"):
        raise GraphError(f"{op.name} gives {type(value).__name__} where an array is needed")
    mode = current_mode()
    tracked = tracked and mode.recording
    result = _record(op, value, parents, values, params) if tracked else wrap(value)
    if mode.watch is not None:
        mode.watch.computed(op.name, result, values)
    return result


_READS_NO_OPERAND = frozenset({"add", "subtract"})


def _operators(op: Primitive) -> tuple[_Operator, _Operator, _Operator]:
    """Return the methods of an operator: ``a + b``, ``b + a`` and ``a += b``."""
    forward = op.forward

    def operator(self: Tensor, other: Any) -> Any:
        # the most frequent cases are spared the general way
        if self.tracked and not rewritten and current_mode() is PLAIN:
            kind = type(other)
            if kind is Tensor:
                values = self.array, other.array
                parents = (self, other) if other.tracked else (self, None)
            elif kind is float or kind is int:
                values = self.array, other
                parents = self, None
            else:
                return general(self, other)
            try:
                value = forward(*values)
            except FORWARD_ERRORS as error:
                raise explain(op.name, op.requirement, values, {}, error) from error
            return _record(op, value, parents, values, {})
        return general(self, other)

    def general(self: Tensor, other: Any) -> Any:
        if type(other) is Tensor or is_operand(other):
            return apply(op, (self, other), {})
        return NotImplemented  # only the other operand may know how

    def reflected(self: Tensor, other: Any) -> Any:
        return apply(op, (other, self), {}) if is_operand(other) else NotImplemented

    def in_place(self: Tensor, other: Any) -> Any:
        if isinstance(self.array, np.generic):  # as for NumPy's scalars, x += y is x = x + y
            return operator(self, other)
        leaf = self.tracked and self.op is None
        recording = is_recording() and (self.tracked or getattr(other, "tracked", False))
        if leaf and recording:
            raise GraphError(LEAF_ASSIGNED.format(op.name + " in place"))
        held = self
        if recording and op.name not in _READS_NO_OPERAND:
            # its rules need the operand as it was
            held = apply(shaping.astype, (self,), {"dtype": self.dtype})
        out = operator(held, held if other is self else other)
        if out is NotImplemented:
            return out
        if leaf:  # a parameter keeps its identity, and what was recorded its values
            self.data = out.array
            return self
        assign_all(op.name, self, out)
        return self

    return operator, reflected, in_place


def _method(op: Primitive) -> Callable[[Tensor], Tensor]:
    forward = op.forward

    def method(self: Tensor) -> Tensor:
        if self.tracked and not rewritten and current_mode() is PLAIN:
            values = (self.array,)
            try:
                return _record(op, forward(self.array), (self,), values, {})
            except FORWARD_ERRORS as error:
                raise explain(op.name, op.requirement, values, {}, error) from error
        return apply(op, (self,), {})

    method.__doc__ = f"Return the result of autograd_lite.{op.name}."
    return method


def compute(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Compute on values what has a derivative of zero, or none at all: arrays become constants."""
    return computed(wrap, function, args, kwargs)


@final
class Tensor(ConstantOperators):
    """An array that records the ops applied to it, so that ``backward()`` can differentiate them.

    Parameters
    ----------
    array : array_like or Tensor
        The values; they are copied. :func:`autograd_lite.as_tensor` shares them instead.
    requires_grad : bool
        Record what is computed from it, and give it a ``grad`` in ``backward()``. Needs a
        floating or complex dtype.
    dtype : dtype, optional
        That of the values where it is left out: float64 for Python floats.

    Attributes
    ----------
    grad : Tensor or None
        The gradient that backward passes have added up. Only leaves get one, and results of ops
        that were asked to with ``retain_grad()``; reading that of another result gives None, and
        warns.

    Raises
    ------
    DTypeError
        If the values aren't numbers, or require a gradient and aren't floating or complex.
    ShapeError
        If nested sequences are ragged.

    Notes
    -----
    Operators and NumPy functions take tensors, arrays and Python numbers on either side. Python
    numbers never promote: ``float32_tensor * 2.0`` is float32. Comparisons, rounding and
    everything else with a derivative of zero give constants. Equality is elementwise, as in
    NumPy; tensors hash by identity.

    Examples
    --------
    >>> from autograd_lite import Tensor
    >>> w = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> loss = ((w @ [1.0, -1.0]) ** 2).sum()
    >>> loss.backward()
    >>> w.grad
    Tensor([[-2.,  2.],
            [-2.,  2.]])
    """

    __slots__ = ()

    def __init__(
        self, array: TensorLike, requires_grad: bool = False, dtype: npt.DTypeLike | None = None
    ) -> None:
        if isinstance(array, Tensor):
            if array.tracked:
                raise GraphError(
                    "a new tensor doesn't depend on the one that it is made of, and would lose its "
                    "gradient; use x.detach() if that is meant, x.copy() for a recorded copy, and "
                    "as_tensor(x) for what may be a tensor already"
                )
            array = array.data
        self.array = as_array(array, dtype, copy=True)
        self.op = None
        self._grad = None
        self.index = next_index()
        self.tracked = False
        self.requires_grad = requires_grad

    # ------------------------------------------------------------------ gradients

    def backward(
        self,
        cotangent: TensorLike | None = None,
        *,
        retain_graph: bool | None = None,
        create_graph: bool = False,
    ) -> None:
        """Add this tensor's gradients to the ``grad`` of the leaves it was computed from.

        Parameters
        ----------
        cotangent : array_like, shape of this tensor, optional
            The gradient of some final result with respect to this tensor. A tensor of one value
            is taken to be the final result itself where it is left out.
        retain_graph : bool, optional
            Keep the graph for another pass; what ``create_graph`` is where it is left out.
        create_graph : bool
            Record this pass, so that the gradients can be differentiated in turn.

        Raises
        ------
        ShapeError
            If the cotangent has another shape, or is left out where there isn't just one value.
        GraphError
            If nothing was recorded, or an earlier pass has released it.
        """
        found = cotangents(self, cotangent, None, retain_graph, create_graph)
        add_to_grads(found)

    # ------------------------------------------------------------------ operators

    __add__, __radd__, __iadd__ = _operators(arithmetic.add)
    __sub__, __rsub__, __isub__ = _operators(arithmetic.subtract)
    __mul__, __rmul__, __imul__ = _operators(arithmetic.multiply)
    __truediv__, __rtruediv__, __itruediv__ = _operators(arithmetic.divide)
    __pow__, __rpow__, __ipow__ = _operators(arithmetic.power)
    __matmul__, __rmatmul__, __imatmul__ = _operators(products.matmul)

    __mod__, __rmod__, __imod__ = _operators(arithmetic.remainder)

    __neg__ = _method(arithmetic.negative)
    __pos__ = _method(arithmetic.positive)
    __abs__ = _method(elementwise.absolute)

    def __getitem__(self, index: Any) -> Tensor:
        return apply(indexing.getitem, (self,), {"index": plain_index(index)})

    def __setitem__(self, index: Any, value: Any) -> None:
        assign(self, plain_index(index), value)

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    # ------------------------------------------------------------------ NumPy's protocols

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "__call__" and not kwargs:
            op = dispatch.UFUNCS.get(ufunc)
            if op is not None:
                try:
                    return apply(op, inputs, {})
                except ForeignOperandError:
                    if others_may_answer(map(type, inputs), ours=Tensor):
                        return NotImplemented
                    raise
        if others_may_answer(map(type, (*inputs, *kwargs.get("out", ()))), ours=Tensor):
            return NotImplemented
        if method == "__call__" and not kwargs:
            function = dispatch.CONSTANT_UFUNCS.get(ufunc)
            if function is not None:
                return compute(function, *inputs)
        return dispatch.call_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(
        self, func: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        if len(types) > 1 and others_may_answer(types, ours=Tensor):
            return NotImplemented
        if func in dispatch.CONSTANT_FUNCTIONS:
            out = into_arrays.out_of(func, args, kwargs)
            if out is not None:
                return into_arrays.write(func, args, kwargs, out)
            return compute(func, *args, **kwargs)
        return dispatch.call(func, args, kwargs)

    __apply_primitive__ = staticmethod(apply)

    # ------------------------------------------------------------------ methods
    # The others are in ArrayMethods, comparisons and bitwise operators in ConstantOperators.

    exp = _method(exponential.exp)
    expm1 = _method(exponential.expm1)
    log = _method(exponential.log)
    log1p = _method(exponential.log1p)
    sqrt = _method(exponential.sqrt)
    square = _method(arithmetic.square)
    sin = _method(trigonometric.sin)
    cos = _method(trigonometric.cos)
    tanh = _method(trigonometric.tanh)
    sigmoid = _method(exponential.sigmoid)
    relu = _method(activations.relu)
    sign = _method(rounding.sign)
    abs = _method(elementwise.absolute)


wrap = Tensor.of

TensorLike: TypeAlias = Tensor | npt.ArrayLike
"""What functions take: a Tensor, an array, a number, nested sequences of numbers."""
