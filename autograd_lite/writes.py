"""Which memory was assigned into, and when: a version counter for each element, and no copies.

An assignment changes memory that recorded ops keep for their rules, and that other tensors may
view. So each element of an array that was assigned into has two stamps: the creation index of its
last write, and that of its last recorded write. If a rule would read an element written since its
op was recorded, it gets a stand-in that raises an error when its values are read. If the values it
lacks are the op's own result, that is computed again. A tensor whose elements were changed through
another tensor, by a recorded write, is refused as an operand.

Memory that nothing else holds isn't tracked. Writes are only noted down at first; the stamps are
made when a value older than a write is asked for. So filling a constant costs next to nothing.
"""

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple, NoReturn
from weakref import finalize

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from autograd_lite.errors import GraphError
from autograd_lite.locks import lock_for_threads

_UNITS = np.dtype(np.int64)

_NOTED = 100
"""How many writes are noted down before the stamps are made."""

_stamping = lock_for_threads()
"""Held while stamps are made, so that no other thread reads them half made."""


class _Layout(NamedTuple):
    """Where the elements of an array lie in memory; it doesn't keep the array alive."""

    address: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    itemsize: int

    @classmethod
    def of(cls, array: Any) -> "_Layout":
        address = array.__array_interface__["data"][0]
        return cls(address, array.shape, array.strides, array.itemsize)


class _Write(NamedTuple):
    """A write for which no stamps have been made yet."""

    where: _Layout
    index: Any
    now: int
    recorded: bool


class _Stamps:
    """When each element of one array's memory was last written, in order of address."""

    __slots__ = (
        "count",
        "last_recorded",
        "last_written",
        "noted",
        "recorded",
        "size",
        "start",
        "updated",
        "written",
    )

    def __init__(self, owner: np.ndarray[Any, Any]) -> None:
        self.start, end = np.lib.array_utils.byte_bounds(owner)
        self.size = owner.itemsize
        self.count = (end - self.start) // self.size
        self.noted: list[_Write] = []
        self.written: Any = None
        self.recorded: Any = None
        self.last_written = self.last_recorded = 0  # of any element; a quick test for most views
        self.updated = 0  # when all elements were last written at once

    def note(self, array: Any, index: Any, now: int, recorded: bool) -> None:
        self.noted.append(_Write(_Layout.of(array), index, now, recorded))
        self.last_written = now
        if recorded:
            self.last_recorded = now
        if len(self.noted) > _NOTED:
            self._stamp()

    def _stamp(self) -> None:
        """Turn the writes that were noted down into stamps."""
        noted, self.noted = self.noted, []
        for where, index, now, recorded in noted:
            if self.written is None:
                self.written = np.zeros(self.count, _UNITS)
            if recorded and self.recorded is None:
                self.recorded = np.zeros(self.count, _UNITS)
            for kind in (self.written, self.recorded) if recorded else (self.written,):
                seen = self._seen_by(where, kind)
                seen[index if seen.shape == where.shape else ...] = now

    def _seen_by(self, view: _Layout, stamps: Any) -> Any:
        """Return the stamps of a view's elements, in the shape of the view."""
        size = self.size
        if view.itemsize > size or any(step % size for step in view.strides):
            return stamps  # a view of another dtype: take it to cover all of the memory
        offset = (view.address - self.start) // size
        steps = tuple(step // size * _UNITS.itemsize for step in view.strides)
        # where strides are negative, the first element isn't at the lowest address
        return np.ndarray(view.shape, _UNITS, stamps, offset * _UNITS.itemsize, steps)

    def late(self, array: Any, then: int, *, recorded: bool) -> Any:
        """Return a mask of the elements of an array that were written after ``then``."""
        with _stamping:
            self._stamp()
        stamps = self.recorded if recorded else self.written
        return np.asarray(self._seen_by(_Layout.of(array), stamps) > then)


CHANGED_BEHIND = (
    "this tensor shares memory with one that was assigned into since, so its history doesn't "
    "explain its values; take the view again after assigning, or assign into the whole array "
    "(x[0, 1] = v instead of row = x[0]; row[1] = v)"
)


class _Written(dict[int, _Stamps]):
    """The stamps of arrays, by the id of the array that owns the memory.

    Attributes
    ----------
    latest : int
        When the last write of all was. An op that was recorded later read up-to-date values.
    """

    latest = 0


written = _Written()
"""The stamps of all arrays that were assigned into."""

rewritten: dict[int, _Stamps] = {}
"""The stamps of arrays with a recorded write. Only these matter when a new op reads an array."""


def _memory(array: Any) -> Any:
    """Return NumPy's array in an array of another library that wraps one."""
    return array if type(array) is np.ndarray else getattr(array, "__wrapped_memory__", array)


def _owner(array: Any) -> Any:
    while (base := array.base) is not None:
        if not isinstance(base, np.ndarray):  # such as a memoryview or a sliding window
            base = getattr(base, "obj", getattr(base, "base", None))
            if not isinstance(base, np.ndarray):
                break
        array = base
    return array


def _stamps_of(array: Any, among: dict[int, _Stamps]) -> _Stamps | None:
    array = _memory(array)
    if not (isinstance(array, np.ndarray) and array.size):
        return None
    return among.get(id(_owner(array)))


def _forget(key: int) -> None:
    written.pop(key, None)
    rewritten.pop(key, None)


def stamp(array: Any, index: Any, now: int, recorded: bool) -> None:
    """Note that ``array[index]`` was written at the creation index ``now``."""
    array = _memory(array)
    if not (isinstance(array, np.ndarray) and array.size):
        return
    owner = _owner(array)
    key = id(owner)
    with _stamping:
        written.latest = max(written.latest, now)  # first, because readers look at it first
        stamps = written.get(key)
        if stamps is None:
            finalize(owner, _forget, key).atexit = False
            stamps = written[key] = _Stamps(owner)
        if recorded:
            rewritten[key] = stamps
        stamps.note(array, index, now, recorded)


def note_update(array: Any, now: int) -> None:
    """Note that a whole array was written at ``now``, as an optimizer does in every step."""
    stamps = written.get(id(array))
    if stamps is None:
        stamp(array, ..., now, recorded=False)
    else:
        stamps.updated = stamps.last_written = written.latest = now


def stamps_of_all(array: Any) -> _Stamps:
    """Return the stamps of an array, for whoever notes many updates of it as ``note_update`` does.

    They are those of the array as long as it lives.
    """
    note_update(array, written.latest)
    return written[id(_owner(array))]


_references: Callable[[Any], int] = getattr(sys, "getrefcount", lambda array: sys.maxsize)

_alone = SimpleNamespace(array=np.zeros(1))
_ALONE = _references(_alone.array)
"""The reference count of an array that only one object holds."""


def shared(x: Any) -> bool:
    """Return False if only the constant ``x`` holds its memory: no view, and no recorded op."""
    return x.array.base is not None or _references(x.array) > _ALONE


def was_written(array: Any) -> bool:
    """Return True if the memory of the array was ever assigned into."""
    return _stamps_of(array, written) is not None


def written_since(array: Any, then: int) -> bool:
    """Return True if an element of the array was written after ``then``."""
    stamps = _stamps_of(array, written)
    if stamps is None or stamps.last_written <= then:
        return False
    late = stamps.late(_memory(array), then, recorded=False)
    return stamps.updated > then or bool(np.any(late))


def changed_behind(array: Any, then: int, index: Any = None) -> bool:
    """Return True if a recorded write changed an element outside of ``index`` after ``then``."""
    stamps = _stamps_of(array, rewritten)
    if stamps is None or stamps.last_recorded <= then:
        return False
    late = stamps.late(_memory(array), then, recorded=True)
    if index is not None and late.shape == array.shape:
        late[index] = False
    return bool(np.any(late))


def same_memory(a: np.ndarray[Any, Any], b: Any) -> bool:
    """Return True if two arrays have the same elements in memory, in the same order."""
    a, b = _memory(a), _memory(b)
    return (
        isinstance(b, np.ndarray)
        and a.shape == b.shape
        and a.strides == b.strides
        and a.dtype == b.dtype
        and a.__array_interface__["data"] == b.__array_interface__["data"]
    )


class Overwritten(NDArrayOperatorsMixin):
    """A stand-in for values that were overwritten: it has their shape and dtype, but no values.

    Parameters
    ----------
    array : array
        The array whose values are gone, of any shape and dtype.
    reader : str
        The op whose rule may read the values, for the error message.
    """

    __slots__ = ("dtype", "ndim", "reader", "shape", "size")

    def __init__(self, array: Any, reader: str = "") -> None:
        self.reader = reader
        self.shape = array.shape
        self.dtype = array.dtype
        self.ndim = array.ndim
        self.size = array.size

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise GraphError(
            f"the gradient of {self.reader} needs values, of shape {self.shape}, that were "
            "assigned into after they were used; assign into a copy, x = x.copy(), or write "
            "x = x * y for x *= y and x = where(mask, value, x) for x[mask] = value; if these are "
            "parameters that an optimizer has updated, compute the loss again after its step"
        )

    def __getattr__(self, name: str) -> NoReturn:
        self._refuse()

    __array_ufunc__ = __array_function__ = __array__ = _refuse
    __getitem__ = __iter__ = __len__ = __bool__ = __float__ = _refuse
