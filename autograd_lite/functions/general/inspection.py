"""Inspection of the namespace, as the array API standard defines it."""

from typing import Any, final

import numpy as np

from autograd_lite.dtypes import ARRAY_API_VERSIONS
from autograd_lite.errors import DTypeError
from autograd_lite.operands import check_device

__all__ = [
    "__array_api_version__",
    "__array_namespace_info__",
]

__array_api_version__ = ARRAY_API_VERSIONS[-1]

_DTYPES = {
    kind.__name__.rstrip("_"): np.dtype(kind)
    for kind in (
        np.bool,
        np.int8,
        np.int16,
        np.int32,
        np.int64,
        np.uint8,
        np.uint16,
        np.uint32,
        np.uint64,
        np.float32,
        np.float64,
        np.complex64,
        np.complex128,
    )
}


@final
class NamespaceInfo:
    """The answers to the inspection methods of the array API standard.

    Examples
    --------
    >>> import autograd_lite
    >>> info = autograd_lite.__array_namespace_info__()
    >>> info.default_dtypes()["real floating"]
    dtype('float64')
    >>> sorted(info.dtypes(kind="complex floating"))
    ['complex128', 'complex64']
    """

    __slots__ = ()

    def capabilities(self) -> dict[str, Any]:
        """Return which optional features of the standard the namespace has, and its limits."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}

    def default_device(self) -> str:
        """Return the device on which tensors are made."""
        return "cpu"

    def devices(self) -> tuple[str, ...]:
        """Return all devices."""
        return ("cpu",)

    def default_dtypes(self, *, device: Any = None) -> dict[str, np.dtype[Any]]:
        """Return the dtypes that functions use by default, by their kinds."""
        check_device(device)
        return {
            "real floating": np.dtype(np.float64),
            "complex floating": np.dtype(np.complex128),
            "integral": np.dtype(np.int64),
            "indexing": np.dtype(np.intp),
        }

    def dtypes(
        self, *, device: Any = None, kind: str | tuple[str, ...] | None = None
    ) -> dict[str, np.dtype[Any]]:
        """Return the dtypes by their names; only those of ``kind``, if it is given.

        Raises
        ------
        DTypeError
            If a kind isn't one of the standard's.
        """
        check_device(device)
        if kind is None:
            return dict(_DTYPES)
        try:
            return {name: dtype for name, dtype in _DTYPES.items() if np.isdtype(dtype, kind)}
        except (TypeError, ValueError) as error:
            raise DTypeError(f"kind={kind!r} is not one of the standard's kinds") from error


__array_namespace_info__ = NamespaceInfo
