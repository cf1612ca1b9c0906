"""Which memory was assigned into, and when: a version counter for each element, and no copies.

An assignment changes memory that recorded ops have kept for their rules, and that other tensors are
views of. So each element of an array that was ever assigned into has two stamps: the creation index
of its last write, and of its last recorded write. A rule that would read an element written since
its op was recorded is given a stand-in that refuses, and then the op's result computed again if
that is what it lacks; a tensor whose elements were changed, by a recorded write, through another
tensor is refused as an operand. Nothing here costs anything as long as nothing is assigned.
"""

from typing import Any, NoReturn
from weakref import finalize

import numpy as np

from autograd_lite.errors import GraphError

_UNITS = np.dtype(np.int64)


class _Stamps:
    """When each element of the memory of one array was last written, in order of address."""

    __slots__ = ("last_recorded", "last_written", "recorded", "size", "start", "written")

    def __init__(self, owner: np.ndarray[Any, Any]) -> None:
        self.start, end = np.lib.array_utils.byte_bounds(owner)
        self.size = owner.itemsize
        self.written = np.full((end - self.start) // self.size, -1, _UNITS)
        self.recorded = self.written.copy()
        self.last_written = self.last_recorded = -1  # of all elements: most views are older

    def seen_by(self, view: Any, stamps: Any) -> Any:
        """Return the stamps of a view's elements, in the shape of the view."""
        size = self.size
        offset = (view.__array_interface__["data"][0] - self.start) // size
        strides = view.strides
        if view.itemsize > size or any(step % size for step in strides):
            return stamps  # a view of another dtype: all of the memory
        steps = tuple(step // size * _UNITS.itemsize for step in strides)
        # negative strides reach back from the first element, so the view starts in the middle
        return np.ndarray(view.shape, _UNITS, stamps, offset * _UNITS.itemsize, steps)


CHANGED_BEHIND = (
    "this tensor shares memory with one that was assigned into since, so its history doesn't "
    "explain its values; take the view again after assigning, or assign into the whole "
    "(x[0, 1] = v instead of row = x[0]; row[1] = v)"
)

written: dict[int, _Stamps] = {}
"""The stamps of the arrays that were assigned into, by the id of the array that owns the memory."""


def _owner(array: Any) -> Any:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _stamps_of(array: Any) -> _Stamps | None:
    if not (isinstance(array, np.ndarray) and array.size):
        return None
    return written.get(id(_owner(array)))


def stamp(array: np.ndarray[Any, Any], index: Any, now: int, recorded: bool) -> None:
    """Note that ``array[index]`` was written now, as creation indices count."""
    if not array.size:
        return
    owner = _owner(array)
    key = id(owner)
    stamps = written.get(key)
    if stamps is None:
        finalize(owner, written.pop, key, None).atexit = False
        stamps = written[key] = _Stamps(owner)
    stamps.last_written = now
    if recorded:
        stamps.last_recorded = now
    for kind in (stamps.written, stamps.recorded) if recorded else (stamps.written,):
        seen = stamps.seen_by(array, kind)
        seen[index if seen.shape == array.shape else ...] = now


def was_written(array: Any) -> bool:
    """Return True if something was ever assigned into the memory of the array."""
    return _stamps_of(array) is not None


def written_since(array: Any, then: int) -> bool:
    """Return True if an element of the array was written after ``then``."""
    stamps = _stamps_of(array)
    if stamps is None or stamps.last_written <= then:
        return False
    return bool(np.any(stamps.seen_by(array, stamps.written) > then))


def changed_behind(array: Any, then: int, index: Any = None) -> bool:
    """Return True if a recorded write changed an element after ``then``, but for ``index``."""
    stamps = _stamps_of(array)
    if stamps is None or stamps.last_recorded <= then:
        return False
    late = np.asarray(stamps.seen_by(array, stamps.recorded) > then)
    if index is not None and late.shape == array.shape:
        late[index] = False
    return bool(np.any(late))


def same_memory(a: np.ndarray[Any, Any], b: Any) -> bool:
    """Return True if two arrays are the same elements in the same order."""
    return (
        isinstance(b, np.ndarray)
        and a.shape == b.shape
        and a.strides == b.strides
        and a.dtype == b.dtype
        and a.__array_interface__["data"] == b.__array_interface__["data"]
    )


class Overwritten:
    """What stands for values that were assigned into: their shape and dtype, and no values."""

    __slots__ = ("dtype", "ndim", "reader", "shape", "size")

    def __init__(self, array: Any, reader: str = "") -> None:
        self.reader = reader
        self.shape = array.shape
        self.dtype = array.dtype
        self.ndim = array.ndim
        self.size = array.size

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise GraphError(
            f"the gradient of {self.reader} needs values, of shape {self.shape}, that something "
            "was assigned into after they were used; assign into a copy, x = x.copy(), or write "
            "x = x * y for x *= y and x = where(mask, value, x) for x[mask] = value"
        )

    def __getattr__(self, name: str) -> NoReturn:
        self._refuse()

    __array_ufunc__ = __array_function__ = __getitem__ = __iter__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = _refuse
    __rtruediv__ = __pow__ = __rpow__ = __matmul__ = __rmatmul__ = __mod__ = __rmod__ = _refuse
    __neg__ = __abs__ = __lt__ = __le__ = __gt__ = __ge__ = __array__ = _refuse
