"""The protocols by which Python and other libraries use a tensor as an array."""

import math
import sys
import warnings
from collections.abc import Callable
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from autograd_lite.assignment import version
from autograd_lite.dtypes import ARRAY_API_VERSIONS
from autograd_lite.errors import (
    DomainError,
    DTypeError,
    GraphError,
    ScalarError,
    ShapeError,
    SharingError,
    UnsupportedAttributeError,
    UnsupportedError,
)
from autograd_lite.grads import Withheld, is_retained, retain
from autograd_lite.graph import Node
from autograd_lite.numpy_protocols.unsupported import ATTRIBUTES
from autograd_lite.operands import FORWARD_ERRORS, check_device, explain
from autograd_lite.primitive import Primitive


class _Missing:
    """An attribute of NumPy's arrays that tensors don't have; the error says what to do instead.

    ``__getattr__`` could raise it too, but would slow down every access to an attribute.
    """

    def __init__(self, name: str, advice: str) -> None:
        self.message = f"tensors have no attribute {name}: {advice.format(name)}"

    def __get__(self, tensor: Any, owner: Any = None) -> Any:
        if tensor is None:
            return self
        raise UnsupportedAttributeError(self.message)


class ArrayProtocols(Node):
    """Conversions to numbers, truth values and arrays; copies, ``in``, the array API, DLPack."""

    __slots__ = ()

    __apply_primitive__: Callable[[Primitive, tuple[Any, ...], dict[str, Any]], Any]

    # ------------------------------------------------------------------ Python's

    def numpy(self) -> np.ndarray[Any, Any]:
        """Return the values as an array, not a copy, whether or not they require a gradient."""
        return self.data

    def item(self, *index: Any) -> Any:
        """Return the only value as a Python number, or the one at an index.

        Parameters
        ----------
        *index : int, or an int for each axis
            One alone counts through all values, rows first.

        Raises
        ------
        ScalarError
            If no index is given and there is not exactly one value.
        IndexingError, ShapeError
            If there is nothing at the index.
        """
        if not index and self.size != 1:
            raise ScalarError(f"item() needs exactly one value; this has shape {self.shape}")
        try:
            return self.array.item(*index)
        except FORWARD_ERRORS as error:
            raise explain("item", "", (self.array,), {"index": index}, error) from error

    def tolist(self) -> Any:
        """Return the values as nested lists of Python numbers."""
        return self.array.tolist()

    def __repr__(self) -> str:
        text = np.array2string(self.data, separator=", ", prefix="Tensor(")
        if self.dtype not in (np.float64, np.int64, np.bool_) or not self.size:
            text += f", dtype={self.dtype}"
        if not self.size:
            text += f", shape={self.shape}"
        if self.op is not None:
            text += f", op={self.op.name}"
        elif self.tracked:
            text += ", requires_grad=True"
        return f"Tensor({text})"

    def __array__(
        self, dtype: npt.DTypeLike | None = None, copy: bool | None = None
    ) -> np.ndarray[Any, Any]:
        if self.tracked:
            raise GraphError(
                "converting a tensor that requires a gradient to an array would lose the gradient; "
                "use tensor.numpy() if that is what you want, autograd_lite.stack or "
                "autograd_lite.asarray for a list of tensors, and autograd_lite.zeros for an array "
                "to assign tensors into"
            )
        return np.array(self.data, dtype=dtype, copy=copy)

    def __len__(self) -> int:
        if not self.shape:
            raise UnsupportedError("a tensor with no axes has no length; item() gives its value")
        return self.shape[0]

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ShapeError(
                f"a tensor of shape {self.shape} is neither true nor false as a whole; "
                "use .numpy().any() or .numpy().all()"
            )
        return bool(self.array)

    def _as_number(self) -> Any:
        value = self.item()
        if self.tracked:
            raise GraphError(
                "converting a tensor that requires a gradient to a number would lose the gradient; "
                "write np.exp(x) for math.exp(x), assign into a tensor instead of an array, or "
                "use x.item() if that is what you want"
            )
        return value

    def __float__(self) -> float:
        return float(self._as_number())

    def __complex__(self) -> complex:
        return complex(self._as_number())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self.dtype.kind not in "iu":
            raise DTypeError(
                f"a tensor of dtype {self.dtype} can't be used as an index; convert it with "
                "astype(int)"
            )
        if self.shape:  # as in NumPy, with axes it is an array of indices, even if of only one
            raise ScalarError(
                f"a tensor of shape {self.shape} can't stand for a whole number; if it has just "
                "one value, item() returns it"
            )
        return int(self.array)

    # These have a derivative of zero, so no gradient is lost when they give numbers or constants.

    def __floor__(self) -> int:
        value: float = self.item()
        return math.floor(value)

    def __ceil__(self) -> int:
        value: float = self.item()
        return math.ceil(value)

    def __trunc__(self) -> int:
        value: float = self.item()
        return math.trunc(value)

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec or not self.shape else str(self)

    def __contains__(self, value: Any) -> bool:
        return bool(np.any(self == value))

    @property
    def grad(self) -> Self | None:
        """The gradient that backward passes have added up; only leaves get one unasked.

        Warns
        -----
        UserWarning
            Where this is a result of an op, which gets none.

        Examples
        --------
        >>> from autograd_lite import Tensor
        >>> x = Tensor([1.0, 2.0], requires_grad=True)
        >>> (x * x).sum().backward()
        >>> x.grad
        Tensor([2., 4.])
        """
        op = self.op
        grad: Any = self._grad
        if grad is None and self.tracked and op is not None and not is_retained(version(self)):
            warnings.warn(
                f"this is the result of {op.name}; only leaves get a grad: call z.retain_grad() "
                "before backward(), or use gradients(loss, [z])",
                UserWarning,
                stacklevel=2,
            )
        if type(grad) is Withheld:
            grad.refuse()
        found: Self | None = grad
        return found

    @grad.setter
    def grad(self, grad: Self | None) -> None:
        self._grad = grad

    def retain_grad(self) -> None:
        """Have ``backward()`` set the ``grad`` of this tensor, even if it isn't a leaf.

        To look at a gradient just once, :func:`autograd_lite.gradients` needs no preparation.

        Raises
        ------
        GraphError
            If the tensor doesn't require a gradient, or if a backward pass has released its graph:
            no later pass can reach it.

        Examples
        --------
        >>> from autograd_lite import Tensor
        >>> x = Tensor([1.0, 2.0], requires_grad=True)
        >>> y = x * x
        >>> y.retain_grad()
        >>> (3 * y).sum().backward()
        >>> y.grad
        Tensor([3., 3.])
        """
        if not self.tracked:
            raise GraphError(
                "retain_grad() needs a tensor that requires a gradient, and this is a constant"
            )
        if self.op is not None:
            node = version(self)
            if node.inputs is None:
                raise GraphError(
                    "retain_grad() comes too late: an earlier backward pass has released the graph "
                    f"below this {self.op.name}; call it before backward(), or pass "
                    "retain_graph=True to the earlier pass"
                )
            retain(node, self)

    def __reduce__(self) -> tuple[Any, ...]:  # for copy and pickle
        if self.op is not None:
            raise GraphError(
                f"a result of {self.op.name} can't be copied or pickled with its graph; use "
                "x.detach(), or x.copy(), which is recorded"
            )
        return type(self), (self.data, self.tracked), self._grad

    def __setstate__(self, grad: Any) -> None:
        self._grad = grad

    # ------------------------------------------------------------------ other libraries

    def __array_namespace__(self, /, *, api_version: str | None = None) -> Any:
        if api_version not in (None, *ARRAY_API_VERSIONS):
            raise DomainError(
                f"version {api_version!r} of the array API standard isn't supported; these are: "
                f"{', '.join(ARRAY_API_VERSIONS)}"
            )
        return sys.modules[__package__.partition(".")[0]]

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
                "a tensor that requires a gradient can't be shared with another library, which "
                "would lose the gradient; export tensor.detach()"
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
        """Return this tensor, since ``"cpu"`` is the only device.

        Raises
        ------
        DomainError
            If ``device`` is another one.
        """
        check_device(device)
        return self

    @property
    def itemsize(self) -> int:
        """The number of bytes of one value."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """The number of bytes of all values."""
        return self.size * self.itemsize


for _name, _advice in ATTRIBUTES.items():
    setattr(ArrayProtocols, _name, _Missing(_name, _advice))
