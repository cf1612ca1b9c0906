"""What other libraries, and Python, ask of an array by its protocols."""

import sys
from collections.abc import Callable
from typing import Any, Self

import numpy as np

from autograd_lite.dtypes import ARRAY_API_VERSIONS
from autograd_lite.errors import DomainError, SharingError, UnsupportedAttributeError
from autograd_lite.graph import Node
from autograd_lite.operands import check_device
from autograd_lite.primitive import Primitive
from autograd_lite.unsupported import ATTRIBUTES


class _Missing:
    """An attribute of NumPy's arrays that tensors don't have: it says what to do instead.

    A ``__getattr__`` would say it too, but every look at an attribute would take longer.
    """

    def __init__(self, name: str, advice: str) -> None:
        self.message = f"tensors have no attribute {name}: {advice.format(name)}"

    def __get__(self, tensor: Any, owner: Any = None) -> Any:
        if tensor is None:
            return self
        raise UnsupportedAttributeError(self.message)


class ArrayProtocols(Node):
    """The array API standard, DLPack, and what Python's ``in`` and ``hasattr`` ask."""

    __slots__ = ()

    __apply_primitive__: Callable[[Primitive, tuple[Any, ...], dict[str, Any]], Any]

    def __contains__(self, value: Any) -> bool:
        return bool(np.any(self == value))

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


for _name, _advice in ATTRIBUTES.items():
    setattr(ArrayProtocols, _name, _Missing(_name, _advice))
